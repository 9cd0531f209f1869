"""ClickHouse's copy of the open table: each file once, whole answers, whoever else loads, removes or dies meanwhile."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pyarrow as pa
import pytest

from vincle.engines import _clickhouse_copy as copying
from vincle.engines import _clickhouse_ddl as ddl
from vincle.engines import _clickhouse_links as links
from vincle.engines.base import EngineError, Options, Query
from vincle.engines.clickhouse import Engine
from vincle.engines.registry import open_engine
from vincle.engines.table import ACTIVITY, OpenTable, lake

from .opening import chdb_folder, options, server
from .worlds import with_month

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
COUNT = Query("count", lambda tables, p: tables.activity.aggregate(n=tables.activity.count()), {})


def rows(first: int, count: int) -> pa.Table:
    blank = dict.fromkeys(ACTIVITY.names) | {"workspace": 1, "happened_at": NOON, "channel": "x"}
    return with_month([{**blank, "seq": n, "event_id": n.to_bytes(16, "big"), "actor": n} for n in range(first, first + count)])


@pytest.fixture
def activity(tmp_path: Path) -> OpenTable:
    table = lake(tmp_path)["activity"]
    table.ensure("test")
    return table


@pytest.fixture(params=["clickhouse", "clickhouse-server"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """`opener()`: another process's engine over the same lake and database."""
    _, how = options(request.param)
    made: list[Engine] = []

    def make() -> Engine:
        made.append(Engine(tmp_path, how))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def count(engine: Engine) -> int:
    """Rows by a question that is not answered from memory."""
    engine._answers._kept.clear()
    return int(engine.run(COUNT, 1)["n"][0].as_py())


def told(engine: Engine, sql: str) -> list[dict[str, Any]]:
    link, _copy = engine._open()
    return list(link.ask(sql.replace("DB", engine._address.database), {}).to_pylist())


def stored(engine: Engine) -> int:
    return int(told(engine, "SELECT toInt64(count()) AS n FROM DB.activity")[0]["n"])


def wait_for(engine: Engine, wanted: int) -> None:
    ends = monotonic() + 30
    while stored(engine) != wanted and monotonic() < ends:
        sleep(0.05)
    assert stored(engine) == wanted


def test_what_two_processes_load_at_once_is_there_once(opener: Callable[[], Engine], activity: OpenTable) -> None:
    for n in range(5):
        activity.append(rows(10 * n, 10), "test", n)
    engines = [opener() for _ in range(3)]
    for engine in engines:
        engine._open()
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(count, engines)) == [50, 50, 50]
    assert stored(engines[0]) == 50


