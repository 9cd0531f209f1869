"""When each person of a campaign gets it, from what is known of where they live and when they read."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from vincle.engage.outbox.rules_when import zones
from vincle.store import bulk

from . import moments
from .models import Campaign

BACK: Final = timedelta(days=120)
EVERYBODY: Final = 20_000
_ACTS = (
    "SELECT {what} FROM listen_activity a {join} WHERE a.workspace_id = %s AND a.happened_at > %s AND a.direction = 'in' "
    "AND NOT a.is_machine AND NOT a.superseded AND a.op = 'assert' AND a.verb IN ('View', 'Read', 'Create', 'Like', 'Purchase')"
)


def first_moment(campaign: Campaign) -> datetime:
    """The earliest moment of the day or hour asked for, in the workspace's own zone."""
    at = campaign.starts_at or timezone.now()
    if campaign.timing != Campaign.Timing.BEST:
        return at
    return at.astimezone(ZoneInfo(campaign.workspace.timezone)).replace(hour=moments.WAKING[0], minute=0, second=0, microsecond=0)


def of(campaign: Campaign, people: Sequence[int], now: datetime) -> dict[int, datetime]:
    """The moment of each of these people; by a fixed number of queries."""
    at = campaign.starts_at
    if campaign.timing == Campaign.Timing.NOW or at is None:
        return dict.fromkeys(people, now)
    if campaign.timing == Campaign.Timing.AT:
        return dict.fromkeys(people, max(at, now))
    own = ZoneInfo(campaign.workspace.timezone)
    places = _places(campaign, people)
    if campaign.timing == Campaign.Timing.LOCAL:
        return {person: moments.local(at, own, places[person], now) for person in people}
    hours, usual = _hours(campaign, people, places, now)
    return {person: moments.at_hour(at, own, places[person], moments.best_hour(hours.get(person, ()), usual), now) for person in people}


def _places(campaign: Campaign, people: Sequence[int]) -> dict[int, ZoneInfo]:
    """The zone of each; of a country with several, its first."""
    own = "json_extract(traits, '$.timezone[0]')" if connection.vendor == "sqlite" else "traits #>> '{timezone,0}'"
    statement = f"SELECT person, country, {own} FROM organise_profile WHERE person IN ({{}})"
    usual = campaign.workspace.timezone
    found = {person: zones("", "", usual)[0] for person in people}
    for person, country, zone in bulk.select(statement, people):
        found[person] = zones(str(zone or ""), country or "", usual)[0]
    return found


def _hours(
    campaign: Campaign, people: Sequence[int], places: dict[int, ZoneInfo], now: datetime
) -> tuple[dict[int, list[int]], Counter[int]]:
    """The hours at which each did something, where they are; and those of everybody, in the workspace's zone."""
    since = bulk.stamp(now - BACK)
    theirs: dict[int, list[int]] = defaultdict(list)
    statement = (
        _ACTS.format(what="b.person, a.happened_at", join="JOIN identify_belonging b ON b.handle = a.actor") + " AND b.person IN ({})"
    )
    for person, at in bulk.select(statement, people, [campaign.workspace_id, since]):
        theirs[person].append(_moment(at).astimezone(places[person]).hour)
    own = ZoneInfo(campaign.workspace.timezone)
    with connection.cursor() as cursor:
        newest = _ACTS.format(what="a.happened_at", join="") + f" ORDER BY a.happened_at DESC LIMIT {EVERYBODY}"
        cursor.execute(newest, [campaign.workspace_id, since])
        usual = Counter(_moment(at).astimezone(own).hour for (at,) in cursor.fetchall())
    return theirs, usual


def _moment(at: datetime) -> datetime:
    found = bulk.moment(at)
    assert found is not None
    return found
