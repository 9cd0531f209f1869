"""Laws of every metric: defined, true over nothing, true for one workspace alone, equal to its slow twin."""

import doctest
import importlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vincle.analyse.metrics.base import Act, Human, Metric, Period, World
from vincle.analyse.metrics.people_by_window import windowed
from vincle.analyse.metrics.registry import metrics
from vincle.engines.base import Engine, Options
from vincle.engines.registry import names, open_engine
from vincle.engines.table import ACTIVITY, HANDLE, PERSON, lake, months
from vincle.vocabulary import ObjectType, Stage, Verb

EVERY = pytest.mark.parametrize("metric", list(metrics().values()), ids=list(metrics()))
ENGINES = pytest.mark.parametrize("engine_name", names())
MARCH = Period(date(2026, 3, 1), date(2026, 4, 9), "Europe/Madrid")
MONEY = {"EUR", "USD", ""}
OURS, THEIRS = 1, 2


def fill(folder: Path, world: World) -> None:
    tables = lake(folder)
    for table in tables.values():
        table.ensure()
    blank = dict.fromkeys(ACTIVITY.names)
    rows = [{**blank, **act._asdict(), "seq": seq, "event_id": seq.to_bytes(16, "big"), "month": ""} for seq, act in enumerate(world.acts)]
    acts = pa.Table.from_pylist(rows, ACTIVITY)
    acts = acts.set_column(ACTIVITY.get_field_index("month"), "month", months(acts["happened_at"]))
    tables["activity"].append(acts, "test", len(rows))
    owners = [{"key": key, "workspace": person.workspace, "kind": "x", "person": person.id} for key, person in owned(world)]
    tables["handle"].append(pa.Table.from_pylist(owners, HANDLE), "test", 1)
    people = [{**human._asdict(), "kind": "person"} for human in world.people]
    tables["person"].append(pa.Table.from_pylist(people, PERSON), "test", 1)


def owned(world: World) -> list[tuple[int, Human]]:
    people = {human.id: human for human in world.people}
    return [(key, people[person]) for key, person in (world.owners or {}).items()]


def only(world: World, workspace: int) -> World:
    people = tuple(human for human in world.people if human.workspace == workspace)
    ids = {human.id for human in people}
    owners = {key: person for key, person in (world.owners or {}).items() if person in ids}
    return World(tuple(act for act in world.acts if act.workspace == workspace), people, owners)


def answer(engine: Engine, metric: Metric, period: Period, workspace: int) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in engine.run(metric.query(period), workspace).to_pylist()]


