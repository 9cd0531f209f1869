"""Teams and opening hours: the pages on which the team says who serves, and when."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User

from . import hours, promises, service_nav, teams
from .actions import Refused
from .models import Hours, Team, TeamMember, Thread

Given = dict[str, Any]
"""What stands in the fields of a form."""


def number_of(text: str) -> int | None:
    """A whole number someone typed; None for nothing. Raises Refused."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(_("“%(text)s” is no whole number.") % {"text": text[:20]})
    return int(text)


def key_of(text: str) -> int | None:
    """The id a form names; None where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def failed(request: WorkspaceRequest, refused: Refused) -> None:
    messages.error(request, str(refused))


# Teams


@allow(May.SEE)
@never_cache
@require_safe
def list_teams(request: WorkspaceRequest) -> HttpResponse:
    return _teams_page(request)


def _teams_page(request: WorkspaceRequest, given: Given | None = None) -> HttpResponse:
    """`given`: what could not be kept; it stands in its form again."""
    workspace, now = request.workspace, timezone.now()
    rows = [_team_row(team, now) for team in teams.teams_of(workspace)]
    for row in rows:
        if given and given["pk"] == row["form"]["pk"]:
            row["form"], row["is_open"] = given, True
    waiting = Thread.objects.of(workspace).filter(team__isnull=False, assignee=None, state="open", is_here=True, rank__isnull=False)
    free = dict(waiting.order_by().values("team").annotate(n=Count("key")).values_list("team", "n"))
    context = {
        "rows": [{**row, "waiting": free.get(row["team"].pk, 0)} for row in rows], "people": teams.answerers(workspace),
        "hours": promises.hours_of(workspace), "assigning": Team.Assigning.choices, "may_manage": request.may(May.MANAGE),
        "new": given if given and given["pk"] is None else {"assigning": "turn"}, "mine": _mine(request, now),
        "tabs": service_nav.pages(workspace, "teams"), "may_answer": request.may(May.ANSWER),
    }  # fmt: skip
    return render(request, "inbox/teams.html", context, status=422 if given else 200)


def _team_row(team: Team, now: datetime) -> Given:
    members = teams.members_of(team)
    open_of = Thread.objects.of(team.workspace_id).filter(assignee__in=[each.user_id for each in members], state="open", is_here=True)
    load = Counter(dict(open_of.order_by().values("assignee").annotate(n=Count("key")).values_list("assignee", "n")))
    return {
        "team": team, "is_open": False,
        "members": [(each, teams.is_away(each, now), load[each.user_id]) for each in members],
        "form": {
            "pk": team.pk, "name": team.name, "assigning": team.assigning, "most_open": team.most_open, "hours": team.hours_id,
            "members": [each.user_id for each in members],
        },
    }  # fmt: skip


def _mine(request: WorkspaceRequest, now: datetime) -> Given | None:
    """Whether one is away oneself; None for those who are in no team."""
    row = TeamMember.objects.of(request.workspace).filter(user=request.user).order_by("-is_away", "away_until").first()
    return None if row is None else {"is_away": teams.is_away(row, now), "until": row.away_until}


@allow(May.MANAGE)
@require_POST
def save_team(request: WorkspaceRequest) -> HttpResponseBase:
    post = request.POST
    given: Given = {
        "pk": key_of(post.get("team", "")), "name": post.get("name", "")[:200], "assigning": post.get("assigning", ""),
        "most_open": post.get("most_open", "")[:20], "hours": key_of(post.get("hours", "")),
        "members": [pk for each in post.getlist("members")[:2000] if (pk := key_of(each)) is not None],
    }  # fmt: skip
    try:
        teams.save(
            request.workspace, request.user, given["name"], given["members"], given["assigning"], number_of(given["most_open"]),
            given["hours"], given["pk"],
        )  # fmt: skip
    except Refused as refused:
        failed(request, refused)
        return _teams_page(request, given)
    messages.success(request, _("Kept."))
    return redirect("inbox:teams", workspace=request.workspace.slug)


@allow(May.MANAGE)
@require_POST
def delete_team(request: WorkspaceRequest, team: int) -> HttpResponseBase:
    found: Team = get_object_or_404(Team.objects.of(request.workspace), pk=team, deleted_at=None)
    teams.delete(request.workspace, request.user, found)
    messages.success(request, _("The team is gone. Its conversations stay with whoever looks after them."))
    return redirect("inbox:teams", workspace=request.workspace.slug)


@allow(May.ANSWER)
@require_POST
def away(request: WorkspaceRequest) -> HttpResponseBase:
    """Oneself is away, or there again; who manages the workspace says it of others too (`user`)."""
    post, user = request.POST, request.user
    try:
        if post.get("user") and key_of(post["user"]) != request.user.pk:
            user = _someone(request, post["user"])
        is_away = post.get("away") == "1"
        teams.away(request.workspace, request.user, user, is_away, _until(request, post.get("until", "")) if is_away else None)
        messages.success(request, _("%(name)s is given nothing new meanwhile.") % {"name": user} if is_away else _("Welcome back."))
    except Refused as refused:
        failed(request, refused)
    return redirect("inbox:teams", workspace=request.workspace.slug)


def _someone(request: WorkspaceRequest, value: str) -> User:
    found = User.objects.filter(pk=key_of(value) or 0, memberships__workspace=request.workspace).first()
    if found is None or not request.may(May.MANAGE):
        raise Refused(_("Only who manages the workspace says that of others."))
    return found


def _until(request: WorkspaceRequest, text: str) -> datetime | None:
    """The beginning of the day on which they are back; None: until they say so. Raises Refused."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=ZoneInfo(request.workspace.timezone))
    except ValueError as error:
        raise Refused(_("“%(day)s” is no day; write it like 2026-12-25.") % {"day": text[:20]}) from error


