"""Which people of a frame a predicate holds for, and when time alone may change that. What clauses share is worked out once."""

from collections.abc import Callable, Mapping
from typing import Any as Anything
from typing import TypeVar

import numpy as np

from vincle.store.folding import fold

from . import measures, traits
from .changing import changes
from .checking import BadPredicate
from .doings import Doings, within
from .frame import Bools, Floats, Frame, Ints, Now
from .needs import LONGEST_CHAIN
from .predicate import All, Any, AtStage, Consented, Did, InSegment, Not, Predicate, Scored, Sequence, Share, Tagged, Top, Trait

T = TypeVar("T")
_NO_SEGMENTS: Mapping[str, Predicate] = {}


def truth(predicate: Predicate, frame: Frame, now: Now, segments: Mapping[str, Predicate] = _NO_SEGMENTS) -> Bools:
    """[k] whether it holds. For many predicates on one frame make one `Evaluation`.

    Raises BadPredicate for a segment that is not among `segments` ("unknown_segment"), contains itself ("cycle"), or leads through more
    than ten others ("too_deep").
    """
    return Evaluation(frame, now, segments).truth(predicate)


def next_change(predicate: Predicate, frame: Frame, now: Now, segments: Mapping[str, Predicate] = _NO_SEGMENTS) -> Ints:
    """[k] microseconds since 1970 UTC of the earliest moment after now at which time alone may change `truth`: perhaps early, never late.

    NEVER (2**63 - 1) where it cannot. Raises as `truth` does. Of clauses whose truth the frame was given (`behaviour`), the acts are asked.
    """
    return Evaluation(frame, now, segments).next_change(predicate)


class Evaluation:
    """Predicates on one frame at one moment. Arrays it gives are shared: they are not to be written to."""

    def __init__(self, frame: Frame, now: Now, segments: Mapping[str, Predicate] = _NO_SEGMENTS) -> None:
        self.frame, self.now, self.segments = frame, now, segments
        self.doings = Doings(frame, now)
        self._truths: dict[Predicate, Bools] = {}
        self._changes: dict[Predicate, Ints] = {}
        self._chain: list[str] = []

    def truth(self, predicate: Predicate) -> Bools:
        found = self._truths.get(predicate)
        if found is None:
            known = self.frame.behaviour.get(predicate) if isinstance(predicate, Did | Sequence) else None
            found = _TRUTHS[type(predicate)](predicate, self) if known is None else known.view()
            found.flags.writeable = False
            self._truths[predicate] = found
        return found

    def segment(self, public: str) -> Predicate:
        """What a segment asks. `_chain` holds the segments on the way to it."""
        if public in self._chain:
            raise BadPredicate("", "cycle", public)
        if public not in self.segments:
            raise BadPredicate("", "unknown_segment", public)
        if len(self._chain) >= LONGEST_CHAIN:
            raise BadPredicate("", "too_deep", public)
        return self.segments[public]

    def next_change(self, predicate: Predicate) -> Ints:
        found = self._changes.get(predicate)
        if found is None:
            found = self._changes[predicate] = changes(predicate, self)
            found.flags.writeable = False
        return found

    def through(self, asked: InSegment, ask: Callable[[Predicate], T]) -> T:
        """What another segment's predicate is asked."""
        predicate = self.segment(asked.segment)
        self._chain.append(asked.segment)
        try:
            return ask(predicate)
        finally:
            self._chain.pop()

    def column(self, name: str) -> "Column":
        """A trait's values; of those that were observed later than now, nothing."""
        return self.doings.once(("column", name), lambda: self._column(name))

    def _column(self, name: str) -> "Column":
        values = self.frame.traits.get(name, ())
        known_at = self.frame.known_at.get(name)
        if known_at is not None and (known_at > self.now.micros).any():
            values = [None if at > self.now.micros else value for value, at in zip(values, known_at.tolist(), strict=True)]
        return Column(values, len(self.frame.ids))

    def ones(self, value: bool) -> Bools:
        return np.full(len(self.frame.ids), value, np.bool_)


