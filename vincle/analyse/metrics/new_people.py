"""Who became known, by day.

>>> from datetime import UTC, date, datetime
>>> from .base import Human
>>> reference(World(people=(Human(1, 7, datetime(2026, 3, 10, tzinfo=UTC)),)), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(20522, 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World, day_number, day_of


def expression(tables: Tables, p: Params) -> ibis.Table:
    people = tables.person.filter(tables.person.at >= p["since"], tables.person.at < p["until"])
    return people.group_by(day=day_of(people.at, p)).agg(n=people.count()).select("day", "n")


def reference(world: World, period: Period) -> list[Row]:
    known = [human.known_since for human in world.people if period.since <= human.known_since < period.until]
    return list(Counter(day_number(moment, period.zone) for moment in known).items())


metric = Metric(
    "new_people",
    "New people",
    "people",
    "People first met on a day, whatever the channel: by something they did, or by a list that named them.",
    expression,
    reference,
)
