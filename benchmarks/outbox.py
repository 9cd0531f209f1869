"""What goes to many: 10,000 personal letters from queue to accepted by a real Postfix, beside bare SMTP to the same server in the same run.

Each letter is filled in by Liquid, its links lead through ours, it may be taken back by one click, and it is decided for each person whether
they may get it. Postfix hands on to Dovecot meanwhile; at the end every mailbox is looked into: each got it once.
"""

import json
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.mail import Mail, is_installed

from .common import python, row, title, vincle
from .imports import make_workspace

MAILS, BARE, THREADS = 10_000, 5_000, 6
US, THEM = "news@lligam.example", "all@roastery.example"
PATIENCE = 600.0
_POSTFIX = """
virtual_mailbox_maps = static:all
virtual_alias_domains =
virtual_alias_maps = static:all@roastery.example
max_use = 100
minimal_backoff_time = 300s
maximal_backoff_time = 4000s
queue_run_delay = 300s
in_flow_delay = 0
"""
"""As a server is set up to send, not to be tested: processes stay, and what arrives waits for nothing. All letters lie in one mailbox."""

_BUILD = """
import json, sys, time, django; django.setup()
from pathlib import Path
from django.utils import timezone
from vincle.accounts.models import Workspace
from vincle.engage.letters import actions as letters, ready_made
from vincle.engage.outbox import composing, jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.identify.models import Belonging
from vincle.listen import actions as listen, connections, log
from vincle.listen.models import Delivery, Handle
from vincle.project import pipeline
from vincle.vocabulary import ConsentFact, Fact, HandleRef, Permit
told, count = json.loads({told!r}), {mails}
where, now = Workspace.objects.get(), timezone.now()
made = connections.connect(where, None, "mail", "", told, {{"password": {password!r}}})
source = listen.connection_for(where, "contacts")
for start in range(0, count, 2_000):
    delivery = Delivery.objects.create(workspace=where, connection=source, channel="contacts", sha256=str(start), size=1, state="done")
    log.append(source, [
        Fact(native_id=f"p{{n}}", observed_at=now, handles=(HandleRef("email", f"p{{n}}@roastery.example"),), name=f"Núria{{n}} Puig",
             traits={{"city": "Girona"}}, consents=(ConsentFact(Permit.GRANTED, at=now, evidence="form"),))
        for n in range(start, start + 2_000)
    ], now, delivery)
while pipeline.follow(("understand", "identify", "organise")):
    pass
draft = {{"ca": ready_made.letter("offer", "ca", "https://lligam.example/estiu")}}
version = letters.keep(where, None, letters.create(where, None, "Estiu", language="ca", draft=draft, template="offer"))
job = jobs.create(where, None, kind="campaign", source="campaign:1", name="Estiu", connection=made, purpose="marketing", topic="marketing",
                  medium="email", writer="letter", content={{"version": version.pk}})
owners = dict(Belonging.objects.values_list("handle", "person"))
handles = Handle.objects.filter(key__in=owners, kind="email").order_by("value").values_list("key", flat=True)
wanted = [Wanted(f"c:1:{{n}}", owners[key], key, data={{"code": f"ESTIU{{n:05}}"}}) for n, key in enumerate(handles)]
began = time.monotonic()
jobs.add(job, wanted)
filled = len(wanted) / (time.monotonic() - began)
(one,), _left = composing.items(job, made, list(job.sends.all()[:1]))
Path({sample!r}).write_bytes(one.content)
print(json.dumps({{"filled": filled}}))
"""
_COUNT = """
import json, django; django.setup()
from django.db.models import Count
from vincle.engage.outbox.models import Send
print(json.dumps(dict(Send.objects.values_list("state").annotate(n=Count("pk")).order_by())))
"""


