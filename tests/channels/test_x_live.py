"""X by its documented answers: proof, budget and meter, pages, deletions, ways, deeds and how long a text is there."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.servers.lines import ScriptedLine
from vincle.channels import _x_live as live
from vincle.channels.base import Accepted, Rejected, Reply, Request
from vincle.channels.live import Answer, Command, Context, File, Problem, Pulled
from vincle.channels.x import channel
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Op, Retraction, Verb

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ME, ANA = "5550001", "777001"
BASE = (int(NOW.timestamp() * 1000) - 1288834974657) << 22
SECRET = {"consumer_secret": "shh"}


def post(number: int, who: str = ANA, **more: Any) -> dict[str, Any]:
    return {
        "id": str(BASE + number),
        "text": f"post {number}",
        "author_id": who,
        "created_at": "2026-11-20T11:00:00.000Z",
    } | more


class Place:
    """X as one account sees it."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.said: list[tuple[str, str, Any]] = []
        self.gone: list[str] = []
        self.refusals: list[Any] = []

    def answer(self, method: str, url: str, query: dict[str, str], body: Any) -> Any:
        path = url.removeprefix("https://api.x.com/2/")
        if self.refusals:
            return self.refusals.pop()
        if method != "GET":
            self.said.append((method, path, body))
            number = str(BASE + 1000 + len(self.said))
            return {
                "data": {
                    "id": number,
                    "text": "as X keeps it",
                    "dm_event_id": number,
                    "dm_conversation_id": f"{ANA}-{ME}",
                    "rest_id": number,
                }
            }
        if path == "users/me":
            return {"data": {"id": ME, "name": "Lligam", "username": "CafeLligam"}}
        if path == "tweets":
            wanted = query["ids"].split(",")
            errors = [
                {"resource_id": each, "type": "https://api.x.com/2/problems/resource-not-found"} for each in wanted if each in self.gone
            ]
            return {"data": [{"id": each, "text": "t"} for each in wanted if each not in self.gone], "errors": errors}
        rows = [row for row in self.lists.get(path, []) if int(row["id"]) > int(query.get("since_id") or 0)]
        start = int(query.get("pagination_token") or query.get("next_token") or 0)
        page = rows[start : start + int(query["max_results"])]
        after = {"next_token": str(start + len(page))} if start + len(page) < len(rows) else {}
        return {"data": page, "includes": {"users": [{"id": ANA, "name": "Marta", "username": "marta"}]}, "meta": after}


def line(place: Place, now: datetime = NOW, **settings: str) -> ScriptedLine:
    return ScriptedLine(place.answer, settings, {"access_token": "t", "account_id": ME}, now)


def acts(*pages: Pulled) -> list[Activity]:
    return [item for page in pages for raw in page.items for item in channel.parse(raw, NOW) if isinstance(item, Activity)]


def refused(work: Any) -> Problem:
    with pytest.raises(Problem) as told:
        work()
    return told.value


def test_proof() -> None:
    def sent(body: bytes = b"{}", **more: Any) -> Request:
        return Request(**({"method": "POST", "path": "/", "received_at": NOW, "body": body} | more))

    proof = b64encode(hmac.digest(b"shh", b"{}", sha256)).decode()
    assert channel.verify(sent(headers={"x-twitter-webhooks-signature": f"sha256={proof}"}), SECRET) == Accepted()
    assert channel.verify(sent(b"{ }", headers={"x-twitter-webhooks-signature": f"sha256={proof}"}), SECRET) == Rejected("wrong_signature")
    assert channel.verify(sent(), SECRET) == Rejected("no_signature")
    asked = channel.verify(sent(b"", method="GET", query={"crc_token": "abc"}), SECRET)
    assert isinstance(asked, Reply)
    assert json.loads(asked.body) == {"response_token": "sha256=" + b64encode(hmac.digest(b"shh", b"abc", sha256)).decode()}
    assert channel.verify(sent(b"", method="GET", query={"crc_token": "abc"}), {}) == Rejected("no_secret")


