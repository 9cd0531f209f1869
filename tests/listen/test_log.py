"""The two doors of the log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.accounts.models import Workspace
from vincle.listen import actions, log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content, Handle
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Retraction, Unknown, Verb

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANA = HandleRef("mastodon", "ana@example.social", "Ana")


def note(native_id: str, text: str = "bon dia", op: Op = Op.ASSERT, version: str = "", **more: object) -> Activity:
    return Activity(
        verb=Verb.CREATE,
        object_type=ObjectType.NOTE,
        native_id=native_id,
        happened_at=NOW,
        actor=ANA,
        text=text,
        op=op,
        version=version,
        **more,
    )


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    return actions.connection_for(workspace, "mastodon")


def standing(source: Connection) -> list[str]:
    live = Row.objects.of(source.workspace).filter(superseded=False).exclude(op="retract").values_list("event_id", flat=True)
    return sorted(log.contents(bytes(key) for key in live)[bytes(key)][0] for key in live)


def test_everything_said_comes_back(source: Connection) -> None:
    at = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
    act = Activity(
        verb=Verb.PURCHASE,
        object_type=ObjectType.ORDER,
        native_id="o1",
        happened_at=at,
        actor=ANA,
        target=HandleRef("shop", "us"),
        amount=Decimal("12.50"),
        currency="EUR",
        rating=4.0,
        rating_max=5.0,
        hashtags=("cafè", "bcn"),
        topics=("delivery", "oat milk"),
        place="Gràcia",
        props={"n": 3},
        title="Order 1",
        body={"items": ["beans"]},
        thread_key="t",
        parent_key="p",
        object_key="o",
        campaign_key="c",
        url="https://example.org/1",
        language="ca",
    )
    assert log.append(source, [act], NOW).new == 1
    row = Row.objects.get()
    assert (row.happened_at, row.received_at, row.amount, row.currency) == (at, NOW, Decimal("12.50"), "EUR")
    assert (row.hashtags, row.topics, row.place, row.props) == ("cafè bcn", "delivery|oat milk", "Gràcia", '{"n":3}')
    assert (row.thread_key, row.parent_key, row.object_key, row.campaign_key) == ("t", "p", "o", "c")
    assert log.contents([bytes(row.event_id)])[bytes(row.event_id)] == ("", "Order 1", '{"items":["beans"]}')
    assert Handle.objects.get(key=row.actor).name == "Ana"
    assert Handle.objects.get(key=row.target).is_own


def test_a_second_delivery_changes_nothing(source: Connection) -> None:
    first = log.append(source, [note("1"), note("2")], NOW)
    second = log.append(source, [note("2", "other words"), note("1"), note("3")], NOW + timedelta(hours=1))
    assert (first.new, first.duplicates, second.new, second.duplicates) == (2, 0, 1, 2)
    assert standing(source) == ["bon dia"] * 3


def test_the_same_thing_twice_in_one_batch_keeps_its_first_words(source: Connection) -> None:
    done = log.append(source, [note("1", "first"), note("1", "second")], NOW)
    assert (done.new, done.duplicates, standing(source)) == (1, 1, ["first"])


def test_a_correction_takes_the_place_of_what_it_corrects(source: Connection) -> None:
    log.append(source, [note("1", "typo")], NOW)
    log.append(source, [note("1", "mended", Op.CORRECT, "2"), note("1", "mended again", Op.CORRECT, "10")], NOW)
    assert standing(source) == ["mended again"]


def test_corrections_and_deletions_may_come_before_what_they_speak_of(source: Connection) -> None:
    log.append(source, [note("1", "new", Op.CORRECT, "2"), Retraction(native_id="2", happened_at=NOW)], NOW)
    log.append(source, [note("1", "old"), note("2", "gone")], NOW)
    assert standing(source) == ["new"]


def test_a_deletion_removes_the_words_and_keeps_the_row(source: Connection) -> None:
    log.append(source, [note("1"), note("2")], NOW)
    log.append(source, [Retraction(native_id="1", happened_at=NOW, reason="deleted")], NOW)
    assert Row.objects.count() == 3
    assert Content.objects.count() == 1
    log.append(source, [note("1", "back by the platform's replay")], NOW)
    assert standing(source) == ["bon dia"]


def test_what_a_moderator_hides_can_be_shown_again(source: Connection) -> None:
    log.append(source, [note("1", "rude?")], NOW)
    log.append(source, [Retraction(native_id="1", happened_at=NOW, reason="hidden")], NOW)
    assert standing(source) == []
    log.append(source, [note("1", "rude?", Op.CORRECT, "7")], NOW)
    assert standing(source) == ["rude?"]


@pytest.mark.parametrize("seed", range(6))
def test_any_order_leaves_the_same_standing(source: Connection, seed: int) -> None:
    items = [
        note("1", "one"),
        note("1", "one b", Op.CORRECT, "1"),
        note("1", "one c", Op.CORRECT, "2"),
        note("2", "two"),
        note("3", "three"),
        Retraction(native_id="3", happened_at=NOW),
        note("4", "four"),
        note("4", "four b", Op.CORRECT, "9"),
        Retraction(native_id="4", happened_at=NOW),
    ]
    import random

    random.Random(seed).shuffle(items)
    for item in items:
        log.append(source, [item], NOW)
    assert standing(source) == ["one c", "two"]


def test_unknown_kinds_are_kept_and_counted(source: Connection) -> None:
    done = log.append(source, [Unknown(native_id="u", kind="hologram", happened_at=NOW, raw={"a": 1})], NOW)
    assert (done.new, done.unknown) == (1, 1)
    assert Row.objects.get().event_name == "hologram"


def test_workspaces_do_not_share_handles(source: Connection, other_workspace: Workspace) -> None:
    log.append(source, [note("1")], NOW)
    log.append(actions.connection_for(other_workspace, "mastodon"), [note("1")], NOW)
    keys = set(Handle.objects.values_list("key", flat=True))
    assert len(keys) == 2
    assert Row.objects.count() == 2


def test_facts_are_rows_that_are_not_acts(source: Connection) -> None:
    log.append(
        source, [Fact(native_id="f", observed_at=NOW, handles=(ANA, HandleRef("email", "ana@example.org")), traits={"city": "Reus"})], NOW
    )
    row = Row.objects.get()
    assert (row.verb, row.object_type) == ("Update", "Profile")
    assert '"city":"Reus"' in log.contents([bytes(row.event_id)])[bytes(row.event_id)][2]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=40), min_size=1, max_size=8
    )
)
def test_any_text_goes_in_and_comes_out(source: Connection, texts: list[str]) -> None:
    with transaction.atomic():
        log.append(source, [note(f"{number}", text, title="t") for number, text in enumerate(texts)], NOW)
        found = {row.native_id: log.contents([bytes(row.event_id)])[bytes(row.event_id)][0] for row in Row.objects.of(source.workspace)}
        assert found == {f"{number}": text for number, text in enumerate(texts)}
        transaction.set_rollback(True)


def test_read_new_goes_on_where_it_stopped(source: Connection) -> None:
    log.append(source, [note(str(number)) for number in range(10)], NOW)
    first = log.read_new(0, 4, ("native_id",))
    rest = log.read_new(first[-1][0], 100, ("native_id",))
    assert [row[1] for row in [*first, *rest]] == [str(number) for number in range(10)]


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_is_not_passed_by(in_thread: Callable[..., Thread]) -> None:
    """Two writers: the one with the lower number commits last. A reader in between must not step over it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: numbers cannot be committed out of order")
    workspace = Workspace.objects.create(slug="late", name="Late")
    source = actions.connection_for(workspace, "mastodon")
    begun, go_on, seen = Event(), Event(), list[list[str]]()

    def slow_writer() -> None:
        with transaction.atomic():
            log.append(source, [note("early number")], NOW)
            begun.set()
            go_on.wait(10)

    def reader() -> None:
        cursor = 0
        while len([name for batch in seen for name in batch]) < 2:
            rows = log.read_new(cursor, 100, ("native_id",))
            if rows:
                cursor = rows[-1][0]
                seen.append([row[1] for row in rows])

    slow = in_thread(slow_writer)
    assert begun.wait(10)
    with transaction.atomic():
        log.append(source, [note("late number")], NOW)
    reading = in_thread(reader)
    go_on.set()
    slow.join(10)
    reading.join(10)
    assert sorted(name for batch in seen for name in batch) == ["early number", "late number"]
