"""Questions in which engines are known to differ, each with the answer by plain Python. NULLs, money, ties, letters, old moments, lists."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ibis

from vincle.engines.base import Query, Tables

from .worlds import with_month

Rows = list[tuple[Any, ...]]
OLD = datetime(1912, 6, 23, 23, 59, 59, 500_000, tzinfo=UTC)
EVE = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, 30, 15, 250_000, tzinfo=UTC)
SHIFTY = "o'mail \\ \"\t\n{a:b} $x :y %s ?"
BLANK = {"connection": 1, "is_machine": False, "direction": "in", "channel": "x", "verb": "Create", "workspace": 1}
SAID: list[dict[str, Any]] = [
    {
        "actor": 1,
        "happened_at": OLD,
        "language": "ЖЁ日本é",
        "amount": Decimal("0.1000"),
        "rating": 2.5,
        "topics": ["a", "ж"],
        "target": 9,
        "aspect_scores": [-0.5, 0.25],
    },
    {"actor": 1, "happened_at": EVE, "language": None, "amount": Decimal("0.2000"), "rating": 3.5, "topics": [], "target": -7},
    {"actor": 2, "happened_at": NOON, "language": SHIFTY, "amount": None, "rating": None, "topics": None, "is_machine": None},
    {"actor": None, "happened_at": NOON, "language": "", "amount": Decimal("-99999999999999.9999"), "rating": -2.5, "topics": ["ж"]},
    {
        "actor": 3,
        "happened_at": NOON,
        "language": "straße",
        "amount": Decimal("7.0000"),
        "rating": 4.0,
        "topics": ["a"],
        "is_machine": True,
    },
]
ROWS = [{**BLANK, **row, "seq": seq, "event_id": bytes([seq, 0, 255]), "month": ""} for seq, row in enumerate(SAID, 1)]
NEIGHBOUR = {**ROWS[0], "workspace": 2, "seq": 99, "event_id": b"\x63", "actor": 1}
PEOPLE = [{"id": 1, "workspace": 1, "kind": "person", "is_identified": True, "known_since": OLD}]


def _nothing(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    none = rows.seq < 0
    return rows.aggregate(
        n=rows.count(where=none),
        total=rows.amount.sum(where=none),
        whole=rows.target.sum(where=none),
        first=rows.happened_at.min(where=none),
        second=rows.at.max(where=none),
        mean=rows.rating.mean(where=none),
        distinct=rows.actor.nunique(where=none),
    )


def _empty(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity.filter(t.activity.seq < 0)
    return rows.aggregate(n=rows.count(), total=rows.amount.sum(), first=rows.happened_at.min(), name=rows.channel.max())


def _unmatched(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    people = t.person.select("id", "kind", "is_identified", "known_since")
    joined = t.activity.left_join(people, t.activity.actor == people.id)
    return joined.select("seq", "kind", "is_identified", "known_since", is_nobody=joined.id.isnull())


def _logic(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    return rows.select(
        "seq",
        "is_machine",
        other=rows.language.notin(["", "straße"]),
        same=rows.language == p["text"],
        filled=rows.language.fill_null("-"),
        none=rows.language.nullif(""),
        either=rows.is_machine | (rows.actor == 2),
    )


def _filtered(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    return rows.filter(rows.language.notin(["", p["text"]]), rows.actor != p["actor"]).select("seq")


def _text(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    s = t.activity.language
    return t.activity.select(
        "seq",
        length=s.length(),
        lower=s.lower(),
        second=s.substr(1, 2),
        last=s.right(2),
        back=s.reverse(),
        begins=s.startswith("ЖЁ"),
        has=s.contains("本"),
        place=s.find("本"),
        joined=s + "é",
    )


def _money(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity.filter(t.activity.seq != 4)
    every = t.activity
    small = rows.aggregate(kind=ibis.literal("small"), total=rows.amount.sum(), least=rows.amount.min(), many=(rows.amount > 1).sum())
    return small.union(
        every.aggregate(
            kind=ibis.literal("every"), total=every.amount.sum(), least=every.amount.min(), many=(every.amount.fill_null(0) > 1).sum()
        )
    )


def _moments(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows, at = t.activity, t.activity.happened_at
    return rows.select(
        "seq", "happened_at", "at", day=rows.at // 86_400, year=at.year(), month_=at.month(), dom=at.day(), hour=at.hour(),
        minute=at.minute(), second=at.second(), weekday=at.day_of_week.index(), date=at.date(),
    )  # fmt: skip


def _starts(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    at = t.activity.happened_at
    return t.activity.select(
        "seq", **{unit.lower() + "_": at.truncate(unit).cast("timestamp('UTC')") for unit in ("h", "D", "W", "M", "Y")}
    )


def _lists(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    return rows.select("seq", "topics", n=rows.topics.length(), has=rows.topics.contains(p["topic"]))


def _scores(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    each = rows.select(score=rows.aspect_scores.unnest())
    return each.aggregate(n=each.count(), total=each.score.sum(), least=each.score.min())


def _unnested(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    each = t.activity.select("actor", topic=t.activity.topics.unnest())
    return each.group_by("topic").agg(n=each.count(), people=each.actor.nunique())


def _ties(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    counts = rows.group_by("actor").agg(n=rows.count())
    ranked = counts.mutate(place=ibis.row_number().over(order_by=[counts.n.desc(), counts.actor.asc()]))
    return ranked.order_by(ranked.n.desc(), ranked.actor).limit(3)


def _running(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    window = ibis.window(group_by="actor", order_by="seq", preceding=None, following=0)
    return rows.select("seq", total=rows.seq.sum().over(window), before=rows.seq.lag().over(ibis.window(group_by="actor", order_by="seq")))


def _numbers(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    return rows.select(
        "seq", down=rows.target // 2, rest=rows.seq % 3, whole=rows.rating.round(), quotient=rows.seq / 4, size=rows.target.abs()
    )


def _statistics(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    alone = rows.rating.std(where=rows.seq == 1)
    return rows.aggregate(median=rows.rating.median(), quarter=rows.rating.quantile(0.25), mean=rows.rating.mean(), alone=alone)


def _flags(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = t.activity
    return rows.group_by("is_machine").agg(
        n=rows.count(), machines=rows.is_machine.sum(), any_=(rows.seq > 4).any(), all_=(rows.seq > 0).all()
    )


def _columns(t: Tables, p: Mapping[str, Any]) -> ibis.Table:
    return t.activity.select("seq", "event_id", "actor", "amount", "rating", "reaction")


def _day(moment: datetime) -> tuple[Any, ...]:
    seconds = int((moment.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return (moment, seconds, seconds // 86_400, *parts, moment.weekday(), moment.date())


def _begins(moment: datetime) -> tuple[datetime, ...]:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = datetime.fromordinal(day.toordinal() - day.weekday()).replace(tzinfo=UTC)
    return (moment.replace(minute=0, second=0, microsecond=0), day, monday, day.replace(day=1), day.replace(month=1, day=1))


def _texts(text: str | None) -> tuple[Any, ...]:
    if text is None:
        return (None,) * 9
    return (len(text), text.lower(), text[1:3], text[-2:], text[::-1], text.startswith("ЖЁ"), "本" in text, text.find("本"), text + "é")


_LANGUAGES = [row["language"] for row in SAID]
_TOPICS = [row["topics"] or [] for row in SAID]
# By name: the expression, the values, the answer.
QUESTIONS: dict[str, tuple[Callable[[Tables, Mapping[str, Any]], ibis.Table], dict[str, int | str], Rows]] = {
    "aggregates of nothing": (_nothing, {}, [(0, None, None, None, None, None, 0)]),
    "no rows": (_empty, {}, [(0, None, None, None)]),
    "rows without a match": (
        _unmatched,
        {},
        [(n, "person", True, OLD, False) for n in (1, 2)] + [(n, None, None, None, True) for n in (3, 4, 5)],
    ),
    "logic with NULL": (
        _logic,
        {"text": SHIFTY},
        [
            (1, False, True, False, "ЖЁ日本é", "ЖЁ日本é", False),
            (2, False, None, None, "-", None, False),
            (3, None, True, True, SHIFTY, SHIFTY, True),
            (4, False, False, False, "", None, None),
            (5, True, False, False, "straße", "straße", True),
        ],
    ),
    "filters and NULL": (_filtered, {"text": SHIFTY, "actor": 1}, [(5,)]),
    "letters": (_text, {}, [(seq, *_texts(text)) for seq, text in enumerate(_LANGUAGES, 1)]),
    "money": (
        _money,
        {},
        [
            ("small", Decimal("7.3000"), Decimal("0.1000"), 1),
            ("every", Decimal("-99999999999992.6999"), Decimal("-99999999999999.9999"), 1),
        ],
    ),
    "moments": (_moments, {}, [(seq, *_day(row["happened_at"])) for seq, row in enumerate(SAID, 1)]),
    "beginnings": (_starts, {}, [(seq, *_begins(row["happened_at"])) for seq, row in enumerate(SAID, 1)]),
    "lists": (_lists, {"topic": "ж"}, [(seq, topics, len(topics), "ж" in topics) for seq, topics in enumerate(_TOPICS, 1)]),
    "lists of numbers": (_scores, {}, [(2, -0.25, -0.5)]),
    "labels": (_unnested, {}, [("a", 2, 2), ("ж", 2, 1)]),
    "ties": (_ties, {}, [(1, 2, 0), (2, 1, 1), (3, 1, 2)]),
    "running": (_running, {}, [(1, 1, None), (2, 3, 1), (3, 3, None), (4, 4, None), (5, 5, None)]),
    "numbers": (
        _numbers,
        {},
        [
            (1, 4, 1, 3, 0.25, 9),
            (2, -4, 2, 4, 0.5, 7),
            (3, None, 0, None, 0.75, None),
            (4, None, 1, -3, 1.0, None),
            (5, None, 2, 4, 1.25, None),
        ],
    ),
    "statistics": (_statistics, {}, [(3.0, 1.25, 1.875, None)]),
    "flags": (_flags, {}, [(False, 3, 0, False, True), (None, 1, None, False, True), (True, 1, 1, True, True)]),
    "columns": (
        _columns,
        {},
        [(row["seq"], row["event_id"], row["actor"], row["amount"], row["rating"], None) for row in ROWS],
    ),
}
LOG = with_month([*ROWS, NEIGHBOUR])


def question(name: str) -> Query:
    build, values, _ = QUESTIONS[name]
    return Query(name, build, values)


def ordered(rows: Rows) -> Rows:
    """In one order, whatever they hold."""
    return sorted(rows, key=lambda row: [(value is not None, str(value)) for value in row])