def test_standing() -> None:
    found = channel.check(line(Place()))
    assert (found.account, found.own) == (
        "@CafeLligam",
        (HandleRef("x", ME, "Lligam"), HandleRef("x_username", "cafelligam", "CafeLligam")),
    )
    assert refused(lambda: channel.check(ScriptedLine(Place().answer, {}, {}))).code == "no_token"


def test_the_present_goes_on_from_the_newest() -> None:
    place = Place()
    place.lists[f"users/{ME}/mentions"] = [post(n, entities={"mentions": [{"id": ME, "username": "CafeLligam"}]}) for n in (2, 1)]
    first = channel.pull(line(place), "mentions", "")
    assert (first.items, first.more) == ((), True), "nothing is paid for beginning"
    second = channel.pull(line(place), "mentions", first.cursor)
    assert [(item.text, item.object_type, item.direction) for item in acts(second)] == [
        ("post 2", ObjectType.MENTION, Direction.IN), ("post 1", ObjectType.MENTION, Direction.IN)]  # fmt: skip
    place.lists[f"users/{ME}/mentions"].insert(0, post(3))
    third = channel.pull(line(place, deletions_delivered="1"), "mentions", second.cursor)
    assert [item.text for item in acts(third)] == ["post 3"]
    assert not channel.pull(line(place, deletions_delivered="1"), "mentions", third.cursor).items


def test_the_past_page_by_page() -> None:
    place = Place()
    place.lists[f"users/{ME}/mentions"] = [post(n) for n in range(150, 0, -1)]
    first = channel.past(line(place), "mentions", "")
    second = channel.past(line(place), "mentions", first.cursor)
    assert (first.more, second.more, second.done, len(acts(first, second))) == (True, False, 150, 150)


class TestBudget:
    def test_is_shared_out_and_counted(self) -> None:
        assert [live.budget({"reads": "1000"}, name, past=False) for name in ("mentions", "search", "posts", "messages")] == [
            350,
            175,
            70,
            105,
        ]
        assert live.budget({"reads": "1000"}, "mentions", past=True) == 150
        place = Place()
        place.lists[f"users/{ME}/mentions"] = [post(n) for n in range(40, 0, -1)]
        begun = channel.pull(line(place, reads="100"), "mentions", "")
        page = channel.pull(line(place, reads="100"), "mentions", begun.cursor)
        assert page.quota is not None
        assert (len(acts(page)), round(page.quota, 2)) == (17, 0.49), "no page is larger than what is left"

    def test_spent_it_stops_until_the_next_month(self) -> None:
        place = Place()
        place.lists[f"users/{ME}/mentions"] = [post(n) for n in range(400, 0, -1)]
        asking, cursor = line(place, reads="200", deletions_delivered="1"), channel.pull(line(place), "mentions", "").cursor
        pages: list[Pulled] = []

        def ask() -> None:
            while True:
                pages.append(channel.pull(asking, "mentions", pages[-1].cursor if pages else cursor))

        problem = refused(ask)
        cursor, read = pages[-1].cursor, len(acts(*pages))
        assert (problem.kind, problem.code) == ("quota", "budget_spent")
        assert 50 < read <= 70
        assert problem.retry_after == (datetime(2026, 12, 1, tzinfo=UTC) - NOW).total_seconds()
        assert "2026-11" in problem.detail
        december = line(place, datetime(2026, 12, 1, 1, tzinfo=UTC), reads="200", deletions_delivered="1")
        next_month = channel.pull(december, "mentions", cursor)
        assert acts(next_month), "and goes on where it stood"

    def test_what_x_itself_says_is_spent(self) -> None:
        place = Place()
        place.refusals = [Answer(status=402, body=b'{"title":"CreditsDepleted"}')]
        assert (refused(lambda: channel.check(line(place))).kind, refused(lambda: channel.pull(line(place), "nonsense", "")).code) == (
            "quota", "no_such_stream")  # fmt: skip

    def test_no_search_costs_nothing(self) -> None:
        asking = line(Place())
        assert channel.pull(asking, "search", "").items == ()
        assert not asking.asked


