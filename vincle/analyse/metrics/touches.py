"""Every touchpoint: who met us, when, by which kind of act, whose words it answers, from which source and campaign.

Our own answers are a touchpoint of those they are meant for. Of machines, nothing.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> said = Act(1, 7, day, channel="x", target=9)
>>> ours = Act(1, 9, day, channel="x", direction="out", target=7)
>>> reference(World((said, ours, said._replace(verb="Purchase")), (), {7: 70}), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(70, 1773100800, 'comment', 9, 'x', ''), (70, 1773100800, 'answer', 9, 'x', '')]
"""

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Direction

from . import _touch_kinds
from .base import Metric, Params, Period, Row, World, acts


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p, direction=None)
    rows = rows.mutate(kind=_touch_kinds.kind(rows))
    rows = rows.filter(rows.kind != "")
    rows = rows.mutate(source=_touch_kinds.source(rows), campaign=_touch_kinds.campaign(rows))
    is_out = rows.direction == Direction.OUT.value
    rows = rows.mutate(who=ibis.ifelse(is_out, rows.target, rows.actor), whom=ibis.ifelse(is_out, rows.actor, rows.target))
    rows = rows.filter(rows.who.notnull())
    owner = tables.handle.select(owner_key="key", owner="person")
    other = tables.handle.select(other_key="key", other="person")
    joined = rows.left_join(owner, rows.who == owner.owner_key).left_join(other, rows.whom == other.other_key)
    return joined.select(
        person=joined.owner.fill_null(joined.who), at="at", kind="kind", other=joined.other.fill_null(joined.whom),
        source="source", campaign="campaign",
    )  # fmt: skip


def reference(world: World, period: Period) -> list[Row]:
    owner = world.owners or {}
    rows = []
    for act in world.acts_by_others(period, every_way=True):
        kind = _touch_kinds.kind_of(act)
        who, whom = (act.target, act.actor) if act.direction == Direction.OUT else (act.actor, act.target)
        if kind and who is not None:
            other = None if whom is None else owner.get(whom, whom)
            from_ = (_touch_kinds.source_of(act), _touch_kinds.campaign_of(act))
            rows.append((owner.get(who, who), int(act.happened_at.timestamp() // 1), kind, other, *from_))
    return rows


metric = Metric(
    "touches",
    "Touchpoints one by one",
    "touchpoints",
    "Each act of the period by which someone met us: who (the handle itself while nobody knows), the second it happened, its kind, "
    "whose words or account it was about, and the source (else the channel) and campaign that led here. Our answers count for those they "
    "were meant for; machines do not count.",
    expression,
    reference,
)
