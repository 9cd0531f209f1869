"""What the page of a connection shows of its streams and of its first import."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.channels.base import Spec

from . import doctor_words
from .doctor_words import Said
from .models import Connection, Pull

ALIVE = timedelta(minutes=3)
REACHES: dict[str, tuple[Any, int | None]] = {
    "30": (gettext_lazy("The last 30 days"), 30),
    "90": (gettext_lazy("The last 90 days"), 90),
    "365": (gettext_lazy("The last year"), 365),
    "all": (gettext_lazy("As far back as there is"), None),
}
"""How far back a first import may go, and the days of it."""


class Line(NamedTuple):
    """One stream. `how`: in which way it is listened to; `ails`: what went wrong last, if it did."""

    name: str
    how: str
    tone: str
    icon: str
    item_at: datetime | None
    items: int
    ails: Said | None = None
    problem_at: datetime | None = None
    next_at: datetime | None = None


class Past(NamedTuple):
    """A first import: `state` none (not begun), running, waiting (something is in the way), done. `largest` None: nobody knows how much."""

    state: str
    done: int = 0
    largest: int | None = None
    since: datetime | None = None
    finished_at: datetime | None = None
    ails: Said | None = None


def lines(spec: Spec | None, connection: Connection) -> list[Line]:
    """Of what is listened to, in the channel's order."""
    known = {stream.name: stream for stream in spec.streams} if spec else {}
    rows = Pull.objects.of(connection.workspace_id).filter(connection=connection, is_past=False, is_once=False).order_by("pk")
    order = {name: place for place, name in enumerate(known)}
    found = sorted(rows, key=lambda row: order.get(row.stream, len(order)))
    return [_line(row, known.get(row.stream)) for row in found]


def _line(row: Pull, stream: Any) -> Line:
    is_live = row.live_at is not None and row.live_at > timezone.now() - ALIVE
    ails = doctor_words.said(row.problem_kind, row.problem_code, row.problem_detail) if row.problem_kind else None
    if ails:
        how, tone, icon = _("In trouble"), "neg", "alert-triangle"
    elif is_live:
        how, tone, icon = _("Live"), "pos", "bolt"
    elif row.ok_at is None:
        how, tone, icon = _("Has not been asked yet"), "plain", "hourglass"
    else:
        how, tone, icon = _every(stream.every if stream else 0), "pos", "circle-check"
    return Line(
        doctor_words.stream(row.stream), how, tone, icon, row.item_at, row.items, ails, row.problem_at if ails else None,
        row.next_at if ails else None,
    )  # fmt: skip


def _every(seconds: float) -> str:
    if not seconds:
        return _("Asked regularly")
    if seconds < 45:
        return ngettext("Asked every second", "Asked every %(n)s seconds", round(seconds)) % {"n": round(seconds)}
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return ngettext("Asked every minute", "Asked every %(n)s minutes", minutes) % {"n": minutes}
    hours = round(seconds / 3600)
    return ngettext("Asked every hour", "Asked every %(n)s hours", hours) % {"n": hours}


def can_bring_past(spec: Spec | None) -> bool:
    return spec is not None and any(stream.has_past for stream in spec.streams)


def past(connection: Connection) -> Past:
    """How far the first import of a connection is, over all its streams."""
    rows = list(Pull.objects.of(connection.workspace_id).filter(connection=connection, is_past=True))
    if not rows:
        return Past("none")
    done, largest = sum(row.done or 0 for row in rows), _largest(rows)
    since = min((row.stops_at for row in rows if row.stops_at), default=None)
    open_rows = [row for row in rows if row.finished_at is None]
    ails = next((doctor_words.said(row.problem_kind, row.problem_code, row.problem_detail) for row in rows if row.problem_kind), None)
    if open_rows:
        return Past("waiting" if ails else "running", done, largest, since, None, ails)
    finished = max((row.finished_at for row in rows if row.finished_at), default=None)
    return Past("done", done, largest, since, finished, ails)


def _largest(rows: Iterable[Pull]) -> int | None:
    """How much there is in all, if each stream says so."""
    totals = [row.total if row.finished_at is None else row.done for row in rows]
    return sum(total or 0 for total in totals) if all(total is not None for total in totals) else None


def reach(key: str) -> tuple[bool, datetime | None]:
    """Whether there is such a choice, and since when it is."""
    if key not in REACHES:
        return False, None
    days = REACHES[key][1]
    return True, timezone.now() - timedelta(days=days) if days else None
