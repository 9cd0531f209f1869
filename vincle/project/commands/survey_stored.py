"""`vincle survey list`, `report` and `export`: surveys of a workspace and their answers."""

from pathlib import Path
from typing import Any

import click
from django.db.models import Count, Q

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.engage.surveys.models import Survey
from vincle.engage.surveys.report import figures, files, load, looks, page, pdf
from vincle.engage.surveys.report.load import Asked
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.store.export import csv_lines

_workspace = click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.command("list", epilog="Example: vincle survey list --json")
@_workspace
@_json
def list_command(workspace: str | None, as_json: bool) -> None:
    """Say which surveys there are, newest first, and how many answered."""
    where = find_workspace(workspace)
    rows = Survey.objects.of(where).filter(deleted_at=None).order_by("-created_at", "-pk")
    counted = rows.annotate(answers=Count("responses", filter=Q(responses__state="complete")))
    found = [
        {"id": row.public_id, "name": row.name, "state": row.state, "answers": row.answers, "is_anonymous": row.is_anonymous}
        for row in counted
    ]
    lines = [f"{row['id']}  {row['name']}: {row['state']}, {row['answers']:,} answers" for row in found]
    answer(as_json, found, "\n".join(lines) or "There are no surveys.")


@click.command("report", epilog="Example: vincle survey report 'How was it?' --json")
@click.argument("survey")
@click.option("--careful", is_flag=True, help="Without answers that were hardly thought about.")
@_workspace
@_json
def report_command(survey: str, careful: bool, workspace: str | None, as_json: bool) -> None:
    """Say what the answers to SURVEY (its id or its name) say: scores, and what to mend first."""
    row = _find(find_workspace(workspace), survey)
    frame = load.frame(row, "en")
    if careful and len(frame):
        frame = frame.part(~figures.careless(frame))
    may = frame.may_show(len(frame))
    why = figures.why(frame) if may else None
    scores = [(column, figures.score(frame, column)) for column in figures.scored(frame)]
    main = figures.score(frame, frame.main) if frame.main else None
    facts: dict[str, Any] = {
        "id": row.public_id, "name": row.name, "state": row.state, "n": len(frame), "finding": looks.finding(frame, main, why),
        "scores": [{"question": column.id, **score._asdict()} for column, score in scores if score is not None],
        "r2": why.found.r2 if why else None,
        "drivers": [
            {"name": each.column.id, "label": looks.of_column(each.column), "kind": each.kind, "performance": each.performance,
             "share": each.driver.share, "low": each.driver.low, "high": each.driver.high, "effect": each.driver.effect}
            for each in (why.points if why else ())
        ],
    }  # fmt: skip
    lines = [f"{row.name} ({row.state}): {facts['finding']}. {looks.sentence(frame, main, why)}"]
    lines += [
        f"  {each['kind']:<5} {each['label']}: importance {each['share']:.0%}, performance {each['performance']:.0f}"
        for each in facts["drivers"]
    ]
    answer(as_json, facts, "\n".join(lines if may else [f"{row.name}: fewer than five answered an anonymous survey; nothing is shown."]))


@click.command("export", epilog="Example: vincle survey export 'How was it?' --out answers.xlsx")
@click.argument("survey")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File: .csv, .xlsx, .zip (SPSS), or .pdf (the report).")
@_workspace
@_json
def export_command(survey: str, out: Path, workspace: str | None, as_json: bool) -> None:
    """Write the answers to SURVEY (its id or its name) into a file; its ending says which kind."""
    row = _find(find_workspace(workspace), survey)
    if out.suffix not in (".csv", ".xlsx", ".zip", ".pdf"):
        fail(f"'{out.suffix}' is none of .csv, .xlsx, .zip (SPSS) and .pdf.", MISUSED)
    frame = load.frame(row, "en")
    if not frame.may_show(len(frame)):
        fail("Fewer than five answered an anonymous survey: their answers stay together until more did.")
    sheet = files.Sheet(row, frame, with_people=True)
    if out.suffix == ".csv":
        content = "".join(csv_lines(files.headings(sheet), sheet.rows(coded=False))).encode()
    elif out.suffix == ".zip":
        content = files.spss(sheet)
    else:
        context = page.context(row, "en", Asked())
        content = pdf.written(context) if out.suffix == ".pdf" else files.workbook(sheet, page.told(context))
    try:
        out.write_bytes(content)
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    audit.record(row.workspace, None, "exported", "survey", row.pk, row.name, kind=out.suffix[1:])
    answer(as_json, {"file": str(out), "answers": len(frame)}, f"{len(frame):,} answers in {out}.")


def _find(workspace: Workspace, text: str) -> Survey:
    rows = Survey.objects.of(workspace).filter(deleted_at=None).select_related("workspace", "version")
    found = rows.filter(public_id=text).first() or rows.filter(name__iexact=text).order_by("-created_at").first()
    if found is None:
        fail(f"There is no survey “{text}”.", MISUSED)
    assert isinstance(found, Survey)
    return found
