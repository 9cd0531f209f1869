"""What people did, where, and what we did to them within 28 days before the period, of those who then rose and of those who did not.

Rows: kind of thing ("did", "channel", "us", or "" for everybody), which, the rung when the period began, whether they stood higher when
it ended, people. Only those count who were known when it began and could rise.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> acts = (Act(1, 7, datetime(2026, 3, 1, tzinfo=UTC), verb="Like"), Act(1, 7, datetime(2026, 3, 10, 9, tzinfo=UTC)))
>>> world = World(acts, (Human(1, 7, datetime(2026, 2, 1, tzinfo=UTC)),), {7: 7})
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[('', '', 'semi-active', 1, 1), ('channel', 'x', 'semi-active', 1, 1), ('did', 'Like Note', 'semi-active', 1, 1)]
"""

from collections import Counter
from datetime import timedelta

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Direction

from ._rungs import HEIGHT, NAMES, Reaching, past, past_acts, standing, standing_slowly
from .base import Params, Period, Row, World

BACK = timedelta(days=28)
TOP = max(HEIGHT.values())


def expression(tables: Tables, p: Params) -> ibis.Table:
    people = standing(tables, p)
    people = people.filter((people.before >= 0) & (people.before < TOP))
    people = people.select("person", "before", rose=ibis.ifelse(people.after > people.before, 1, 0).cast("int64"))
    things = ibis.union(
        _seen(past(tables, p), "actor", "did", tables, p),
        _seen(past(tables, p), "actor", "channel", tables, p),
        _seen(past(tables, p, Direction.OUT), "target", "us", tables, p),
        distinct=False,
    )
    met = things.inner_join(people, things.who == people.person)
    found = met.group_by("kind", "what", "before", "rose").agg(people=met.count())
    everybody = people.group_by("before", "rose").agg(people=people.count())
    whole = everybody.select(kind=ibis.literal(""), what=ibis.literal(""), before="before", rose="rose", people="people")
    rows = ibis.union(whole, found.select("kind", "what", "before", "rose", "people"), distinct=False)
    name = ibis.cases(*((rows.before == height, stage) for height, stage in NAMES.items()), else_="")
    return rows.select("kind", "what", name.name("stage"), "rose", "people")


def _seen(rows: ibis.Table, side: str, kind: str, tables: Tables, p: Params) -> ibis.Table:
    """(kind, what, who): what of this kind each person met with before the period."""
    rows = rows.filter((rows.us < p["first"]) & (rows.us >= p["first"] - p["back"]))
    what = rows.channel if kind == "channel" else rows.verb + " " + rows.object_type
    each = rows.select(handle=rows[side], what=what).distinct()
    owner = tables.handle.select(owned="key", who="person")
    owned = each.inner_join(owner, each.handle == owner.owned)
    return owned.select(kind=ibis.literal(kind), what="what", who="who").distinct()


def reference(world: World, period: Period) -> list[Row]:
    stood = {
        person: (before, int(after > before)) for person, (before, after) in standing_slowly(world, period).items() if 0 <= before < TOP
    }
    met = {("", "", person) for person in stood}
    owners = world.owners or {}
    for direction, side in ((Direction.IN, "actor"), (Direction.OUT, "target")):
        for act in past_acts(world, period, BACK, direction):
            person = owners.get(getattr(act, side))
            if person in stood and period.since - BACK <= act.happened_at < period.since:
                deed = f"{act.verb} {act.object_type}"
                met |= {("us", deed, person)} if side == "target" else {("did", deed, person), ("channel", act.channel, person)}
    counts = Counter((kind, what, *stood[person]) for kind, what, person in met)
    return [(kind, what, NAMES[before], rose, n) for (kind, what, before, rose), n in sorted(counts.items())]


metric = Reaching(
    "ladder_rises",
    "What goes before a rise",
    "people",
    "People known when the period began, by the rung they stood on, whether they stood higher when it ended, and what they did, where, and "
    "what we did to them within the 28 days before it began.",
    expression,
    reference,
    back=BACK,
)
