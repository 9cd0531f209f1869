"""The log by month of arrival, on PostgreSQL."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vincle.accounts.models import Workspace
from vincle.listen import actions, known, log, partitions, stream
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content
from vincle.organise import timeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Op, Retraction, Verb

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="SQLite has no partitions"),
]


def note(native_id: str, text: str = "bon dia", op: Op = Op.ASSERT, version: str = "", who: int = 0, at: datetime = NOW) -> Activity:
    actor = HandleRef("mastodon", f"p{who}@example.social")
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native_id, happened_at=at, actor=actor, text=text, op=op, version=version
    )


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    return actions.connection_for(workspace, "mastodon")


def one(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def settle() -> None:
    """A test is one long transaction: what its end would check is checked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def place_of(native_id: str) -> str:
    return str(one("SELECT tableoid::regclass::text FROM listen_activity WHERE native_id = %s", native_id))


def test_the_next_months_stand_ready() -> None:
    partitions.ensure(datetime(2031, 12, 31, 23, 30, tzinfo=UTC))
    assert set(partitions.months()) == set(partitions.months("listen_content"))
    assert {date(2031, 12, 1), date(2032, 1, 1), date(2032, 2, 1), date(2032, 3, 1)} <= set(partitions.months())
    assert partitions.ensure(datetime(2031, 12, 31, 23, 30, tzinfo=UTC)) == []


def test_rows_and_their_words_lie_in_the_month_they_came_in(source: Connection) -> None:
    partitions.ensure(datetime(2027, 3, 1, tzinfo=UTC))
    log.append(source, [note("march")], datetime(2027, 3, 31, 23, 59, tzinfo=UTC))
    log.append(source, [note("april")], datetime(2027, 4, 1, tzinfo=UTC))
    assert place_of("march") == "listen_activity_y2027m03"
    assert place_of("april") == "listen_activity_y2027m04"
    assert one("SELECT count(*) FROM listen_content_y2027m03") == 1
    assert [row[1] for row in log.read_new(0, 10, ("native_id",))] == ["march", "april"]


def test_a_retry_in_a_later_month_changes_nothing(source: Connection) -> None:
    partitions.ensure(NOW)
    first = log.append(source, [note("1"), note("2")], NOW)
    again = log.append(source, [note("1", "other words"), note("2"), note("3")], NOW + timedelta(days=40))
    assert (first.new, again.new, again.duplicates, Row.objects.count()) == (2, 1, 2, 3)
    assert log.unseen(source, [note("1"), note("4")]) == {bytes(key) for key in log.prepare(source, [note("4")], NOW).rows}


def test_what_is_corrected_or_deleted_months_later_is_found(source: Connection) -> None:
    partitions.ensure(NOW)
    log.append(source, [note("1", "typo"), note("2", "rude"), note("3")], NOW)
    later = NOW + timedelta(days=70)
    log.append(source, [note("1", "mended", Op.CORRECT, "2"), Retraction(native_id="2", happened_at=later)], later)
    standing = Row.objects.filter(superseded=False).exclude(op="retract").order_by("seq")
    texts = log.contents(bytes(row.event_id) for row in standing)
    assert [texts[bytes(row.event_id)][0] for row in standing] == ["bon dia", "mended"]
    assert Content.objects.count() == 3  # the words of what was deleted are gone


def test_a_wrong_clock_is_caught_and_sorted_in_when_its_month_comes(source: Connection) -> None:
    partitions.ensure(NOW)
    ahead = datetime(2033, 6, 10, tzinfo=UTC)
    log.append(source, [note("early")], ahead)
    log.append(source, [note("of old")], datetime(2011, 2, 3, tzinfo=UTC))
    assert place_of("early") == place_of("of old") == "listen_activity_default"
    partitions.ensure(NOW)
    assert (place_of("early"), place_of("of old")) == ("listen_activity_default", "listen_activity_y2011m02")
    partitions.ensure(ahead)
    assert place_of("early") == "listen_activity_y2033m06"
    assert one("SELECT count(*) FROM listen_content_y2033m06") == 1
    assert log.append(source, [note("early")], NOW).duplicates == 1


