"""The calendar and the list of posts; moving, removing, approving, and taking that back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.web.tags.formats import full_time, number

from . import calendaring, pages, places, planning, telling
from .ideas import Refused
from .models import Post

SIZE = 50
State = Post.State
_DAYS = 366 * 3


@allow(May.SEE)
@never_cache
@require_safe
def calendar(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "publishing/calendar.html", _calendar(request, request.GET))


def _calendar(request: WorkspaceRequest, asked: Any) -> dict[str, Any]:
    view = "week" if asked.get("view") == "week" else "month"
    day = _day(asked.get("day", ""))
    state, place = asked.get("state", ""), asked.get("place", "")
    sheet = calendaring.sheet(request.workspace, view, day, timezone.now(), place, state)
    found = places.places_of(request.workspace)
    title = ngettext("%(n)s post", "%(n)s posts", sheet.total) % {"n": number(sheet.total)}
    return pages.shell(
        request, "calendar",
        {"sheet": sheet, "view": view, "day": day, "today": timezone.localdate(), "has_places": bool(found), "title": title,
         "place_choices": [(each.connection.pk, each.name) for each in found], "place": place, "state": state,
         "state_choices": [(each.value, each.label) for each in State if each != State.REMOVED]},
    )  # fmt: skip


def _day(text: str) -> date:
    today = timezone.localdate()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if abs((found - today).days) < _DAYS * 10 and 1980 < found.year < 2200 else today


@allow(May.SPEAK)
@require_POST
def move(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    """To another day (`day`), by so many `days` or `minutes`, or to a moment (`at`)."""
    row = pages.post_of(request, post)
    at = _moved(row, request)
    try:
        if at is None:
            raise Refused(_("This is not a date."))
        token = planning.move(request.workspace, request.user, row, at, request.may(May.APPROVE))
        told = _("“%(name)s” moved to %(at)s") % {"name": row.idea.name, "at": full_time(at)}
        messages.success(request, told, extra_tags=f"undo:{pages.url(request, 'undo', token=token)}")
    except Refused as no:
        messages.error(request, str(no))
    return _shown(request)


def _moved(post: Post, request: WorkspaceRequest) -> datetime | None:
    if text := request.POST.get("at", ""):
        return pages.moment(text)
    local = timezone.localtime(post.at or timezone.now() + timedelta(hours=1))
    try:
        if text := request.POST.get("day", ""):
            day = date.fromisoformat(text)
        else:
            day = local.date() + timedelta(days=int(request.POST.get("days") or 0))
        naive = datetime(day.year, day.month, day.day, local.hour, local.minute)
        naive += timedelta(minutes=int(request.POST.get("minutes") or 0))
        return naive.replace(tzinfo=timezone.get_current_timezone()).astimezone(timezone.get_fixed_timezone(0))
    except (ValueError, OverflowError):
        return None


def _shown(request: WorkspaceRequest) -> HttpResponseBase:
    """The calendar as it is now where it was asked from there, else back."""
    if request.headers.get("HX-Target") == "calendar":
        # Links on the part stand for the page that asked, not for the address of the deed.
        shown = {"view": request.POST.get("view"), "day": request.POST.get("day_shown")}
        kept = {name: request.POST.get(name) for name in ("place", "state")}
        request.GET = QueryDict(urlencode({name: value for name, value in (shown | kept).items() if value}))
        context = _calendar(request, request.GET) | {"is_part": True}
        return render(request, "publishing/_calendar.html", context)
    return back(request)


def back(request: WorkspaceRequest, fallback: str = "calendar") -> HttpResponseBase:
    where = request.POST.get("next", "")
    good = url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure())
    return redirect(where if good else pages.url(request, fallback))


@allow(May.SPEAK)
@require_POST
def remove(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    row = pages.post_of(request, post)
    try:
        token = planning.remove(request.workspace, request.user, row)
        tags = f"undo:{pages.url(request, 'undo', token=token)}" if token else ""
        messages.success(request, _("“%(name)s” is off the calendar") % {"name": row.idea.name}, extra_tags=tags)
    except Refused as no:
        messages.error(request, str(no))
    return _shown(request)


@allow(May.SPEAK)
@require_POST
def undo(request: WorkspaceRequest, token: str) -> HttpResponseBase:
    row = planning.undo(request.workspace, request.user, token)
    if row is None:
        messages.error(request, _("This cannot be taken back any more: the post has changed since, or its time has passed."))
        raise Http404("nothing to undo")
    messages.success(request, _("“%(name)s” is as it was") % {"name": row.idea.name})
    return redirect(request.headers.get("Referer") if _is_ours(request) else pages.url(request, "calendar"))  # type: ignore[arg-type]


def _is_ours(request: WorkspaceRequest) -> bool:
    return url_has_allowed_host_and_scheme(request.headers.get("Referer", ""), {request.get_host()}, require_https=request.is_secure())


def _act(request: WorkspaceRequest, post: str, do: Callable[[Post], str], told: str) -> HttpResponseBase:
    row = pages.post_of(request, post)
    try:
        token = do(row)
        messages.success(
            request, told % {"name": row.idea.name}, extra_tags=f"undo:{pages.url(request, 'undo', token=token)}" if token else ""
        )
    except Refused as no:
        messages.error(request, str(no))
    return back(request)


@allow(May.APPROVE)
@require_POST
def approve(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    return _act(request, post, lambda row: planning.approve(request.workspace, request.user, row), _("“%(name)s” is approved"))


@allow(May.APPROVE)
@require_POST
def send_back(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    def do(row: Post) -> str:
        planning.send_back(request.workspace, request.user, row, request.POST.get("note", ""))
        row.refresh_from_db()
        telling.sent_back(row, request.user)
        return ""

    return _act(request, post, do, _("“%(name)s” is a draft again"))


@allow(May.APPROVE)
@require_POST
def retry(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    def do(row: Post) -> str:
        planning.retry(request.workspace, request.user, row)
        return ""

    return _act(request, post, do, _("“%(name)s” is tried again"))


@allow(May.APPROVE)
@require_POST
def settle(request: WorkspaceRequest, post: str) -> HttpResponseBase:
    """Whether a post of which nobody could tell stands there."""

    def do(row: Post) -> str:
        planning.settle_doubt(request.workspace, request.user, row, request.POST.get("posted") == "yes")
        return ""

    return _act(request, post, do, _("“%(name)s” is settled"))


# The list


@allow(May.SEE)
@never_cache
@require_safe
def list_posts(request: WorkspaceRequest) -> HttpResponse:
    rows = _listed(request)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    shown, more, less = _page(rows, after, before)
    found = places.places_of(request.workspace)
    return render(request, "publishing/list.html", pages.shell(
        request, "list",
        {"rows": calendaring.with_clicks(shown), "after": shown[-1].pk if shown and more else None,
         "before": shown[0].pk if shown and less else None, "filtered": any(request.GET.get(each) for each in ("q", "state", "place")),
         "place_choices": [(each.connection.pk, each.name) for each in found],
         "state_choices": [(each.value, each.label) for each in State]},
    ))  # fmt: skip


def _listed(request: WorkspaceRequest) -> Any:
    rows = Post.objects.of(request.workspace).select_related("idea", "connection", "by", "approved_by")
    state, place, words = (request.GET.get(each, "").replace("\0", "") for each in ("state", "place", "q"))
    rows = rows.filter(state=state) if state in State.values else rows.exclude(state=State.REMOVED)
    rows = rows.filter(connection=int(place)) if place.isascii() and place.isdigit() and len(place) < 10 else rows
    if words:
        rows = rows.filter(Q(idea__name__icontains=words) | Q(idea__text__icontains=words) | Q(text__icontains=words))
    return rows.order_by("-pk")


def _page(rows: Any, after: str, before: str) -> tuple[list[Post], bool, bool]:
    """(rows, are there older ones, are there newer ones), newest first."""
    if before.isascii() and before.isdigit() and len(before) < 18:
        found = list(rows.filter(pk__gt=int(before)).order_by("pk")[: SIZE + 1])
        return found[:SIZE][::-1], True, len(found) > SIZE
    is_later = after.isascii() and after.isdigit() and len(after) < 18
    found = list(rows.filter(pk__lt=int(after))[: SIZE + 1] if is_later else rows[: SIZE + 1])
    return found[:SIZE], len(found) > SIZE, is_later


@allow(May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    def lines() -> Any:
        for post in _listed(request).prefetch_related("links").iterator(500):
            yield (
                post.idea.name, post.connection.channel, post.connection.account or post.connection.name, post.state,
                post.at.isoformat() if post.at else "", post.left_at.isoformat() if post.left_at else "", post.said or post.words, post.url,
                post.reactions, post.comments, post.shares, sum(link.humans for link in post.links.all()),
            )  # fmt: skip

    headings = ["idea", "channel", "account", "state", "at", "posted at", "text", "url", "reactions", "comments", "shares", "clicks"]
    return csv_response("posts.csv", headings, lines())


@allow(May.SPEAK)
@require_POST
def bulk(request: WorkspaceRequest) -> HttpResponseBase:
    """Approve or remove the ticked posts."""
    verb = request.POST.get("verb", "")
    if verb == "approve" and not request.may(May.APPROVE):
        messages.error(request, _("Someone who may approve has to do this."))
        return back(request, "list")
    done, wrong = 0, []
    for post in Post.objects.of(request.workspace).filter(public__in=request.POST.getlist("ids")[:500]):
        try:
            if verb == "approve":
                planning.approve(request.workspace, request.user, post)
            elif verb == "remove":
                planning.remove(request.workspace, request.user, post)
            else:
                continue
            done += 1
        except Refused as no:
            wrong.append(str(no))
    if done:
        told = ngettext("%(n)s post approved", "%(n)s posts approved", done) if verb == "approve" else ngettext(
            "%(n)s post removed", "%(n)s posts removed", done)  # fmt: skip
        messages.success(request, told % {"n": number(done)})
    for each in list(dict.fromkeys(wrong))[:3]:
        messages.error(request, each)
    return back(request, "list")
