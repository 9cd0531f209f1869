"""The collector at its public door: what it takes, what it refuses and with which words, and what becomes of it."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vincle.accounts.models import Workspace
from vincle.api.collector import commits
from vincle.api.collector.app import Collector
from vincle.listen import shelf, sources
from vincle.listen.models import Handle, Source, SourceDay

from .conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)
EVENT = {"type": "track", "userId": "u1", "event": "Tasted", "messageId": "m1"}


def test_an_event_is_acknowledged_exactly_and_stands_in_the_log_under_its_message_id(place: Place) -> None:
    answer = place.post("/v1/track", EVENT)
    assert (answer.status, answer.body) == (200, b'{"success": true}')
    assert answer.headers["content-type"] == "application/json"
    [act] = place.acts()
    assert (act.native_id, act.verb, act.event_name, act.channel) == ("m1", "Track", "Tasted", "web")
    assert Handle.objects.get(key=act.actor).value == "u1"


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("identify", {"userId": "u", "traits": {"email": "a@example.org"}}),
        ("i", {"userId": "u"}),
        ("track", {"userId": "u", "event": "E"}),
        ("t", {"anonymousId": "a", "event": "E"}),
        ("page", {"anonymousId": "a", "name": "Home"}),
        ("p", {"anonymousId": "a"}),
        ("screen", {"anonymousId": "a", "name": "Menu"}),
        ("s", {"anonymousId": "a"}),
        ("group", {"userId": "u", "groupId": "g"}),
        ("g", {"userId": "u", "groupId": "g"}),
        ("alias", {"userId": "u", "previousId": "a"}),
        ("a", {"userId": "u", "previousId": "a"}),
        ("batch", {"batch": [{"type": "track", "userId": "u", "event": "E"}]}),
        ("b", {"batch": [{"type": "page", "userId": "u"}]}),
        ("import", {"batch": [{"type": "page", "userId": "u"}]}),
    ],
)
def test_every_call_has_its_path(place: Place, path: str, event: dict[str, Any]) -> None:
    assert place.post(f"/v1/{path}", {**event, "messageId": "m"}).status == 200
    assert place.log()


def test_the_key_may_stand_in_any_of_the_places_clients_use(place: Place) -> None:
    key = place.source.write_key
    ways: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("/v1/track", {}, {"Authorization": f"Bearer {key}"}),
        ("/v1/track", {"writeKey": key}, {}),
        ("/v1/t", {"writeKey": key}, {"Content-Type": "text/plain"}),
        (f"/v1/track?writeKey={key}", {}, {}),
        ("/v1/track", {"writeKey": key}, {"Authorization": "Bearer some-oauth-token"}),
    ]
    for number, (path, more, headers) in enumerate(ways):
        assert place.post(path, {**EVENT, **more, "messageId": f"m{number}"}, "", **headers).status == 200
    assert len(place.acts()) == len(ways)


@pytest.mark.parametrize("given", ["", "no-such-key", "ü"])
def test_a_wrong_key_is_refused_for_good(place: Place, given: str) -> None:
    answer = place.post("/v1/track", EVENT, given)
    assert (answer.status, answer.json["code"]) == (401, "invalid_write_key")
    assert "Sources" in answer.json["message"]
    assert not place.log()


def test_gzip_is_told_by_the_bytes_whatever_the_labels_say(place: Place) -> None:
    body = gzip.compress(json.dumps({"batch": [EVENT]}).encode())
    assert place.post("/v1/batch", body, Content_Type="application/x-www-form-urlencoded").status == 200
    assert [act.native_id for act in place.acts()] == ["m1"]


def test_the_same_message_counts_once_however_often_it_comes(place: Place) -> None:
    for sent in range(3):
        batch = {"batch": [EVENT, EVENT], "sentAt": f"2026-01-01T00:00:0{sent}Z"}
        assert place.post("/v1/batch", batch, X_Retry_Count=str(sent)).status == 200
    assert len(place.acts()) == 1
    day = SourceDay.objects.get()
    assert (day.accepted, day.duplicates) == (1, 5)


def test_the_clock_of_the_sender_is_corrected(place: Place) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=5)
    done = ahead - timedelta(seconds=30)
    place.post("/v1/batch", {"sentAt": ahead.isoformat(), "batch": [{**EVENT, "timestamp": done.isoformat()}]})
    [act] = place.acts()
    assert abs((datetime.now(UTC) - timedelta(seconds=30) - act.happened_at).total_seconds()) < 5


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "invalid_json", "JSON"),
        (b"{", "invalid_json", "JSON"),
        (b'{"batch": 3}', "invalid_json", "batch"),
        (b'{"batch": []}', "invalid_event", "empty"),
        (b'{"batch": [1, "x", null]}', "invalid_event", "object"),
        (b'{"batch": [{"type": "track", "event": "\xff"}]}', "invalid_json", "utf-8"),
        (b"\x1f\x8bnot gzip", "invalid_gzip", "gzip"),
        (gzip.compress(b'{"batch": []}')[:-9], "invalid_gzip", "early"),
        (b"[" * 5000 + b"]" * 5000, "invalid_json", ""),
        (json.dumps({"batch": [EVENT, {**EVENT, "x": "y" * 33_000}]}).encode(), "event_too_large", "Event 2 of 2"),
        (json.dumps({"batch": [{**EVENT, "x": "y" * 20_000}] * 30}).encode(), "batch_too_large", "500 KB"),
        (gzip.compress(b'{"batch": [' + b" " * 60_000_000 + b"]}"), "batch_too_large", "500 KB"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "body",
)
def test_what_cannot_be_read_is_refused_with_the_place_and_the_reason(place: Place, body: bytes, code: str, words: str) -> None:
    answer = place.post("/v1/batch", body)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert words.lower() in answer.json["message"].lower()
    assert place.post("/v1/track", EVENT).status == 200  # and the next one is taken


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("track", {"event": "E"}),
        ("track", {"userId": "u"}),
        ("group", {"userId": "u"}),
        ("alias", {"userId": "u"}),
        ("page", {}),
        ("track", []),
    ],
)
def test_a_single_event_that_means_nothing_is_refused(place: Place, path: str, event: Any) -> None:
    answer = place.post(f"/v1/{path}", event)
    assert (answer.status, answer.json["code"]) == (400, "invalid_event")


def test_of_a_batch_the_good_events_go_in_and_the_others_are_shown_with_their_reason(place: Place) -> None:
    batch = [EVENT, 7, {"type": "track", "event": "Nobody did it"}, {**EVENT, "messageId": "m2"}]
    assert place.post("/v1/batch", {"batch": batch}).status == 200
    assert [act.native_id for act in place.acts()] == ["m1", "m2"]
    assert sorted(place.source.refusals.values_list("code", flat=True)) == ["no_identity", "not_an_object"]
    assert SourceDay.objects.get().refused == 2


def test_what_is_refused_at_the_door_is_shown_at_its_source(place: Place) -> None:
    place.post("/v1/batch", b'{"batch": [')
    _until(lambda: place.source.refusals.exists())
    assert place.source.refusals.get().code == "invalid_json"


def test_a_source_that_is_off_or_of_another_site_is_refused(place: Place) -> None:
    sources.change(place.source, None, allowed_origins=["https://shop.example"])
    _until(lambda: place.post("/v1/track", EVENT, Origin="https://evil.example").status == 403)
    answer = place.post("/v1/track", EVENT, Origin="https://evil.example")
    assert answer.json["code"] == "origin_not_allowed"
    assert place.post("/v1/track", EVENT, Origin="https://shop.example").status == 200
    assert place.post("/v1/track", EVENT).status == 200  # servers send no origin
    sources.change(place.source, None, is_enabled=False)
    _until(lambda: place.post("/v1/track", EVENT).status == 403)
    assert place.post("/v1/track", EVENT).json["code"] == "source_disabled"


def test_too_many_events_a_second_are_told_when_to_come_again(place: Place) -> None:
    sources.change(place.source, None, rate_limit=10)
    batch = {"batch": [{**EVENT, "messageId": f"m{n}"} for n in range(30)]}
    _until(lambda: place.post("/v1/batch", batch).status == 429)
    answer = place.post("/v1/batch", batch)
    assert (answer.status, answer.json["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 4


def test_a_new_key_works_at_once_and_a_renewed_one_ends(place: Place, workspace: Workspace) -> None:
    fresh = sources.add(workspace, "app")
    assert place.post("/v1/track", EVENT, fresh.write_key).status == 200
    old = fresh.write_key
    sources.renew_key(fresh, None)
    _until(lambda: place.post("/v1/track", EVENT, old).status == 401)


def test_a_browser_may_send_from_another_origin(place: Place) -> None:
    answer = place.ask("OPTIONS", "/v1/batch", None, "", Origin="https://shop.example", Access_Control_Request_Method="POST")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    refused = place.post("/v1/track", EVENT, "wrong", Origin="https://shop.example")
    assert refused.headers["access-control-allow-origin"] == "https://shop.example"


def test_other_paths_and_methods_are_told_what_to_do(place: Place) -> None:
    assert (place.ask("GET", "/v1/track").status, place.post("/v1/unknown", {}).status, place.ask("GET", "/v1/").status) == (405, 404, 404)


def test_the_script_and_the_settings_of_segments_library_are_served(place: Place) -> None:
    script = place.ask("GET", "/vincle.js", None, "")
    assert (script.status, script.headers["access-control-allow-origin"]) == (200, "*")
    assert place.ask("GET", "/vincle.js", None, "", If_None_Match=script.headers["etag"]).status == 304
    found = place.ask("GET", f"/v1/projects/{place.source.write_key}/settings", None, "").json
    assert found["integrations"]["Segment.io"]["apiHost"] == f"127.0.0.1:{place.port}/v1"
    assert place.ask("GET", "/v1/projects/nothing/settings", None, "").status == 404


def test_visitors_without_consent_are_told_apart_for_the_day_only(place: Place) -> None:
    event = {"type": "page", "context": {"cookieless": True}}
    for number, agent in enumerate(["Mozilla/5.0 A", "Mozilla/5.0 B", "Mozilla/5.0 A"]):
        assert place.post("/v1/batch", {"batch": [{**event, "messageId": f"m{number}"}]}, User_Agent=agent).status == 200
    actors = [act.actor for act in place.acts()]
    assert len(set(actors)) == 2
    assert actors[0] == actors[2]
    assert set(Handle.objects.filter(key__in=actors).values_list("kind", flat=True)) == {"visit"}
    today = datetime.now(UTC).date()
    old = sources.salts(today)[today]
    later = sources.salts(today + timedelta(days=2))
    assert old not in later.values()
    assert today not in sources.salts(today + timedelta(days=2))


def test_sources_of_two_workspaces_share_nothing(place: Place, other_workspace: Workspace) -> None:
    other = sources.add(other_workspace, "shop.example")
    assert place.post("/v1/track", EVENT).status == 200
    assert place.post("/v1/track", EVENT, other.write_key).status == 200
    place.log()
    counts = {where.slug: sum(day.accepted for day in SourceDay.objects.of(where)) for where in (place.source.workspace, other_workspace)}
    assert counts == {"cafe-lligam": 1, "bakery": 1}


class _Broken(shelf.Writer):
    """A disk that is full until it is not."""

    full = True

    def put(self, rows: Any) -> None:
        if _Broken.full:
            raise sqlite3.OperationalError("database or disk is full")
        super().put(rows)


class _BrokenCollector(Collector):
    async def start(self) -> None:
        await super().start()
        await self.commits.close()
        self.commits = commits.Committer(_Broken)


def test_what_cannot_be_stored_is_not_acknowledged_and_goes_in_when_it_comes_again(serve: Callable[..., Place]) -> None:
    place = serve(_BrokenCollector())
    answer = place.post("/v1/track", EVENT)
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert int(answer.headers["retry-after"]) >= 1
    assert not place.log()
    _Broken.full = False
    assert place.post("/v1/track", EVENT).status == 200
    assert len(place.acts()) == 1


def test_a_queue_that_is_full_turns_away_with_retry_after(serve: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> None:
    place = serve(Collector())
    monkeypatch.setattr(commits, "MOST_BYTES", 10)
    answer = place.post("/v1/track", EVENT)
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert "retry-after" in answer.headers


def test_a_parcel_that_cannot_be_read_is_shown_and_the_rest_goes_in(place: Place) -> None:
    now = int(datetime.now(UTC).timestamp() * 1e6)
    writer = shelf.Writer()
    writer.put([shelf.Row(place.source.connection_id, now, 1, b'{"not": "an envelope"')])
    writer.forget()
    assert place.post("/v1/track", EVENT).status == 200
    assert [act.native_id for act in place.acts()] == ["m1"]
    assert place.source.refusals.get().code == "broken_json"


def test_a_parcel_the_reader_stumbles_over_becomes_a_failed_delivery_with_its_bytes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from vincle.channels.web import Web
    from vincle.listen.models import Delivery

    whole = Web.parse

    def stumble(self: Web, raw: bytes, received_at: datetime) -> Any:
        if b"stone" in raw:
            raise ZeroDivisionError("a stone")
        return whole(self, raw, received_at)

    monkeypatch.setattr(Web, "parse", stumble)
    for number, event in enumerate(["a", "stone", "b"]):
        assert place.post("/v1/track", {**EVENT, "event": event, "messageId": f"m{number}"}).status == 200
    assert [act.native_id for act in place.acts()] == ["m0", "m2"]
    failed = Delivery.objects.get()
    assert (failed.state, failed.error_code) == ("failed", "reader_stumbled")
    assert b"stone" in bytes(failed.body or b"")


def test_names_of_sources_are_taken_once(source: Source) -> None:
    with pytest.raises(sources.NameTaken):
        sources.add(source.workspace, " shop.example ")
    with pytest.raises(ValueError, match="name"):
        sources.add(source.workspace, "  ")


def test_a_rebuild_reads_the_shelf_again(place: Place) -> None:
    from vincle.project.rebuild import rebuild

    place.post("/v1/track", EVENT)
    before = [(act.native_id, act.event_id) for act in place.acts()]
    rebuild()
    assert [(act.native_id, act.event_id) for act in place.acts()] == before
    assert shelf.backlog().parcels == 0


def _until(condition: Callable[[], Any]) -> None:
    import time

    until = time.monotonic() + 6
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_visitor_without_consent_acts_but_nobody_is_made_of_them(place: Place) -> None:
    from vincle.identify.models import Person

    place.post("/v1/batch", {"batch": [{"type": "page", "messageId": "m1", "context": {"cookieless": True}}]})
    place.post("/v1/track", {**EVENT, "userId": None, "anonymousId": "a1", "messageId": "m2"}, Sec_GPC="1")
    assert [Handle.objects.get(key=act.actor).kind for act in place.acts()] == ["visit", "visit"]
    assert not Person.objects.exists()
