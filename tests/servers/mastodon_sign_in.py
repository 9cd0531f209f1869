"""The small Mastodon beside this file, with the page on which someone says yes or no: apps, OAuth and PKCE as documented."""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.servers.mastodon import TOKEN, Handler, Mastodon


class Place(Mastodon):
    """Apps by their id, and questions by the code that answers them; each code is good once. `others`: people who wrote before."""

    def __init__(self, mentions: int) -> None:
        super().__init__()
        self.apps: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.streams = set()
        for number in range(mentions):
            at = datetime.now(UTC) - timedelta(days=mentions - number)
            guest = self.account(f"guest{number}@elsewhere.example")
            status = self.status(guest, f"@lligam is there a table for {number}?", created_at=at.isoformat())
            self.notify("mention", guest, status)["created_at"] = at.isoformat()


class SignIn(Handler):
    place: Place

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/oauth/authorize":
            self._ask(dict(parse_qsl(where.query)))
        else:
            super().do_GET()

    def do_POST(self) -> None:
        if self.path not in ("/api/v1/apps", "/oauth/token"):
            super().do_POST()
            return
        given = dict(parse_qsl(self.rfile.read(int(self.headers.get("content-length") or 0)).decode()))
        (self._register if self.path == "/api/v1/apps" else self._token)(given)

    def _register(self, given: dict[str, str]) -> None:
        app = {"client_id": secrets.token_urlsafe(12), "client_secret": secrets.token_urlsafe(24), "redirect_uri": given["redirect_uris"]}
        self.place.apps[app["client_id"]] = app
        self._answer(200, {"id": "1", "name": given["client_name"], **app})

    def _ask(self, query: dict[str, str]) -> None:
        app = self.place.apps.get(query.get("client_id", ""))
        if app is None or query.get("redirect_uri") != app["redirect_uri"]:
            self._answer(400, {"error": "invalid_redirect_uri"})
            return
        code = secrets.token_urlsafe(16)
        self.place.codes[code] = query
        yes, no = ({"code": code, "state": query["state"]}, {"error": "access_denied", "state": query["state"]})
        links = "".join(
            f'<p><a href="{escape(app["redirect_uri"])}?{escape(urlencode(each))}">{word}</a></p>'
            for word, each in (("Authorise", yes), ("Deny", no))
        )
        self._page_of(f"<!doctype html><html lang=en><title>Casa</title><h1>Vincle asks</h1><p>{escape(query['scope'])}</p>{links}")

    def _page_of(self, html: str) -> None:
        body = html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _token(self, given: dict[str, str]) -> None:
        asked, app = self.place.codes.pop(given.get("code", ""), None), self.place.apps.get(given.get("client_id", ""))
        if app is None or given.get("client_secret") != app["client_secret"]:
            self._answer(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
        elif asked is None or given.get("redirect_uri") != asked["redirect_uri"] or not _proves(asked, given):
            self._answer(400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"})
        else:
            self._answer(200, {"access_token": TOKEN, "token_type": "Bearer", "scope": asked["scope"], "created_at": 1})


def _proves(asked: dict[str, str], given: dict[str, str]) -> bool:
    """RFC 7636: whoever asks for the token is who asked for the code."""
    digest = base64.urlsafe_b64encode(sha256(given.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
    return asked.get("code_challenge_method") == "S256" and digest == asked.get("code_challenge")


@contextmanager
def small_server(mentions: int = 50) -> Iterator[Place]:
    place = Place(mentions)
    handler: Any = type("Here", (SignIn,), {"place": place})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
