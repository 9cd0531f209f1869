"""What comes late, is corrected or erased, and tables of other releases: the files follow, once."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import Workspace
from vincle.analyse import actions
from vincle.analyse.companions import _all_handles, _all_people
from vincle.engines.table import LAYOUTS, OpenTable, lake
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Person
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.store import lease
from vincle.store.lease import LostLease
from vincle.vocabulary import Activity, Op

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Say = Callable[..., Activity]


def loaded(**partition: Any) -> list[dict[str, Any]]:
    return sorted(warehouse.tables()["activity"].read(**partition).to_pylist(), key=lambda row: row["seq"])


def ancient(name: str, *lacking: str, **retyped: pa.DataType) -> OpenTable:
    """A table as an earlier release made it: without some columns, or with others of another type."""
    layout = LAYOUTS[name]
    fields = [pa.field(field.name, retyped.get(field.name, field.type)) for field in layout.schema if field.name not in lacking]
    table = OpenTable(warehouse.where(), replace(layout, schema=pa.schema(fields)))
    table.ensure("w")
    return table


def test_a_late_activity_lies_in_its_own_month(say: Say) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    say("ana", NOON - timedelta(days=400))
    pipeline.catch_up()
    assert len(loaded(month="2025-02")) == 1
    assert len(loaded(month="2026-03")) == 1


def test_a_correction_of_the_time_moves_the_row_to_another_month(workspace: Workspace, say: Say) -> None:
    act = say("ana", NOON)
    pipeline.catch_up()
    source = Connection.objects.get(workspace=workspace, channel="x", name="test")
    for version, days in (("2", 40), ("3", 80)):
        moved = msgspec.structs.replace(act, op=Op.CORRECT, version=version, happened_at=NOON + timedelta(days=days))
        log.append(source, [moved], NOON)
        pipeline.catch_up()
    assert [row["month"] for row in loaded()] == ["2026-05"]


def test_added_columns_grow_in_place_and_nothing_is_loaded_again(say: Say) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    row = loaded()[0]
    writer = warehouse.writer()
    forget_lake()
    old = ancient("activity", "props", "native_id")
    old.append(pa.Table.from_pylist([row], LAYOUTS["activity"].schema).select(old.layout.schema.names), writer, log.last_seq())
    say("leo", NOON, props={"plan": "pro"})
    pipeline.catch_up()
    first, second = loaded()
    assert (first["seq"], first["native_id"], first["props"]) == (row["seq"], None, None)
    assert (second["native_id"], second["props"]) == ("n2", '{"plan":"pro"}')


def test_a_retyped_column_fills_the_table_anew(say: Say) -> None:
    say("ana", NOON, rating=4.0)
    pipeline.catch_up()
    row, writer = loaded()[0], warehouse.writer()
    forget_lake()
    old = ancient("activity", rating=pa.int64())
    before = pa.Table.from_pylist([{**row, "rating": 1}], old.layout.schema)
    old.append(before, writer, log.last_seq())
    say("leo", NOON)
    pipeline.catch_up()
    assert [row["rating"] for row in loaded()] == [4.0, None]


def test_what_is_erased_is_in_no_live_file_and_the_old_files_go(
    workspace: Workspace, other_workspace: Workspace, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("ana", NOON)
    say("ana", NOON + timedelta(days=40), target=None)
    say("leo", NOON)
    say("ana", NOON, where=other_workspace)
    pipeline.catch_up()
    handle, person = Belonging.objects.of(workspace).order_by("pk").values_list("handle", "person").get(handle=loaded()[0]["actor"])
    before = [Path(file) for table in warehouse.tables().values() for file in table.files()[1]]
    assert actions.erase(workspace, [handle], [person]) == 4
    assert actions.erase(workspace, [handle], [person]) == 0
    assert [row["workspace"] for row in loaded()] == [workspace.pk, other_workspace.pk]
    for table in warehouse.tables().values():
        for path in table.files()[1]:
            values = {value for column in pq.read_table(path).to_pydict().values() for value in column if isinstance(value, int)}
            assert not values & {handle, person} or f"workspace={other_workspace.pk}" in path
    pipeline.catch_up()
    assert all(file.exists() for file in before), "readers of the moment finish"
    for file in warehouse.folder().rglob("*.parquet"):
        os.utime(file, (time.time() - 4000,) * 2)
    later = time.time() + 4000
    monkeypatch.setattr("vincle.analyse.actions.time.time", lambda: later)
    monkeypatch.setattr("vincle.engines.table.KEPT_HOURS", 0)
    pipeline.catch_up()
    live = {Path(file) for table in warehouse.tables().values() for file in table.files()[1]}
    assert set(warehouse.folder().rglob("*.parquet")) == live
    assert len(loaded()) == 2


def test_nothing_is_erased_while_another_process_loads(workspace: Workspace, say: Say) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    with lease.held("analyse") as cursor:
        assert cursor
        type(cursor).objects.filter(pk=cursor.pk).update(owner="elsewhere:1:x")
        with pytest.raises(LostLease):
            actions.erase(workspace, [loaded()[0]["actor"]], [])
    assert len(loaded()) == 1


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import pyarrow as pa
from vincle.engines.table import ACTIVITY, lake, months
table = lake(Path(sys.argv[1]))["activity"]
table.ensure("w")
while (done := table.loaded("w") or 0) < 3000:
    seqs = range(done + 1, done + 41)
    moments = pa.array([datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=seq) for seq in seqs], pa.timestamp("us", tz="UTC"))
    given = {"seq": list(seqs), "event_id": [seq.to_bytes(16, "big") for seq in seqs], "workspace": [1] * 40}
    given |= {"happened_at": moments, "month": months(moments)}
    columns = [pa.array(given[field.name], field.type) if field.name in given else pa.nulls(40, field.type) for field in ACTIVITY]
    rows = pa.Table.from_arrays(columns, schema=ACTIVITY)
    if done % 120 == 80:
        table.revise(rows.slice(0, 0).select(["event_id", "workspace", "month"]), rows, "w", done + 40)
    else:
        table.append(rows, "w", done + 40)
    table.tidy(few=3)
"""


def test_a_writer_killed_again_and_again_leaves_each_row_once(tmp_path: Path) -> None:
    chance = random.Random(5)
    table = lake(tmp_path)["activity"]
    kills = 0
    while (reached := table.loaded("w") or 0) < 3000:
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])
        while writer.poll() is None and (table.loaded("w") or 0) <= reached:
            time.sleep(0.02)
        if kills < 12:
            time.sleep(0.2 * chance.random())
            kills += writer.poll() is None
            writer.kill()
        assert writer.wait() in (0, -9)
    assert kills > 0
    assert sorted(table.read()["seq"].to_pylist()) == list(range(1, 3001))


@pytest.mark.parametrize("seed", range(4))
def test_companions_are_what_the_database_says_whatever_happens(workspace: Workspace, say: Say, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"u{n}" for n in range(12)]
    for _ in range(12):
        for _ in range(chance.randrange(1, 4)):
            say(chance.choice(names), NOON + timedelta(days=chance.randrange(60)))
        pipeline.catch_up()
        people = list(Person.objects.of(workspace).filter(merged_into=None).values_list("pk", flat=True))
        if len(people) > 2 and chance.random() < 0.5:
            left, right = chance.sample(people, 2)
            identify.merge(workspace, left, right, None)
            pipeline.catch_up()
        for name, whole, order in (("handle", _all_handles, "key"), ("person", _all_people, "id")):
            assert warehouse.tables()[name].read().sort_by(order).equals(whole(workspace.pk).sort_by(order))
