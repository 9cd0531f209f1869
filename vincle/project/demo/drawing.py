"""Drawing acts slice by slice: who, when, and the columns they make. Only arrays, no loops over people."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import DAY, HOUR, SOCIAL, Kind
from .people import People
from .stories import Calendar, rhythm

Ints = NDArray[np.int64]
Column = NDArray[Any]
COLUMNS: dict[str, type] = {
    "kind": np.uint8, "channel": np.uint8, "person": np.int32, "at": np.int64, "thing": np.int64, "parent": np.int64, "amount": np.float64,
    "rating": np.float32, "topic": np.uint8, "mood": np.uint8, "is_machine": np.bool_, "campaign": np.bool_, "device": np.uint8,
}  # fmt: skip
_EMPTY = {"thing": -1, "parent": -1, "amount": np.nan, "rating": np.nan}


class Drawing:
    """Draws the acts of one slice of time after another. Ids count on through all slices."""

    def __init__(self, people: People, told: Calendar, random: np.random.Generator) -> None:
        self.people, self.told, self.random = people, told, random
        self.next_id = 0
        self.posts = {channel: (np.empty(0, np.int64), np.empty(0, np.int64)) for channel in SOCIAL}
        self.quiet_hours = {channel: rhythm(told, channel) for channel in range(8)}
        self.spoken_hours = {channel: rhythm(told, channel, spoken=True) for channel in range(8)}
        self.parts: list[dict[str, Column]] = []
        self.begin = self.end = 0
        self.present = np.ones(people.size, bool)

    def open_slice(self, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.parts = []
        self.present = (self.people.joined < end) & (self.people.left > begin)

    def close_slice(self) -> dict[str, Column]:
        return {name: np.concatenate([part[name] for part in self.parts]) for name in ("id", *COLUMNS)}

    def add(self, kind: Any, channel: Any, person: Any, at: Ints, **more: Any) -> dict[str, Column]:
        """Enter acts; single values hold for all. Returns the columns with their new ids."""
        size = len(at)
        values = {"kind": kind, "channel": channel, "person": person, "at": at, **more}
        part: dict[str, Column] = {"id": np.arange(self.next_id, self.next_id + size)}
        for name, form in COLUMNS.items():
            part[name] = np.broadcast_to(np.asarray(values.get(name, _EMPTY.get(name, 0))), size).astype(form)
        self.next_id += size
        self.parts.append(part)
        return part

    def count(self) -> int:
        return sum(len(part["id"]) for part in self.parts)

    # -- who and when

    def moments(self, size: int, hours: NDArray[np.float64]) -> Ints:
        """`size` moments of the slice, as often in each hour as `hours` says."""
        begin, last = (self.begin - self.told.start) // HOUR, max(-(-(self.end - self.told.start) // HOUR), 1)
        level = hours[begin:last]
        drawn = np.searchsorted(level.cumsum(), self.random.random(size) * level.sum(), side="right")
        hour = self.told.start + (begin + np.minimum(drawn, len(level) - 1)) * HOUR
        at: Ints = np.clip(hour + (self.random.random(size) * HOUR).astype(np.int64), self.begin, self.end - 1)
        return at

    def someone(self, size: int, weight: NDArray[np.float64]) -> Ints:
        """`size` people who are there in this slice, by weight and in random order; none when nobody is."""
        total = (weight * self.present).cumsum()
        if not size or not total[-1]:
            return np.empty(0, np.int64)
        gaps = self.random.exponential(1, size + 1).cumsum()  # sorted uniforms: the search stays in the cache
        drawn: Ints = np.searchsorted(total, gaps[:-1] / gaps[-1] * total[-1], side="right")
        self.random.shuffle(drawn)
        return np.minimum(drawn, len(total) - 1)

    def habits(self, person: Ints, at: Ints) -> Ints:
        """Early and late risers: moments shifted by each one's hours, after they joined and before the end of the time told."""
        shifted = at + self.people.shift[person] * HOUR
        shifted = np.where((shifted >= self.told.until) | (shifted < self.told.start), at, shifted)
        joined = self.people.joined[person]
        soon = joined + (self.random.random(len(at)) * np.minimum(2 * DAY, self.told.until - joined)).astype(np.int64)
        return np.where(shifted < joined, soon, shifted)

    def parts_of(self, kind: Kind) -> list[dict[str, Column]]:
        """What was added of one kind in this slice, without empty parts."""
        return [part for part in self.parts if len(part["id"]) and part["kind"][0] == kind.value]
