"""The state of an installation, one check a function."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from packaging.requirements import Requirement

from vincle.identify import rounds
from vincle.listen.models import Delivery, SetAside
from vincle.project import pipeline
from vincle.store.models import Cursor

LITTLE_DISK = 2 * 1024**3
LATE = timedelta(seconds=60)
MOST_DRIFT = 5.0


class Finding(NamedTuple):
    """What one check found; `state` is "good", "warning" or "bad"."""

    check: str
    state: str
    finding: str
    remedy: str = ""


def examine() -> list[Finding]:
    """All checks. One that fails by itself is a finding too; those that need the database are left out when it is away."""
    findings = [_try(check) for check in (python, packages, home, disk)]
    findings.append(reach := _try(database))
    if reach.state == "good":
        findings += [_try(clock), set_up := _try(migrations)]
        if set_up.state == "good":
            findings += [_try(check) for check in (workers, pipeline_lag, set_aside, linking, open_table, imports, connections)]
    return [*findings, _try(mail), _try(public_address)]


def _try(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(check.__name__.replace("_", " "), "bad", f"the check itself failed: {error}")


def python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "good", found)


def packages() -> Finding:
    """Installed versions against what this version of Vincle was made with."""
    wrong = []
    for line in requires("vincle") or []:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            if not wanted.specifier.contains(version(wanted.name), prereleases=True):
                wrong.append(f"{wanted.name} {version(wanted.name)} (wanted {wanted.specifier})")
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} (missing)")
    if wrong:
        return Finding("packages", "bad", ", ".join(wrong), "Install again: pip install --require-hashes -r requirements.lock")
    return Finding("packages", "good", f"vincle {version('vincle')} and all it needs")


def home() -> Finding:
    folder = Path(settings.HOME)
    if not folder.is_dir():
        return Finding("home folder", "warning", f"{folder} is not there yet", "`vincle up` makes it.")
    if not os.access(folder, os.W_OK):
        return Finding(
            "home folder", "bad", f"{folder} cannot be written", f"Give it to the user that runs Vincle: chown -R {os.getuid()} {folder}"
        )
    keys = folder / "keys"
    if keys.is_dir() and keys.stat().st_mode & 0o077:
        return Finding("home folder", "warning", f"{keys} can be read by others", f"chmod 700 {keys}")
    return Finding("home folder", "good", str(folder))


def disk() -> Finding:
    folder = Path(settings.HOME)
    free = shutil.disk_usage(folder if folder.is_dir() else folder.parent).free
    said = f"{free / 1024**3:.1f} GiB free"
    if free < LITTLE_DISK:
        return Finding("disk", "bad" if free < LITTLE_DISK / 10 else "warning", said, "Make room, or move VINCLE_HOME to a larger disk.")
    return Finding("disk", "good", said)


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
            found = cursor.fetchone()[0]
    except DatabaseError as error:
        remedy = "Is the server running, and is DATABASE_URL right?" if settings.OPTIONS.database_url else "Is the home folder writable?"
        return Finding("database", "bad", str(error).strip(), remedy)
    return Finding("database", "good", f"{connection.display_name} {found}")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return Finding("database set-up", "bad", f"{missing} steps behind this version", "`vincle doctor --mend`, or start `vincle up`.")
    return Finding("database set-up", "good", "as this version wants it")


def clock() -> Finding:
    if connection.vendor == "sqlite":
        year = time.gmtime().tm_year
        return Finding("clock", "good" if year >= 2025 else "bad", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT EXTRACT(EPOCH FROM clock_timestamp())")
        drift = abs(float(cursor.fetchone()[0]) - (before + time.time()) / 2)
    if drift > MOST_DRIFT:
        return Finding(
            "clock", "bad", f"{drift:.0f} s apart from the database server's", "Set both by NTP: times of activities come from both."
        )
    return Finding("clock", "good", f"{drift:.2f} s apart from the database server's")


def workers() -> Finding:
    seen = Cursor.objects.filter(name__startswith="worker").order_by("-updated_at").first()
    if seen is None or timezone.now() - seen.updated_at > LATE:
        return Finding("workers", "warning", "none was seen in the last minute", "Start `vincle up`, or `vincle work` beside `vincle web`.")
    return Finding("workers", "good", f"last seen {(timezone.now() - seen.updated_at).seconds} s ago")


def pipeline_lag() -> Finding:
    behind = {name: rows for name, rows in pipeline.lag().items() if rows}
    if not behind:
        return Finding("pipeline", "good", "every step is up to date")
    return Finding(
        "pipeline",
        "warning",
        ", ".join(f"{name} is {rows:,} activities behind" for name, rows in behind.items()),
        "A running worker catches up.",
    )


def set_aside() -> Finding:
    """Steps that stand still, and rows that wait for someone."""
    if stopped := Cursor.objects.exclude(trouble="").filter(name__in=pipeline.STEPS).first():
        return Finding(
            "set aside", "bad", f"{stopped.name} stands still: {stopped.trouble}", "Settings, Health says more; its log does, too."
        )
    waiting = SetAside.objects.filter(state=SetAside.State.WAITING).count()
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, is_import=False).count()
    if waiting or failed:
        said = f"{waiting:,} rows wait for someone, {failed:,} deliveries could not be read"
        return Finding("set aside", "warning", said, "Open Settings, Health: see, mend, try again.")
    return Finding("set aside", "good", "nothing waits")


def linking() -> Finding:
    """Whether looking for people who are one goes on."""
    cursors = Cursor.objects.filter(name__startswith=rounds.CURSOR)
    if stopped := cursors.exclude(trouble="").first():
        return Finding("linking", "warning", f"it ended badly: {stopped.trouble}", "It is tried again; `vincle identify` says more.")
    last = cursors.order_by("-updated_at").first()
    return Finding("linking", "good", f"last looked for people who are one {last.updated_at:%Y-%m-%d %H:%M} UTC" if last else "nothing yet")


def open_table() -> Finding:
    from vincle.organise import warehouse  # at first use: it brings the columnar libraries, which not every process needs

    found = warehouse.status()
    said = f"{found.rows:,} activities, {found.bytes / 1024**2:.1f} MB, version {found.version}"
    if found.lag:
        return Finding("open table", "warning", f"{said}; {found.lag:,} places of the log behind", "A running worker fills it.")
    return Finding("open table", "good", said)


def connections() -> Finding:
    """Platforms that are no longer heard until someone does something."""
    from vincle.listen import doctor

    found = [f"{row.name} ({row.state_code})" for row in doctor.stopped().order_by("name")[:10]]
    if not found:
        return Finding("connections", "good", "none needs anybody")
    return Finding("connections", "warning", ", ".join(found), "Open Listen › Connections: each says what to do.")


def imports() -> Finding:
    lately = Delivery.objects.filter(is_import=True, received_at__gt=timezone.now() - timedelta(days=7))
    failed = lately.filter(state=Delivery.State.FAILED).count()
    if failed:
        return Finding("imports", "warning", f"{failed} failed in the last week", "Open Listen, Imports: each says why.")
    return Finding("imports", "good", "none failed in the last week")


def mail() -> Finding:
    if not settings.OPTIONS.email_url:
        return Finding(
            "mail",
            "warning",
            "no mail server is set",
            "Set VINCLE_EMAIL_URL to send invitations; their links can also be copied from the screen.",
        )
    return Finding("mail", "good", settings.EMAIL_HOST)


def public_address() -> Finding:
    address = settings.PUBLIC_URL
    if settings.OPTIONS.host not in ("127.0.0.1", "localhost", "::1") and not address.startswith("https://"):
        return Finding(
            "address",
            "warning",
            f"{address} is not encrypted",
            "Put a reverse proxy with TLS in front and set VINCLE_PUBLIC_URL and VINCLE_PROXIES.",
        )
    return Finding("address", "good", address)
