"""The ladder over time: who stands where, who climbs and what went before, and the brands beside each other."""

from typing import Any
from urllib.parse import urlencode

import structlog
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.listen import log
from vincle.web.tags.flows import Flow
from vincle.web.tags.people import stage_name

from . import ladder_words, wording
from .choice import LENGTHS, choose
from .ladder_figures import STAGES, Ladder, Moves
from .ladder_words import NEW
from .metrics.base import Period
from .pulse import span

logger = structlog.get_logger(__name__)
USUAL = "28"
FLAGS_SHOWN = 8


@allow(May.SEE)
@never_cache
@require_safe
def ladder(request: WorkspaceRequest) -> HttpResponse:
    """GET days (7, 28, 90), or from and to; channel."""
    try:
        return _page(request)
    except EngineError as error:
        logger.error("the engine does not answer", error=str(error))
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)


def _page(request: WorkspaceRequest) -> HttpResponse:
    known = span(request.workspace)
    if known is None:
        return render(request, "analyse/nothing.html", {"is_loading": log.last_seq() > 0, "may_import": request.may(May.IMPORT)})
    asked = {"days": USUAL, **request.GET.dict()}
    figures = Ladder(request.workspace, choose(asked, request.workspace.timezone, known[1]))
    choice = figures.choice
    words = _("Last %(days)s days of your data") if choice.is_past else _("Last %(days)s days")
    lengths = [(days, words % {"days": days}) for days in LENGTHS]
    context = {
        "choice": choice, "title": ladder_words.headline(figures), "lengths": lengths,
        "length": next((text for days, text in lengths if days == choice.days), ""),
        "now": {stage: figures.now[stage] for stage in reversed(STAGES)}, "urls": _stage_urls(request), "came": figures.came,
        "flow": _flow(figures), "daily": _daily(figures),
        "rises": [_rise(each) for each in figures.rises], "rises_title": ladder_words.rises_title(figures.rises),
        "voices": [(voice, ladder_words.shares(voice)) for voice in figures.voices],
        "voices_title": ladder_words.voices_title(figures.voices),
        "flags": [(ladder_words.flags_said(flags), people) for flags, people in figures.flags[:FLAGS_SHOWN]],
        "most_flags": max((people for _flags, people in figures.flags), default=1),
    }  # fmt: skip
    return render(request, "analyse/ladder.html", context)


def _stage_urls(request: WorkspaceRequest) -> dict[str, str]:
    people = reverse("organise:people", kwargs={"workspace": request.workspace.slug})
    return {stage: f"{people}?{urlencode({'stage': stage})}" for stage in STAGES}


def _flow(figures: Ladder) -> dict[str, Any]:
    """The bands of the picture: in two halves, so that who climbs and falls back is seen. Who did nothing all along is left out."""
    periods = figures.halves or (figures.period,)
    rows = [
        Flow(step, before or NEW, after, people, ladder_words.moved(before or NEW, after, people))
        for step, period in enumerate(periods)
        for (before, after), people in sorted(_moves(figures, period, len(periods)).items())
        if not (before in ("", STAGES[0]) and after == STAGES[0])
    ]
    ends = [wording.plain_day(period.last) for period in periods]
    return {
        "title": ladder_words.flow_title(figures), "columns": [_("Before"), *ends], "names": ladder_words.flow_names(), "rows": rows,
        "headings": [_("From"), _("Stage"), pgettext("afterwards", "Then"), _("People")],
    }  # fmt: skip


def _moves(figures: Ladder, period: Period, periods: int) -> Moves:
    return figures.whole if periods == 1 else figures.moves(period)


def _daily(figures: Ladder) -> dict[str, Any]:
    """People on each rung at the end of each day that is kept; the inactive are left out, for they are most."""
    shown = list(reversed(STAGES[1:]))
    with_year = len({day.year for day in figures.days}) > 1
    return {
        "columns": [_("Day"), *(stage_name(stage) for stage in shown)],
        "rows": [[wording.short_day(day, with_year), *(counts[stage] for stage in shown)] for day, counts in sorted(figures.days.items())],
        "tones": [f"rung-{stage}" for stage in shown],
        "unit": _("people"),
    }


def _rise(each: Any) -> dict[str, Any]:
    return {"thing": ladder_words.thing(each), "times": ladder_words.times(each.ratio), "row": each, "is_more": each.ratio.low > 1}
