"""A minute without each server, by the clock: what people said meanwhile and what we answered arrives, each once, and how soon afterwards.

Dovecot and Postfix, a real Bluesky server, and a small one that speaks as Mastodon; the product as `vincle up`. First everything that is
heard is away for a minute (mailbox, Bluesky, Mastodon), then everything that carries our answers (Postfix, Bluesky, Mastodon).
"""

import json
import os
import re
import smtplib
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.mail import Mail, mail
from tests.servers.mastodon import TOKEN, Running, mastodon
from tests.servers.pds import Account, Pds, pds

from .common import python, row, title
from .imports import make_workspace
from .service import _PREPARE, HOLD, Browser, _browser, _up

AWAY, EACH, PATIENCE = 60.0, 5, 400.0
US, ANA = "hola@lligam.example", "ana@roastery.example"
SERVICES = ("mail", "bluesky", "mastodon")
POST = "app.bsky.feed.post"

_CONNECT = """
import json, sys, django; django.setup()
from vincle.accounts.models import Workspace
from vincle.listen import connections, doctor
where = Workspace.objects.get()
for channel, settings, secrets in json.loads({told!r}):
    doctor.look_after(connections.connect(where, None, channel, "", settings, secrets))
"""
_HEARD = """
import json, django; django.setup()
from vincle.listen.models import Content
print(json.dumps(list(Content.objects.values_list("text", flat=True))))
"""


class World:
    """The three services, what is said there to us, and what we say there."""

    def __init__(self, letters: Mail, bluesky: Pds, fediverse: Running) -> None:
        self.letters, self.bluesky, self.fediverse = letters, bluesky, fediverse
        self.us, self.berta = Account(bluesky, "lligam"), Account(bluesky, "berta")
        self.asker = fediverse.place.account("berta@lluny.example")

    def connections(self) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        password = self.us.do("com.atproto.server.createAppPassword", name="vincle")["password"]
        here = {"handle": self.us.handle, "server": self.bluesky.url, "jetstream": ""}
        return [
            ("mail", self.letters.settings(US), {"password": self.letters.password}),
            ("bluesky", here, {"app_password": password}),
            ("mastodon", {"server": self.fediverse.place.url}, {"access_token": TOKEN}),
        ]

    def say(self, service: str, text: str) -> None:
        if service == "mail":
            message = EmailMessage()
            message["From"], message["To"], message["Subject"], message["Message-ID"] = ANA, US, text, f"<{text}@roastery.example>"
            message.set_content(text)
            with smtplib.SMTP("127.0.0.1", self.letters.mx) as client:
                client.send_message(message)
        elif service == "bluesky":
            features = [{"$type": "app.bsky.richtext.facet#mention", "did": self.us.did}]
            self.berta.post(f"Ñam, @lligam! {text}", facets=[{"index": {"byteStart": 6, "byteEnd": 13}, "features": features}])
        else:
            self.fediverse.place.mention(self.asker, f"@lligam {text}")

    def said(self, service: str) -> str:
        """All that we said there, as one text."""
        if service == "bluesky":
            return " ".join(each["value"]["text"] for each in self.us.records(POST))
        if service == "mastodon":
            place = self.fediverse.place
            return " ".join(each["content"] for each in list(place.statuses.values()) if each["account"] is place.us)
        with IMAPClient("127.0.0.1", self.letters.imap, ssl=False) as client:
            client.login(ANA, self.letters.password)
            client.select_folder("INBOX")
            letters = client.fetch(client.search(), ["BODY.PEEK[TEXT]"])
            return " ".join(each[b"BODY[TEXT]"].decode(errors="replace") for each in letters.values())


