"""Where people stand on the ladder of each thing that is listened for: by what they said of it, and did in conversations about it.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> acts = (Act(1, 7, day, seq=1, thread_key="t"), Act(1, 8, day, verb="Like", thread_key="t", seq=2))
>>> reference(World(acts, matches=frozenset({(5, 1)})), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(5, 'creator', 1), (5, 'semi-active', 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from ._rungs import NAMES, height, height_of
from .base import Metric, Params, Period, Row, World, acts, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    match = tables.match.filter(tables.match.month.between(p["first_month"], p["last_month"])).select("listening", matched="seq")
    said = rows.inner_join(match, rows.seq == match.matched)
    threads = said.filter(said.thread_key != "").select(heard="listening", thread="thread_key").distinct()
    around = rows.inner_join(threads, rows.thread_key == threads.thread)
    every = ibis.union(
        said.select("listening", "actor", height=height_of(said)),
        around.select(listening="heard", actor="actor", height=height_of(around)),
        distinct=False,
    )
    by_handle = every.group_by("listening", "actor").agg(height=every.height.max())
    known = with_person(by_handle, tables)
    known = known.filter(known.person.notnull())
    people = known.group_by("listening", "person").agg(height=lambda table: table.height.max())
    stage = ibis.cases(*((people.height == each, name) for each, name in NAMES.items()), else_="")
    return people.group_by("listening", stage=stage).agg(people=people.count()).select("listening", "stage", "people")


def reference(world: World, period: Period) -> list[Row]:
    those = world.acts_by_others(period)
    seqs = {act.seq: act for act in those}
    threads = {(listening, seqs[seq].thread_key) for listening, seq in world.matches if seq in seqs and seqs[seq].thread_key}
    best: dict[tuple[int, int], int] = {}
    for listening in {listening for listening, _seq in world.matches}:
        for act in those:
            person = world.whose(act)
            if person is not None and ((listening, act.seq) in world.matches or (listening, act.thread_key) in threads):
                best[listening, person] = max(best.get((listening, person), 0), height(act))
    counts = Counter((listening, NAMES[each]) for (listening, _person), each in best.items())
    return [(*key, n) for key, n in counts.items()]


metric = Metric(
    "ladder_voices",
    "The ladder of each brand",
    "people",
    "People who said something that a query asks for, or took part in a conversation about it, by the highest rung they reached there "
    "within the period.",
    expression,
    reference,
)
