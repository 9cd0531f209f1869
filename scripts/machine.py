"""What tests need from the machine: found, or installed from Debian when we may, or named so that someone can."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def need(program: str, package: str, found: bool) -> None:
    """Install a Debian package when `found` is false and we are root; otherwise end, saying exactly what to install."""
    if found:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {package} (for {program}) ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        if subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=False, **quiet).returncode == 0:
            return
    sys.exit(f"{program} is missing. Install it first: sudo apt-get install {package}")


def chromium() -> str:
    need("Chromium", "chromium", _first(CHROMIUM) is not None)
    found = _first(CHROMIUM)
    assert found
    return found


def emoji() -> None:
    """A font for the emoji people write; without it pictures show empty boxes."""
    fonts = subprocess.run(["fc-list", ":lang=und-zsye"], capture_output=True, text=True, check=False) if shutil.which("fc-list") else None
    need("A font with emoji", "fonts-noto-color-emoji", fonts is not None and bool(fonts.stdout.strip()))


def gettext() -> None:
    need("gettext", "gettext", shutil.which("xgettext") is not None)


def _first(paths: tuple[str, ...]) -> str | None:
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def _postgres_bin() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    found = [folder for folder in folders if (folder / "initdb").exists()]
    return found[0] if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own for the length of the block: a new cluster on a socket in a temporary folder. Yields its URL."""
    need("PostgreSQL", "postgresql", _postgres_bin() is not None)
    programs = _postgres_bin()
    assert programs
    folder = Path(tempfile.mkdtemp(prefix="vincle-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
            subprocess.run(["useradd", "--system", "postgres"], check=True)
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    data, port = folder / "data", _free_port()
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-U", "vincle", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], **run
    )
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 "
    settings += "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"
    subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", folder / "log", "start"], **run)
    try:
        yield f"postgresql://vincle@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd=folder
        )
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
