"""Plans to begin with, each with who it would reach, what it brought so far, and when it is due again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.engage.letters.phrases import LANGUAGES
from vincle.web.tags.formats import money

from . import measuring, plans, texts
from .checking import Refused
from .models import Campaign
from .views_list import url


@allow(May.SEE)
@never_cache
@require_safe
def list_plans(request: WorkspaceRequest) -> HttpResponse:
    rows = [
        {"standing": each, "brought": _brought(each.campaigns), "url": url(request, "plan_begin")}
        for each in plans.standing(request.workspace)
    ]
    context = {
        "rows": rows,
        "tabs": speaking.tabs(request.workspace, "campaigns"),
        "may_speak": request.may(May.SPEAK),
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


@allow(May.SPEAK)
@require_POST
def begin(request: WorkspaceRequest) -> HttpResponseBase:
    """A draft of the plan that `key` names."""
    key = request.POST.get("key", "")
    language = (get_language() or "en")[:2]
    try:
        made = plans.begin(request.workspace, request.user, key, language if language in LANGUAGES else "en")
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("campaigns:plans", workspace=request.workspace.slug)
    messages.success(request, _("A draft is made. Read the letter, make it your own, then ask for approval."))
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=made.public)
