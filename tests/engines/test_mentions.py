"""Mentions held in memory answer as the engine itself does, whatever comes, goes and changes hands; too many are left to the engine."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from tests.engines.opening import opened
from tests.engines.worlds import CHANNELS, MARCH, OURS, THEIRS, as_set, fill, large_world, with_month
from vincle.analyse.metrics._chosen import most_frequent
from vincle.analyse.metrics.base import Metric, Period
from vincle.analyse.metrics.registry import metrics
from vincle.engines import _mentions_files, mentions
from vincle.engines.base import Engine, Options
from vincle.engines.duckdb import Engine as DuckDB
from vincle.engines.table import ACTIVITY, HANDLE, MATCH, lake, months

QUICK = {name: metric for name, metric in metrics().items() if metric.quick}
PERIODS = [
    MARCH,
    replace(MARCH, listening=1),
    replace(MARCH, listening=3),
    replace(MARCH, channel=CHANNELS[4], sentiment="negative"),
    replace(MARCH, topic="ж", language="ca"),
    replace(MARCH, first=MARCH.last, country="ES"),
    replace(MARCH, first=MARCH.first.replace(year=1971)),
    replace(MARCH, topic="o'mail \\ {x:y}"),
]
Rows = list[tuple[object, ...]]


def rows(engine: Engine, metric: Metric, period: Period, workspace: int = OURS, *, slowly: bool = False) -> Rows:
    query = metric.query(period)
    found = engine.run(replace(query, quick=None, key=("slow", query.key)) if slowly else query, workspace)
    return as_set([tuple(row.values()) for row in found.to_pylist()])


def agree(engine: Engine, periods: list[Period] = PERIODS) -> None:
    for metric in QUICK.values():
        for period in periods:
            for workspace in (OURS, THEIRS):
                assert rows(engine, metric, period, workspace) == rows(engine, metric, period, workspace, slowly=True), (metric.id, period)


@pytest.fixture
def never_slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, questions may be answered from memory alone."""

    def forbid() -> None:
        def ask(*_: object) -> None:
            raise AssertionError("asked the files")

        monkeypatch.setattr(DuckDB, "_ask", ask)

    return forbid


def test_every_question_about_what_is_said_is_answered_from_memory(tmp_path: Path, never_slow: Callable[[], None]) -> None:
    fill(tmp_path, large_world(3))
    engine = opened("duckdb", tmp_path)
    asked = [name for name in metrics() if name.startswith("said") or name == "voice"]
    assert set(QUICK) == {*asked, "heard", "ladder", "reactions"}
    agree(engine)
    never_slow()
    assert all(len(rows(engine, metric, replace(MARCH, zone="Asia/Kathmandu"))) for metric in QUICK.values())
    engine.close()


def test_it_follows_what_is_added_revised_taken_out_and_joined(tmp_path: Path) -> None:
    fill(tmp_path, large_world(4))
    table, engine, chance = lake(tmp_path)["activity"], opened("duckdb", tmp_path), Random(4)
    agree(engine)
    for round_ in range(3):
        more = [
            {**act._asdict(), "seq": 9_000 * (round_ + 1) + place, "event_id": bytes([7, round_]) + place.to_bytes(4, "big"), "month": ""}
            for place, act in enumerate(large_world(5 + round_, 40).acts)
        ]
        table.append(with_month([{**dict.fromkeys(ACTIVITY.names), **row} for row in more]), "test", round_)
        agree(engine, PERIODS[:2])
        stood = table.read()
        out = stood.take(pa.array(sorted(chance.sample(range(len(stood)), 30))))
        said = stood.slice(0, 5).set_column(stood.schema.get_field_index("terms"), "terms", pa.array([["anew"]] * 5, pa.list_(pa.string())))
        table.revise(out.select(["event_id", "workspace", "month"]), said, "test", round_, overwrite=True)
        table.tidy(few=round_)
        agree(engine, PERIODS[:4])
    fresh = opened("duckdb", tmp_path)
    for metric in QUICK.values():
        assert rows(fresh, metric, MARCH) == rows(engine, metric, MARCH)
    fresh.close()
    engine.close()


