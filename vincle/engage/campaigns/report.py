"""What became of a campaign: counts by letter, what it changed, by segment and over time, and which links were followed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.models import Count, Q, Sum
from django.utils import timezone

from vincle.engage.outbox.models import LinkHit, Outcome, Send
from vincle.organise.models import Membership, Segment
from vincle.science.lift import Lift

from . import measuring
from .measuring import Counted
from .models import Assignment, Campaign
from .who import FAILED, OUTCOMES

MOST_SEGMENTS: Final = 8
MOST_LINKS: Final = 200
ALL: Final = -1


@dataclass(frozen=True)
class Figures:
    """Counts by arm (`ALL`: all letters together) and key of `who.FIGURES`; of those held out; and their money."""

    counts: dict[int, dict[str, int]] = field(default_factory=dict)
    money: dict[int, float] = field(default_factory=dict)
    held: int = 0
    held_acted: int = 0
    held_bought: int = 0
    held_money: float = 0.0
    skips: dict[str, int] = field(default_factory=dict)
    waiting: int = 0

    def count(self, key: str, arm: int = ALL) -> int:
        return self.counts.get(arm, {}).get(key, 0)

    def share(self, key: str, arm: int = ALL) -> float | None:
        """Of those delivered (or sent, where nobody tells of deliveries)."""
        sent = self.count("sent", arm)
        whole = sent if key in ("delivered", "bounced") else self.count("delivered", arm) or sent
        return min(1.0, self.count(key, arm) / whole) if whole else None


def figures(campaign: Campaign) -> Figures:
    """By four queries."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    skips: dict[str, int] = {}
    if campaign.job_id:
        _count_sends(campaign, counts, skips)
        columns = {figure.key: Count("pk", filter=Q(**{f"{figure.column}__isnull": False})) for figure in OUTCOMES}
        for row in Outcome.objects.of(campaign.workspace_id).filter(job=campaign.job_id).values("arm").annotate(**columns).order_by():
            for key in columns:
                counts[row["arm"]][key] += row[key]
    money, held = _count_drawn(campaign, counts)
    for arm in list(counts):
        for key, value in counts[arm].items():
            counts[ALL][key] += value
    waiting = Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign, starts_at=None, is_held=False).count()
    plain = {arm: dict(found) for arm, found in counts.items()}
    return Figures(plain, money, *held, skips=dict(sorted(skips.items(), key=lambda each: -each[1])), waiting=waiting)


def _count_sends(campaign: Campaign, counts: dict[int, dict[str, int]], skips: dict[str, int]) -> None:
    rows = Send.objects.of(campaign.workspace_id).filter(job=campaign.job_id).values_list("arm", "state", "problem_code")
    for arm, state, code, number in rows.annotate(n=Count("pk")).order_by():
        counts[arm]["failed" if state in FAILED else state] += number
        if state == Send.State.SKIPPED:
            skips[code] = skips.get(code, 0) + number


def _count_drawn(campaign: Campaign, counts: dict[int, dict[str, int]]) -> tuple[dict[int, float], tuple[int, int, int, float]]:
    money: dict[int, float] = defaultdict(float)
    held = (0, 0, 0, 0.0)
    rows = Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign).exclude(arm=None, is_held=False)
    columns = {"drawn": Count("pk"), "acted": Count("acted_at"), "bought": Count("bought_at"), "spent": Sum("money")}
    for row in rows.values("is_held", "arm").annotate(**columns).order_by():
        if row["is_held"]:
            held = (row["drawn"], row["acted"], row["bought"], float(row["spent"] or 0))
            continue
        money[row["arm"]] += float(row["spent"] or 0)
        for key in ("drawn", "acted", "bought"):
            counts[row["arm"]][key] += row[key]
    money[ALL] = sum(money.values())
    return dict(money), held


class Compared(NamedTuple):
    """A letter or a segment beside those held out: how many, what share acted, and what the difference is."""

    name: str
    key: int
    people: int
    share: float
    held: int
    held_share: float
    lift: Lift | None


