"""YouTube by its documented answers: threads and replies, the day's units, what must be refreshed, ways and deeds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.lines import ScriptedLine
from vincle.channels.live import Command, Context, Problem, Pulled
from vincle.channels.youtube import channel
from vincle.vocabulary import Activity, Direction, HandleRef, Op, Outcome, Retraction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Read = Callable[[str, str | bytes], list[Outcome]]
OURS = "UCours"


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def comment(native: str, minutes: float, who: str = "UCana", **more: Any) -> dict[str, Any]:
    snippet = {"videoId": "v1", "textDisplay": native, "authorDisplayName": "@ana", "authorChannelId": {"value": who},
               "publishedAt": at(minutes), "updatedAt": at(minutes)}  # fmt: skip
    return {"kind": "youtube#comment", "id": native, "snippet": snippet | more}


def thread(native: str, minutes: float, replies: list[Any] | None = None, count: int | None = None) -> dict[str, Any]:
    found = {
        "videoId": "v1",
        "topLevelComment": comment(native, minutes),
        "totalReplyCount": len(replies or []) if count is None else count,
    }
    return {"kind": "youtube#commentThread", "id": native, "snippet": found, "replies": {"comments": replies or []}}


class Tube:
    def __init__(self) -> None:
        self.threads: list[dict[str, Any]] = []
        self.below: dict[str, list[dict[str, Any]]] = {}
        self.said: list[tuple[str, str, Any]] = []
        self.refusals: list[Any] = []

    def answer(self, method: str, url: str, query: dict[str, str], body: Any) -> Any:
        path = url.rpartition("/v3/")[2]
        if self.refusals:
            return self.refusals.pop()
        if method != "GET":
            self.said.append((method, path, body or query))
            if (method, path) != ("POST", "comments"):
                return None
            words = {"textDisplay": body["snippet"]["textOriginal"], "publishedAt": at(0), "authorChannelId": {"value": OURS}}
            return {"id": f"T1.{len(self.said)}", "snippet": words}
        if path == "channels":
            return {"items": [{"id": OURS, "snippet": {"title": "Cafè Lligam"}}]}
        if path == "commentThreads":
            start = int(query.get("pageToken") or 0)
            after = {"nextPageToken": str(start + 100)} if start + 100 < len(self.threads) else {}
            return {"items": self.threads[start : start + 100]} | after
        if "parentId" in query:
            return {"items": self.below.get(query["parentId"], [])}
        known = {each["id"]: each["snippet"]["topLevelComment"] for each in self.threads}
        return {"items": [known[native] for native in query["id"].split(",") if native in known]}


def line(tube: Tube, now: datetime = NOW, **settings: str) -> ScriptedLine:
    return ScriptedLine(tube.answer, settings, {"access_token": "t", "channel_id": OURS}, now)


def said(*pages: Pulled) -> list[Outcome]:
    return [item for page in pages for raw in page.items for item in channel.parse(raw, NOW)]


def walked(tube: Tube, cursor: str = "", now: datetime = NOW) -> list[Pulled]:
    pages = [channel.pull(line(tube, now), "comments", cursor)]
    while pages[-1].more:
        pages.append(channel.pull(line(tube, now), "comments", pages[-1].cursor))
        assert len(pages) < 40
    return pages


def test_a_page_of_threads(reading: Read) -> None:
    found = {item.native_id: item for item in reading("youtube", "threads.json") if isinstance(item, Activity)}
    top, edited = found["UgzT1"], found["UgzT1.9b"]
    assert (top.actor, top.parent_key, top.thread_key, top.props["likes"]) == (
        HandleRef("youtube", "UCnuria", "@nuria.b"),
        "vid1",
        "vid1",
        4,
    )
    assert top.url == "https://www.youtube.com/watch?v=vid1&lc=UgzT1"
    assert (edited.op, edited.parent_key, found["UgzT2"].props) == (Op.CORRECT, "UgzT1", {"hidden": True})
    assert found["UgzT3"].actor is None


def test_all_of_it_once_and_then_what_is_new() -> None:
    tube = Tube()
    tube.threads = [thread(f"T{n}", n * 60) for n in range(230)]
    tube.threads[3] = thread("T3", 180, [comment("T3.1", 170, parentId="T3")], count=3)
    tube.below["T3"] = [comment(f"T3.{n}", 170, parentId="T3") for n in (1, 2, 3)]
    pages = walked(tube)
    found = {item.native_id: item for item in said(*pages) if isinstance(item, Activity)}
    assert len(found) == 233
    assert (found["T3.2"].parent_key, found["T3.2"].thread_key) == ("T3", "v1")
    assert not said(*walked(tube, pages[-1].cursor))
    tube.threads.insert(0, thread("T900", -1))
    tube.threads[5] = thread("T4", 240, [comment("T4.1", -1, OURS, parentId="T4")])
    (new, again, ours) = said(*walked(tube, pages[-1].cursor))
    assert isinstance(ours, Activity)
    assert (new.native_id, again.native_id, ours.native_id, ours.direction) == ("T900", "T4", "T4.1", Direction.OUT)


def test_what_is_kept_is_refreshed_or_let_go() -> None:
    """YouTube's terms: within thirty days. What is deleted there is retracted; what was edited is corrected."""
    tube = Tube()
    tube.threads = [thread("T1", 60), thread("T2", 120)]
    cursor = walked(tube)[-1].cursor
    del tube.threads[1]
    tube.threads[0]["snippet"]["topLevelComment"]["snippet"] |= {"updatedAt": at(-60 * 24 * 3), "textDisplay": "edited"}
    assert not said(*walked(tube, cursor, NOW + timedelta(days=2)))[1:], "not yet"
    pages = walked(tube, cursor, NOW + timedelta(days=26))
    gone = [item for item in said(*pages) if isinstance(item, Retraction)]
    edited = [item for item in said(*pages) if isinstance(item, Activity)]
    assert [item.native_id for item in gone] == ["T2"]
    assert {(item.text, item.op) for item in edited} == {("edited", Op.CORRECT)}


