"""The network: who turns to whom, as a picture and as tables; who leads, who stands between, who brought whom."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import influence_actions, influence_due, influence_page
from .models import Network, ScoreRun
from .team import Refused


@allow(May.SEE)
@never_cache
@require_safe
def network(request: WorkspaceRequest) -> HttpResponse:
    """GET community: number of a community, to see only its people in the lists."""
    found = influence_page.network(request.workspace)
    problem = ScoreRun.objects.of(request.workspace).filter(name="influence").values_list("problem", flat=True).first()
    context: dict[str, Any] = {
        "network": found, "problem": problem or "", "is_asked": influence_due.is_asked(request.workspace),
        "may_edit": request.may(May.EDIT_PEOPLE), "may_import": request.may(May.IMPORT), "sentence": _sentence(found),
    }  # fmt: skip
    if found is not None and found.people:
        context |= _filled(request)
    return render(request, "organise/network.html", context)


def _filled(request: WorkspaceRequest) -> dict[str, Any]:
    groups = influence_page.groups(request.workspace)
    asked = request.GET.get("community", "")
    chosen = next((group for group in groups if asked.isdecimal() and group.number == int(asked)), None)
    only = chosen.number if chosen else None
    branches, brought = influence_page.brought(request.workspace)
    return {
        "groups": groups, "chosen": chosen, "leaders": influence_page.first(request.workspace, "influence", only),
        "brokers": influence_page.first(request.workspace, "broker", only, most=10), "branches": branches, "brought": brought,
        "download": _address(request, "network_people") if request.may(May.EXPORT) else "",
    }  # fmt: skip


def _address(request: WorkspaceRequest, name: str) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": request.workspace.slug})


def _sentence(found: Network | None) -> str:
    if found is None or not found.people:
        return _("Who answers, shares, names and brings whom among your people.")
    people = ngettext("%(n)s person turns to others", "%(n)s people turn to one another", found.people) % {"n": number(found.people)}
    ties = ngettext("%(n)s tie", "%(n)s ties", found.ties) % {"n": number(found.ties)}
    return _("%(people)s, by %(ties)s. Older acts count less; our own accounts are left out.") % {"people": people, "ties": ties}


@allow(May.SEE)
@never_cache
@require_safe
def picture(request: WorkspaceRequest) -> JsonResponse:
    """People with their places, ties, and the communities: what the page draws."""
    return JsonResponse(influence_page.picture(request.workspace))


@allow(May.EXPORT)
@require_safe
def people(request: WorkspaceRequest) -> HttpResponseBase:
    """Everybody in the network with their figures, as CSV."""
    return csv_response("network.csv", influence_page.COLUMNS, influence_page.every(request.workspace))


@allow(May.EDIT_PEOPLE)
@require_POST
def look_again(request: WorkspaceRequest) -> HttpResponseBase:
    """Have the worker look at the network now."""
    influence_due.ask(request.workspace)
    return redirect("organise:network", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def name_community(request: WorkspaceRequest, number: int) -> HttpResponseBase:
    """POST name: what the team calls this community; empty gives back the one by what it speaks of."""
    try:
        influence_actions.name_community(request.workspace, request.user, number, request.POST.get("name", ""))
    except Refused as refused:
        raise Http404(str(refused)) from refused
    return redirect(f"{_address(request, 'network')}?community={number}#people")
