"""Joining someone with another person from their own page: search, look at both, join."""

from typing import Any

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.identify import actions as identity
from vincle.identify import review
from vincle.identify.models import Move

from .models import Profile
from .views_fragments import found
from .views_person import living

MOST = 10


@allow(May.DECIDE_IDENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """`q` searches someone, `other` (a public id) shows both face to face; POST with `other` joins them."""
    profile = living(request, pid)
    params = request.POST if request.method == "POST" else request.GET
    other = _other(request, profile, params.get("other", ""))
    if request.method == "POST":
        return _join(request, profile, other)
    words = params.get("q", "").replace("\x00", "").strip()[:200]
    context: dict[str, Any] = {"profile": profile, "words": words, "is_same": params.get("other", "") != "" and other is None}
    if other is not None:
        context |= review.pair(request.workspace, profile.person, other.person)
    elif words:
        context["found"] = [row for row in found(request, words) if row.person != profile.person][:MOST]
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "organise/merge_found.html" if is_part else "organise/merge.html", context)


def _other(request: WorkspaceRequest, profile: Profile, pid: str) -> Profile | None:
    if not pid:
        return None
    other = living(request, pid)
    return other if other.person != profile.person else None


def _join(request: WorkspaceRequest, profile: Profile, other: Profile | None) -> HttpResponseBase:
    slug = request.workspace.slug
    if other is None:
        messages.error(request, _("Choose another person to join with."))
        return redirect("organise:merge", workspace=slug, pid=profile.public)
    survivors = review.survivors_of(request.POST)
    try:
        kept = identity.merge(request.workspace, profile.person, other.person, request.user, survivors=survivors)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("organise:merge", workspace=slug, pid=profile.public)
    person = identity.person_of(request.workspace, kept)
    if person is None:
        raise Http404
    newest = Move.objects.of(request.workspace).filter(person=kept, act=Move.Act.MERGE, by=request.user).order_by("-pk").first()
    undo = reverse("organise:identity_undo", kwargs={"workspace": slug, "pid": person.public, "move": newest.pk}) if newest else ""
    messages.success(request, _("They are one person now."), extra_tags=f"undo:{undo}" if undo else "")
    return redirect("organise:person", workspace=slug, pid=person.public)
