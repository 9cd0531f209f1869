"""What the team sets: targets, what it spent, and when a customer counts as lost."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import actions
from .actions import Refused
from .base import POINTS, SHARE
from .registry import kpis


def _back(request: WorkspaceRequest, fallback: str) -> HttpResponse:
    wanted = request.POST.get("next", "")
    return redirect(wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else fallback)


@allow(May.MANAGE)
@require_POST
def target(request: WorkspaceRequest, kpi: str) -> HttpResponse:
    """POST kind, value (a share in percent; empty takes the target away), next."""
    if kpi not in kpis():
        raise Http404("no such figure")
    try:
        found = actions.number_of(request.POST.get("value"))
        if found is not None and kpis()[kpi].unit in (SHARE, POINTS):
            found /= 100
        actions.set_target(request.workspace, request.user, kpi, request.POST.get("kind", ""), found)
        messages.success(request, _("The target is set.") if found is not None else _("The target is taken away."))
    except Refused as error:
        messages.error(request, str(error))
    return _back(request, reverse("kpis:figure", kwargs={"workspace": request.workspace.slug, "kpi": kpi}))


@allow(May.MANAGE)
@require_POST
def spend(request: WorkspaceRequest) -> HttpResponse:
    """POST spent-YYYY-MM for each month of the form (empty: not known), next. All of them, or none."""
    try:
        wanted = []
        for name, text in request.POST.items():
            if name.startswith("spent-"):
                wanted.append((_month(name.removeprefix("spent-")), actions.number_of(text)))
        changed = actions.set_spends(request.workspace, request.user, wanted)
        messages.success(request, _("What was spent is kept.") if changed else _("Nothing was changed."))
    except Refused as error:
        messages.error(request, str(error))
    return _back(request, reverse("kpis:figure", kwargs={"workspace": request.workspace.slug, "kpi": "cost_to_acquire"}))


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Refused(_("Nothing can be known of this month.")) from error


@allow(May.MANAGE)
@require_POST
def rules(request: WorkspaceRequest) -> HttpResponse:
    """POST lost_after (days), next."""
    text = request.POST.get("lost_after", "").strip()
    try:
        actions.set_lost_after(request.workspace, request.user, int(text) if text.isdecimal() and len(text) < 6 else 0)
        messages.success(request, _("Customers are counted by this from now on, in the past as well."))
    except Refused as error:
        messages.error(request, str(error))
    return _back(request, reverse("kpis:board", kwargs={"workspace": request.workspace.slug}))
