"""Quality: how good the links are, with the team's own decisions as truth."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import day, number, percent

from .review import open_cases
from .waterfall import in_words

if TYPE_CHECKING:
    from . import quality


@allow(May.SEE)
@never_cache
@require_safe
def page(request: WorkspaceRequest) -> HttpResponse:
    """Precision, recall, calibration, errors, what counts how much, and the last run."""
    from . import quality  # at first use: it brings the numerical libraries

    found = quality.quality(request.workspace)
    return render(request, "identify/quality.html", {"quality": found, "waiting": open_cases(request), **_context(found)})


def _context(found: "quality.Quality") -> dict[str, Any]:
    weights = [each.weight for each in found.weights]
    return {
        "tiles": _tiles(found), "calibration": _calibration(found), "calibration_title": _calibration_title(found),
        "weeks": _weeks(found), "weeks_title": _weeks_title(found), "errors": [(each, _sure(each.probability)) for each in found.errors],
        "low": min([0.0, *weights]), "high": max([0.0, *weights]), "prior_odds": round(2.0**-found.prior) if found.trained else 0,
        "is_empty": not (found.standing.whole or found.decisions or found.open_questions),
    }  # fmt: skip


def _tiles(found: "quality.Quality") -> list[dict[str, str]]:
    shares = (
        (_("Precision, questions included"), found.precision, _("%(part)s of %(whole)s links and answers were right")),
        (_("Recall"), found.recall, _("%(part)s of %(whole)s joins were Vincle's own or its question")),
        (_("Links that stand"), found.standing, _("%(part)s of %(whole)s made by itself")),
        (_("Answered “same person”"), found.confirmed, _("%(part)s of %(whole)s questions")),
    )
    tiles = [{"label": label, "value": _share(share), "note": _of(share, sentence)} for label, share, sentence in shares]
    harmonic = {"label": "F1", "value": "–" if found.f1 is None else percent(found.f1, 1), "note": _("Harmonic mean of the two")}
    return [*tiles[:2], harmonic, *tiles[2:]]


def _share(share: "quality.Share") -> str:
    return "–" if share.value is None else percent(share.value, 1)


def _of(share: "quality.Share", sentence: str) -> str:
    if not share.whole:
        return _("Nothing to say it by yet")
    bounds = _("between %(low)s and %(high)s") % {"low": percent(share.low, 1), "high": percent(share.high, 1)}
    return f"{sentence % {'part': number(share.part), 'whole': number(share.whole)}} · {bounds}"


def _sure(probability: float | None) -> str:
    return "–" if probability is None else in_words(probability)


def _calibration(found: "quality.Quality") -> dict[str, Any]:
    bins = found.pairs.bins
    names = [f"{number(each.low * 100)}–{percent(each.high)} ({number(each.count)})" for each in bins]
    shares = [[round(each.observed * 100, 1), round(each.predicted * 100, 1)] for each in bins]
    return {
        "columns": [_("Said (answers)"), _("Was the same"), _("Was said")],
        "rows": [[name, *both] for name, both in zip(names, shares, strict=True)],
        "band": [[round(each.lower * 100, 1), round(each.upper * 100, 1)] for each in bins],
        "unit": "%",
    }


def _calibration_title(found: "quality.Quality") -> str:
    if not found.pairs.bins:
        return _("What is said and what is so")
    values = {"error": number(found.pairs.error * 100, 1), "n": number(found.confirmed.whole)}
    return (
        ngettext(
            "%(n)s answer: what was said and what was so are %(error)s points apart",
            "%(n)s answers: what was said and what was so are %(error)s points apart on average",
            found.confirmed.whole,
        )
        % values
    )


def _weeks(found: "quality.Quality") -> dict[str, Any]:
    columns = [_("Week of"), _("Linked"), _("Answered: same"), _("Answered: not the same"), _("Taken back")]
    return {"columns": columns, "rows": [[day(week), *counts] for week, *counts in found.weeks]}


def _weeks_title(found: "quality.Quality") -> str:
    links = sum(row[1] for row in found.weeks)
    answers = sum(row[2] + row[3] for row in found.weeks)
    return _("%(links)s links and %(answers)s answers in half a year") % {"links": number(links), "answers": number(answers)}
