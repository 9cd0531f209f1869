"""What all screens of asking share: the survey or row an address names, and where they lead."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.urls import reverse

from vincle.accounts.access import May, WorkspaceRequest

from .collectors import Refused
from .models import Collector, Round, Survey


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"surveys:{name}", kwargs={"workspace": request.workspace.slug, **more})


def survey_of(request: WorkspaceRequest, survey: int) -> Survey:
    """Http404 where there is none in this workspace."""
    rows = Survey.objects.of(request.workspace).filter(pk=survey, deleted_at=None)
    found: Survey | None = rows.select_related("workspace", "version").first()
    if found is None:
        raise Http404("no such survey")
    return found


def collector_of(request: WorkspaceRequest, collector: str) -> Collector:
    rows = Collector.objects.of(request.workspace).filter(public_id=collector.replace("\0", ""), survey__deleted_at=None)
    found: Collector | None = rows.select_related("workspace", "survey__workspace", "survey__version").first()
    if found is None:
        raise Http404("no such collector")
    return found


def round_of(request: WorkspaceRequest, made: str) -> Round:
    rows = Round.objects.of(request.workspace).filter(public_id=made.replace("\0", ""), survey__deleted_at=None)
    related = ("workspace", "survey__workspace", "survey__version", "collector__workspace", "segment", "connection", "job", "approved_by")
    found: Round | None = rows.select_related(*related).first()
    if found is None:
        raise Http404("no such round")
    return found


def framed(request: WorkspaceRequest, survey: Survey, context: Mapping[str, Any]) -> dict[str, Any]:
    """What the frame of each screen needs."""
    return {
        "survey": survey, "ask_url": url(request, "ask", survey=survey.pk), "quotas_url": url(request, "quotas", survey=survey.pk),
        "raffle_url": url(request, "raffle", survey=survey.pk), "follow_url": url(request, "follow_ups") + f"?survey={survey.pk}",
        "may_speak": request.may(May.SPEAK), "may_approve": request.may(May.APPROVE), "may_manage": request.may(May.MANAGE),
        "may_export": request.may(May.EXPORT), "is_open": survey.state == Survey.State.OPEN, **context,
    }  # fmt: skip


def tried(request: WorkspaceRequest, deed: Callable[[], Any], done: str = "") -> Any:
    """Do it and say so; None where it was refused, and why is said instead."""
    try:
        found = deed()
    except Refused as refused:
        messages.error(request, str(refused))
        return None
    if done:
        messages.success(request, done)
    return found if found is not None else True


def whole(text: str, usual: int, least: int = 0, most: int = 10_000_000) -> int:
    """A whole number somebody typed; what is none is `usual`."""
    text = text.strip()
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 9 else usual
