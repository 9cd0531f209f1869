"""How many people were active in a period, and in the periods of the same length before it.

The period given covers all windows; the last 7 days are window 0, the 7 before them window 1, and so on.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> world = World(tuple(Act(1, actor, datetime(2026, 3, day, tzinfo=UTC)) for actor, day in [(7, 14), (8, 14), (7, 3)]))
>>> sorted(reference(world, Period(date(2026, 3, 1), date(2026, 3, 14))))
[(0, 2, 2), (1, 1, 1)]
"""

from collections import defaultdict
from functools import lru_cache

import ibis

from vincle.engines.base import Tables

from .base import EPOCH, Metric, Params, Period, Row, World, acts, day_number, day_of, with_person

WEEK = 7


@lru_cache(maxsize=64)
def windowed(length: int) -> Metric:
    """The metric with windows of `length` days."""

    def expression(tables: Tables, p: Params) -> ibis.Table:
        rows = acts(tables, p)
        window = (p["last_day"] - day_of(rows.at, p)) // length
        by_handle = rows.group_by("actor", window=window).agg(acts=rows.count())
        known = with_person(by_handle, tables)
        return known.group_by("window").agg(people=known.person.nunique(), n=known.acts.sum()).select("window", "people", "n")

    def reference(world: World, period: Period) -> list[Row]:
        people: dict[int, set[int | None]] = defaultdict(set)
        counts: dict[int, int] = defaultdict(int)
        for act in world.acts_by_others(period):
            window = ((period.last - EPOCH).days - day_number(act.happened_at, period.zone)) // length
            people[window].add(world.whose(act))
            counts[window] += 1
        return [(window, len(people[window] - {None}), counts[window]) for window in counts]

    return Metric(
        "people_by_window" if length == WEEK else f"people_by_window_{length}",
        "People active",
        "people",
        "People who did something in a period, each counted once, and how much they did. A handle that is nobody's yet counts as a person.",
        expression,
        reference,
    )


metric = windowed(WEEK)
reference = metric.reference
