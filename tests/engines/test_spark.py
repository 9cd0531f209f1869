"""Spark on a standalone master with two workers: the same answers from the same files, read in place. One session asks all of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.organise.segments.laked import CLAUSES, crowd, together
from tests.organise.segments.laked import OURS as CROWD
from tests.organise.segments.laked import fill as fill_crowd
from tests.organise.segments.plain import frame_of
from tests.organise.segments.strategies import NOON
from vincle.analyse.metrics.registry import metrics
from vincle.engines.base import EngineError, Options, Query
from vincle.engines.registry import open_engine
from vincle.engines.spark import Engine, read
from vincle.engines.table import ACTIVITY, PERSON, lake
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.frame import Now

from .questions import LOG, PEOPLE, QUESTIONS, ordered, question
from .spark_cluster import cluster
from .worlds import CHANNELS, OURS, THEIRS, compare, fill, large_world

# The questions' log lies beside the world of the metrics, in workspaces of its own.
ASKED = 11
WORLD = large_world(1, acts=300)
SOMEBODY = crowd()


def shifted() -> pa.Table:
    workspaces = pa.array([number + ASKED - 1 for number in LOG["workspace"].to_pylist()], pa.int64())
    return LOG.set_column(LOG.schema.get_field_index("workspace"), "workspace", workspaces).select(ACTIVITY.names)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    pytest.importorskip("pyspark")
    folder = tmp_path_factory.mktemp("lake")
    fill(folder, WORLD)
    tables = lake(folder)
    tables["activity"].append(shifted(), "questions", len(LOG))
    tables["person"].append(pa.Table.from_pylist([{**person, "workspace": ASKED} for person in PEOPLE], PERSON), "questions", 1)
    fill_crowd(tables, SOMEBODY)
    with cluster() as url:
        # For short lives: Java compiles no more than it must.
        short = "extraJavaOptions=-XX:TieredStopAtLevel%3D1 -XX:%2BUseSerialGC"
        here = "spark.driver.host=127.0.0.1&spark.driver.bindAddress=127.0.0.1&spark.executor.memory=600m"
        settings = f"{here}&spark.driver.{short}&spark.executor.{short}"
        engine = Engine(folder, Options(memory="512MB", threads=2, url=f"{url}?{settings}"))
        yield engine
        engine.close()


@pytest.mark.slow
def test_metrics_are_what_their_slow_twins_say(spark: Engine) -> None:
    compare(spark, WORLD, "", workspaces=(OURS,))
    compare(spark, WORLD, CHANNELS[4], [metrics()["purchases"]], (THEIRS,), listening=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_an_expression_means_the_same(name: str, spark: Engine) -> None:
    found = [tuple(row.values()) for row in spark.run(question(name), ASKED).to_pylist()]
    assert ordered(found) == ordered(QUESTIONS[name][2])


@pytest.mark.slow
def test_clauses_about_acts_name_the_same_people(spark: Engine) -> None:
    rows, frame, now = spark.run(together(Now(NOON)), CROWD).to_pylist(), frame_of(SOMEBODY), Now(NOON)
    for place, clause in enumerate(CLAUSES):
        assert sorted(row["person"] for row in rows if row["clause"] == place) == frame.ids[truth(clause, frame, now)].tolist()


@pytest.mark.slow
def test_two_workers_did_the_work(spark: Engine) -> None:
    spark.run(question("columns"), ASKED)
    assert len(spark._session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) == 3, "the driver and two executors"


@pytest.mark.slow
def test_it_follows_the_table_and_files_that_went_away(spark: Engine) -> None:
    count = Query("count", lambda tables, p: tables.activity.aggregate(n=tables.activity.count()), {})
    activity = lake(Path(spark._tables["activity"]._place.uri).parent)["activity"]
    before, version = spark.run(count, ASKED)["n"][0].as_py(), spark.version()
    for _ in range(3):
        activity.append(shifted(), "more", 1)
    assert spark.version() != version
    assert spark.run(count, ASKED)["n"][0].as_py() == 4 * before
    activity.tidy(few=2)
    activity._open().vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    again = Query("count again", lambda tables, p: tables.activity.aggregate(n=tables.activity.count()), {})
    assert spark.run(again, ASKED)["n"][0].as_py() == 4 * before


@pytest.mark.slow
def test_a_lake_that_is_empty_or_gone_has_no_rows(spark: Engine, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    other = Engine(tmp_path, Options(url=spark._master))
    other._session = spark._session  # one session a process
    try:
        for name in ("no rows", "aggregates of nothing", "lists"):
            assert len(other.run(question(name), 1)) == (0 if name == "lists" else 1)
    finally:
        spark._versions.clear()


def test_an_address_says_where_and_how() -> None:
    assert read("spark://host:7077?spark.executor.memory=4g") == ("spark://host:7077", {"spark.executor.memory": "4g"})
    assert read("local[2]") == ("local[2]", {})


@pytest.mark.parametrize(
    ("url", "says"), [("", "empty"), ("clickhouse://x", "spark://host:7077, or local"), ("local[2]?memory=1g", "begin with 'spark.'")]
)
def test_a_wrong_address_is_a_sentence(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=says):
        open_engine("spark", tmp_path, Options(url=url))


def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("vincle.engines.spark._HOMES", ())
    with pytest.raises(EngineError, match="default-jre-headless"):
        open_engine("spark", tmp_path, Options(url="local[1]")).run(question("lists"), 1)


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(EngineError, match=r"pip install vincle\[spark\]"):
        open_engine("spark", tmp_path, Options(url="local[1]")).run(question("lists"), 1)
