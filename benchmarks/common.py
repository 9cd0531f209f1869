"""Running the product as a user would, and watching what it takes."""

import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil


class Ran(NamedTuple):
    """One run of a command: its JSON answer, wall seconds, and the most memory its whole family held, in MB."""

    answer: Any
    seconds: float
    peak_mb: float


def machine() -> str:
    """What this ran on, in one line."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )


def vincle(home: Path, *arguments: str) -> Ran:
    """Run one `vincle` command on this home folder."""
    environment = {**os.environ, "VINCLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "vincle.project.cli", *arguments], env=environment, stdout=subprocess.PIPE)
    with _watched(process.pid) as peak:
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"vincle {' '.join(arguments)} ended with {process.returncode}")
    text = out.decode()
    return Ran(json.loads(text) if text.lstrip().startswith(("{", "[")) else text, time.monotonic() - began, peak[0])


def python(home: Path, code: str) -> str:
    """Run a few lines inside the product, in a process of their own; returns what they print."""
    environment = {**os.environ, "VINCLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    return subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """Sample the memory of a process and its children: unique set size, so that shared pages count once."""
    peak, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            total = 0
            try:
                parent = psutil.Process(pid)
                for one in (parent, *parent.children(recursive=True)):
                    total += one.memory_full_info().uss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            peak[0] = max(peak[0], total / 1024**2)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def row(name: str, figure: str, target: str = "", baseline: str = "", ratio: float | None = None) -> None:
    """One line of the report."""
    print(f"  {name:<46} {figure:<28} {target:<22} {baseline:<44} {f'{ratio:.1f}x' if ratio else ''}", flush=True)


def title(text: str) -> None:
    print(f"\n{text}", flush=True)
    row("", "measured", "wanted", "beside it, in the same run", None)
