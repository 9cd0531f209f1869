"""A Page against a small Graph API on loopback: how it stands, what is read, what may be done and what is, and every trouble on the way."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.servers import graph as servers
from tests.servers.graph import GraphServer, Refusal
from tests.servers.lines import TestLine
from vincle.channels._graph import trouble, usage
from vincle.channels.base import Accepted, Rejected, Reply, Request
from vincle.channels.facebook import channel
from vincle.channels.live import Answer, Command, Context, File, Problem, Pulled, Way
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Outcome, Retraction, Verb

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE, ANA = "5001", "7001"
SECRETS = {"access_token": "EAAB", "client_secret": "app-secret", "verify_token": "a long word"}
MakeLine = Callable[..., TestLine]


@pytest.fixture(scope="module")
def there() -> Iterator[GraphServer]:
    with servers.running() as running:
        yield running


@pytest.fixture
def graph(there: GraphServer) -> GraphServer:
    there.clear()
    there.things = {
        "debug_token": {"data": {"type": "PAGE", "is_valid": True, "expires_at": 0, "scopes": ["pages_messaging", "pages_show_list"]}},
        PAGE: {"id": PAGE, "name": "Cafè Lligam"},
        f"{PAGE}/subscribed_apps": {"data": [{"id": "99"}]},
    }
    return there


@pytest.fixture
def line(graph: GraphServer) -> MakeLine:
    def make(now: datetime = NOW, patience: float = 5.0, **settings: str) -> TestLine:
        return TestLine({"https://graph.facebook.com": graph.url}, {"page_id": PAGE, "client_id": "99"} | settings, SECRETS, now, patience)

    return make


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def comment(number: int, minutes: float, who: str = ANA, **more: Any) -> dict[str, Any]:
    return {"id": f"900_{number}", "message": f"word {number}", "created_time": at(minutes), "from": {"id": who, "name": "Ana"}} | more


def post(number: int, minutes: float, comments: list[Any] | None = None, updated: float | None = None) -> dict[str, Any]:
    made = {"id": f"{PAGE}_{number}", "message": f"post {number}", "created_time": at(minutes), "from": {"id": PAGE}}
    return made | {"updated_time": at(minutes if updated is None else updated), "comments": {"data": comments or []}}


def said(pages: list[Pulled]) -> list[Outcome]:
    return [item for page in pages for raw in page.items for item in channel.parse(raw, NOW)]


def walked(pull: Callable[[str], Pulled], cursor: str = "") -> tuple[list[Pulled], str]:
    pages = []
    while not pages or pages[-1].more:
        pages.append(pull(cursor))
        cursor = pages[-1].cursor
        assert len(pages) < 50
    return pages, cursor


def refusal(work: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as told:
        work()
    return told.value


class TestProof:
    BODY = b'{"object":"page","entry":[]}'

    def sent(self, body: bytes = BODY, **more: Any) -> Request:
        return Request(**({"method": "POST", "path": "/hooks/t/", "received_at": NOW, "body": body} | more))

    def signed(self, body: bytes, secret: str = "app-secret") -> Request:
        digest = hmac.new(secret.encode(), body, sha256).hexdigest()
        return self.sent(body, headers={"x-hub-signature-256": f"sha256={digest}"})

    def test_signature(self) -> None:
        assert channel.verify(self.signed(self.BODY), SECRETS) == Accepted()
        assert channel.verify(self.signed(self.BODY, "another"), SECRETS) == Rejected("wrong_signature")
        assert channel.verify(self.sent(), SECRETS) == Rejected("no_signature")
        assert channel.verify(self.signed(self.BODY + b" " * 1_000_000), SECRETS) == Accepted()
        tampered = Request(method="POST", path="/", received_at=NOW, body=self.BODY + b" ", headers=self.signed(self.BODY).headers)
        assert channel.verify(tampered, SECRETS) == Rejected("wrong_signature")

    def test_handshake(self) -> None:
        def asked(**query: str) -> Request:
            return self.sent(b"", method="GET", query={f"hub.{name}": value for name, value in query.items()})

        asks = {"mode": "subscribe", "challenge": "1158201444"}
        assert channel.verify(asked(**asks, verify_token="a long word"), SECRETS) == Reply(b"1158201444")
        assert channel.verify(asked(**asks, verify_token="another"), SECRETS) == Rejected("wrong_token")
        assert channel.verify(asked(**asks), SECRETS) == Rejected("wrong_token")
        assert channel.verify(asked(**asks, verify_token=""), {"client_secret": "x"}) == Rejected("no_secret")

    def test_who_takes_the_app_off_is_answered_and_remembered(self) -> None:
        wish = urlsafe_b64encode(json.dumps({"algorithm": "HMAC-SHA256", "issued_at": 1795000000, "user_id": "218471"}).encode()).rstrip(
            b"="
        )
        proof = urlsafe_b64encode(hmac.digest(b"app-secret", wish, sha256)).rstrip(b"=")
        request = self.sent(urlencode({"signed_request": f"{proof.decode()}.{wish.decode()}"}).encode(), headers={"host": "crm.example"})
        verdict = channel.verify(request, SECRETS)
        assert isinstance(verdict, Accepted)
        assert verdict.reply is not None
        answer = json.loads(verdict.reply.body)
        assert answer["url"] == f"https://crm.example/hooks/t/?deletion={answer['confirmation_code']}"
        (found,) = channel.parse(channel.envelope(request), NOW)
        assert isinstance(found, Activity)
        assert (found.event_name, found.actor, found.native_id) == (
            "asks to be forgotten",
            HandleRef("facebook", "218471"),
            f"privacy:{answer['confirmation_code']}",
        )
        assert isinstance(channel.verify(self.sent(b"", method="GET", query={"deletion": answer["confirmation_code"]}), SECRETS), Reply)
        forged = self.sent(urlencode({"signed_request": f"AAAA.{wish.decode()}"}).encode())
        assert channel.verify(forged, SECRETS) == Rejected("wrong_signature")
        assert channel.verify(self.sent(b"signed_request=%%%"), SECRETS) == Rejected("wrong_signature")


class TestStanding:
    def test_a_page_token(self, graph: GraphServer, line: MakeLine) -> None:
        graph.usage = {"X-Page-Usage": '{"call_count":28,"total_time":45,"total_cputime":5}'}
        found = channel.check(line())
        assert (found.account, found.own, found.token_ends_at) == ("Cafè Lligam", (HandleRef("facebook", PAGE, "Cafè Lligam"),), None)
        assert "pages_manage_engagement" in found.scopes_missing
        assert "pages_messaging" not in found.scopes_missing
        assert found.quota == pytest.approx(0.55)
        proof = hmac.new(b"app-secret", b"EAAB", sha256).hexdigest()
        assert [query.get("appsecret_proof") for _, path, query in graph.asked if path == PAGE] == [proof]

    def test_a_persons_token_is_made_to_last_and_gives_the_pages_own(self, graph: GraphServer, line: MakeLine) -> None:
        soon, data = NOW + timedelta(hours=1), NOW + timedelta(days=90)
        graph.things["debug_token"]["data"] |= {
            "type": "USER",
            "expires_at": int(soon.timestamp()),
            "data_access_expires_at": int(data.timestamp()),
        }
        graph.things["oauth/access_token"] = {"access_token": "EAALONG"}
        graph.edges["me/accounts"] = [
            {"id": "4", "name": "Other", "access_token": "P4"},
            {"id": PAGE, "name": "Lligam", "access_token": "P5"},
        ]
        asking = line()
        found = channel.check(asking)
        assert found.token_ends_at == soon
        assert asking.renewed[0][0] == {"access_token": "EAALONG", "page_token": "P5", "page_id": PAGE}
        nameless = line(page_id="")
        problem = refusal(lambda: channel.check(nameless))
        assert (problem.kind, problem.code) == ("permanent", "choose_page")
        assert f"Lligam {PAGE}" in problem.detail

    def test_a_new_token_takes_the_place_of_the_pages_old_one(self, graph: GraphServer, line: MakeLine) -> None:
        graph.things["me"] = graph.things[PAGE]
        asking = line(page_id="")
        asking.secrets["page_token"] = "OLD"
        channel.check(asking)
        assert (asking.secrets["page_id"], asking.secrets["page_token"]) == (PAGE, "EAAB")
        graph.edges[f"{PAGE}/feed"], graph.token = [post(1, 5)], "EAAB"
        assert channel.pull(asking, "feed", "").items

    def test_it_makes_meta_deliver(self, graph: GraphServer, line: MakeLine) -> None:
        graph.things[f"{PAGE}/subscribed_apps"] = {"data": [{"id": "someone else's"}]}
        assert channel.check(line()).notes == ()
        assert [path for method, path, _ in graph.asked if method == "POST"] == [f"{PAGE}/subscribed_apps"]

    def test_a_token_that_is_good_no_longer(self, graph: GraphServer, line: MakeLine) -> None:
        graph.things["debug_token"]["data"]["is_valid"] = False
        assert (refusal(lambda: channel.check(line())).kind, refusal(lambda: channel.check(line())).code) == ("auth", "token_invalid")


class TestReading:
    def test_the_past_page_by_page(self, graph: GraphServer, line: MakeLine) -> None:
        graph.edges[f"{PAGE}/feed"] = [post(number, number * 60) for number in range(30)]
        many = graph.edges[f"{PAGE}/feed"][3]
        many["comments"] = {
            "data": [comment(1, 170)],
            "paging": {"cursors": {"after": "1"}, "next": f"{graph.url}/v24.0/x/comments?after=1&access_token=x"},
        }
        graph.edges[f"{many['id']}/comments"] = [comment(number, 170 + number) for number in range(1, 4)]
        pages, _ = walked(lambda cursor: channel.past(line(), "feed", cursor))
        found = [item for item in said(pages) if isinstance(item, Activity)]
        assert {item.native_id for item in found} == {f"{PAGE}_{n}" for n in range(30)} | {"900_1", "900_2", "900_3"}
        assert {item.parent_key for item in found if item.native_id.startswith("900")} == {many["id"]}
        assert {item.direction for item in found if item.native_id.startswith(PAGE)} == {Direction.OUT}
        assert pages[-1].done == 32
        assert all("access_token" not in page.cursor for page in pages)

    def test_the_present_brings_what_is_new_once(self, graph: GraphServer, line: MakeLine) -> None:
        graph.edges[f"{PAGE}/feed"] = [post(1, 5000, [comment(1, 4000)], updated=4000), post(2, 9000)]
        first, cursor = walked(lambda cursor: channel.pull(line(), "feed", cursor))
        assert not said(first), "a present begins now"
        graph.edges[f"{PAGE}/feed"][0] = post(1, 5000, [comment(2, 1), comment(1, 4000)], updated=1)
        second, cursor = walked(lambda mark: channel.pull(line(), "feed", mark), cursor)
        assert [item.text for item in said(second) if isinstance(item, Activity)] == ["post 1", "word 2"]
        third, cursor = walked(lambda mark: channel.pull(line(), "feed", mark), cursor)
        assert not third[-1].items
        graph.edges[f"{PAGE}/feed"][0] = post(1, 5000, [comment(3, 1), comment(2, 1), comment(1, 4000)], updated=0.9)
        fourth, _ = walked(lambda mark: channel.pull(line(), "feed", mark), cursor)
        assert [item.text for item in said(fourth) if isinstance(item, Activity)] == ["post 1", "word 3"], "of the same second, and new"

    def test_a_comment_has_one_id_however_it_comes(self, graph: GraphServer, line: MakeLine) -> None:
        graph.edges[f"{PAGE}/feed"] = [post(1, 50, [comment(1, 40)])]
        (asked,) = [item for item in said([channel.past(line(), "feed", "")]) if isinstance(item, Activity) and item.native_id == "900_1"]
        value = {
            "item": "comment",
            "verb": "add",
            "comment_id": "900_1",
            "post_id": f"{PAGE}_1",
            "parent_id": f"{PAGE}_1",
            "message": "word 1",
            "from": {"id": ANA, "name": "Ana"},
            "created_time": int((NOW - timedelta(minutes=40)).timestamp()),
        }
        body = {"object": "page", "entry": [{"id": PAGE, "time": 1, "changes": [{"field": "feed", "value": value}]}]}
        (told,) = [item for item in channel.parse(json.dumps(body).encode(), NOW) if isinstance(item, Activity)]
        for name in ("native_id", "op", "version", "actor", "parent_key", "thread_key", "object_key", "direction", "text", "happened_at"):
            assert getattr(asked, name) == getattr(told, name), name

    def test_talks(self, graph: GraphServer, line: MakeLine) -> None:
        mine = {
            "id": "m_2",
            "created_time": at(3),
            "from": {"id": PAGE, "name": "Lligam"},
            "to": {"data": [{"id": ANA, "name": "Ana"}]},
            "message": "Hola!",
        }
        theirs = {
            "id": "m_1",
            "created_time": at(4),
            "from": {"id": ANA, "name": "Ana"},
            "to": {"data": [{"id": PAGE}]},
            "message": "Obriu?",
            "attachments": {"data": [{"id": "1", "image_data": {"url": "https://cdn.example/1.png"}}]},
        }
        graph.edges[f"{PAGE}/conversations"] = [{"id": "t_1", "updated_time": at(3), "messages": {"data": [mine, theirs]}}]
        pages, cursor = walked(lambda cursor: channel.pull(line(), "messages", cursor))
        out, into = [item for item in said(pages) if isinstance(item, Activity)]
        assert (out.direction, out.native_id, into.actor, into.text) == (Direction.OUT, "m_2", HandleRef("facebook", ANA, "Ana"), "Obriu?")
        assert {out.thread_key, into.thread_key} == {f"messages:{PAGE}:{ANA}"}
        assert into.props["attachments"] == ["image"]
        assert not channel.pull(line(), "messages", cursor).items

    def test_reviews_mentions_and_leads(self, graph: GraphServer, line: MakeLine) -> None:
        graph.edges[f"{PAGE}/ratings"] = [
            {
                "created_time": at(9),
                "recommendation_type": "positive",
                "review_text": "Molt bo",
                "has_review": True,
                "reviewer": {"id": ANA, "name": "Ana"},
                "open_graph_story": {"id": "66001"},
            }
        ]
        graph.edges[f"{PAGE}/tagged"] = [{"id": "8100_55", "message": "with @Lligam", "created_time": at(9), "from": {"id": ANA}}]
        graph.edges[f"{PAGE}/leadgen_forms"] = [{"id": "12", "status": "ACTIVE"}]
        graph.edges["12/leads"] = [
            lead := {
                "id": "3300",
                "form_id": "12",
                "created_time": at(9),
                "field_data": [
                    {"name": "email", "values": ["Ana@Example.org"]},
                    {"name": "full_name", "values": ["Ana Gil"]},
                    {"name": "city", "values": ["Girona"]},
                    {"name": "when?", "values": ["Monday"]},
                ],
            }
        ]
        graph.things["3300"] = lead
        reads = {
            name: said(walked(lambda cursor, name=name: channel.past(line(), name, cursor))[0]) for name in ("ratings", "mentions", "leads")
        }
        (review,) = reads["ratings"]
        assert isinstance(review, Activity)
        assert (review.native_id, review.object_type, review.text) == ("review:66001", ObjectType.REVIEW, "Molt bo")
        (mention,) = reads["mentions"]
        assert isinstance(mention, Activity)
        assert (mention.native_id, mention.op, mention.text) == ("mention:8100_55", Op.CORRECT, "with @Lligam")
        filled, who = reads["leads"]
        assert isinstance(filled, Activity)
        assert isinstance(who, Fact)
        assert (filled.native_id, filled.op, filled.body["answers"]["when?"]) == ("lead:3300", Op.CORRECT, "Monday")
        assert (who.handles[0].value, who.name, who.traits) == ("ana@example.org", "Ana Gil", {"city": "Girona"})
        body = (
            b'{"object":"page","entry":[{"id":"5001","time":1,"changes":[{"field":"leadgen","value":{"leadgen_id":3300,"form_id":12}}]}]}'
        )
        (wanted,) = channel.wanted(body)
        assert [item.native_id for item in said([channel.pull(line(), wanted, "")]) if isinstance(item, Activity)] == ["lead:3300"]

    def test_numbers_of_the_page_under_their_newest_known_name(
        self, graph: GraphServer, line: MakeLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer(name: str) -> dict[str, Any]:
            if name in ("page_impressions_unique", "page_follows", "page_actions_post_reactions_sorry_total"):
                return {"data": [{"name": name, "values": [{"value": 7, "end_time": "2026-11-20T08:00:00+0000"}]}]}
            raise Refusal(400, code=100, message="(#100) The value must be a valid insights metric")

        plain = graph.answer
        graph.answer = lambda method, path, query, body: (
            answer(query["metric"]) if path.endswith("/insights") else plain(method, path, query, body)
        )
        start = channel.pull(line(NOW - timedelta(days=1)), "insights", "").cursor
        pages, cursor = walked(lambda mark: channel.pull(line(), "insights", mark), start)
        found = {item.props["metric"]: item.props["value"] for item in said(pages) if isinstance(item, Activity)}
        assert found == {"reach": 7, "followers": 7, "reactions sad": 7}
        assert not channel.pull(line(), "insights", cursor).more, "once a day"


class TestTroubles:
    @pytest.mark.parametrize(
        ("fault", "kind", "code"),
        [
            (servers.refused(400, code=190, error_subcode=463), "auth", "token_ended"),
            (servers.refused(400, code=190, error_subcode=9999), "auth", "token_invalid"),
            (servers.refused(403, code=10), "permanent", "scope_missing"),
            (servers.refused(400, code=100, error_subcode=33), "gone", "not_there"),
            (servers.refused(400, code=4), "quota", "too_fast"),
            (servers.refused(400, code=80001), "quota", "too_fast"),
            (servers.refused(500, code=2), "transient", "server_trouble"),
            (servers.refused(400, code=999, is_transient=True), "transient", "server_trouble"),
            (servers.refused(400, code=999), "permanent", "graph_999"),
            (servers.broken(502, b"<html>bad gateway</html>"), "transient", "server_trouble"),
            (servers.broken(200, b'{"data": [{"id": "1"'), "transient", "not_json"),
            (servers.hung_up, "transient", "unreachable"),
            (servers.slow(0.6), "transient", "unreachable"),
        ],
    )
    def test_each_has_its_kind(self, graph: GraphServer, line: MakeLine, fault: servers.Fault, kind: str, code: str) -> None:
        graph.edges[f"{PAGE}/feed"] = [post(1, 5)]
        graph.faults.append(fault)
        problem = refusal(lambda: channel.pull(line(patience=0.3), "feed", ""))
        assert (problem.kind, problem.code) == (kind, code)
        assert channel.pull(line(), "feed", "").items, "the next try goes on where this one stood"

    def test_how_long_to_wait(self) -> None:
        headers = {"x-business-use-case-usage": '{"5001":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}]}'}
        told = trouble(Answer(status=400, headers=headers, body=b'{"error":{"code":80001}}'), NOW)
        assert told is not None
        assert (told.kind, told.retry_after) == ("quota", 19 * 60)
        assert usage(Answer(status=200, headers={"x-app-usage": "nonsense"})) == (None, None)

    def test_a_nearly_spent_quota_slows_down(self, graph: GraphServer, line: MakeLine) -> None:
        graph.usage, graph.edges[f"{PAGE}/feed"] = {"X-App-Usage": '{"call_count":96}'}, [post(1, 5)]
        page = channel.pull(line(), "feed", "")
        assert (page.quota, page.pause) == (pytest.approx(0.04), 300)

    def test_a_wrong_clock_loses_nothing(self, graph: GraphServer, line: MakeLine) -> None:
        """The mark is of Facebook's own times: a clock of ours that runs ahead skips nothing once the first mark stands."""
        graph.edges[f"{PAGE}/feed"] = [post(1, 30)]
        _, cursor = walked(lambda mark: channel.pull(line(), "feed", mark))
        graph.edges[f"{PAGE}/feed"].insert(0, post(2, 20))
        pages, _ = walked(lambda mark: channel.pull(line(NOW + timedelta(days=3)), "feed", mark), cursor)
        assert [item.native_id for item in said(pages) if isinstance(item, Activity)] == [f"{PAGE}_2"]


