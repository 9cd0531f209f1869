"""A whole installation of its own in a temporary folder: real commands, real processes, the database of this run's kind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4


class Installation:
    """Runs `vincle` on its own home folder and database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = _own_database()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("VINCLE_", "PYTEST_"))},
            "VINCLE_HOME": str(home), "DATABASE_URL": self.database, "DJANGO_SETTINGS_MODULE": "vincle.project.settings", "NO_COLOR": "1",
        }  # fmt: skip
        self.running: list[subprocess.Popen[bytes]] = []

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "vincle.project.cli", *arguments]

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout or done.stderr

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with open(self.home / f"{arguments[0]}.log", "ab") as log:
            process = subprocess.Popen(self.command(*arguments), env=self.environment, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def python(self, code: str) -> str:
        """Run a few lines inside the product, in a process of their own."""
        code = "import django; django.setup()\n" + code
        done = subprocess.run([sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def workspace(self) -> None:
        """Set the database up, with one workspace and nobody in it."""
        self.run("doctor", "--mend")
        self.python("from vincle.accounts.models import Workspace; Workspace.objects.create(slug='cafe', name='Cafè', country='ES')")

    def up(self, *arguments: str) -> str:
        """Start everything; returns the address once it answers."""
        port = free_port()
        self.start("up", "--port", str(port), *arguments)
        self.wait(lambda: "Stop with Ctrl-C" in self.output("up"), 90)
        return f"http://127.0.0.1:{port}"

    def output(self, name: str) -> str:
        path = self.home / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def sign_in_link(self) -> str:
        found = re.findall(r"http://\S+/in/\S+/", self.output("up"))
        assert found, self.output("up")
        return str(found[-1])

    def wait(self, condition: Any, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError("waited in vain\n" + "\n".join(path.read_text() for path in self.home.glob("*.log")))

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _drop(self.database)


@contextmanager
def installation(home: Path) -> Iterator[Installation]:
    made = Installation(home)
    try:
        yield made
    finally:
        made.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own_database() -> str:
    """An empty database beside that of the tests; on SQLite the one in the home folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return ""
    import psycopg

    name = f"vincle_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _drop(url: str) -> None:
    if not url:
        return
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")
