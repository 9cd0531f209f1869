"""Laws of every engine over the open table: empty, fresh, scoped, safe for threads and for files that go away."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from tests.engines.opening import QUICK, opened
from vincle.engines.base import Engine, EngineError, Options, Query, Tables
from vincle.engines.registry import open_engine
from vincle.engines.table import ACTIVITY, LAYOUTS, OpenTable, lake, months

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def count_by_channel(tables: Tables, p: Mapping[str, Any]) -> ibis.Table:
    rows = tables.activity
    rows = rows.filter(rows.channel != p["without"], rows.at >= p["since"])
    return rows.group_by("channel").agg(n=rows.count(), newest=rows.at.max())


def query(without: str = "", since: int = 0) -> Query:
    return Query("count_by_channel", count_by_channel, {"without": without, "since": since})


def rows(first: int, count: int, workspace: int = 1, channel: str = "x", at: datetime = NOON) -> pa.Table:
    blank = dict.fromkeys(ACTIVITY.names)
    values = [
        {**blank, "seq": n, "event_id": n.to_bytes(16, "big"), "workspace": workspace, "channel": channel, "happened_at": at, "actor": n}
        for n in range(first, first + count)
    ]
    found = pa.Table.from_pylist(values, ACTIVITY)
    return found.set_column(ACTIVITY.get_field_index("month"), "month", months(found["happened_at"]))


@pytest.fixture(params=QUICK)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    found = opened(request.param, tmp_path)
    yield found
    found.close()


@pytest.fixture
def activity(tmp_path: Path) -> OpenTable:
    table = lake(tmp_path)["activity"]
    table.ensure("w")
    return table


def ask(engine: Engine, workspace: int = 1, **values: Any) -> dict[str, int]:
    return {row["channel"]: row["n"] for row in engine.run(query(**values), workspace).to_pylist()}


def test_an_unknown_engine_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"abacus.*clickhouse, duckdb, spark"):
        open_engine("abacus", tmp_path, Options())


def test_it_answers_before_there_is_a_table(engine: Engine) -> None:
    assert ask(engine) == {}


def test_it_sees_what_was_written_and_its_version_moves(engine: Engine, activity: OpenTable) -> None:
    assert ask(engine) == {}
    before = engine.version()
    activity.append(rows(0, 3), "test", 3)
    assert engine.version() != before
    assert ask(engine) == {"x": 3}
    activity.append(rows(3, 2, channel="o'mail"), "test", 5)
    assert ask(engine) == {"x": 3, "o'mail": 2}


def test_rows_of_other_workspaces_are_out_of_reach(engine: Engine, activity: OpenTable) -> None:
    activity.append(pa.concat_tables([rows(0, 3), rows(3, 4, workspace=2)]), "test", 7)
    assert (ask(engine, 1), ask(engine, 2), ask(engine, 3)) == ({"x": 3}, {"x": 4}, {})


def test_values_are_values_and_never_part_of_the_question(engine: Engine, activity: OpenTable) -> None:
    activity.append(pa.concat_tables([rows(0, 3), rows(3, 1, channel="' OR 1=1 --")]), "test", 4)
    assert ask(engine, without="' OR 1=1 --") == {"x": 3}
    assert ask(engine, without="x") == {"' OR 1=1 --": 1}
    assert ask(engine, since=int(NOON.timestamp()) + 1) == {}


def test_moments_are_whole_seconds_beside_the_exact_ones(engine: Engine, activity: OpenTable) -> None:
    activity.append(rows(0, 1, at=NOON.replace(microsecond=999_999)), "test", 1)
    assert engine.run(query(), 1).to_pylist()[0]["newest"] == int(NOON.timestamp())


def test_what_was_taken_out_is_no_longer_counted(engine: Engine, activity: OpenTable) -> None:
    activity.append(rows(0, 10), "test", 10)
    assert ask(engine) == {"x": 10}
    activity.revise(rows(0, 4).select(["event_id", "workspace", "month"]), rows(20, 1), "test", 21)
    assert ask(engine) == {"x": 7}
    activity.empty("test")
    assert ask(engine) == {}


def test_many_threads_ask_while_the_table_changes(engine: Engine, activity: OpenTable) -> None:
    activity.append(rows(0, 5), "test", 5)

    def look(n: int) -> int:
        return sum(ask(engine, since=n).values())

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(look, n) for n in range(60)]
        for n in range(1, 9):
            activity.append(rows(5 * n, 5), "test", 5 * n + 5)
            activity.tidy(few=3)
        found = [each.result() for each in asked]
    assert all(count % 5 == 0 and 5 <= count <= 45 for count in found)
    assert sum(ask(engine).values()) == 45


def test_files_that_went_away_under_it_are_looked_up_anew(engine: Engine, activity: OpenTable) -> None:
    for n in range(6):
        activity.append(rows(n, 1), "test", n)
    assert ask(engine) == {"x": 6}
    activity.tidy(few=2)
    activity._open().vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    assert ask(engine, since=1) == {"x": 6}


def test_columns_added_to_a_table_read_as_nothing_in_older_rows(engine: Engine, tmp_path: Path) -> None:
    whole = LAYOUTS["activity"]
    older = replace(whole, schema=pa.schema([field for field in whole.schema if field.name not in ("channel", "topics")]))
    before = OpenTable(tmp_path, older)
    before.ensure("w")
    before.append(rows(1, 3).select(older.schema.names), "w", 3)
    activity = lake(tmp_path)["activity"]
    activity.ensure("w")
    assert (
        engine.run(Query("all", lambda tables, p: tables.activity.select("channel", "topics"), {}), 1).to_pylist()
        == [{"channel": None, "topics": []}] * 3
    )
    activity.append(rows(4, 2), "w", 5)
    assert activity.loaded("w") == 5
    found = engine.run(
        Query("count", lambda tables, p: tables.activity.group_by("channel").agg(n=tables.activity.count()), {}), 1
    ).to_pylist()
    assert {row["channel"]: row["n"] for row in found} == {None: 3, "x": 2}
    assert activity.read(workspace=1).sort_by("seq")["channel"].to_pylist() == [None, None, None, "x", "x"]