class Column:
    """Values of k people, each different one once: `kinds[codes[i]]` is person i's. An empty column says nothing of anybody."""

    def __init__(self, values: Anything, people: int) -> None:
        codes: dict[Anything, int] = {}
        found = [traits.tidy(value) for value in values] or [None] * people
        self.codes = np.array([codes.setdefault((type(value), value), len(codes)) for value in found], np.int64)
        self.kinds = [value for _type, value in codes]

    def of(self, person: int) -> Anything:
        return self.kinds[self.codes[person]]

    def each(self, make: Callable[[Anything], Anything], dtype: Anything) -> Anything:
        """What `make` says of each person's value."""
        return np.array([make(value) for value in self.kinds], dtype)[self.codes] if self.kinds else np.zeros(0, dtype)


def asked_of(asked: Trait, value: Anything) -> Anything:
    """Who has no owner has the owner "none"."""
    if asked.name != "owner":
        return value
    is_none = value is None or traits.text(value) == "none"
    return None if is_none and asked.compare in ("known", "unknown") else "none" if is_none else value


def _all(asked: All, on: Evaluation) -> Bools:
    mask = on.ones(True)
    for part in asked.parts:
        mask &= on.truth(part)
    return mask


def _any(asked: Any, on: Evaluation) -> Bools:
    mask = on.ones(False)
    for part in asked.parts:
        mask |= on.truth(part)
    return mask


def _trait(asked: Trait, on: Evaluation) -> Bools:
    made: Bools = on.column(asked.name).each(lambda value: traits.holds(asked, asked_of(asked, value), on.now), np.bool_)
    return made


def _tagged(asked: Tagged, on: Evaluation) -> Bools:
    found = on.frame.tags.get(fold(asked.name))
    return on.ones(False) if found is None else found.copy()


def _consented(asked: Consented, on: Evaluation) -> Bools:
    permits = on.frame.consents.get((asked.channel, asked.purpose), ())
    if not len(permits):
        return on.ones(asked.permit == "none")
    return np.array([(permit or "none") == asked.permit for permit in permits], np.bool_)


def _at_stage(asked: AtStage, on: Evaluation) -> Bools:
    if not len(on.frame.stage):
        return on.ones(False)
    wanted = frozenset(asked.stages)
    return np.array([stage in wanted for stage in on.frame.stage], np.bool_)


def _scored(asked: Scored, on: Evaluation) -> Bools:
    found = on.frame.scores.get(asked.name)
    return on.ones(False) if found is None else within(found, asked.least, asked.most)


def _top(asked: Top, on: Evaluation) -> Bools:
    found, key = on.frame.scores.get(asked.score), (asked.score, asked.count)
    if found is None or key not in on.frame.cutoffs:
        return on.ones(False)
    last = on.frame.cutoffs[key]
    if last is None:
        return within(found, None, None)
    return np.greater(found, last[0]) | (np.equal(found, last[0]) & np.less_equal(on.frame.ids, last[1]))


def _share(asked: Share, on: Evaluation) -> Bools:
    return np.less(draw(on.frame.ids, asked.seed), asked.share)


def draw(ids: Ints, seed: int) -> Floats:
    """[k] the number from 0 up to 1 that each id draws: two rounds of SplitMix64 (Steele, Lea, Flood 2014)."""
    bits = _mix(ids.astype(np.uint64) ^ _mix(np.array([seed], np.uint64)))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(x: np.typing.NDArray[np.uint64]) -> np.typing.NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


_TRUTHS: dict[type, Callable[[Anything, Evaluation], Bools]] = {
    All: _all, Any: _any, Not: lambda asked, on: ~on.truth(asked.part), Trait: _trait, Tagged: _tagged, Consented: _consented,
    AtStage: _at_stage, Scored: _scored, InSegment: lambda asked, on: on.through(asked, on.truth), Share: _share, Top: _top,
    Did: lambda asked, on: measures.did(asked, on.doings), Sequence: lambda asked, on: measures.sequence(asked, on.doings),
}  # fmt: skip
