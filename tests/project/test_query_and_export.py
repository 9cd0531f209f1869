"""`vincle query` and `vincle export --table`: from outside, as someone types them."""

import csv
import io
import json
import subprocess

import duckdb
import pytest

from tests.project.installation import Installation, installation

pytestmark = pytest.mark.django_db
ORDERS = "Order ID,Date,Email,Total,Currency\n1,2026-03-10,ana@example.org,20.50,EUR\n2,2026-04-10,leo@example.org,7,EUR\n"
CONTACTS = "Email,First Name\nana@example.org,Ana\nmia@example.org,Mia\n"
SPENT = "SELECT month, sum(amount) AS spent FROM activity WHERE verb = 'Purchase' GROUP BY month ORDER BY month"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None):  # type: ignore[no-untyped-def]
    with installation(tmp_path_factory.mktemp("home")) as made:
        made.workspace()
        for name, content in (("orders.csv", ORDERS), ("contacts.csv", CONTACTS)):
            (made.home / name).write_text(content)
            made.run("import", str(made.home / name))
        yield made


def ask(place: Installation, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    done = place.ask("query", *arguments)
    assert done.returncode == code, done.stderr
    return done


def test_json_table_and_csv(place: Installation) -> None:
    done = ask(place, SPENT, "--json")
    assert json.loads(done.stdout) == [{"month": "2026-03", "spent": 20.5}, {"month": "2026-04", "spent": 7.0}]
    assert "2 rows" in done.stderr
    assert "hold everything" in done.stderr
    shown = ask(place, SPENT).stdout.split()
    assert shown == ["month", "spent", "2026-03", "20.5", "2026-04", "7"]
    table = list(csv.DictReader(io.StringIO(ask(place, "SELECT '=x' AS a, NULL AS b, 2 AS c", "--csv").stdout)))
    assert table == [{"a": "'=x", "b": "", "c": "2"}]
    wide = ask(place, "SELECT * FROM activity ORDER BY seq").stdout
    assert wide.startswith("row 1\n")
    assert "verb" in wide


def test_the_cap_is_told(place: Installation) -> None:
    done = ask(place, "SELECT seq FROM activity ORDER BY seq", "--limit", "1", "--json")
    assert len(json.loads(done.stdout)) == 1
    assert "--limit 1 was reached" in done.stderr
    assert "was reached" not in ask(place, "SELECT seq FROM activity ORDER BY seq", "--limit", "2", "--json").stderr


def test_a_mistake_is_shown_under_its_place(place: Installation) -> None:
    done = ask(place, "SELECT 1,\n  chanel FROM activity", code=2)
    assert done.stderr == "Line 2, column 3: There is no column “chanel”. Near it: channel.\n    chanel FROM activity\n    ^\n"
    assert done.stdout == ""
    assert "Only questions" in ask(place, "DELETE FROM activity", code=2).stderr
    assert "not both" in ask(place, "SELECT 1", "--json", "--csv", code=2).stderr
    ask(place, "SELECT count(*) FROM unnest(range(3000000)) a(x), unnest(range(3000000)) b(y)", "--seconds", "1", code=1)


def test_fresh_waits_for_what_was_received(place: Installation) -> None:
    """Rows that are in the log and not in the tables yet; no worker runs."""
    place.python(
        "from datetime import UTC, datetime\n"
        "from vincle.accounts.models import Workspace\n"
        "from vincle.listen import actions, log\n"
        "from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb\n"
        "source = actions.connection_for(Workspace.objects.get(), 'x')\n"
        "at = datetime(2026, 5, 1, tzinfo=UTC)\n"
        "who = HandleRef('x', '7', 'Zoe')\n"
        "act = Activity(verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id='l1', happened_at=at, actor=who)\n"
        "log.append(source, [act], at)"
    )
    count = "SELECT count(*) AS n FROM activity WHERE verb = 'Like'"
    done = ask(place, count, "--json")
    assert json.loads(done.stdout) == [{"n": 0}]
    assert "1 rows behind" in done.stderr
    assert json.loads(ask(place, count, "--json", "--fresh").stdout) == [{"n": 1}]


def test_tables_as_files(place: Installation) -> None:
    out = place.home / "out"
    report = place.json("export", "--all", "--out", str(out))
    counts = {each["table"]: each["rows"] for each in report}
    assert counts["activity"] == duckdb.sql(f"SELECT count(*) FROM '{out}/activity.parquet'").fetchall()[0][0] > 0  # type: ignore[index]
    assert {path.name for path in out.iterdir()} == {f"{name}.parquet" for name in counts}
    place.run("export", "--table", "activity", "--format", "csv", "--out", str(out / "mine.csv"))
    rows = list(csv.DictReader((out / "mine.csv").open()))
    assert {(row["month"], row["amount"]) for row in rows if row["verb"] == "Purchase"} == {("2026-03", "20.5000"), ("2026-04", "7.0000")}
    assert len(rows) == counts["activity"]
    same = duckdb.sql(
        f"SELECT count(*) FROM '{out}/activity.parquet' p JOIN '{out}/mine.csv' c ON p.seq = c.seq AND hex(p.event_id) = upper(c.event_id)"
    )
    assert same.fetchall() == [(counts["activity"],)]


def test_an_export_that_fails_leaves_the_old_file(place: Installation) -> None:
    out = place.home / "kept.parquet"
    out.write_text("old")
    place.python(
        "from pathlib import Path\n"
        "from vincle.accounts.models import Workspace\n"
        "from vincle.analyse import take_out\n"
        "def broken(*_):\n    yield from ()\n    raise OSError('disk full')\n"
        "take_out._batches = broken\n"
        f"try:\n    take_out.write(Workspace.objects.get(), 'activity', 'parquet', Path({str(out)!r}))\nexcept OSError: pass"
    )
    assert out.read_text() == "old"
    assert not list(place.home.glob(".*.part"))


def test_misuse_of_export(place: Installation) -> None:
    assert "Say what" in place.run("export", code=2)
    assert "Say what" in place.run("export", "people", "--all", code=2)
    assert "There are: activity" in place.run("export", "--table", "nope", "--out", "x", code=2)
    assert "--out" in place.run("export", "--table", "activity", code=2)
    assert "need a folder" in place.run("export", "--all", "--out", str(place.home / "orders.csv"), code=2)
    assert "ana@example.org" in place.run("export", "people")
