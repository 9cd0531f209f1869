"""What is done to many people at once, and the way back from it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User
from vincle.web.tags.formats import number

from . import team
from .models import Tag
from .views_people import say, selection


def back(request: WorkspaceRequest) -> HttpResponse:
    """To the page the verb was called from."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect("organise:people", workspace=request.workspace.slug)


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": number(count)}


@allow(May.EDIT_PEOPLE)
@require_POST
def bulk_tag(request: WorkspaceRequest) -> HttpResponseBase:
    name = request.POST.get("tag", "")
    try:
        done = team.tag(request.workspace, request.user, selection(request), name)
        say(request, _("%(people)s tagged “%(tag)s”.") % {"people": _people(done.people), "tag": name.strip()}, done)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def bulk_untag(request: WorkspaceRequest) -> HttpResponseBase:
    value = request.POST.get("untag", "")
    if not (value.isascii() and value.isdigit() and len(value) < 18):
        messages.error(request, _("Choose the tag to take off."))
        return back(request)
    tag = get_object_or_404(Tag.objects.of(request.workspace), pk=int(value))
    done = team.untag(request.workspace, request.user, selection(request), tag)
    say(request, _("“%(tag)s” taken off %(people)s.") % {"people": _people(done.people), "tag": tag.name}, done)
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def bulk_owner(request: WorkspaceRequest) -> HttpResponseBase:
    value = request.POST.get("owner", "")
    owner = User.objects.filter(pk=int(value)).first() if value.isascii() and value.isdigit() and len(value) < 18 else None
    if owner is None and value != "none":
        messages.error(request, _("Choose who looks after them."))
        return back(request)
    try:
        done = team.set_owner(request.workspace, request.user, selection(request), owner)
    except team.Refused as refused:
        messages.error(request, str(refused))
        return back(request)
    told = _("%(name)s looks after %(people)s now.") if owner else _("Nobody looks after %(people)s now.")
    say(request, told % {"name": owner, "people": _people(done.people)}, done)
    return back(request)


@allow(May.SEE)
@require_POST
def undo(request: WorkspaceRequest, token: str) -> HttpResponseBase:
    """Take back what a message told of. Those who may not edit people may still undo what concerns their own views."""
    what = team.read_undo(request.workspace, token)
    if (
        what is None
        or (what["verb"] == "view" and what["by"] != request.user.pk)
        or (what["verb"] != "view" and not request.may(May.EDIT_PEOPLE))
    ):
        raise Http404
    team.take_back(request.workspace, request.user, what)
    messages.success(request, _("Taken back."))
    return back(request)
