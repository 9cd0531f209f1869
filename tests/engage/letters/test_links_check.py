"""Links of a letter, asked on demand: what is gone, what is ours alone, and that nobody asks our neighbours through it."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.test import Client

from vincle.accounts.models import Role, Workspace
from vincle.engage.letters import blocks, links_check, views_editor
from vincle.engage.letters.models import Letter


class Site(BaseHTTPRequestHandler):
    """Says what its paths are called; /shy answers no HEAD, /round leads to itself."""

    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer(405 if self.path == "/shy" else 200)

    def do_GET(self) -> None:
        self._answer(200)

    def _answer(self, usual: int) -> None:
        self.asked.append(f"{self.command} {self.path}")
        number = self.path.strip("/")
        self.send_response(302 if self.path == "/round" else int(number) if number.isdigit() else usual)
        if self.path == "/round":
            self.send_header("location", "/round")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Site.asked.clear()
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def content(*urls: str) -> dict[str, Any]:
    return blocks.content({"blocks": [{"kind": "button", "label": "Go", "url": url} for url in urls]})


def outside_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installation that may ask its own network: the site of these tests stands there."""
    monkeypatch.setattr("vincle.store.outside.is_public", lambda _address: True)


def test_what_is_gone_shut_or_going_round_is_named(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outside_allowed(monkeypatch)
    paths = ("fine", "404", "410", "503", "401", "round", "shy", "fine?{{ person.name }}")
    found = links_check.look(content(*(f"{site}/{path}" for path in paths)))
    assert (found.asked, found.left) == (7, 0)
    told = {each.url.rpartition("/")[2]: each.level for each in found.found}
    assert told == {"404": "warn", "410": "warn", "503": "warn", "401": "hint", "round": "warn"}
    assert "GET /shy" in Site.asked
    assert all(each.block for each in found.found)


def test_nobody_asks_our_neighbours(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = links_check.look(content(f"{site}/fine")).found
    assert "your own network" in found.words
    assert Site.asked == []


def test_each_address_once_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(links_check, "_one", lambda url: asked.append(url) or 200)
    html = '<p><a href="https://a.example/?x=1&amp;y=2">x</a> <img src="https://a.example/p.png" alt="p"></p>'
    given = content("https://a.example/1", "https://a.example/1", "mailto:a@b.example", f"{settings.PUBLIC_URL}/mine")
    given["blocks"] += blocks.content({"blocks": [{"kind": "html", "html": html}]})["blocks"]
    assert links_check.look(given) == (3, 0, [])
    assert sorted(asked) == ["https://a.example/1", "https://a.example/?x=1&y=2", "https://a.example/p.png"]
    assert links_check.look(content(*(f"https://a.example/{at}" for at in range(40)))) == (30, 10, [])


def test_whoever_does_not_answer_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_check, "ALL", 0.0)
    monkeypatch.setattr(links_check, "_one", lambda _url: 200)
    assert all("in time" in each.words for each in links_check.look(content("https://a.example/")).found)


@pytest.mark.django_db
def test_on_demand_with_a_pace(client_for: Callable[..., Client], workspace: Workspace, greeting: Letter, monkeypatch: Any) -> None:
    monkeypatch.setattr(links_check, "_one", lambda _url: 404)
    views_editor._lookings.clear()
    client, address = client_for(Role.AGENT), f"/w/{workspace.slug}/letters/{greeting.pk}/links/"
    sent = json.dumps({"content": content("https://a.example/<b>")})
    answer = client.post(address, sent, "application/json").json()
    assert (answer["checks"][0]["level"], "is not there (404)" in answer["checks"][0]["words"]) == ("warn", True)
    assert client_for(Role.VIEWER).post(address, sent, "application/json").status_code == 403
    assert client.post(address, "{", "application/json").status_code == 422
    answers = [client.post(address, sent, "application/json").status_code for _ in range(8)]
    assert answers[-1] == 429
    views_editor._lookings.clear()
