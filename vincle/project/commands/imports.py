"""`vincle import`: files into the log, and people out of them."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from django.utils import translation
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from vincle.accounts.models import Workspace
from vincle.channels.base import FileError
from vincle.identify.models import Person
from vincle.listen import actions as listen
from vincle.listen.messages import field_name, sentence
from vincle.listen.models import Delivery, Rejection
from vincle.project import memory, pipeline, quarantine
from vincle.project.commands.common import FAILED, MISUSED, answer, fail, find_workspace
from vincle.store.models import Cursor
from vincle.vocabulary import Warn

SHOWN = 10
HELPER_ABOVE = 1_000_000


@click.command("import", epilog="Example: vincle import contacts.csv reviews.xlsx --workspace cafe --map 'Correo=email'")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", "-w", default=None, help="Short name of the workspace; needed when there are several.")
@click.option(
    "--as", "kind", default="", help="How to read the files (contacts, posts, orders, vcard, feed, mail ...); told by content otherwise."
)
@click.option("--dry-run", is_flag=True, help="Read everything, store nothing, and say what would happen.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="Where a column goes; 'COLUMN=' leaves it out. May be repeated."
)
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), default=None, help="Settles dates such as 03/04/2026.")
@click.option("--sheet", default="", help="Sheet of a workbook.")
@click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: {files: [...], totals: {...}}.")
def import_command(
    files: tuple[Path, ...],
    workspace: str | None,
    kind: str,
    dry_run: bool,
    mapping: tuple[str, ...],
    date_order: str | None,
    sheet: str,
    encoding: str,
    as_json: bool,
) -> None:
    """Import FILES: contacts, posts, orders, mail, feeds, archives, webhook deliveries. The same file twice changes nothing."""
    where = find_workspace(workspace)
    memory.quiet()
    options = {"mapping": _mapping(mapping), "date_order": date_order or "", "sheet": sheet, "encoding": encoding}
    reports = []
    for path in files:
        try:
            report = (_dry_run if dry_run else _import)(where, path, kind, options, as_json)
        except FileError as error:
            report = {
                "file": str(path),
                "state": "failed",
                "error": error.code,
                "message": _place(error.line) + sentence(error.code, error.detail),
            }
        reports.append(report)
        if not as_json:
            click.echo(_in_words(report))
    if as_json:
        answer(True, {"files": reports, "totals": _totals(reports)}, "")
    if any(report["state"] == "failed" for report in reports):
        sys.exit(FAILED)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    if wrong := [pair for pair in pairs if "=" not in pair]:
        fail(f"--map wants COLUMN=FIELD, not '{wrong[0]}'", MISUSED)
    return dict((part.strip() for part in pair.rsplit("=", 1)) for pair in pairs)  # type: ignore[misc]


def _dry_run(where: Workspace, path: Path, kind: str, options: dict[str, Any], quiet: bool) -> dict[str, Any]:
    with open(path, "rb") as file:
        channel, _ = listen.look(where, file, path.name, kind, **options)
        found = listen.dry_run(
            where, file, path.name, hashlib.file_digest(file, "sha256").hexdigest(), channel.spec.id, seconds=3600, **options
        )
    reasons = [_reason(isinstance(row, Warn), row.line, row.code, row.field, row.detail) for row in found.problems]
    return {
        "file": str(path),
        "state": "dry run",
        "kind": channel.spec.id,
        "rows": found.items - found.warned,
        "new": found.new,
        "duplicates": found.known,
        "rejected": found.rejected,
        "warnings": found.warned,
        "reasons": reasons,
    }


def _import(where: Workspace, path: Path, kind: str, options: dict[str, Any], quiet: bool) -> dict[str, Any]:
    began = time.monotonic()
    with open(path, "rb") as file:
        delivery = listen.receive_file(where, file, path.name, kind=kind, **options)
    # A large file is read here while a second process finds out who is who: two cores instead of one.
    helper = _helper() if delivery.size > HELPER_ABOVE else None
    with _progress(quiet) as progress:
        task = progress.add_task(path.name, total=None)
        try:
            _work_off(delivery, lambda now: _tick(progress, task, now.position))
            progress.update(task, description=f"{path.name}: who is who")
            _follow(delivery, pipeline.PEOPLE)
        finally:
            if helper:
                helper.terminate()
                helper.wait()
        seconds = time.monotonic() - began
        progress.update(task, description=f"{path.name}: for analysis")
        _follow(delivery, tuple(pipeline.STEPS))
    return _report(path, delivery, seconds)


def _tick(progress: Progress, task: Any, position: int) -> None:
    progress.update(task, completed=position)
    memory.sweep()


def _helper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "vincle.project.cli", "work", "--only", "people"], stderr=subprocess.DEVNULL)


def _progress(quiet: bool) -> Progress:
    console = Console(stderr=True, quiet=quiet or not sys.stderr.isatty())
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _work_off(delivery: Delivery, progress: Any) -> None:
    """Read the file here, or wait for the worker that took it."""
    while not listen.work_off(delivery, progress):
        time.sleep(0.1)
        delivery.refresh_from_db()
        progress(delivery)
        if delivery.state not in (Delivery.State.WAITING, Delivery.State.RUNNING):
            return
    delivery.refresh_from_db()


def _follow(delivery: Delivery, names: tuple[str, ...]) -> None:
    """Until these steps have passed the last activity of this file; other workers and we take whichever step is free."""
    while Cursor.objects.filter(name__in=names, position__gte=delivery.last_seq).count() < len(names):
        try:
            moved = pipeline.follow(names)
        except quarantine.Halted as error:
            click.echo(f"The file is in the log, but a step stands still: {error}. Settings, Health says more.", err=True)
            return
        memory.sweep()
        if not moved:
            time.sleep(0.02)


def _report(path: Path, delivery: Delivery, seconds: float) -> dict[str, Any]:
    """What the database holds of this file now."""
    reasons = list(Rejection.objects.filter(delivery=delivery).order_by("is_warning", "line")[:1000])
    new = Person.objects.filter(delivery=delivery.pk).count()
    message = sentence(delivery.error_code, delivery.error_detail) if delivery.error_code else ""
    return {
        "file": str(path),
        "import": delivery.pk,
        "state": delivery.state,
        "kind": delivery.channel,
        "rows": delivery.position - delivery.warned,
        "new": delivery.accepted,
        "duplicates": delivery.duplicates,
        "unknown": delivery.unknown,
        "rejected": delivery.rejected,
        "warnings": delivery.warned,
        "people_new": new,
        "people_updated": _touched(delivery) - new,
        "seconds": round(seconds, 2),
        "reasons": [_reason(row.is_warning, row.line, row.code, row.field, row.detail) for row in reasons],
        **({"error": delivery.error_code, "message": message} if message else {}),
    }


def _touched(delivery: Delivery) -> int:
    from vincle.store import bulk

    sql = (
        "SELECT COUNT(DISTINCT person) FROM listen_activity JOIN identify_belonging ON handle = "
        "CASE WHEN direction = 'in' OR object_type = 'Profile' THEN actor ELSE target END WHERE delivery_id IN ({}) AND NOT superseded"
    )
    return int(next(bulk.pluck(sql, [delivery.pk]), 0))


def _reason(is_warning: bool, line: int, code: str, field: str, detail: str) -> dict[str, Any]:
    with translation.override("en"):
        said = sentence(code, detail)
        return {
            "line": line,
            "warning": is_warning,
            "code": code,
            "field": field,
            "message": f"{field_name(field)}: {said}" if field else said,
        }


def _place(line: int) -> str:
    return f"line {line}: " if line else ""


def _totals(reports: list[dict[str, Any]]) -> dict[str, int]:
    names = ("rows", "new", "duplicates", "unknown", "rejected", "warnings", "people_new", "people_updated")
    return {name: sum(report.get(name, 0) for report in reports) for name in names}


def _in_words(report: dict[str, Any]) -> str:
    if "message" in report:
        return f"{report['file']}: {report['message']}"
    parts = [f"{report[name]:,} {label}" for name, label in _LABELS.items() if report.get(name)]
    lines = [f"{report['file']}: {report['kind']}, {report['rows']:,} read; {', '.join(parts) or 'nothing new'}"]
    if report["state"] == "dry run":
        lines[0] += " (dry run: nothing was stored)"
    shown = report["reasons"][:SHOWN]
    lines += [f"  line {reason['line']}: {reason['message']}" for reason in shown]
    if len(report["reasons"]) > SHOWN:
        lines.append(f"  ... and {len(report['reasons']) - SHOWN:,} more; the rejected rows can be downloaded from the import's page")
    return "\n".join(lines)


_LABELS = {
    "new": "new",
    "duplicates": "known already",
    "unknown": "of an unknown kind",
    "rejected": "rejected",
    "warnings": "warnings",
    "people_new": "new people",
    "people_updated": "people updated",
}
