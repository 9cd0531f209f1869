"""Bluesky where there is a view of the network: notifications page by page, the live stream, sessions; and words as it takes them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.bluesky import US, Bluesky, bluesky
from vincle.channels._atproto import record_key, tid, tid_time
from vincle.channels._bluesky_words import facets
from vincle.channels.bluesky import channel
from vincle.channels.live import Command, Context, File, Problem, Pulled
from vincle.listen import line_streams
from vincle.listen.line import OutLine
from vincle.vocabulary import Activity, Fact, Op, Outcome, Retraction, Verb

BERTA, RUT = "did:plc:berta", "did:plc:rut"
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"


@pytest.fixture(autouse=True)
def _loopback_is_outside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    monkeypatch.setattr(line_streams, "SILENCE", 0.05)


@pytest.fixture
def place() -> Iterator[Bluesky]:
    with bluesky() as found:
        yield found


def lined(place: Bluesky, **more: str) -> OutLine:
    settings = {"handle": "lligam.example", "server": place.url, "jetstream": place.socket_url, "reach": "all", **more}
    return OutLine(settings, {"app_password": "secret"})


def at(second: int) -> str:
    return f"2026-11-01T12:{second // 60:02}:{second % 60:02}.000Z"


def mention(place: Bluesky, number: int, second: int | None = None) -> None:
    record = {"$type": POST, "text": f"@lligam {number}", "createdAt": at(0)}
    place.notify(f"at://{BERTA}/{POST}/{number}", "mention", at(number if second is None else second), **record)


def read(page: Pulled) -> list[Outcome]:
    return [outcome for item in page.items for outcome in channel.parse(item, datetime.now(UTC))]


def texts(outcomes: list[Outcome]) -> list[str]:
    return [each.text for each in outcomes if isinstance(each, Activity)]


def pull(line: OutLine, cursor: str) -> tuple[list[Outcome], str]:
    found: list[Outcome] = []
    while True:
        page = channel.pull(line, "notifications", cursor)
        found, cursor = found + read(page), page.cursor
        if not page.more:
            return found, cursor


def test_notifications_are_heard_once_however_many_pages_they_fill(place: Bluesky) -> None:
    line, cursor = lined(place), ""
    assert pull(line, cursor)[0] == []
    for number in range(3):
        mention(place, number)
    found, cursor = pull(line, cursor)
    assert sorted(texts(found)) == ["@lligam 0", "@lligam 1", "@lligam 2"]
    assert any(isinstance(each, Fact) and each.name == "Berta" for each in found)
    for number in range(3, 180):
        mention(place, number)
    found, cursor = pull(line, cursor)
    assert sorted(texts(found)) == sorted(f"@lligam {number}" for number in range(3, 180))
    mention(place, 500, second=150)
    found, cursor = pull(line, cursor)
    assert texts(found) == ["@lligam 500"], "indexed late, within what is looked at again"
    assert len(cursor) < 4000
    assert pull(line, cursor)[0] == []


def test_a_walk_that_broke_goes_on_where_it_was(place: Bluesky) -> None:
    line = lined(place)
    mention(place, 0)
    _, cursor = pull(line, "")
    for number in range(1, 120):
        mention(place, number)
    first = channel.pull(line, "notifications", cursor)
    assert first.more
    place.faults.append(503)
    with pytest.raises(Problem) as caught:
        channel.pull(line, "notifications", first.cursor)
    assert caught.value.kind == "transient"
    mention(place, 120)
    rest, cursor = pull(line, first.cursor)
    last, _ = pull(line, cursor)
    assert sorted(texts(read(first) + rest + last)) == sorted(f"@lligam {number}" for number in range(1, 121))


def test_edits_and_deletions_are_noticed_without_the_live_stream(place: Bluesky, monkeypatch: pytest.MonkeyPatch) -> None:
    line = lined(place)
    _, cursor = pull(line, "")
    for number in range(3):
        mention(place, number)
    _, cursor = pull(line, cursor)
    place.edited[place.notifications[0]["uri"]] = {"cid": "changed", "record": {"$type": POST, "text": "millor", "createdAt": at(0)}}
    gone = place.notifications[1]["uri"]
    place.gone.add(gone)
    later = datetime.now(UTC) + timedelta(minutes=11)
    monkeypatch.setattr(OutLine, "now", property(lambda line: later))
    (changed, deleted), cursor = pull(line, cursor)
    assert isinstance(changed, Activity)
    assert (changed.op, changed.text) == (Op.CORRECT, "millor")
    assert isinstance(deleted, Retraction)
    assert deleted.native_id == gone
    assert texts(pull(line, cursor)[0]) == []


def test_the_past(place: Bluesky) -> None:
    for number in range(150):
        mention(place, number)
    line, cursor, found = lined(place), "", list[str]()
    while True:
        page = channel.past(line, "notifications", cursor)
        found, cursor = found + texts(read(page)), page.cursor
        if not page.more:
            break
    assert found == [f"@lligam {number}" for number in range(149, -1, -1)]


def test_one_session_serves_many_calls(place: Bluesky) -> None:
    line = lined(place)
    standing = channel.check(line)
    for _ in range(5):
        channel.pull(line, "notifications", "")
    assert (place.sessions, place.refreshes) == (1, 0)
    assert (standing.abilities, standing.quota, standing.notes) == ({"notifications", f"own:{US}"}, 0.5, ())
    place.faults.append(401)
    channel.pull(line, "notifications", "")
    assert (place.sessions, place.refreshes) == (1, 1)


def test_quota_and_closed_accounts(place: Bluesky) -> None:
    line = lined(place)
    channel.check(line)
    place.faults.append(429)
    with pytest.raises(Problem) as caught:
        channel.pull(line, "notifications", "")
    assert caught.value.kind == "quota"
    assert caught.value.retry_after == pytest.approx(60, abs=3)
    place.is_open = False
    with pytest.raises(Problem) as caught:
        channel.check(lined(place))
    assert (caught.value.kind, caught.value.code) == ("auth", "account_closed")


def commit(number: int, did: str, operation: str, collection: str, key: str, **record: Any) -> dict[str, Any]:
    body = {"rev": f"r{number}", "operation": operation, "collection": collection, "rkey": key}
    body |= {"record": {"createdAt": at(0), **record}, "cid": f"c{number}"} if operation != "delete" else {}
    return {"did": did, "time_us": 1_793_534_400_000_000 + number * 1_000_000, "kind": "commit", "commit": body}


def subject(uri: str) -> dict[str, Any]:
    return {"subject": {"uri": uri, "cid": "c"}}


FRAMES = [
    commit(1, RUT, "create", POST, "x", text="nothing to do with us"),
    commit(
        2, BERTA, "create", POST, "a", text="hi", reply={"root": {"uri": f"at://{US}/{POST}/1"}, "parent": {"uri": f"at://{US}/{POST}/1"}}
    ),
    commit(3, BERTA, "create", LIKE, "l", **subject(f"at://{US}/{POST}/1")),
    commit(4, RUT, "create", LIKE, "l", **subject(f"at://{BERTA}/{POST}/a")),
    commit(5, US, "create", POST, "2", text="our own"),
    commit(6, RUT, "delete", POST, "x"),
    commit(7, BERTA, "delete", LIKE, "l"),
    commit(8, BERTA, "delete", POST, "a"),
    {"did": RUT, "time_us": 1_793_534_409_000_000, "kind": "account", "account": {"active": False, "did": RUT, "seq": 1}},
    {"did": BERTA, "time_us": 1_793_534_410_000_000, "kind": "account", "account": {"active": False, "did": BERTA, "seq": 2}},
]


def listening(line: OutLine, cursor: str, count: int) -> tuple[list[Outcome], str]:
    found: list[Outcome] = []
    pages = channel.listen(line, "live", cursor)
    for page in pages:
        found, cursor = found + read(page), page.cursor
        if len(found) >= count:
            break
    pages.close()  # type: ignore[attr-defined]
    return found, cursor


def told(outcomes: list[Outcome]) -> list[str]:
    return [f"{type(each).__name__} {getattr(each, 'verb', '')} {each.native_id}" for each in outcomes if hasattr(each, "native_id")]


def test_of_the_live_stream_what_concerns_us_is_heard(place: Bluesky) -> None:
    place.frames += FRAMES
    found, _ = listening(lined(place), '{"at": 1793534400000000}', 6)
    assert told(found) == [
        f"Activity Create at://{BERTA}/{POST}/a",
        f"Activity Like at://{BERTA}/{LIKE}/l",
        f"Activity Create at://{US}/{POST}/2",
        f"Activity Undo at://{BERTA}/{LIKE}/l",
        f"Retraction  at://{BERTA}/{POST}/a",
        f"Retraction  at://{BERTA}",
    ]
    assert place.wanted[-1]["cursor"] == ["1793534398000000"], "a little back, so that nothing falls into the gap"
    assert set(place.wanted[-1]["wantedCollections"]) >= {POST, LIKE}


def test_the_live_stream_goes_on_behind_an_outage(place: Bluesky) -> None:
    place.frames += FRAMES[:3]
    line = lined(place)
    found, cursor = listening(line, '{"at": 1793534400000000}', 2)
    pages = channel.listen(line, "live", cursor)
    next(pages)
    place.hang_up()
    for _ in pages:
        pass  # until the stream ends: whoever holds it opens it anew
    place.frames += FRAMES[3:]
    again, _ = listening(lined(place), cursor, 6)
    assert told(found) + [each for each in told(again) if each not in told(found)] == told(
        listening(line, '{"at": 1793534400000000}', 6)[0]
    )
    assert any(isinstance(each, Retraction) for each in again), "what was told before the outage is still known behind it"


def test_only_people_who_wrote_to_us_are_listened_to_unless_all_are_asked_for(place: Bluesky) -> None:
    mention(place, 1)
    pages = channel.listen(lined(place, reach="known"), "live", "")
    next(pages)
    assert place.wanted[-1]["wantedDids"] == [US, BERTA]
    with pytest.raises(Problem) as caught:
        next(channel.listen(lined(place, reach="none"), "live", ""))
    assert caught.value.code == "not_live"
    assert channel.pull(lined(place), "live", "c").cursor == "c"


def test_names_of_records() -> None:
    about = Context(happened_at=datetime(2026, 11, 1, 12, tzinfo=UTC))
    name = record_key("key", about)
    assert name == record_key("key", about) != record_key("other", about)
    moment = tid_time(name)
    assert moment is not None
    assert 0 <= moment / 1_000_000 - datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp() < 1
    assert tid_time(record_key("key", Context())) is not None
    assert (tid_time(tid(1_700_000_000_000_000, 5)), tid_time("self"), tid(1) < tid(2)) == (1_700_000_000_000_000, None, True)


def test_rich_text_is_counted_in_bytes_of_utf8() -> None:
    text = "🎉 (vegeu https://lligam.example/càrta_(1)) #Ñam! @berta.example, a@b.example i #42 @ningú.example"
    found = facets(text, lambda name: BERTA if name == "berta.example" else "")
    raw = text.encode()
    marked = [(raw[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode(), *each["features"][0].values()) for each in found]
    assert marked == [
        ("https://lligam.example/càrta_(1)", "app.bsky.richtext.facet#link", "https://lligam.example/càrta_(1)"),
        ("#Ñam", "app.bsky.richtext.facet#tag", "Ñam"),
        ("@berta.example", "app.bsky.richtext.facet#mention", BERTA),
    ]


def test_what_bluesky_does_not_take(place: Bluesky) -> None:
    big = File(name="a.png", content_type="image/png", content=b"x" * 1_000_001)
    for code, command in (
        ("empty", Command(deed="post")), ("too_long", Command(deed="post", text="ñ" * 301)),
        ("file_not_taken", Command(deed="post", files=(big,))), ("file_not_taken", Command(deed="post", files=(replace_type(big),))),
        ("file_not_taken", Command(deed="post", files=(big,) * 5)), ("cannot_act", Command(deed="hide")),
    ):  # fmt: skip
        with pytest.raises(Problem) as caught:
            channel.act(lined(place), command, "k")
        assert (caught.value.kind, caught.value.code) == ("permanent", code)
    assert channel.length("👨‍👩‍👧‍👦" * 300) == 300


def replace_type(file: File) -> File:
    return File(name=file.name, content_type="application/pdf", content=file.content)


def test_an_act_is_the_same_by_notification_and_by_stream() -> None:
    record = {"$type": POST, "text": "hi", "createdAt": at(0)}
    uri = f"at://{BERTA}/{POST}/a"
    place = Bluesky()
    place.notify(uri, "mention", at(1), **record)
    one = next(iter(channel.parse(json.dumps({"notifications": place.notifications}).encode(), datetime.now(UTC))))
    other = next(iter(channel.parse(json.dumps(commit(1, BERTA, "create", POST, "a", text="hi")).encode(), datetime.now(UTC))))
    assert isinstance(one, Activity)
    assert isinstance(other, Activity)
    assert (one.native_id, one.op, one.version, one.verb) == (other.native_id, other.op, other.version, Verb.CREATE)
