"""A busy service: webhooks come while agents look at their lists and answer. How soon a new conversation stands on their screens, and how
soon an answer reaches the channel once the time to take it back is over.

Everything runs on this machine: the product as `vincle up`, the platform's side, and ten browsers' worth of requests.
"""

import hmac
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from tests.servers.mastodon import TOKEN, Mastodon, mastodon

from .common import python, row, title
from .imports import make_workspace

AGENTS, SECONDS, HOOKS, NEW, SENDERS = 10, 40, 50, 2, 4
FIRST = 20
"""Conversations that begin at once; all that is no new one is said in these."""

HOLD, QUIET = 10.0, 75.0
_PREPARE = """
import json, django; django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from vincle.accounts.models import Membership, User, Workspace
from vincle.listen import connections, doctor
where, cookies = Workspace.objects.get(), []
for number in range({agents}):
    user = User.objects.create_user(f"agent{{number}}@example.org", None, name=f"Agent {{number}}")
    Membership.objects.create(workspace=where, user=user, role="agent")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies.append(session.session_key)
page = connections.connect(where, None, "facebook")
connections.set_secrets(page, None, {{"client_secret": "app-secret", "verify_token": "a long word"}})
if {server!r}:
    doctor.look_after(connections.connect(where, None, "mastodon", "", {{"server": {server!r}}}, {{"access_token": {token!r}}}))
print(json.dumps({{"slug": where.slug, "cookies": cookies, "name": settings.SESSION_COOKIE_NAME, "token": page.token}}))
"""


class Browser:
    """What one agent's browser asks for, on one connection that is kept."""

    def __init__(self, port: int, slug: str, cookie: str) -> None:
        self.at, self.slug, self.cookie = http.client.HTTPConnection("127.0.0.1", port, timeout=60), slug, cookie
        self.proof = "b" * 32

    def ask(self, path: str, data: dict[str, str] | None = None, **headers: str) -> str:
        cookies = {"Cookie": f"{self.cookie}; csrftoken={self.proof}", "X-CSRFToken": self.proof}
        body = urlencode(data) if data is not None else None
        form = {"Content-Type": "application/x-www-form-urlencoded"} if data is not None else {}
        self.at.request("POST" if data is not None else "GET", f"/w/{self.slug}/inbox/{path}", body, {**cookies, **form, **headers})
        answer = self.at.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"inbox/{path} answered {answer.status}: {text[:300]}")
        return text


