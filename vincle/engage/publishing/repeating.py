"""What repeats: series put their posts into the calendar ahead of time, the queue fills its slots with what has rested longest."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen.models import Connection

from . import places, wording
from .ideas import Refused, settings_of
from .models import Idea, Post, Series, Slot
from .recurrence import BadRule, Rule, moment

AHEAD: Final = timedelta(days=42)
"""So far into the future posts of a series stand in the calendar."""
QUEUE_AHEAD: Final = timedelta(days=7)
MOST_SERIES: Final = 50
State = Post.State
_STANDING: Final = (State.DRAFT, State.WAITING, State.SCHEDULED, State.LEAVING, State.SENT, State.FAILED)


def begin(
    workspace: Workspace, user: User, idea: Idea, rule: Rule, where: Mapping[int, str], approves: bool, now: datetime | None = None
) -> Series:  # fmt: skip
    """Say it again by a rule; `where`: what the platform calls the place, by connection. Raises Refused."""
    now = now or timezone.now()
    try:
        rule = rule.checked()
    except BadRule as error:
        raise Refused(wording.of(wording.RULE, str(error))) from error
    found = Connection.objects.of(workspace).filter(pk__in=where).select_related("workspace")
    able = [row for row in found if places.place_of(row) is not None]
    if not able:
        raise Refused(_("Choose at least one place to post at."))
    zone = ZoneInfo(workspace.timezone)
    if not rule.between(now, now + timedelta(days=3660), zone):
        raise Refused(_("By this rule nothing would ever be posted."))
    with transaction.atomic():
        if Series.objects.of(workspace).filter(is_on=True).count() >= MOST_SERIES:
            raise Refused(_("At most %(most)s series run at once.") % {"most": MOST_SERIES})
        made: Series = Series.objects.create(
            workspace=workspace, idea=idea, rule=msgspec.to_builtins(rule), places=[[row.pk, where[row.pk][:100]] for row in able], by=user,
            **({"approved_at": now, "approved_by": user} if _lets(workspace, approves) else {}),
        )  # fmt: skip
        audit.record(workspace, user, "began a series of", "idea", idea.public, idea.name, rule=rule.rrule(), series=made.public)
        _extend(made, now)
    return made


def _lets(workspace: Workspace, approves: bool) -> bool:
    return approves and not settings_of(workspace).needs_second


def rule_of(series: Series) -> Rule:
    return msgspec.convert(series.rule, Rule, strict=False)


def stop(workspace: Workspace, user: User, series: Series) -> int:
    """No more of it; returns how many posts to come were taken off."""
    with transaction.atomic():
        Series.objects.of(workspace).filter(pk=series.pk).update(is_on=False)
        coming = Post.objects.of(workspace).filter(series=series, state__in=(State.DRAFT, State.WAITING, State.SCHEDULED))
        gone = coming.update(state=State.REMOVED, updated_at=timezone.now())
        audit.record(workspace, user, "ended a series of", "idea", series.idea.public, series.idea.name, series=series.public)
    return int(gone)


def approve_series(workspace: Workspace, user: User, series: Series) -> int:
    """Let all of it go, now and later; returns how many posts that waited are scheduled. Raises Refused."""
    if settings_of(workspace).needs_second and series.by_id == user.pk:
        raise Refused(_("Someone else has to approve what you wrote."))
    now = timezone.now()
    with transaction.atomic():
        Series.objects.of(workspace).filter(pk=series.pk).update(approved_at=now, approved_by=user)
        waiting = Post.objects.of(workspace).filter(series=series, state=State.WAITING)
        late = waiting.filter(at__lte=now).update(state=State.REMOVED, updated_at=now)
        told = waiting.update(state=State.SCHEDULED, approved_at=now, approved_by=user, updated_at=now)
        audit.record(workspace, user, "approved a series of", "idea", series.idea.public, series.idea.name, posts=told, late=late)
    return int(told)


def fill(now: datetime | None = None) -> int:
    """Put what is to come into the calendar; returns how many posts were made. Doing it twice makes nothing twice."""
    now = now or timezone.now()
    made = 0
    soon = Q(made_until__isnull=True) | Q(made_until__lt=now + AHEAD - timedelta(days=1))
    for series in Series.objects.filter(soon, is_on=True, idea__archived_at=None).select_related("workspace", "idea")[:200]:
        with transaction.atomic():
            made += _extend(series, now)
    for workspace in Slot.objects.order_by().values_list("workspace", flat=True).distinct():
        made += fill_queue(Workspace.objects.get(pk=workspace), now)
    return made


def _extend(series: Series, now: datetime) -> int:
    """The occurrences up to `AHEAD` that have no post yet; one that was removed does not come back."""
    zone = ZoneInfo(series.workspace.timezone)
    after = max(series.made_until or now, now)
    upto = now + AHEAD
    moments = rule_of(series).between(after, upto, zone)
    is_approved = series.approved_at is not None
    rows = [
        Post(
            workspace=series.workspace, idea=series.idea, connection_id=connection, place=place, at=at, occurrence=at, series=series,
            origin=Post.Origin.SERIES, by=series.by, state=State.SCHEDULED if is_approved else State.WAITING,
            approved_by=series.approved_by, approved_at=series.approved_at,
        )
        for at in moments for connection, place in series.places
    ]  # fmt: skip
    there = set(Post.objects.filter(series=series, occurrence__gt=after).values_list("connection_id", "occurrence"))
    fresh = [row for row in rows if (row.connection_id, row.occurrence) not in there]
    Post.objects.bulk_create(fresh, ignore_conflicts=True)
    Series.objects.filter(pk=series.pk).update(made_until=upto)
    series.made_until = upto
    return len(fresh)


# The queue


def set_slots(workspace: Workspace, user: User, connection: Connection, place: str, slots: Sequence[tuple[int, int]]) -> None:
    """The times of the week at which the queue may post there: (weekday, minute of the day). Raises Refused."""
    if any(not (0 <= weekday <= 6 and 0 <= minute < 1440) for weekday, minute in slots) or len(slots) > 70:
        raise Refused(_("These are not times of a week."))
    with transaction.atomic():
        Slot.objects.of(workspace).filter(connection=connection).delete()
        Slot.objects.bulk_create(
            Slot(workspace=workspace, connection=connection, place=place[:100], weekday=weekday, minute=minute)
            for weekday, minute in sorted(set(slots))
        )
        coming = Post.objects.of(workspace).filter(connection=connection, origin=Post.Origin.QUEUE, at__gt=timezone.now())
        coming.filter(state__in=(State.SCHEDULED, State.WAITING)).delete()
        audit.record(workspace, user, "set the queue of", "connection", connection.pk, connection.name, slots=len(slots))


def approve_idea(workspace: Workspace, user: User, idea: Idea) -> None:
    """The queue may take it as it stands. Raises Refused."""
    if settings_of(workspace).needs_second and idea.by_id == user.pk:
        raise Refused(_("Someone else has to approve what you wrote."))
    with transaction.atomic():
        Idea.objects.of(workspace).filter(pk=idea.pk).update(approved_at=timezone.now(), approved_by=user)
        audit.record(workspace, user, "approved", "idea", idea.public, idea.name)


def fill_queue(workspace: Workspace, now: datetime, ahead: timedelta = QUEUE_AHEAD) -> int:
    """Fill the free slots of the next days, each with the idea that has rested there longest."""
    slots = list(Slot.objects.of(workspace).select_related("connection__workspace"))
    ideas = Idea.objects.of(workspace).filter(is_evergreen=True, archived_at=None, approved_at__isnull=False)
    evergreen = list(ideas.select_related("approved_by").prefetch_related("pictures"))
    if not slots or not evergreen:
        return 0
    made = 0
    for at, slot in _coming(workspace, slots, now, now + ahead):
        with transaction.atomic():
            made += _fill_one(workspace, slot, at, evergreen)
    return made


def _coming(workspace: Workspace, slots: Sequence[Slot], now: datetime, upto: datetime) -> list[tuple[datetime, Slot]]:
    zone = ZoneInfo(workspace.timezone)
    today: date = now.astimezone(zone).date()
    days = [today + timedelta(days=each) for each in range((upto - now).days + 2)]
    found = [(moment(day, slot.minute, zone), slot) for day in days for slot in slots if slot.weekday == day.weekday()]
    return sorted(((at, slot) for at, slot in found if now < at <= upto), key=lambda each: (each[0], each[1].pk))


def _fill_one(workspace: Workspace, slot: Slot, at: datetime, ideas: Sequence[Idea]) -> int:
    apart = timedelta(minutes=settings_of(workspace).apart_minutes)
    there = Post.objects.of(workspace).filter(connection=slot.connection_id)
    if there.filter(occurrence=at, origin=Post.Origin.QUEUE).exists():
        return 0  # also one that was removed: that slot stays free
    if there.filter(at__gt=at - apart, at__lt=at + apart, state__in=_STANDING).exists():
        return 0
    last: dict[int, Any] = dict(
        there.filter(state__in=_STANDING, idea__in=ideas, at__isnull=False)
        .values("idea")
        .annotate(last=Max("at"))
        .values_list("idea", "last")
    )
    place = places.place_of(slot.connection)
    rested = [each for each in ideas if each.pk not in last or abs(at - last[each.pk]) >= timedelta(days=each.rest_days)]
    fitting = [each for each in rested if place and places.fit(place, each, each.text, _files(each), slot.place).fits]
    if not fitting:
        return 0
    idea = min(fitting, key=lambda each: (each.pk in last, last.get(each.pk, at), each.pk))
    Post.objects.create(
        workspace=workspace, idea=idea, connection=slot.connection, place=slot.place, at=at, occurrence=at, origin=Post.Origin.QUEUE,
        state=State.SCHEDULED, approved_by=idea.approved_by, approved_at=idea.approved_at,
    )  # fmt: skip
    return 1


def _files(idea: Idea) -> list[Any]:
    return places.attachments(sorted(idea.pictures.all(), key=lambda each: (each.rank, each.pk)))
