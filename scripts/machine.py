"""What tests need from the machine: found, or installed from Debian when we may, or named so that someone can."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def need(program: str, package: str, found: bool) -> None:
    """Install a Debian package when `found` is false and we are root; otherwise end, saying exactly what to install."""
    if found:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {package} (for {program}) ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *package.split()]
        if subprocess.run(install, check=False, **quiet).returncode == 0:
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


def java() -> str:
    """Spark runs on Java; returns the home folder of one."""
    need("Java", "default-jre-headless", shutil.which("java") is not None)
    return str(Path(os.path.realpath(shutil.which("java") or "")).parent.parent)


def node() -> None:
    need("Node.js", "nodejs npm", shutil.which("npm") is not None)


def mail() -> None:
    """Mail servers, which only root may start; the tests that need them are skipped without, and say so."""
    if os.geteuid() == 0:
        programs = ("/usr/sbin/dovecot", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp", "/usr/sbin/postfix")
        need("Dovecot and Postfix", "dovecot-imapd dovecot-lmtpd postfix", all(os.access(each, os.X_OK) for each in programs))


def outside() -> Path:
    """Python of an environment with the programs that tests run beside the product; made at its first use."""
    return _environment("outside", "what tests run beside the product")


def peers() -> Path:
    """Python of an environment with the programs that benchmarks measure beside the product; made at its first use."""
    return _environment("peers", "what benchmarks run beside the product")


def _environment(name: str, what: str) -> Path:
    lock, home = ROOT / f"requirements-{name}.lock", ROOT / f".venv-{name}"
    python, stamp = home / "bin" / "python", home / "made.stamp"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        print(f"Installing {what} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
        subprocess.run(install, check=True)
        stamp.touch()
    return python


def _first(paths: tuple[str, ...]) -> str | None:
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def _postgres_bin() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    found = [folder for folder in folders if (folder / "initdb").exists()]
    return found[0] if found else None


class Postgres:
    """A PostgreSQL server of our own: a new cluster in a temporary folder. `durable`: what is committed survives a kill."""

    def __init__(self, durable: bool = False) -> None:
        need("PostgreSQL", "postgresql", _postgres_bin() is not None)
        self._programs = _postgres_bin() or Path()
        self.folder = Path(tempfile.mkdtemp(prefix="vincle-pg-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
                subprocess.run(["useradd", "--system", "postgres"], check=True)
            shutil.chown(self.folder, "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        port = _free_port()
        self.url = f"postgresql://vincle@127.0.0.1:{port}/postgres"
        self._settings = f"-p {port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        if not durable:
            self._settings += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        self._run("initdb", "-U", "vincle", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-o", self._settings, "-l", self.folder / "log", "start")

    def stop(self) -> None:
        """At once, as a crash would: what was not committed is gone."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def pids(self) -> list[int]:
        """Of the server and what it started."""
        parent = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False).stdout
        return [parent, *map(int, found.split())]

    def remove(self) -> None:
        subprocess.run(
            [*self._as_user, self._programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"],
            check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: "str | Path") -> None:
        command = [*self._as_user, self._programs / program, "-D", self.folder / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


@contextmanager
def postgres() -> Iterator[str]:
    """A server for the length of the block. Yields its URL."""
    server = Postgres()
    try:
        yield server.url
    finally:
        server.remove()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
