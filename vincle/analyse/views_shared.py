"""A report for whoever has its address: what one run said, frozen. Nobody signs in; nothing of it leads into the workspace."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import public
from vincle.accounts.sender import household
from vincle.store.buckets import Buckets

from . import reports, reports_page
from .models import Share
from .pdf import picture, written
from .reports_figures import names

STRANGERS = Buckets(burst=30, rate=0.5)
"""Requests of one sender to addresses that lead nowhere."""
GUESSES = Buckets(burst=8, rate=1 / 60)
"""Wrong passwords at one address."""
DRAWN = Buckets(burst=20, rate=0.5)
"""PDFs and pictures of one address."""
COOKIE, HOURS = "report", 12
Answer = Callable[[HttpRequest, Share, str], HttpResponse]


def _opened(view: Answer) -> Callable[..., HttpResponse]:
    """Finds the share behind the secret, asks for its password, and speaks the report's language. No engine may list the answer."""

    @wraps(view)
    def opening(request: HttpRequest, token: str) -> HttpResponse:
        row = reports.found(token)
        if row is None:
            answer = _nothing(request)
        elif row.password and not _knows(request, row):
            answer = _door(request, row, token)
        else:
            with translation.override(row.run.report.language), timezone.override(row.run.figures["zone"]):
                answer = view(request, row, token)
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return opening


def _nothing(request: HttpRequest) -> HttpResponse:
    if not STRANGERS.take(household(request)):
        answer = render(request, "analyse/shared_none.html", {"is_fast": True}, status=429)
        answer["Retry-After"] = "30"
        return answer
    return render(request, "analyse/shared_none.html", status=404)


def _salt(row: Share) -> str:
    return f"report:{row.pk}:{row.password}"


def _knows(request: HttpRequest, row: Share) -> bool:
    try:
        signing.loads(request.COOKIES.get(COOKIE, ""), salt=_salt(row), max_age=HOURS * 3600)
    except signing.BadSignature:
        return False
    return True


def _door(request: HttpRequest, row: Share, token: str) -> HttpResponse:
    wrong, status = "", 200
    if request.method == "POST":
        if not GUESSES.take(str(row.pk)):
            wrong, status = _("Too many tries. Wait a few minutes."), 429
        elif check_password(request.POST.get("password", "")[:200], row.password):
            here = reverse("shared:report", kwargs={"token": token})
            answer = redirect(here)
            answer.set_cookie(
                COOKIE, signing.dumps(row.pk, salt=_salt(row)), max_age=HOURS * 3600, path=here, httponly=True, samesite="Lax",
                secure=request.is_secure(),
            )  # fmt: skip
            return answer
        else:
            wrong, status = _("This is not the password."), 403
    return render(request, "analyse/shared_door.html", {"wrong": wrong}, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_opened
def report(request: HttpRequest, row: Share, token: str) -> HttpResponse:
    """The page; each opening is counted."""
    if request.method == "GET":
        reports.note_opened(row)
    context: dict[str, Any] = reports_page.shown(row.run, _names(row), is_ours=False)
    context |= {"share": row, "token": token, "workspace_name": row.workspace.name}
    return render(request, "analyse/shared.html", context)


def _names(row: Share) -> dict[int, str]:
    return names(row.workspace, row.run.figures) if row.with_names else {}


@public
@never_cache
@require_safe
@_opened
def pdf(request: HttpRequest, row: Share, token: str) -> HttpResponse:
    return _drawn(row, "pdf")


@public
@never_cache
@require_safe
@_opened
def png(request: HttpRequest, row: Share, token: str) -> HttpResponse:
    return _drawn(row, "png")


def _drawn(row: Share, kind: str) -> HttpResponse:
    if not DRAWN.take(str(row.pk)):
        return HttpResponse(status=429, headers={"Retry-After": "30"})
    return file_of(written(row.run, with_names=row.with_names), row.run.figures["last"], kind)


def file_of(found: bytes, day: str, kind: str) -> HttpResponse:
    """The PDF, or a picture of its first page, as a download."""
    answer = HttpResponse(found if kind == "pdf" else picture(found), content_type="application/pdf" if kind == "pdf" else "image/png")
    answer["Content-Disposition"] = f'attachment; filename="report-{day}.{kind}"'
    return answer
