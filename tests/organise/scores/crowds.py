"""People by column, written by hand: what a score is worked out on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from vincle.organise.segments.frame import OBJECTS, SENTIMENTS, UNREAD, VERBS, Acts, Frame, Now, label, micros

DAY = 86_400_000_000
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOW = Now(AT)
NOON = micros(AT)


@dataclass(frozen=True)
class Deed:
    """One act, so many days ago; `labels` are (field, text)."""

    days: float
    verb: str = "Create"
    kind: str = "Note"
    by_us: bool = False
    sentiment: str = ""
    amount: float | None = None
    rating: float | None = None
    labels: tuple[tuple[str, str], ...] = ()
    seq: int = 0


@dataclass(frozen=True)
class Human:
    """A person with what they did and what is known of them."""

    id: int
    deeds: tuple[Deed, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)
    consent: str = ""


def _number(deeds: Sequence[Deed], read: Any) -> np.ndarray:
    return np.array([np.nan if read(each) is None else read(each) for each in deeds], np.float64)


def frame(people: Iterable[Human], at: int = NOON) -> Frame:
    """As the store would give it: people by id, their acts by time and number."""
    humans = sorted(people, key=lambda each: each.id)
    sorted_ = [sorted(each.deeds, key=lambda deed: (-deed.days, deed.seq)) for each in humans]
    deeds = [deed for row in sorted_ for deed in row]
    starts = np.concatenate(([0], np.cumsum([len(row) for row in sorted_]))).astype(np.int64)
    label_starts = np.concatenate(([0], np.cumsum([len(deed.labels) for deed in deeds]))).astype(np.int64)
    acts = Acts(
        start=starts, seq=np.arange(len(deeds), dtype=np.int64), at=np.array([at - int(deed.days * DAY) for deed in deeds], np.int64),
        verb=np.array([VERBS[deed.verb] for deed in deeds], np.uint8),
        object_type=np.array([OBJECTS[deed.kind] for deed in deeds], np.uint8),
        by_us=np.array([deed.by_us for deed in deeds], np.bool_), is_reply=np.zeros(len(deeds), np.bool_),
        sentiment=np.array([SENTIMENTS.get(deed.sentiment, UNREAD) for deed in deeds], np.int8),
        amount=_number(deeds, lambda deed: deed.amount), rating=_number(deeds, lambda deed: deed.rating), label_start=label_starts,
        labels=np.array([label(*each) for deed in deeds for each in deed.labels], np.uint64),
    )  # fmt: skip
    names = {name for each in humans for name in each.traits}
    return Frame(
        ids=np.array([each.id for each in humans], np.int64), acts=acts, stage=[""] * len(humans),
        traits={name: [each.traits.get(name) for each in humans] for name in names},
        consents={("email", "marketing"): [each.consent for each in humans]},
    )  # fmt: skip


def one(score: Any, human: Human, known: Any, now: Now = NOW) -> tuple[float, float, str, dict[str, dict[str, Any]]]:
    """(value, confidence, label, values by code) of one person."""
    found = score.compute(frame([human]), now, known)
    return float(found.value[0]), float(found.confidence[0]), found.label[0], {each.code: dict(each.values) for each in found.reasons(0)}