def test_a_rate_limit_tells_when() -> None:
    place = Place()
    reset = str(int((NOW + timedelta(minutes=9)).timestamp()))
    place.refusals = [Answer(status=429, headers={"x-rate-limit-reset": reset, "date": "Fri, 20 Nov 2026 12:00:00 GMT"}, body=b"{}")]
    problem = refused(lambda: channel.past(line(place), "mentions", ""))
    assert (problem.kind, problem.retry_after) == ("quota", 540)


def test_what_was_deleted_there_goes_here() -> None:
    place = Place()
    place.lists[f"users/{ME}/mentions"] = [post(2), post(1)]
    begun = channel.pull(line(place), "mentions", "")
    page = channel.pull(line(place), "mentions", begun.cursor)
    place.gone = [post(1)["id"]]
    looked = channel.pull(line(place), "mentions", page.cursor)
    (gone,) = [item for raw in looked.items for item in channel.parse(raw, NOW)]
    assert isinstance(gone, Retraction)
    assert (gone.native_id, gone.reason, looked.more) == (post(1)["id"], "deleted", True)
    after = channel.pull(line(place), "mentions", looked.cursor)
    assert not after.items
    asking = line(place, NOW + timedelta(hours=25))
    channel.pull(asking, "mentions", after.cursor)
    assert [query["ids"] for _, url, query, _ in asking.asked if url.endswith("/tweets")] == [post(2)["id"]]


def test_messages_have_one_thread_however_they_come() -> None:
    place = Place()
    event = {
        "id": str(BASE + 9),
        "event_type": "MessageCreate",
        "text": "hola",
        "sender_id": ANA,
        "dm_conversation_id": f"{ANA}-{ME}",
    }
    place.lists["dm_events"] = [event]
    begun = channel.pull(line(place), "messages", "")
    page = channel.pull(line(place), "messages", begun.cursor)
    (asked,) = acts(page)
    assert not channel.pull(line(place), "messages", page.cursor).items
    told_event = {"type": "message_create", "id": event["id"], "created_timestamp": "1795000000000",
                  "message_create": {"sender_id": ANA, "target": {"recipient_id": ME}, "message_data": {"text": "hola"}}}  # fmt: skip
    (told,) = channel.parse(json.dumps({"for_user_id": ME, "direct_message_events": [told_event]}).encode(), NOW)
    assert isinstance(told, Activity)
    for name in ("native_id", "thread_key", "direction", "op", "version", "text", "object_key"):
        assert getattr(asked, name) == getattr(told, name), name


def about(**more: Any) -> Context:
    shape: dict[str, Any] = {"native_id": "123", "object_key": "123", "thread_key": "100", "object_type": "Mention", "verb": "Create",
                             "author": HandleRef("x", ANA)}  # fmt: skip
    return Context(**(shape | more))


def ways(context: Context, **settings: str) -> list[str]:
    return [way.deed for way in channel.ways(context, settings, frozenset(), NOW)]


def test_ways() -> None:
    assert ways(about()) == ["reply", "like", "boost"]
    assert ways(about(parent_key="100")) == ["reply", "like", "boost", "hide"]
    assert ways(about(props={"ours": True}, done=frozenset({"like"}))) == ["reply", "unlike", "delete"]
    assert ways(about(thread_key=f"dm:{ME}:{ANA}", object_type="Message")) == ["message"]
    assert ways(about(verb="Like")) == []
    assert channel.ways(about(), {}, frozenset(), NOW)[0].longest == 280
    assert channel.ways(about(), {"premium": "1"}, frozenset(), NOW)[0].longest == 25_000


