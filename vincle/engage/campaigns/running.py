"""What the worker does with campaigns: draws the people, hands them to the outbox, chooses the better letter, says when it is done.

Each turn does one piece under the campaign's lease; killed at any point, the next turn goes on from the last commit. Lots are hashes and
keys of sends are names, so nobody is drawn or written to twice.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.engage.letters import sending as letters
from vincle.engage.outbox import jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job
from vincle.store import bulk, lease
from vincle.store.lease import LostLease

from . import actions, measuring, promo_giving, promotions, reach, timing
from .drawing import draw
from .models import Assignment, Campaign

EARLIER: Final = timedelta(hours=15)
"""So long before its moment in our own zone it is that time already somewhere else."""

AGAIN: Final = timedelta(minutes=2)
SELDOM: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(days=185)
"""No window is longer, with what is told late."""

PIECE: Final = 2_000
State = Campaign.State
_COLUMNS = ("workspace_id", "campaign_id", "person", "handle", "is_held", "arm", "starts_at", "purchases", "money")
logger = structlog.get_logger(__name__)


def turn(now: datetime | None = None) -> int:
    """One piece of one campaign that is due; returns how many people it moved, or 1 for another step; 0: there was nothing to do."""
    now = now or timezone.now()
    _woken()
    for campaign in Campaign.objects.filter(state__in=(State.APPROVED, State.SENDING)).select_related("workspace", "job", "connection"):
        work = _next(campaign, now)
        if work is None:
            continue
        row = Campaign.objects.filter(pk=campaign.pk)
        if not lease.claim(row):
            continue
        try:
            campaign.refresh_from_db()
            work = _next(campaign, now)
            moved = work(campaign, now) if work else 0
        finally:
            lease.release(row)
        if moved:
            return moved
    return 0


def _next(campaign: Campaign, now: datetime) -> Callable[[Campaign, datetime], int] | None:
    """What is to be done with it now."""
    if campaign.state == State.APPROVED:
        if campaign.drawn_at is None:
            return _draw if _begins(campaign) <= now else None
        return _add if campaign.added_at is None else _go_on
    if campaign.state == State.SENDING:
        if campaign.job and campaign.job.state == Job.State.PAUSED:
            return _rest
        if campaign.added_at is None:
            return _add
        if campaign.winner != Campaign.Winner.NONE and campaign.best_arm is None:
            return _choose if _looks(campaign, now) else None
        return _finish if _is_over(campaign) else None
    return None


def _begins(campaign: Campaign) -> datetime:
    """When its people are drawn."""
    if campaign.timing == Campaign.Timing.NOW or campaign.starts_at is None:
        return campaign.approved_at or campaign.created_at
    if campaign.timing == Campaign.Timing.AT:
        return campaign.starts_at
    return timing.first_moment(campaign) - EARLIER


def _draw(campaign: Campaign, now: datetime) -> int:
    """Draw some of its people; those behind them come in the next turn."""
    everybody = reach.people(campaign.workspace, campaign.inside, campaign.outside)
    some = next(reach.pieces(everybody, campaign.drawn_to), [])
    if not some:
        return _drawn(campaign, now)
    until = max(now, campaign.starts_at or now) + timedelta(days=campaign.window_days)
    found = reach.reached(campaign, some, until, now)
    moments = timing.of(campaign, list(found.handles), now)
    secret, shares = bytes(campaign.workspace.secret), [arm["share"] for arm in campaign.arms]
    rows, stamp = [], bulk.writer()
    for person, handle in found.handles.items():
        lot = draw(secret, campaign.public, person, campaign.held_out, campaign.test_share if _tests(campaign) else 100, shares)
        begins = None if lot.waits else stamp(moments[person])
        rows.append((campaign.workspace_id, campaign.pk, person, handle, lot.is_held, lot.arm, begins, 0, 0))
    left = {code: campaign.left_out.get(code, 0) + found.left_out.get(code, 0) for code in {*campaign.left_out, *found.left_out}}
    with transaction.atomic():
        _hold(campaign)
        bulk.insert(Assignment, _COLUMNS, rows)
        Campaign.objects.filter(pk=campaign.pk).update(drawn_to=some[-1], left_out=left)
    return len(some)


def _tests(campaign: Campaign) -> bool:
    return campaign.winner != Campaign.Winner.NONE and len(campaign.arms) > 1


def _hold(campaign: Campaign) -> None:
    """Go on only if nobody took it from us or stopped it meanwhile."""
    row = Campaign.objects.filter(pk=campaign.pk, state__in=(State.APPROVED, State.SENDING))
    if not lease.keep(row):
        raise LostLease(campaign.source)


def _drawn(campaign: Campaign, now: datetime) -> int:
    span = Assignment.objects.filter(campaign=campaign).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    with transaction.atomic():
        _hold(campaign)
        values = {"drawn_at": now, "begun_at": span["first"], "last_at": span["last"]}
        if span["first"] is None and not Assignment.objects.filter(campaign=campaign).exists():
            values |= {"state": State.DONE, "done_at": now, "problem": _("Nobody of the segment may be written to.")}
        Campaign.objects.filter(pk=campaign.pk).update(**values)
        audit.record(campaign.workspace_id, None, "drew", "campaign", campaign.public, campaign.name, left_out=campaign.left_out)
    return 1


def _add(campaign: Campaign, now: datetime) -> int:
    """Hand everybody who was drawn into an arm to the outbox: who is there already is not handed over again."""
    job = _job(campaign)
    if job is None:
        return 1
    try:
        _check_codes(campaign)
        for some in _assigned(campaign):
            jobs.add(job, _wanted(campaign, some))
            _hold(campaign)
    except promotions.Refused as refused:
        _halt(campaign, str(refused))
        return 1
    with transaction.atomic():
        _hold(campaign)
        Campaign.objects.filter(pk=campaign.pk).update(added_at=now, state=State.SENDING)
    return 1


def measure_turn(now: datetime | None = None) -> int:
    """Measure one campaign that has not been for ten minutes; returns how many it was."""
    now = now or timezone.now()
    counting = Campaign.objects.filter(begun_at__lte=now, last_at__gt=now - LONGEST)
    late = counting.exclude(measured_at__gt=now - SELDOM)
    for campaign in late.select_related("workspace").order_by("measured_at"):
        if measuring.is_due(campaign, now):
            measuring.measure(campaign, now)
            return 1
    return 0


def _job(campaign: Campaign) -> Job | None:
    """The campaign's one job; None where it cannot be made any more."""
    if campaign.job:
        return campaign.job
    if campaign.connection is None:
        _halt(campaign, _("What it was to be sent from is gone."))
        return None
    content = {"arms": {str(arm): version for arm, version in campaign.versions_of_arms.items()}}
    with transaction.atomic():
        _hold(campaign)
        job = jobs.create(
            campaign.workspace,
            campaign.approved_by,
            kind="campaign",
            source=campaign.source,
            name=campaign.name,
            connection=campaign.connection,
            purpose="marketing",
            topic=campaign.topic,
            medium="email",
            writer=letters.NAME,
            content=content,
            rate=campaign.rate,
        )
        Campaign.objects.filter(pk=campaign.pk).update(job=job)
    campaign.job = job
    return job


