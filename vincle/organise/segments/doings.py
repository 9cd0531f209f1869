"""Which acts of a frame are asked for, and what they come to per person. What several clauses ask alike is worked out once."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from .frame import FIELD_BITS, FIELDS, OBJECTS, SENTIMENTS, VERBS, Bools, Floats, Frame, Ints, Now, label
from .predicate import LABELS, Act, Window
from .windows import span

T = TypeVar("T")
_MOST_BY_HAND = 4


class Doings:
    """The acts of a frame's people. Indices of acts ascend, so they are by person and then by time."""

    def __init__(self, frame: Frame, now: Now) -> None:
        self.frame, self.now, self.acts = frame, now, frame.acts
        self._kept: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    @property
    def person(self) -> Ints:
        """[n] the place of each act's person in the frame."""
        starts = self.acts.start
        return self.once("person", lambda: np.repeat(np.arange(len(starts) - 1), np.diff(starts)))

    def matching(self, act: Act) -> Ints:
        """The acts that are meant, of any time, those of later included."""
        return self.once(act, lambda: np.flatnonzero(self._mask(act)))

    def inside(self, act: Act, window: Window) -> Ints:
        """Those of them that lie in the window and are known by now."""
        return self.once((act, window), lambda: self._inside(act, window))

    def _inside(self, act: Act, window: Window) -> Ints:
        found, (begin, end) = self.matching(act), span(window, self.now)
        at = self.acts.at[found]
        return found[(at >= begin) & (at < end)]

    def edges(self, found: Ints) -> Ints:
        """[k + 1] the acts of person i among these are found[edges[i]:edges[i + 1]]."""
        return np.searchsorted(found, self.acts.start)

    def _mask(self, act: Act) -> Bools:
        mask = self.once(("by", act.by), lambda: self.acts.by_us if act.by == "us" else ~self.acts.by_us)
        for name in ("verb", "object_type", "sentiment", *LABELS):
            if asked := getattr(act, name):
                mask = mask & self.once((name, asked), lambda name=name, asked=asked: self._one_of(name, asked))  # type: ignore[misc]
        if act.is_reply is not None:
            mask = mask & (self.acts.is_reply == act.is_reply)
        for name in ("amount", "rating"):
            if (asked := getattr(act, name)) != (None, None):
                mask = mask & within(getattr(self.acts, name), *asked)
        return mask

    def _one_of(self, name: str, asked: tuple[str, ...]) -> Bools:
        if name in _CODES:
            codes = [_CODES[name][value] for value in asked if value in _CODES[name]]
            return _isin(getattr(self.acts, name), np.array(codes, getattr(self.acts, name).dtype))
        wanted = np.array(sorted({label(name, value) for value in asked}), np.uint64)
        mask = np.zeros(len(self.acts.at), np.bool_)
        mask[self.owner[_isin(self.acts.labels, wanted)]] = True
        return mask

    @property
    def owner(self) -> Ints:
        """Which act each label is of."""
        starts = self.acts.label_start
        return self.once("owner", lambda: np.repeat(np.arange(len(starts) - 1), np.diff(starts)))

    @property
    def later(self) -> Ints:
        """[n] the first act of the same person that is later than this one; where there is none, the next person's first."""
        return self.once("later", self._later)

    def _later(self) -> Ints:
        count = len(self.acts.at)
        if not count:
            return np.zeros(0, np.int64)
        begins = np.flatnonzero((np.diff(self.person) != 0) | (np.diff(self.acts.at) != 0)) + 1
        return np.repeat(np.append(begins, count), np.diff(np.concatenate(([0], begins, [count]))))

    def kinds(self, found: Ints, of: str) -> Ints:
        """[k] how many different labels of the field `of` these acts carry."""
        is_asked = np.zeros(len(self.acts.at), np.bool_)
        is_asked[found] = True
        of_field = self.once(("field", of), lambda: self._field(of))
        chosen = of_field[is_asked[self.owner[of_field]]]
        person, labels = self.person[self.owner[chosen]], self.acts.labels[chosen]
        is_new = np.ones(len(person), np.bool_)
        is_new[1:] = (np.diff(person) != 0) | (labels[1:] != labels[:-1])
        return np.bincount(person[is_new], minlength=len(self.frame.ids))

    def _field(self, of: str) -> Ints:
        """The labels of a field, by person and then by label."""
        found = np.flatnonzero((self.acts.labels & np.uint64(2**FIELD_BITS - 1)) == FIELDS[of])
        return found[np.lexsort((self.acts.labels[found], self.person[self.owner[found]]))]


def within(values: Floats | Ints, least: float | None, most: float | None) -> Bools:
    """What is nothing (NaN) lies nowhere, without limits as well."""
    mask: Bools = np.equal(values, values)
    if least is not None:
        mask &= values >= least
    if most is not None:
        mask &= values <= most
    return mask


def _isin(values: Any, wanted: Any) -> Bools:
    if len(wanted) > _MOST_BY_HAND:
        return np.isin(values, wanted)
    mask = np.zeros(len(values), np.bool_)
    for each in wanted:
        mask |= values == each
    return mask


_CODES = {"verb": VERBS, "object_type": OBJECTS, "sentiment": SENTIMENTS}