def about(**more: Any) -> Context:
    shape = {
        "native_id": "900_1",
        "object_key": "900_1",
        "parent_key": f"{PAGE}_1",
        "thread_key": f"{PAGE}_1",
        "object_type": "Note",
        "verb": "Create",
        "happened_at": NOW - timedelta(days=2),
        "author": HandleRef("facebook", ANA, "Ana"),
        "props": {"account": PAGE},
    }
    return Context(**(shape | more))


def talk(hours: float) -> Context:
    last = NOW - timedelta(hours=hours)
    return about(
        native_id="m_1", object_key="m_1", parent_key="", thread_key=f"messages:{PAGE}:{ANA}", object_type="Message", last_in_at=last
    )


def ways(context: Context, **settings: str) -> dict[str, Way]:
    return {way.deed: way for way in channel.ways(context, settings, frozenset(), NOW)}


class TestWays:
    def test_a_comment(self) -> None:
        found = ways(about())
        assert list(found) == ["reply", "private_reply", "hide", "like"]
        assert (found["private_reply"].code, found["private_reply"].until) == ("once", NOW + timedelta(days=5))

    def test_a_private_reply_is_one_and_for_a_week(self) -> None:
        done, late = ways(about(done=frozenset({"private_reply"}))), ways(about(happened_at=NOW - timedelta(days=7)))
        assert [(way.is_open, way.code, way.instead) for way in (done["private_reply"], late["private_reply"])] == [
            (False, "already_sent", "reply"),
            (False, "too_old", "reply"),
        ]

    def test_our_own_may_be_deleted_and_the_hidden_shown(self) -> None:
        assert list(ways(about(author=HandleRef("facebook", PAGE)))) == ["reply", "delete"]
        assert "unhide" in ways(about(props={"account": PAGE, "hidden": True}))

    @pytest.mark.parametrize(
        ("hours", "human", "is_open", "code", "left"),
        [
            (23.9, "", True, "", 24),
            (24, "", False, "window_closed", 24),
            (30, "on", True, "human_agent", 168),
            (168, "on", False, "window_closed", 24),
        ],
    )
    def test_a_message_has_a_day_or_a_week(self, hours: float, human: str, is_open: bool, code: str, left: int) -> None:
        (way,) = ways(talk(hours), human_agent=human).values()
        assert (way.deed, way.is_open, way.code) == ("message", is_open, code)
        assert way.until == NOW + timedelta(hours=left - hours)

    def test_a_lead_or_a_like_is_not_answered_here(self) -> None:
        assert ways(about(object_type="Form", verb="Submit")) == {}
        assert ways(about(verb="Like")) == {}


