"""Questions in SQL: they are answered, and they reach nothing but the workspace's own rows."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from vincle.accounts.models import AuditEntry, Workspace
from vincle.analyse import ask as asking
from vincle.analyse.ask import Limits, Trouble, ask
from vincle.engines.table import LAYOUTS
from vincle.identify.models import Belonging
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, public_id

Say = Callable[..., Activity]
pytestmark = pytest.mark.django_db


@pytest.fixture
def spoken(workspace: Workspace, other_workspace: Workspace, say: Say) -> Workspace:
    """Three rows of ours over two months, one of another workspace."""
    say("ana", datetime(2026, 3, 10, 9, tzinfo=UTC), hashtags=("coffee", "bcn"))
    say("leo", datetime(2026, 4, 2, 9, tzinfo=UTC))
    say("eva", datetime(2026, 4, 3, 9, 30, tzinfo=UTC), actor=HandleRef("email", "eva@example.org"), channel="shop", verb=Verb.PURCHASE,
        object_type=ObjectType.ORDER, amount=Decimal("20.50"), currency="EUR", text="")  # fmt: skip
    say("stranger", datetime(2026, 4, 4, tzinfo=UTC), where=other_workspace, channel="theirs")
    pipeline.catch_up()
    return workspace


def rows(workspace: Workspace, sql: str, **limits: Any) -> list[tuple[Any, ...]]:
    answer = ask(workspace, None, sql, Limits(**limits))
    return list(zip(*(column.to_pylist() for column in answer.rows.columns), strict=True))


def trouble(workspace: Workspace, sql: str, **limits: Any) -> Trouble:
    with pytest.raises(Trouble) as caught:
        ask(workspace, None, sql, Limits(**limits))
    return caught.value


def test_answers(spoken: Workspace) -> None:
    assert rows(spoken, "SELECT month, count(*) FROM activity GROUP BY month ORDER BY month") == [("2026-03", 1), ("2026-04", 2)]
    joined = "WITH a AS (SELECT * FROM activity) SELECT kind, amount FROM a JOIN handle h ON h.key = a.actor WHERE amount > 0"
    assert rows(spoken, joined) == [("email", Decimal("20.5000"))]
    assert rows(spoken, "SELECT tag FROM activity, unnest(hashtags) AS t(tag) ORDER BY 1") == [("bcn",), ("coffee",)]
    assert rows(spoken, "FROM person SELECT count(*)") == [(3,)]
    assert rows(spoken, "VALUES (1), (2) -- two") == [(1,), (2,)]
    assert rows(spoken, "SELECT 1 UNION ALL SELECT 2;") == [(1,), (2,)]
    assert rows(spoken, 'SELECT "channel" FROM "Activity" QUALIFY row_number() OVER (ORDER BY happened_at DESC) = 1') == [("shop",)]


def test_ids_as_they_stand_in_addresses(spoken: Workspace) -> None:
    people = sorted(Belonging.objects.of(spoken).values_list("person", flat=True))
    assert rows(spoken, "SELECT public_id(id) FROM person ORDER BY id") == [(public_id(key),) for key in people]
    assert rows(spoken, f"SELECT from_public_id('{public_id(people[0])}'), public_id(NULL)") == [(people[0], None)]


def test_every_table_and_column_is_there_also_while_nothing_is(workspace: Workspace) -> None:
    for name, layout in LAYOUTS.items():
        if "workspace" in layout.partitions:
            assert ask(workspace, None, f"SELECT * FROM {name}").rows.column_names == layout.schema.names


def test_rows_end_at_the_cap_and_it_says_so(spoken: Workspace) -> None:
    answer = ask(spoken, None, "SELECT seq FROM activity ORDER BY seq", Limits(rows=2))
    assert (answer.rows.num_rows, answer.reached) == (2, "rows")
    assert ask(spoken, None, "SELECT seq FROM activity", Limits(rows=3)).reached == ""
    wide = ask(spoken, None, "SELECT repeat('x', 100000) FROM unnest(range(5000))", Limits(bytes=10_000_000))
    assert wide.reached == "bytes"
    assert wide.rows.nbytes < 10_000_000


def test_what_was_asked_stands_in_the_audit_log(spoken: Workspace) -> None:
    ask(spoken, None, "SELECT  1")
    trouble(spoken, "DROP TABLE activity")
    entries = list(AuditEntry.objects.filter(verb="asked").order_by("pk"))
    assert [(entry.label, entry.details.get("rows"), entry.details.get("refused")) for entry in entries] == [
        ("SELECT 1", 1, None),
        ("DROP TABLE activity", None, "not_select"),
    ]


@pytest.mark.parametrize(
    ("sql", "code", "line", "column", "words"),
    [
        ("SELECT chanel FROM activity", "unknown_column", 1, 8, "channel"),
        ("SELECT 'ééé',\n  nosuch FROM activity", "unknown_column", 2, 3, "nosuch"),
        ("SELECT a.happend_at FROM activity a", "unknown_column", 1, 8, "happened_at"),
        ("SELECT 1 FROM activty", "unknown_table", 1, 15, "activity"),
        ("SELECT conut(1)", "unknown_function", 1, 8, "count"),
        ("SELECT 1 FRM activity", "syntax", 1, 14, "activity"),
        ("SELECT seq FROM activity WHERE seq = 'abc'", "other", 1, 38, "abc"),
        ("SELECT seq FROM activity GROUP BY channel", "other", 1, 8, "GROUP BY"),
        ("", "empty", 0, 0, "FROM activity"),
        (" -- nothing", "empty", 0, 0, "FROM activity"),
        ("SELECT 1" + " " * 20_000, "too_long", 0, 0, "20,000"),
    ],
)
def test_mistakes_are_told_in_words_with_their_place(spoken: Workspace, sql: str, code: str, line: int, column: int, words: str) -> None:
    found = trouble(spoken, sql)
    assert (found.code, found.line, found.column) == (code, line, column), found.said
    assert words in str(found)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM read_parquet('{theirs}')", "table_function"),
        ("SELECT * FROM '{theirs}'", "file"),
        ("SELECT getenv('HOME')", "function"),
        ("COPY activity TO '/tmp/x.csv'", "not_select"),
        ("SELECT 1; SELECT 2", "several"),
    ],
)
def test_nothing_else_can_be_reached(spoken: Workspace, other_workspace: Workspace, sql: str, code: str) -> None:
    """One of each kind through the whole of it; the others stand in test_ask_rules.py."""
    (theirs,) = [path for path in warehouse.tables()["activity"].files()[1] if f"/workspace={other_workspace.pk}/" in path]
    assert trouble(spoken, sql.replace("{theirs}", theirs)).code == code


def test_a_name_given_by_with_hides_a_table_and_no_more(spoken: Workspace) -> None:
    assert rows(spoken, "WITH activity AS (SELECT 7 AS seq) SELECT seq FROM activity") == [(7,)]
    nested = "WITH a AS (WITH handle AS (SELECT 1 AS n) SELECT n FROM handle) SELECT n, (SELECT count(*) FROM handle) FROM a"
    assert rows(spoken, nested) == [(1, 3)]


def test_rows_of_another_workspace_are_not_there_whatever_is_asked(spoken: Workspace, other_workspace: Workspace) -> None:
    assert rows(spoken, "SELECT DISTINCT workspace FROM activity") == [(spoken.pk,)]
    assert rows(spoken, f"SELECT count(*) FROM activity WHERE workspace = {other_workspace.pk} OR true") == [(3,)]
    assert rows(other_workspace, "SELECT channel FROM activity") == [("theirs",)]
    for part in asking.tables(spoken):
        assert part["files"] or part["name"] == "match"  # nothing is listened for here
        assert all(f"/workspace={spoken.pk}/" in path for path in part["files"])


def test_the_database_itself_is_locked_should_a_question_pass_the_rules(
    spoken: Workspace, other_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the first wall: DuckDB's own locks hold."""
    unchecked = "import sys, vincle.analyse.ask_child as child\nchild.check = lambda parsed, tables: None\nchild.main()"
    real = asking.subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        return real([*command[:3], "-c", unchecked], **options)

    monkeypatch.setattr(asking.subprocess, "Popen", popen)
    (theirs,) = [path for path in warehouse.tables()["activity"].files()[1] if f"/workspace={other_workspace.pk}/" in path]
    for sql in (
        f"SELECT * FROM read_parquet('{theirs}')",
        f"SELECT * FROM read_parquet('{Path(theirs).parent}/../*/*.parquet')",
        "SELECT * FROM read_text('/proc/self/environ')",
        "SELECT * FROM glob('/etc/*')",
    ):
        assert trouble(spoken, sql).code in ("file", "other"), sql
    assert "VINCLE" not in str(rows(spoken, "SELECT * FROM duckdb_settings()"))
    for sql in ("SET enable_external_access = true", "SET lock_configuration = false", "COPY (SELECT 1) TO '/tmp/x'", "INSTALL httpfs"):
        with pytest.raises(Trouble):
            ask(spoken, None, sql)


