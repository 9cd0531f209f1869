"""What lies on the way to a purchase, and which part of the sale each touchpoint may claim; what the team decides about it."""

from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.science.attribution import MODELS, agreeing
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import asking, channels, costs, exporting, page, reading, rules, spending, words
from .asking import Asked
from .experiments import campaigns, shown
from .models import TouchExperiment
from .reading import Found

MOST_PEOPLE, MOST_SEGMENTS = 100, 40


@allow(May.SEE)
@never_cache
@require_safe
def touchpoints(request: WorkspaceRequest) -> HttpResponseBase:
    """GET days, from, to, segment, product, order, by."""
    return _answered(request, lambda asked, found: render(request, "touchpoints/touchpoints.html", _context(request, asked, found)))


def _answered(request: WorkspaceRequest, make: Any) -> HttpResponseBase:
    try:
        asked = asking.asked(request.workspace, request.GET.dict())
        if asked is None:
            return render(request, "touchpoints/nothing.html", {"may_import": request.may(May.IMPORT)})
        answer: HttpResponseBase = make(asked, reading.read(request.workspace, asked.wanted))
    except EngineError as error:
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)
    return answer


def _context(request: WorkspaceRequest, asked: Asked, found: Found) -> dict[str, Any]:
    workspace = request.workspace
    table = page.rows(found)
    spent = spending.spent(costs.costs_of(workspace), asked.wanted.first, asked.wanted.last, [row["kind"] for row in table])
    return {
        "asked": asked, "found": found, "table": table, "sentence": words.headline(table, found.told.conversions),
        "agreement": words.agreement(agreeing.whole(found.told), found.told.agreement),
        "looked": words.journeys(found.told.conversions, found.told.journeys - found.told.conversions, asked.wanted.rules.window),
        "most_named": channels.MOST, "untouched": round(found.told.untouched), "heat": page.heat(table),
        "flows": page.flows(found), "paths": page.paths(found),
        "stages": page.stages(found, asked.wanted.rules), "pace": page.pace(found),
        "largest": max((row["most"] for row in table), default=1),
        "money": page.money(table, spent.by, found), "apart": words.apart(spent.apart, workspace.currency),
        "kinds": [(kind, label, asked.wanted.rules.stages.get(kind, "")) for kind, label in words.KINDS.items()],
        "stage_names": list(words.STAGES.items()), "windows": rules.WINDOWS,
        "models": [(m, words.MODELS[m], words.ABOUT[m]) for m in MODELS],
        "experiments": experiments(request), "query": f"?{request.GET.urlencode()}" if request.GET else "",
        "campaigns": campaigns(workspace), "base": round(100 * found.told.rate, 1), "rate": found.told.rate,
        "a_day": round(found.told.journeys / asked.days, 1), **_chips(request, asked),
        **{f"may_{each}": request.may(may) for each, may in (("manage", May.MANAGE), ("export", May.EXPORT), ("speak", May.SPEAK))},
    }  # fmt: skip


def _chips(request: WorkspaceRequest, asked: Asked) -> dict[str, Any]:
    segments = [(row.public, row.name, row.members) for row in members.listed(request.workspace, archived=False)[:MOST_SEGMENTS]]
    products = reading.products(request.workspace, asked.wanted.first, asked.wanted.last)
    lengths = [(key, _("Last %(n)s days") % {"n": number(days)}) for key, days in asking.LENGTHS.items()]
    levels = [(key, label) for key, label in words.LEVELS.items() if key != "kind"]
    return {"levels": levels, "segments": segments, "products": [(each, each) for each in products], "lengths": lengths}


def experiments(request: WorkspaceRequest) -> list[dict[str, Any]]:
    rows = TouchExperiment.objects.of(request.workspace).order_by("-at")[:20]
    return [shown(request.workspace, row) for row in rows]


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest) -> HttpResponseBase:
    """GET as the page, and path (touchpoints joined by ">"): whoever went this way, purchases first."""
    return _answered(request, lambda asked, found: _people(request, found))


