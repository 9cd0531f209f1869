"""Where people stand on the engagement ladder: the highest rung each reached within the period.

The rungs are those of `organise.scores.ladder`; the period is its window of 90 days.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> world = World((Act(1, 7, day), Act(1, 7, day, verb="Like")), (Human(1, 7, day), Human(1, 8, day)))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[('creator', 1), ('inactive', 1)]
"""

from collections import Counter

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions
from vincle.organise.scores.ladder import rung
from vincle.vocabulary import Stage

from . import _chosen
from ._chosen import Values, answer
from ._rungs import HEIGHT, height_of
from .base import Metric, Params, Period, Row, World, acts, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    by_handle = rows.group_by("actor").agg(height=height_of(rows).max())
    reached = with_person(by_handle, tables).group_by("person").agg(height=lambda table: table.height.max())
    people = tables.person.left_join(reached, tables.person.id == reached.person)
    known = people.filter((people.at < p["until"]) | people.height.notnull())
    stage = ibis.cases(*((known.height == height, stage.value) for stage, height in HEIGHT.items()), else_=Stage.INACTIVE.value)
    return known.group_by(stage=stage).agg(people=known.count()).select("stage", "people")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.done(held, p)
    doer = chosen.of(held.doers[0])
    height = _heights(held)[chosen.word("verb").codes, chosen.word("object_type").codes, chosen.of(held.done["is_reply"]).astype(np.int8)]
    best = np.full(len(held.doers[1]) + 1, -1, np.int8)  # the last place is that of those who did nothing
    for each in (0, *sorted(HEIGHT.values())):
        best[doer[(height == each) & (doer >= 0)]] = each
    places, since = held.known
    reached = best[places]
    counts = np.bincount(reached[(since < p["until"]) | (reached >= 0)].clip(min=0), minlength=1)
    names = {height: stage.value for stage, height in HEIGHT.items()}
    there = np.flatnonzero(counts)
    return answer({"stage": [names.get(each, Stage.INACTIVE.value) for each in there.tolist()], "people": counts[there]})


def _heights(held: Mentions) -> npt.NDArray[np.int8]:
    """The rung of each verb, kind of object and answer or not."""
    verbs, kinds = (held.names[name].all for name in ("verb", "object_type"))
    rungs = [[[HEIGHT.get(rung(verb or "", kind or "", is_reply), 0) for is_reply in (False, True)] for kind in kinds] for verb in verbs]
    return np.asarray(rungs, np.int8).reshape(len(verbs), len(kinds), 2)


def reference(world: World, period: Period) -> list[Row]:
    highest: dict[int | None, int] = {}
    for act in world.acts_by_others(period):
        height = HEIGHT.get(rung(act.verb, act.object_type, bool(act.parent_key)), 0)
        highest[world.whose(act)] = max(height, highest.get(world.whose(act), 0))
    names = {height: stage.value for stage, height in HEIGHT.items()}
    known = [human.id for human in world.people if human.known_since < period.until or human.id in highest]
    return list(Counter(names.get(highest.get(person, 0), Stage.INACTIVE.value) for person in known).items())


metric = Metric(
    "ladder",
    "The engagement ladder",
    "people",
    "People known by the end of the period, by the highest rung they reached within it: creators post about you, "
    "critics comment and review, semi-active people react and buy, spectators watch; the others did nothing.",
    expression,
    reference,
    quick,
)