BOMBS = [
    ("SELECT count(*) FROM unnest(range(3000000)) a(x), unnest(range(3000000)) b(y) WHERE x * y % 7 = 3", {"time", "memory"}),
    ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t", {"time", "memory"}),
    ("SELECT repeat('x', 4000000000)", {"memory", "other"}),
    ("SELECT list(x) FROM unnest(range(100000)) a(x), unnest(range(100000)) b(y)", {"time", "memory"}),
    ("SELECT lpad('x', 2000000000, 'y') || lpad('x', 2000000000, 'y')", {"memory", "other", "time"}),
    ("SELECT 1" + " + 1" * 4000, {"syntax", "too_deep", "other"}),
]


@pytest.mark.parametrize(("sql", "codes"), BOMBS, ids=range(len(BOMBS)))
def test_a_question_that_would_never_end_is_ended(spoken: Workspace, sql: str, codes: set[str], settings: Any) -> None:
    from dataclasses import replace

    settings.OPTIONS = replace(settings.OPTIONS, duckdb_memory="200MB")
    began = time.monotonic()
    assert trouble(spoken, sql, seconds=2).code in codes
    assert time.monotonic() - began < 12
    assert rows(spoken, "SELECT 1") == [(1,)]


def test_only_a_few_are_asked_at_once(spoken: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.1)
    with asking._turn(), asking._turn():
        assert trouble(spoken, "SELECT 1").code == "busy"
    assert rows(spoken, "SELECT 1") == [(1,)]


def test_places_and_sizes_are_read_as_duckdb_means_them() -> None:
    assert asking.where("SELECT 'é',\n  x", 14) == (2, 2)
    assert asking.where("SELECT 1", None) == (0, 0)
    assert [asking.memory_bytes(text) for text in ("1.5GB", "512 MiB", "300000")] == [1_500_000_000, 536_870_912, 300_000]
