"""How many speak, how many of them more than once, and how many come back within four weeks.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> days = [(7, 2), (7, 20), (8, 2), (8, 31), (9, 31)]
>>> acts = [Act(1, actor, datetime(2026, 3, day, tzinfo=UTC), sentiment="neutral") for actor, day in days]
>>> reference(World(tuple(acts)), Period(date(2026, 3, 1), date(2026, 4, 1)))
[(3, 2, 5, 2, 1)]
"""

from collections import defaultdict

import ibis
import numpy as np
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Values, answer
from .base import DAY, Metric, Params, Period, Row, World, said, with_person

SPAN = 28 * DAY


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = with_person(said(tables, p).select("actor", "at"), tables)
    rows = rows.filter(rows.person.notnull()).select("person", "at")
    people = rows.group_by("person").agg(n=rows.count(), first=rows.at.min())
    early = people.first < p["until"] - SPAN
    # Only those who spoke more than once, and began in time, can have come back: few, so that the join is small.
    again = people.filter(early, people.n > 1).select("first", who="person")
    later = rows.join(again, rows.person == again.who)
    later = later.filter(later.at > later.first, later.at <= later.first + SPAN)
    totals = people.agg(people=people.count(), again=(people.n > 1).sum(), n=people.n.sum(), early=early.sum())
    found = totals.cross_join(later.agg(back=later.person.nunique()))
    return found.select("people", **{name: found[name].fill_null(0) for name in ("again", "n", "early", "back")})


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    people, ids = chosen.of(held.people[0]), held.people[1]
    known = people >= 0
    people, at = people[known], chosen.of(held.said["at"])[known]
    n = np.bincount(people, minlength=len(ids))
    first = np.full(len(ids), p["until"], np.int64)
    np.minimum.at(first, people, at)
    early = (n > 0) & (first < p["until"] - SPAN)
    began = first[people]
    back = np.zeros(len(ids), bool)
    back[people[early[people] & (at > began) & (at <= began + SPAN)]] = True
    found = {"people": (n > 0).sum(), "again": (n > 1).sum(), "n": len(people), "early": early.sum(), "back": back.sum()}
    return answer({name: np.asarray([count], np.int64) for name, count in found.items()})


def reference(world: World, period: Period) -> list[Row]:
    moments: dict[int, list[float]] = defaultdict(list)
    for act in world.said(period):
        person = world.whose(act)
        if person is not None:
            moments[person].append(int(act.happened_at.timestamp()))
    early = {person: min(theirs) for person, theirs in moments.items() if min(theirs) < int(period.until.timestamp()) - SPAN}
    back = sum(any(first < at <= first + SPAN for at in moments[person]) for person, first in early.items())
    again = sum(len(theirs) > 1 for theirs in moments.values())
    return [(len(moments), again, sum(map(len, moments.values())), len(early), back)]


metric = Metric(
    "said_again",
    "Who speaks again",
    "people",
    "People who spoke, how many of them more than once, their mentions, and of those who first spoke at least 28 days before the end of "
    "the period, how many spoke again within 28 days.",
    expression,
    reference,
    quick,
)
