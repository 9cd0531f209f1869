"""Communication plans: how each segment is spoken to, and what came of it."""

from datetime import date
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User
from vincle.engines.base import EngineError
from vincle.web.tags.formats import day, number, percent
from vincle.web.tags.people import channel_name

from . import did_form, planning, team
from .models import Plan, Segment
from .segment_offers import Offers
from .segment_words import Names, sentence, wrong
from .segments.reading import BadPredicate, read
from .views_people import say

SUCCESS = {"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}}
MEANS = ("email", "phone")
"""Ways to speak that need no connection."""


@allow(May.SEE)
@require_safe
def list_plans(request: WorkspaceRequest) -> HttpResponseBase:
    plans = (
        Plan.objects.of(request.workspace).filter(segment__archived_at=None).select_related("segment", "owner").order_by("segment__name")
    )
    planned = {plan.segment_id for plan in plans}
    without = Segment.objects.of(request.workspace).filter(archived_at=None).exclude(pk__in=planned).order_by("name")[:60]
    rows = [
        {"plan": plan, "every": every(plan.every_days), "channel": channel_name(plan.channel) if plan.channel else ""} for plan in plans
    ]
    return render(request, "organise/plans.html", {"rows": rows, "without": without, "may_edit": request.may(May.EDIT_PEOPLE)})


def every(days: int | None) -> str:
    """How often: "every 14 days"."""
    if not days:
        return ""
    return ngettext("every day", "every %(n)s days", days) % {"n": number(days)}


def _segment(request: WorkspaceRequest, public: str) -> Segment:
    found: Segment = get_object_or_404(Segment.objects.of(request.workspace), public=public.replace("\0", ""))
    return found


@allow(May.SEE)
@never_cache
@require_safe
def plan(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    """The plan of a segment: read by everyone, changed by whoever may."""
    segment = _segment(request, public)
    return _page(request, segment, Plan.objects.of(request.workspace).filter(segment=segment).select_related("owner").first())


def _page(
    request: WorkspaceRequest, segment: Segment, found: Plan | None, typed: dict[str, Any] | None = None, problem: str = ""
) -> HttpResponseBase:
    offers = Offers(request.workspace)
    values = typed or {name: getattr(found, name) if found else planning.EMPTY[name] for name in planning.FIELDS}
    own = [(each, channel_name(each)) for each in MEANS if each not in dict(offers.channels)]
    context = {
        "segment": segment, "plan": found, "values": values, "problem": problem, "channels": [*own, *offers.channels],
        "members": sorted(User.objects.filter(memberships__workspace=request.workspace), key=lambda user: str(user).casefold()),
        "did": did_form.fields(values["success"] or SUCCESS, offers), "has_success": bool(values["success"]),
        "success_said": _success(request, found),
        "every": every(found.every_days if found else None),
        "channel_said": channel_name(found.channel) if found and found.channel else "", "may_edit": request.may(May.EDIT_PEOPLE),
    }  # fmt: skip
    return render(request, "organise/plan.html", context)


@allow(May.EDIT_PEOPLE)
@require_POST
def keep_plan(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    segment = _segment(request, public)
    typed, problem = _typed(request)
    if not problem:
        try:
            done = planning.keep(request.workspace, request.user, segment, **typed)
            say(request, _("The plan is kept.") if done.people else _("Nothing was changed."), done)
            return redirect("organise:plan", workspace=request.workspace.slug, public=segment.public)
        except BadPredicate as bad:
            problem = wrong(bad, Names.of(request.workspace))
        except team.Refused as refused:
            problem = str(refused)
    found = Plan.objects.of(request.workspace).filter(segment=segment).select_related("owner").first()
    return _page(request, segment, found, typed, problem)


def _typed(request: WorkspaceRequest) -> tuple[dict[str, Any], str]:
    """The fields as they are kept, and what cannot be read of them."""
    text = {
        name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("goal", "message", "channel", "every", "owner", "starts")
    }
    problem, starts = "", None
    try:
        starts = date.fromisoformat(text["starts"]) if text["starts"] else None
    except ValueError:
        problem = _("“%(value)s” is not a date; write it as 2026-03-31.") % {"value": text["starts"][:60]}
    days = _whole(text["every"])
    if text["every"] and days is None:
        problem = _("Every so many days: a number from 1 to %(most)d.") % {"most": planning.MOST_DAYS}
    success = did_form.expression(request.POST) if request.POST.get("has_success") else {}
    typed = {
        "goal": text["goal"], "message": text["message"].replace("\r\n", "\n"), "channel": text["channel"][:40], "every_days": days,
        "owner_id": _whole(text["owner"]), "success": success, "starts_on": starts,
    }  # fmt: skip
    return typed, problem


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@allow(May.EDIT_PEOPLE)
@require_POST
def drop_plan(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    segment = _segment(request, public)
    found = Plan.objects.of(request.workspace).filter(segment=segment).select_related("segment").first()
    if found is None:
        raise Http404
    say(request, _("The plan is gone."), planning.drop(request.workspace, request.user, found))
    return redirect("organise:plans", workspace=request.workspace.slug)


@allow(May.SEE)
@never_cache
@require_safe
def plan_result(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    """A part of the plan's page: who did it, of members and of all others."""
    segment = _segment(request, public)
    found = get_object_or_404(Plan.objects.of(request.workspace), segment=segment)
    return render(request, "organise/parts/plan_result.html", {"plan": found, "segment": segment, **_result(request, found)})


@allow(May.SEE)
@never_cache
@require_safe
def plan_print(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    """All of a plan on one sheet."""
    segment = _segment(request, public)
    found = get_object_or_404(Plan.objects.of(request.workspace).select_related("owner"), segment=segment)
    context = {
        "plan": found, "segment": segment, "success_said": _success(request, found), "every": every(found.every_days),
        "channel_said": channel_name(found.channel) if found.channel else "", **_result(request, found),
    }  # fmt: skip
    return render(request, "organise/plan_print.html", context)


def _success(request: WorkspaceRequest, found: Plan | None) -> str:
    """What counts as success, as a sentence."""
    if found is None or not found.success:
        return ""
    names = Names.of(request.workspace)
    try:
        return sentence(read(found.success), names)
    except BadPredicate as bad:
        return wrong(bad, names)


def _result(request: WorkspaceRequest, found: Plan) -> dict[str, Any]:
    try:
        measured = planning.measure(request.workspace, found)
    except (EngineError, BadPredicate):
        return {"problem": _("This cannot be counted now. It is tried again when the page is opened next.")}
    if measured is None:
        return {}
    rows = ((_("of members"), measured.inside, ""), (_("of everyone else"), measured.outside, "neu"))
    shares = [
        {"label": label, "each": each, "tone": tone, "share": _written(each.share), "low": _written(each.low), "high": _written(each.high)}
        for label, each, tone in rows
    ]
    return {"measured": measured, "finding": _finding(measured), "shares": shares}


def _written(share: float) -> str:
    """A share with a decimal only where there would be too little left without."""
    return str(percent(share, 1 if 0 < share < 0.1 else 0))


def _finding(measured: planning.Measured) -> str:
    """What the comparison says, in a sentence."""
    words = {"inside": _written(measured.inside.share), "outside": _written(measured.outside.share), "day": day(measured.since)}
    if not measured.inside.people:
        return _("Nobody has been in the segment since %(day)s.") % words
    if not measured.is_apart:
        return _("%(inside)s of members did it since %(day)s, %(outside)s of everyone else: the two cannot be told apart.") % words
    return _("%(inside)s of members did it since %(day)s, %(outside)s of everyone else.") % words
