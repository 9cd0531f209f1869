"""What the community does, as columns of numbers: drawn slice by slice of time, so that millions of people fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .acts import Acts
from .kinds import CHANNELS, SPOKEN
from .people import Orders, People, settle, shop
from .stories import Calendar, calendar, rhythm

LARGEST_SLICE = 1_500_000
LEAST_EACH = 3


class Row(NamedTuple):
    """One activity of a batch, as plain values."""

    id: int
    kind: int
    channel: int
    person: int
    at: int
    thing: int
    parent: int
    amount: float
    rating: float
    topic: int
    mood: int
    is_machine: bool
    campaign: bool
    device: int


@dataclass
class Batch:
    """Activities as columns, by time. Times are microseconds since 1970 (UTC); `person` is an index into the people, -1 for the brand.

    `thing` is what the act is about: the own post commented, the newsletter opened, the page viewed, the order bought.
    `parent` is the `id` of the activity that is answered, -1 where there is none. `mood` and `topic` hold where words are spoken.
    """

    id: NDArray[np.int64]
    kind: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    person: NDArray[np.int32]
    at: NDArray[np.int64]
    thing: NDArray[np.int64]
    parent: NDArray[np.int64]
    amount: NDArray[np.float64]
    rating: NDArray[np.float32]
    topic: NDArray[np.uint8]
    mood: NDArray[np.uint8]
    is_machine: NDArray[np.bool_]
    campaign: NDArray[np.bool_]
    device: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.id)

    def take(self, places: NDArray[np.int64]) -> "Batch":
        return Batch(*(getattr(self, column.name)[places] for column in fields(self)))

    def rows(self) -> Iterator[Row]:
        columns = (getattr(self, column.name).tolist() for column in fields(self))
        return (Row(*values) for values in zip(*columns, strict=True))


def joined(batches: list[Batch]) -> Batch:
    """One batch of several, by time."""
    whole = Batch(*(np.concatenate([getattr(batch, column.name) for batch in batches]) for column in fields(Batch)))
    return whole.take(np.argsort(whole.at, kind="stable"))


@dataclass
class Community:
    """People, the calendar they live in, and what they buy."""

    people: People
    told: Calendar
    orders: Orders
    activities: int
    seed: int


def found(people: int, activities: int, months: int, seed: int, until: datetime) -> Community:
    """Draw a community that will do exactly `activities` things in the `months` before `until`. ValueError for sizes that cannot be."""
    if people < 10 or activities < LEAST_EACH * people:
        raise ValueError(f"a community needs at least 10 people and {LEAST_EACH} activities each")
    if not 1 <= months <= 120:
        raise ValueError("months: from 1 to 120")
    told = calendar(months, until)
    each = activities / people
    drawn = settle(people, told, seed, buyers=min(0.42, 0.05 * each))
    return Community(drawn, told, shop(drawn, told, seed, rhythm(told, 0)), activities, seed)


def generate(people: int, activities: int, months: int, seed: int, until: datetime) -> Iterator[Batch]:
    """All activities of a community as batches of about a month each; the same arguments give the same batches."""
    return live(found(people, activities, months, seed, until))


def live(community: Community) -> Iterator[Batch]:
    """The activities of a community that was found before. Every batch is sorted by time; a reply may stand in the next one."""
    told, orders = community.told, community.orders
    acts = Acts(community.people, told, np.random.default_rng([community.seed, 3]))
    months = max(1, round((told.until - told.start) / (30.4375 * 86400e6)))
    count = max(months, -(-community.activities // LARGEST_SLICE))
    edges = np.linspace(told.start, told.until, count + 1).astype(np.int64)
    arrivals = acts.arrivals()
    fixed = len(arrivals["at"]) + len(orders.at)
    free = community.activities - fixed
    if free < 0:
        raise ValueError(f"{community.activities} activities are too few for {community.people.size} people: they need {fixed}")
    shares = np.interp((edges[:-1] + edges[1:]) / 2, [told.start, told.until], [0.8, 1.2])
    bounds = np.round(np.concatenate([[0], shares.cumsum() / shares.sum()]) * free).astype(int)
    for place in range(count):
        begin, end = int(edges[place]), int(edges[place + 1])
        yield _slice(acts, orders, arrivals, begin, end, int(bounds[place + 1] - bounds[place]))


def _slice(acts: Acts, orders: Orders, arrivals: dict[str, NDArray[np.int64]], begin: int, end: int, free: int) -> Batch:
    acts.open_slice(begin, end)
    here = (arrivals["at"] >= begin) & (arrivals["at"] < end)
    acts.add(*(arrivals[name][here] for name in ("kind", "channel", "person", "at")))
    acts.buy(orders)
    acts.everything(free)
    batch = Batch(**acts.close_slice())
    return batch.take(np.argsort(batch.at, kind="stable"))


def spoken(batch: Batch) -> NDArray[np.bool_]:
    """Which activities carry words of a person."""
    return np.isin(batch.kind, [kind.value for kind in SPOKEN])


def places(batch: Batch) -> dict[str, int]:
    """How many activities each channel has."""
    return {name: int((batch.channel == code).sum()) for code, name in enumerate(CHANNELS)}
