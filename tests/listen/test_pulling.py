"""What is heard by asking: nothing lost, nothing twice, nobody else held up."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from tests.listen import a_platform
from tests.listen.a_platform import Platform, Scripted, item
from vincle.accounts.models import AuditEntry, Workspace
from vincle.channels.live import Problem
from vincle.channels.registry import channels
from vincle.listen import actions, connections, line_streams, pulling, pulling_pages
from vincle.listen.models import Activity, Connection, Content, Delivery, Handle, Notice, Pull
from vincle.store import lease

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Scripted:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    found = Scripted()
    monkeypatch.setitem(channels(), "scripted", found)
    pulling._again.clear()
    return found


@pytest.fixture
def platform() -> Iterator[Platform]:
    with a_platform.running() as found:
        found.says("/me", {"name": "The Café", "can": ["write"]})
        found.says("/items", {"items": []})
        found.says("/reviews", {"items": []})
        yield found


def connected(workspace: Workspace, platform: Platform, name: str = "") -> Connection:
    made = connections.connect(workspace, None, "scripted", name, {"server": platform.url}, {"token": "tok-1"})
    connections.check(made)
    return made


def row(connection: Connection, stream: str = "items", is_past: bool = False) -> Pull:
    return Pull.objects.get(connection=connection, stream=stream, is_past=is_past)


def soon(*rows: Pull) -> None:
    Pull.objects.filter(pk__in=[each.pk for each in rows]).update(next_at=timezone.now())


def texts() -> list[str]:
    actions.work_off_waiting(100)
    return sorted(Content.objects.values_list("text", flat=True))


def test_pages_are_kept_with_the_cursor_behind_them(workspace: Workspace, platform: Platform) -> None:
    platform.says(
        "/items", {"items": [item(1, "one"), item(2, "two")], "cursor": "c2", "more": True}, {"items": [item(3, "three")], "cursor": "c3"}
    )
    made = connected(workspace, platform)
    assert Pull.objects.filter(connection=made).count() == 2
    assert pulling.turn() == 2
    found = row(made)
    assert (found.cursor, found.items, found.failures, found.owner) == ("c3", 3, 0, "")
    assert timedelta(seconds=50) < found.next_at - timezone.now() < timedelta(seconds=67)
    assert [each["query"] for each in platform.asked if each["path"] == "/items"] == ["", "after=c2"]
    assert platform.asked[-1]["headers"]["authorization"] == "Bearer tok-1"
    assert texts() == ["one", "three", "two"]
    assert pulling.turn() == 0


def test_the_same_again_is_the_same(workspace: Workspace, platform: Platform) -> None:
    platform.says("/items", {"items": [item(1, "one")], "cursor": "c1"})
    made = connected(workspace, platform)
    for _ in range(3):
        soon(row(made))
        pulling.turn()
    assert (Delivery.objects.count(), texts(), row(made).items) == (1, ["one"], 1)


def test_killed_between_raw_and_cursor_neither_stands(workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.says("/items", {"items": [item(1, "one")], "cursor": "c1"})
    made = connected(workspace, platform)
    real = actions.receive_all

    def dies(*given: Any) -> Any:
        real(*given)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(actions, "receive_all", dies)
        with pytest.raises(SystemExit):
            pulling.one(row(made).pk)
    assert (row(made).cursor, Delivery.objects.count()) == ("", 0)
    assert pulling.turn() == 2
    assert (row(made).cursor, texts()) == ("c1", ["one"])


@pytest.mark.parametrize(
    ("told", "kind", "code", "least", "most"),
    [
        ((500, {}, b"oops"), "transient", "server_trouble", 3, 7),
        ((503, {"Retry-After": "120"}, b""), "transient", "server_trouble", 120, 121),
        ((429, {"Retry-After": "40"}, b"{}"), "quota", "too_fast", 40, 45),
        ((429, {}, b"{}"), "quota", "too_fast", 900, 991),
        ((200, {}, b'{"items": [{"id": "n1", "te'), "transient", "not_json", 3, 7),
        ((200, {}, b'{"unheard": "of"}'), "transient", "channel_stumbled", 3, 7),
        ((404, {}, b"{}"), "gone", "not_there", 19_000, 24_000),
        ((422, {}, b"{}"), "permanent", "http_422", 19_000, 24_000),
        ((302, {"Location": "http://10.1.2.3/"}, b""), "permanent", "not_allowed_there", 19_000, 24_000),
    ],
)
def test_troubles_are_sorted_and_waited_out(
    workspace: Workspace, platform: Platform, settings: Any, monkeypatch: pytest.MonkeyPatch, told: Any, kind: str, code: str, least: float,
    most: float,
) -> None:  # fmt: skip
    made = connected(workspace, platform)
    monkeypatch.setattr("vincle.store.outside.is_public", lambda address: address == "127.0.0.1")
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=False)
    platform.says("/items", told, {"items": [item(1, "one")], "cursor": "c1"})
    pulling.turn()
    found = row(made)
    assert (found.problem_kind, found.problem_code, found.failures, found.cursor) == (kind, code, 1, "")
    assert least - 3 <= (found.next_at - timezone.now()).total_seconds() <= most
    assert row(made, "reviews").problem_kind == ""
    soon(found)
    pulling.turn()
    assert (row(made).problem_kind, row(made).failures, texts()) == ("", 0, ["one"])


def test_pauses_grow_and_a_quota_holds_for_all_of_the_account(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/items", (500, {}, b""))
    pauses = []
    for _ in range(5):
        soon(row(made))
        pulling.turn()
        pauses.append((row(made).next_at - timezone.now()).total_seconds())
    assert all(later > before * 1.1 for before, later in pairwise(pauses))
    platform.says("/reviews", (429, {"Retry-After": "300"}, b""))
    soon(row(made), row(made, "reviews"))
    platform.says("/items", {"items": []})
    pulling.turn()
    waits = [(each.next_at - timezone.now()).total_seconds() for each in (row(made), row(made, "reviews"))]
    assert min(waits) > 250


def test_one_connection_does_not_stop_another(workspace: Workspace, platform: Platform) -> None:
    with a_platform.running() as broken:
        broken.says("/me", {"name": "Broken"})
        bad = connected(workspace, broken, "bad")
        broken.says("/items", lambda handler: 1 / 0)
        good = connected(workspace, platform, "good")
        platform.says("/items", {"items": [item(1, "one")]})
        assert pulling.turn() == 4
    assert row(bad).problem_kind == "transient"
    assert texts() == ["one"]
    assert row(good).problem_kind == ""


def test_rights_that_ended_stop_and_tell_once(workspace: Workspace, platform: Platform, owner: Any) -> None:
    made = connected(workspace, platform)
    platform.says("/items", (401, {}, b'{"error": "revoked tok-1"}'))
    for _ in range(2):
        soon(row(made))
        pulling.turn()
    made.refresh_from_db()
    assert (made.state_kind, made.state_code, made.state_detail) == ("auth", "not_authorised", "revoked •••")
    assert all(each.next_at > timezone.now() + timedelta(hours=4) for each in Pull.objects.filter(connection=made))
    notice = Notice.objects.get()
    assert (notice.alert.kind, notice.values["connection"], notice.severity) == ("connection", made.pk, "warning")
    assert notice.readers.get().user == owner
    platform.says("/items", {"items": [item(1, "one")]})
    connections.set_settings(made, owner, {"server": platform.url}, {"token": "tok-2"})
    assert pulling.turn() == 0  # how it stands is not known yet
    connections.check(made)
    assert pulling.turn() == 2
    assert platform.asked[-1]["headers"]["authorization"] == "Bearer tok-2"
    assert (Connection.objects.get(pk=made.pk).state_code, texts()) == ("", ["one"])


def test_secrets_that_nobody_can_read(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    Connection.objects.filter(pk=made.pk).update(credentials=b"sealed elsewhere")
    pulling.turn()
    made.refresh_from_db()
    assert (made.state_kind, made.state_code) == ("auth", "secrets_unreadable")
    assert "/items" not in platform.paths()


@pytest.mark.parametrize("change", ["pause", "disconnect", "replay", "taken"])
def test_what_changes_in_the_middle_of_a_page_wins(workspace: Workspace, platform: Platform, scripted: Scripted, change: str) -> None:
    made = connected(workspace, platform)
    real = scripted.pull

    def pull(*given: Any) -> Any:
        if change == "pause":
            connections.turn(made, None, False)
        elif change == "disconnect":
            connections.disconnect(made, None)
        elif change == "replay":
            Pull.objects.update(cursor="earlier")
        else:
            Pull.objects.update(owner="elsewhere:1:abc", lease_until=timezone.now() + timedelta(minutes=1))
        return real(*given)

    platform.says("/items", {"items": [item(1, "one")], "cursor": "c1"})
    scripted.pull = pull  # type: ignore[method-assign]
    assert pulling.one(row(made).pk)
    assert (Delivery.objects.count(), row(made).cursor) == (0, "earlier" if change == "replay" else "")
    if change in ("pause", "disconnect"):
        soon(row(made))
        assert pulling.due(10) == []


def test_a_pause_ends_where_it_began(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/items", {"items": [item(1, "one")], "cursor": "c1"}, {"items": [item(2, "two")], "cursor": "c2"})
    pulling.turn()
    connections.turn(made, None, False)
    soon(row(made))
    assert pulling.turn() == 0
    connections.turn(made, None, True)
    assert pulling.turn() == 2
    assert texts() == ["one", "two"]
    assert "after=c1" in [each["query"] for each in platform.asked]


def test_the_past_comes_page_by_page_with_progress(workspace: Workspace, platform: Platform, owner: Any) -> None:
    made = connected(workspace, platform)
    pages = [{"items": [item(n, f"old {n}")], "next": str(n + 1) if n < 3 else "", "total": 3} for n in (1, 2, 3)]
    platform.says("/past", pages[0], (500, {}, b""), *pages[1:])
    assert pulling.bring_past(made, owner) == 1
    pulling.turn()
    found = row(made, is_past=True)
    assert (found.done, found.total, found.finished_at, found.problem_kind) == (1, 3, None, "transient")
    soon(found)
    pulling.turn()
    found = row(made, is_past=True)
    assert (found.done, found.total, found.problem_kind) == (3, 3, "")
    assert found.finished_at is not None
    assert texts() == ["old 1", "old 2", "old 3"]
    soon(found)
    assert found.pk not in pulling.due(10)
    assert AuditEntry.objects.filter(verb="import", object_type="connection").count() == 1


def test_an_import_of_the_past_is_stopped_and_goes_back_no_further_than_asked(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/past", *[{"items": [item(60 * n, f"{n}")], "next": f"p{n}"} for n in (9, 8, 7, 6)])
    since = timezone.now().fromisoformat(item(60 * 8)["at"])
    pulling.bring_past(made, None, since)
    pulling.turn()
    assert texts() == ["7", "8", "9"]  # the first page that is older whole ends it
    assert row(made, is_past=True).finished_at is not None
    pulling.bring_past(made, None)
    assert pulling.stop_past(made, None)
    assert pulling.due(10) == [] or row(made, is_past=True).pk not in pulling.due(10)
    assert not pulling.stop_past(made, None)


def test_what_was_missed_is_heard_again(workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling_pages, "MARK_EVERY", timedelta(0))
    made = connected(workspace, platform)
    platform.says("/items", {"items": [item(1, "one")], "cursor": "c1"}, {"items": [item(3, "three")], "cursor": "c3"})
    pulling.turn()
    between = timezone.now()
    soon(row(made))
    pulling.turn()
    platform.says("/items", {"items": [item(2, "two"), item(3, "three")], "cursor": "c3"})
    platform.says("/past", {"items": [item(0, "zero")]})
    found = pulling.replay(made, between)
    assert (found.again, found.past, found.impossible) == (("items",), (), ("reviews",)) or found.again == ("items", "reviews")
    pulling.turn()
    assert platform.asked[-1]["query"] == "after=c1" or "after=c1" in [each["query"] for each in platform.asked[-2:]]
    assert texts() == ["one", "three", "two"]
    found = pulling.replay(made, between - timedelta(days=30))
    assert found.past == ("items",)
    pulling.turn()
    assert texts() == ["one", "three", "two", "zero"]


def test_what_a_delivery_only_names_is_asked_for_once(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/one/5", (503, {}, b""), {"items": [item(5, "five")]})
    platform.says("/one/6", (404, {}, b"{}"))
    for number in (5, 5, 6):
        actions.receive(made, json.dumps({"id": f"w{number}", "names": number}).encode())
    once = Pull.objects.filter(is_once=True)
    assert once.count() == 2
    pulling.turn()
    assert once.count() == 1
    soon(once.get())
    pulling.turn()
    assert (once.count(), "five" in texts()) == (0, True)


def test_our_own_words_are_ours_and_so_are_we(workspace: Workspace, platform: Platform) -> None:
    connected(workspace, platform)
    platform.says("/items", {"items": [item(1, "Tea?"), item(2, "Yes", who="us")]})
    pulling.turn()
    actions.work_off_waiting()
    found = {act.native_id: act for act in Activity.objects.all()}
    assert (found["n1"].direction, found["n2"].direction) == ("in", "out")
    assert Handle.objects.get(kind="scripted", value="us").is_own
    assert not Handle.objects.get(kind="scripted", value="ana").is_own


def test_another_account_is_heard_from_its_own_beginning(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/items", {"items": [], "cursor": "c9"})
    pulling.turn()
    platform.says("/me", {"name": "Another"})
    connections.check(made)
    assert row(made).cursor == ""


@pytest.mark.django_db(transaction=True)
def test_two_at_once_ask_once(workspace: Workspace, platform: Platform, in_thread: Callable[[Callable[[], None]], Any]) -> None:
    made = connected(workspace, platform)
    platform.says(
        "/items", lambda handler: (sleep(0.3), handler.give(200, {}, json.dumps({"items": [item(1, "one")], "cursor": "c"}).encode()))
    )
    pk = row(made).pk
    asked: list[bool] = []
    threads = [in_thread(lambda: asked.append(pulling.one(pk))) for _ in range(4)]
    for thread in threads:
        thread.join(10)
    assert sorted(asked) == [False, False, False, True]
    assert platform.paths().count("/items") == 1
    assert texts() == ["one"]


@pytest.mark.django_db(transaction=True)
def test_one_that_lost_its_lease_keeps_nothing(
    workspace: Workspace, platform: Platform, in_thread: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was away for long finds its page kept by another."""
    made = connected(workspace, platform)
    go, away = threading.Event(), threading.Event()
    page = json.dumps({"items": [item(1, "one")], "cursor": "c"}).encode()

    def slow(handler: Any) -> None:
        away.set()
        go.wait(10)
        handler.give(200, {}, page)

    platform.says("/items", slow, (200, {}, page))
    first = in_thread(lambda: pulling.one(row(made).pk))
    assert away.wait(10)
    Pull.objects.filter(stream="items").update(owner="elsewhere:1:abc", lease_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(pulling_pages, "_here", set())
    monkeypatch.setattr(lease, "ME", lease.ME + "x")
    assert pulling.one(row(made).pk)
    go.set()
    first.join(10)
    assert (Delivery.objects.count(), row(made).cursor) == (1, "c")


def _events(*numbers: int, hold: threading.Event | None = None) -> Callable[[Any], None]:
    def give(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for number in numbers:
            handler.wfile.write(f"event: item\ndata: {json.dumps(item(number, f'live {number}'))}\n\n".encode())
            handler.wfile.flush()
        if hold is not None:
            hold.wait(10)
        handler.close_connection = True

    return give


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it did not come to this in time"
        sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_live_stream_is_held_and_no_gap_is_left(workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items come before the stream, in the moment it is opened, by the stream, and after it broke."""
    monkeypatch.setattr(line_streams, "SILENCE", 0.05)
    monkeypatch.setattr(pulling, "FIRST_AGAIN", 0.01)
    made = connected(workspace, platform)
    ends, stopping = threading.Event(), threading.Event()
    platform.says(
        "/items", {"items": [item(1, "before")], "cursor": "n1"}, {"items": [item(2, "meanwhile")], "cursor": "n2"},
        {"items": [item(5, "broken")], "cursor": "n5"}, {"items": []},
    )  # fmt: skip
    platform.says("/stream", _events(3, 4, hold=ends), (503, {}, b""), _events(6, hold=stopping))
    assert pulling.hold(stopping) == 1
    _until(lambda: row(made).cursor == "n4")
    assert row(made).live_at is not None
    assert row(made).pk not in pulling.due(10)
    assert pulling.hold(stopping) == 1  # still the one
    ends.set()
    _until(lambda: (pulling.hold(stopping), row(made).cursor)[1] == "n6")
    stopping.set()
    _until(lambda: row(made).owner == "")
    assert texts() == ["before", "broken", "live 3", "live 4", "live 6", "meanwhile"]
    assert row(made).live_at is None


@pytest.mark.django_db(transaction=True)
def test_a_server_without_a_stream_is_polled(workspace: Workspace, platform: Platform) -> None:
    made = connected(workspace, platform)
    platform.says("/stream", (404, {}, b"{}"))
    stopping = threading.Event()
    pulling.hold(stopping)
    _until(lambda: row(made).not_live_at is not None and row(made).owner == "")
    assert pulling.hold(stopping) == 0 or (sleep(0.1), pulling.hold(stopping))[1] == 0
    assert (row(made).problem_kind, row(made).pk in pulling.due(10)) == ("", True)


@pytest.mark.django_db(transaction=True)
def test_a_held_stream_ends_when_its_connection_is_paused(
    workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_streams, "SILENCE", 0.05)
    monkeypatch.setattr(pulling, "LIFE_EVERY", 0.1)
    made = connected(workspace, platform)
    ends, stopping = threading.Event(), threading.Event()
    platform.says("/stream", _events(hold=ends))
    pulling.hold(stopping)
    _until(lambda: row(made).live_at is not None)
    connections.turn(made, None, False)
    _until(lambda: row(made).owner == "")
    assert pulling.hold(stopping) == 0
    ends.set()


def test_a_clock_that_is_wrong_changes_no_pause(workspace: Workspace, platform: Platform) -> None:
    """The server's clock is a day ahead; what it says of when to come back is measured by its own."""
    made = connected(workspace, platform)
    there = timezone.now() + timedelta(days=1)
    date = "%a, %d %b %Y %H:%M:%S GMT"
    headers = {"Date": there.strftime(date), "Retry-After": (there + timedelta(seconds=50)).strftime(date)}
    platform.says("/items", (429, headers, b""))
    pulling.turn()
    assert 45 <= (row(made).next_at - timezone.now()).total_seconds() <= 60


def test_problems_of_the_database_are_not_the_platforms(workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    made = connected(workspace, platform)

    def away(*_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(actions, "receive_all", away)
    platform.says("/items", {"items": [item(1)]})
    with transaction.atomic(), pytest.raises(OperationalError):
        pulling.one(row(made).pk)
    assert row(made).problem_kind == ""
    assert database.connection is not None


def test_waits_are_never_shorter_than_asked() -> None:
    for kind in ("quota", "transient", "permanent"):
        problem = Problem(kind, "x", retry_after=3600.0)  # type: ignore[arg-type]
        assert all(pulling_pages.wait(problem, n) >= 3600 for n in (1, 9))
