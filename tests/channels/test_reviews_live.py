"""Trustpilot and Google reviews by their documented answers: what is read and how far, our one answer, tokens and troubles."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.lines import ScriptedLine
from vincle.channels import google_reviews, trustpilot
from vincle.channels.base import Channel
from vincle.channels.live import Command, Context, Problem, Pulled
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Op, Outcome, Retraction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Read = Callable[[str, str | bytes], list[Outcome]]
PLACE = "accounts/1/locations/2"


def acts(channel: Channel, *pages: Pulled) -> list[Activity]:
    return [item for page in pages for raw in page.items for item in channel.parse(raw, NOW) if isinstance(item, Activity)]


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pilot(minutes: float, native: str, **more: Any) -> dict[str, Any]:
    return {
        "id": native,
        "consumer": {"id": f"c-{native}", "displayName": "Ana"},
        "stars": 4,
        "text": native,
        "createdAt": at(minutes),
    } | more


def google(minutes: float, native: str, **more: Any) -> dict[str, Any]:
    return {"reviewId": native, "reviewer": {"displayName": "Ana"}, "starRating": "FOUR", "comment": native, "createTime": at(minutes),
            "updateTime": at(minutes)} | more  # fmt: skip


class Service:
    """Either service, with its reviews newest first."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.said, self.tokens = rows, list[tuple[str, str, Any]](), 0
        self.refusals: list[Any] = []
        self.places = [{"name": "locations/2", "title": "Cafè Lligam"}]

    def answer(self, method: str, url: str, query: dict[str, str], body: Any) -> Any:
        if self.refusals:
            return self.refusals.pop()
        if "accesstoken" in url:
            self.tokens += 1
            return {"access_token": "answering", "expires_in": "359999"}
        if method != "GET":
            self.said.append((method, url.partition("/v1/")[2] or url.partition("/v4/")[2], body))
            return {"comment": (body or {}).get("comment"), "updateTime": at(0)} if method == "PUT" else None
        if "business-units/find" in url:
            return {"id": "46d", "name": {"identifying": "lligam.example"}}
        if url.endswith("/accounts"):
            return {"accounts": [{"name": "accounts/1"}]}
        if url.endswith("/locations"):
            return {"locations": self.places}
        size = int(query.get("perPage") or query["pageSize"])
        start = (int(query["page"]) - 1) * size if "page" in query else int(query.get("pageToken") or 0)
        after = {"nextPageToken": str(start + size)} if start + size < len(self.rows) else {}
        return {"reviews": self.rows[start : start + size], "totalReviewCount": len(self.rows)} | after


def line(service: Service, now: datetime = NOW, **settings: str) -> ScriptedLine:
    secrets = {"api_key": "k", "api_secret": "s", "access_token": "t"}
    return ScriptedLine(service.answer, {"domain": "lligam.example", "author": "u1"} | settings, secrets, now)


BOTH = pytest.mark.parametrize(
    ("channel", "make"), [(trustpilot.channel, pilot), (google_reviews.channel, google)], ids=["trustpilot", "google"]
)  # fmt: skip


def test_a_page_of_trustpilot(reading: Read) -> None:
    found = {item.native_id: item for item in reading("trustpilot", "reviews.json") if isinstance(item, Activity)}
    first, changed, answer = found["review:5f1"], found["review:5f2"], found["answer:5f1"]
    assert (first.object_type, first.rating, first.rating_max, first.language, first.place) == (ObjectType.REVIEW, 5.0, 5.0, "ca", "Girona")
    assert (first.actor, first.props) == (HandleRef("trustpilot", "c-ana", "Ana G"), {"verified": True, "order": "order-77"})
    assert (changed.op, first.op) == (Op.CORRECT, Op.ASSERT)
    assert (answer.direction, answer.parent_key, answer.thread_key) == (Direction.OUT, "5f1", first.thread_key)
    assert found["review:5f3"].actor is None


def test_a_page_of_google(reading: Read) -> None:
    found = {item.native_id: item for item in reading("google_reviews", "reviews.json") if isinstance(item, Activity)}
    assert [found[f"review:R{n}"].text for n in (1, 2, 3, 4)] == ["El millor cafè", "", "Bé, ara millor", "Hola"], "never the translation"
    assert [found[f"review:R{n}"].rating for n in (1, 2, 3, 4)] == [5.0, 1.0, 3.0, None]
    assert found["review:R2"].actor == HandleRef("google_reviewer", "R2"), "an anonymous one has no name"
    assert (found["review:R3"].op, found["answer:R1"].text) == (Op.CORRECT, "Moltes gràcies!")


