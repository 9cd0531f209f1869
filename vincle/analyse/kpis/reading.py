"""Key figures of a workspace, read once for every door: board, pages, export, API, command, report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.analyse.choice import STALE
from vincle.analyse.pulse import span as known_days
from vincle.organise.models import Segment

from .base import MONEY, Figure, Kpi
from .facts import PLACES
from .lights import Light, light
from .models import Target
from .registry import kpis
from .spans import KINDS, SHOWN, USUAL, Span, span
from .stored import Stored

LONGEST_AGO = 3_660


@dataclass(frozen=True)
class Asked:
    """What figures are asked for: the stretch, whose and where. `problem`: what could not be understood, as a sentence."""

    span: Span
    today: date
    newest: date
    segment: Segment | None = None
    channel: str = ""
    problem: str = ""

    @property
    def is_past(self) -> bool:
        """Whether the data end long before today."""
        return self.today - self.newest > STALE


@dataclass(frozen=True)
class Told:
    """One figure: now, before, its light, and the whole stretches before this one (oldest first) with this one last."""

    kpi: Kpi
    span: Span
    figure: Figure
    before: Figure
    light: Light
    series: tuple[tuple[Span, Figure], ...] = field(default=())

    @property
    def value(self) -> Decimal | None:
        return self.kpi.exact(self.figure.value)

    @property
    def low(self) -> Decimal | None:
        return self.kpi.exact(self.figure.low)

    @property
    def high(self) -> Decimal | None:
        return self.kpi.exact(self.figure.high)

    @property
    def value_before(self) -> Decimal | None:
        return self.kpi.exact(self.before.value)

    @property
    def target(self) -> Decimal | None:
        return self.kpi.exact(self.light.target)


class Nothing(Exception):
    """Nothing was heard yet: there is nothing to count."""


def asked(workspace: Workspace, given: Mapping[str, str]) -> Asked:
    """The choice an address (or an API call) makes: period (month, quarter, year, 30, 90), at (a day of it), segment (public id), channel.

    Nothing: there are no data.
    """
    given = {name: value.replace("\x00", "") for name, value in given.items()}
    known = known_days(workspace)
    if known is None:
        raise Nothing
    zone = ZoneInfo(workspace.timezone)
    today, newest = timezone.now().astimezone(zone).date(), known[1].astimezone(zone).date()
    end = newest if today - newest > STALE else today
    kind, problem = given.get("period") or USUAL, ""
    if kind not in KINDS:
        kind, problem = USUAL, _("“%(value)s” is not a period; these are the last 30 days.") % {"value": kind[:20]}
    at = end
    if text := given.get("at", "").strip():
        try:
            at = date.fromisoformat(text)
            if not today - timedelta(days=LONGEST_AGO) <= at <= today:
                raise ValueError
        except ValueError:
            at, problem = end, _("Nothing is known of this day; a date is written as 2026-11-21.")
    segment = None
    if public := given.get("segment", "").strip():
        segment = Segment.objects.of(workspace).filter(public=public[:16], archived_at=None).first()
        problem = problem or ("" if segment else _("There is no such segment; these are the figures of everybody."))
    return Asked(span(kind, at, end if end < today else today), today, newest, segment, given.get("channel", "").strip()[:40], problem)


def facts(workspace: Workspace, what: Asked) -> Stored:
    known = known_days(workspace)
    if known is None:
        raise Nothing
    began = known[0].astimezone(ZoneInfo(workspace.timezone)).date()
    return Stored(workspace, began, segment=what.segment.pk if what.segment else None, channel=what.channel)


def targets(workspace: Workspace, kind: str) -> dict[str, Decimal]:
    rows = Target.objects.of(workspace).filter(kind=kind).values_list("kpi", "value")
    return dict(rows)


def board(workspace: Workspace, what: Asked, *, only: Iterable[str] = (), with_series: bool = True, on: Stored | None = None) -> list[Told]:
    """Every figure (or `only` some) in the order of the board."""
    known, wanted = on or facts(workspace, what), targets(workspace, what.span.kind)
    names = set(only)
    return [_told(kpi, known, what.span, wanted.get(kpi.id), with_series) for kpi in kpis().values() if not names or kpi.id in names]


def _told(kpi: Kpi, on: Stored, over: Span, target: Decimal | None, with_series: bool) -> Told:
    figure = on.figure(kpi, over)
    before = on.figure(kpi, over.before) if kpi.has_series and over.before.first >= on.began else Figure(why="too young")
    goal = None if target is None else float(target.scaleb(PLACES) if kpi.unit == MONEY else target)
    return Told(kpi, over, figure, before, light(kpi, figure, goal, over), _series(kpi, on, over, figure) if with_series else ())


def _series(kpi: Kpi, on: Stored, over: Span, figure: Figure) -> tuple[tuple[Span, Figure], ...]:
    """As far back as the data reach whole stretches."""
    if not kpi.has_series:
        return ()
    earlier = (over.earlier(steps) for steps in range(SHOWN[over.kind] - 1, 0, -1))
    return (*((each, on.figure(kpi, each)) for each in earlier if each.first >= on.began), (over, figure))


def row(told: Told, currency: str) -> dict[str, Any]:
    """A figure in plain words and numbers, the same for export, API and command line. Money as Decimal in `currency`."""
    return {
        "id": told.kpi.id, "name": str(told.kpi.name), "unit": told.kpi.unit, "currency": currency if told.kpi.unit == MONEY else "",
        "first": told.span.begins, "last": told.span.ends, "value": told.value, "low": told.low, "high": told.high,
        "before": told.value_before, "target": told.target, "light": told.light.state, "missing": told.figure.why,
    }  # fmt: skip


COLUMNS = ("id", "name", "unit", "currency", "first", "last", "value", "low", "high", "before", "target", "light", "missing")
