"""What the people of a campaign did, those who were written to and those held out alike; and what it changed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from vincle.engage.outbox.models import Outcome
from vincle.science import lift
from vincle.science.lift import Lift, People, Standing
from vincle.store import bulk

from . import acts
from .acts import Act
from .models import Assignment, Campaign

DAY: Final = 86_400.0
FRESH: Final = timedelta(minutes=1)
LARGE: Final = 20_000
LATE: Final = timedelta(days=2)
"""So long after the end it is still measured: what was done in time may be told late."""

_WRITE: Final = "UPDATE campaigns_assignment SET acted_at = %s, bought_at = %s, purchases = %s, money = %s WHERE id = %s"
_OUTCOMES: Final = {Campaign.Goal.CLICK: "clicked_at", Campaign.Goal.REPLY: "replied_at"}


def is_due(campaign: Campaign, now: datetime) -> bool:
    """Whether what is kept may no longer be what is."""
    end = campaign.measured_until
    if campaign.begun_at is None or campaign.begun_at > now:
        return False
    if campaign.measured_at is None:
        return True
    is_over = end is not None and campaign.measured_at > end + LATE
    return not is_over and campaign.measured_at < now - FRESH


def freshen(campaign: Campaign, now: datetime) -> None:
    """Measure now what is not large; what is large the worker measures every few minutes."""
    if is_due(campaign, now) and Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign).count() <= LARGE:
        measure(campaign, now)


def measure(campaign: Campaign, now: datetime | None = None) -> int:
    """Write down what each did so far; returns of how many something changed. Safe to run at any time, by several."""
    now = now or timezone.now()
    rows = list(Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign, starts_at__lte=now))
    if campaign.begun_at is None:
        return 0
    did = _Did(campaign, rows, now)
    changed = [row for row in rows if did.note(row)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            stamp = bulk.stamper()
            cursor.executemany(_WRITE, [(stamp(row.acted_at), stamp(row.bought_at), row.purchases, row.money, row.pk) for row in changed])
        Campaign.objects.filter(pk=campaign.pk).update(measured_at=now)
    campaign.measured_at = now
    return len(changed)


class _Did:
    """What was done within the window of each, by person as people stand now."""

    def __init__(self, campaign: Campaign, rows: Iterable[Assignment], now: datetime) -> None:
        self.campaign, self.window = campaign, timedelta(days=campaign.window_days)
        self.leads = acts.now_called(row.person for row in rows)
        until = min(now, campaign.measured_until or now)
        workspace, since = campaign.workspace, campaign.begun_at or now
        self.money: dict[int, list[Act]] = defaultdict(list)
        for act in acts.purchases(workspace, since, until):
            self.money[act.person].append(act)
        self.wanted: dict[int, list[datetime]] = defaultdict(list)
        if campaign.goal == Campaign.Goal.VISIT:
            for act in acts.each_visit(workspace, since, until):
                self.wanted[act.person].append(act.at)
        elif campaign.goal in _OUTCOMES and campaign.job_id:
            column = _OUTCOMES[Campaign.Goal(campaign.goal)]
            found = Outcome.objects.of(workspace).filter(job=campaign.job_id).exclude(**{column: None})
            for person, at in found.values_list("send__person", column):
                self.wanted[person].append(at)

    def note(self, row: Assignment) -> bool:
        """Whether the row says something else now."""
        assert row.starts_at is not None
        before = (row.acted_at, row.bought_at, row.purchases, row.money)
        ends, person = row.starts_at + self.window, self.leads.get(row.person, row.person)
        theirs = [act for act in self.money.get(person, ()) if row.starts_at <= act.at <= ends]
        bought = [act.at for act in theirs if act.is_purchase]
        row.bought_at, row.purchases = (bought[0] if bought else None), len(bought)
        row.money = Decimal(str(round(sum(act.amount for act in theirs), 4)))
        if self.campaign.goal == Campaign.Goal.PURCHASE:
            row.acted_at = row.bought_at
        else:
            ids = {row.person, person} if self.campaign.goal in _OUTCOMES else {person}
            row.acted_at = min((at for each in ids for at in self.wanted.get(each, ()) if row.starts_at <= at <= ends), default=None)
        return before != (row.acted_at, row.bought_at, row.purchases, row.money)


class Counted(NamedTuple):
    """Columns over everybody who counts [n]: person, held out, arm (-1: none), since when (days), first act and first purchase, money."""

    person: np.typing.NDArray[np.int64]
    is_held: np.typing.NDArray[np.bool_]
    arm: np.typing.NDArray[np.int64]
    begins: np.typing.NDArray[np.float64]
    acted: np.typing.NDArray[np.float64]
    bought: np.typing.NDArray[np.float64]
    money: np.typing.NDArray[np.float64]

    def people(self, which: Any, *, bought: bool = False) -> People:
        """Those of a mask, by what was wanted or by what was bought."""
        return People(self.begins[which], (self.bought if bought else self.acted)[which], self.money[which])


def counted(campaign: Campaign, now: datetime | None = None) -> Counted:
    """One query. Who was joined to another person of the campaign since counts once, as who was drawn first."""
    rows = Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign, starts_at__lte=now or timezone.now()).order_by("pk")
    found = list(rows.values_list("person", "is_held", "arm", "starts_at", "acted_at", "bought_at", "money"))
    leads = acts.now_called(row[0] for row in found)
    if leads:
        seen: set[int] = set()
        found = [row for row in found if (who := leads.get(row[0], row[0])) not in seen and not seen.add(who)]  # type: ignore[func-returns-value]
    columns: list[Any] = list(zip(*found, strict=True)) or [()] * 7
    return Counted(
        np.array(columns[0], np.int64),
        np.array(columns[1], bool),
        np.array([-1 if arm is None else arm for arm in columns[2]], np.int64),
        _days(columns[3]),
        _days(columns[4]),
        _days(columns[5]),
        np.array([float(each) for each in columns[6]], np.float64),
    )


def _days(moments: Iterable[datetime | None]) -> np.typing.NDArray[np.float64]:
    return np.array([np.nan if at is None else at.timestamp() / DAY for at in moments], np.float64)


def against_held(
    campaign: Campaign, found: Counted, written: Any = None, held: Any = None, *, comparisons: int = 1, bought: bool | None = None
) -> Lift | None:
    """Those written to beside those held out (masks; all of them where none is given); None while one of the two is empty.

    Whether they follow a link or answer cannot be asked of those held out: then purchases are compared.
    """
    written = ~found.is_held if written is None else written & ~found.is_held
    held = found.is_held if held is None else held & found.is_held
    if not written.any() or not held.any():
        return None
    by_purchase = campaign.goal in _OUTCOMES if bought is None else bought
    return lift.lift(
        found.people(written, bought=by_purchase),
        found.people(held, bought=by_purchase),
        window=float(campaign.window_days),
        planned=campaign.outlook.get("variance"),
        alpha=0.05 / comparisons,
    )


def leads(campaign: Campaign, found: Counted, *, by_money: bool = False) -> Standing | None:
    """Which letter leads; None while fewer than two have gone out."""
    arms = [(arm, found.people((found.arm == arm) & ~found.is_held)) for arm in range(len(campaign.arms))]
    return lift.best(arms, window=float(campaign.window_days), by_money=by_money)
