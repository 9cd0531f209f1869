"""Who turned to whom, out of the lake: answers, shares, reactions and words addressed to someone, each weighed by its age and its tone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import ibis
import numpy as np
from numpy.typing import NDArray

from vincle.engines.base import Query, Tables
from vincle.store import bulk
from vincle.vocabulary import Direction, ObjectType, Verb

from . import warehouse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HALF_LIFE: Final = timedelta(days=90)
"""After so long an act counts half."""
WINDOW: Final = timedelta(days=720)
"""What is older counts less than a two-hundredth, and is not read."""
KINDS: Final = ("answered", "shared", "reacted", "named", "brought")
WEIGHTS: Final = {"answered": 1.0, "shared": 2.0, "reacted": 0.3, "named": 1.0, "brought": 4.0}
"""How much attention an act of each kind stands for. A judgement, not a measurement: words of one's own are the unit."""
CROSS: Final = ("angry", "sad", "angrys", "sads", "dislike", "downvote", "-1", "thumbsdown")
"""Reactions that are no approval."""
_APART: Final = (ObjectType.MESSAGE.value, ObjectType.ANSWER.value, ObjectType.PROFILE.value, ObjectType.UNKNOWN.value)
_AUTHORED: Final = (Verb.CREATE.value, Verb.ANNOUNCE.value)


class Ties(NamedTuple):
    """[m] each: `source` turned to `target` (people, or handles) by acts of `kind` (place in KINDS), against them or not.

    `n`: how many acts; `weight`: these by their age, an act of this moment being one; not yet by its kind.
    """

    source: Ints
    target: Ints
    kind: Ints
    against: NDArray[np.bool_]
    n: Ints
    weight: Floats


def expression(tables: Tables, p: Mapping[str, Any]) -> ibis.Table:
    """source, target (handles), kind, against, n, weight. Whose a thing is says its own row; else whom the act names as its target."""
    rows = tables.activity
    kept = ~rows.is_machine & rows.actor.notnull() & ~rows.object_type.isin(_APART)
    acts = rows.filter(kept & (rows.direction == Direction.IN.value) & (rows.at > p["since"]) & (rows.at <= p["now"]))
    acts = acts.filter(acts.verb.isin([Verb.CREATE.value, Verb.LIKE.value, Verb.ANNOUNCE.value]))
    is_said = acts.verb == Verb.CREATE.value
    kind = ibis.cases(
        (acts.verb == Verb.LIKE.value, KINDS.index("reacted")),
        (acts.verb == Verb.ANNOUNCE.value, KINDS.index("shared")),
        (acts.parent_key != "", KINDS.index("answered")),
        else_=KINDS.index("named"),
    )
    turned = acts.select(
        "connection", "actor", "target",
        about=ibis.ifelse(is_said, acts.parent_key, ibis.ifelse(acts.object_key != acts.native_id, acts.object_key, acts.parent_key)),
        kind=kind.cast("int64"),
        against=ibis.ifelse(is_said, acts.sentiment == "negative", acts.reaction.lower().isin(CROSS)).fill_null(False).cast("int64"),
        weight=ibis.literal(0.5) ** ((p["now"] - acts.at).cast("float64") / ibis.literal(HALF_LIFE.total_seconds())),
    )  # fmt: skip
    things = rows.filter(kept & rows.verb.isin(_AUTHORED))
    things = things.mutate(
        thing=ibis.ifelse((things.object_key != "") & (things.verb == Verb.CREATE.value), things.object_key, things.native_id)
    )
    things = things.group_by(place=things.connection, thing=things.thing).agg(author=things.actor.min())
    joined = turned.left_join(things, (turned.connection == things.place) & (turned.about == things.thing))
    joined = joined.mutate(whom=ibis.ifelse(joined.about != "", ibis.coalesce(joined.author, joined.target), joined.target))
    joined = joined.filter(joined.whom.notnull() & (joined.whom != joined.actor))
    found = joined.group_by("actor", "whom", "kind", "against").agg(n=joined.count(), weight=joined.weight.sum())
    return found.select(source="actor", target="whom", kind="kind", against="against", n="n", weight="weight")


