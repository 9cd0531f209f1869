"""People and what they did as plain objects, and the same as a frame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from vincle.organise.segments.frame import OBJECTS, SENTIMENTS, UNREAD, VERBS, Acts, Frame, label, micros
from vincle.store.folding import fold


@dataclass(frozen=True)
class Done:
    """One activity. `labels`: (field, text)."""

    at: datetime
    verb: str = "Create"
    object_type: str = "Note"
    by: str = "them"
    is_reply: bool = False
    sentiment: str = ""
    amount: float | None = None
    rating: float | None = None
    labels: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Someone:
    """`traits`: name -> (value, when it was observed)."""

    id: int
    stage: str = "inactive"
    traits: Mapping[str, tuple[Any, datetime | None]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    consents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    acts: tuple[Done, ...] = ()


def cutoffs(people: Sequence[Someone], tops: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[float, int] | None]:
    made: dict[tuple[str, int], tuple[float, int] | None] = {}
    for score, count in tops:
        ranked = sorted((-person.scores[score], person.id) for person in people if score in person.scores)
        made[score, count] = (-ranked[count - 1][0], ranked[count - 1][1]) if len(ranked) >= count else None
    return made


def frame_of(people: Sequence[Someone], tops: Iterable[tuple[str, int]] = ()) -> Frame:
    """The frame of these people, by id, with all there is of them."""
    people = sorted(people, key=lambda person: person.id)
    names = {name for person in people for name in person.traits}
    known = {name for name in names if any(person.traits.get(name, (None, None))[1] for person in people)}
    return Frame(
        ids=np.array([person.id for person in people], np.int64),
        acts=acts_of(people),
        stage=[person.stage for person in people],
        traits={name: [person.traits.get(name, (None, None))[0] for person in people] for name in names},
        known_at={name: np.array([micros(person.traits.get(name, (None, None))[1] or _LONG_AGO) for person in people]) for name in known},
        tags={fold(tag): np.array([tag in person.tags for person in people]) for tag in {tag for person in people for tag in person.tags}},
        consents={
            pair: [person.consents.get(pair, "") for person in people] for pair in {pair for person in people for pair in person.consents}
        },
        scores={
            name: np.array([person.scores.get(name, np.nan) for person in people])
            for name in {name for person in people for name in person.scores}
        },
        cutoffs=cutoffs(people, tops),
    )


def acts_of(people: Sequence[Someone]) -> Acts:
    """Acts of one moment keep the order they are given in."""
    done = [act for person in people for act in sorted(person.acts, key=lambda act: act.at)]
    labels = [[label(name, text) for name, text in sorted(act.labels)] for act in done]
    return Acts(
        start=np.cumsum([0, *(len(person.acts) for person in people)]),
        seq=np.arange(1, len(done) + 1),
        at=np.array([micros(act.at) for act in done], np.int64),
        verb=np.array([VERBS[act.verb] for act in done], np.uint8),
        object_type=np.array([OBJECTS[act.object_type] for act in done], np.uint8),
        by_us=np.array([act.by == "us" for act in done], np.bool_),
        is_reply=np.array([act.is_reply for act in done], np.bool_),
        sentiment=np.array([SENTIMENTS.get(act.sentiment, UNREAD) for act in done], np.int8),
        amount=np.array([np.nan if act.amount is None else act.amount for act in done], np.float64),
        rating=np.array([np.nan if act.rating is None else act.rating for act in done], np.float64),
        label_start=np.cumsum([0, *(len(each) for each in labels)]),
        labels=np.array([each for many in labels for each in many], np.uint64),
    )


_LONG_AGO = datetime.fromisoformat("1971-01-01T00:00:00+00:00")