def by_arm(campaign: Campaign, found: Counted, names: Sequence[str]) -> list[Compared]:
    """Each letter beside all who were held out; the comparisons share the 5 %."""
    held = np.ones_like(found.is_held)
    return [_compared(campaign, found, name, arm, found.arm == arm, held, max(1, len(names))) for arm, name in enumerate(names)]


def by_segment(campaign: Campaign, found: Counted) -> list[Compared]:
    """The segments most of its people were in when it began, each beside those of it who were held out."""
    if campaign.begun_at is None or not found.person.size:
        return []
    at = campaign.begun_at
    inside = Membership.objects.of(campaign.workspace_id).filter(entered_at__lte=at).filter(Q(left_at=None) | Q(left_at__gt=at))
    drawn = Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign).values("person")
    counted = inside.filter(person__in=drawn, segment__archived_at=None).values_list("segment").annotate(n=Count("pk")).order_by("-n")
    pks = [pk for pk, _n in counted[:MOST_SEGMENTS]]
    names = dict(Segment.objects.of(campaign.workspace_id).filter(pk__in=pks).values_list("pk", "name"))
    rows = []
    for pk in pks:
        members = np.array(inside.filter(segment=pk).values_list("person", flat=True), np.int64)
        which = np.isin(found.person, members)
        rows.append(_compared(campaign, found, names[pk], pk, which, which, len(pks)))
    return rows


def _compared(campaign: Campaign, found: Counted, name: str, key: int, which: Any, held: Any, comparisons: int) -> Compared:
    theirs, others = which & ~found.is_held, held & found.is_held
    lift = measuring.against_held(campaign, found, which, held, comparisons=comparisons)
    return Compared(name, key, int(theirs.sum()), _share(found, theirs), int(others.sum()), _share(found, others), lift)


def _share(found: Counted, which: Any) -> float:
    whole = int(which.sum())
    return float((~np.isnan(found.acted[which])).sum() / whole) if whole else 0.0


def over_time(campaign: Campaign, found: Counted) -> list[tuple[int, float, float | None]]:
    """(day since each could have had it, share of those written to who had acted by its end, of those held out), in percent."""
    if campaign.begun_at is None or not found.person.size:
        return []
    until = min(timezone.now(), campaign.measured_until or timezone.now())
    days = min(campaign.window_days, max(1, -(-(until - campaign.begun_at) // timedelta(days=1))))
    after = found.acted - found.begins if campaign.goal in ("purchase", "visit") else found.bought - found.begins
    rows = []
    for day in range(1, days + 1):
        done = after <= day
        written, held = done[~found.is_held], done[found.is_held]
        rows.append((day, _percent(written), _percent(held) if held.size else None))
    return rows


def _percent(done: Any) -> float:
    return round(float(done.mean()) * 100, 2) if done.size else 0.0


class Followed(NamedTuple):
    """A link of the letters: by how many people and machines it was followed, and what share of those who followed any."""

    link: int
    url: str
    people: int
    clicks: int
    machines: int
    share: float


def links(campaign: Campaign, arm: int | None = None) -> list[Followed]:
    """The most followed first. One query."""
    rows = LinkHit.objects.of(campaign.workspace_id).filter(job=campaign.job_id)
    rows = rows if arm is None else rows.filter(arm=arm)
    counted = rows.values_list("link", "url").annotate(
        people=Count("send", filter=Q(humans__gt=0)), clicks=Sum("humans"), machines=Sum("machines")
    )
    found = list(counted.order_by("-people", "-clicks")[:MOST_LINKS]) if campaign.job_id else []
    whole = rows.filter(humans__gt=0).values("send").distinct().count() if found else 0
    return [
        Followed(link, url, people, clicks or 0, machines or 0, people / whole if whole else 0.0)
        for link, url, people, clicks, machines in found
    ]