def read(workspace: int, now: datetime) -> Ties:
    """Ties between handles as the lake has them. EngineError where it cannot be asked."""
    moment = int(now.timestamp())
    values = {"since": moment - int(WINDOW.total_seconds()), "now": moment}
    found = warehouse.engine().run(Query("influence ties", expression, values), workspace)
    columns = {name: found[name].to_numpy() for name in found.column_names}
    return Ties(
        columns["source"].astype(np.int64), columns["target"].astype(np.int64), columns["kind"].astype(np.int64),
        columns["against"].astype(np.bool_), columns["n"].astype(np.int64), columns["weight"].astype(np.float64),
    )  # fmt: skip


def nothing() -> Ties:
    none = np.zeros(0, np.int64)
    return Ties(none, none, none, none.astype(np.bool_), none, none.astype(np.float64))


def together(*parts: Ties) -> Ties:
    columns: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Ties(*columns)


def taken(ties: Ties, which: Ints | NDArray[np.bool_]) -> Ties:
    """The ties at these places."""
    columns: list[Any] = [column[which] for column in ties]
    source, target, kind, against, n, weight = columns
    return Ties(source, target, kind, against, n, weight)


def of_people(ties: Ties, workspace: int) -> Ties:
    """The same between people, each pair, kind and tone once. Our own accounts and ties of someone to themselves are left out."""
    handles = np.unique(np.concatenate([ties.source, ties.target]))
    owner = np.zeros(handles.size, np.int64)
    sql = "SELECT handle, person FROM identify_belonging WHERE workspace_id = %s AND handle IN ({})"
    found = np.array(list(bulk.select(sql, handles.tolist(), [workspace])), np.int64).reshape(-1, 2)
    owner[np.searchsorted(handles, found[:, 0])] = found[:, 1]
    source, target = (owner[np.searchsorted(handles, side)] for side in (ties.source, ties.target))
    return between_people(ties._replace(source=source, target=target), own_people(workspace))


def between_people(ties: Ties, ours: set[int]) -> Ties:
    """Each pair, kind and tone once, of people who are not ours; 0 stands for nobody."""
    own = np.array([0, *sorted(ours)], np.int64)
    kept = (ties.source != ties.target) & ~np.isin(ties.source, own) & ~np.isin(ties.target, own)
    return summed(taken(ties, kept))


def own_people(workspace: int) -> set[int]:
    """Whom our own accounts belong to."""
    sql = "SELECT b.person FROM identify_belonging b JOIN listen_handle h ON h.key = b.handle WHERE h.is_own AND h.workspace_id IN ({})"
    return {person for (person,) in bulk.select(sql, [workspace])}


def summed(ties: Ties) -> Ties:
    """Each pair, kind and tone once."""
    order = np.lexsort((ties.against, ties.kind, ties.source, ties.target))
    rows = taken(ties, order)
    if not order.size:
        return rows
    new = np.logical_or.reduce([column[1:] != column[:-1] for column in rows[:4]])
    begins = np.flatnonzero(np.concatenate([[True], new]))
    n, weight = np.add.reduceat(rows.n, begins), np.add.reduceat(rows.weight, begins)
    return taken(rows, begins)._replace(n=n, weight=weight)


def topics_expression(tables: Tables, p: Mapping[str, Any]) -> ibis.Table:
    """actor, topic, n: what people's own words are about."""
    rows = tables.activity
    said = rows.filter((rows.verb == Verb.CREATE.value) & (rows.direction == Direction.IN.value) & ~rows.is_machine)
    said = said.filter((said.at > p["since"]) & (said.at <= p["now"]) & said.actor.notnull())
    each = said.select("actor", topic=said.topics.unnest())
    return each.group_by("actor", "topic").agg(n=each.count()).select("actor", "topic", "n")


def topics(workspace: int, now: datetime) -> tuple[Ints, list[str], Ints]:
    """(handles, topics, how often)."""
    moment = int(now.timestamp())
    values = {"since": moment - int(WINDOW.total_seconds()), "now": moment}
    found = warehouse.engine().run(Query("influence topics", topics_expression, values), workspace)
    return found["actor"].to_numpy().astype(np.int64), found["topic"].to_pylist(), found["n"].to_numpy().astype(np.int64)
