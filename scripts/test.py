"""Every test: on SQLite, then those that touch the database again on PostgreSQL. Further arguments go to pytest.

The machine is full while they run. A few that fail are tried once more by themselves: what fails again is a fault; what does not is
told as shaky, and is to be mended as well.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine

FEW = 10
WORKERS = (os.cpu_count() or 2) + 1
"""One more than there are processors: tests in browsers and of servers mostly wait."""


def run(title: str, arguments: list[str], **environment: str) -> int:
    print(f"\n== {title}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vincle-tests-") as cache:
        pytest = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={cache}"]
        code = _call([*pytest, "-n", str(WORKERS), "--dist", "loadgroup", *arguments], environment)
        failed = last_failed(Path(cache)) if code == 1 else []
        if 0 < len(failed) <= FEW:
            print(f"\n== {title}: tried once more by themselves", *failed, sep="\n", flush=True)
            code = _call([*pytest, "--last-failed", "--last-failed-no-failures=none", *arguments], environment)
    print(f"== {title}: {time.monotonic() - began:.0f} s", flush=True)
    return code


def _call(command: list[str], environment: dict[str, str]) -> int:
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def last_failed(cache: Path) -> list[str]:
    """What pytest noted of the run just ended."""
    path = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(path.read_text())) if path.exists() else []


def main() -> int:
    arguments = sys.argv[1:]
    machine.node()
    machine.mail()
    found = {"VINCLE_CHROMIUM": machine.chromium(), "VINCLE_OUTSIDE_PYTHON": str(machine.outside()), "JAVA_HOME": machine.java()}
    code = run("SQLite", arguments, **found, DATABASE_URL="")
    with machine.postgres() as url:
        code = run("PostgreSQL", arguments, **found, DATABASE_URL=url, VINCLE_TEST_ONLY_DATABASE="1") or code
    return code


if __name__ == "__main__":
    sys.exit(main())
