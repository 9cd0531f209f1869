"""Server time of the screens people wait for, at 100,000 people and 1 million activities; beside the same screens at a hundredth of that."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

PEOPLE, ACTIVITIES, ROUNDS = 100_000, 1_000_000, 40
_BUILD = """
import json, random, django; django.setup()
from django.contrib.sessions.backends.db import SessionStore
from vincle.accounts.models import Membership, User, Workspace
from vincle.organise.models import Profile
from vincle.project.demo.straight import make_large
Workspace.objects.all().delete()
built = make_large(people={people}, activities={activities}, months=12, seed=1)
where = built.workspace
user = User.objects.create_user("bench@example.org", None, name="Bench")
Membership.objects.create(workspace=where, user=user, role="owner")
session = SessionStore(); session["_auth_user_id"] = str(user.pk); session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
session["_auth_user_hash"] = user.get_session_auth_hash(); session.save()
busy = [p.public for p in Profile.objects.of(where).order_by("-activities")[:5]]
some = [p.public for p in random.Random(1).sample(list(Profile.objects.of(where).order_by("person")[:5000]), 35)]
name = Profile.objects.of(where).exclude(email="").order_by("person").first()
print(json.dumps({{"slug": where.slug, "cookie": session.session_key, "people": busy + some, "rare": name.email.split("@")[0], "seconds": built.seconds}}))
"""
_COUNT = """
import json, sys, django; django.setup()
from django.conf import settings; settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.db import connection
client = Client(); client.cookies["sessionid"] = {cookie!r}
counts = {{}}
for name, path in json.loads({paths!r}):
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200, path
    counts[name] = len(seen)
print(json.dumps(counts))
"""


def run() -> None:
    title(f"Screens at {PEOPLE:,} people and {ACTIVITIES:,} activities (SQLite): 95th percentile of {ROUNDS} requests over HTTP, warm")
    with tempfile.TemporaryDirectory() as folder:
        small = _measure(Path(folder) / "small", PEOPLE // 100, ACTIVITIES // 100)
        large = _measure(Path(folder) / "large", PEOPLE, ACTIVITIES)
    for name, (p95, first, queries) in large.items():
        baseline = small[name][0]
        figure = f"{p95:.0f} ms, {queries} queries, cold {first:.0f}"
        row(name, figure, "< 120 ms", f"{PEOPLE // 100:,} people: {baseline:.0f} ms", p95 / baseline)


def _measure(home: Path, people: int, activities: int) -> dict[str, tuple[float, float, int]]:
    make_workspace(home)
    built = json.loads(python(home, _BUILD.format(people=people, activities=activities)).splitlines()[-1])
    at = f"/w/{built['slug']}/"
    screens: dict[str, list[str]] = {
        "Pulse": [at],
        "Pulse, 90 days": [f"{at}?period=90"],
        "People": [f"{at}people/"],
        "People, a rare word": [f"{at}people/?q={built['rare']}"],
        "People, a common word": [f"{at}people/?q=an"],
        "People, nobody matches": [f"{at}people/?q=zzyzxq"],
        "People, critics by name": [f"{at}people/?stage=critic&sort=name"],
        "Profile": [f"{at}people/{person}/" for person in built["people"]],
        "Stream": [f"{at}listen/"],
    }
    queries = json.loads(python(home, _COUNT.format(cookie=built["cookie"], paths=json.dumps([(n, p[0]) for n, p in screens.items()]))))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "VINCLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    web = subprocess.Popen([sys.executable, "-m", "vincle.project.cli", "web", "--port", str(port)], env=environment)
    try:
        return {name: (*_times(port, built["cookie"], paths), queries[name]) for name, paths in screens.items()}
    finally:
        web.terminate()
        web.wait()


def _times(port: int, cookie: str, paths: list[str]) -> tuple[float, float]:
    """(95th percentile, first request) in milliseconds."""
    connection = _connect(port)
    taken = []
    for number in range(ROUNDS + 1):
        began = time.perf_counter()
        connection.request("GET", paths[number % len(paths)], headers={"Cookie": f"sessionid={cookie}"})
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (paths[number % len(paths)], answer.status)
    return statistics.quantiles(taken[1:], n=20)[-1], taken[0]


def _connect(port: int) -> http.client.HTTPConnection:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.connect()
            return connection
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the pages did not start")
