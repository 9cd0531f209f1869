"""Every form that was sent, with who sent it.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> sent = Act(1, 7, day, channel="forms", verb="Submit", object_type="Form")
>>> reference(World((sent, sent._replace(object_type="Answer"))), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(7, 1773100800, 'forms')]
"""

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import ObjectType, Verb

from .base import Metric, Params, Period, Row, World, acts, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.filter(rows.verb == Verb.SUBMIT.value, rows.object_type == ObjectType.FORM.value)
    return with_person(rows, tables).select("person", "at", "channel")


def reference(world: World, period: Period) -> list[Row]:
    return [
        (world.whose(act), int(act.happened_at.timestamp() // 1), act.channel)
        for act in world.acts_by_others(period)
        if act.verb == Verb.SUBMIT and act.object_type == ObjectType.FORM
    ]


metric = Metric(
    "leads",
    "Forms sent",
    "forms",
    "Each form that was sent in the period (our own forms, those of Facebook, of a web site or of another tool), with who sent it.",
    expression,
    reference,
)