def run() -> None:
    title(f"An outage of {AWAY:.0f} s of every server (Dovecot, Postfix, a Bluesky server, one that speaks as Mastodon)")
    os.environ["VINCLE_WEBHOOKS_PRIVATE"] = "1"  # the servers are on this machine
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        world = World(stack.enter_context(mail(ANA, US)), stack.enter_context(pds()), stack.enter_context(mastodon()))
        make_workspace(home)
        ready = json.loads(python(home, _PREPARE.format(agents=1, server="", token="")).splitlines()[-1])
        python(home, _CONNECT.format(told=json.dumps(world.connections())))
        port = stack.enter_context(_up(home))
        _listen(world, home)
        _answer(world, home, _browser(port, ready, 0))


def _listen(world: World, home: Path) -> None:
    for service in SERVICES:
        world.say(service, f"{service}Before")
    _until(lambda: all(f"{service}Before" in " ".join(_heard(home)) for service in SERVICES), "what was said before is not heard")
    texts = [f"{service}Meanwhile{number}e" for service in SERVICES for number in range(EACH)]
    for text in texts:
        if text.startswith("bluesky"):  # its people are on the server that goes away: they speak in the last moment
            world.say("bluesky", text)
    world.letters.stop_imap()
    world.bluesky.stop()
    world.fediverse.stop()
    began = time.monotonic()
    for text in texts:
        if not text.startswith("bluesky"):
            world.say(re.match(r"mail|mastodon", text)[0], text)  # type: ignore[index]
            time.sleep(1)
    time.sleep(max(AWAY - (time.monotonic() - began), 0))
    world.letters.start_imap()
    world.bluesky.start()
    world.fediverse.start()
    back = time.monotonic()
    _until(lambda: all(text in " ".join(_heard(home)) for text in texts), "what was said meanwhile is not heard")
    seconds = time.monotonic() - back
    time.sleep(70)  # longer than any of them is asked in turn: a second copy would be here by now
    counted = Counter(text for words in _heard(home) for text in texts if text in words)
    row("heard once, twice or more, never", _times(counted, texts), f"{len(texts)}, 0, 0", f"all of it {seconds:.0f} s after they were back")


def _answer(world: World, home: Path, browser: Browser) -> None:
    pids = {service: re.findall(r'data-pid="([^"]+)"', browser.ask(f"?box=all&channel={service}"))[0] for service in SERVICES}
    world.letters.stop_smtp()
    world.bluesky.stop()
    world.fediverse.stop()
    began, texts = time.monotonic(), list[str]()
    for number in range(EACH):
        for service, pid in pids.items():
            texts.append(f"{service}Answer{number}e")
            _reply(browser, pid, texts[-1])
    time.sleep(max(AWAY + HOLD - (time.monotonic() - began), 0))
    world.letters.start_smtp()
    world.bluesky.start()
    world.fediverse.start()
    back = time.monotonic()
    _until(lambda: all(text in world.said(service) for text in texts for service in SERVICES if text.startswith(service)), "not answered")
    seconds = time.monotonic() - back
    time.sleep(70)
    everything = " ".join(world.said(service) for service in SERVICES)
    counted = Counter({text: everything.count(text) for text in texts})
    row("answers there once, twice or more, never", _times(counted, texts), f"{len(texts)}, 0, 0", f"all {seconds:.0f} s after they were back")


def _reply(browser: Browser, pid: str, text: str) -> None:
    page = browser.ask(f"{pid}/", **{"HX-Request": "true", "HX-Target": "talk"})
    values = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("key", "seen")}  # type: ignore[index]
    browser.ask(f"{pid}/reply/", {**values, "deed": "reply", "text": text, "about": ""}, **{"HX-Request": "true", "HX-Target": "talk"})


def _heard(home: Path) -> list[str]:
    found: list[str] = json.loads(python(home, _HEARD).splitlines()[-1])
    return found


def _times(counted: Counter[str], texts: list[str]) -> str:
    return f"{sum(counted[text] == 1 for text in texts)}, {sum(counted[text] > 1 for text in texts)}, {sum(not counted[text] for text in texts)}"


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.5)
    raise SystemExit(otherwise)
