"""Mentions of a period out of those in memory (`engines.mentions`), counted by whole columns: the quick way of what is said."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vincle.engines.mentions import MOODS, Flags, Ints, Mentions, Part, Rows, one

DAY = 86_400
NEGATIVE, POSITIVE = MOODS["negative"], MOODS["positive"]
_MOODS = 1 + len(MOODS)
_DENSE = 1 << 22
Values = Mapping[str, Any]
Numbers = npt.NDArray[Any]
Spans = list[tuple[int, int]]


class Key(NamedTuple):
    """Something to group by: a whole number from 0 on for each row, all below `size`."""

    codes: Numbers
    size: int


class Groups:
    """Rows that have the same keys. `keys[i]`: value of the i-th key in each group, in the order of all figures."""

    def __init__(self, *keys: Key) -> None:
        codes, self._size = keys[0].codes.astype(np.int64), keys[0].size
        shapes: list[Ints] = [np.zeros(0, np.int64)]
        self.keys: list[Ints] = []
        for key in keys[1:]:
            codes *= key.size
            codes += key.codes
            self._size *= key.size
            if self._size > max(_DENSE, len(codes)):
                there, codes = np.unique(codes, return_inverse=True)
                shapes.append(there)
                self._size = len(there)
            else:
                shapes.append(np.zeros(0, np.int64))
        self._codes = codes
        counts = np.bincount(codes, minlength=self._size)
        self._there = np.flatnonzero(counts)
        self._counts = counts[self._there]
        self._take_apart(keys, shapes)

    def _take_apart(self, keys: Sequence[Key], shapes: Sequence[Ints]) -> None:
        left = self._there
        for key, shape in zip(reversed(keys), reversed(shapes), strict=True):
            left = shape[left] if len(shape) else left
            left, value = np.divmod(left, key.size)
            self.keys.insert(0, value)

    def count(self) -> Ints:
        return self._counts

    def count_of(self, flags: Flags) -> Ints:
        """How many rows of each group are marked."""
        return np.bincount(self._codes[flags], minlength=self._size)[self._there]

    def sum(self, weights: Numbers) -> Numbers:
        return np.bincount(self._codes, weights, minlength=self._size)[self._there].astype(np.float64, copy=False)

    def moods(self, mood: Numbers) -> list[Ints]:
        """(all, negative, positive) of each group."""
        codes = self._codes * _MOODS
        codes += mood
        counts = np.bincount(codes, minlength=self._size * _MOODS).reshape(-1, _MOODS)[self._there]
        return [self._counts, counts[:, NEGATIVE], counts[:, POSITIVE]]


class Chosen:
    """Rows of a part of what is held that lie in a period: `said` selects mentions as `base.said` does, `done` acts as `base.acts`."""

    def __init__(self, held: Mentions, p: Values, part: Part) -> None:
        self.held, self.part, self._p = held, part, p
        self._rows: Spans | Ints = held.kept((part is held.said, *sorted(p.items())), lambda: _rows(held, part, p))

    def of(self, column: Numbers) -> Numbers:
        """The chosen rows of a column."""
        if not isinstance(self._rows, list):
            return column[self._rows]
        pieces = [column[first:end] for first, end in self._rows]
        return pieces[0] if len(pieces) == 1 else np.concatenate([column[:0], *pieces])

    def flags(self) -> Flags:
        """For each row of the part whether it is chosen."""
        found = np.zeros(len(self.part), bool)
        for rows in [slice(*span) for span in self._rows] if isinstance(self._rows, list) else [self._rows]:
            found[rows] = True
        return found

    def word(self, name: str) -> Key:
        """A column of words, as numbers of their names."""
        return Key(self.of(self.part[name]), len(self.held.names[name]))

    def names(self, name: str, numbers: Ints) -> list[str | None]:
        every = self.held.names[name].all
        return [every[number] for number in numbers.tolist()]

    def lists(self, name: str) -> Rows:
        rows = self.part.lists[name]
        if isinstance(self._rows, list):
            return one([rows.of(*span) for span in self._rows or [(0, 0)]])
        return rows.take(self._rows)

    @cached_property
    def mood(self) -> Numbers:
        return self.of(self.part["mood"])

    @cached_property
    def score(self) -> Numbers:
        return self.of(self.part["score"])

    def clock(self) -> Ints:
        return clock(self.of(self.part["at"]), self._p)

    def by_label(self, kinds: Sequence[str], most: int) -> pa.Table:
        """`base.by_label`."""
        return pa.concat_tables([self._labels(kind, most) for kind in kinds])

    def _labels(self, kind: str, most: int) -> pa.Table:
        rows = self.lists(kind)
        each = Groups(Key(rows.flat, len(self.held.names[kind])))
        n, negative, positive = each.moods(np.repeat(self.mood, rows.lengths))
        score = each.sum(np.repeat(self.score, rows.lengths))
        labels = self.names(kind, each.keys[0])
        best = most_frequent(n, labels, most)
        figures = {"n": n[best], "negative": negative[best], "positive": positive[best], "score": score[best]}
        return answer({"kind": [kind] * len(best), "label": [labels[place] for place in best], **figures})


def answer(columns: Mapping[str, Numbers | Sequence[str | None]]) -> pa.Table:
    """Columns as an engine gives them: arrays of numbers, lists of words."""
    return pa.table({name: pa.array(each, None if isinstance(each, np.ndarray) else pa.string()) for name, each in columns.items()})


def most_frequent(n: Ints, names: Ints | Sequence[str | None], most: int) -> list[int]:
    """Places of the largest counts, the largest first; of equal ones those whose name comes first (no name: last)."""
    places = np.arange(len(n))
    if len(n) > most:
        least = np.partition(n, len(n) - most)[len(n) - most]
        above, equal = np.flatnonzero(n > least), np.flatnonzero(n == least)
        places = np.concatenate([above, _first(equal, names, most - len(above))])
    return sorted(places.tolist(), key=lambda place: (-n[place], names[place] is None, names[place]))


def _first(places: Ints, names: Ints | Sequence[str | None], count: int) -> Ints:
    """Those of the places whose names come first."""
    if isinstance(names, np.ndarray):
        return places[np.argpartition(names[places], count - 1)[:count]]
    return np.asarray(nsmallest(count, places.tolist(), key=lambda place: (names[place] is None, names[place] or "")), np.int64)


def said(held: Mentions, p: Values) -> Chosen:
    return Chosen(held, p, held.said)


def done(held: Mentions, p: Values) -> Chosen:
    return Chosen(held, p, held.done)


def clock(at: Ints, p: Values) -> Ints:
    """`base.local`."""
    shift = np.full(len(at), p["shift0"], np.int64)
    place = 1
    while f"turn{place}" in p:
        shift[at >= p[f"turn{place}"]] = p[f"shift{place}"]
        place += 1
    return at + shift


def days(clock: Ints) -> tuple[Key, int]:
    """Days of a clock, from the first one on, and what number that has (`base.day_of`)."""
    found = clock // DAY
    first, last = (int(found.min()), int(found.max())) if len(found) else (0, 0)
    return Key(found - first, last - first + 1), first


def _rows(held: Mentions, part: Part, p: Values) -> Spans | Ints:
    """Which rows lie in the period and are meant: pieces of the part, or places in it."""
    spans = part.between(p["since"], p["until"])
    is_said = part is held.said
    words = [name for name in ("channel", *(("sentiment", "language", "country") if is_said else ())) if name in p]
    if not words and "listening" not in p and not (is_said and "topic" in p):
        return spans
    kept = np.zeros(len(part), bool)
    for first, end in spans:
        kept[first:end] = True
    for name in words:
        kept &= part[name] == held.names[name].find(p[name])
    if "listening" in p:
        kept &= held.asked_by(part, p["listening"])
    if is_said and "topic" in p:
        topics = part.lists["topics"]
        named = np.zeros(len(kept), bool)
        hits = np.flatnonzero(topics.flat == held.names["topics"].find(p["topic"]))
        named[np.searchsorted(topics.starts, hits, "right") - 1] = True
        kept &= named
    return np.flatnonzero(kept)