def test_the_units_of_a_day() -> None:
    tube = Tube()
    tube.threads = [thread(f"T{n}", n) for n in range(900)]
    pages: list[Pulled] = []

    def ask() -> None:
        while True:
            pages.append(channel.pull(line(tube, units="5"), "comments", pages[-1].cursor if pages else ""))

    with pytest.raises(Problem) as told:
        ask()
    cursor = pages[-1].cursor
    assert (told.value.kind, told.value.code, len(pages)) == ("quota", "budget_spent", 4)
    assert told.value.retry_after == 20 * 3600, "midnight in California"
    assert channel.pull(line(tube, NOW + timedelta(days=1), units="5"), "comments", cursor).items, "goes on where it stood"


@pytest.mark.parametrize(
    ("status", "reason", "kind", "code"),
    [
        (403, "quotaExceeded", "quota", "budget_spent"),
        (403, "rateLimitExceeded", "quota", "too_fast"),
        (403, "commentsDisabled", "permanent", "not_allowed"),
        (403, "insufficientPermissions", "permanent", "scope_missing"),
        (401, "authError", "auth", "not_authorised"),
        (500, "backendError", "transient", "server_trouble"),
    ],
)
def test_troubles(status: int, reason: str, kind: str, code: str) -> None:
    tube = Tube()
    tube.refusals = [(status, {"error": {"code": status, "message": "m", "errors": [{"reason": reason}]}})]
    with pytest.raises(Problem) as told:
        channel.pull(line(tube), "comments", "")
    assert (told.value.kind, told.value.code) == (kind, code)


def about(**more: Any) -> Context:
    shape: dict[str, Any] = {"native_id": "T1", "object_key": "T1", "thread_key": "v1", "parent_key": "v1", "object_type": "Note"}
    return Context(**(shape | more))


def test_ways_and_deeds() -> None:
    tube = Tube()
    tube.threads = [thread("T1", 60)]
    assert [way.deed for way in channel.ways(about(), {}, frozenset(), NOW)] == ["reply", "hide"]
    assert [way.deed for way in channel.ways(about(props={"ours": True}), {}, frozenset(), NOW)] == ["reply", "delete"]

    def done(deed: Any, context: Context, text: str = "") -> Any:
        (item,) = channel.parse(channel.act(line(tube), Command(deed=deed, about=context, text=text), "key").raw, NOW)
        return item

    reply = done("reply", about(native_id="T1.4", object_key="T1.4", parent_key="T1"), "Gràcies")
    assert tube.said[-1][2]["snippet"] == {"parentId": "T1", "textOriginal": "Gràcies"}, "replies stand below the first comment"
    assert (reply.direction, reply.parent_key, reply.thread_key, reply.text) == (Direction.OUT, "T1", "v1", "Gràcies")
    hidden, shown = done("hide", about()), done("unhide", about(props={"hidden": True}))
    assert (hidden.reason, shown.op, shown.text, shown.thread_key) == ("hidden", Op.CORRECT, "T1", "v1")
    assert done("delete", about(props={"ours": True})).reason == "deleted"
    for deed, text, code in (("like", "", "cannot_act"), ("reply", " ", "empty"), ("reply", "x" * 10001, "too_long")):
        with pytest.raises(Problem, match=code):
            done(deed, about(), text)


def test_an_answer_that_never_arrived_is_found() -> None:
    tube = Tube()
    tube.below["T1"] = [comment("T1.7", 0, OURS, textDisplay="Gràcies", parentId="T1")]
    receipt = channel.found(line(tube), Command(deed="reply", about=about(), text="Gràcies"), "key", NOW - timedelta(seconds=9))
    assert receipt is not None
    assert receipt.native_id == "T1.7"
    assert channel.found(line(tube), Command(deed="reply", about=about(), text="No"), "key", NOW) is None


def test_standing() -> None:
    asking = line(Tube())
    assert (channel.check(asking).own, asking.secrets["channel_id"]) == ((HandleRef("youtube", OURS, "Cafè Lligam"),), OURS)
