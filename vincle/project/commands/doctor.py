"""`vincle doctor`: what is wrong with this installation, and how to mend it."""

import click

from vincle.project import health
from vincle.project.commands.common import FAILED, answer

_SIGNS = {"good": click.style("ok", fg="green"), "warning": click.style("look", fg="yellow"), "bad": click.style("wrong", fg="red")}


@click.command("doctor", epilog="Example: vincle doctor --json")
@click.option("--mend", is_flag=True, help="Mend what can be mended without a decision of yours (the database's set-up).")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of {check, state, finding, remedy}.")
def doctor_command(mend: bool, as_json: bool) -> None:
    """Check set-up, database, disk, clock, workers and versions. Exit code 1 when something is wrong."""
    if mend:
        from vincle.project.commands.serve import prepare

        prepare()
    findings = health.examine()
    lines = []
    for finding in findings:
        lines.append(f"{_SIGNS[finding.state]:<14} {finding.check}: {finding.finding}")
        if finding.remedy:
            lines.append(f"      {finding.remedy}")
    answer(as_json, [finding._asdict() for finding in findings], "\n".join(lines))
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(FAILED)
