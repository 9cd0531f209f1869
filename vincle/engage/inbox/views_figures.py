"""Service: how soon people are answered, by whom, at what cost, what waits, and what they thought of it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen import stream
from vincle.store.export import csv_response
from vincle.web.tags.people import channel_name

from . import figures_cost, figures_csv, figures_page, figures_words
from .figures import Figures
from .figures_when import LENGTHS, Choice, choose

PARTS: dict[str, tuple[Any, Callable[[WorkspaceRequest, Figures], dict[str, Any]]]] = {
    "speed": (figures_page.SPEED, figures_page.speed),
    "team": (figures_page.TEAM, figures_page.team),
    "cost": (figures_page.COST, figures_page.cost),
    "questions": (figures_page.QUESTIONS, figures_page.questions),
    "satisfaction": (figures_page.SATISFACTION, figures_page.satisfaction),
}


@allow(May.SEE)
@never_cache
@require_safe
def figures(request: WorkspaceRequest) -> HttpResponse:
    """GET `about` (one of PARTS), `days` (7, 28, 90) or `from` and `to`, `channel` (several)."""
    about = request.GET.get("about", "")
    about = about if about in PARTS else "speed"
    choice = choose(request.GET, request.workspace.timezone)
    told = PARTS[about][1](request, Figures(request.workspace, choice))
    context = {
        **told, **_chips(request, choice), "about": about, "part": f"inbox/figures_{about}.html", "tabs": _tabs(request, about),
        "choice": choice, "currency": request.workspace.currency, "may_manage": request.may(May.MANAGE),
    }  # fmt: skip
    return render(request, "inbox/figures.html", context)


def _tabs(request: WorkspaceRequest, about: str) -> list[tuple[str, str, bool, None]]:
    found = []
    for name, (word, _told) in PARTS.items():
        params = request.GET.copy()
        params["about"] = name
        found.append((str(word), f"?{params.urlencode()}", name == about, None))
    return found


def _chips(request: WorkspaceRequest, choice: Choice) -> dict[str, Any]:
    lengths = [(days, _("Last %(days)s days") % {"days": days}) for days in LENGTHS]
    known = {*stream.channels_of(request.workspace), *choice.channels}
    kept = [(name, value) for name in ("about", "channel") for value in request.GET.getlist(name)]
    return {
        "lengths": lengths, "length": next((label for days, label in lengths if days == choice.days), ""),
        "dates": figures_words.days(choice), "kept": kept,
        "channel_choices": sorted(((name, channel_name(name)) for name in known), key=lambda row: row[1].casefold()),
        "downloads": _downloads(request) if request.may(May.EXPORT) else {},
    }  # fmt: skip


def _downloads(request: WorkspaceRequest) -> dict[str, str]:
    """Addresses of the files, for the choice of this page."""
    at = reverse("inbox:figures_csv", kwargs={"workspace": request.workspace.slug})
    asked = [(name, value) for name in ("days", "from", "to", "channel") for value in request.GET.getlist(name)]
    return {name: f"{at}?{urlencode([('table', name), *asked])}" for name in figures_csv.SHEETS}


@allow(May.EXPORT)
@never_cache
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """One table as CSV: GET `table` and what the page takes."""
    name = request.GET.get("table", "")
    if name not in figures_csv.SHEETS:
        raise Http404
    choice = choose(request.GET, request.workspace.timezone)
    sheet = figures_csv.SHEETS[name](Figures(request.workspace, choice))
    told: dict[str, Any] = {"from": str(choice.first), "to": str(choice.last), "channels": list(choice.channels)}
    audit.record(request.workspace, request.user, "exported", "figures", "", name, **told)
    return csv_response(f"{name}-{choice.first}-{choice.last}.csv", sheet.headings, sheet.rows)


@allow(May.MANAGE)
@require_POST
def set_cost(request: WorkspaceRequest) -> HttpResponse:
    """What an hour of work costs: POST `amount`, empty when it is not known."""
    try:
        amount = figures_cost.set_hourly(request.workspace, request.user, request.POST.get("amount", ""))
        words = _("An hour of work costs %(amount)s.") % {"amount": figures_words.cents(amount, request.workspace.currency)}
        messages.success(request, words if amount is not None else _("What an hour of work costs is not known any more."))
    except figures_cost.Refused as refused:
        messages.error(request, str(refused))
    asked = [(name, value) for name in ("days", "from", "to", "channel") for value in request.POST.getlist(name)]
    at = reverse("inbox:figures", kwargs={"workspace": request.workspace.slug})
    return redirect(f"{at}?{urlencode([('about', 'cost'), *asked])}")
