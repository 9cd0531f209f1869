"""Writing: one idea for several places, with how it looks at each; when it leaves, and how often."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import number

from . import calendaring, composing, ideas, linking, pages, planning, repeating, rhythm, telling
from .ideas import Refused
from .models import Idea, Picture, Post, Series

State = Post.State
_OPEN = (State.DRAFT, State.WAITING, State.SCHEDULED, State.FAILED)


@allow(May.SPEAK)
@never_cache
@require_safe
def new(request: WorkspaceRequest) -> HttpResponse:
    blank = Idea(workspace=request.workspace, shortens=not linking.is_local(), text=request.GET.get("text", "")[: ideas.LONGEST])
    day = request.GET.get("day", "")
    at = pages.moment(f"{day}T10:00") if day else None
    return render(request, "publishing/compose.html", _form(request, blank, is_new=True, at=at))


@allow(May.SPEAK)
@never_cache
@require_safe
def idea(request: WorkspaceRequest, idea: str) -> HttpResponse:
    return render(request, "publishing/compose.html", _form(request, pages.idea_of(request, idea)))


def _form(request: WorkspaceRequest, row: Idea, is_new: bool = False, at: Any = None) -> dict[str, Any]:
    found = composing.choices(request.workspace, None if is_new else row)
    if is_new and len(found) == 1:
        found = [found[0]._replace(is_on=True)]
    pictures = [] if is_new else list(row.pictures.defer("content").order_by("rank", "pk"))
    times = [each.post.at for each in found if each.post and each.post.at]
    past = [] if is_new else list(_past(request, row))
    series = [] if is_new else list(Series.objects.of(request.workspace).filter(idea=row).order_by("-pk").select_related("by"))
    return pages.shell(
        request, "",
        {"idea": row, "is_new": is_new, "choices": found, "pictures": pictures, "previews": composing.previews(row, found, pictures),
         "at": pages.field_value(at or min(times, default=None)), "languages": composing.LANGUAGES,
         "zone": timezone.get_current_timezone_name(),
         "past": calendaring.with_clicks(past), "series": [(each, repeating.rule_of(each)) for each in series],
         "weekdays": list(WEEKDAYS.items()),
         "today": timezone.localdate().isoformat(), "notes": [each.post.note for each in found if each.post and each.post.note],
         "best": rhythm.best(request.workspace, [each.place.connection.channel for each in found if each.is_on])},
    )  # fmt: skip


def _past(request: WorkspaceRequest, row: Idea) -> Any:
    rows = Post.objects.of(request.workspace).filter(idea=row).exclude(state=State.REMOVED).exclude(state__in=(State.DRAFT,))
    return rows.select_related("connection", "idea", "by", "approved_by").order_by("-at", "-pk")[:30]


@allow(May.SPEAK)
@require_POST
def preview(request: WorkspaceRequest) -> HttpResponse:
    """How what is typed looks at each chosen place. Keeps nothing."""
    public = request.POST.get("idea", "")
    row = Idea.objects.of(request.workspace).filter(public=public.replace("\0", "")).first()
    pictures = list(row.pictures.defer("content").order_by("rank", "pk")) if row else []
    shown = Idea(workspace=request.workspace, **composing.values(request.POST))
    found = composing.choices(request.workspace, None, request.POST)
    return render(request, "publishing/_previews.html", {"previews": composing.previews(shown, found, pictures)})


@allow(May.SPEAK)
@require_POST
def save(request: WorkspaceRequest) -> HttpResponseBase:
    """Keep an idea (`idea`, or a new one) and do with its posts what the button says: keep, plan, now, or begin a series."""
    values, approves = composing.values(request.POST), request.may(May.APPROVE)
    if public := request.POST.get("idea", ""):
        row = pages.idea_of(request, public)
        ideas.save(request.workspace, request.user, row, values, approves)
    else:
        row = ideas.create(request.workspace, request.user, **values)
    files = [(each.name or "picture", each.read(ideas.LARGEST + 1)) for each in request.FILES.getlist("pictures")[: ideas.MOST_PICTURES]]
    for wrong in ideas.add_pictures(request.workspace, request.user, row, files, approves):
        messages.error(request, wrong)
    for picture in row.pictures.defer("content"):
        ideas.describe(request.workspace, request.user, picture, request.POST.get(f"alt-{picture.public}", picture.alt))
    posts = ideas.set_places(request.workspace, request.user, row, composing.wanted(request.POST), approves)
    return _done(request, row, posts, request.POST.get("do", ""))


def _done(request: WorkspaceRequest, row: Idea, posts: list[Post], do: str) -> HttpResponseBase:
    here = pages.url(request, "idea", idea=row.public)
    try:
        if do in ("plan", "now"):
            return _plan(request, row, posts, do, here)
        if do == "series":
            rule = composing.rule(request.POST.dict(), request.POST.getlist("weekday"))
            where = {key: where for key, (_text, where) in composing.wanted(request.POST).items()}
            made = repeating.begin(request.workspace, request.user, row, rule, where, request.may(May.APPROVE))
            count = made.posts.count()
            told = ngettext(
                "The series runs: %(n)s post stands in the calendar", "The series runs: %(n)s posts stand in the calendar", count
            )
            messages.success(request, told % {"n": number(count)})
            return redirect(here)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(here)
    messages.success(request, _("“%(name)s” is kept") % {"name": row.name})
    return redirect(here)


def _plan(request: WorkspaceRequest, row: Idea, posts: list[Post], do: str, here: str) -> HttpResponseBase:
    at = timezone.now() if do == "now" else pages.moment(request.POST.get("at", ""))
    if not posts:
        raise Refused(_("Choose at least one place to post at."))
    if at is None:
        raise Refused(_("Say when it is to be posted."))
    if at < timezone.now() - timedelta(minutes=5):
        raise Refused(_("This time has passed."))
    wrong = planning.plan_many(request.workspace, request.user, posts, at, request.may(May.APPROVE))
    for each in wrong:
        messages.error(request, each)
    if len(wrong) == len(posts):
        return redirect(here)
    asked = list(Post.objects.of(request.workspace).filter(pk__in=[each.pk for each in posts]).select_related("workspace", "idea"))
    waiting = [post for post in asked if post.state == State.WAITING]
    for post in waiting[:1]:
        telling.waits(post, request.user)
    told = _("“%(name)s” waits for approval") if waiting else _("“%(name)s” leaves now") if do == "now" else _("“%(name)s” is scheduled")
    messages.success(request, told % {"name": row.name})
    return redirect(f"{pages.url(request, 'calendar')}?day={timezone.localtime(at).date().isoformat()}")


@allow(May.SPEAK)
@require_POST
def picture_act(request: WorkspaceRequest, picture: str) -> HttpResponseBase:
    """Take a picture off."""
    row = get_object_or_404(Picture.objects.of(request.workspace).select_related("idea").defer("content"), public=picture.replace("\0", ""))
    ideas.remove_picture(request.workspace, request.user, row, request.may(May.APPROVE))
    messages.success(request, _("The picture is off"))
    return redirect(pages.url(request, "idea", idea=row.idea.public))


@allow(May.SEE)
@require_safe
def picture(request: WorkspaceRequest, picture: str) -> HttpResponse:
    row = get_object_or_404(Picture.objects.of(request.workspace), public=picture.replace("\0", ""))
    response = HttpResponse(bytes(row.content), content_type=row.content_type)
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, max-age=86400"
    return response


@allow(May.SPEAK)
@require_POST
def copy(request: WorkspaceRequest, idea: str) -> HttpResponseBase:
    made = ideas.copy(request.workspace, request.user, pages.idea_of(request, idea))
    messages.success(request, _("Copied, without a time"))
    return redirect(pages.url(request, "idea", idea=made.public))


@allow(May.SPEAK)
@require_POST
def archive(request: WorkspaceRequest, idea: str) -> HttpResponseBase:
    row, away = pages.idea_of(request, idea), request.POST.get("back") != "yes"
    ideas.archive(request.workspace, request.user, row, away)
    messages.success(request, (_("“%(name)s” is put away") if away else _("“%(name)s” is back")) % {"name": row.name})
    return redirect(pages.url(request, "calendar") if away else pages.url(request, "idea", idea=row.public))


@allow(May.SPEAK)
@require_POST
def series_stop(request: WorkspaceRequest, series: str) -> HttpResponseBase:
    row = get_object_or_404(Series.objects.of(request.workspace).select_related("idea"), public=series.replace("\0", ""))
    gone = repeating.stop(request.workspace, request.user, row)
    told = ngettext("The series has ended; %(n)s post to come is off", "The series has ended; %(n)s posts to come are off", gone)
    messages.success(request, told % {"n": number(gone)})
    return redirect(pages.url(request, "idea", idea=row.idea.public))


@allow(May.APPROVE)
@require_POST
def series_approve(request: WorkspaceRequest, series: str) -> HttpResponseBase:
    row = get_object_or_404(Series.objects.of(request.workspace).select_related("idea"), public=series.replace("\0", ""))
    try:
        told = repeating.approve_series(request.workspace, request.user, row)
        messages.success(request, ngettext("%(n)s post is scheduled", "%(n)s posts are scheduled", told) % {"n": number(told)})
    except Refused as no:
        messages.error(request, str(no))
    return redirect(pages.url(request, "idea", idea=row.idea.public))