class Watched:
    """When each new conversation was told of, and when each agent saw it; when each answer was due, and when it arrived."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}
        self.seen: dict[tuple[int, str], float] = {}
        self.due: dict[str, float] = {}
        self.arrived: dict[str, float] = {}
        self.over = threading.Event()
        self.sent = self.late = 0
        self.trouble: list[str] = []


def run() -> None:
    title(f"A busy service (SQLite): {HOOKS} webhooks a second, {NEW} of them new conversations; {AGENTS} agents look and answer")
    os.environ["VINCLE_WEBHOOKS_PRIVATE"] = "1"  # the platform's side is on this machine
    with tempfile.TemporaryDirectory() as folder, mastodon() as running:
        home, platform = Path(folder) / "home", running.place
        make_workspace(home)
        ready = json.loads(python(home, _PREPARE.format(agents=AGENTS, server=platform.url, token=TOKEN)).splitlines()[-1])
        watched = Watched()
        with _up(home) as port:
            pids = _asked(platform, port, ready)
            _settled()
            _busy(watched, platform, port, ready, pids)
    new = sorted(watched.seen.get((agent, token), told + 60) - told for token, told in watched.told.items() for agent in range(AGENTS))
    answers = sorted(watched.arrived.get(text, due + 60) - due for text, due in watched.due.items())
    row("webhooks taken", f"{watched.sent / SECONDS:.0f} /s", f"{HOOKS} /s", f"{watched.late} more than 1 s late")
    row(
        "a new conversation on all screens: p50, p95",
        f"{_at(new, 0.5):.2f} s, {_at(new, 0.95):.2f} s",
        "p95 < 2 s",
        f"{len(watched.told)} of them",
    )
    row(
        "an answer at the channel: p50, p95",
        f"{_at(answers, 0.5):.2f} s, {_at(answers, 0.95):.2f} s",
        "p95 < 1 s",
        f"{len(answers)}, after {HOLD:.0f} s to take back",
    )
    for each in watched.trouble[:3]:
        print(f"   {each}")


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


@contextmanager
def _up(home: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "VINCLE_HOME": str(home)}
    with open(home / "bench.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "vincle.project.cli", "up", "--port", str(port)], env=environment, stdout=log, stderr=log
        )
    try:
        while "Stop with Ctrl-C" not in (home / "bench.log").read_text():
            if process.poll() is not None:
                raise SystemExit((home / "bench.log").read_text()[-2000:])
            time.sleep(0.2)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _asked(platform: Mastodon, port: int, ready: dict[str, Any]) -> list[str]:
    """Conversations to be answered, one for each agent: their ids, once they stand in the inbox."""
    for number in range(AGENTS):
        platform.mention(platform.account(f"asker{number}@lluny.example"), f"@lligam Question {number}, are you open?")
    browser = _browser(port, ready, 0)
    for _ in range(600):
        found = re.findall(r'data-pid="([^"]+)"', browser.ask("?box=all&channel=mastodon"))
        if len(set(found)) == AGENTS:
            return list(dict.fromkeys(found))
        time.sleep(0.2)
    raise SystemExit("the questions did not arrive")


def _settled() -> None:
    """What is worked out once a day begins soon after a start: until it is through, and for a while after."""
    quiet = time.monotonic()
    while time.monotonic() - quiet < QUIET:
        if any("--due" in child.cmdline() for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE):
            quiet = time.monotonic()
        time.sleep(0.5)


def _browser(port: int, ready: dict[str, Any], agent: int) -> Browser:
    return Browser(port, ready["slug"], f"{ready['name']}={ready['cookies'][agent]}")


def _busy(watched: Watched, platform: Mastodon, port: int, ready: dict[str, Any], pids: list[str]) -> None:
    def done(stage: str, verb: str, path: str) -> None:
        if stage == "arrived" and verb == "POST" and path.endswith("/statuses"):
            threading.Thread(target=note, args=(time.monotonic(),)).start()

    def note(at: float) -> None:
        """Which answer it was is known once it stands."""
        while missing := set(watched.due) - set(watched.arrived):
            texts = " ".join(each["content"] for each in list(platform.statuses.values()))
            if found := next((each for each in missing if each in texts), None):
                watched.arrived[found] = at
                return
            time.sleep(0.01)

    platform.seen = done
    work = [threading.Thread(target=_kept(watched, _agent), args=(watched, port, ready, agent, pids[agent])) for agent in range(AGENTS)]
    numbers, began = count(), time.monotonic()
    work += [threading.Thread(target=_kept(watched, _hooks), args=(watched, port, ready, numbers, began)) for _ in range(SENDERS)]
    for thread in work:
        thread.start()
    time.sleep(SECONDS)
    until = time.monotonic() + HOLD + 10
    watched.over.set()
    for thread in work:
        thread.join()
    while set(watched.due) - set(watched.arrived) and time.monotonic() < until:
        time.sleep(0.1)


def _kept(watched: Watched, what: Any) -> Any:
    def go(*arguments: Any) -> None:
        try:
            what(*arguments)
        except BaseException as error:
            watched.trouble.append(f"{what.__name__}: {type(error).__name__}: {error}")

    return go


def _hooks(watched: Watched, port: int, ready: dict[str, Any], numbers: Iterator[int], began: float) -> None:
    """What the platform tells, several tellings under way at once: now and then a new conversation, else more in those there are."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        due = began + number / HOOKS
        if watched.over.is_set():
            return
        time.sleep(max(due - time.monotonic(), 0))
        watched.late += time.monotonic() - due > 1
        is_new = number < FIRST or number % (HOOKS // NEW) == 0
        token = f"token{number}x"
        parent = "5001_9" if is_new else f"900_{number % FIRST}"
        value = {"item": "comment", "verb": "add", "comment_id": f"900_{number}", "post_id": "5001_9", "parent_id": parent,
                 "message": f"Are you open? {token}", "from": {"id": str(7000 + number), "name": f"Person {number}"}, "created_time": int(time.time())}  # fmt: skip
        raw = json.dumps(
            {"object": "page", "entry": [{"id": "5001", "time": int(time.time()), "changes": [{"field": "feed", "value": value}]}]}
        ).encode()
        proof = "sha256=" + hmac.new(b"app-secret", raw, sha256).hexdigest()
        if is_new and number >= FIRST:
            watched.told[token] = time.monotonic()
        line.request("POST", f"/hooks/{ready['token']}/", raw, {"Content-Type": "application/json", "X-Hub-Signature-256": proof})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"the webhook answered {answer.status}")
        watched.sent += 1


def _agent(watched: Watched, port: int, ready: dict[str, Any], agent: int, pid: str) -> None:
    """Looks as the page does: is told by a stream that is held open, and asks for the list again. Answers every ten seconds."""
    browser, changed, answers = _browser(port, ready, agent), threading.Event(), 0
    threading.Thread(target=_kept(watched, _told), args=(watched, _browser(port, ready, agent), pid, changed), daemon=True).start()
    began = time.monotonic()
    while not watched.over.is_set() or (len(watched.told) and time.monotonic() - max(watched.told.values()) < 4):
        if changed.wait(0.1):
            changed.clear()
            html = browser.ask("?box=all", **{"HX-Request": "true", "HX-Target": "threads"})
            at = time.monotonic()
            for token in re.findall(r"token\d+x", html):
                watched.seen.setdefault((agent, token), at)
        if not watched.over.is_set() and time.monotonic() - began > answers * 10 + agent:
            answers += 1
            _answer(watched, browser, pid, f"Answer{agent}n{answers}e")


def _told(watched: Watched, browser: Browser, pid: str, changed: threading.Event) -> None:
    """What an EventSource hears: `changed` is set when the list is another than before."""
    state = ""
    while not watched.over.is_set():
        browser.at.request("GET", f"/w/{browser.slug}/inbox/live/?thread={pid}", headers={"Cookie": browser.cookie, "Accept": "text/event-stream"})
        answer = browser.at.getresponse()
        while line := answer.readline().decode():
            if line.startswith("data:") and (now := line.partition('"list": "')[2].partition('"')[0]) != state:
                state = now
                changed.set()
        time.sleep(1.2)  # as the stream tells a browser to come back


def _answer(watched: Watched, browser: Browser, pid: str, text: str) -> None:
    page = browser.ask(f"{pid}/", **{"HX-Request": "true", "HX-Target": "talk"})
    values = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("key", "seen")}  # type: ignore[index]
    at = time.monotonic()
    browser.ask(f"{pid}/reply/", {**values, "deed": "reply", "text": text, "about": ""}, **{"HX-Request": "true", "HX-Target": "talk"})
    watched.due[text] = at + HOLD
