"""An Instagram account against a small Graph API on loopback: standing, reading, mentions by their id, ways and deeds."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers import graph as servers
from tests.servers.graph import GraphServer
from tests.servers.lines import TestLine
from vincle.channels.instagram import channel
from vincle.channels.live import Command, Context, Problem, Pulled, Way
from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Retraction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS, ANA, PAGE = "17841400", "9001", "5001"
MakeLine = Callable[..., TestLine]


@pytest.fixture(scope="module")
def there() -> Iterator[GraphServer]:
    with servers.running() as running:
        yield running


@pytest.fixture
def graph(there: GraphServer) -> GraphServer:
    there.clear()
    there.things = {
        "debug_token": {"data": {"type": "PAGE", "is_valid": True, "scopes": ["instagram_basic"]}},
        PAGE: {"id": PAGE, "name": "Lligam", "instagram_business_account": {"id": OURS, "username": "cafe.lligam"}},
        f"{PAGE}/subscribed_apps": {"data": [{"id": "99"}]},
    }
    return there


@pytest.fixture
def line(graph: GraphServer) -> MakeLine:
    def make(now: datetime = NOW, token: str = "EAAB", **settings: str) -> TestLine:
        moved = {"https://graph.facebook.com": graph.url, "https://graph.instagram.com": graph.url}
        secrets = {"access_token": token, "client_secret": "s", "account_id": OURS}
        return TestLine(moved, {"page_id": PAGE, "client_id": "99"} | settings, secrets, now)

    return make


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def comment(number: int, minutes: float, who: str = ANA, **more: Any) -> dict[str, Any]:
    return {"id": f"180{number}", "text": f"word {number}", "timestamp": at(minutes), "from": {"id": who, "username": "ana"}} | more


def said(page: Pulled) -> list[Item]:
    return [item for raw in page.items for item in channel.parse(raw, NOW)]


def acts(page: Pulled) -> list[Activity]:
    return [item for item in said(page) if isinstance(item, Activity)]


def test_standing_by_the_page(line: MakeLine) -> None:
    asking = line()
    found = channel.check(asking)
    assert (found.account, found.own[0]) == ("@cafe.lligam", HandleRef("instagram", OURS, "cafe.lligam"))
    assert "instagram_manage_comments" in found.scopes_missing
    assert asking.secrets["account_id"] == OURS


def test_standing_by_instagram_itself_renews_its_token(graph: GraphServer, line: MakeLine) -> None:
    graph.things |= {
        "refresh_access_token": {"access_token": "IGNEW", "expires_in": 5184000},
        "me": {"user_id": OURS, "username": "cafe.lligam"},
    }
    asking = line(token="IGOLD")
    found = channel.check(asking)
    assert (found.token_ends_at, asking.secrets["access_token"]) == (NOW + timedelta(days=60), "IGNEW")


def test_comments_past_and_present(graph: GraphServer, line: MakeLine) -> None:
    media = {"id": "31", "caption": "Brunch", "media_type": "IMAGE", "timestamp": at(9000), "owner": {"id": OURS}}
    graph.edges[f"{OURS}/media"] = [
        media | {"comments": {"data": [comment(1, 8000, replies={"data": [comment(2, 7000, OURS, parent_id="1801")]})]}}
    ]
    found = {item.native_id: item for item in acts(channel.past(line(), "comments", ""))}
    assert set(found) == {"31", "1801", "1802"}
    assert (found["1802"].parent_key, found["1802"].thread_key, found["1802"].direction) == ("1801", "31", Direction.OUT)
    assert (found["1801"].parent_key, found["1801"].actor) == ("31", HandleRef("instagram", ANA, "ana"))
    start = channel.pull(line(), "comments", "")
    assert not start.items
    graph.edges[f"{OURS}/media"][0]["comments"] = {"data": [comment(3, 1), comment(1, 8000)]}
    after = channel.pull(line(), "comments", start.cursor)
    assert [item.native_id for item in acts(after)] == ["1803"]
    assert not channel.pull(line(), "comments", after.cursor).items


def test_a_comment_has_one_id_however_it_comes(graph: GraphServer, line: MakeLine) -> None:
    graph.edges[f"{OURS}/media"] = [{"id": "31", "media_type": "IMAGE", "timestamp": at(90), "comments": {"data": [comment(1, 8)]}}]
    (asked,) = [item for item in acts(channel.past(line(), "comments", "")) if item.native_id == "1801"]
    value = {"id": "1801", "text": "word 1", "from": {"id": ANA, "username": "ana"}, "media": {"id": "31"}}
    body = {"object": "instagram", "entry": [{"id": OURS, "time": 1, "changes": [{"field": "comments", "value": value}]}]}
    (told,) = [item for item in channel.parse(json.dumps(body).encode(), NOW) if isinstance(item, Activity)]
    for name in ("native_id", "op", "version", "actor", "parent_key", "thread_key", "direction", "text"):
        assert getattr(asked, name) == getattr(told, name), name


def test_a_mention_is_only_named_and_then_asked_for(graph: GraphServer, line: MakeLine) -> None:
    values: list[Any] = [{"media_id": "55", "comment_id": "77"}, {"media_id": "56"}]
    changes = [{"field": "mentions", "value": value} for value in values]
    body = {"object": "instagram", "entry": [{"id": OURS, "time": 1795000000, "changes": changes}]}
    raw = json.dumps(body).encode()
    assert channel.wanted(raw) == ("mention:55/77", "mention:56")
    graph.things[OURS] = {"id": OURS, "mentioned_comment": comment(1, 5, id="77", text="try @cafe.lligam", media={"id": "55"}),
                          "mentioned_media": {"id": "56", "caption": "at @cafe.lligam", "username": "ana", "timestamp": at(6)}}  # fmt: skip
    bare = [item for item in channel.parse(raw, NOW) if isinstance(item, Activity)]
    whole = [item for want in channel.wanted(raw) for item in acts(channel.pull(line(), want, ""))]
    assert [item.native_id for item in whole] == [item.native_id for item in bare] == ["mention:77", "mention:56"]
    assert [(item.op, item.text) for item in whole] == [(Op.CORRECT, "try @cafe.lligam"), (Op.CORRECT, "at @cafe.lligam")]
    assert channel.wanted(b"nonsense") == ()


def about(**more: Any) -> Context:
    shape = {"native_id": "1801", "object_key": "1801", "parent_key": "31", "thread_key": "31", "object_type": "Note", "verb": "Create",
             "happened_at": NOW - timedelta(days=2), "author": HandleRef("instagram", ANA, "ana"), "props": {"account": OURS}}  # fmt: skip
    return Context(**(shape | more))


def ways(context: Context) -> dict[str, Way]:
    return {way.deed: way for way in channel.ways(context, {}, frozenset(), NOW)}


def test_ways() -> None:
    assert list(ways(about())) == ["reply", "private_reply", "hide"]
    live = ways(about(props={"account": OURS, "live": True}))["private_reply"]
    assert (live.is_open, live.code, live.instead) == (False, "only_while_live", "reply")
    assert list(ways(about(author=HandleRef("instagram", OURS)))) == ["reply", "delete"]
    assert list(ways(about(object_type="Mention"))) == ["reply"]
    talk = about(object_type="Message", thread_key=f"messages:{OURS}:{ANA}", parent_key="", last_in_at=NOW - timedelta(hours=25))
    assert [(way.deed, way.is_open, way.code) for way in ways(talk).values()] == [("message", False, "window_closed")]
    assert ways(about(object_type="Form")) == {}
    assert channel.length("cafè ☕") == 9, "bytes, as Instagram counts"


def test_deeds(graph: GraphServer, line: MakeLine) -> None:
    graph.things["1801"] = comment(1, 40)

    def done(deed: Any, context: Context, text: str = "", **more: Any) -> list[Any]:
        receipt = channel.act(line(), Command(deed=deed, about=context, text=text, **more), "key")
        return [item for item in channel.parse(receipt.raw, NOW) if isinstance(item, Activity | Retraction)]

    (reply,) = done("reply", about(), "Gràcies")
    assert (reply.direction, reply.parent_key, reply.thread_key) == (Direction.OUT, "1801", "31")
    (private,) = done("private_reply", about(), "Look")
    assert (private.object_type, graph.said[-1][2]["recipient"]) == (ObjectType.MESSAGE, {"comment_id": "1801"})
    (hidden,) = done("hide", about())
    (shown,) = done("unhide", about(props={"account": OURS, "hidden": True}))
    assert (hidden.native_id, hidden.reason, shown.op, shown.text) == ("1801", "hidden", Op.CORRECT, "word 1")
    (gone,) = done("delete", about(author=HandleRef("instagram", OURS)))
    assert gone.reason == "deleted"
    (mention,) = done(
        "reply", about(object_type="Mention", object_key="77", native_id="mention:77", parent_key="55", thread_key="55"), "Thanks"
    )
    assert graph.said[-1] == ("POST", f"{OURS}/mentions", {"media_id": "55", "comment_id": "77", "message": "Thanks"})
    (post,) = done("post", Context(), "New", extra={"image_url": "https://lligam.example/1.jpg"})
    assert (mention.direction, post.direction, post.object_type) == (Direction.OUT, Direction.OUT, ObjectType.IMAGE)
    talk = about(object_type="Message", thread_key=f"messages:{OURS}:{ANA}", parent_key="", last_in_at=NOW - timedelta(hours=2))
    (message,) = done("message", talk, "Hola")
    assert message.target == HandleRef("instagram", ANA)
    for deed, context, text, code in (
        ("message", talk, "ò" * 501, "too_long"),
        ("like", about(), "", "cannot_act"),
        ("post", Context(), "x", "needs_picture"),
    ):
        with pytest.raises(Problem, match=code):
            done(deed, context, text)


def test_an_answer_that_never_arrived_is_found(graph: GraphServer, line: MakeLine) -> None:
    graph.edges["1801/replies"] = [comment(5, 0, OURS, text="Gràcies", id="1805")]
    command = Command(deed="reply", about=about(), text="Gràcies")
    receipt = channel.found(line(), command, "key", NOW - timedelta(seconds=20))
    assert receipt is not None
    assert [item.native_id for item in channel.parse(receipt.raw, NOW) if isinstance(item, Activity)] == ["1805"] == [receipt.native_id]