class TestDeeds:
    def done(self, line: TestLine, deed: Any, context: Context, text: str = "", **more: Any) -> tuple[Any, list[Outcome]]:
        receipt = channel.act(line, Command(deed=deed, about=context, text=text, **more), "key")
        return receipt, list(channel.parse(receipt.raw, NOW))

    def test_a_reply(self, graph: GraphServer, line: MakeLine) -> None:
        receipt, (ours,) = self.done(line(), "reply", about(), "Sí, a les 9")
        assert isinstance(ours, Activity)
        assert graph.said == [("POST", "900_1/comments", {"message": "Sí, a les 9"})]
        assert (ours.native_id, ours.direction, ours.parent_key, ours.thread_key) == (
            receipt.native_id,
            Direction.OUT,
            "900_1",
            f"{PAGE}_1",
        )

    def test_a_private_reply_once(self, graph: GraphServer, line: MakeLine) -> None:
        _, (ours,) = self.done(line(), "private_reply", about(), "We look into it")
        assert isinstance(ours, Activity)
        assert graph.said[0][2]["recipient"] == {"comment_id": "900_1"}
        assert (ours.object_type, ours.direction, ours.thread_key) == (
            ObjectType.MESSAGE,
            Direction.OUT,
            f"messages:{PAGE}:psid-of-comment",
        )
        again = refusal(lambda: self.done(line(), "private_reply", about(done=frozenset({"private_reply"})), "Again"))
        assert (again.kind, again.code, len(graph.said)) == ("permanent", "already_sent", 1)

    def test_a_message_within_its_window(self, graph: GraphServer, line: MakeLine) -> None:
        photo = File(name="map.png", content_type="image/png", content=b"png")
        _, found = self.done(line(), "message", talk(1), "Here:", files=(photo,))
        assert [path for _, path, _ in graph.said] == [f"{PAGE}/message_attachments", f"{PAGE}/messages", f"{PAGE}/messages"]
        assert graph.said[1][2]["messaging_type"] == "RESPONSE"
        assert [item.target for item in found if isinstance(item, Activity)] == [HandleRef("facebook", ANA)] * 2
        self.done(line(human_agent="1"), "message", talk(30), "Late")
        assert graph.said[-1][2] | {"message": 0} == {
            "recipient": {"id": ANA},
            "messaging_type": "MESSAGE_TAG",
            "tag": "HUMAN_AGENT",
            "message": 0,
        }
        assert refusal(lambda: self.done(line(), "message", talk(30), "Too late")).code == "window_closed"
        assert refusal(lambda: self.done(line(), "message", talk(1), "x" * 2001)).code == "too_long"

    def test_hide_show_like_delete(self, graph: GraphServer, line: MakeLine) -> None:
        graph.things["900_1"] = comment(1, 40)
        _, (hidden,) = self.done(line(), "hide", about())
        assert isinstance(hidden, Retraction)
        _, (shown,) = self.done(line(NOW + timedelta(seconds=5)), "unhide", about(props={"account": PAGE, "hidden": True}))
        assert isinstance(shown, Activity)
        assert (hidden.native_id, hidden.reason, shown.native_id, shown.text, shown.op) == (
            "900_1",
            "hidden",
            "900_1",
            "word 1",
            Op.CORRECT,
        )
        _, (liked,) = self.done(line(), "like", about())
        assert isinstance(liked, Activity)
        _, (unliked,) = self.done(line(NOW + timedelta(seconds=5)), "unlike", about(done=frozenset({"like"})))
        assert isinstance(unliked, Activity)
        assert (liked.verb, unliked.verb, liked.native_id == unliked.native_id) == (Verb.LIKE, Verb.UNDO, True)
        assert int(liked.version) < int(unliked.version)
        _, (gone,) = self.done(line(), "delete", about(author=HandleRef("facebook", PAGE)))
        assert isinstance(gone, Retraction)
        assert [(method, path) for method, path, _ in graph.asked] == [
            ("POST", "900_1"),
            ("POST", "900_1"),
            ("GET", "900_1"),
            ("POST", "900_1/likes"),
            ("DELETE", "900_1/likes"),
            ("DELETE", "900_1"),
        ]
        assert refusal(lambda: self.done(line(), "delete", about())).code == "cannot_act", "not what others wrote"

    def test_a_post_of_ours(self, graph: GraphServer, line: MakeLine) -> None:
        receipt, (ours,) = self.done(line(), "post", Context(), "Obrim!", extra={"link": "https://lligam.example"})
        assert isinstance(ours, Activity)
        assert (ours.direction, ours.native_id, graph.said[0][2]) == (
            Direction.OUT,
            receipt.native_id,
            {"message": "Obrim!", "link": "https://lligam.example"},
        )

    def test_an_answer_that_never_arrived_is_found(self, graph: GraphServer, line: MakeLine) -> None:
        """The deed went through, the connection broke before the answer: the second try finds it instead of doing it again."""
        graph.edges["900_1/comments"] = [comment(3, 0, PAGE, message="Sí"), comment(2, 50, PAGE, message="Sí")]
        command = Command(deed="reply", about=about(), text="Sí")
        receipt = channel.found(line(), command, "key", NOW - timedelta(seconds=30))
        assert receipt is not None
        assert receipt.native_id == "900_3"
        assert [item.native_id for item in channel.parse(receipt.raw, NOW)] == ["900_3"]
        assert channel.found(line(), Command(deed="reply", about=about(), text="No"), "key", NOW - timedelta(seconds=30)) is None
        sent = {"id": "m_9", "created_time": at(0), "from": {"id": PAGE}, "to": {"data": [{"id": ANA}]}, "message": "Hola"}
        graph.edges[f"{PAGE}/conversations"] = [{"id": "t", "messages": {"data": [sent]}}]
        message = channel.found(line(), Command(deed="message", about=talk(1), text="Hola"), "key", NOW - timedelta(seconds=30))
        assert message is not None
        assert message.native_id == "m_9"