def test_a_dropped_month_takes_its_words_and_keys_along(source: Connection) -> None:
    partitions.ensure(NOW)
    log.append(source, [note("1"), note("2")], NOW)
    log.append(source, [note("3")], NOW + timedelta(days=30))
    settle()
    partitions.drop(date(2026, 11, 1))
    assert list(Row.objects.values_list("native_id", flat=True)) == ["3"]
    assert (Content.objects.count(), one("SELECT count(*) FROM listen_known")) == (1, 1)
    assert log.append(source, [note("1")], NOW).new == 1


def test_keys_and_words_follow_whoever_deletes(source: Connection) -> None:
    partitions.ensure(NOW)
    log.append(source, [note("1"), note("2")], NOW)
    Row.objects.filter(native_id="1").delete()
    assert (Content.objects.count(), one("SELECT count(*) FROM listen_known")) == (1, 1)
    source.delete()
    assert (Row.objects.count(), Content.objects.count(), one("SELECT count(*) FROM listen_known")) == (0, 0, 0)


MONTHS = 36


@pytest.fixture
def years(source: Connection) -> Connection:
    """Three years of a log, 400 notes a month, each by someone else."""
    month = date(2023, 12, 1)
    for number in range(MONTHS):
        at = partitions.begin(partitions.following(month, number)) + timedelta(days=3)
        if partitions.following(month, number) not in partitions.months():
            for table in partitions.TABLES:
                partitions._make(table, at.date().replace(day=1))
        items = [note(f"{number}-{n}", who=number * 400 + n, at=at + timedelta(seconds=n)) for n in range(400)]
        log.append(source, items, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE listen_activity, listen_content, listen_known")
    return source


def plans(work: Any) -> list[str]:
    """How each query that `work` makes is carried out."""
    with CaptureQueriesContext(connection) as asked:
        work()
    found = []
    for query in asked.captured_queries:
        if query["sql"].startswith(("SELECT", "UPDATE", "DELETE")) and "listen_" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + query["sql"].replace("%", "%%"), [])
                found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found


def test_no_question_walks_through_the_log(years: Connection) -> None:
    workspace = years.workspace
    handle = Row.objects.values_list("actor", flat=True).first()
    newest = log.last_seq()
    ids = [bytes(key) for key in Row.objects.order_by("-seq").values_list("event_id", flat=True)[:2]]
    filled = {
        partitions.name_of(table, month)
        for table in partitions.TABLES
        for month in partitions.months(table)
        if one(f"SELECT EXISTS (SELECT FROM {partitions.name_of(table, month)})")
    }
    assert len(filled) == 2 * MONTHS
    questions = {
        "stream": lambda: stream.keys(stream.filters(workspace, {})),
        "stream of a channel": lambda: stream.keys(stream.filters(workspace, {"channel": "mastodon"})),
        "stream behind a row": lambda: stream.keys(stream.filters(workspace, {}), after=newest // 2),
        "rows shown": lambda: stream.rows([newest - 1]),
        "timeline": lambda: timeline.stretch(workspace, [handle]),
        "read on": lambda: log.read_new(newest - 20, 10),
        "newest": log.last_seq,
        "who is known": lambda: known.among(ids),
    }
    for name, ask in questions.items():
        for plan in plans(ask):
            walked = set(re.findall(r"Seq Scan on (listen_(?:activity|content)_\w+)", plan))
            assert not walked & filled, f"{name}\n{plan}"


def test_words_are_looked_for_in_their_months_only(years: Connection) -> None:
    ids = [bytes(key) for key in Row.objects.order_by("-seq").values_list("event_id", flat=True)[:50]]
    touched = "\n".join(plans(lambda: log.contents(ids)))
    assert touched.count("listen_content_y") <= 2, touched
    assert len(log.contents(ids)) == 50