def test_what_a_loader_left_by_halves_when_it_died_is_made_whole(
    opener: Callable[[], Engine], activity: OpenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PIECE", 4)
    activity.append(rows(0, 10), "test", 1)
    dying, pushes = opener(), []
    link, _copy = dying._open()
    push = link.push

    def die(table: str, found: pa.Table, token: str) -> None:
        pushes.append(token)
        if len(pushes) == 4:  # the list of what is live, two pieces of four, and then
            raise KeyboardInterrupt
        push(table, found, token)

    monkeypatch.setattr(link, "push", die)
    with pytest.raises(KeyboardInterrupt):
        dying.run(COUNT, 1)
    other = opener()
    assert 0 < stored(other) < 10
    assert count(other) == 10
    assert stored(other) == 10


def test_other_pieces_than_those_of_the_dead_are_noticed_and_loaded_anew(
    opener: Callable[[], Engine], activity: OpenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity.append(rows(0, 10), "test", 1)
    engine = opener()
    engine._open()[1]._ensure()
    file = Path(activity.files()[1][0]).name
    half = next(copying.pieces(activity.layout, activity.files()[1][0])).slice(0, 7)
    engine._open()[0].push(
        f"{engine._address.database}.activity", half.append_column("_file", pa.repeat(file, 7)), "token of another release"
    )
    assert count(engine) == 10
    wait_for(engine, 10)


def test_rows_that_left_the_table_go_for_good(opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    engine = opener()
    assert count(engine) == 10
    activity.revise(rows(0, 4).select(["event_id", "workspace", "month"]), rows(0, 0), "test", 11)
    assert count(engine) == 6
    assert stored(engine) == 16, "kept for questions that began before"
    copy = engine._open()[1]
    assert copy.tidy(kept=900, every=0) == 0
    assert copy.tidy(kept=0, every=0) == 1
    wait_for(engine, 6)
    assert count(engine) == 6
    activity.empty("test")
    assert count(engine) == 0


def test_the_guides_question_counts_what_stands(opener: Callable[[], Engine], activity: OpenTable) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "choose-an-engine.md").read_text()
    asked = next(block for block in guide.split("\n\n") if block.startswith("    SELECT channel"))
    activity.append(rows(0, 10), "test", 10)
    engine = opener()
    count(engine)
    activity.revise(rows(0, 4).select(["event_id", "workspace", "month"]), rows(0, 0), "test", 11)
    count(engine)
    assert stored(engine) == 16
    assert [list(row.values()) for row in told(engine, asked.replace("vincle.", "DB."))] == [["x", 6]]


def test_a_file_that_comes_back_is_loaded_again(opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    version = activity.version()
    engine = opener()
    assert count(engine) == 10
    activity.empty("test")
    assert count(engine) == 0
    engine._open()[1].tidy(kept=0, every=0)
    wait_for(engine, 0)
    activity._open().restore(version)
    assert count(engine) == 10
    assert stored(engine) == 10


def test_an_answer_from_rows_that_were_removed_meanwhile_is_not_believed(opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    engine, other = opener(), opener()
    assert (count(engine), count(other)) == (10, 10)
    label = told(engine, "SELECT DISTINCT _file FROM DB.activity")[0]["_file"]
    other._open()[1]._remove("activity", [label])
    assert count(engine) == 10
    wait_for(engine, 10)
    assert {row["_file"] for row in told(engine, "SELECT DISTINCT _file FROM DB.activity")} == {f"{label}~1"}


@pytest.mark.parametrize("taken", ["DROP DATABASE DB SYNC", "DROP TABLE DB.activity SYNC", "TRUNCATE TABLE DB.loaded"])
def test_a_copy_that_was_taken_away_is_made_anew(taken: str, opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    engine = opener()
    assert count(engine) == 10
    engine._open()[0].do(taken.replace("DB", engine._address.database))
    if "DATABASE" in taken:
        engine._open()[0].do(f"CREATE DATABASE {engine._address.database}")
    assert count(engine) == 10
    assert stored(engine) == 10


def test_a_copy_of_another_release_grows_or_is_made_anew(opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    count(opener())
    engine = opener()
    link, database = engine._open()[0], engine._address.database
    link.do(f"ALTER TABLE {database}.activity DROP COLUMN place")
    assert count(engine) == 10
    assert "place" in {row["name"] for row in told(engine, "SELECT name FROM system.columns WHERE database = 'DB' AND table = 'activity'")}
    link.do(f"ALTER TABLE {database}.activity MODIFY COLUMN place Nullable(Int64)")
    assert count(opener()) == 10


def test_the_worker_loads_ahead_of_the_question_on_a_server_only(opener: Callable[[], Engine], activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    engine = opener()
    engine.follow()
    assert (engine._opened is None) == (engine._address.scheme == "chdb")
    assert count(engine) == 10


def test_the_tables_of_a_server_are_in_order_of_people_and_parted_by_month(opener: Callable[[], Engine], activity: OpenTable) -> None:
    engine = opener()
    count(engine)
    found = told(engine, "SELECT engine, sorting_key, partition_key FROM system.tables WHERE database = 'DB' AND name = 'activity'")
    assert found == [{"engine": "MergeTree", "sorting_key": "workspace, actor, happened_at", "partition_key": "month"}]


def test_a_clusters_tables_are_replicated_and_spread() -> None:
    found = ddl.statements("vincle", "north")
    assert all(" ON CLUSTER north " in sql for sql in found)
    activity, spread = (sql for sql in found if "activity" in sql)
    assert "vincle.activity_shard" in activity
    assert "ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/activity', '{replica}')" in activity
    assert activity.endswith(
        "ORDER BY (workspace, actor, happened_at) SETTINGS allow_nullable_key = 1, replicated_deduplication_window = 10000"
    )
    assert "PARTITION BY month" in activity
    assert spread.endswith("ENGINE = Distributed('north', 'vincle', 'activity_shard', cityHash64(workspace, ifNull(actor, 0)))")
    whole = [sql for sql in found if "activity" not in sql]
    assert len(whole) == 6
    assert all("ReplicatedMergeTree('/clickhouse/tables/all/{database}/" in sql and "'{shard}-{replica}')" in sql for sql in whole)


def test_clickhouse_understands_a_clusters_tables(opener: Callable[[], Engine]) -> None:
    """Without servers they cannot be made; the engine's own parser reads every one as it was meant."""
    engine = opener()
    for sql in ddl.statements("vincle", "north"):
        tree = "\n".join(next(iter(row.values())) for row in told(engine, f"EXPLAIN AST {sql}"))
        assert re.search(r"Function (ReplicatedMergeTree|Distributed)", tree)
        assert tree.startswith("CreateQuery vincle ")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "empty; ClickHouse is at clickhouse://user:password@host"),
        ("http://host:8123/x", "http://… *; ClickHouse is at"),
        ("clickhouse:///db", "ClickHouse is at"),
        ("clickhouse://host:port/db", "cannot be read"),
        ("clickhouse://host/db-1", "database 'db-1'"),
        ("clickhouse://host/db?cluster=a'b", "cluster"),
        ("clickhouse://host/db?compress=1", "'compress'"),
        ("chdb://host/folder", "ClickHouse is at"),
    ],
)
def test_a_wrong_address_is_a_sentence(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=says.replace("… *", "…").replace("…", ".")):
        open_engine("clickhouse", tmp_path, Options(url=url))


def test_an_address_says_all_that_is_needed() -> None:
    found = links.read("clickhouse://ona:p%40ss@db.example/crm?secure=1&cluster=north")
    assert (found.host, found.port, found.user, found.password, found.database) == ("db.example", 8443, "ona", "p@ss", "crm")
    assert (found.cluster, found.secure) == ("north", True)
    assert found.settings["insert_quorum"] == "auto"
    assert "p@ss" not in repr(found)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    engine = open_engine("clickhouse", tmp_path, Options(url="clickhouse://vincle:secret@127.0.0.1:9/vincle"))
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9 \(VINCLE_ENGINE_URL\) does not answer") as raised:
        engine.run(COUNT, 1)
    assert "secret" not in str(raised.value)


def test_a_wrong_password_is_a_sentence(tmp_path: Path) -> None:
    engine = open_engine("clickhouse", tmp_path, Options(url=server().replace("p%40ss%20word", "wrong") + "/vincle"))
    with pytest.raises(EngineError, match=r"does not let us use the database 'vincle'.*Authentication failed"):
        engine.run(COUNT, 1)


def test_a_folder_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    links.connect(links.read(f"chdb://{chdb_folder()}")).close()
    (tmp_path / "file").write_text("no folder")
    engine = open_engine("clickhouse", tmp_path, Options(url=f"chdb://{tmp_path}/file"))
    with pytest.raises(EngineError, match=r"cannot open .*/file"):
        engine.run(COUNT, 1)


@pytest.mark.parametrize(("module", "url"), [("clickhouse_connect", "clickhouse://127.0.0.1:9/x"), ("chdb", "chdb:///nowhere")])
def test_without_its_package_it_says_how_to_get_it(module: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(EngineError, match="pip install "):
        open_engine("clickhouse", tmp_path, Options(url=url)).run(COUNT, 1)
