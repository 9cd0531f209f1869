"""Are people tired of our letters? How many had how many of late, and whether they follow less and leave more than before."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vincle.accounts.models import Workspace
from vincle.engage.outbox.models import Outcome, Send
from vincle.science.strata import Ratio, Stratum, ratio
from vincle.web.tags.formats import day, number

DAYS: Final = 28
WEEKS: Final = 12
MANY: Final = 8
FEWEST: Final = 200


@dataclass(frozen=True)
class Week:
    """Letters delivered in a week beginning on `first`, and the shares of them after which someone followed a link, or left."""

    first: date
    delivered: int
    clicked: float
    left: float

    @property
    def name(self) -> str:
        return str(day(self.first))


@dataclass(frozen=True)
class Fatigue:
    """`often`: (how many letters, people). `clicks`, `leaving`: the last 28 days beside the eight weeks before, as times as often."""

    people: int
    letters: int
    often: list[tuple[str, int]]
    many: int
    weeks: list[Week]
    clicks: Ratio | None
    leaving: Ratio | None
    finding: str

    @property
    def is_tired(self) -> bool:
        return bool((self.clicks and self.clicks.high < 1) or (self.leaving and self.leaving.low > 1))


def look(workspace: Workspace, now: datetime | None = None) -> Fatigue:
    """By two queries."""
    now = now or timezone.now()
    rows = Send.objects.of(workspace).filter(
        state=Send.State.SENT, purpose="marketing", sent_at__gt=now - timedelta(days=DAYS), person__isnull=False
    )
    counts = Counter(min(n, MANY) for n in rows.values_list("person").annotate(n=Count("pk")).order_by().values_list("n", flat=True))
    often = [(f"{n}+" if n == MANY else str(n), counts[n]) for n in range(1, MANY + 1) if counts[n] or n < 5]
    weeks, now_and_before = _weeks(workspace, now)
    clicks, leaving = _ratios(*now_and_before)
    people, letters = sum(counts.values()), sum(n * count for n, count in counts.items())
    many = sum(count for n, count in counts.items() if n > 4)
    return Fatigue(people, letters, often if people else [], many, weeks, clicks, leaving, _finding(people, many, clicks, leaving))


Sums = tuple[int, int, int]


def _weeks(workspace: Workspace, now: datetime) -> tuple[list[Week], tuple[Sums, Sums]]:
    zone = ZoneInfo(workspace.timezone)
    since = now - timedelta(weeks=WEEKS)
    left = Q(unsubscribed_at__isnull=False) | Q(complained_at__isnull=False)
    mine = Outcome.objects.of(workspace).filter(send__purpose="marketing", delivered_at__gt=since)
    counts = {"n": Count("pk"), "c": Count("clicked_at"), "g": Count("pk", filter=left)}
    rows = mine.annotate(week=F("delivered_at__date")).values_list("week").annotate(**counts).order_by("week")
    by_week: dict[date, list[int]] = {}
    recent, before = [0, 0, 0], [0, 0, 0]
    turn = (now - timedelta(days=DAYS)).astimezone(zone).date()
    for on, *counted in rows:
        monday = on - timedelta(days=on.weekday())
        for sums in (by_week.setdefault(monday, [0, 0, 0]), recent if on >= turn else before):
            for place, value in enumerate(counted):
                sums[place] += value
    weeks = [Week(monday, n, c / n, g / n) for monday, (n, c, g) in sorted(by_week.items()) if n]
    return weeks, ((recent[0], recent[1], recent[2]), (before[0], before[1], before[2]))


def _ratios(recent: Sums, before: Sums) -> tuple[Ratio | None, Ratio | None]:
    if min(recent[0], before[0]) < FEWEST:
        return None, None
    clicks = ratio([Stratum(recent[1], recent[0], before[1], before[0])])
    leaving = ratio([Stratum(recent[2], recent[0], before[2], before[0])])
    return clicks, leaving


def _finding(people: int, many: int, clicks: Ratio | None, leaving: Ratio | None) -> str:
    if not people:
        return _("Nobody was written to in the last 28 days")
    if leaving and leaving.low > 1:
        return _("People leave more often than before: write less, or to fewer")
    if clicks and clicks.high < 1:
        return _("People follow links less often than before")
    if many:
        return ngettext("%(n)s person had five letters or more in 28 days", "%(n)s people had five letters or more in 28 days", many) % {
            "n": number(many)
        }
    return _("No sign that people are tired of your letters")
