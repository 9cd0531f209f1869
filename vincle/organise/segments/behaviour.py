"""What people did, asked of the lake: a clause about acts as one question to the analysis engine; the answer is that of `truth()`.

Bounds of time are values of the question, so that asking again later is the same question; so are texts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any, Final

import ibis

from vincle.engines.base import Query, Tables, Value
from vincle.engines.micros import micros
from vincle.vocabulary import Direction

from .frame import Now
from .labels import MANY, NOT_ACTS, ONE
from .predicate import Act, Behaviour, Did, Sequence
from .windows import length, span

Params = Mapping[str, Any]
_PLAIN: Final = {"verb": "verb", "object_type": "object_type", "sentiment": "sentiment", **ONE}
_BY: Final = {"them": ("actor", Direction.IN.value), "us": ("target", Direction.OUT.value)}
_FIRST, _LAST = "", "9999-12"


@dataclass(frozen=True)
class Question:
    """A question whose answer is one column `person`: those for whom the clause holds or, where `is_inverted`, those for whom it does not.

    Inverted where the clause holds for whoever did nothing: then only people with acts can miss it, and they are the ones that are named.
    """

    query: Query
    is_inverted: bool


def question(clause: Behaviour, now: Now) -> Question:
    """The quickest question about this clause, as of `now`; needs no list of all people."""
    inverted = holds_of_nothing(clause)
    named = _Named(clause, not inverted)
    return Question(Query(named, named, _values(clause, now)), inverted)


def expression(clause: Behaviour, now: Now) -> Query:
    """One column `person`: everybody in the lake for whom the clause holds as of `now`."""
    asked = question(clause, now)
    if not asked.is_inverted:
        return asked.query

    others = _Others(clause)
    return Query(others, others, asked.query.values)


@dataclass(frozen=True)
class _Named:
    """Builds the question who the people with such acts are for whom the clause holds, or does not. Equal ones are compiled once."""

    clause: Behaviour
    holding: bool

    def __call__(self, tables: Tables, p: Params) -> ibis.Table:
        return _named(self.clause, tables, p, self.holding)


@dataclass(frozen=True)
class _Others:
    """Everybody but those for whom it does not hold."""

    clause: Behaviour

    def __call__(self, tables: Tables, p: Params) -> ibis.Table:
        people = tables.person.select(person="id").distinct()
        missing = _named(self.clause, tables, p, holding=False).select(missing="person")
        joined = people.left_join(missing, people.person == missing.missing)
        return joined.filter(joined.missing.isnull()).select("person")


def holds_of_nothing(clause: Behaviour) -> bool:
    """Whether it holds for someone without any such act."""
    return isinstance(clause, Did) and clause.measure in ("count", "sum", "kinds") and _is_within(0, clause)


def _is_within(value: float, clause: Did) -> bool:
    return (clause.least is None or value >= clause.least) and (clause.most is None or value <= clause.most)


def _values(clause: Behaviour, now: Now) -> dict[str, Value]:
    """Bounds of the window in microseconds, the months they lie in, now, and every text that is asked for."""
    found = span(clause.window, now)
    texts = {f"text{place}": text for place, text in enumerate(_texts(clause))}
    end = found.end if isinstance(clause, Did) else now.micros + 1
    return {"begin": found.begin, "end": found.end, "now": now.micros, "month0": _month(found.begin), "month1": _month(end), **texts}


def _month(at: int) -> str:
    """The folder of the lake that a moment belongs to; before and after all of them where no calendar reaches."""
    try:
        return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at):%Y-%m}"
    except OverflowError:
        return _FIRST if at < 0 else _LAST


def _texts(clause: Behaviour) -> Iterator[str]:
    """In the order in which `_asked` comes by them."""
    for act in (clause.act,) if isinstance(clause, Did) else clause.acts:
        for name in (*_PLAIN, *MANY):
            yield from getattr(act, name)


def _named(clause: Behaviour, tables: Tables, p: Params, holding: bool) -> ibis.Table:
    if isinstance(clause, Sequence):
        return _followed(clause, tables, p)
    people = _measured(clause, tables, p)
    value = _value(clause, people, p)
    in_time = clause.measure in ("first", "last")
    bounds = [None if bound is None else length(bound) if in_time else float(bound) for bound in (clause.least, clause.most)]
    within = reduce(and_, _within(value, bounds), value.notnull())
    return people.filter(within if holding else ~within).select("person")


def _measured(clause: Did, tables: Tables, p: Params) -> ibis.Table:
    """A row for each person with such acts, with what the measure needs. Counted by handle first: of those there are fewer than acts."""
    who, _ = _BY[clause.act.by]
    rows = _between(tables, p, clause.act.by)
    rows = rows.filter(rows.us >= p["begin"], rows.us < p["end"], *_asked(clause.act, rows, iter(_marks(p))))
    if clause.measure == "kinds":
        return _kinds(clause.of, rows, tables, who)
    if clause.measure in ("mean", "largest"):
        rows = rows.filter(rows.amount.notnull())
    by_handle = rows.group_by(handle=rows[who])
    if clause.measure in ("first", "last"):
        each = by_handle.agg(first=rows.us.min(), last=rows.us.max())
        owned = _owned(each, tables)
        return owned.group_by("person").agg(first=owned["first"].min(), last=owned["last"].max())
    if clause.measure == "count":
        owned = _owned(by_handle.agg(n=rows.count()), tables)
        return owned.group_by("person").agg(n=owned.n.sum())
    each = by_handle.agg(n=rows.amount.count(), total=rows.amount.sum(), largest=rows.amount.max())
    owned = _owned(each, tables)
    return owned.group_by("person").agg(n=owned.n.sum(), total=owned.total.sum(), largest=owned.largest.max())


def _kinds(of: str, rows: ibis.Table, tables: Tables, who: str) -> ibis.Table:
    if of in MANY:
        each = rows.select(handle=rows[who], label=rows[MANY[of]].unnest())
    else:
        each = rows.select(handle=rows[who], label=rows[_PLAIN[of]])
    owned = _owned(each.distinct(), tables)
    return owned.group_by("person").agg(n=owned.label.nunique(where=owned.label != ""))


def _value(clause: Did, people: ibis.Table, p: Params) -> ibis.Value:
    match clause.measure:
        case "count" | "kinds":
            return people.n.cast("float64")
        case "sum":
            return people.total.cast("float64").fill_null(0.0)
        case "mean":
            return people.total.cast("float64") / people.n.cast("float64")
        case "largest":
            return people.largest.cast("float64")
        case _:
            return p["now"] - people[clause.measure]


def _followed(clause: Sequence, tables: Tables, p: Params) -> ibis.Table:
    """By person the moments at which a step was done; from the last step backwards, when the steps after a moment are done soonest."""
    moments = _moments(clause, tables, p)
    last = len(clause.acts) - 1
    moments = _chained(moments, last, "all")
    moments = _chained(moments, last - 1, "but") if clause.missing else moments
    begun = moments.filter(moments.step0 == 1, moments.us >= p["begin"], moments.us < p["end"])
    in_time = length(clause.days)
    done = begun.all0.notnull() & (begun.all0 - begun.us <= in_time)
    if clause.missing:
        done = ~(done.fill_null(False)) & (begun.but0 - begun.us <= in_time) & (p["now"] - begun.us >= in_time)
    return begun.filter(done).select("person").distinct()


def _chained(moments: ibis.Table, last: int, name: str) -> ibis.Table:
    """Columns name0 .. name<last>: of a moment at which step i was done, when step `last` is reached soonest; NULL: never."""
    later = ibis.window(group_by="person", order_by=ibis.desc("us"), preceding=(None, 1))
    none = ibis.null("int64")
    moments = moments.mutate(**{f"{name}{last}": ibis.ifelse(moments[f"step{last}"] == 1, moments.us, none)})
    for step in range(last - 1, -1, -1):
        soonest = moments.mutate(soonest=moments[f"{name}{step + 1}"].min().over(later))
        reached = ibis.ifelse(soonest[f"step{step}"] == 1, soonest.soonest, none)
        moments = soonest.mutate(**{f"{name}{step}": reached}).drop("soonest")
    return moments


def _moments(clause: Sequence, tables: Tables, p: Params) -> ibis.Table:
    """(person, us, step0 ..): 1 where the step was done at that moment, else 0."""
    marks, wanted = iter(_marks(p)), list[tuple[Act, list[ibis.Value]]]()
    sides = {by: _between(tables, p, by) for by in dict.fromkeys(act.by for act in clause.acts)}
    sides = {by: rows.filter(rows.us >= p["begin"], rows.us <= p["now"]) for by, rows in sides.items()}
    wanted = [(act, _asked(act, sides[act.by], marks)) for act in clause.acts]
    found = []
    for by, rows in sides.items():
        done = [reduce(and_, asked, ibis.literal(True)) if act.by == by else ibis.literal(False) for act, asked in wanted]
        steps = {f"step{place}": ibis.ifelse(each, 1, 0).cast("int64") for place, each in enumerate(done)}
        meant = rows.filter(reduce(or_, [each for (act, _), each in zip(wanted, done, strict=True) if act.by == by]))
        found.append(meant.select(handle=rows[_BY[by][0]], us="us", **steps))
    owned = _owned(found[0] if len(found) == 1 else ibis.union(*found, distinct=False), tables)
    return owned.group_by("person", "us").agg(**{f"step{place}": owned[f"step{place}"].max() for place in range(len(clause.acts))})


def _marks(p: Params) -> list[Any]:
    return [p[f"text{place}"] for place in range(sum(name.startswith("text") for name in p))]


def _between(tables: Tables, p: Params, by: str) -> ibis.Table:
    """Acts that stand, theirs or ours, of the months that may matter, with the microsecond `us` of each."""
    table = tables.activity
    who, direction = _BY[by]
    kept = table.filter(
        table.month.between(p["month0"], p["month1"]),
        table.direction == direction,
        ~table.is_machine,
        table.object_type.notin(NOT_ACTS),
        table[who].notnull(),
    )
    return kept.mutate(us=micros(kept.happened_at))


def _asked(act: Act, rows: ibis.Table, marks: Iterator[Any]) -> list[ibis.Value]:
    """What is asked of an act, by field; texts are taken from `marks`."""
    found: list[ibis.Value] = []
    for name, column in _PLAIN.items():
        if texts := [next(marks) for _ in getattr(act, name)]:
            found.append(reduce(or_, (rows[column] == text for text in texts)))
    for name, column in MANY.items():
        if texts := [next(marks) for _ in getattr(act, name)]:
            found.append(reduce(or_, (rows[column].contains(text) for text in texts)))
    if act.is_reply is not None:
        is_reply = rows.parent_key.fill_null("") != ""
        found.append(is_reply if act.is_reply else ~is_reply)
    found += _within(rows.amount.cast("float64"), map(_number, act.amount))
    highest = ibis.ifelse(rows.rating_max > 0, rows.rating_max, ibis.null("float64"))
    return found + _within(rows.rating / highest, map(_number, act.rating))


def _within(value: ibis.Value, bounds: Iterable[float | None]) -> list[ibis.Value]:
    least, most = bounds
    found = [] if least is None else [value >= ibis.literal(least)]
    return found if most is None else [*found, value <= ibis.literal(most)]


def _number(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _owned(rows: ibis.Table, tables: Tables) -> ibis.Table:
    """With the person each handle is known to be; rows of nobody's handles go."""
    owner = tables.handle.select(owned="key", person="person")
    return rows.inner_join(owner, rows.handle == owner.owned).drop("owned")