def _halt(campaign: Campaign, why: str) -> None:
    Campaign.objects.filter(pk=campaign.pk, state__in=(State.APPROVED, State.SENDING)).update(state=State.PAUSED, problem=why[:300])


def _assigned(campaign: Campaign) -> Iterator[list[Assignment]]:
    rows = Assignment.objects.filter(campaign=campaign, is_held=False, arm__isnull=False, starts_at__isnull=False).order_by("pk")
    after = 0
    while some := list(rows.filter(pk__gt=after)[:PIECE]):
        yield some
        after = some[-1].pk


def _check_codes(campaign: Campaign) -> None:
    """Before anyone is written to: a code for all of them, or for none. Raises promotions.Refused."""
    if campaign.promotion:
        promo_giving.check(campaign.promotion, [row.person for some in _assigned(campaign) for row in some])


def _wanted(campaign: Campaign, some: Sequence[Assignment]) -> list[Wanted]:
    """Without who left the promotion's segment since the lots were drawn: a letter about a code needs one."""
    codes = promo_giving.give(campaign.promotion, [row.person for row in some], campaign.source) if campaign.promotion else {}
    return [
        Wanted(
            f"c:{campaign.pk}:{row.person}",
            row.person,
            row.handle,
            row.arm or 0,
            not_before=row.starts_at,
            data=promotions.data_of(campaign.promotion, codes[row.person]) if campaign.promotion else {},
        )
        for row in some
        if not campaign.promotion or row.person in codes
    ]


def _looks(campaign: Campaign, now: datetime) -> bool:
    return campaign.measured_at is None or campaign.measured_at < now - AGAIN


def _choose(campaign: Campaign, now: datetime) -> int:
    """Look which letter does better; once it is sure, or its time has come, those who wait get it."""
    measuring.measure(campaign, now)
    if not Assignment.objects.filter(campaign=campaign, starts_at=None).exists():
        return int(actions.choose(campaign.workspace, None, campaign, 0))
    standing = measuring.leads(campaign, measuring.counted(campaign, now))
    if standing is None:
        return 0
    is_time = campaign.last_at is not None and now >= campaign.last_at + timedelta(hours=campaign.winner_hours)
    if standing.is_sure or (is_time and campaign.winner == Campaign.Winner.BEST):
        return int(actions.choose(campaign.workspace, None, campaign, standing.arm, is_sure=standing.is_sure))
    return 0


def _rest(campaign: Campaign, now: datetime) -> int:
    """The outbox has paused its job: so has the campaign."""
    return Campaign.objects.filter(pk=campaign.pk, state=State.SENDING).update(state=State.PAUSED, problem="")


def _woken() -> None:
    """Whose job was gone on with in the outbox goes on too."""
    rows = Campaign.objects.filter(state=State.PAUSED, problem="", added_at__isnull=False)
    for campaign in rows.filter(job__state__in=(Job.State.RUNNING, Job.State.WAITING)):
        rows.filter(pk=campaign.pk).update(state=State.SENDING)


def _go_on(campaign: Campaign, now: datetime) -> int:
    return Campaign.objects.filter(pk=campaign.pk, state=State.APPROVED).update(state=State.SENDING)


def _is_over(campaign: Campaign) -> bool:
    return campaign.job is None or campaign.job.state in (Job.State.DONE, Job.State.STOPPED)


def _finish(campaign: Campaign, now: datetime) -> int:
    state = State.STOPPED if campaign.job and campaign.job.state == Job.State.STOPPED else State.DONE
    return Campaign.objects.filter(pk=campaign.pk, state=State.SENDING).update(state=state, done_at=now)
