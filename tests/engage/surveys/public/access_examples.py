"""Rows behind the public addresses of surveys, and a file that was given as an answer."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.surveys import answering, collectors
from vincle.engage.surveys.models import Collector, Response, Survey, SurveyVersion, Upload

_ASKED = {"type": "nps", "id": "nps", "text": {"en": "?"}}
_DEFINITION: dict[str, Any] = {"format": "vincle-survey/1", "pages": [{"id": "p", "items": [_ASKED]}]}


def _way(workspace: Workspace) -> Collector:
    known = {"workspace": workspace, "public_id": f"answered-{workspace.pk}"}
    survey, is_new = Survey.objects.get_or_create(
        **known, defaults={"name": "Answered", "state": "open", "salt": b"salt", "definition": _DEFINITION}
    )
    if is_new:
        survey.version = SurveyVersion.objects.create(workspace=workspace, survey=survey, number=1, definition=_DEFINITION)
        survey.save()
    found: Collector | None = Collector.objects.of(workspace).filter(survey=survey).first()
    return found or collectors.create(workspace, None, survey, "link")


def _response(workspace: Workspace) -> Response:
    way = _way(workspace)
    found: Response | None = Response.objects.of(workspace).filter(collector=way).first()
    return found or answering.begin(way, language="en")


def _address(workspace: Workspace) -> dict[str, Any]:
    return {"token": _way(workspace).token}


def _answer(workspace: Workspace) -> dict[str, Any]:
    return {**_address(workspace), "secret": _response(workspace).public_id}


def _file(workspace: Workspace) -> dict[str, Any]:
    values = {"workspace": workspace, "question": "q", "name": "x.txt", "content_type": "text/plain", "size": 1, "content": b"x"}
    return {"token": Upload.objects.get_or_create(response=_response(workspace), token=f"file{workspace.pk}", defaults=values)[0].token}


EXAMPLES = {
    **{f"surveys_public:{name}": _address for name in ("survey", "theme")},
    **{f"surveys_public:{name}": _answer for name in ("response", "thanks")},
    "surveys:file": _file,
}
