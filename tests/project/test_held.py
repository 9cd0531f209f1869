"""Streams that are held open: told at once, only of news, as long as who looks may see."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from vincle.project import held
from vincle.project.held import Held, wanted

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/w/cafe/inbox/live/", "headers": [(b"accept", b"text/event-stream")]}


class Pages:
    """The pages' side: what they say now, and how often they were asked."""

    def __init__(self) -> None:
        self.says, self.status, self.asked, self.watch = b"data: 1\n\n", 200, 0, b"inbox:7"

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        self.asked += 1
        headers = [(b"Content-Type", b"text/event-stream"), (b"X-Vincle-Watch", self.watch), (b"Content-Length", b"9")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.says})


class Browser:
    """What arrives; goes away when told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.leaving = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.got.append(dict(message))

    async def receive(self) -> Any:
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    @property
    def words(self) -> list[bytes]:
        return [each["body"] for each in self.got if each.get("body", b"").strip(b":\n")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    state = {"now": 1}
    monkeypatch.setattr(held, "EVERY", 0.01)
    monkeypatch.setattr(held, "PACE", 0.02)
    monkeypatch.setattr(held, "LOOKS", {"inbox": lambda _workspace: state["now"]})
    return state


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


def test_news_go_out_when_something_changed_and_only_then(quick: dict[str, int]) -> None:
    async def go() -> None:
        pages, browser = Pages(), Browser()
        stream = asyncio.ensure_future(Held(pages)(SCOPE, browser.receive, browser.send))
        await until(lambda: pages.asked == 2)
        await asyncio.sleep(0.1)
        assert pages.asked == 2, "nothing changed, so nobody asks"
        assert browser.words == [b"data: 1\n\n"]
        quick["now"], pages.says = 2, b"data: 2\n\n"
        await until(lambda: browser.words[-1] == b"data: 2\n\n")
        browser.leaving.set()
        await asyncio.wait_for(stream, 5)
        names = {name for name, _value in browser.got[0]["headers"]}
        assert names == {b"content-type"}, "lengths and inner marks stay inside"

    asyncio.run(go())


@pytest.mark.parametrize(("status", "watch"), [(302, b"inbox:7"), (200, b"inbox:8"), (200, b"other:7")])
def test_a_stream_ends_when_who_looks_may_not_any_more(quick: dict[str, int], status: int, watch: bytes) -> None:
    async def go() -> None:
        pages, browser = Pages(), Browser()
        stream = asyncio.ensure_future(Held(pages)(SCOPE, browser.receive, browser.send))
        await until(lambda: pages.asked == 2)
        quick["now"], pages.status, pages.watch, pages.says = 2, status, watch, b"data: secret\n\n"
        await asyncio.wait_for(stream, 5)
        assert b"data: secret\n\n" not in browser.words
        assert browser.got[-1] == {"type": "http.response.body", "body": b""}

    asyncio.run(go())


@pytest.mark.parametrize(("status", "watch"), [(302, b"inbox:7"), (404, b"inbox:7"), (200, b""), (200, b"unknown:7"), (200, b"inbox:x")])
def test_what_is_no_stream_is_given_as_it_is(status: int, watch: bytes) -> None:
    async def go() -> None:
        pages, browser = Pages(), Browser()
        pages.status, pages.watch = status, watch
        await asyncio.wait_for(Held(pages)(SCOPE, browser.receive, browser.send), 5)
        assert browser.got[0]["status"] == status
        assert browser.words == [b"data: 1\n\n"]

    asyncio.run(go())


def test_a_look_that_fails_leaves_streams_open(quick: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def look(_workspace: int) -> object:
        nonlocal looked
        looked += 1
        if looked < 5:
            raise OSError("away")
        return quick["now"]

    monkeypatch.setattr(held, "LOOKS", {"inbox": look})

    async def go() -> None:
        pages, browser = Pages(), Browser()
        stream = asyncio.ensure_future(Held(pages)(SCOPE, browser.receive, browser.send))
        await until(lambda: looked > 6)
        quick["now"], pages.says = 2, b"data: back\n\n"
        await until(lambda: browser.words[-1] == b"data: back\n\n")
        browser.leaving.set()
        await asyncio.wait_for(stream, 5)

    asyncio.run(go())


def test_too_many_are_answered_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MOST", 0)

    async def go() -> None:
        browser = Browser()
        await asyncio.wait_for(Held(Pages())(SCOPE, browser.receive, browser.send), 5)
        assert browser.words == [b"data: 1\n\n"]

    asyncio.run(go())


def test_what_holds_behind_another_answers_shortly(quick: dict[str, int]) -> None:
    async def go() -> None:
        inner, browser = Held(Pages()), Browser()

        async def pages(scope: Any, receive: Any, send: Any) -> None:
            await (inner if wanted(scope) else Pages())(scope, receive, send)

        stream = asyncio.ensure_future(Held(pages)(SCOPE, browser.receive, browser.send))
        await until(lambda: bool(browser.words))
        browser.leaving.set()
        await asyncio.wait_for(stream, 5)

    asyncio.run(go())


def test_only_streams_are_held() -> None:
    assert wanted(SCOPE)
    assert not wanted({**SCOPE, "method": "POST"})
    assert not wanted({**SCOPE, "headers": [(b"accept", b"text/html")]})
