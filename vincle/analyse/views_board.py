"""The board: what, when, how, why, where and who, of all that is said or of what one query asks for; beside another, or the days before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.listen import log
from vincle.listen.labels import SENTIMENTS, label
from vincle.listen.models_listening import Listening
from vincle.web.tags.people import mark_of

from . import board_page, board_words, wording
from .board import Board
from .choice import LENGTHS, Choice, choose
from .metrics.base import FILTERS
from .pulse import span

logger = structlog.get_logger(__name__)


PARTS: dict[str, Callable[[Board, board_page.Links], Any]] = {
    "tiles": board_page.tiles,
    "what": board_page.what,
    "when": board_page.when,
    "how": board_page.how,
    "why": board_page.why,
    "where": board_page.where,
    "who": board_page.who,
}
PANELS = (*PARTS, "beside")
AT_ONCE = ("when", "how")
"""Panels that need no more than the counts by day; the others come one by one, each as soon as it is there."""


@allow(May.SEE)
@never_cache
@require_safe
def board(request: WorkspaceRequest) -> HttpResponse:
    """GET listening (number of a query), beside (another), days or from and to, channel, sentiment, topic, language, country.

    `whole=1`: all panels in one answer.
    """
    return _answered(request, _board)


@allow(May.SEE)
@never_cache
@require_safe
def panel(request: WorkspaceRequest, part: str) -> HttpResponse:
    """One panel of the board with the same parameters."""
    return _answered(request, lambda request: _panel(request, part))


def _answered(request: WorkspaceRequest, make: Callable[[WorkspaceRequest], HttpResponse]) -> HttpResponse:
    try:
        return make(request)
    except EngineError as error:
        logger.error("the engine does not answer", error=str(error))
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)


@dataclass(frozen=True)
class Asked:
    """What a board is asked about."""

    figures: Board
    links: board_page.Links
    queries: list[Listening]
    listening: Listening | None
    beside: Listening | None

    def panels(self, names: Iterable[str]) -> dict[str, Any]:
        found = {name: PARTS[name](self.figures, self.links) for name in names if name in PARTS}
        if "beside" in names:
            found["beside"] = board_page.beside(self.figures, self.queries, self.listening, self.beside)
        return found


def _asked(request: WorkspaceRequest) -> Asked | None:
    """None while nothing has been heard."""
    known = span(request.workspace)
    if known is None:
        return None
    choice = _narrow(choose(request.GET.dict(), request.workspace.timezone, known[1]), request)
    queries = _queries(request)
    listening, beside = (_chosen(queries, request.GET.get(name, "")) for name in ("listening", "beside"))
    figures = Board(request.workspace, choice, known[0], listening.pk if listening else 0)
    return Asked(figures, board_page.Links(request, choice, listening.text if listening else ""), queries, listening, beside)


def _panel(request: WorkspaceRequest, part: str) -> HttpResponse:
    asked = _asked(request)
    if asked is None:
        return HttpResponse()
    context = {**asked.panels([part]), "compared": asked.figures.reaches(1)}
    return render(request, f"analyse/board_{part}.html", context)


def _board(request: WorkspaceRequest) -> HttpResponse:
    asked = _asked(request)
    if asked is None:
        return render(request, "analyse/nothing.html", {"is_loading": log.last_seq() > 0, "may_import": request.may(May.IMPORT)})
    figures, listening = asked.figures, asked.listening
    is_whole = bool(request.GET.get("whole"))
    here = reverse("analyse:board", kwargs={"workspace": request.workspace.slug})
    given = request.GET.urlencode()
    context = {
        "choice": figures.choice,
        "asked": listening,
        "is_filling": bool(listening and listening.back_to),
        "title": board_words.headline(figures, listening.name if listening else ""),
        "sentence": board_words.sentence(figures, with_movers=is_whole),
        "compared": wording.before(figures.choice) if figures.reaches(1) else "",
        "newest": wording.full_day(figures.period.last),
        "is_whole": is_whole,
        "may_report": request.may(May.EXPORT),
        "parts": {name: f"{here}{name}/?{given}" for name in PANELS},
        "whole_url": f"?{given}&whole=1",
        **asked.panels(PANELS if is_whole else AT_ONCE),
        **_chips(figures, asked.queries, listening, request),
    }
    return render(request, "analyse/board.html", context)


def _narrow(choice: Choice, request: WorkspaceRequest) -> Choice:
    """The filters of the address, as the metrics take them."""
    filters: dict[str, Any] = {name: request.GET.get(name, "").strip()[:40] for name in FILTERS}
    return replace(choice, period=replace(choice.period, **filters))


def _queries(request: WorkspaceRequest) -> list[Listening]:
    """Queries this member sees: shared ones and their own."""
    every = Listening.objects.of(request.workspace).filter(archived_at=None).order_by("place", "pk")
    return [each for each in every if not each.is_draft and (each.is_shared or each.created_by_id == request.user.pk)] + [
        each for each in every if each.is_draft and str(each.pk) == request.GET.get("listening") and each.created_by_id == request.user.pk
    ]


def _chosen(queries: Sequence[Listening], asked: str) -> Listening | None:
    return next((each for each in queries if str(each.pk) == asked), None)


def _chips(figures: Board, queries: Sequence[Listening], asked: Listening | None, request: WorkspaceRequest) -> dict[str, Any]:
    choice = figures.choice
    words = _("Last %(days)s days of your data") if choice.is_past else _("Last %(days)s days")
    lengths = [(days, words % {"days": days}) for days in LENGTHS]
    channels = sorted({*(name for name, _mood in figures.by_channel), *([choice.period.channel] if choice.period.channel else [])})
    named = [(each.pk, each.name) for each in queries if not each.is_draft]
    return {
        "lengths": lengths,
        "dates": f"{wording.plain_day(choice.period.first)} – {wording.plain_day(choice.period.last)}",
        "length": next((words for days, words in lengths if days == choice.days), ""),
        "channels": [(name, mark_of(name)[1]) for name in channels],
        "queries": named,
        "others": [(pk, name) for pk, name in named if not asked or pk != asked.pk],
        "sentiments": list(SENTIMENTS.items()),
        "kept": [(name, value) for name, value in request.GET.items() if name not in ("from", "to", "days")],
        "narrowed": [
            (name, _filter_name(name, value)) for name in ("topic", "language", "country") if (value := request.GET.get(name, "").strip())
        ],
    }


def _filter_name(name: str, value: str) -> str:
    if name == "topic":
        return label("topics", value)
    return board_page.country(value) if name == "country" else board_page.language(value)
