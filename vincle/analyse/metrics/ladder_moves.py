"""From which rung to which people moved within the period; empty before: they were not known yet.

The stage at a moment is the highest rung of acts within the ladder's window of 90 days before it.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> acts = (Act(1, 7, datetime(2026, 3, 1, tzinfo=UTC), verb="Like"), Act(1, 7, datetime(2026, 3, 10, 9, tzinfo=UTC)))
>>> people = (Human(1, 7, datetime(2026, 3, 1, tzinfo=UTC)), Human(1, 8, datetime(2026, 3, 10, tzinfo=UTC)))
>>> reference(World(acts, people, {7: 7}), Period(date(2026, 3, 10), date(2026, 3, 10)))
[('semi-active', 'creator', 1), ('', 'inactive', 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from ._rungs import NAMES, UNKNOWN, Reaching, standing, standing_slowly
from .base import Params, Period, Row, World


def expression(tables: Tables, p: Params) -> ibis.Table:
    people = standing(tables, p)
    moves = people.group_by(from_=people.before, to=people.after).agg(people=people.count())
    before = ibis.cases(*((moves.from_ == height, name) for height, name in NAMES.items()), else_="")
    after = ibis.cases(*((moves.to == height, name) for height, name in NAMES.items()), else_="")
    return moves.select(before=before, after=after, people="people")


def reference(world: World, period: Period) -> list[Row]:
    moves = Counter(standing_slowly(world, period).values())
    return [("" if before == UNKNOWN else NAMES[before], NAMES[after], n) for (before, after), n in moves.items()]


metric = Reaching(
    "ladder_moves",
    "Moves on the ladder",
    "people",
    "People known by the end of the period, by the rung they stood on when it began and when it ended; a rung is the highest one of what "
    "someone did within the 90 days before. Empty before: not known yet.",
    expression,
    reference,
)
