"""Who a campaign would reach, who not and why, and what its measurement will be able to tell: all said before it begins."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.engage.outbox import may
from vincle.engage.outbox.models import Outcome
from vincle.organise import members
from vincle.science import sample_size
from vincle.store import bulk

from . import acts, promo_giving
from .models import Campaign

PIECE: Final = 2_000
MOST_ASKED: Final = 5_000
"""Of more people than these a sample says how many may be written to."""

FEWEST_SENT: Final = 200
SUPPOSED: Final = {Campaign.Goal.CLICK: 0.03, Campaign.Goal.REPLY: 0.01}
"""Supposed shares of readers who follow a link or answer, where there are no earlier letters to say so."""

WORTH_SEEING: Final = 0.2
LATELY: Final = "had_it_lately"
REST_DAYS: Final = {"second": 90, "renewal": 60, "winback": 180, "birthday": 300}
"""For so long nobody hears of the same plan again."""

Ints = np.typing.NDArray[np.int64]


def people(workspace: Workspace, inside: Sequence[str], outside: Sequence[str]) -> Ints:
    """Ids of whoever is in one of the first and in none of the others, ascending."""
    return np.setdiff1d(_union(workspace, inside), _union(workspace, outside), assume_unique=True)


def _union(workspace: Workspace, publics: Sequence[str]) -> Ints:
    found = np.empty(0, np.int64)
    for public in publics:
        segment = members.found(workspace, public)
        if segment is not None and segment.archived_at is None:
            found = np.union1d(found, np.asarray(members.members(segment), np.int64))
    return found


class Reached(NamedTuple):
    """Of `asked` people: the address of each who may be written to (now or soon), and how many may not, by the code of why."""

    handles: dict[int, int]
    left_out: Counter[str]
    asked: int


def reached(campaign: Campaign, some: Sequence[int], until: datetime, now: datetime) -> Reached:
    """`until`: whoever may only be written to later than that is left out; so is whom its promotion is not for, and who had its plan."""
    found, left = dict[int, int](), Counter[str]()
    lately = had_lately(campaign.workspace, campaign.plan, some, now, campaign.pk)
    rest = [each for each in some if each not in lately]
    meant = sorted(promo_giving.is_for(campaign.promotion, rest)) if campaign.promotion else rest
    left += Counter({LATELY: len(some) - len(rest), promo_giving.NOT_FOR_THEM: len(rest) - len(meant)})
    for person, (handle, verdict) in may.decide_people(campaign.workspace, meant, "email", campaign.topic, "marketing", now).items():
        if handle is not None and (verdict.is_allowed or (verdict.not_before is not None and verdict.not_before <= until)):
            found[person] = handle
        else:
            left[verdict.code or "no_address"] += 1
    return Reached(found, left, len(some))


def had_lately(workspace: Workspace, plan: str, some: Sequence[int], now: datetime, but: int | None = None) -> set[int]:
    """Of these people those drawn by a campaign of a plan within its rest, held out or not; nobody where there is no plan."""
    days = REST_DAYS.get(plan)
    if not days:
        return set()
    sql = (
        "SELECT DISTINCT a.person FROM campaigns_assignment a JOIN campaigns_campaign c ON c.id = a.campaign_id "
        "WHERE c.workspace_id = %s AND c.plan = %s AND c.id <> %s AND COALESCE(c.drawn_at, %s) > %s AND a.person IN ({})"
    )
    since = bulk.stamp(now - timedelta(days=days))
    return {person for (person,) in bulk.select(sql, some, [workspace.pk, plan, but or 0, bulk.stamp(now), since])}


@dataclass(frozen=True)
class Outlook:
    """`members` of the segments, about `reach` of whom may be written to; `base`: share of them who act anyway within the window.

    `gap`: the least rise of that share above the hold-out's that would be seen; `needed`: people it takes to see a rise by a fifth;
    `arms_gap`: the least difference between two letters that would be seen. None: cannot be seen, or there is nothing to compare.
    """

    members: int = 0
    reach: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    is_sample: bool = False
    base: float = 0.0
    is_supposed: bool = False
    variance: float | None = None
    gap: float | None = None
    needed: int | None = None
    arms_gap: float | None = None

    @property
    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def outlook(workspace: Workspace, campaign: Campaign, now: datetime | None = None) -> Outlook:
    """What can be said beforehand; nothing of it is kept here."""
    now = now or timezone.now()
    everybody = people(workspace, campaign.inside, campaign.outside)
    if not everybody.size:
        return Outlook()
    asked = everybody if everybody.size <= MOST_ASKED else np.sort(np.random.default_rng(7).choice(everybody, MOST_ASKED, replace=False))
    found = reached(campaign, asked.tolist(), now + timedelta(days=campaign.window_days), now)
    scale = everybody.size / asked.size
    reach = round(len(found.handles) * scale)
    base, variance, is_supposed = _base(workspace, campaign, everybody, now)
    return Outlook(
        int(everybody.size),
        reach,
        {code: round(n * scale) for code, n in found.left_out.most_common()},
        scale > 1,
        base,
        is_supposed,
        variance,
        *_seen(campaign, base, reach),
    )


def _base(workspace: Workspace, campaign: Campaign, everybody: Ints, now: datetime) -> tuple[float, float | None, bool]:
    """Share who act within the window anyway, variance of the money of one person, and whether the share is only supposed."""
    since = now - timedelta(days=campaign.window_days)
    money: dict[int, float] = {}
    for act in acts.purchases(workspace, since, now):
        money[act.person] = money.get(act.person, 0.0) + act.amount
    theirs = np.array([value for person, value in money.items() if _holds(everybody, person)], np.float64)
    mean = theirs.sum() / everybody.size
    variance = float(np.square(theirs).sum() / everybody.size - mean**2) or None
    if campaign.goal == Campaign.Goal.PURCHASE:
        return float((theirs > 0).sum() / everybody.size), variance, False
    if campaign.goal == Campaign.Goal.VISIT:
        came = {act.person for act in acts.visits(workspace, since, now)}
        return sum(_holds(everybody, person) for person in came) / everybody.size, variance, False
    sent = Outcome.objects.of(workspace)
    whole = sent.count()
    if whole < FEWEST_SENT:
        return SUPPOSED[Campaign.Goal(campaign.goal)], variance, True
    column = "clicked_at" if campaign.goal == Campaign.Goal.CLICK else "replied_at"
    return sent.exclude(**{column: None}).count() / whole, variance, False


def _holds(everybody: Ints, person: int) -> bool:
    place = int(np.searchsorted(everybody, person))
    return place < everybody.size and int(everybody[place]) == person


def _seen(campaign: Campaign, base: float, reach: int) -> tuple[float | None, int | None, float | None]:
    held, least = campaign.held_out / 100, max(base, 1 / max(reach, 1), 1e-4)
    gap = needed = arms_gap = None
    if 0 < held < 1 and campaign.goal in (Campaign.Goal.PURCHASE, Campaign.Goal.VISIT):
        gap = sample_size.gap_seen(min(least, 0.99), reach, held)
        needed = sample_size.whole(sample_size.for_shares(least, min(1.0, least * (1 + WORTH_SEEING)), held)) if least < 1 else None
    if len(campaign.arms) > 1:
        shares = sorted(arm["share"] for arm in campaign.arms)
        two, whole = shares[0] + shares[1], sum(shares)
        tested = reach * (1 - held) * campaign.test_share / 100 * two / whole
        arms_gap = sample_size.gap_seen(min(least, 0.99), tested, shares[0] / two)
    return gap, needed, arms_gap


def pieces(everybody: Ints, after: int) -> Iterator[list[int]]:
    """Those behind a person's id, a piece at a time."""
    rest = everybody[everybody > after]
    for start in range(0, rest.size, PIECE):
        yield [int(each) for each in rest[start : start + PIECE]]
