"""The inbox: who waits, filtered and counted; what is done to many at once; what changes while someone looks."""

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User
from vincle.listen import stream
from vincle.listen.labels import SENTIMENTS, label
from vincle.organise import members
from vincle.vocabulary import from_public_id
from vincle.web.tags.formats import number, percent
from vincle.web.tags.people import channel_name

from . import actions, service_nav, snoozing, teams, threads, wording
from .models import Promise, SavedView, Tag, Team, Thread
from .rows import Around
from .rows import html as line_html


@allow(May.SEE)
@never_cache
@require_safe
def list_threads(request: WorkspaceRequest) -> HttpResponse:
    return page_of(request, None)


def page_of(request: WorkspaceRequest, thread: Thread | None, more: Mapping[str, Any] = MappingProxyType({})) -> HttpResponse:
    """The whole page around a conversation (or none), or the list alone where only that is asked for."""
    wanted = threads.asked(request.workspace, request.user, request.GET)
    counts = {box: threads.counted(wanted, box) for box in ("waiting", "mine")}
    if wanted.is_plain:
        request.inbox_waiting = min(counts["waiting"], threads.MOST_COUNTED)  # type: ignore[attr-defined]
    context = {**more, **listed(request, wanted, thread), **_headline(wanted, counts["waiting"]), "tabs": _tabs(request, wanted, counts)}
    if request.headers.get("HX-Target") == "threads":
        response = render(request, "inbox/_list.html", context)
    else:
        response = render(request, "inbox/inbox.html", {**context, **_around(request, wanted)})
    patch_vary_headers(response, ["HX-Target"])
    return response


def listed(request: WorkspaceRequest, wanted: threads.Asked, thread: Thread | None) -> dict[str, Any]:
    page = threads.page(wanted, request.GET.get("after", ""), request.GET.get("before", ""))
    tags = threads.tags_of(request.workspace)
    around = Around(request.workspace.slug, kept(request.GET), request.may(May.ANSWER), thread.key if thread else None)
    return {
        "page": page, "lines": [line_html(line, around) for line in page.rows], "wanted": wanted, "thread": thread,
        "query": around.query, "may_answer": around.may_answer,
        "is_first": not request.GET.get("after") and not request.GET.get("before"),
        "team": team_of(request), "tags": tags, "tag_choices": [(tag.pk, tag.name) for tag in tags],
        "moments": snoozing.moments(request.workspace),
        "list_url": _url(request, "list"), "teams": teams.teams_of(request.workspace),
    }  # fmt: skip


def kept(params: QueryDict) -> str:
    """Filters and sort of an address, without the place in the list."""
    return urlencode([(name, value) for name in threads.PARAMETERS for value in params.getlist(name) if value])


def _tabs(request: WorkspaceRequest, wanted: threads.Asked, counts: Mapping[str, int]) -> list[tuple[str, str, bool, str]]:
    """The boxes with how many are in them; those that nobody counts say nothing."""
    words = {"waiting": _("Unanswered"), "mine": _("Mine"), "all": _("All")}
    found = []
    for box, word in words.items():
        params = request.GET.copy()
        for name in ("box", "after", "before"):
            params.pop(name, None)
        params["box"] = box
        total = _upto(counts[box]) if box in counts else ""
        found.append((word, f"{_url(request, 'list')}?{kept(params)}", wanted.box == box, total))
    return found


def _upto(total: int) -> str:
    return f"{number(threads.MOST_COUNTED)}+" if total > threads.MOST_COUNTED else number(total)


