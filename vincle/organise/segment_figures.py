"""Figures of segments as their pages draw them: small lines of many at once, who came and went, what they share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.vocabulary import public_id

from . import members
from .models import Membership, Segment

DAYS = 28
OTHERS = 5
COLUMNS = 12


class Trend(NamedTuple):
    """Members at the end of each of the last days; `change` over them, None for a segment that is younger."""

    points: list[int]
    change: int | None


def trends(workspace: Workspace, segments: Sequence[Segment], days: int = DAYS) -> dict[int, Trend]:
    """Of each segment, by its primary key: two queries however many they are."""
    zone = ZoneInfo(workspace.timezone)
    today = timezone.now().astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    moved: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for column, sign in (("entered_at", 1), ("left_at", -1)):
        rows = Membership.objects.of(workspace).filter(segment__in=[each.pk for each in segments], **{f"{column}__gte": since})
        counted = rows.annotate(day=TruncDate(column, tzinfo=zone)).values("segment_id", "day").annotate(people=Count("pk")).order_by()
        for key, day, people in counted.values_list("segment_id", "day", "people"):
            moved[key][day] += sign * people
    return {each.pk: _trend(each, moved[each.pk], first, today) for each in segments}


def _trend(segment: Segment, moved: dict[date, int], first: date, today: date) -> Trend:
    is_young = segment.created_at.date() >= first
    start = max(first, segment.created_at.date()) if is_young else first
    size, points = segment.members, []
    for step in range((today - start).days + 1):
        day = today - timedelta(days=step)
        points.append(max(size, 0))
        size -= moved.get(day, 0)
    points.reverse()
    return Trend(points, None if is_young else segment.members - max(size, 0))


class Move(NamedTuple):
    """Someone came in or left."""

    person: int
    name: str
    at: datetime
    is_in: bool

    @property
    def public(self) -> str:
        return public_id(self.person)


def moves(segment: Segment, size: int = 12) -> list[Move]:
    """Who came and left last, newest first; what building the segment found at its beginning is not told."""
    table = "organise_membership m LEFT JOIN organise_profile p ON p.person = m.person"
    newest = f"SELECT m.person, p.name, m.{{0}} FROM {table} WHERE m.segment_id = %s AND m.{{0}} > %s ORDER BY m.{{0}} DESC LIMIT %s"
    since = bulk.stamp(segment.built_at or segment.created_at)
    found: list[Move] = []
    with connection.cursor() as cursor:
        for column, is_in in (("entered_at", True), ("left_at", False)):
            cursor.execute(newest.format(column), [segment.pk, since, size])
            found += [Move(person, name or "", bulk.moment(at) or segment.created_at, is_in) for person, name, at in cursor.fetchall()]
    return sorted(found, key=lambda move: move.at, reverse=True)[:size]


class Shared(NamedTuple):
    """People of a segment who are in exactly these other ones as well."""

    others: frozenset[int]
    people: int


def neighbours(workspace: Workspace, segment: Segment, most: int = OTHERS) -> list[Segment]:
    """The other segments most of its members are in, most first."""
    sql = (
        "SELECT o.segment_id FROM organise_membership m JOIN organise_membership o ON o.person = m.person AND o.left_at IS NULL "
        "AND o.segment_id <> m.segment_id WHERE m.segment_id = %s AND m.left_at IS NULL AND m.workspace_id = %s "
        "GROUP BY o.segment_id ORDER BY COUNT(*) DESC, o.segment_id LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [segment.pk, workspace.pk, most])
        keys = [row[0] for row in cursor.fetchall()]
    rows = {row.pk: row for row in Segment.objects.of(workspace).filter(pk__in=keys, archived_at=None)}
    return [rows[key] for key in keys if key in rows]


def shared(segment: Segment, others: Iterable[Segment]) -> list[Shared]:
    """Its members by the exact combination of the other segments they are in, largest first."""
    found = [
        Shared(each.segments - {segment.pk}, each.people) for each in members.overlap([segment, *others]) if segment.pk in each.segments
    ]
    return found[:COLUMNS]


# The picture of it

LINE, BAR, GAP, LABELS, TALL = 30, 26, 12, 190, 150


def upset(segment: Segment, others: Sequence[Segment], parts: Sequence[Shared]) -> dict[str, Any]:
    """Places and sizes of an UpSet plot: columns of people above a grid of dots, a row for each segment."""
    rows = [segment, *others]
    top = TALL + 26
    lines = [
        {"top": top + at * LINE, "text_y": top + at * LINE + LINE / 2 + 4, "name": row.name, "short": _short(row.name), "is_own": not at,
         "striped": at % 2 == 0}
        for at, row in enumerate(rows)
    ]  # fmt: skip
    largest = max((part.people for part in parts), default=1) or 1
    columns = [_column(at, part, rows, largest, top) for at, part in enumerate(parts)]
    width = LABELS + 16 + max(len(parts), 6) * (BAR + GAP)
    return {"lines": lines, "columns": columns, "width": width, "height": top + len(rows) * LINE, "line": LINE, "label_x": LABELS,
            "bar_width": BAR}  # fmt: skip


def _column(at: int, part: Shared, rows: Sequence[Segment], largest: int, top: int) -> dict[str, Any]:
    x = LABELS + 16 + at * (BAR + GAP)
    height = max(round(part.people / largest * (TALL - 10)), 2)
    on = [not place or row.pk in part.others for place, row in enumerate(rows)]
    dots = [{"y": top + place * LINE + LINE / 2, "on": is_on} for place, is_on in enumerate(on)]
    lit = [dot["y"] for dot in dots if dot["on"]]
    return {"x": x, "y": TALL - height + 16, "height": height, "centre": x + BAR / 2, "text_y": TALL - height + 10, "dots": dots,
            "joint": (lit[0], lit[-1]) if len(lit) > 1 else None, "count": part.people, "is_own": not part.others,
            "members": [row for row, is_on in zip(rows, on, strict=True) if is_on]}  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:25]}…"
