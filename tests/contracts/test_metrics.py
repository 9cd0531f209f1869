"""Laws of every metric: defined, true over nothing, true for one workspace alone, equal to its slow twin."""

import doctest
import importlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engines.opening import QUICK, opened
from tests.engines.worlds import CHANNELS, EDGES, KEYS, MARCH, OURS, OWNERS, THEIRS, answer, as_set, compare, fill, large_world, only
from vincle.analyse.metrics.base import Act, Human, Metric, Period, World
from vincle.analyse.metrics.registry import metrics
from vincle.vocabulary import ObjectType, Stage, Verb

EVERY = pytest.mark.parametrize("metric", list(metrics().values()), ids=list(metrics()))
ENGINES = pytest.mark.parametrize("engine_name", QUICK)
MONEY = {"EUR", "USD", ""}


def moments() -> st.SearchStrategy[datetime]:
    near = st.datetimes(datetime(2026, 2, 26), datetime(2026, 4, 12)).map(lambda moment: moment.replace(tzinfo=UTC))
    return near | st.sampled_from(EDGES)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two workspaces whose handles share no key, as theirs never do; a few handles of each are nobody's yet."""
    people = [Human(OURS if n < 4 else THEIRS, 100 + n, draw(moments()), draw(st.booleans())) for n in range(6)]
    workspace = draw(st.sampled_from([OURS, OURS, THEIRS]))
    one = st.builds(
        lambda where, pick, **fields: Act(workspace=where, actor=KEYS[where][pick % len(KEYS[where])], **fields),
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
    return World(tuple(draw(st.lists(one, max_size=40))), tuple(people), OWNERS)


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


@ENGINES
def test_each_stands_over_nothing(engine_name: str, tmp_path: Path) -> None:
    engine = opened(engine_name, tmp_path)
    for world in (None, World()):
        if world:
            fill(tmp_path, world)
        for metric in metrics().values():
            assert as_set(answer(engine, metric, MARCH, OURS)) == as_set(metric.reference(World(), MARCH)), metric.id
    engine.close()


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(world=worlds(), channel=st.sampled_from(["", "", "shop"]))
def test_each_equals_its_slow_twin_in_its_own_workspace(tmp_path_factory: pytest.TempPathFactory, world: World, channel: str) -> None:
    folder = tmp_path_factory.mktemp("lake")
    fill(folder, world)
    engine = opened("duckdb", folder)
    compare(engine, world, channel)
    engine.close()


@ENGINES
def test_each_engine_gives_what_the_slow_twins_give(engine_name: str, tmp_path: Path) -> None:
    world = large_world(1)
    fill(tmp_path, world)
    engine = opened(engine_name, tmp_path)
    compare(engine, world, "")
    compare(engine, world, "", listening=1)
    assert as_set(answer(engine, metrics()["activities"], replace(MARCH, channel=CHANNELS[4]), OURS))
    compare(engine, world, CHANNELS[4], [metrics()["activities"], metrics()["purchases"]])
    engine.close()


@ENGINES
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC"])
def test_days_are_those_of_the_workspaces_clock(zone: str, engine_name: str, tmp_path: Path) -> None:
    around = [datetime(2026, month, 8, tzinfo=UTC) + timedelta(minutes=45 * n) for month in (3, 11) for n in range(64)]
    world = World(tuple(Act(OURS, 7, moment) for moment in around), (Human(OURS, 7, around[0]),), {7: 7})
    fill(tmp_path, world)
    engine = opened(engine_name, tmp_path)
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
    engine = opened(engine_name, tmp_path)
    found = dict(answer(engine, metrics()["ladder"], MARCH, OURS))
    assert found == dict(metrics()["ladder"].reference(world, MARCH))
    assert set(found) == set(Stage)
    engine.close()


def test_every_metric_is_found_under_the_name_of_its_file() -> None:
    folder = Path(importlib.import_module("vincle.analyse.metrics").__path__[0])
    files = {path.stem for path in folder.glob("[!_]*.py")} - {"base", "registry"}
    assert set(metrics()) == files


SAID = [metric for name, metric in metrics().items() if name.startswith("said") or name == "voice"]


@ENGINES
def test_what_is_said_can_be_narrowed_down(engine_name: str, tmp_path: Path) -> None:
    world = large_world(2)
    fill(tmp_path, world)
    engine = opened(engine_name, tmp_path)
    for chosen in ({"sentiment": "negative"}, {"topic": "coffee", "language": "ca"}, {"country": "ES"}, {"topic": "o'mail \\ {x:y}"}):
        period = replace(MARCH, **chosen)
        for metric in SAID:
            found = as_set(answer(engine, metric, period, OURS))
            assert found == as_set(metric.reference(only(world, OURS), period)), (metric.id, chosen)
    engine.close()
