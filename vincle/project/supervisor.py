"""Runs the processes of one installation together: starts them, restarts what dies, stops all of them cleanly."""

import fcntl
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO

import structlog

GRACE = 10.0
SUPERVISED = "VINCLE_SUPERVISED_BY"
READY_WITHIN = 60.0
logger = structlog.get_logger(__name__)


def end_with_parent() -> None:
    """In a supervised process: end when the supervisor is gone, however it went."""
    parent = int(os.environ.get(SUPERVISED, "0"))
    if not parent:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


class AlreadyRunning(RuntimeError):
    """Another `vincle up` runs on the same home folder."""


class _Child:
    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.failures = 0
        self.again_at = 0.0
        self.start()

    def start(self) -> None:
        # Its own process group: a Ctrl-C on the terminal reaches us alone, and we stop the others in order.
        self.process = subprocess.Popen(
            self.command, env={**os.environ, **self.environment, SUPERVISED: str(os.getpid())}, start_new_session=True
        )
        self.started_at = time.monotonic()

    def look_after(self) -> None:
        """Start again what died, slower each time it dies young."""
        now = time.monotonic()
        if self.process.poll() is None:
            return
        if not self.again_at:
            self.failures = 0 if now - self.started_at > 60 else self.failures + 1
            pause = min(2.0**self.failures / 2, 30.0)
            self.again_at = now + pause
            logger.error("process ended; starting it again", process=self.name, code=self.process.returncode, seconds=pause)
        elif now >= self.again_at:
            self.again_at = 0.0
            self.start()


class Supervisor:
    """One per home folder, held by a file lock that a crash cannot leave behind."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.lock: IO[str] = (home / "running.lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        self.children: list[_Child] = []
        self.stopping = False
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.children.append(_Child(name, command, environment or {}))

    def wait_ready(self, host: str, port: int) -> bool:
        """Until the pages answer; False when they do not within a minute or their process ended."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and not self.stopping:
            if self.children[0].process.poll() is not None:
                return False
            try:
                urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=2).close()
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def run(self) -> int:
        """Until a signal; returns the exit code."""
        while not self.stopping:
            for child in self.children:
                child.look_after()
            time.sleep(0.2)
        self.stop()
        return 0

    def stop(self) -> None:
        """Ask everyone to end, wait, then insist."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + GRACE
        for child in self.children:
            try:
                child.process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
