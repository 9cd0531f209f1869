"""Feeds asked over HTTP, and told by a hub: a small server that counts what it is asked, speaking as the documents say."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from vincle.channels._feed_live import ADDRESS
from vincle.channels.base import Accepted, FileError, Rejected, Reply, Request
from vincle.channels.feed import channel
from vincle.channels.live import Problem, Pulled
from vincle.listen.line import OutLine
from vincle.vocabulary import Activity, Op, Outcome, Reject

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOOK = "https://vincle.example/hooks/x"


def atom(*entries: tuple[str, str], head: str = "") -> bytes:
    listed = "".join(
        f"<entry><id>tag:blog.example,2026:{key}</id><title>{title}</title><updated>2026-10-0{place + 1}T09:00:00Z</updated></entry>"
        for place, (key, title) in enumerate(entries)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:blog.example,2026:feed</id><title>Blog</title>{head}{listed}</feed>'.encode()


class Site:
    """What stands at each path: (status, headers, body). Requests are kept as (method, path, headers, body)."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.asked.append((self.command, self.path, headers, body))
                status, more, content = site.pages.get(self.path, (404, {}, b"not here"))
                if status == 200 and more.get("ETag") and headers.get("if-none-match") == more["ETag"]:
                    status, content = 304, b""
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *given: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Reader:
    """A connection to a feed of the site."""

    def __init__(self, site: Site, path: str = "/feed", **more: str) -> None:
        self.kept: dict[str, str] = {}
        self.line = OutLine({"url": site.url + path, **more}, {}, lambda fresh, ends_at: self.kept.update(fresh))
        self.cursor = ""

    def pull(self) -> Pulled:
        page = channel.pull(self.line, "entries", self.cursor)
        self.cursor = page.cursor
        return page

    def heard(self) -> list[tuple[str, str, Op]]:
        found = [item for raw in self.pull().items for item in channel.parse(raw, NOW)]
        return [(item.native_id.rpartition(":")[2], item.title, item.op) for item in found if isinstance(item, Activity)]


def test_news_come_once_and_changes_as_corrections(site: Site) -> None:
    reader = Reader(site)
    site.pages["/feed"] = 200, {}, atom(("1", "Un"), ("2", "Dos"))
    assert reader.heard() == [("1", "Un", Op.ASSERT), ("2", "Dos", Op.ASSERT)]
    assert reader.pull().items == ()
    site.pages["/feed"] = 200, {}, atom(("2", "Dos, corregit"), ("3", "Tres"))
    assert reader.heard() == [("2", "Dos, corregit", Op.CORRECT), ("3", "Tres", Op.ASSERT)]
    site.pages["/feed"] = 200, {}, atom(("3", "Tres"), ("1", "Un"))
    assert reader.pull().items == ()


def test_the_same_item_says_the_same_whenever_it_is_read(site: Site) -> None:
    site.pages["/feed"] = 200, {}, atom(("1", "Un"))
    reader = Reader(site)
    (raw,) = reader.pull().items
    assert list(channel.parse(raw, NOW)) == list(channel.parse(raw, NOW))
    (told,) = channel.parse(atom(("1", "Un")), NOW)  # as a hub brings it
    (own,) = channel.parse(raw, NOW)
    assert isinstance(told, Activity)
    assert isinstance(own, Activity)
    assert told.native_id == own.native_id


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.pages["/feed"] = 200, {"ETag": '"a1"', "Last-Modified": "Sun, 01 Nov 2026 09:00:00 GMT"}, atom(("1", "Un"))
    reader = Reader(site)
    assert len(reader.pull().items) == 1
    assert reader.pull().items == ()
    headers = site.asked[-1][2]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"a1"', "Sun, 01 Nov 2026 09:00:00 GMT")
    site.pages["/feed"] = 200, {"ETag": '"a2"'}, atom(("1", "Un"), ("2", "Dos"))
    assert reader.heard() == [("2", "Dos", Op.ASSERT)]


@pytest.mark.parametrize(
    ("status", "headers", "kind", "pause"),
    [
        (410, {}, "gone", None),
        (404, {}, "gone", None),
        (429, {"Retry-After": "90"}, "quota", 90),
        (503, {"Retry-After": "7"}, "transient", 7),
        (403, {}, "auth", None),
    ],
)
def test_what_the_server_refuses_is_told(site: Site, status: int, headers: dict[str, str], kind: str, pause: float | None) -> None:
    site.pages["/feed"] = status, headers, b""
    with pytest.raises(Problem) as problem:
        Reader(site).pull()
    assert (problem.value.kind, problem.value.retry_after) == (kind, pause)


def test_a_feed_that_moved_is_found_again_when_the_old_place_is_gone(site: Site) -> None:
    site.pages["/feed"] = 301, {"Location": "/new"}, b""
    site.pages["/new"] = 200, {}, atom(("1", "Un"))
    reader = Reader(site)
    assert len(reader.heard()) == 1
    site.pages["/feed"] = 410, {}, b""
    site.pages["/new"] = 200, {}, atom(("1", "Un"), ("2", "Dos"))
    assert reader.heard() == [("2", "Dos", Op.ASSERT)]


