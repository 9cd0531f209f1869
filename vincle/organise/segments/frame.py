"""People and what they did, by column: what a predicate is evaluated on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from vincle.vocabulary import ObjectType, Verb

from .predicate import LABELS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
VERBS = {verb.value: code for code, verb in enumerate(Verb, 1)}
OBJECTS = {kind.value: code for code, kind in enumerate(ObjectType, 1)}
"""Codes of `Acts.verb` and `Acts.object_type`; 0: another word. New words go to the end of their enumeration, for codes are stored."""
SENTIMENTS = {"negative": -1, "neutral": 0, "positive": 1}
UNREAD = -128
FIELD_BITS = 4
FIELDS = {name: code for code, name in enumerate(LABELS)}
"""What the lowest bits of a label say: which field it is of. New ones go to the end of `LABELS`, for labels are stored."""
_UTC = ZoneInfo("UTC")


def label(field_name: str, value: str) -> int:
    """The number a text of an act is compared as: 60 bits of hash, 4 of the field. Case and accents count; whoever asks folds first."""
    digest = int.from_bytes(blake2b(f"{field_name}:{value}".encode(), digest_size=8).digest(), "little")
    return digest >> FIELD_BITS << FIELD_BITS | FIELDS[field_name]


@dataclass(frozen=True)
class Acts:
    """n activities that stand (no machine's, none retracted or superseded), by person and then (at, seq).

    `start`: int64 [people + 1], person i did [start[i], start[i+1]). `at`: microseconds since 1970 UTC. `amount`, `rating`: NaN where
    there is none. `labels`: uint64, those of act j are [label_start[j], label_start[j+1]).
    """

    start: Ints
    seq: Ints
    at: Ints
    verb: npt.NDArray[np.uint8]
    object_type: npt.NDArray[np.uint8]
    by_us: Bools
    is_reply: Bools
    sentiment: npt.NDArray[np.int8]
    amount: Floats
    rating: Floats
    label_start: Ints
    labels: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Now:
    """The moment of an evaluation and where the workspace's days begin. Acts and traits of later are not known yet."""

    at: datetime
    zone: ZoneInfo = _UTC

    @property
    def micros(self) -> int:
        return micros(self.at)

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()


@dataclass(frozen=True)
class Frame:
    """k people, ascending by id. What is not asked for may be left out; what is asked for and missing counts as unknown.

    `traits`: name -> k values (None: unknown); `known_at`: name -> microseconds at which it was observed. `tags`: folded name -> whether.
    `consents`: (channel, purpose) -> k permits ("" : none). `scores`: name -> k numbers (NaN: none).
    `cutoffs`: (score, count) of a `Top` -> (score, id) of its last person, None while there are fewer people. `behaviour`: truths already
    known of clauses, as an engine found them.
    """

    ids: Ints
    acts: Acts
    stage: Sequence[str] = ()
    traits: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    known_at: Mapping[str, Ints] = field(default_factory=dict)
    tags: Mapping[str, Bools] = field(default_factory=dict)
    consents: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    scores: Mapping[str, Floats] = field(default_factory=dict)
    cutoffs: Mapping[tuple[str, int], tuple[float, int] | None] = field(default_factory=dict)
    behaviour: Mapping[Any, Bools] = field(default_factory=dict)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (at - _EPOCH) // (datetime.resolution)
