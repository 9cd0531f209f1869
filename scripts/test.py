"""Every test: on SQLite, then those that touch the database again on PostgreSQL. Further arguments go to pytest."""

import os
import subprocess
import sys
import time

import machine

WORKERS = (os.cpu_count() or 2) + 1
"""One more than there are processors: tests in browsers and of servers mostly wait."""


def run(title: str, arguments: list[str], **environment: str) -> int:
    print(f"\n== {title}", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadgroup", *arguments]
    code = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    print(f"== {title}: {time.monotonic() - began:.0f} s", flush=True)
    return code


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