def _people(request: WorkspaceRequest, found: Found) -> HttpResponse:
    kinds = [kind for kind in request.GET.get("path", "").split(">") if kind]
    went = _along(found, kinds)
    known = Profile.objects.of(request.workspace).in_bulk([person for person, _end, _won in went[:MOST_PEOPLE]], field_name="person")
    rows = [
        {"profile": known.get(person), "key": person, "end": end, "won": won,
         "url": reverse("organise:person", kwargs={"workspace": request.workspace.slug, "pid": public_id(person)})}
        for person, end, won in went[:MOST_PEOPLE]
    ]  # fmt: skip
    back = request.GET.copy()
    back.pop("path", None)
    url = reverse("touchpoints:touchpoints", kwargs={"workspace": request.workspace.slug})
    context = {"rows": rows, "total": len(went), "names": [words.name(kind) for kind in kinds], "back": f"{url}?{back.urlencode()}"}
    return render(request, "touchpoints/people.html", context)


def _along(found: Found, kinds: list[str]) -> list[tuple[int, Any, bool]]:
    """(person, moment, bought) of journeys along exactly this path, the newest purchases first."""
    from datetime import UTC, datetime

    paths = found.built.paths
    if not set(kinds) <= set(paths.channels) or not kinds or not paths.size:
        return []
    wanted = np.array([paths.channels.index(kind) for kind in kinds], np.int32)
    rows = np.flatnonzero(paths.lengths == len(wanted))
    at = paths.starts[rows][:, None] + np.arange(len(wanted))
    rows = rows[(paths.steps[at] == wanted).all(axis=1)]
    order = rows[np.lexsort((-found.built.end[rows], ~found.built.won[rows]))]
    return [(int(found.built.person[i]), datetime.fromtimestamp(int(found.built.end[i]), UTC), bool(found.built.won[i])) for i in order]


@allow(May.EXPORT)
@require_safe
def table_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """By touchpoint what every way of counting gives it, in purchases and in money."""

    def made(asked: Asked, found: Found) -> HttpResponseBase:
        audit.record(request.workspace, request.user, "exported", "touchpoints")
        columns, lines = exporting.table(found)
        return csv_response(f"touchpoints-{asked.wanted.last}.csv", columns, lines)

    return _answered(request, made)


@allow(May.EXPORT)
@require_safe
def paths_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Ways one by one, with the days from each touchpoint to their end: as `vincle attribute --days days` reads them."""

    def made(asked: Asked, found: Found) -> HttpResponseBase:
        audit.record(request.workspace, request.user, "exported", "touchpoints", "", _("Ways"))
        return csv_response(f"paths-{asked.wanted.last}.csv", exporting.PATHS, exporting.paths(found))

    return _answered(request, made)


@allow(May.EXPORT)
@require_safe
def transitions_csv(request: WorkspaceRequest) -> HttpResponseBase:
    def made(asked: Asked, found: Found) -> HttpResponseBase:
        rows = ([each.origin, each.target, each.probability] for each in found.told.transitions)
        return csv_response(f"transitions-{asked.wanted.last}.csv", ["from", "to", "probability"], rows)

    return _answered(request, made)


@allow(May.MANAGE)
@require_POST
def save_rules(request: WorkspaceRequest) -> HttpResponseBase:
    """POST stage_<kind>, window, first_only."""
    stages = {kind: request.POST.get(f"stage_{kind}", "") for kind in words.KINDS}
    window = request.POST.get("window", "")
    days = int(window) if window.isdecimal() and len(window) < 5 else 0
    try:
        rules.set_rules(request.workspace, request.user, stages, days, bool(request.POST.get("first_only")))
    except rules.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


def back(request: WorkspaceRequest) -> HttpResponseBase:
    return redirect("touchpoints:touchpoints", workspace=request.workspace.slug)


