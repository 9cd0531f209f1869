"""Plans to begin with, each with who it would reach, what it brought so far, and when it is due again."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.engage.letters.phrases import LANGUAGES
from vincle.web.tags.formats import money

from . import measuring, plan_journeys, plans, repeating, texts
from .checking import Refused
from .models import Campaign
from .views_list import url


@allow(May.SEE)
@never_cache
@require_safe
def list_plans(request: WorkspaceRequest) -> HttpResponse:
    rows = [
        {"standing": each, "brought": _brought(each.campaigns)}
        for each in plans.standing(request.workspace)
    ]
    context = {
        "rows": rows,
        "tabs": speaking.tabs(request.workspace, "campaigns"),
        "may_speak": request.may(May.SPEAK),
        "may_approve": request.may(May.APPROVE),
        "has_journeys": plan_journeys.is_there(),
        **{f"{name}_url": url(request, f"plan_{name}") for name in ("begin", "repeat", "journey")},
        "back_url": url(request, "list"),
    }
    return render(request, "campaigns/plans.html", context)


def _brought(campaigns: list[Campaign]) -> list[dict[str, Any]]:
    """What the last ones changed, as it was measured last."""
    found = []
    for row in [each for each in campaigns if each.begun_at][:3]:
        lift = measuring.against_held(row, measuring.counted(row))
        found.append(
            {
                "campaign": row,
                "times": texts.times(lift.times) if lift else "",
                "is_sure": bool(lift and lift.is_sure),
                "money": money(round(lift.money.value), row.workspace.currency) if lift and lift.money.value == lift.money.value else "",
            }
        )
    return found


@allow(May.APPROVE)
@require_POST
def repeat(request: WorkspaceRequest) -> HttpResponseBase:
    """The plan that `key` names repeats by itself from now on; with `do=stop`, no more."""
    key = request.POST.get("key", request.GET.get("key", ""))
    if request.POST.get("do", request.GET.get("do", "")) == "stop":
        if repeating.end(request.workspace, request.user, key):
            undo = f"undo:{url(request, 'plan_repeat')}?key={quote(key)}"
            messages.success(request, _("It repeats no more. What is on its way goes on."), extra_tags=undo)
        return redirect("campaigns:plans", workspace=request.workspace.slug)
    try:
        run = repeating.begin(request.workspace, request.user, key)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        day = date_format(localtime(run.next_at), "DATE_FORMAT")
        messages.success(request, _("It repeats by itself; the next one leaves on %(day)s.") % {"day": day})
    return redirect("campaigns:plans", workspace=request.workspace.slug)


@allow(May.SPEAK)
@require_POST
def journey(request: WorkspaceRequest) -> HttpResponseBase:
    """The draft of a journey of the plan that `key` names."""
    try:
        public = plans.begin_journey(request.workspace, request.user, request.POST.get("key", ""), _language())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("campaigns:plans", workspace=request.workspace.slug)
    messages.success(request, _("The journey is made. Read its letter, then start it."))
    told = plan_journeys.told(request.workspace, [public])
    return HttpResponseRedirect(told[public].url) if public in told else redirect("campaigns:plans", workspace=request.workspace.slug)


def _language() -> str:
    language = (get_language() or "en")[:2]
    return language if language in LANGUAGES else "en"


@allow(May.SPEAK)
@require_POST
def begin(request: WorkspaceRequest) -> HttpResponseBase:
    """A draft of the plan that `key` names."""
    key = request.POST.get("key", "")
    try:
        made = plans.begin(request.workspace, request.user, key, _language())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("campaigns:plans", workspace=request.workspace.slug)
    messages.success(request, _("A draft is made. Read the letter, make it your own, then ask for approval."))
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=made.public)