def test_people_who_are_merged_and_queries_that_match_more_are_followed(tmp_path: Path) -> None:
    fill(tmp_path, large_world(6))
    tables, engine = lake(tmp_path), opened("duckdb", tmp_path)
    by, voice = metrics()["said_by"], metrics()["voice"]
    before = rows(engine, by, MARCH)
    merged = pa.Table.from_pylist([{"key": key, "workspace": OURS, "kind": "x", "person": 100} for key in (101, 102, 300)], HANDLE)
    tables["handle"].revise(merged.slice(0, 0), merged, "test", 2, overwrite=True)
    assert rows(engine, by, MARCH) != before
    agree(engine, PERIODS[:2])
    assert not [row for row in rows(engine, voice, MARCH) if row[0] == 9]
    acts = tables["activity"].read(workspace=OURS)
    columns = [pa.array(range(900, 900 + len(acts))), pa.array([9] * len(acts)), *(acts[name] for name in MATCH.names[2:6])]
    tables["match"].append(pa.table([*columns, months(acts["happened_at"])], schema=MATCH), "test", 2)
    assert [row for row in rows(engine, voice, MARCH) if row[0] == 9]
    agree(engine, [*PERIODS[:2], replace(MARCH, listening=9)])
    engine.close()


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, large_world(7))
    engine, read = opened("duckdb", tmp_path), list[str]()

    def noted(path: str, names: Mapping[str, mentions.Names]) -> mentions.Part:
        read.append(path)
        return _mentions_files.read_said(path, names)

    monkeypatch.setattr(mentions, "read_said", noted)
    rows(engine, QUICK["said"], MARCH)
    first = len(read)
    assert first > 1
    act = {**dict.fromkeys(ACTIVITY.names), **large_world(8, 1).acts[0]._asdict(), "workspace": OURS, "seq": 5_000, "event_id": b"new"}
    lake(tmp_path)["activity"].append(with_month([{**act, "month": ""}]), "test", 9)
    rows(engine, QUICK["said"], MARCH)
    rows(engine, QUICK["said_words"], MARCH)
    assert len(read) == first + 1
    engine.close()


def test_of_equally_frequent_ones_the_first_by_name_are_kept() -> None:
    n, ids = np.asarray([1, 3, 1, 2, 1]), np.asarray([50, 40, 30, 20, 10])
    assert most_frequent(n, ids, 3) == [1, 3, 4]
    assert most_frequent(n, ids, 9) == [1, 3, 4, 2, 0]
    assert most_frequent(n, ["b", None, "a", "ж", None], 4) == [1, 3, 2, 0]
    assert most_frequent(n[:0], ids[:0], 3) == []


@pytest.mark.parametrize("most", [0, 40])
def test_more_than_may_be_held_are_left_to_the_engine(tmp_path: Path, most: int) -> None:
    fill(tmp_path, large_world(9))
    small, large = (DuckDB(tmp_path, Options(memory="200MB", mentions=count)) for count in (most, 1_000_000))
    for metric in QUICK.values():
        assert rows(small, metric, MARCH) == rows(large, metric, MARCH)
    assert small._mentions.of(OURS) is None
    assert large._mentions.of(OURS) is not None
    small.close()
    large.close()


def test_acts_beyond_what_may_be_held_are_left_to_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "ACTS_A_MENTION", 0)
    fill(tmp_path, large_world(11))
    engine = opened("duckdb", tmp_path)
    agree(engine, PERIODS[:2])
    assert isinstance(engine, DuckDB)
    held = engine._mentions.of(OURS)
    assert held
    with pytest.raises(mentions.TooMany):
        _ = held.done
    engine.close()


def test_aspects_without_their_scores_are_left_to_the_engine(tmp_path: Path) -> None:
    fill(tmp_path, large_world(10))
    table, engine = lake(tmp_path)["activity"], opened("duckdb", tmp_path)
    said = {"sentiment": "negative", "direction": "in", "is_machine": False, "object_type": "Note", "happened_at": MARCH.since}
    odd = {**dict.fromkeys(ACTIVITY.names), **said, "aspects": ["staff"], "event_id": b"odd", "workspace": OURS, "seq": 7_777, "month": ""}
    table.append(with_month([odd]), "test", 9)
    agree(engine, PERIODS[:1])
    assert isinstance(engine, DuckDB)
    assert engine._mentions.of(OURS) is None
    engine.close()
