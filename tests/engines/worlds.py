"""Logs with people to ask about: put into a lake, and answers in one form, whatever engine gave them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from vincle.analyse.metrics.base import Act, Human, Metric, Period, World
from vincle.analyse.metrics.people_by_window import windowed
from vincle.analyse.metrics.registry import metrics
from vincle.engines.base import Engine
from vincle.engines.table import ACTIVITY, HANDLE, MATCH, PERSON, lake, months
from vincle.vocabulary import ObjectType, Verb

MARCH = Period(date(2026, 3, 1), date(2026, 4, 9), "Europe/Madrid")
OURS, THEIRS = 1, 2
_TURNS = (MARCH.since, MARCH.until, datetime(2026, 3, 29, 1, tzinfo=UTC))
EDGES = [edge + timedelta(seconds=shift) for edge in _TURNS for shift in (-1, 0, 1)]
KEYS = {OURS: [100, 101, 102, 103, 200, 201, 300, 301, None], THEIRS: [104, 105, 202, 302, None]}
OWNERS = {person: person for person in range(100, 106)} | {200: 100, 201: 100, 202: 104}
PROPS = [
    "", "{}", '{"utm_medium":"CPC"}', '{"utm_medium": "paid-social"}', '{"utm_medium":"cpcs"}',
    '{"utm_medium":"cpc","utm_source":"Gö\\"o","utm_campaign": "a > b"}',
    '{"utm_source":"x\\u00e9\\\\","utm_campaign":""}',
]  # fmt: skip
CHANNELS = ["x", "shop", "почта", "店 “ö”", "o'mail \\ \"\t\n{a:b}", "ÇA"]


def fill(folder: Path, world: World) -> None:
    tables = lake(folder)
    for table in tables.values():
        table.ensure("test")
    blank = dict.fromkeys(ACTIVITY.names)
    rows = [
        {**blank, **act._asdict(), "seq": act.seq or place, "event_id": place.to_bytes(16, "big"), "month": ""}
        for place, act in enumerate(world.acts)
    ]
    tables["activity"].append(with_month(rows), "test", len(rows))
    owners = [{"key": key, "workspace": person.workspace, "kind": "x", "person": person.id} for key, person in owned(world)]
    tables["handle"].append(pa.Table.from_pylist(owners, HANDLE), "test", 1)
    people = [{**human._asdict(), "kind": "person"} for human in world.people]
    tables["person"].append(pa.Table.from_pylist(people, PERSON), "test", 1)
    tables["match"].append(_matches(world), "test", 1)


def _matches(world: World) -> pa.Table:
    acts = {act.seq: act for act in world.acts}
    rows = [
        {"id": place, "listening": listening, "workspace": acts[seq].workspace, "seq": seq, "event_id": b"", "month": "",
         "happened_at": acts[seq].happened_at}
        for place, (listening, seq) in enumerate(sorted(world.matches))
    ]  # fmt: skip
    found = pa.Table.from_pylist(rows, MATCH)
    return found.set_column(MATCH.get_field_index("month"), "month", months(found["happened_at"]))


def with_month(rows: list[dict[str, Any]]) -> pa.Table:
    acts = pa.Table.from_pylist(rows, ACTIVITY)
    return acts.set_column(ACTIVITY.get_field_index("month"), "month", months(acts["happened_at"]))


def owned(world: World) -> list[tuple[int, Human]]:
    people = {human.id: human for human in world.people}
    return [(key, people[person]) for key, person in (world.owners or {}).items()]


def only(world: World, workspace: int) -> World:
    people = tuple(human for human in world.people if human.workspace == workspace)
    ids = {human.id for human in people}
    owners = {key: person for key, person in (world.owners or {}).items() if person in ids}
    acts = tuple(act for act in world.acts if act.workspace == workspace)
    theirs = {act.seq for act in acts}
    return World(acts, people, owners, frozenset(match for match in world.matches if match[1] in theirs))


def answer(engine: Engine, metric: Metric, period: Period, workspace: int) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in engine.run(metric.query(period), workspace).to_pylist()]


def as_set(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """In one order; a whole number that comes as a decimal is not the same."""
    return sorted((tuple(("money", value) if isinstance(value, Decimal) else value for value in row) for row in rows), key=str)


def compare(
    engine: Engine,
    world: World,
    channel: str,
    asked: Sequence[Metric] = (),
    workspaces: Sequence[int] = (OURS, THEIRS),
    listening: int = 0,
) -> None:
    """Metrics (all, unless named) against their slow twins: engines that agree with those agree with each other."""
    period = replace(MARCH, channel=channel, listening=listening)
    for metric in asked or (*metrics().values(), windowed(28)):
        for workspace in workspaces:
            expected = as_set(metric.reference(only(world, workspace), period))
            assert as_set(answer(engine, metric, period, workspace)) == expected, metric.id


def large_world(seed: int, acts: int = 600) -> World:
    """As it may come: two workspaces, handles of nobody, rows without an actor, moments at the edges and before 1970, ties."""
    chance = Random(seed)

    def moment() -> datetime:
        spread = timedelta(days=40_000 if chance.random() < 0.02 else 50)
        near = datetime(2026, 4, 14, tzinfo=UTC) - timedelta(seconds=chance.randrange(int(spread.total_seconds())))
        return chance.choice([*EDGES, *[near + timedelta(microseconds=chance.randrange(1_000_000))] * 18])

    def one(place: int) -> Act:
        where = chance.choice([OURS, OURS, OURS, THEIRS])
        aspects = tuple(chance.sample(["staff", "coffee", "delivery", "price"], chance.choice([0, 0, 1, 2])))
        return Act(
            where,
            chance.choice(KEYS[where]),
            moment(),
            channel=chance.choice(CHANNELS),
            verb=chance.choice([verb.value for verb in Verb] + ["Create", "Purchase", "Refund", "Like", "Submit"] * 4),
            object_type=chance.choice([kind.value for kind in ObjectType] + ["Note"] * 6 + ["Form", "Answer"] * 2),
            parent_key=chance.choice(["", "p", "é"]),
            direction=chance.choice(["in", "in", "in", "out"]),
            is_machine=chance.random() < 0.2,
            amount=chance.choice([None, Decimal(chance.randrange(-10_000, 9_999_999)).scaleb(-4)]),
            currency=chance.choice(["EUR", "USD", ""]),
            thread_key=chance.choice(["", "t1", "t2"]),
            reaction=chance.choice(["", "", "love", "angry"]),
            language=chance.choice(["", "ca", "es", "en"]),
            sentiment=chance.choice(["", "negative", "neutral", "positive"]),
            sentiment_score=chance.choice([None, -0.75, 0.0, 0.5]),
            intents=tuple(chance.sample(["question", "complaint", "praise"], chance.choice([0, 0, 1, 2]))),
            topics=tuple(chance.sample(["staff", "coffee", "ж"], chance.choice([0, 1, 2]))),
            sites=tuple(chance.sample(["roast.example", "news.example"], chance.choice([0, 0, 1, 2]))),
            terms=tuple(chance.sample(["oat milk", "cafè", "queue"], chance.choice([0, 1, 3]))),
            aspects=aspects,
            aspect_scores=tuple(chance.choice([-0.5, 0.0, 0.25]) for _ in aspects),
            emotions=tuple(chance.sample(["joy", "anger"], chance.choice([0, 1]))),
            hashtags=tuple(chance.sample(["bcn", "cafè"], chance.choice([0, 1]))),
            country=chance.choice(["", "ES", "IT"]),
            place=chance.choice(["", "Girona"]),
            seq=place,
            target=chance.choice(KEYS[where]),
            rating=chance.choice([None, 0.0, 3.0, 4.5]),
            rating_max=chance.choice([None, 0.0, 5.0, 10.0]),
            products=tuple(chance.sample(["TIN", "cafè \"ö\"", "x"], chance.choice([0, 0, 1, 2]))),
            props=chance.choice(PROPS),
            object_key=chance.choice(["", "o1", "o2", "ö"]),
            campaign_key=chance.choice(["", "", "may"]),
        )

    people = tuple(Human(OURS if n < 4 else THEIRS, 100 + n, moment(), chance.random() < 0.5) for n in range(6))
    matches = frozenset((listening, place) for place in range(1, acts + 1) for listening in (1, 2) if chance.random() < 0.4)
    return World(tuple(one(place) for place in range(1, acts + 1)), people, OWNERS, matches)
