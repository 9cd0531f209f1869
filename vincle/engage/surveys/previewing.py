"""The draft as people will see it, drawn by the same templates, led by the same logic. Nothing is kept: answers go along in the page."""

from typing import Any, Final

import msgspec
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import answering, surroundings, theme
from .builder_pages import one, url
from .definition import answers as reading
from .definition import flow, model
from .definition.answers import Problem
from .definition.flow import Shown
from .models import Response, Survey
from .showing import Page

_POLICY = "; ".join((
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "connect-src 'self'", "img-src 'self' data: https:", "font-src 'self'",
    "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'",
))  # fmt: skip
LONGEST: Final = 200_000


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
def preview(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """`at`: id of a page or of a question on it; `lang`; `sheet=1` gives the style sheet of its colours. Posted, it goes on."""
    row = one(request, survey)
    definition = model.load(row.definition)
    if request.GET.get("sheet"):
        return _guarded(HttpResponse(theme.sheet(theme.colours(request.workspace, definition.theme)), content_type="text/css"))
    asked = request.GET.get("lang", "")
    language = asked if asked in definition.languages else definition.language
    with translation.override(language if language in ("en", "es", "it", "ca") else "en"):
        trial = Trial(definition, language, request.POST.get("_a", ""))
        if request.method != "POST":
            return _drawn(request, row, trial, trial.opened(request.GET.get("at", "")))
        return _moved(request, row, trial)


class Trial:
    """Answers given in the preview; `response` is of nobody and is never stored."""

    def __init__(self, definition: model.Survey, language: str, carried: str) -> None:
        self.definition, self.language = definition, language
        self.response = Response(language=language, answers=_carried(definition, carried), facts={}, seed=0)
        self.order = {page.id: n for n, page in enumerate(definition.pages)}

    def pages(self) -> list[Shown]:
        return flow.walk(self.definition, self.response.answers)

    def opened(self, at: str) -> Shown | None:
        """The page of this id or question, which is seen there whatever its conditions say; the first one where none is named."""
        page = next((each for each in self.definition.pages if at == each.id or any(item.id == at for item in each.items)), None)
        if page is None:
            return next(iter(self.pages()), None) or (self._whole(self.definition.pages[0]) if self.definition.pages else None)
        found = next((each for each in self.pages() if each.page.id == page.id), None)
        return Shown(page, found.subject, found.items, found.visible | {at}) if found else self._whole(page)

    def _whole(self, page: model.Page) -> Shown:
        subject = self.definition.subjects[0].id if page.by_subject and self.definition.subjects else ""
        return Shown(page, subject, list(page.items), frozenset(item.id for item in page.items))

    def standing(self, key: str) -> Shown | None:
        """The page of this key with the answers given so far."""
        return next((each for each in self.pages() if each.key == key), None) or self.opened(key.partition("@")[0])

    def beside(self, key: str, by: int) -> Shown | None:
        """The page before (-1) or after (1) it, also where its own conditions would hide it."""
        pages = self.pages()
        keys = [each.key for each in pages]
        if key in keys:
            at = keys.index(key) + by
            return pages[at] if 0 <= at < len(pages) else None
        place = self.order.get(key.partition("@")[0], 0)
        rest = [each for each in pages if (self.order[each.page.id] - place) * by > 0]
        return (rest[0] if by > 0 else rest[-1]) if rest else None


def _carried(definition: model.Survey, text: str) -> dict[str, Any]:
    """What was answered on other pages, as the page brought it along: only what could be an answer."""
    try:
        told = msgspec.json.decode(text) if 0 < len(text) <= LONGEST else {}
    except (msgspec.DecodeError, RecursionError):
        return {}
    found: dict[str, Any] = {}
    for name, value in told.items() if isinstance(told, dict) else ():
        bare, _dot, own = name.partition(".")
        placed = model.find(definition, bare.partition("@")[0])
        if placed is None or isinstance(placed[1], model.Computed | model.Note | model.File):
            continue
        if (own == "other" and isinstance(value, str)) or (not own and reading.fault(placed[1], value) is None):
            found[name] = value
    return found


def _moved(request: WorkspaceRequest, row: Survey, trial: Trial) -> HttpResponseBase:
    shown = trial.standing(request.POST.get("_page", "")[:120])
    if shown is None:
        return _drawn(request, row, trial, None)
    form, response = surroundings.form(request), trial.response
    response.answers = answering.read_page(response, shown, form, {})
    after = trial.standing(shown.key)
    assert after is not None
    if request.headers.get("X-Live"):
        return JsonResponse({"visible": sorted(after.name(item) for item in after.asked), "saved": False})
    if request.POST.get("_go") == "back":
        return _drawn(request, row, trial, trial.beside(shown.key, -1) or after)
    told = frozenset(request.POST.get("_told", "").split(",")) - {""}
    problems = flow.check(trial.definition, response.answers, after, {}, told)
    problems = {name: each for name, each in problems.items() if not isinstance(_item(trial, name), model.File)}  # none is uploaded here
    if problems or answering.shows_more(shown, after, form):
        return _drawn(request, row, trial, after, problems, _("There is one more thing to ask.") if not problems else "")
    return _drawn(request, row, trial, trial.beside(shown.key, 1))


def _item(trial: Trial, name: str) -> model.Item | None:
    placed = model.find(trial.definition, name.partition("@")[0])
    return placed[1] if placed else None


def _drawn(
    request: WorkspaceRequest, row: Survey, trial: Trial, shown: Shown | None, problems: dict[str, Problem] | None = None, note: str = ""
) -> HttpResponse:  # fmt: skip
    """`shown`: None where it is over."""
    context = _context(request, row, trial, shown, problems or {}) | {"note": note}
    return _guarded(render(request, "surveys/preview.html", context, status=422 if problems else 200))


def _context(request: WorkspaceRequest, row: Survey, trial: Trial, shown: Shown | None, problems: dict[str, Problem]) -> dict[str, Any]:
    address, definition = url(request, "preview", survey=row.pk), trial.definition
    at = shown or Shown(model.Page(id="end"), "", [], frozenset())
    page = Page(definition, trial.response, at, None, problems)
    keys = [each.key for each in trial.pages()]
    number = keys.index(at.key) if at.key in keys else trial.order.get(at.page.id, 0)
    told = {name for name, each in problems.items() if each.is_soft} | set(request.POST.get("_told", "").split(","))
    return {
        "title": page.say(definition.title), "language": trial.language, "sheet_url": f"{address}?sheet=1&r={row.revision}",
        "company": theme.colours(request.workspace, definition.theme).get("company") or request.workspace.name,
        "is_anonymous": row.is_anonymous, "here": f"{address}?lang={trial.language}", "page": page if shown else None,
        "is_over": shown is None and bool(definition.pages), "thanks": page.say(definition.thanks),
        "welcome": page.say(definition.welcome) if number == 0 else "", "number": number + 1, "of": max(len(keys), number + 1),
        "progress": definition.settings.progress and len(definition.pages) > 1, "share": round(100 * number / max(len(keys), 1)),
        "has_back": definition.settings.back and trial.beside(at.key, -1) is not None,
        "is_last": shown is None or not flow.may_follow(definition, trial.response.answers, shown),
        "carried": msgspec.json.encode(trial.response.answers).decode(), "told": ",".join(sorted(told - {""})),
        "shown": ",".join(sorted(item.id for item in at.asked)), "wrong": [each for each in page.questions if each.wrong],
        "is_live": any(item.show_if for item in at.items),
    }  # fmt: skip


def _guarded(answer: HttpResponse) -> HttpResponse:
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
