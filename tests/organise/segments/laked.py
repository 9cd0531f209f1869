"""A crowd whose acts lie in the open table, with rows among them that are nobody's acts; and the same crowd as a frame."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import ibis
import pyarrow as pa

from vincle.engines.base import Query, Tables
from vincle.engines.table import ACTIVITY, HANDLE, PERSON, OpenTable, months
from vincle.organise.segments.behaviour import expression
from vincle.organise.segments.frame import Now
from vincle.organise.segments.predicate import Act, Behaviour, Did, Sequence, Window

from .plain import Done, Someone
from .strategies import NOON, OBJECTS, VERBS, WORDS

OURS, THEIRS = 21, 22
BLANK = dict.fromkeys(ACTIVITY.names) | {"workspace": OURS, "is_machine": False, "month": "", "channel": "", "parent_key": ""}


def crowd(seed: int = 1, people: int = 40) -> list[Someone]:
    """As `strategies.people`, but each act has one channel and one thread at most, as rows have."""
    chance = Random(seed)
    return [Someone(place * 7919, acts=tuple(_done(chance) for _ in range(chance.randrange(9)))) for place in range(1, people + 1)]


def _done(chance: Random) -> Done:
    labels = {(name, chance.choice(WORDS[name])) for name in ("channel", "thread") if chance.random() < 0.7}
    return Done(
        at=NOON + timedelta(hours=12 * chance.randrange(-100, 13), microseconds=chance.choice((0, 0, 0, -1, 1))),
        verb=chance.choice(VERBS),
        object_type=chance.choice(OBJECTS),
        by=chance.choice(("them", "them", "them", "us")),
        is_reply=chance.random() < 0.5,
        sentiment=chance.choice(("", "negative", "neutral", "positive")),
        amount=chance.choice((None, chance.randrange(-4, 41) / 4, chance.randrange(400) / 10)),
        rating=chance.choice((None, 0.0, 0.5, 1.0)),
        labels=frozenset(labels | {("product", name) for name in WORDS["product"] if chance.random() < 0.4}),
    )


def fill(tables: dict[str, OpenTable], people: list[Someone]) -> None:
    """Each person has two handles, which do things by turns. Also there: a machine, stated facts, strangers, and the neighbours' rows."""
    rows = [_row(person, act, place) for person in people for place, act in enumerate(person.acts)]
    rows += [{**row, "is_machine": True} for row in rows[:20]]
    rows += [{**row, "object_type": kind} for row in rows[:20] for kind in ("Profile", "Unknown")]
    rows += [{**row, "direction": "in" if row["direction"] == "out" else "out"} for row in rows[:20]]
    rows += [{**row, "workspace": THEIRS} for row in rows[:20]]
    rows += [{**row, "actor": None, "target": None} for row in rows[:5]] + [{**row, "actor": 5, "target": 5} for row in rows[:5]]
    found = [{**row, "seq": seq, "event_id": b"crowd" + seq.to_bytes(8, "big")} for seq, row in enumerate(rows, 1)]
    acts = pa.Table.from_pylist(found, ACTIVITY)
    acts = acts.set_column(ACTIVITY.get_field_index("month"), "month", months(acts["happened_at"]))
    tables["activity"].append(acts, "crowd", 1)
    handles = [{"key": key, "workspace": OURS, "kind": "x", "person": person.id} for person in people for key in _handles(person)]
    handles += [{**handle, "workspace": THEIRS, "person": handle["person"] + 1} for handle in handles]
    tables["handle"].append(pa.Table.from_pylist(handles, HANDLE), "crowd", 1)
    known = [{"id": person.id, "workspace": OURS, "kind": "person", "is_identified": True, "known_since": NOON} for person in people]
    tables["person"].append(pa.Table.from_pylist([*known, {**known[0], "id": 4, "workspace": THEIRS}], PERSON), "crowd", 1)


def _handles(person: Someone) -> tuple[int, int]:
    return person.id * 2, person.id * 2 + 1


def _row(person: Someone, act: Done, place: int) -> dict[str, Any]:
    handle, at = _handles(person)[place % 2], act.at
    one = {name: text for name, text in act.labels if name != "product"}
    return BLANK | {
        "actor": handle if act.by == "them" else 5, "target": handle if act.by == "us" else 5,
        "direction": "out" if act.by == "us" else "in",
        "happened_at": at, "observed_at": at, "received_at": at, "verb": act.verb, "object_type": act.object_type,
        "parent_key": "p" if act.is_reply else "", "sentiment": act.sentiment,
        "amount": None if act.amount is None else Decimal(f"{act.amount:.4f}"), "rating": None if act.rating is None else act.rating * 5,
        "rating_max": 5.0, "channel": one.get("channel", ""), "thread_key": one.get("thread", ""),
        "products": [text for name, text in sorted(act.labels) if name == "product"] or None,
    }  # fmt: skip


CLAUSES: list[Behaviour] = [
    Did(Act(verb=("Purchase", "View"), channel=("shop",)), least=2, window=Window(days=30)),
    Did(Act(product=("Café", "none"), sentiment=("negative", "positive")), most=1, least=None, window=Window(since="month")),
    Did(Act(amount=(1, 8.5)), "sum", least=5.25, most=20),
    Did(Act(is_reply=True), "mean", least=3),
    Did(Act(by="us"), "largest", most=8),
    Did(Act(), "kinds", least=2, of="product", window=Window(first=date(2026, 3, 20), last=date(2026, 3, 31))),
    Did(Act(rating=(0.5, None)), "first", least=7),
    Did(Act(), "last", most=2.5),
    Sequence((Act(verb=("Create",)), Act(by="us"), Act(channel=("web",))), 30),
    Sequence((Act(verb=("Create",)), Act(verb=("Purchase",))), 7, Window(days=60), missing=True),
]
"""One of each kind, for an engine that takes seconds for each question."""


def together(now: Now) -> Query:
    """All of `CLAUSES` in one question: (clause, person)."""
    asked = [expression(clause, now) for clause in CLAUSES]

    def build(tables: Tables, p: Mapping[str, Any]) -> ibis.Table:
        parts = []
        for place, query in enumerate(asked):
            own = {name.partition("_")[2]: mark for name, mark in p.items() if name.startswith(f"c{place}_")}
            parts.append(query.build(tables, own).mutate(clause=ibis.literal(place, "int64")))
        return ibis.union(*parts, distinct=False)

    return Query("clauses", build, {f"c{place}_{name}": value for place, query in enumerate(asked) for name, value in query.values.items()})
