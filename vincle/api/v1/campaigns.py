"""Campaigns: which there are, and what became of each beside those who were held out."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engage.campaigns import looks, measuring, report, texts
from vincle.engage.campaigns import models as campaigns
from vincle.engage.campaigns.report import ALL, Figures
from vincle.engage.campaigns.who import FIGURES
from vincle.science.sequential import Reading

from . import cursors, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import missing

States = Literal["", "draft", "asked", "approved", "sending", "paused", "stopped", "done"]


class CampaignsAsked(Struct, forbid_unknown_fields=True):
    state: Annotated[States, Meta(description="Only those in this state.")] = ""
    archived: Annotated[bool, Meta(description="Those that were put away instead.")] = False
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class CampaignLine(Struct, kw_only=True):
    """One thing said to the people of some segments; what they do counts towards the `goal` for `window_days`."""

    id: shapes.PublicId
    name: str
    state: str
    goal: str
    window_days: int
    segments: Annotated[list[str], Meta(description="Public ids: whoever is in one of them.")]
    without: Annotated[list[str], Meta(description="Whoever is in one of these is left out.")]
    topic: str
    held_out: Annotated[int, Meta(description="Percent of those who may be written to who get nothing.")]
    starts_at: datetime | None
    created_at: datetime
    begun_at: datetime | None
    done_at: datetime | None
    archived_at: datetime | None


class Campaigns(Struct):
    """A page of campaigns, newest first."""

    data: list[CampaignLine]
    next_cursor: shapes.Cursor


class HeldOut(Struct):
    """Those who got nothing, and what they did all the same."""

    people: int
    acted: int
    bought: int


class LetterCounts(Struct):
    letter: Annotated[str, Meta(description='"A", "B" ...')]
    name: str
    counts: dict[str, int]


class Interval(Struct):
    """What is measured, with a confidence of 95 % between `low` and `high` however often it is looked at; null: no end, or not known."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None


class Report(Struct, kw_only=True):
    """`counts`: people by figure (sent, delivered, opened, machine_opened, clicked, bought ...)."""

    id: shapes.PublicId
    name: str
    state: str
    goal: str
    counts: dict[str, int]
    held_out: HeldOut
    letters: list[LetterCounts]
    revenue: float
    currency: str
    left_out: Annotated[dict[str, int], Meta(description="How many were not written to, by why.")]
    times_as_often: Annotated[Interval | None, Meta(description="How often they did what was wanted, against those held out.")]
    revenue_because_of_it: Interval | None
    finding: str
    measured_at: datetime | None


@endpoint("GET", "campaigns", May.SEE, asks=CampaignsAsked, answers=Campaigns)
def list_campaigns(call: Call[CampaignsAsked]) -> Campaigns:
    """Campaigns, newest first."""
    rows = campaigns.Campaign.objects.of(call.workspace).filter(archived_at__isnull=not call.asked.archived)
    shown, more = cursors.newest(rows.filter(state=call.asked.state) if call.asked.state else rows, call.asked)
    return Campaigns([_line(row) for row in shown], more)


@endpoint("GET", "campaigns/<campaign>", May.SEE, answers=CampaignLine)
def get_campaign(call: Call[Nothing], campaign: str) -> CampaignLine:
    """One campaign."""
    return _line(_find(call, campaign))


@endpoint("GET", "campaigns/<campaign>/report", May.SEE, answers=Report)
def get_campaign_report(call: Call[Nothing], campaign: str) -> Report:
    """What became of a campaign, beside those who were held out."""
    row = _find(call, campaign)
    measuring.freshen(row, timezone.now())
    return report_of(row)


def report_of(row: campaigns.Campaign) -> Report:
    """As it was measured last."""
    found, lift = report.figures(row), measuring.against_held(row, measuring.counted(row))
    letters = [LetterCounts(each["name"], each["letter"].name, _counts(found, each["arm"])) for each in looks.letters(row)]
    return Report(
        id=row.public, name=row.name, state=row.state, goal=row.goal, counts=_counts(found), letters=letters,
        held_out=HeldOut(found.held, found.held_acted, found.held_bought), revenue=round(found.money.get(ALL, 0.0), 2),
        currency=row.workspace.currency, left_out=row.left_out, times_as_often=_interval(lift.times) if lift else None,
        revenue_because_of_it=_interval(lift.money) if lift else None, finding=texts.finding(row, lift, found.count("acted")),
        measured_at=row.measured_at,
    )  # fmt: skip


def _counts(found: Figures, arm: int = ALL) -> dict[str, int]:
    return {figure.key: found.count(figure.key, arm) for figure in FIGURES if figure.key != "held"}


def _interval(reading: Reading) -> Interval:
    ends = (value if abs(value) < float("inf") else None for value in reading)
    return Interval(*ends)


def _find(call: Call[Any], campaign: str) -> campaigns.Campaign:
    rows = campaigns.Campaign.objects.of(call.workspace).select_related("workspace", "job")
    found: campaigns.Campaign | None = rows.filter(public=campaign.replace("\x00", "")).first()
    if found is None:
        raise missing("campaign")
    return found


def _line(row: campaigns.Campaign) -> CampaignLine:
    return CampaignLine(
        id=row.public, name=row.name, state=row.state, goal=row.goal, window_days=row.window_days, segments=row.inside,
        without=row.outside, topic=row.topic, held_out=row.held_out, starts_at=row.starts_at, created_at=row.created_at,
        begun_at=row.begun_at, done_at=row.done_at, archived_at=row.archived_at,
    )  # fmt: skip
