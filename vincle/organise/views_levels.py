"""Levels of registration: how many people stand on each, and what to ask them next."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import number, percent

from . import registered
from .registered import Count


@allow(May.SEE)
@require_safe
def levels(request: WorkspaceRequest) -> HttpResponseBase:
    counts = registered.counts(request.workspace)
    total = sum(each.people for each in counts)
    rows = [{"each": each, "share": each.people / total if total else 0} for each in reversed(counts)]
    context = {
        "rows": rows, "total": total, "most": max((each.people for each in counts), default=0), "finding": _finding(counts, total),
        "waiting": registered.waiting(request.workspace),
    }  # fmt: skip
    return render(request, "organise/levels.html", context)


def _finding(counts: list[Count], total: int) -> str:
    """Where most people stand still."""
    if not total:
        return ""
    most = max(counts, key=lambda each: each.people)
    words = {"share": percent(most.people / total), "level": most.label, "n": number(most.people)}
    return _("%(share)s of people stand at “%(level)s”") % words
