"""A WhatsApp number against a small Graph API on loopback: standing, the day one may answer, templates, reactions, files."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers import graph as servers
from tests.servers.graph import GraphServer
from tests.servers.lines import TestLine
from vincle.channels import telegram
from vincle.channels.live import Command, Context, File, Problem
from vincle.channels.whatsapp import channel
from vincle.vocabulary import Activity, Direction, HandleRef, Verb

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMBER, BSUID = "106540352242922", "ES.13491208655302741918"


@pytest.fixture(scope="module")
def there() -> Iterator[GraphServer]:
    with servers.running() as running:
        yield running


@pytest.fixture
def graph(there: GraphServer) -> GraphServer:
    there.clear()
    told = {"id": NUMBER, "display_phone_number": "+34 972 00 00 00", "verified_name": "Lligam", "quality_rating": "GREEN"}
    there.things = {
        "debug_token": {"data": {"type": "SYSTEM_USER", "is_valid": True, "scopes": ["whatsapp_business_messaging"]}},
        NUMBER: told,
        "77/subscribed_apps": {"data": []},
    }
    there.edges = {"77/message_templates": [{"name": "ready", "language": "ca", "status": "APPROVED"}, {"name": "x", "status": "REJECTED"}]}
    return there


@pytest.fixture
def line(graph: GraphServer) -> Callable[..., TestLine]:
    def make(**settings: str) -> TestLine:
        known = {"number_id": NUMBER, "business_id": "77", "client_id": "9"} | settings
        return TestLine({"https://graph.facebook.com": graph.url}, known, {"access_token": "EAAB", "client_secret": "s"}, NOW)

    return make


def about(hours: float | None = 1, side: str = BSUID, **more: Any) -> Context:
    last = None if hours is None else NOW - timedelta(hours=hours)
    shape: dict[str, Any] = {"native_id": "wamid.1", "object_key": "wamid.1", "thread_key": f"messages:{NUMBER}:{side}", "verb": "Create",
                             "object_type": "Message", "last_in_at": last, "author": HandleRef("whatsapp", side)}  # fmt: skip
    return Context(**(shape | more))


def test_standing(graph: GraphServer, line: Callable[..., TestLine]) -> None:
    found = channel.check(line())
    assert (found.account, found.scopes_missing) == ("Lligam +34 972 00 00 00", ("whatsapp_business_management",))
    assert [handle.value for handle in found.own] == [NUMBER, "34972000000"]
    assert found.notes == ("quality_rating:green",)
    assert [path for method, path, _ in graph.asked if method == "POST"] == ["77/subscribed_apps"], "it makes Meta deliver"
    with pytest.raises(Problem, match="no_number"):
        channel.check(line(number_id="+34 972"))


def test_ways() -> None:
    def ways(context: Context) -> list[tuple[Any, ...]]:
        return [(way.deed, way.is_open, way.code, way.until) for way in channel.ways(context, {}, frozenset(), NOW)]

    assert ways(about()) == [("message", True, "", NOW + timedelta(hours=23)), ("like", True, "", None)]
    assert ways(about(24)) == [("message", False, "needs_template", NOW)]
    assert ways(about(None)) == [("message", False, "needs_template", None)]
    assert ways(about(thread_key="")) == []


class TestDeeds:
    def done(self, line: TestLine, deed: Any, context: Context, text: str = "", **more: Any) -> list[Activity]:
        receipt = channel.act(line, Command(deed=deed, about=context, text=text, **more), "key")
        return [item for item in channel.parse(receipt.raw, NOW) if isinstance(item, Activity)]

    def test_an_answer_goes_to_the_scoped_id_or_to_the_number(self, graph: GraphServer, line: Callable[..., TestLine]) -> None:
        (ours,) = self.done(line(), "message", about(), "Ja és llest")
        body = graph.said[-1][2]
        assert (body["recipient"], body["text"]["body"], body["context"]) == (BSUID, "Ja és llest", {"message_id": "wamid.1"})
        assert (ours.direction, ours.target, ours.thread_key, ours.text) == (
            Direction.OUT, HandleRef("whatsapp", BSUID), f"messages:{NUMBER}:{BSUID}", "Ja és llest")  # fmt: skip
        self.done(line(), "message", about(side="34600111222"), "Hola")
        assert (graph.said[-1][2]["to"], graph.said[-1][2]["biz_opaque_callback_data"]) == ("34600111222", "key")

    def test_a_picture_carries_the_words(self, graph: GraphServer, line: Callable[..., TestLine]) -> None:
        files = (
            File(name="a.png", content_type="image/png", content=b"p"),
            File(name="b.pdf", content_type="application/pdf", content=b"d"),
        )
        found = self.done(line(), "message", about(), "Mira", files=files)
        sent = [body for _, path, body in graph.said if path.endswith("/messages")]
        assert [(body["type"], body[body["type"]].get("caption")) for body in sent] == [("image", "Mira"), ("document", None)]
        assert [item.props["type"] for item in found] == ["image", "document"]

    def test_outside_of_the_day_only_a_template(self, graph: GraphServer, line: Callable[..., TestLine]) -> None:
        with pytest.raises(Problem, match="needs_template"):
            self.done(line(), "message", about(30), "Hola")
        assert not graph.said
        extra = {"template": "ready", "language": "ca", "1": "Ana", "2": "dilluns"}
        (ours,) = self.done(line(), "message", about(30), extra=extra)
        template = graph.said[-1][2]["template"]
        assert (template["name"], template["language"]) == ("ready", {"code": "ca"})
        assert [part["text"] for part in template["components"][0]["parameters"]] == ["Ana", "dilluns"]
        assert ours.text == "ready · Ana · dilluns"

    def test_a_reaction_and_its_end(self, graph: GraphServer, line: Callable[..., TestLine]) -> None:
        (liked,) = self.done(line(), "like", about())
        (unliked,) = self.done(line(), "unlike", about(done=frozenset({"like"})))
        assert [(item.verb, item.reaction, item.object_key) for item in (liked, unliked)] == [
            (Verb.LIKE, "👍", "wamid.1"), (Verb.UNDO, "", "wamid.1")]  # fmt: skip
        assert graph.said[0][2]["reaction"] == {"message_id": "wamid.1", "emoji": "👍"}

    @pytest.mark.parametrize(
        ("code", "kind", "word"),
        [
            (131047, "permanent", "window_closed"),
            (131056, "quota", "too_fast"),
            (131026, "permanent", "cannot_receive"),
            (190, "auth", "token_invalid"),
            (132001, "permanent", "template_wrong"),
            (131016, "transient", "server_trouble"),
        ],
    )
    def test_troubles(self, graph: GraphServer, line: Callable[..., TestLine], code: int, kind: str, word: str) -> None:
        graph.faults.append(servers.refused(400, code=code))
        with pytest.raises(Problem) as told:
            self.done(line(), "message", about(), "Hola")
        assert (told.value.kind, told.value.code) == (kind, word)
        assert len(self.done(line(), "message", about(), "Hola")) == 1

    def test_too_long_and_empty(self, line: Callable[..., TestLine]) -> None:
        for text, code in (("x" * 4097, "too_long"), ("", "empty")):
            with pytest.raises(Problem, match=code):
                self.done(line(), "message", about(), text)


def test_what_cannot_be_told_is_not_sent_twice() -> None:
    """Neither platform says what was sent: after a doubt someone looks; a reaction may be done again."""
    nobody: Any = None  # whom they would ask
    for each in (channel, telegram.channel):
        with pytest.raises(Problem, match="maybe_sent"):
            each.found(nobody, Command(deed="message", text="Hola"), "k", NOW)
        assert each.found(nobody, Command(deed="like"), "k", NOW) is None


def test_what_went_half_is_said_and_not_sent_again(graph: GraphServer, line: Callable[..., TestLine]) -> None:
    picture = File(name="a.png", content_type="image/png", content=b"x")
    long = "Hola! " * 400
    graph.faults.extend([lambda _: False, lambda _: False, servers.refused(429, code=130429)])  # the upload, the words; then the picture
    with pytest.raises(Problem) as problem:
        channel.act(line(), Command(deed="message", about=about(), text=long, files=(picture,)), "k")
    assert (problem.value.kind, problem.value.code) == ("permanent", "partly_sent")