# Opening hours


@allow(May.SEE)
@never_cache
@require_safe
def list_hours(request: WorkspaceRequest) -> HttpResponse:
    return _hours_page(request)


def _hours_page(request: WorkspaceRequest, given: Given | None = None) -> HttpResponse:
    workspace, now = request.workspace, timezone.now()
    rows = [_hours_row(row, now) for row in promises.hours_of(workspace)]
    for each in rows:
        if given and given["pk"] == each["form"]["pk"]:
            each["form"], each["is_open"] = given, True
    usual = [(day, "09:00-18:00" if day < 5 else "") for day in range(7)]
    fresh: Given = {"days": _days(usual), "zone": workspace.timezone, "is_usual": not rows}
    context = {
        "rows": rows, "new": given if given and given["pk"] is None else fresh, "zones": sorted(available_timezones()),
        "may_manage": request.may(May.MANAGE), "tabs": service_nav.pages(workspace, "hours"),
        "soon": (now + timedelta(days=1)).year,
    }  # fmt: skip
    return render(request, "inbox/hours.html", context, status=422 if given else 200)


def _days(told: list[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """(weekday, its name, what is typed there)."""
    return [(day, hours.weekday_name(day), text) for day, text in told]


def _hours_row(row: Hours, now: datetime) -> Given:
    times = hours.of(row)
    typed = [(day, hours.told(times.week.get(day, ()))) for day in range(7)]
    return {
        "row": row, "is_open": False, "is_there": times.is_open(now), "days": _days(typed), "always": not times.week,
        "holidays": sorted(times.holidays),
        "form": {
            "pk": row.pk, "name": row.name, "zone": row.timezone, "days": _days(typed), "holidays": "\n".join(row.holidays),
            "is_usual": row.is_usual,
        },
    }  # fmt: skip


@allow(May.MANAGE)
@require_POST
def save_hours(request: WorkspaceRequest) -> HttpResponseBase:
    post = request.POST
    typed = [(day, post.get(f"day-{day}", "")[:200]) for day in range(7)]
    given: Given = {
        "pk": key_of(post.get("hours", "")), "name": post.get("name", "")[:200], "zone": post.get("zone", "")[:60], "days": _days(typed),
        "holidays": post.get("holidays", "")[:20_000], "is_usual": bool(post.get("is_usual")),
    }  # fmt: skip
    try:
        week = {str(day): hours.typed(text) for day, text in typed}
        days = given["holidays"].replace(",", " ").split()
        promises.save_hours(
            request.workspace, request.user, given["name"], given["zone"], week, days, is_usual=given["is_usual"], pk=given["pk"]
        )
    except Refused as refused:
        failed(request, refused)
        return _hours_page(request, given)
    messages.success(request, _("Kept. What is due is worked out anew."))
    return redirect("inbox:hours", workspace=request.workspace.slug)


@allow(May.MANAGE)
@require_POST
def delete_hours(request: WorkspaceRequest, hours: int) -> HttpResponseBase:
    found: Hours = get_object_or_404(Hours.objects.of(request.workspace), pk=hours)
    promises.delete_hours(request.workspace, request.user, found)
    messages.success(request, _("The hours are gone. What counted by them counts by the workspace's own."))
    return redirect("inbox:hours", workspace=request.workspace.slug)