def test_a_page_that_names_its_feed_will_do(site: Site) -> None:
    link = b'<link href="/atom.xml" rel=\'alternate\' type="application/atom+xml">'
    site.pages["/"] = 200, {}, b"<!DOCTYPE html><html><head>%s</head></html>" % link
    site.pages["/atom.xml"] = 200, {}, atom(("1", "Un"))
    reader = Reader(site, "/")
    assert channel.check(reader.line).account == "Blog"
    assert len(reader.heard()) == 1
    site.pages["/"] = 200, {}, b"<html><body>Nothing here</body></html>"
    with pytest.raises(Problem) as problem:
        channel.check(Reader(site, "/").line)
    assert (problem.value.kind, problem.value.code) == ("permanent", "not_a_feed")


def test_hostile_documents_are_inert(site: Site) -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    bomb = declared + b'<rss version="2.0"><channel><title>&b;</title></channel></rss>'
    site.pages["/feed"] = 200, {}, bomb
    with pytest.raises(Problem, match="xml_entities_refused"):
        Reader(site).pull()
    with pytest.raises(FileError, match="xml_entities_refused"):
        list(channel.parse(bomb, NOW))
    site.pages["/feed"] = 200, {}, atom(("1", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=y&gt;Hola"))
    assert [title for _, title, _ in Reader(site).heard()] == ["Hola"]
    site.pages["/feed"] = 200, {}, atom(("1", "Un"), ("2", "Dos"))[:-20]
    found: list[Outcome] = [item for raw in Reader(site).pull().items for item in channel.parse(raw, NOW)]
    assert any(isinstance(item, Activity) for item in found)
    assert any(isinstance(item, Reject) and item.code == "broken_xml" for item in found)


def hub_head(site: Site) -> str:
    return f'<link rel="hub" href="{site.url}/hub"/><link rel="self" href="{site.url}/feed"/>'


def asked_of_hub(site: Site) -> list[dict[str, str]]:
    return [{key: value[0] for key, value in parse_qs(body.decode()).items()} for method, path, _, body in site.asked if path == "/hub"]


def test_a_hub_is_asked_to_tell_us_and_believed_only_with_its_signature(site: Site) -> None:
    site.pages["/feed"] = 200, {}, atom(("1", "Un"), head=hub_head(site))
    site.pages["/hub"] = 202, {}, b""
    reader = Reader(site, **{ADDRESS: HOOK})
    assert channel.check(reader.line).abilities == {"websub"}
    reader.pull()
    reader.pull()
    (wish,) = asked_of_hub(site)
    assert (wish["hub.mode"], wish["hub.callback"], wish["hub.topic"]) == ("subscribe", HOOK, f"{site.url}/feed")
    assert (wish["hub.secret"], wish["hub.topic"]) == (reader.kept["websub_secret"], reader.kept["websub_topic"])

    def question(**query: str) -> Request:
        return Request(method="GET", path="/hooks/x", received_at=NOW, query={f"hub.{key}": value for key, value in query.items()})

    right = {"mode": "subscribe", "topic": wish["hub.topic"], "challenge": "c<3", "lease_seconds": "86400"}
    assert channel.verify(question(**right), reader.kept) == Reply(b"c<3")
    assert isinstance(channel.verify(question(**{**right, "topic": "https://elsewhere.example"}), reader.kept), Rejected)
    assert isinstance(channel.verify(question(**{**right, "mode": "unsubscribe"}), reader.kept), Rejected)
    assert isinstance(channel.verify(question(**right), {}), Rejected)

    body = atom(("2", "Dos"))

    def news(signature: str | None) -> Any:
        headers = {"x-hub-signature": signature} if signature is not None else {}
        return channel.verify(Request(method="POST", path="/hooks/x", received_at=NOW, headers=headers, body=body), reader.kept)

    proof = hmac.new(reader.kept["websub_secret"].encode(), body, sha256).hexdigest()
    assert news(f"sha256={proof}") == Accepted()
    refused = [news(each) for each in (f"sha256={proof[::-1]}", f"sha1={proof}", f"md5={proof}", "x", None)]
    assert [verdict.code for verdict in refused] == ["wrong_signature"] * 3 + ["no_signature"] * 2


def test_a_hub_that_fails_costs_nothing(site: Site) -> None:
    site.pages["/feed"] = 200, {"Link": f'<{site.url}/hub>; rel="hub", <{site.url}/feed>; rel="self"'}, atom(("1", "Un"))
    site.pages["/hub"] = 500, {}, b""
    reader = Reader(site, **{ADDRESS: HOOK})
    assert len(reader.pull().items) == 1
    reader.pull()
    assert len(asked_of_hub(site)) == 1  # and is left alone for some hours
    without = Reader(site)
    without.pull()
    assert len(asked_of_hub(site)) == 1  # nothing can be delivered to us


def test_a_damaged_cursor_begins_anew(site: Site) -> None:
    site.pages["/feed"] = 200, {}, atom(("1", "Un"))
    reader = Reader(site)
    reader.cursor = json.dumps({"known": 3})
    assert len(reader.heard()) == 1
