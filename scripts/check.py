"""Everything that can be said of the code without running it: style, types, layers, migrations, translations, references."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import machine

BIN = Path(sys.executable).parent
CHECKS = {
    "style (ruff)": [BIN / "ruff", "check", "."],
    "types (mypy)": [BIN / "mypy"],
    "layers (import-linter)": [BIN / "lint-imports", "--no-cache"],
    "migrations in step": [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "translations complete": [sys.executable, "scripts/messages.py", "--check"],
    "references in step": [sys.executable, "scripts/references.py", "--check"],
}


def check(name: str, environment: dict[str, str]) -> bool:
    """Whether it passed; what it says is printed."""
    began = time.monotonic()
    done = subprocess.run(CHECKS[name], env=environment, capture_output=True, text=True, check=False)
    said = "" if done.returncode == 0 else f"\n{(done.stdout + done.stderr)[-6000:]}"
    print(f"{'FAIL' if said else 'ok  '} {name} ({time.monotonic() - began:.0f} s){said}", flush=True)
    return not said


def main() -> int:
    machine.gettext()
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "vincle.project.settings", "VINCLE_HOME": home, "DATABASE_URL": ""}
        passed = list(side_by_side.map(lambda name: check(name, environment), CHECKS))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