class TestDeeds:
    def done(self, place: Place, deed: Any, context: Context, text: str = "", **more: Any) -> Any:
        receipt = channel.act(line(place), Command(deed=deed, about=context, text=text, **more), "key")
        (item,) = [item for item in channel.parse(receipt.raw, NOW) if isinstance(item, Activity | Retraction)]
        return item

    def test_a_reply_and_a_post_with_a_picture(self) -> None:
        place = Place()
        reply = self.done(place, "reply", about(), "Gràcies!")
        assert place.said[-1] == ("POST", "tweets", {"text": "Gràcies!", "reply": {"in_reply_to_tweet_id": "123"}})
        assert (reply.direction, reply.parent_key, reply.thread_key, reply.text) == (Direction.OUT, "123", "100", "as X keeps it")
        picture = File(name="a.png", content_type="image/png", content=b"png", alt="A cup")
        self.done(place, "post", Context(), "New", files=(picture,))
        assert [path for _, path, _ in place.said[1:]] == ["media/upload", "media/metadata", "tweets"]

    def test_like_repost_delete_hide_message(self) -> None:
        place = Place()
        like, unlike = self.done(place, "like", about()), self.done(place, "unlike", about(done=frozenset({"like"})))
        assert (like.verb, like.native_id, like.direction, unlike.native_id) == (Verb.LIKE, f"like:123:{ME}", Direction.OUT, like.native_id)
        boost = self.done(place, "boost", about())
        assert (boost.verb, boost.object_key, boost.direction) == (Verb.ANNOUNCE, "123", Direction.OUT)
        assert self.done(place, "delete", about(props={"ours": True})).reason == "deleted"
        assert self.done(place, "hide", about(parent_key="100")).reason == "hidden"
        message = self.done(place, "message", about(thread_key=f"dm:{ME}:{ANA}", object_type="Message"), "Hola")
        assert (message.thread_key, message.target) == (f"dm:{ME}:{ANA}", HandleRef("x", ANA))
        assert [(method, path) for method, path, _ in place.said] == [
            ("POST", f"users/{ME}/likes"), ("DELETE", f"users/{ME}/likes/123"), ("POST", f"users/{ME}/retweets"), ("DELETE", "tweets/123"),
            ("PUT", "tweets/123/hidden"), ("POST", f"dm_conversations/with/{ANA}/messages")]  # fmt: skip

    def test_what_was_hidden_comes_back_with_its_words(self) -> None:
        place = Place()
        plain = place.answer
        place.answer = lambda method, url, query, body: (
            {"data": post(1)} if url.endswith("/tweets/123") else plain(method, url, query, body)
        )
        shown = self.done(place, "unhide", about(parent_key="100", done=frozenset({"hide"})))
        assert (shown.op, shown.text) == (Op.CORRECT, "post 1")

    def test_what_x_forbids(self) -> None:
        place = Place()
        for status, body, kind, code in (
            (403, "You are not allowed to create a Tweet with duplicate content.", "permanent", "said_before"),
            (403, "You are not permitted to perform this action.", "permanent", "not_allowed"),
            (401, "Unauthorized", "auth", "not_authorised"), (503, "over capacity", "transient", "server_trouble"),
        ):  # fmt: skip
            place.refusals = [(status, {"detail": body})]
            problem = refused(lambda: self.done(place, "reply", about(), "x"))
            assert (problem.kind, problem.code) == (kind, code)
        assert refused(lambda: self.done(place, "reply", about(), "日" * 141)).code == "too_long"
        assert refused(lambda: self.done(place, "delete", about())).code == "cannot_act"

    def test_an_answer_that_never_arrived_is_found(self) -> None:
        place = Place()
        ours = post(5, ME, text="@marta Gràcies! https://t.co/x", referenced_tweets=[{"type": "replied_to", "id": "123"}])
        place.lists[f"users/{ME}/tweets"] = [post(6, ME), ours]
        command = Command(deed="reply", about=about(), text="Gràcies! https://lligam.example/a")
        receipt = channel.found(line(place), command, "key", NOW - timedelta(minutes=1))
        assert receipt is not None
        assert receipt.native_id == ours["id"]
        assert channel.found(line(place), Command(deed="reply", about=about(), text="Other"), "key", NOW) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Bon dia", 7),
        ("日本", 4),
        ("👨‍👩‍👧", 2),
        ("see https://example.org/a/long/path.", 28),
        ("é", 1),
        ("e\u0301", 1),
        ("🇪🇸", 2),
        ("1️⃣", 2),
        ("hola.com", 23),
        ("a@b.com", 7),
        ("ç…—", 4),
        ("https://a.es https://b.es", 47),
        ("👍🏽", 2),
        ("", 0),
    ],
)
def test_how_long_a_text_is_there(text: str, count: int) -> None:
    assert channel.length(text) == count