@BOTH
class TestBoth:
    def test_past_and_present(self, channel: Channel, make: Any) -> None:
        service = Service([make(n * 10 + 5000, f"r{n}") for n in range(130)])
        pages = [channel.past(line(service), "reviews", "")]
        while pages[-1].more:
            pages.append(channel.past(line(service), "reviews", pages[-1].cursor))
        assert (len(acts(channel, *pages)), pages[-1].done) == (130, 130)
        begun = channel.pull(line(service), "reviews", "")
        assert not begun.items
        service.rows.insert(0, make(1, "new"))
        first = channel.pull(line(service), "reviews", begun.cursor)
        assert [item.text for item in acts(channel, first)] == ["new"]
        assert not channel.pull(line(service), "reviews", first.cursor).items

    def test_one_answer_and_its_end(self, channel: Channel, make: Any) -> None:
        service = Service([])
        about = Context(native_id="review:r1", object_key="r1", thread_key="review:r1", object_type="Review", verb="Create")
        receipt = channel.act(line(service), Command(deed="reply", about=about, text="Gràcies!"), "key")
        (ours,) = channel.parse(receipt.raw, NOW)
        assert isinstance(ours, Activity)
        assert (ours.native_id, ours.direction, ours.text, ours.parent_key) == ("answer:r1", Direction.OUT, "Gràcies!", "r1")
        mine = Context(native_id="answer:r1", object_key="answer:r1", parent_key="r1", object_type="Note", props=ours.props)
        gone = channel.act(line(service), Command(deed="delete", about=mine), "key")
        (retracted,) = channel.parse(gone.raw, NOW)
        assert isinstance(retracted, Retraction)
        assert retracted.native_id == "answer:r1"
        assert [method for method, path, _ in service.said if path.endswith("/reviews/r1/reply")] in (["POST", "DELETE"], ["PUT", "DELETE"])
        for text, code in (("", "empty"), ("x" * 5000, "too_long")):
            with pytest.raises(Problem, match=code):
                channel.act(line(service), Command(deed="reply", about=about, text=text), "key")
        with pytest.raises(Problem, match="cannot_act"):
            channel.act(line(service), Command(deed="like", about=about), "key")

    def test_ways(self, channel: Channel, make: Any) -> None:
        def ways(**more: Any) -> list[tuple[str, str]]:
            found = channel.ways(Context(object_key="r1", **more), {"author": "u1"}, frozenset(), NOW)
            return [(way.deed, way.code) for way in found]

        assert ways(object_type="Review") == [("reply", "public")]
        assert ways(object_type="Review", done=frozenset({"reply"})) == [("reply", "replaces")]
        assert ways(object_type="Note", props={"ours": True}) == [("delete", "")]
        assert ways(object_type="Note") == []

    @pytest.mark.parametrize(
        ("status", "kind"), [(401, "auth"), (403, "auth"), (404, "gone"), (429, "quota"), (503, "transient"), (400, "permanent")]
    )  # fmt: skip
    def test_troubles(self, channel: Channel, make: Any, status: int, kind: str) -> None:
        service = Service([make(1, "r1")])
        service.refusals = [(status, {"message": "no"})]
        with pytest.raises(Problem) as told:
            channel.past(line(service, location=PLACE), "reviews", "")
        assert told.value.kind == kind
        assert acts(channel, channel.past(line(service, location=PLACE), "reviews", ""))


def test_trustpilot_answers_by_a_token_of_its_own() -> None:
    service = Service([])
    asking = line(service)
    assert trustpilot.channel.check(asking).account == "lligam.example"
    about = Context(object_key="r1", object_type="Review")
    trustpilot.channel.act(asking, Command(deed="reply", about=about, text="Hola"), "key")
    assert service.tokens == 1, "kept while it is good"
    asking.clock = NOW + timedelta(hours=99.5)
    trustpilot.channel.act(asking, Command(deed="reply", about=about, text="Hola"), "key")
    assert service.tokens == 2
    (closed,) = trustpilot.channel.ways(about, {}, frozenset(), NOW)
    assert (closed.is_open, closed.code) == (False, "no_scope")


def test_google_has_to_know_which_place() -> None:
    service = Service([])
    asking = line(service)
    assert (google_reviews.channel.check(asking).account, asking.secrets["location"]) == ("Cafè Lligam", PLACE)
    service.places.append({"name": "locations/3", "title": "Second"})
    with pytest.raises(Problem) as told:
        google_reviews.channel.check(line(service))
    assert (told.value.code, "Second accounts/1/locations/3" in told.value.detail) == ("choose_place", True)
    assert google_reviews.channel.check(line(service, location=f"{PLACE[:-1]}3")).account == "Second"
