"""The queue, the best times, one post with what became of it, the import, and how the workspace publishes."""

from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.identify.models import Belonging
from vincle.listen.models import Connection
from vincle.organise.models import Profile
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number, percent

from . import ideas, importing, links, pages, places, repeating, results, rhythm
from .ideas import Refused
from .models import Idea, Post, Slot

State = Post.State


@allow(May.SEE)
@never_cache
@require_safe
def post(request: WorkspaceRequest, post: str) -> HttpResponse:
    row = pages.post_of(request, post)
    place = places.place_of(row.connection)
    pictures = list(row.idea.pictures.defer("content").order_by("rank", "pk"))
    fit = places.fit(place, row.idea, row.words, places.attachments(pictures), row.place) if place else None
    kind = request.GET.get("kind", "")
    people = _people(request, row, kind if kind in ("reaction", "comment", "share") else "")
    return render(request, "publishing/post.html", pages.shell(
        request, "",
        {"post": row, "look": pages.look(row), "place": place, "fit": fit, "pictures": pictures, "people": people, "kind": kind,
         "links": list(row.links.order_by("pk")), "clicks": links.clicks_of([row.pk]).get(row.pk, (0, 0)),
         "at_value": pages.field_value(row.at), "here": request.path},
    ))  # fmt: skip


def _people(request: WorkspaceRequest, row: Post, kind: str) -> list[dict[str, Any]]:
    """Who did what with it, newest first, each with their page."""
    acts = results.people_of(request.workspace, row, kind)[:100]
    persons = dict(Belonging.objects.of(request.workspace).filter(handle__in=[each[0] for each in acts]).values_list("handle", "person"))
    names = dict(Profile.objects.of(request.workspace).filter(person__in=set(persons.values())).values_list("person", "name"))
    return [
        {"name": names.get(persons[handle]) or _("Someone"), "pid": public_id(persons[handle]), "kind": what, "at": at}
        for handle, what, at in acts if handle in persons
    ]  # fmt: skip


# The queue


@allow(May.SEE)
@never_cache
@require_safe
def queue(request: WorkspaceRequest) -> HttpResponse:
    rows = Idea.objects.of(request.workspace).filter(is_evergreen=True, archived_at=None).select_related("by").order_by("name", "pk")
    slots: dict[int, dict[int, list[str]]] = {}
    where: dict[int, str] = {}
    for slot in Slot.objects.of(request.workspace).order_by("minute"):
        slots.setdefault(slot.connection_id, {}).setdefault(slot.weekday, []).append(f"{slot.minute // 60:02d}:{slot.minute % 60:02d}")
        where[slot.connection_id] = slot.place
    found = [
        {"place": each, "where": where.get(each.connection.pk, ""), "has_slots": each.connection.pk in slots,
         "days": [(day, WEEKDAYS[day], WEEKDAYS_ABBR[day], ", ".join(slots.get(each.connection.pk, {}).get(day, []))) for day in range(7)]}
        for each in places.places_of(request.workspace)
    ]  # fmt: skip
    coming = Post.objects.of(request.workspace).filter(origin=Post.Origin.QUEUE, state=State.SCHEDULED, at__gt=timezone.now())
    last = dict(
        Post.objects.of(request.workspace).filter(idea__in=rows, state=State.SENT).order_by("left_at").values_list("idea", "left_at")
    )
    return render(request, "publishing/queue.html", pages.shell(
        request, "queue",
        {"ideas": [{"idea": row, "last": last.get(row.pk)} for row in rows], "places": found,
         "coming": list(coming.select_related("idea", "connection").order_by("at")[:20])},
    ))  # fmt: skip


@allow(May.APPROVE)
@require_POST
def slots(request: WorkspaceRequest, connection: int) -> HttpResponseBase:
    row = get_object_or_404(Connection.objects.of(request.workspace), pk=connection)
    try:
        wanted = [
            (day, _minute(text))
            for day in range(7)
            for text in request.POST.get(f"day-{day}", "").replace(";", ",").split(",")
            if text.strip()
        ]
        repeating.set_slots(request.workspace, request.user, row, request.POST.get("where", ""), wanted)
        made = repeating.fill_queue(request.workspace, timezone.now())
        told = ngettext("The queue has its times; %(n)s post is planned", "The queue has its times; %(n)s posts are planned", made)
        messages.success(request, told % {"n": number(made)})
    except Refused as no:
        messages.error(request, str(no))
    return redirect(pages.url(request, "queue"))


