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

from tests.project import template
from tests.project.forks import Forks

PATIENCE = 600
"""Seconds that a very busy machine is waited for; only what fails needs them."""


class Installation:
    """Runs `vincle` on its own home folder and database, which is set up but for `is_new`."""

    def __init__(self, home: Path, is_new: bool = False) -> None:
        self.home = home
        server = os.environ.get("DATABASE_URL", "")
        self.database = urlsplit(server)._replace(path=f"/vincle_{uuid4().hex[:12]}").geturl() if server else ""
        if not is_new:
            template.begin(home, self.database, server)
        elif server:
            template.ask(server, f"CREATE DATABASE {urlsplit(self.database).path[1:]}")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("VINCLE_", "PYTEST_"))},
            "VINCLE_HOME": str(home), "DATABASE_URL": self.database, "DJANGO_SETTINGS_MODULE": "vincle.project.settings", "NO_COLOR": "1",
        }  # fmt: skip
        self.running: list[subprocess.Popen[bytes]] = []
        self.forks: Forks | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "vincle.project.cli", *arguments]

    def ask(self, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end. Those that work without a database start as they do for a user; for the others that is done once."""
        from vincle.project.cli import PURE  # it names the settings, which a test process loads by itself

        if arguments[0] in PURE or arguments[0].startswith("--"):
            command = self.command(*arguments)
            return subprocess.run(command, env=self.environment, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if self.forks is None or self.forks.environment != self.environment:
            self._end_forks()
            self.forks = Forks(self.environment)
        return self.forks.run(list(arguments), cwd or Path.cwd())

    def _end_forks(self) -> None:
        if self.forks:
            self.forks.stop()
            self.forks = None

    def run(self, *arguments: str, code: int = 0) -> str:
        done = self.ask(*arguments)
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
        done = self.ask("-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def workspace(self) -> None:
        """One workspace, with nobody in it."""
        self.python("from vincle.accounts.models import Workspace; Workspace.objects.create(slug='cafe', name='Cafè', country='ES')")

    def up(self, *arguments: str) -> str:
        """Start everything; returns the address once it answers."""
        port = free_port()
        self.start("up", "--port", str(port), *arguments)
        self.wait(lambda: "Stop with Ctrl-C" in self.output("up"))
        return f"http://127.0.0.1:{port}"

    def output(self, name: str) -> str:
        path = self.home / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def sign_in_link(self) -> str:
        found = re.findall(r"http://\S+/in/\S+/", self.output("up"))
        assert found, self.output("up")
        return str(found[-1])

    def wait(self, condition: Any, seconds: float = PATIENCE) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError("waited in vain\n" + "\n".join(path.read_text() for path in self.home.glob("*.log")))

    def stop(self) -> None:
        self._end_forks()
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.database:
            template.ask(os.environ["DATABASE_URL"], f"DROP DATABASE IF EXISTS {urlsplit(self.database).path[1:]} WITH (FORCE)")


@contextmanager
def installation(home: Path, is_new: bool = False) -> Iterator[Installation]:
    made = Installation(home, is_new)
    try:
        yield made
    finally:
        made.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
