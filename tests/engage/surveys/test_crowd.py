"""Answers that come at the same moment: together what they are one by one, and nobody's fault is another's."""

import asyncio
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.test import Client

from tests.engage.surveys import asking
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import answering, crowd, grouping, tickets
from vincle.engage.surveys.models import Collector, Quota, Response, Survey
from vincle.listen.models import Delivery
from vincle.project.crowd_door import CrowdDoor, _request

NPS: dict[str, Any] = {"type": "nps", "id": "nps", "text": {"en": "Recommend?"}, "required": "yes"}
MAIL: dict[str, Any] = {"type": "email", "id": "e", "text": {"en": "Your address"}}
ONE: list[dict[str, Any]] = [{"id": "one", "items": [NPS, MAIL]}]


def _sent(way: Collector, form: dict[str, str] | None = None, ticket: str = "", cookie: str = "", query: str = "") -> Any:
    body = urlencode({"_page": "one", "nps": "9", "_t": ticket or tickets.fresh(), **(form or {})}).encode()
    return way.token, _request(_scope(way, body, cookie, query), body)


def _scope(way: Collector, body: bytes, cookie: str = "", query: str = "", host: str = "testserver") -> dict[str, Any]:
    headers = [(b"host", host.encode()), (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"%d" % len(body))]
    headers += [(b"cookie", cookie.encode())] if cookie else []
    path = asking.address(way)
    return {
        "type": "http", "method": "POST", "path": path, "headers": headers, "query_string": query.encode(), "client": ("127.0.0.1", 1),
    }  # fmt: skip