def _minute(text: str) -> int:
    """Minute of the day of "9:30", "9.30" or "18". Raises Refused."""
    hour, _sep, minute = text.strip().replace(".", ":").replace("h", ":").partition(":")
    try:
        at = time(int(hour), int(minute or 0))
    except ValueError as error:
        raise Refused(_("“%(text)s” is not a time of day. Write 9:30, 18:00.") % {"text": text.strip()[:20]}) from error
    return at.hour * 60 + at.minute


@allow(May.APPROVE)
@require_POST
def approve_idea(request: WorkspaceRequest, idea: str) -> HttpResponseBase:
    row = pages.idea_of(request, idea)
    try:
        repeating.approve_idea(request.workspace, request.user, row)
        messages.success(request, _("The queue may post “%(name)s”") % {"name": row.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect(pages.url(request, "queue"))


@allow(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: WorkspaceRequest) -> HttpResponseBase:
    if request.method == "POST":
        try:
            hours, minutes = int(request.POST.get("late_hours", "")), int(request.POST.get("apart_minutes", ""))
            second = "needs_second" in request.POST
            ideas.keep_settings(request.workspace, request.user, needs_second=second, late_hours=hours, apart_minutes=minutes,
                                share_target=request.POST.get("share_target", ""))  # fmt: skip
            messages.success(request, _("Kept"))
        except Refused as no:
            messages.error(request, str(no))
        except ValueError:
            messages.error(request, _("Hours and minutes are whole numbers."))
        return redirect(pages.url(request, "settings"))
    return render(request, "publishing/settings.html", pages.shell(request, "", {"kept": ideas.settings_of(request.workspace)}))


@allow(May.SEE)
@never_cache
@require_safe
def times(request: WorkspaceRequest) -> HttpResponse:
    channels = sorted({each.connection.channel for each in places.places_of(request.workspace)})
    chosen = [request.GET["channel"]] if request.GET.get("channel", "") in channels else []
    told = rhythm.counted(request.workspace, chosen)
    best = rhythm.best(request.workspace, chosen)
    own = rhythm.best(request.workspace, chosen, 1) if chosen else best
    return render(request, "publishing/times.html", pages.shell(
        request, "times",
        {"best": best, "told": told, "data": _picture(told), "channels": [(each, each) for each in channels],
         "title": _("People are there most on %(when)s") % {"when": own[0].label} if own else _("Too little is known yet"),
         "sure": percent(best[0].sure) if best else ""},
    ))  # fmt: skip


def _picture(told: rhythm.Rhythm) -> dict[str, Any]:
    columns = [_("Weekday"), *(f"{hour:02d}" for hour in range(24))]
    days = [[round(sum(week[day][hour] for week in told.counts) / max(told.weeks, 1), 2) for hour in range(24)] for day in range(7)]
    return {"columns": columns, "rows": [[str(WEEKDAYS[day]), *cells] for day, cells in enumerate(days)] if told.acts else []}


# The import


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_posts(request: WorkspaceRequest) -> HttpResponseBase:
    context: dict[str, Any] = {"headings": importing.HEADINGS}
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Refused(_("Choose a file."))
            content = file.read(importing.LARGEST + 1)
            taken = importing.take(request.workspace, request.user, content, request.may(May.APPROVE), "asks" in request.POST)
            if request.POST.get("rejects") == "yes":
                return csv_response(
                    "refused.csv", ["line", "why", *taken.headings], ([each.line, each.why, *each.cells] for each in taken.wrong)
                )
            context["taken"] = taken
        except Refused as no:
            messages.error(request, str(no))
    return render(request, "publishing/import.html", pages.shell(request, "", context))


@allow(May.SPEAK)
@require_safe
def template(request: WorkspaceRequest) -> HttpResponseBase:
    """An empty file with the right headings and one line as it may be."""
    example = [
        "2027-01-15 18:00",
        "mastodon",
        "The first roast of the year is here: https://example.org/roast",
        "First roast",
        "january",
        "",
        "",
    ]
    return csv_response("posts.csv", importing.HEADINGS, [example])