def as_set(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """In one order; a whole number that comes as a decimal is not the same."""
    return sorted((tuple(("money", value) if isinstance(value, Decimal) else value for value in row) for row in rows), key=str)


def moments() -> st.SearchStrategy[datetime]:
    near = st.datetimes(datetime(2026, 2, 26), datetime(2026, 4, 12)).map(lambda moment: moment.replace(tzinfo=UTC))
    edges = [
        edge + timedelta(seconds=shift) for edge in (MARCH.since, MARCH.until, datetime(2026, 3, 29, 1, tzinfo=UTC)) for shift in (-1, 0, 1)
    ]
    return near | st.sampled_from(edges)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two workspaces whose handles share no key, as theirs never do; a few handles of each are nobody's yet."""
    people = [Human(OURS if n < 4 else THEIRS, 100 + n, draw(moments()), draw(st.booleans())) for n in range(6)]
    owners = {person: person for person in range(100, 106)} | {200: 100, 201: 100, 202: 104}
    keys = {OURS: [100, 101, 102, 103, 200, 201, 300, 301, None], THEIRS: [104, 105, 202, 302, None]}
    workspace = draw(st.sampled_from([OURS, OURS, THEIRS]))
    one = st.builds(
        lambda where, pick, **fields: Act(workspace=where, actor=keys[where][pick % len(keys[where])], **fields),
        st.sampled_from([OURS, OURS, OURS, workspace]),
        st.integers(0, 8),
        happened_at=moments(),
        channel=st.sampled_from(["x", "shop", "mail"]),
        verb=st.sampled_from([verb.value for verb in Verb]) | st.sampled_from(["Create", "Purchase", "Refund", "Like"]),
        object_type=st.sampled_from([kind.value for kind in ObjectType]),
        parent_key=st.sampled_from(["", "p"]),
        direction=st.sampled_from(["in", "in", "in", "out"]),
        is_machine=st.sampled_from([False, False, False, True]),
        amount=st.none() | st.decimals(0, 500, places=2),
        currency=st.sampled_from(sorted(MONEY)),
    )
    return World(tuple(draw(st.lists(one, max_size=40))), tuple(people), owners)


@EVERY
def test_it_says_what_it_counts(metric: Metric) -> None:
    assert metric.id
    assert metric.name
    assert metric.unit
    assert len(metric.definition) > 30
    assert metric.definition.endswith(".")


@EVERY
def test_its_example_is_true(metric: Metric) -> None:
    module = importlib.import_module(f"vincle.analyse.metrics.{metric.id}")
    globals_of = {**vars(importlib.import_module("vincle.analyse.metrics.base")), **vars(module)}
    source = (module.__doc__ or "").replace("from .base import", "from vincle.analyse.metrics.base import")
    example = doctest.DocTestParser().get_doctest(source, globals_of, metric.id, None, 0)
    assert example.examples, "a metric carries an example that runs"
    result = doctest.DocTestRunner(verbose=False).run(example)
    assert result.failed == 0


@EVERY
@ENGINES
def test_it_stands_over_nothing(metric: Metric, engine_name: str, tmp_path: Path) -> None:
    engine = open_engine(engine_name, tmp_path, Options())
    assert as_set(answer(engine, metric, MARCH, OURS)) == as_set(metric.reference(World(), MARCH))
    fill(tmp_path, World())
    assert as_set(answer(engine, metric, MARCH, OURS)) == as_set(metric.reference(World(), MARCH))
    engine.close()


@ENGINES
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(world=worlds(), channel=st.sampled_from(["", "", "shop"]))
def test_each_equals_its_slow_twin_in_its_own_workspace(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, world: World, channel: str
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    fill(folder, world)
    engine = open_engine(engine_name, folder, Options())
    period = Period(MARCH.first, MARCH.last, MARCH.zone, channel)
    for metric in (*metrics().values(), windowed(28)):
        for workspace in (OURS, THEIRS):
            expected = as_set(metric.reference(only(world, workspace), period))
            assert as_set(answer(engine, metric, period, workspace)) == expected, metric.id
    engine.close()


@ENGINES
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC"])
def test_days_are_those_of_the_workspaces_clock(zone: str, engine_name: str, tmp_path: Path) -> None:
    around = [datetime(2026, month, 8, tzinfo=UTC) + timedelta(minutes=45 * n) for month in (3, 11) for n in range(64)]
    world = World(tuple(Act(OURS, 7, moment) for moment in around), (Human(OURS, 7, around[0]),), {7: 7})
    fill(tmp_path, world)
    engine = open_engine(engine_name, tmp_path, Options())
    period = Period(date(2026, 3, 1), date(2026, 11, 30), zone)
    for name in ("activities", "rhythm", "people_by_day", "new_people"):
        assert as_set(answer(engine, metrics()[name], period, OURS)) == as_set(metrics()[name].reference(world, period))
    engine.close()


@ENGINES
def test_the_ladder_knows_every_rung(engine_name: str, tmp_path: Path) -> None:
    at = datetime(2026, 3, 10, tzinfo=UTC)
    every = [(verb, kind, parent) for verb in Verb for kind in ObjectType for parent in ("", "p")]
    acts = tuple(Act(OURS, 1000 + n, at, verb=v.value, object_type=k.value, parent_key=parent) for n, (v, k, parent) in enumerate(every))
    people = tuple(Human(OURS, 1000 + n, at) for n in range(len(every)))
    world = World(acts, people, {human.id: human.id for human in people})
    fill(tmp_path, world)
    engine = open_engine(engine_name, tmp_path, Options())
    found = dict(answer(engine, metrics()["ladder"], MARCH, OURS))
    assert found == dict(metrics()["ladder"].reference(world, MARCH))
    assert set(found) == set(Stage)
    engine.close()


def test_every_metric_is_found_under_the_name_of_its_file() -> None:
    folder = Path(importlib.import_module("vincle.analyse.metrics").__path__[0])
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base", "registry"}
    assert set(metrics()) == files
