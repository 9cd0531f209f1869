"""Experiments that settle what a touchpoint brings."""

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import rules
from .models import TouchExperiment
from .views import back


@allow(May.SPEAK)
@require_POST
def create(request: WorkspaceRequest) -> HttpResponseBase:
    """POST kind, base (percent), lift (percent), held (percent), a_day."""
    try:
        base, lift, held, a_day = (_number(request.POST.get(name, "")) for name in ("base", "lift", "held", "a_day"))
        rules.plan(request.workspace, request.user, request.POST.get("kind", ""), base / 100, lift / 100, held / 100, a_day)
        messages.success(request, _("The experiment is planned."))
    except rules.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


def _number(text: str) -> float:
    try:
        found = float(text.strip().removesuffix("%").replace(",", ".") or 0)
    except ValueError as error:
        raise rules.Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": text[:20]}) from error
    if not 0 <= found < 1e9:
        raise rules.Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": text[:20]})
    return found


def _one(request: WorkspaceRequest, pk: int) -> TouchExperiment:
    found = TouchExperiment.objects.of(request.workspace).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@allow(May.SPEAK)
@require_POST
def settle(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """POST campaign, or treated, converted, held, converted_held."""
    try:
        rules.settle(request.workspace, request.user, _one(request, pk), request.POST.dict())
    except rules.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


@allow(May.SPEAK)
@require_POST
def campaign(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """The draft of a campaign that carries it out."""
    try:
        made = rules.make_campaign(request.workspace, request.user, _one(request, pk))
    except rules.Refused as refused:
        messages.error(request, str(refused))
        return back(request)
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=made.public)


@allow(May.SPEAK)
@require_POST
def delete(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    rules.drop(request.workspace, request.user, _one(request, pk))
    return back(request)
