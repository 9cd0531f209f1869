"""A survey within a frame of a site stays in it to the end, knows whom the site knows, and goes on where it was left."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys.asking import AB, address, hidden, last, opened, send
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import surroundings
from vincle.engage.surveys.models import Collector, Response, Survey
from vincle.identify.models import Belonging, Person, SharedHandle
from vincle.listen.models import Activity, Handle
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import handle_key

pytestmark = pytest.mark.django_db


def test_every_page_in_a_frame_may_be_framed(workspace: Workspace, owner: User, client: Client) -> None:
    one, two = ({"id": id, "items": [{"type": "single", "id": f"q{id}", "text": {"en": "One"}, "choices": AB}]} for id in ("a", "b"))
    way = opened(workspace, owner, [one, two], "web")
    moved = send(client, way, {"qa": "a", "_go": "on"}, query="?embed=1")
    assert "embed=1" in moved["Location"]
    moved = send(client, way, {"qb": "b", "_go": "on"}, at=moved["Location"])
    assert "/thanks/?embed=1" in moved["Location"]
    assert "frame-ancestors *" in client.get(moved["Location"])["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in client.get(address(way))["Content-Security-Policy"]


def test_what_was_begun_in_a_frame_goes_on_in_it(workspace: Workspace, owner: User, client: Client) -> None:
    pages = [{"id": id, "items": [{"type": "text", "id": f"q{id}", "text": {"en": "One"}}]} for id in ("a", "b")]
    way = opened(workspace, owner, pages, "web")
    send(client, way, {"qa": "a", "_go": "on"}, query="?embed=1")
    assert client.get(address(way) + "?embed=1")["Location"].endswith("/?embed=1")


COOKIE = "visitor-0123456789ab"
HELLO: list[dict[str, Any]] = [
    {"id": "a", "items": [{"type": "nps", "id": "nps", "role": "nps", "text": {"en": "{person.name}, recommend?"}}]},
    {"id": "b", "items": [{"type": "text", "id": "why", "text": {"en": "Why?"}}]},
]


def visitor(workspace: Workspace) -> int:
    """Somebody the site knows by its cookie, and we by name; their handle."""
    key, now = handle_key(bytes(workspace.secret), "cookie", COOKIE), timezone.now()
    Handle.objects.create(workspace=workspace, key=key, kind="cookie", value=COOKIE, first_seen=now)
    Person.objects.create(workspace=workspace, id=key, first_seen=now)
    Belonging.objects.create(workspace=workspace, handle=key, person=key)
    Profile.objects.create(workspace=workspace, person=key, name="Ana Torres", email="ana@example.org", known_since=now, last_at=now)
    return key


def through(client: Client, way: Collector, query: str) -> None:
    moved = send(client, way, {"nps": "2"}, query=query)
    assert "/thanks/" in send(client, way, {"why": "Slow"}, at=moved["Location"])["Location"]


def test_the_answer_is_the_visitors_who_is_told_nothing_of_themselves(workspace: Workspace, owner: User, client: Client) -> None:
    key = visitor(workspace)
    way = opened(workspace, owner, HELLO, "web", {"one_answer_per": "person"})
    query = f"?embed=1&visitor={COOKIE}"
    page = client.get(address(way) + query).content.decode()
    assert "Ana" not in page
    through(client, way, query)
    assert (last().state, last().handle, last().person, last().facts) == ("complete", key, key, {})
    assert Client().get(address(way) + query).status_code == 410, "one answer a person, in any browser"
    assert Client().get(address(way) + "?embed=1").status_code == 200
    while pipeline.intake():
        pass
    while pipeline.follow(("understand", "identify", "organise")):
        pass
    act = Activity.objects.get(verb="Create", object_type="Answer")
    assert (act.actor, act.rating) == (key, 2.0)


@pytest.mark.parametrize("why", ["anonymous", "unknown", "shared", "link", "malformed"])
def test_who_stays_a_stranger(workspace: Workspace, owner: User, client: Client, why: str) -> None:
    key = visitor(workspace)
    way = opened(workspace, owner, HELLO, "link" if why == "link" else "web", {"is_anonymous": why == "anonymous"})
    if why == "shared":
        SharedHandle.objects.create(workspace=workspace, handle=key)
    name = {"unknown": "visitor-of-nobody", "malformed": "<script>alert(1)</script>"}.get(why, COOKIE)
    page = client.get(address(way), {"embed": "1", "visitor": name}).content.decode()
    assert "<script>alert" not in page
    through(client, way, f"?embed=1&visitor={name}")
    assert (last().state, last().handle, last().person) == ("complete", None, None)


def test_a_frame_of_another_site_keeps_its_cookies_over_https(workspace: Workspace, owner: User, client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://vincle.example"
    way = opened(workspace, owner, HELLO, "web", {"one_answer_per": "device"})
    there = address(way) + "?embed=1"
    shown = client.get(there)
    told = shown.cookies[surroundings.DEVICE].OutputString()
    for part in ("SameSite=None", "Secure", "HttpOnly", "Partitioned", "Path=/s/"):
        assert part in told
    moved = client.post(there, {**hidden(shown.content.decode()), "nps": "2"})
    assert moved.cookies[surroundings.ANSWER].OutputString().endswith("; Partitioned")
    assert client.get(there)["Location"].startswith(moved["Location"].partition("?")[0]), "it goes on"
    done = send(client, way, {"why": "Slow"}, at=moved["Location"])
    gone = done.cookies[surroundings.ANSWER].OutputString()
    assert "Max-Age=0" in gone
    assert "Partitioned" in gone
    assert client.get(there).status_code == 410, "one answer a device"
    assert Response.objects.count() == 1
    settings.PUBLIC_URL = "http://localhost:8000"
    assert "SameSite=Lax" in Client().get(there).cookies[surroundings.DEVICE].OutputString()
    settings.PUBLIC_URL = "https://vincle.example"
    Survey.objects.update(one_answer_per="device")
    assert "SameSite=Lax" in Client().get(address(way)).cookies[surroundings.DEVICE].OutputString(), "its own page needs no more"
