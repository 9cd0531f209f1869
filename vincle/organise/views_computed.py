"""Computed fields: what is counted from what people did, tried on someone before it is kept."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import computed, defining, did_form, people, team
from .computed_words import said
from .models import ComputedTrait, Profile
from .segment_offers import Offers
from .segment_words import Names, wrong
from .segments.reading import BadPredicate
from .views_people import say

BLANK = {"did": {"verb": ["Purchase"]}, "count": {"at_least": 0}, "within": {"days": 90}}


@allow(May.SEE)
@require_safe
def list_computed(request: WorkspaceRequest) -> HttpResponseBase:
    offers, counts = Offers(request.workspace), computed.counted(request.workspace)
    rows = [
        {"trait": each, "said": did_form.said(each.expression, offers), "people": counts.get(each.pk, 0)}
        for each in ComputedTrait.objects.of(request.workspace).filter(hidden_at=None).order_by("name")
    ]
    return render(request, "organise/computed.html", {"rows": rows, "may_edit": request.may(May.EDIT_PEOPLE)})


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_computed(request: WorkspaceRequest) -> HttpResponseBase:
    return _edit(request, None)


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_computed(request: WorkspaceRequest, trait: int) -> HttpResponseBase:
    return _edit(request, _found(request, trait))


def _found(request: WorkspaceRequest, trait: int) -> ComputedTrait:
    found: ComputedTrait = get_object_or_404(ComputedTrait.objects.of(request.workspace), pk=trait, hidden_at=None)
    return found


def _edit(request: WorkspaceRequest, trait: ComputedTrait | None) -> HttpResponseBase:
    """POST with `try` shows what it would say of someone; else it is kept."""
    problem, expression = "", trait.expression if trait else BLANK
    name = str(trait) if trait else ""
    if request.method == "POST":
        expression, name = did_form.expression(request.POST), request.POST.get("name", "")[:120]
        try:
            if "try" not in request.POST:
                return _keep(request, trait, name, expression)
        except BadPredicate as bad:
            problem = wrong(bad, Names.of(request.workspace))
        except team.Refused as refused:
            problem = str(refused)
    context = {
        "trait": trait, "name": name, "problem": problem, "did": did_form.fields(expression, Offers(request.workspace)),
        "examples": _examples(request), **_tried(request, expression),
    }  # fmt: skip
    is_part = request.headers.get("HX-Target") == "tried"
    return render(request, "organise/parts/computed_tried.html" if is_part else "organise/computed_form.html", context)


def _keep(request: WorkspaceRequest, trait: ComputedTrait | None, name: str, expression: dict[str, Any]) -> HttpResponseBase:
    if trait is None:
        defining.define(request.workspace, request.user, name, expression)
        messages.success(request, _("Kept. It is being counted for everybody."))
    else:
        say(request, _("Kept."), defining.change(request.workspace, request.user, trait, name, expression))
    return redirect("organise:computed", workspace=request.workspace.slug)


def _examples(request: WorkspaceRequest) -> list[Profile]:
    """Who did most lately: on them something shows."""
    return list(Profile.objects.of(request.workspace).filter(activities__gt=0).order_by("-activities", "person")[:8])


def _tried(request: WorkspaceRequest, expression: dict[str, Any]) -> dict[str, Any]:
    """What the fields would say of the person chosen."""
    if request.method != "POST":
        return {}
    key = people.person_id(request.POST.get("example", ""))
    profile = Profile.objects.of(request.workspace).filter(person=key).first() if key is not None else None
    if profile is None:
        return {"no_example": True}
    try:
        clause = computed.clause_of(expression)
        value = said(defining.tried(request.workspace, expression, profile.person), clause.measure)
        return {"example": profile, "tried": value or _("unknown")}
    except BadPredicate as bad:
        return {"example": profile, "wrong": wrong(bad, Names.of(request.workspace))}


@allow(May.EDIT_PEOPLE)
@require_POST
def hide_computed(request: WorkspaceRequest, trait: int) -> HttpResponseBase:
    found = _found(request, trait)
    say(request, _("“%(name)s” is counted no longer.") % {"name": found}, defining.hide(request.workspace, request.user, found))
    return redirect("organise:computed", workspace=request.workspace.slug)
