"""Complete answers to a survey a second, each durable before it is thanked for; and whether any is lost when the server is killed.

The load comes from this machine, from many addresses of the loopback network, as answers come from many people. The baseline is a plain
Django view without middleware that stores the same form in one row a request.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from .collector import _answers, _port, _running
from .common import python, row, title
from .imports import make_workspace

SECONDS = float(os.environ.get("VINCLE_BENCH_SECONDS", "10"))
WANTED = 500
FORM = {"_page": "one", "nps": "9", "parts.a": "3", "parts.b": "4", "parts.c": "3", "parts.d": "5", "again": "yes", "why": "It was good."}
_MAKE = """
import django; django.setup()
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, collectors, tickets
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Survey
place, user = Workspace.objects.get(), User.objects.get_or_create(email="a@b.example")[0]
t = lambda text: {"en": text}
items = [{"type": "nps", "id": "nps", "text": t("Recommend?"), "required": "yes"},
    {"type": "matrix", "id": "parts", "text": t("Parts"), "rows": [{"id": each, "text": t(each)} for each in "abcd"]},
    {"type": "single", "id": "again", "text": t("Again?"), "choices": [{"id": each, "text": t(each)} for each in ("yes", "no")]},
    {"type": "long_text", "id": "why", "text": t("Why?")}]
made = actions_builder.create(place, user, "Bench", model.load({"title": t("Bench"), "pages": [{"id": "one", "items": items}]}))
actions_builder.open_(Survey.objects.select_related("workspace").get(pk=made.pk), user)
print(collectors.create(place, user, Survey.objects.get(pk=made.pk), "link").token)
"""
_TICKETS = "import django; django.setup()\nfrom vincle.engage.surveys import tickets\nprint('\\n'.join(tickets.fresh() for _ in range(%d)))"
_COUNT = (
    "import django; django.setup()\nimport json\nfrom vincle.engage.surveys.models import Response\nfrom vincle.listen.models import Delivery\n"
    "print(json.dumps([list(Response.objects.filter(state='complete').values_list('public_id', flat=True)),"
    " [json.loads(bytes(each))['id'] for each in Delivery.objects.filter(channel='surveys').values_list('body', flat=True)]]))"
)
_PLAIN = """
import os, sys; os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")
import django; django.setup()
import json, uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings; settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.ALLOWED_HOSTS = "__main__", [], ["*"]
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import re_path
with connection.cursor() as cursor: cursor.execute("CREATE TABLE IF NOT EXISTS plain (body text)")
def take(request, *rest):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO plain VALUES (%s)", [json.dumps(request.POST.dict())])
    return HttpResponse(status=302, headers={"Location": "/thanks/", "Content-Length": "0"})
urlpatterns = [re_path("", take)]
uvicorn.run(WSGIMiddleware(get_wsgi_application(), workers=8), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


async def _send(port: int, token: str, tickets: list[str], seconds: float, clients: int = 32) -> tuple[list[str], list[float]]:
    """(tickets that were thanked, how long each took)."""
    thanked: list[str] = []
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def one(at: int) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.1.{at % 200 + 1}", 0))
            while time.perf_counter() < until and tickets:
                ticket = tickets.pop()
                body = urlencode({**FORM, "_t": ticket}).encode()
                head = (
                    f"POST /s/{token}/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.0.{at}.{len(thanked) % 250}\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                began = time.perf_counter()
                writer.write(head.encode() + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                low = answer.lower()
                length = int(low.partition(b"content-length:")[2].split(b"\r\n")[0] or 0) if b"content-length:" in low else 0
                await reader.readexactly(length)
                if answer.startswith(b"HTTP/1.1 302") and b"/thanks/" in answer:
                    thanked.append(ticket.partition(":")[0])
                    took.append(time.perf_counter() - began)
        except (OSError, asyncio.IncompleteReadError):
            return

    _done, late = await asyncio.wait([asyncio.create_task(one(at)) for at in range(clients)], timeout=seconds + 5)
    for each in late:
        each.cancel()
    return thanked, took


def _load(port: int, token: str, tickets: list[str], seconds: float) -> dict[str, Any]:
    began = time.perf_counter()
    thanked, took = asyncio.run(_send(port, token, tickets, seconds))
    spent = time.perf_counter() - began
    if not took:
        raise RuntimeError("nothing was thanked for: see bench.log")
    took.sort()
    return {"thanked": thanked, "rate": len(thanked) / spent, "p50": took[len(took) // 2] * 1000, "p99": took[int(len(took) * 0.99)] * 1000}


def _plain(home: Path) -> float:
    port = _port()
    environment = {**os.environ, "VINCLE_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-c", _PLAIN, str(port)], env=environment)
    try:
        _answers(port, psutil.Process(process.pid))
        return float(_load(port, "x", ["t"] * 50_000, SECONDS / 2)["rate"])
    finally:
        process.kill()
        process.wait()


def _kept(home: Path, thanked: list[str]) -> tuple[int, int]:
    """(of those thanked, how many are missing among the answers; in the deliveries to the log)."""
    answers, deliveries = json.loads(python(home, _COUNT))
    return len(set(thanked) - set(answers)), len(set(thanked) - set(deliveries))


def run() -> None:
    title("Surveys: complete answers over HTTP, durable before they are thanked for")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        token = python(home, _MAKE).strip().splitlines()[-1]
        tickets = python(home, _TICKETS % int((SECONDS + 12) * 1500)).split()
        plain = _plain(home)
        port = _port()
        more = {"VINCLE_PROXIES": "1"}
        with _running(home, "vincle.project.cli", "web", "--port", str(port), **more) as process:
            _answers(port, process)
            _load(port, token, tickets, 5)
            found = _load(port, token, tickets, SECONDS)
        beside = f"plain view, one row: {plain:,.0f} /s"
        row("complete answers, 32 at once", f"{found['rate']:,.0f} /s", f">= {WANTED} /s", beside, found["rate"] / plain)
        row("  p50, p99", f"{found['p50']:.0f} ms, {found['p99']:.0f} ms")
        thanked = found["thanked"]
        with _running(home, "vincle.project.cli", "web", "--port", str(port), **more) as process:
            _answers(port, process)
            code = f"import os, time; time.sleep(2.5); os.kill({process.pid}, {int(signal.SIGKILL)})"
            killer = subprocess.Popen([sys.executable, "-c", code])
            thanked += _load(port, token, tickets, 6)["thanked"]
            killer.wait()
        answers, deliveries = _kept(home, thanked)
        row("thanked, kill -9 in between", f"{len(thanked):,}", "none lost" if not answers + deliveries else f"{answers} and {deliveries} LOST")
