"""Everything that can be said of the code without running it: style, types, layers, migrations, translations, references."""

import os
import subprocess
import sys
import tempfile
import time
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


def main() -> int:
    machine.gettext()
    failed = []
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "vincle.project.settings", "VINCLE_HOME": home, "DATABASE_URL": ""}
        for name, command in CHECKS.items():
            began = time.monotonic()
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - began:.0f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print((done.stdout + done.stderr)[-6000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
