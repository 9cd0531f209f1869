"""Whose words are taken up: how often others react to, share and answer what a person said.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> act = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), verb="Announce", target=8)
>>> reference(World((act, act._replace(verb="Like"), act._replace(target=7))), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(8, 1, 1, 0)]
"""

from collections import defaultdict

import ibis
import numpy as np
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions
from vincle.vocabulary import Verb

from . import _chosen
from ._chosen import Groups, Key, Values, answer, most_frequent
from .base import Metric, Params, Period, Row, World, acts

MOST = 500
KINDS = (Verb.ANNOUNCE, Verb.LIKE, Verb.CREATE)
COUNTS = ("shared", "liked", "answered")


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.filter(rows.target.notnull(), rows.verb.isin([kind.value for kind in KINDS]))
    owner = tables.handle.select(owner_key="key", owner="person")
    rows = rows.left_join(owner, rows.target == owner.owner_key)
    rows = rows.mutate(person=rows.owner.fill_null(rows.target)).drop("owner_key", "owner")
    author = tables.handle.select(author_key="key", author="person")
    rows = rows.left_join(author, rows.actor == author.author_key)
    rows = rows.filter(rows.author.fill_null(rows.actor).fill_null(0) != rows.person)
    found = rows.group_by("person").agg(**{name: (rows.verb == kind.value).sum() for name, kind in zip(COUNTS, KINDS, strict=True)})
    ordered = found.order_by((found.shared + found.liked + found.answered).desc(), found.person).limit(MOST)
    return ordered.select("person", *COUNTS)


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.done(held, p)
    (targets, ids), (doers, names) = held.targets, held.doers
    target, doer, verb = chosen.of(targets), chosen.of(doers), chosen.word("verb").codes
    kinds = [held.names["verb"].find(kind.value) for kind in KINDS]
    meant = (target >= 0) & np.isin(verb, kinds)
    target, doer, verb = target[meant], doer[meant], verb[meant]
    author = np.where(doer >= 0, names[doer], 0) if len(names) else np.zeros(len(doer), np.int64)
    others = author != ids[target]
    found = Groups(Key(target[others], len(ids)))
    counts = [found.count_of(verb[others] == kind) for kind in kinds]
    people = ids[found.keys[0]]
    best = most_frequent(sum(counts, np.zeros(len(people), np.int64)), people, MOST)
    return answer({name: column[best] for name, column in zip(("person", *COUNTS), (people, *counts), strict=True)})


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    places = {kind: place for place, kind in enumerate(KINDS)}
    for act in world.acts_by_others(period):
        if act.target is None or act.verb not in places:
            continue
        person = (world.owners or {}).get(act.target, act.target)
        if person != (world.whose(act) or 0):
            counts[person][places[Verb(act.verb)]] += 1
    rows = [(person, *found) for person, found in counts.items()]
    return sorted(rows, key=lambda row: (-sum(row[1:]), row[0]))[:MOST]


metric = Metric(
    "heard",
    "Whose words are taken up",
    "activities",
    f"How often others shared, reacted to and answered a person's words, where the channel says whose they were: the {MOST} most taken up.",
    expression,
    reference,
    quick,
)