class Server(NamedTuple):
    """What takes the mail. `settings`: as someone who connects it fills them in; `mail`: None where it is only a sink."""

    name: str
    settings: dict[str, str]
    password: str
    mail: Mail | None = None

    def left(self) -> int:
        """Mails it has taken and not handed on yet."""
        queue = self.mail.here / "queue" if self.mail else Path("/nonexistent")
        return sum(len(files) for name in ("incoming", "active", "deferred") for _, _, files in os.walk(queue / name))

    def drained(self) -> None:
        until = time.monotonic() + PATIENCE
        while self.left() and time.monotonic() < until:
            time.sleep(0.2)

    def arrived(self) -> int:
        return sum(1 for each in (self.mail.here / "mail" / THEM / "new").iterdir()) if self.mail else 0


def run() -> None:
    place = _postfix() if is_installed() else _sink() if shutil.which("smtp-sink") else None
    if place is None:
        title("Mails to many: NOT RUN, it needs postfix and dovecot, and the right to start them")
        return
    with tempfile.TemporaryDirectory() as folder, place as server:
        os.environ["VINCLE_WEBHOOKS_PRIVATE"] = "1"  # the server stands on loopback
        title(f"Letters to many (SQLite): {MAILS:,} from queue to accepted by {server.name} on loopback")
        _measured(Path(folder), server)


def _measured(folder: Path, server: Server) -> None:
    home, sample = folder / "home", folder / "letter"
    make_workspace(home)
    code = _BUILD.format(told=json.dumps(server.settings), password=server.password, mails=MAILS, sample=str(sample))
    built = json.loads(python(home, code).splitlines()[-1])
    row("Into the queue", f"{built['filled']:,.0f} sends/s", "> 10,000 sends/s")
    letter = sample.read_bytes()
    bare = _bare(server, letter)
    server.drained()
    before = server.arrived()
    began = time.monotonic()
    ran = vincle(home, "send", "--json")
    speed = ran.answer["sent"] / (time.monotonic() - began)
    row("Personal letters, written, decided, sent, kept", f"{speed:,.0f} letters/s", ">= 1,000 letters/s",
        f"smtplib, {THREADS} connections: {bare:,.0f}", speed / bare)  # fmt: skip
    row("Each letter", f"{len(letter):,} bytes", "", "the same bytes to everybody")
    states = json.loads(python(home, _COUNT).splitlines()[-1])
    row("Of them", ", ".join(f"{count:,} {state}" for state, count in states.items()), f"{MAILS:,} sent")
    if server.mail:
        server.drained()
        row("In the mailbox", f"{server.arrived() - before:,}", f"{MAILS:,}: each once")


@contextmanager
def _postfix() -> Iterator[Server]:
    here = Path(tempfile.mkdtemp(prefix="vincle-mail-", dir="/tmp"))  # names of Unix sockets have to be short
    made = Mail(here, US, THEM)
    with (here / "postfix" / "main.cf").open("a") as file:
        file.write(_POSTFIX)
    try:
        made.start_imap()
        made.start_smtp()
        yield Server("Postfix", made.settings(US, sender="Cafè Lligam"), made.password, made)
    finally:
        made.stop_smtp()
        made.stop_imap()
        shutil.rmtree(here, ignore_errors=True)


@contextmanager
def _sink() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["smtp-sink", "-a", "-u", "nobody", f"127.0.0.1:{port}", "200"], stderr=subprocess.DEVNULL)
    told = {"address": US, "sender": "Cafè Lligam", "smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield Server("smtp-sink (no Postfix here)", told, "none")
    finally:
        process.terminate()
        process.wait()


def _bare(server: Server, letter: bytes) -> float:
    """The same bytes by the library, nothing else: as many connections, each mail by its own four round trips."""
    told: dict[str, Any] = server.settings

    def some(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", int(told["smtp_port"])) as client:
            if server.mail:
                client.login(US, server.password)
            for number in range(first, BARE, THREADS):
                client.sendmail(US, [f"p{number}@roastery.example"], letter)

    threads = [threading.Thread(target=some, args=(first,)) for first in range(THREADS)]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return BARE / (time.monotonic() - began)
