"""What goes to many: mails from queue to accepted, beside bare SMTP to the same server in the same run, and how fast a queue is filled."""

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
from contextlib import contextmanager
from pathlib import Path

from .common import python, row, title, vincle
from .imports import make_workspace

MAILS, BARE, THREADS = 10_000, 6_000, 6
_BUILD = """
import json, time, django; django.setup()
from django.utils import timezone
from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.listen import connections
from vincle.store import bulk
from vincle.listen.models import Handle
from vincle.vocabulary.keys import handle_key
where = Workspace.objects.get()
given = {{"address": "news@lligam.example", "sender": "Cafè Lligam", "smtp_host": "127.0.0.1", "smtp_port": "{port}", "smtp_security": "none"}}
made = connections.connect(where, None, "mail", "", given, {{"password": "none"}})
now, count = bulk.stamp(timezone.now()), {mails}
keys = [handle_key(b"s", "email", f"p{{n}}@roastery.example") for n in range(count)]
bulk.insert(Handle, ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen"),
            [(key, where.pk, "email", f"p{{n}}@roastery.example", f"Person {{n}}", False, now) for n, key in enumerate(keys)])
{writer}
began = time.monotonic()
jobs.add(job, [Wanted(f"c:1:{{n}}", 10_000_000 + n, key, data={{"code": f"C{{n:05}}", "text": text.format(n=n, code=f"C{{n:05}}")}}
                      if job.writer == "plain" else {{"code": f"C{{n:05}}"}}) for n, key in enumerate(keys)])
print(json.dumps({{"filled": count / (time.monotonic() - began)}}))
"""
_PLAIN = """
text = "Hola, persona {n}!\\n\\nEl teu codi: {code}\\n\\n" + "Aquest estiu torrem cafè d'Etiòpia cada dijous. " * 40
job = jobs.create(where, None, kind="campaign", source="campaign:1", name="Summer", connection=made, purpose="service", topic="",
                  medium="email", writer="plain", content={"subject": "Cafè d'estiu", "html": "<p>" + text.format(n="", code="") * 3 + "</p>"})
"""
_COUNT = """
import json, django; django.setup()
from django.db.models import Count
from vincle.engage.outbox.models import Send
print(json.dumps(dict(Send.objects.values_list("state").annotate(n=Count("pk")).order_by())))
"""


def run() -> None:
    if not shutil.which("smtp-sink"):
        title("Mails to many: NOT RUN, it needs smtp-sink (postfix)")
        return
    title(f"Mails to many (SQLite): {MAILS:,} from queue to accepted by smtp-sink on loopback")
    with tempfile.TemporaryDirectory() as folder, _sink() as port:
        os.environ["VINCLE_WEBHOOKS_PRIVATE"] = "1"  # the server stands on loopback
        home = Path(folder) / "home"
        make_workspace(home)
        built = json.loads(python(home, _BUILD.format(port=port, mails=MAILS, writer=_PLAIN)).splitlines()[-1])
        row("Into the queue", f"{built['filled']:,.0f} sends/s", "> 10,000 sends/s")
        bare = _bare(port)
        ran = _sent(home)
        row("Personal mails, written, decided, sent, kept", f"{ran:,.0f} mails/s", ">= 1,000 mails/s",
            f"smtplib, {THREADS} connections: {bare:,.0f}", ran / bare)  # fmt: skip
        states = json.loads(python(home, _COUNT).splitlines()[-1])
        row("Of them", ", ".join(f"{count:,} {state}" for state, count in states.items()), f"{MAILS:,} sent")


def _sent(home: Path) -> float:
    began = time.monotonic()
    ran = vincle(home, "send", "--json")
    return float(ran.answer["sent"] / (time.monotonic() - began))


@contextmanager
def _sink() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["smtp-sink", "-a", "-u", "nobody", f"127.0.0.1:{port}", "200"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _bare(port: int) -> float:
    """The same bytes by the library, nothing else: as many connections, each mail by its own four round trips."""
    message = b"From: news@lligam.example\r\nTo: p@roastery.example\r\nSubject: Summer\r\n\r\n" + b"Aquest estiu torrem cafe. \r\n" * 250

    def some(count: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(count):
                client.sendmail("news@lligam.example", [f"p{number}@roastery.example"], message)

    threads = [threading.Thread(target=some, args=(BARE // THREADS,)) for _ in range(THREADS)]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return BARE / (time.monotonic() - began)