@pytest.mark.django_db
def test_together_is_what_it_is_one_by_one(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    sent = asking.send(client, way, {"nps": "9", "e": "ana@example.org"}, query="?utm_source=poster")
    assert sent.status_code == 302
    alone = asking.last()
    (name,) = crowd.take([_sent(way, {"e": "ana@example.org"}, query="utm_source=poster")])
    beside = Response.objects.select_related("survey").get(public_id=name)
    for each in ("state", "answers", "language", "device", "touch", "flags", "place", "handle", "person", "version_id", "collector_id"):
        assert getattr(alone, each) == getattr(beside, each), each
    assert beside.touch
    assert beside.handle
    assert beside.survey.completed == 2
    first, second = (bytes(row.body) for row in Delivery.objects.filter(channel="surveys").order_by("pk"))
    strip = lambda body, row: body.replace(row.public_id.encode(), b"").split(b'"at"')[0]  # noqa: E731
    assert strip(first, alone) == strip(second, beside)


@pytest.mark.django_db
def test_what_is_not_plain_goes_the_ordinary_way_and_harms_nobody(workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    twice = tickets.fresh()
    wrong = [
        _sent(way, {"nps": "99"}), _sent(way, {"nps": ""}), _sent(way, {"_page": "two"}), _sent(way, {"_go": "back"}),
        _sent(way, {"_t": "forged"}),
        _sent(way, cookie="vincle_asked=x"),
    ]  # fmt: skip
    found = crowd.take([_sent(way), *wrong, _sent(way, ticket=twice), _sent(way, ticket=twice), ("A" * 20, _sent(way)[1]), _sent(way)])
    assert [name is not None for name in found] == [True, *[False] * 6, True, False, False, True]
    assert crowd.take([_sent(way, ticket=twice)]) == [None]
    assert Response.objects.filter(state="complete").count() == Survey.objects.get().completed == 3
    assert Delivery.objects.filter(channel="surveys").count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("survey", [{"cap": 1}, {"state": "paused"}, {"one_answer_per": "code"}])
def test_what_is_counted_or_closed_goes_the_ordinary_way(workspace: Workspace, owner: User, survey: dict[str, Any]) -> None:
    way = asking.opened(workspace, owner, ONE)
    Survey.objects.update(**survey)
    assert crowd.take([_sent(way)]) == [None]
    assert not Response.objects.exists()


@pytest.mark.django_db
def test_one_answer_a_browser_holds_within_one_moment_too(workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE, survey={"one_answer_per": "device"})
    found = crowd.take([_sent(way, cookie="vincle_device=a"), _sent(way, cookie="vincle_device=a"), _sent(way, cookie="vincle_device=b")])
    assert [name is not None for name in found] == [True, False, True]
    assert crowd.take([_sent(way, cookie="vincle_device=b")]) == [None]


@pytest.mark.django_db(transaction=True)
def test_the_door_thanks_or_hands_on_whole(workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    handed: list[tuple[str, bytes]] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        handed.append((scope["method"], (await receive())["body"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})

    def ask(body: bytes, **more: Any) -> tuple[int, dict[bytes, bytes]]:
        said: list[Any] = []
        parts = [{"type": "http.request", "body": body[:20], "more_body": True}, {"type": "http.request", "body": body[20:]}]

        async def receive() -> Any:
            return parts.pop(0)

        async def send(message: Any) -> None:
            said.append(message)

        asyncio.run(CrowdDoor(pages)({**_scope(way, body), **more}, receive, send))
        return said[0]["status"], dict(said[0]["headers"])

    body = urlencode({"_page": "one", "nps": "9", "_t": tickets.fresh()}).encode()
    status, headers = ask(body)
    assert status == 302
    assert headers[b"location"].endswith(b"/thanks/")
    assert b"content-security-policy" in headers
    assert ask(body)[0] == 204
    assert handed == [("POST", body)]
    other = urlencode({"_page": "one", "nps": "bad", "_t": tickets.fresh()}).encode()
    assert ask(other)[0] == 204
    assert handed[-1] == ("POST", other)
    fresh = urlencode({"_page": "one", "nps": "9", "_t": tickets.fresh()}).encode()
    assert ask(fresh, headers=_scope(way, fresh, host="evil.example")["headers"])[0] == 204
    assert Response.objects.filter(state="complete").count() == 1


def _at_once(works: list[Any]) -> list[Any]:
    """What each returned or raised, begun at the same moment in threads of their own."""
    found: list[Any] = [None] * len(works)
    ready = Barrier(len(works))

    def one(at: int) -> None:
        ready.wait()
        try:
            found[at] = works[at]()
        except Exception as error:
            found[at] = error
        finally:
            connection.close()

    threads = [Thread(target=one, args=(at,)) for at in range(len(works))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    close_old_connections()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_gets_the_last_place(workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    Quota.objects.create(workspace=workspace, survey=way.survey, name="Fans", condition="{nps} >= 9", limit=2)

    def answer() -> str:
        row = answering.begin(way)
        answering.save(row, "one", {"nps": ["9"]})
        return answering.complete(row).code

    def alone() -> str:
        with transaction.atomic():
            return answer()

    found = _at_once([alone, lambda: grouping.together(answer)] * 3)
    assert sorted(found) == ["complete"] * 2 + ["over_quota"] * 4
    assert Quota.objects.get().count == Survey.objects.get(pk=way.survey_id).completed == 2


@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["page", "door", "two pages"])
def test_one_answer_a_browser_holds_between_the_door_and_the_page(workspace: Workspace, owner: User, first: str) -> None:
    way = asking.opened(workspace, owner, ONE, survey={"one_answer_per": "device"})
    begun, done = Event(), Event()

    def page() -> str:
        with transaction.atomic():
            row = answering.begin(way, device="a")
            answering.save(row, "one", {"nps": ["9"]})
            if first != "page":
                begun.set()
                done.wait(20)
            code = answering.complete(row).code
            if first == "page":
                begun.set()
                sleep(0.3)  # completed, not committed: who comes now has to wait
            return code

    def door() -> list[str | None]:
        begun.wait(20)
        found = crowd.take([_sent(way, cookie="vincle_device=a")])
        done.set()
        return found

    def other() -> str:
        begun.wait(20)
        with transaction.atomic():
            row = answering.begin(way, device="a", is_new=True)
            answering.save(row, "one", {"nps": ["1"]})
            code = answering.complete(row).code
        done.set()
        return code

    one, two = _at_once([page, other if first == "two pages" else door])
    assert Response.objects.filter(state="complete").count() == Survey.objects.get(pk=way.survey_id).completed == 1
    if first == "page":
        assert (one, two) == ("complete", [None])
    else:
        assert isinstance(one, answering.Refused)
        assert one.code == "answered"


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_undoes_nobody_else(workspace: Workspace) -> None:
    def work(at: int) -> Any:
        def write() -> int:
            Survey.objects.create(workspace=workspace, name=f"S{at}", public_id=f"s{at}", salt=b"s")
            if at % 3 == 0:
                raise ValueError(at)
            return at

        return lambda: grouping.together(write)

    found = _at_once([work(at) for at in range(12)])
    assert [each if isinstance(each, int) else int(str(each)) for each in found] == list(range(12))
    assert [isinstance(each, ValueError) for each in found] == [at % 3 == 0 for at in range(12)]
    assert set(Survey.objects.values_list("name", flat=True)) == {f"S{at}" for at in range(12) if at % 3}
