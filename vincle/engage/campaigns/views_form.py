"""The form of a campaign: begun from a segment or a plan, changed, and beside it whom it would reach."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.letters import testing
from vincle.organise import members

from . import actions, checking, form, reach, texts
from .checking import Refused
from .models import Campaign
from .views_list import one, url


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponseBase:
    """An empty form; `?segment=` and `?letter=` are chosen in it already."""
    campaign = Campaign(workspace=request.workspace)
    if request.method == "POST":
        return _save(request, campaign)
    if members.found(request.workspace, request.GET.get("segment", "")):
        campaign.inside = [request.GET["segment"]]
    letter = request.GET.get("letter", "")
    if letter.isascii() and letter.isdigit():
        campaign.arms = [{"letter": int(letter), "version": None, "share": 50}]
    ways = testing.connections(request.workspace)
    campaign.connection_id = ways[0].pk if ways else None
    return _form(request, campaign)


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, campaign: str) -> HttpResponseBase:
    row = one(request, campaign)
    if not row.is_open:
        messages.error(request, _("Only a draft can be changed. Take it back to a draft first."))
        return redirect("campaigns:one", workspace=request.workspace.slug, campaign=row.public)
    return _save(request, row) if request.method == "POST" else _form(request, row)


def _save(request: WorkspaceRequest, row: Campaign) -> HttpResponseBase:
    try:
        values = form.typed(request.POST, request.workspace)
        if row._state.adding:
            row = actions.create(request.workspace, request.user, values)
        else:
            row = actions.change(request.workspace, request.user, row, values)
    except Refused as refused:
        return _form(request, _as_typed(request, row), str(refused))
    messages.success(request, _("Kept."))
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=row.public)


def _as_typed(request: WorkspaceRequest, row: Campaign) -> Campaign:
    """The form again with as much of what was typed as can be kept."""
    for name in checking.FIELDS:
        try:
            value = form.typed(request.POST, request.workspace)[name]
            setattr(row, name, checking.checked(request.workspace, {name: value})[name])
        except Refused:
            continue
    row.name = request.POST.get("name", "")[:120]
    return row


def _form(request: WorkspaceRequest, row: Campaign, problem: str = "") -> HttpResponse:
    context = {
        "campaign": row,
        "problem": problem,
        **form.offered(request.workspace, row),
        "back_url": url(request, "one", campaign=row.public) if row.pk else url(request, "list"),
        "reach_url": url(request, "reach"),
        "arms_url": url(request, "arms"),
    }
    return render(request, "campaigns/form.html", context, status=422 if problem else 200)


@allow(May.SPEAK)
@never_cache
@require_POST
def arms(request: WorkspaceRequest) -> HttpResponse:
    """A part of the form: the rows of letters, with an empty one behind those chosen."""
    try:
        chosen: list[dict[str, Any]] = form.arms(request.POST)
    except Refused:
        chosen = []
    return render(request, "campaigns/_arms.html", {**form.rows_of(request.workspace, chosen), "arms_url": url(request, "arms")})


@allow(May.SPEAK)
@never_cache
@require_POST
def reached(request: WorkspaceRequest) -> HttpResponse:
    """A part of the form: whom what stands in it would reach, and what can be told afterwards."""
    row, problem = Campaign(workspace=request.workspace), ""
    try:
        for name, value in checking.checked(request.workspace, {**form.typed(request.POST, request.workspace), "name": "-"}).items():
            setattr(row, name, value)
    except Refused as refused:
        problem = str(refused)
    return render(request, "campaigns/_reach.html", {"problem": problem, **foreseen(row)})


def foreseen(row: Campaign) -> dict[str, Any]:
    """Whom it would reach now, in numbers and sentences."""
    outlook = reach.outlook(row.workspace, row)
    return {
        "outlook": outlook,
        "reasons": texts.reasons(outlook.left_out),
        "says": texts.outlook_said(row, outlook.plain) if outlook.members else [],
        "share": outlook.reach / outlook.members if outlook.members else 0,
    }
