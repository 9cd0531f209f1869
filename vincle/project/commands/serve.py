"""`vincle up`, `vincle web`, `vincle collect`, `vincle work`: what runs."""

import os
import sys
import tempfile
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket

import click
from django.conf import settings
from django.core.management import call_command

from vincle.accounts.actions import is_founded, make_sign_in_link
from vincle.accounts.models import Membership, Role, User
from vincle.project.commands.common import fail, require_database
from vincle.project.supervisor import AlreadyRunning, Supervisor, end_with_parent


@click.command("up", epilog="Example: vincle up --port 8080")
@click.option("--port", type=int, default=None, help="Port to listen on (VINCLE_PORT, 8000).")
@click.option("--host", default=None, help="Address to listen on (VINCLE_HOST, 127.0.0.1).")
@click.option("--demo", is_flag=True, help="Make the demo workspace first when there is none.")
def up_command(port: int | None, host: str | None, demo: bool) -> None:
    """Set up what is missing, then run pages and workers together until Ctrl-C."""
    port, host = port or settings.OPTIONS.port, host or settings.OPTIONS.host
    _check_port(host, port)
    try:
        supervisor = Supervisor(settings.HOME)
    except AlreadyRunning:
        fail(f"Vincle is running already on the data in {settings.HOME}. Stop it first, or set another VINCLE_HOME.")
    prepare()
    if demo:
        _make_demo()
    here = f"http://{host}:{port}"
    with tempfile.TemporaryDirectory(prefix="vincle-") as folder:  # the path of a socket has to be short
        pages = str(Path(folder) / "pages.sock")
        more = {"VINCLE_PUBLIC_URL": settings.OPTIONS.public_url or here, "VINCLE_PROXIES": str(settings.OPTIONS.proxies + 1)}
        supervisor.start("front", [*_vincle("collect"), "--host", host, "--port", str(port), "--pages", pages])
        supervisor.start("web", [*_vincle("web"), "--socket", pages], more)
        _run(supervisor, host, port, settings.OPTIONS.public_url.rstrip("/") or here)


def _run(supervisor: Supervisor, host: str, port: int, address: str) -> None:
    supervisor.start("intake", [*_vincle("work"), "--only", "intake"])
    supervisor.start("steps", [*_vincle("work"), "--only", "steps"])
    supervisor.start("analysis", [*_vincle("work"), "--only", "analysis"])
    if not supervisor.wait_ready(host, port):
        supervisor.stop()
        fail("The pages did not start; the lines above say why.")
    click.echo(_welcome(address))
    code = supervisor.run()
    if code:
        sys.exit(code)


@click.command("web", epilog="Example: vincle web --host 0.0.0.0 --port 8080")
@click.option("--port", type=int, default=None, help="Port to listen on (VINCLE_PORT, 8000).")
@click.option("--host", default=None, help="Address to listen on (VINCLE_HOST, 127.0.0.1).")
@click.option("--socket", default=None, help="Listen on this socket file instead, behind `vincle collect --pages`.")
def web_command(port: int | None, host: str | None, socket: str | None) -> None:
    """Run pages and collector in one process; no workers."""
    require_database()
    end_with_parent()
    _serve("vincle.project.asgi:application", port, host, socket)


@click.command("collect", epilog="Example: vincle collect --host 0.0.0.0 --port 8080")
@click.option("--port", type=int, default=None, help="Port to listen on (VINCLE_PORT, 8000).")
@click.option("--host", default=None, help="Address to listen on (VINCLE_HOST, 127.0.0.1).")
@click.option("--pages", default="", help="Hand everything but events on to the pages that listen on this socket file.")
def collect_command(port: int | None, host: str | None, pages: str) -> None:
    """Run the collector in a process of its own. Several may run, also on several machines with PostgreSQL."""
    require_database()
    end_with_parent()
    os.environ["VINCLE_PAGES_SOCKET"] = pages
    _serve("vincle.project.front:application", port, host)


def _serve(application: str, port: int | None, host: str | None, socket: str | None = None) -> None:
    import uvicorn

    options = settings.OPTIONS
    uvicorn.run(
        application,
        host=host or options.host,
        port=port or options.port,
        uds=socket,
        log_level="warning",
        log_config=None,
        access_log=False,
        proxy_headers=bool(options.proxies) and application.endswith("asgi:application"),
        forwarded_allow_ips="*" if options.proxies else None,
        timeout_keep_alive=75,  # senders of events keep their connection
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
    )


@click.command("work", epilog="Example: vincle work --only steps")
@click.option("--only", type=click.Choice(["intake", "steps", "people", "analysis"]), default=None, help="Only one part of the work.")
def work_command(only: str | None) -> None:
    """Run a worker only. Several may run, also on several machines with PostgreSQL."""
    require_database()
    end_with_parent()
    from vincle.project.worker import Worker

    worker = Worker(only or "")
    worker.stop_on_signals()
    worker.run()


def prepare() -> None:
    """The home folder and the database, as this version wants them."""
    Path(settings.HOME).mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", interactive=False, verbosity=0)


def _check_port(host: str, port: int) -> None:
    with socket() as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            fail(f"Port {port} on {host} cannot be used ({reason}). Choose another: vincle up --port {port + 1}")


def _make_demo() -> None:
    if is_founded():
        return
    from vincle.project.commands.demo import make

    make(people=2000, months=12, seed=1, as_json=False)


def _vincle(command: str) -> list[str]:
    return [sys.executable, "-m", "vincle.project.cli", command]


def _welcome(address: str) -> str:
    if not is_founded():
        return f"\nVincle is ready. Open {address}/ to begin: the first page makes you its owner.\nStop with Ctrl-C.\n"
    from vincle.project.summary import sentence

    owner = User.objects.filter(pk__in=Membership.objects.filter(role=Role.OWNER).values("user"), is_active=True).order_by("pk").first()
    lines = ["", "Vincle is ready.", sentence()]
    if owner:
        lines.append(f"Sign in as {owner.email} (once, within a day): {address}/in/{make_sign_in_link(owner)}/")
    return "\n".join([*lines, "Stop with Ctrl-C.", ""])
