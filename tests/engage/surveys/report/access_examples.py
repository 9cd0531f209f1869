"""Rows behind the addresses of reports of surveys."""

from typing import Any

from tests.engage.surveys.report.data import survey
from vincle.accounts.models import Workspace
from vincle.engage.surveys.report import links


def _survey(workspace: Workspace) -> dict[str, Any]:
    return {"survey": survey(workspace, 6).pk}


def _file(workspace: Workspace) -> dict[str, Any]:
    return {**_survey(workspace), "kind": "csv"}


def _link(workspace: Workspace) -> dict[str, Any]:
    row = survey(workspace, 6)
    return {"survey": row.pk, "link": links.make(row, None, 30)[0].pk}


def _token(workspace: Workspace) -> dict[str, Any]:
    return {"token": links.make(survey(workspace, 6), None, 30)[1]}


EXAMPLES = {
    **{f"surveys:{name}": _survey for name in ("report", "report_live", "report_people", "report_link")},
    "surveys:report_file": _file,
    "surveys:report_link_end": _link,
    **{f"surveys_public:{name}": _token for name in ("report", "report_pdf")},
}
