"""Reactions by kind: likes, loves, angry faces.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> act = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), verb="Like", reaction="love")
>>> reference(World((act, act._replace(reaction="")), ), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(20522, 'x', 'love', 1), (20522, 'x', '', 1)]
"""

from collections import Counter

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions
from vincle.vocabulary import Verb

from . import _chosen
from ._chosen import Groups, Key, Values, answer, clock, days
from .base import Metric, Params, Period, Row, World, acts, day_number, day_of

WORDS = ("channel", "reaction")


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.filter(rows.verb == Verb.LIKE.value)
    return rows.group_by(rows.channel, rows.reaction, day=day_of(rows.at, p)).agg(n=rows.count()).select("day", "channel", "reaction", "n")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.done(held, p)
    meant = chosen.of(held.done["verb"]) == held.names["verb"].find(Verb.LIKE.value)
    day, first = days(clock(chosen.of(held.done["at"])[meant], p))
    found = Groups(day, *(Key(key.codes[meant], key.size) for key in map(chosen.word, WORDS)))
    words = {name: chosen.names(name, numbers) for name, numbers in zip(WORDS, found.keys[1:], strict=True)}
    return answer({"day": found.keys[0] + first, **words, "n": found.count()})


def reference(world: World, period: Period) -> list[Row]:
    likes = [act for act in world.acts_by_others(period) if act.verb == Verb.LIKE]
    return [(*key, n) for key, n in Counter((day_number(act.happened_at, period.zone), act.channel, act.reaction) for act in likes).items()]


metric = Metric(
    "reactions",
    "Reactions",
    "reactions",
    "Reactions by day in the workspace's time zone, channel and kind (like, love, angry ...; nothing where the channel has one kind only).",
    expression,
    reference,
    quick,
)
