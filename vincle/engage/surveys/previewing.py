"""A page of the draft as people will see it, drawn by the same templates. Nothing in it can be sent, and nothing is kept."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import theme
from .builder_pages import one, url
from .definition import model
from .definition.flow import Shown
from .models import Response
from .showing import Page

_POLICY = "; ".join((
    "default-src 'none'", "style-src 'self'", "img-src 'self' data: https:", "font-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'self'",
))  # fmt: skip


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def preview(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """`at`: id of a page or of a question on it; `lang`; `sheet=1` gives the style sheet of its colours."""
    row = one(request, survey)
    definition = model.load(row.definition)
    if request.GET.get("sheet"):
        return _guarded(HttpResponse(theme.sheet(theme.colours(request.workspace, definition.theme)), content_type="text/css"))
    asked = request.GET.get("lang", "")
    language = asked if asked in definition.languages else definition.language
    place = _place(definition, request.GET.get("at", ""))
    with translation.override(language if language in ("en", "es", "it", "ca") else "en"):
        return _guarded(render(request, "surveys/preview.html", _context(request, row, definition, language, place)))


def _place(definition: model.Survey, at: str) -> int:
    for n, page in enumerate(definition.pages):
        if at == page.id or any(item.id == at for item in page.items):
            return n
    return 0


def _context(request: WorkspaceRequest, row: Any, definition: model.Survey, language: str, place: int) -> dict[str, Any]:
    address = url(request, "preview", survey=row.pk)
    pages = definition.pages
    context: dict[str, Any] = {
        "title": model.say(definition.title, language, definition), "language": language,
        "sheet_url": f"{address}?sheet=1&r={row.revision}",
        "company": theme.colours(request.workspace, definition.theme).get("company") or request.workspace.name,
        "is_anonymous": row.is_anonymous,
        "welcome": model.say(definition.welcome, language, definition) if place == 0 else "", "number": place + 1, "of": len(pages),
        "progress": definition.settings.progress and len(pages) > 1, "share": round(100 * place / max(len(pages), 1)),
        "has_back": place > 0 and definition.settings.back,
        "is_last": place + 1 >= len(pages), "before_url": f"{address}?lang={language}&at={pages[place - 1].id}" if place else "",
        "after_url": f"{address}?lang={language}&at={pages[place + 1].id}" if place + 1 < len(pages) else "",
    }  # fmt: skip
    if not pages:
        return context
    page, response = pages[place], Response(language=language, answers={}, facts={}, seed=0)
    subject = definition.subjects[0].id if page.by_subject and definition.subjects else ""
    shown = Shown(page, subject, list(page.items), frozenset(item.id for item in page.items))
    context["page"] = Page(definition, response, shown)
    return context


def _guarded(answer: HttpResponse) -> HttpResponse:
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
