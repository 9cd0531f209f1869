"""A database that is set up, made once in a run of the tests by the real command: each test process and installation has a copy of it."""

import fcntl
import os
import shutil
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import django

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".venv" / "test-templates"


def begin(home: Path, database: str, server: str) -> None:
    """Put a set-up database where `home` and `database` say. `server`: URL of the PostgreSQL server; empty: SQLite."""
    home.mkdir(parents=True, exist_ok=True)
    copy(home / "vincle.sqlite3", urlsplit(database).path[1:], server)


def copy(file: Path, name: str, server: str) -> None:
    """The template as a file (SQLite), or as a database of this name on the server."""
    folder = Path(os.environ["VINCLE_TEST_TEMPLATE"])
    mark = f"vincle_template_{blake2b(f'{folder}{server}'.encode(), digest_size=6).hexdigest()}"
    with open(folder / f"{mark}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / f"{mark}.made").exists():
            _make(folder / mark, mark, server)
            (folder / f"{mark}.made").write_text(server)
        # A template is copied by one at a time.
        if server:
            ask(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            ask(server, f"CREATE DATABASE {name} TEMPLATE {mark}")
        else:
            shutil.copy(folder / mark / "vincle.sqlite3", file)


def drop(file: Path, name: str, server: str) -> None:
    """Take a copy away, whoever still holds it."""
    if server:
        ask(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    else:
        file.unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """At the end of the run: copies stay with those who have them."""
    for made in folder.glob("*.made"):
        if server := made.read_text():
            try:
                ask(server, f"DROP DATABASE IF EXISTS {made.stem} WITH (FORCE)")
            except OSError:
                continue  # the server is gone, and the template with it
    shutil.rmtree(folder, ignore_errors=True)


def _make(home: Path, name: str, server: str) -> None:
    home.mkdir()
    kept = _kept()
    if not server and kept.exists():
        shutil.copy(kept, home / "vincle.sqlite3")
        return
    url = ""
    if server:
        ask(server, f"CREATE DATABASE {name}")
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        if _poured(home.parent, server, url):
            return
    outside = {key: value for key, value in os.environ.items() if not key.startswith(("VINCLE_", "PYTEST_"))}
    environment = {**outside, "VINCLE_HOME": str(home), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    command = [sys.executable, "-m", "vincle.project.cli", "doctor", "--mend"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=1200)
    if not server and KEPT.parent.is_dir():
        _keep(home / "vincle.sqlite3", kept)


def _poured(folder: Path, server: str, url: str) -> bool:
    """Filled from the template of another server of this run: far quicker than every migration again. False without one, or its tools."""
    other = next((made for made in folder.glob("*.made") if made.read_text() not in ("", server)), None)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), key=lambda path: int(path.parts[-3]))
    if other is None or not found:
        return False
    source = urlsplit(other.read_text())._replace(path=f"/{other.stem}").geturl()
    with open(other.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dumped = subprocess.run([found[-1], "--no-owner", source], check=True, capture_output=True, timeout=600)
    filling = [found[-1].with_name("psql"), "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", url]
    subprocess.run(filling, input=dumped.stdout, check=True, capture_output=True, timeout=600)
    return True


def _kept() -> Path:
    """Where the file for these very migrations, and what they call, stays from one run to the next."""
    digest = blake2b(django.get_version().encode(), digest_size=8)
    called = [*ROOT.glob("vincle/**/migrations/*.py"), *ROOT.glob("vincle/store/*.py"), *ROOT.glob("vincle/organise/sql*.py")]
    for path in sorted(called):
        digest.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    return KEPT / f"{digest.hexdigest()}.sqlite3"


def _keep(made: Path, kept: Path) -> None:
    """The last few are enough. Another run may do the same at the same time."""
    KEPT.mkdir(exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(made, part)
    part.rename(kept)
    for old in sorted(KEPT.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-6]:
        old.unlink(missing_ok=True)


def ask(server: str, sql: str) -> None:
    """Run one statement on a server. Raises OSError when it cannot be reached."""
    import psycopg

    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql)
    except psycopg.OperationalError as error:
        raise OSError(str(error)) from error
