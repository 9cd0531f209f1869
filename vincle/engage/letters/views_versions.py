"""Versions of a letter: what was kept when, how two of them differ, and going back to one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.middleware import CSP

from . import actions, comparing, plain, previewing
from .comparing import Line
from .models import LetterVersion
from .views import framed, one, url

SHOWN = 100


@allow(May.SEE)
@never_cache
@require_safe
def versions(request: WorkspaceRequest, letter: int) -> HttpResponse:
    row = one(request, letter)
    kept = list(row.versions.select_related("by").order_by("-number")[:SHOWN])
    asked = request.GET.get("version", "")
    chosen = next((each for each in kept if str(each.number) == asked), kept[0] if kept else None)
    language = chosen.language if chosen else ""
    if chosen and request.GET.get("language") in chosen.languages:
        language = request.GET["language"]
    context = {
        "letter": row, "kept": kept, "subject": _plain(chosen, language, "subject"),
        "preheader": _plain(chosen, language, "preheader"), "chosen": chosen, "language": language,
        "changes": _changes(row, chosen, kept, language),
        "frame_url": f"{url(request, 'version', letter=row.pk, number=chosen.number)}?language={language}" if chosen else "",
        "restore_url": url(request, "restore", letter=row.pk, number=chosen.number) if chosen else "",
        "back_url": url(request, "edit", letter=row.pk), "keep_url": url(request, "keep", letter=row.pk),
        "may_speak": request.may(May.SPEAK) and row.archived_at is None,
    }  # fmt: skip
    response = render(request, "letters/versions.html", context)
    response["Content-Security-Policy"] = CSP + "; frame-src 'self'"
    return response


def _plain(version: LetterVersion | None, language: str, field: str) -> str:
    return plain.without_liquid(version.content(language)[field]) if version else ""


def _changes(letter: Any, chosen: LetterVersion | None, kept: list[LetterVersion], language: str) -> list[Line]:
    """What the chosen version says otherwise than the one before it: ("same" | "out" | "in", line)."""
    if chosen is None:
        return []
    before = next((each for each in kept if each.number < chosen.number), None)
    old = comparing.lines(before, language) if before and language in before.languages else []
    return comparing.changes(old, comparing.lines(chosen, language)) if old else []


def found(request: WorkspaceRequest, letter: int, number: int) -> LetterVersion:
    """Http404 where there is none."""
    row: LetterVersion = get_object_or_404(LetterVersion.objects.of(request.workspace), letter=one(request, letter), number=number)
    return row


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def frame(request: WorkspaceRequest, letter: int, number: int) -> HttpResponse:
    """A version as it would look to nobody in particular."""
    version = found(request, letter, number)
    asked = request.GET.get("language", "")
    language = asked if asked in version.languages else version.language
    return framed(previewing.page(request.workspace, version.content(language), version.look, language))


@allow(May.SPEAK)
@never_cache
@require_POST
def restore(request: WorkspaceRequest, letter: int, number: int) -> HttpResponseBase:
    version = found(request, letter, number)
    actions.restore(request.workspace, request.user, version.letter, version)
    messages.success(request, _("The draft says again what version %(number)d says.") % {"number": number})
    return redirect("letters:edit", workspace=request.workspace.slug, letter=letter)