def _around(request: WorkspaceRequest, wanted: threads.Asked) -> dict[str, Any]:
    """What stands around the panes: what the page says, filters, saved views."""
    here = _url(request, "list")
    now = kept(request.GET)
    promised = Promise.objects.of(request.workspace).filter(is_on=True, deleted_at=None).exists()
    return {
        "service_pages": service_nav.pages(request.workspace),
        "team_choices": [(each.pk, each.name) for each in teams.teams_of(request.workspace)],
        "promise_choices": [("late", _("Overdue")), ("soon", _("Due soon"))] if promised or wanted.promise else [],
        "segment_choices": list(members.listed(request.workspace).values_list("public", "name")[:300]),
        "filtered": not wanted.is_plain,
        "channels": sorted(((each, channel_name(each)) for each in stream.channels_of(request.workspace)), key=lambda row: row[1].lower()),
        "kinds": list(wording.KINDS.items()), "feelings": list(SENTIMENTS.items()),
        "whos": [("me", _("Me")), ("none", _("Nobody")), *((user.pk, str(user)) for user in team_of(request))],
        "boxes": [("snoozed", _("Put off")), ("closed", _("Closed"))],
        "views": [(view, f"{here}?{view.query}", view.query == now) for view in views_of(request)],
        "helpers": threads.helpers(request.workspace, 5) if wanted.box == "all" else [],
    }  # fmt: skip


def _headline(wanted: threads.Asked, total: int) -> dict[str, Any]:
    """What the page says: how many wait, for how long, and what about."""
    found = threads.waiting(wanted, total)
    shown = _upto(found.total)
    if not found.total:
        told = [_("What people say to you on any channel appears here by itself.")]
        return {"title": _("Nobody waits for an answer"), "sentence": told[0], "total": shown}
    title = ngettext("%(shown)s waits for an answer", "%(shown)s wait for an answer", found.total) % {"shown": shown}
    told = [_("The first has waited for %(time)s.") % {"time": wording.span(found.longest)}] if found.longest else []
    if found.topic:
        about = {"share": percent(found.share), "topic": label("aspects", found.topic).lower()}
        told.append(_("%(share)s of them are about %(topic)s.") % about)
    return {"title": title, "sentence": " ".join(told), "total": shown}


def team_of(request: WorkspaceRequest) -> list[User]:
    """Those of the team who may answer."""
    return teams.answerers(request.workspace)


def views_of(request: WorkspaceRequest) -> list[SavedView]:
    rows = SavedView.objects.of(request.workspace).order_by("name")
    return [view for view in rows if view.is_shared or view.by_id == request.user.pk]


def _url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"inbox:{name}", kwargs={"workspace": request.workspace.slug, **more})


@allow(May.SEE)
@never_cache
@require_safe
def live(request: WorkspaceRequest) -> HttpResponse:
    """A server-sent event with what the list and the open conversation are now. It is held open in front of the pages (`project.held`)."""
    rows = Thread.objects.of(request.workspace).order_by("-changed_at").values_list("key", "changed_at")[:20]
    state = blake2b(repr(list(rows)).encode(), digest_size=8).hexdigest()
    thread = threads.get(request.workspace, request.GET.get("thread", "")) if request.GET.get("thread") else None
    talk = thread.changed_at.isoformat() if thread else ""
    body = f'retry: 1200\nid: {state}\nevent: state\ndata: {{"list": "{state}", "talk": "{talk}"}}\n\n'
    watch = f"inbox:{request.workspace.pk}"
    return HttpResponse(body, content_type="text/event-stream", headers={"X-Accel-Buffering": "no", "X-Vincle-Watch": watch})


# Many at once


@allow(May.ANSWER)
@require_POST
def bulk(request: WorkspaceRequest) -> HttpResponseBase:
    """What is done to the ticked conversations: `do` says what."""
    keys = [key for key in map(_key, request.POST.getlist("ids")[: actions.MOST]) if key is not None]
    try:
        done, said = _bulk(request, keys)
        say(request, said, done)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


def _key(pid: str) -> int | None:
    try:
        return from_public_id(pid)
    except ValueError:
        return None


