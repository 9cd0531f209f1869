"""The calendar: the days of a month or a week with what is said on them. Reads only."""

import calendar as months
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from vincle.accounts.models import Workspace

from . import links, pages
from .models import Post

SHOWN: Final = 400
"""So many posts are shown of a month at most."""


class Entry(NamedTuple):
    """A post in its day."""

    post: Post
    at: datetime
    look: dict[str, Any]
    can_move: bool


class Day(NamedTuple):
    day: date
    is_today: bool
    is_past: bool
    is_beside: bool
    entries: list[Entry]


class Sheet(NamedTuple):
    """`weeks` of days; `first` and `last` day; where to go for what lies before and after."""

    view: str
    day: date
    weeks: list[list[Day]]
    before: date
    after: date
    total: int
    is_cut: bool


def span(view: str, day: date) -> tuple[date, date]:
    """First and last day shown: whole weeks, Monday to Sunday.

    >>> span("month", date(2026, 11, 22)), span("week", date(2026, 11, 22))
    ((datetime.date(2026, 10, 26), datetime.date(2026, 12, 6)), (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22)))
    """
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    last = day.replace(day=months.monthrange(day.year, day.month)[1])
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def sheet(workspace: Workspace, view: str, day: date, now: datetime, place: str = "", state: str = "") -> Sheet:
    zone = timezone.get_current_timezone()
    first, last = span(view, day)
    rows = posts_between(workspace, _start(first, zone), _start(last + timedelta(days=1), zone), place, state)
    found = list(rows[: SHOWN + 1])
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for post in found[:SHOWN]:
        at = (post.left_at or post.at or now).astimezone(zone)
        movable = post.state in (Post.State.DRAFT, Post.State.WAITING, Post.State.SCHEDULED)
        by_day[at.date()].append(Entry(post, at, pages.look(post), movable))
    today = now.astimezone(zone).date()
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    cells = [Day(each, each == today, each < today, view == "month" and each.month != day.month, by_day[each]) for each in days]
    weeks = [cells[start : start + 7] for start in range(0, len(cells), 7)]
    return Sheet(view, day, weeks, *_around(view, day), min(len(found), SHOWN), len(found) > SHOWN)


def _around(view: str, day: date) -> tuple[date, date]:
    if view == "week":
        return day - timedelta(days=7), day + timedelta(days=7)
    first = day.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def posts_between(workspace: Workspace, first: datetime, upto: datetime, place: str = "", state: str = "") -> "QuerySet[Post]":
    """Posts by their time, without those that were removed."""
    rows = Post.objects.of(workspace).filter(at__gte=first, at__lt=upto).exclude(state=Post.State.REMOVED)
    rows = rows.filter(connection=int(place)) if place.isascii() and place.isdigit() and len(place) < 10 else rows
    rows = rows.filter(state=state) if state in Post.State.values else rows
    found: QuerySet[Post] = rows.select_related("idea", "connection").order_by("at", "pk")
    return found


def with_clicks(posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Posts as rows of a list, with what people did with them."""
    clicks = links.clicks_of([post.pk for post in posts])
    return [{"post": post, "look": pages.look(post), "clicks": clicks.get(post.pk, (0, 0))[0]} for post in posts]
