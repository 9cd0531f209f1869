"""What the builder's screens share: the survey an address names, its frame, and the policy that lets its preview stand in it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from vincle.accounts.access import May, WorkspaceRequest
from vincle.engage import speaking
from vincle.web.middleware import CSP

from . import texts
from .builder_words import language as language_name
from .models import Survey

STATE_TONES = {"draft": "plain", "open": "pos", "paused": "warn", "closed": "plain"}


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"surveys:{name}", kwargs={"workspace": request.workspace.slug, **more})


def maybe_url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    try:
        return url(request, name, **more)
    except NoReverseMatch:
        return ""


def one(request: WorkspaceRequest, pk: int, deleted: bool = False) -> Survey:
    """The survey of this workspace. Http404."""
    rows = Survey.objects.of(request.workspace).filter(pk=pk).select_related("workspace", "version", "changed_by")
    found: Survey | None = (rows if deleted else rows.filter(deleted_at=None)).first()
    if found is None:
        raise Http404("no such survey")
    return found


def framed(request: WorkspaceRequest, row: Survey, here: str, **context: Any) -> dict[str, Any]:
    """What the frame of each screen of a survey needs; `here` is the tab that is lit."""
    places = (
        ("edit", _("Questions"), "edit"), ("translate", _("Languages"), "translate"), ("checks", _("Check"), "checks"), ("ask", _("Ask"),
        "ask"),
        ("answers", _("Answers"), "answers"), ("report", _("Report"), "report"), ("versions", _("Versions"), "versions"),
    )  # fmt: skip
    tabs = [(label, address, key == here) for key, label, name in places if (address := maybe_url(request, name, survey=row.pk))]
    return {
        "survey": row, "survey_tabs": tabs, "tone": STATE_TONES[row.state], "may_speak": request.may(May.SPEAK),
        "may_approve": request.may(May.APPROVE),
        "may_manage": request.may(May.MANAGE), "act_url": url(request, "act", survey=row.pk), "list_url": url(request, "list"),
        "is_changed": row.version is not None and row.version.definition != row.definition, **context,
    }  # fmt: skip


def languages(row: Survey, code: str) -> list[dict[str, Any]]:
    draft = row.definition
    return [
        {"code": each, "name": language_name(each), "is_now": each == code, "is_main": each == draft["language"],
         "missing": 0 if each == draft["language"] else texts.missing(draft, each)}
        for each in draft["languages"]
    ]  # fmt: skip


def shown(request: WorkspaceRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that may hold frames of ours."""
    context.setdefault("tabs", speaking.tabs(request.workspace, "surveys"))
    answer = render(request, template, context, status=status)
    answer.headers["Content-Security-Policy"] = f"{CSP}; frame-src 'self'"
    return answer