def _bulk(request: WorkspaceRequest, keys: list[int]) -> tuple[actions.Done, str]:
    workspace, user, do = request.workspace, request.user, request.POST.get("do", "")
    if do == "close":
        done = actions.close(workspace, user, keys)
        return done, ngettext("%(n)s conversation closed.", "%(n)s conversations closed.", done.threads) % {"n": number(done.threads)}
    if do == "reopen":
        return actions.reopen(workspace, user, keys), _("Open again.")
    if until := request.POST.get("until"):
        return actions.snooze(workspace, user, keys, snoozing.moment(workspace, until)), _("Put off.")
    if "assignee" in request.POST:
        to = colleague(request, request.POST["assignee"])
        done = actions.assign(workspace, user, keys, to)
        return done, _("%(name)s looks after them now.") % {"name": to} if to else _("Nobody looks after them now.")
    if "team" in request.POST:
        return give_team(request, keys)
    if name := request.POST.get("tag", "").strip():
        return actions.tag(workspace, user, keys, name), _("Tagged “%(tag)s”.") % {"tag": name[:60]}
    raise actions.Refused(_("Choose what to do with them."))


def colleague(request: WorkspaceRequest, value: str) -> User | None:
    """Someone of the team by id; "me"; None for "none". Raises Refused."""
    if value in ("", "none"):
        return None
    if value == "me":
        return request.user
    number_of = int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0
    found = User.objects.filter(pk=number_of, memberships__workspace=request.workspace).first()
    if found is None:
        raise actions.Refused(_("Choose someone of the team."))
    return found


def give_team(request: WorkspaceRequest, keys: list[int]) -> tuple[actions.Done, str]:
    """Give to the team that is asked for, "none" to none. Raises Refused."""
    value, team = request.POST.get("team", ""), None
    if value not in ("", "none"):
        number_of = int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0
        team = Team.objects.of(request.workspace).filter(pk=number_of, deleted_at=None).first()
        if team is None:
            raise actions.Refused(_("Choose one of the teams."))
    done = actions.assign(request.workspace, request.user, keys, to_team=team)
    return done, _("The team %(name)s looks after it now.") % {"name": team} if team else _("No team looks after it now.")


def say(request: WorkspaceRequest, text: str, done: actions.Done) -> None:
    """A message, with the way back where there is one."""
    messages.success(request, text, extra_tags=f"undo:{_url(request, 'undo', token=done.undo)}" if done.undo else "")


def back(request: WorkspaceRequest) -> HttpResponse:
    """To the page the verb was called from."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect("inbox:list", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
def undo(request: WorkspaceRequest, token: str) -> HttpResponseBase:
    """Take back what a message told of. Those who may not answer may still undo what concerns their own views."""
    what = actions.read_undo(request.workspace, token)
    own = what is not None and what["verb"] == "view" and what["by"] == request.user.pk
    if what is None or not (own or (what["verb"] != "view" and request.may(May.ANSWER))):
        raise Http404
    actions.take_back(request.workspace, request.user, what)
    messages.success(request, _("Taken back."))
    return back(request)


# Saved views


@allow(May.SEE)
@require_POST
def save_view(request: WorkspaceRequest) -> HttpResponse:
    query = kept(QueryDict(request.POST.get("query", "")))
    try:
        shared = bool(request.POST.get("shared")) and request.may(May.ANSWER)
        actions.save_view(request.workspace, request.user, request.POST.get("name", ""), query, shared)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{_url(request, 'list')}?{query}")


@allow(May.SEE)
@require_POST
def delete_view(request: WorkspaceRequest, view: int) -> HttpResponse:
    found = get_object_or_404(SavedView.objects.of(request.workspace), pk=view)
    if found.by_id != request.user.pk and not (found.is_shared and request.may(May.MANAGE)):
        raise Http404
    say(request, _("The view is gone."), actions.delete_view(request.workspace, request.user, found))
    return redirect("inbox:list", workspace=request.workspace.slug)


@allow(May.ANSWER)
@require_POST
def untag(request: WorkspaceRequest, pid: str, tag: int) -> HttpResponseBase:
    found = get_object_or_404(Tag.objects.of(request.workspace), pk=tag)
    key = _key(pid)
    if key is None or threads.get(request.workspace, pid) is None:
        raise Http404
    say(request, _("“%(tag)s” taken off.") % {"tag": found.name}, actions.untag(request.workspace, request.user, [key], found))
    return back(request)
