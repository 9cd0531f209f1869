"""A survey's report for whoever has its address. Nobody signs in; it names nobody, and nothing of it leads into the workspace."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import public
from vincle.store.buckets import Buckets

from .models import ReportLink
from .report import links, load, page
from .report import pdf as paper
from .report.load import Asked

STRANGERS = Buckets(burst=30, rate=0.5)
"""Requests of one sender to addresses that lead nowhere."""
DRAWN = Buckets(burst=30, rate=0.5)
"""Openings of one address: each works the figures out."""


def _sender(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def _opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the report behind the secret. No engine may list the answer."""

    @wraps(view)
    def opening(request: HttpRequest, token: str) -> HttpResponse:
        row = links.found(token)
        if row is None:
            is_fast = not STRANGERS.take(_sender(request))
            answer = render(request, "surveys/report/none.html", {"is_fast": is_fast}, status=429 if is_fast else 404)
        elif not DRAWN.take(str(row.pk)):
            answer = render(request, "surveys/report/none.html", {"is_fast": True}, status=429)
        else:
            with timezone.override(load.zone(row.survey)):
                answer = view(request, row, token)
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return opening


def _context(row: ReportLink) -> dict[str, Any]:
    context = page.context(row.survey, (get_language() or "en").partition("-")[0], Asked())
    for each in context["opens"]:
        for topic in each["topics"]:
            topic["quotes"] = [{**quote, "person": None, "name": ""} for quote in topic["quotes"]]
    return context | {"is_ours": False, "link": row, "workspace_name": row.workspace.name, "by_segment": [], "margins": []}


@public
@never_cache
@require_safe
@_opened
def report(request: HttpRequest, row: ReportLink, token: str) -> HttpResponse:
    """The page; each opening is counted."""
    links.note_opened(row)
    return render(request, "surveys/report/shared.html", {**_context(row), "token": token})


@public
@never_cache
@require_safe
@_opened
def pdf(request: HttpRequest, row: ReportLink, token: str) -> HttpResponse:
    answer = HttpResponse(paper.written(_context(row)), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="report.pdf"'
    return answer
