"""What the team does with promises and hours. Whatever changes, due times of open conversations follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import hours as reading
from . import promising, wording
from .actions import Refused
from .models import Hours, Promise, Thread

MOST, MOST_HOURS = 50, 50
LONGEST = 60 * 24 * 60
"""Minutes: sixty days."""


def of(workspace: Workspace) -> list[Promise]:
    """The first that fits a conversation counts there."""
    return list(Promise.objects.of(workspace).filter(deleted_at=None).select_related("hours").order_by("rank", "pk")[:MOST])


def hours_of(workspace: Workspace) -> list[Hours]:
    """The workspace's own first."""
    return list(Hours.objects.of(workspace).order_by("-is_usual", "name")[:MOST_HOURS])


class Kept(NamedTuple):
    """What one conversation was promised, as a page shows it."""

    name: str
    due: wording.Due | None
    first_at: datetime | None
    first_kept: bool | None
    done_at: datetime | None
    done_kept: bool | None


def owed_of(workspace: Workspace, thread: Thread, now: datetime) -> Kept | None:
    """None where nothing was promised. Kept: true, broken: false, not known yet: None."""
    if thread.due_first_at is None and thread.due_done_at is None and thread.due_at is None:
        return None
    name = Promise.objects.of(workspace).filter(pk=thread.promise).values_list("name", flat=True).first() or ""
    closed_at = thread.closed_at if thread.state == Thread.State.CLOSED else None
    due = wording.due(thread.due_at, now) if thread.state == Thread.State.OPEN else None
    return Kept(
        name, due, thread.due_first_at, _kept(thread.due_first_at, thread.first_answer_at, now),
        thread.due_done_at, _kept(thread.due_done_at, closed_at, now),
    )  # fmt: skip


def _kept(due: datetime | None, at: datetime | None, now: datetime) -> bool | None:
    if due is None or (at is None and now < due):
        return None
    return at is not None and at <= due


def save(
    workspace: Workspace, user: User, name: str, conditions: list[Any], first_minutes: int | None, done_minutes: int | None,
    in_hours: bool = True, hours: int | None = None, warn_share: float = 0.75, is_on: bool = True, pk: int | None = None,
) -> Promise:  # fmt: skip
    """Make a promise, behind the others, or change one. Raises Refused."""
    values = {
        "name": _named(name, _("A promise needs a name.")), "conditions": _read_conditions(workspace, conditions),
        "first_minutes": _minutes(first_minutes), "done_minutes": _minutes(done_minutes), "in_hours": in_hours, "hours_id": hours,
        "warn_share": warn_share, "is_on": is_on,
    }  # fmt: skip
    if first_minutes is None and done_minutes is None:
        raise Refused(_("Promise an answer, an end, or both."))
    if not 0.1 <= warn_share <= 1:
        raise Refused(_("The team is told between a tenth of the time and all of it."))
    with transaction.atomic():
        if hours is not None and not Hours.objects.of(workspace).filter(pk=hours).exists():
            raise Refused(_("There are no such hours any more."))
        rows, verb = Promise.objects.of(workspace).filter(deleted_at=None), "changed"
        if pk is None:
            if rows.count() >= MOST:
                raise Refused(_("At most %(most)d promises.") % {"most": MOST})
            last = rows.order_by("-rank").values_list("rank", flat=True).first()
            pk, verb = Promise.objects.create(workspace=workspace, rank=(last or 0) + 1, **values).pk, "created"
        elif not rows.filter(pk=pk).update(**values):
            raise Refused(_("There is no such promise any more."))
        made: Promise = rows.get(pk=pk)
        audit.record(workspace, user, verb, "promise", made.pk, made.name, first=first_minutes, done=done_minutes, on=is_on)
        promising.changed(workspace)
    return made


def _named(name: str, missing: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:80]
    if not name:
        raise Refused(missing)
    return name


def _minutes(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= LONGEST:
        raise Refused(_("From one minute to sixty days."))
    return value


def _read_conditions(workspace: Workspace, told: list[Any]) -> list[Any]:
    if told:
        from . import conditions

        if found := conditions.problems(told):
            raise Refused(" ".join(str(each) for each in found[:3]))
    return told


def delete(workspace: Workspace, user: User, found: Promise) -> None:
    with transaction.atomic():
        if Promise.objects.of(workspace).filter(pk=found.pk, deleted_at=None).update(deleted_at=timezone.now()):
            audit.record(workspace, user, "deleted", "promise", found.pk, found.name)
            promising.changed(workspace)


def order(workspace: Workspace, user: User, pks: Sequence[int]) -> None:
    """Put promises into this order; those not named stay behind them."""
    with transaction.atomic():
        rows = {row.pk: row for row in Promise.objects.of(workspace).filter(deleted_at=None).select_for_update()}
        wanted = [pk for pk in dict.fromkeys(pks) if pk in rows]
        rest = sorted((row for pk, row in rows.items() if pk not in set(wanted)), key=lambda row: (row.rank, row.pk))
        for rank, pk in enumerate([*wanted, *(row.pk for row in rest)], 1):
            Promise.objects.filter(pk=pk).update(rank=rank)
        audit.record(workspace, user, "changed", "promise", "", "", order=wanted)
        promising.changed(workspace)


def earlier(workspace: Workspace, user: User, found: Promise) -> None:
    """One place forward."""
    pks = [each.pk for each in of(workspace)]
    at = pks.index(found.pk) if found.pk in pks else 0
    if at:
        pks[at - 1], pks[at] = pks[at], pks[at - 1]
        order(workspace, user, pks)


# Hours


def save_hours(
    workspace: Workspace, user: User, name: str, zone: str, week: Mapping[str, Any], holidays: Sequence[Any],
    is_usual: bool = False, pk: int | None = None,
) -> Hours:  # fmt: skip
    """Keep hours, or change them; `is_usual`: they are the workspace's own from now on. Raises Refused with the place."""
    name = _named(name, _("Hours need a name."))
    try:
        values = {
            "name": name, "timezone": reading.read_zone(zone), "week": reading.plain(reading.read_week(week)),
            "holidays": [day.isoformat() for day in sorted(reading.read_holidays(holidays))], "is_usual": is_usual,
        }  # fmt: skip
    except reading.Unreadable as error:
        raise Refused(str(error)) from error
    with transaction.atomic():
        rows, verb = Hours.objects.of(workspace), "changed"
        if rows.filter(name=name).exclude(pk=pk).exists():
            raise Refused(_("There are hours called “%(name)s” already.") % {"name": name})
        if is_usual:
            rows.exclude(pk=pk).filter(is_usual=True).update(is_usual=False)
        if pk is None:
            if rows.count() >= MOST_HOURS:
                raise Refused(_("At most %(most)d kinds of hours.") % {"most": MOST_HOURS})
            pk, verb = Hours.objects.create(workspace=workspace, **values).pk, "created"
        elif not rows.filter(pk=pk).update(**values, changed_at=timezone.now()):
            raise Refused(_("There are no such hours any more."))
        made: Hours = rows.get(pk=pk)
        audit.record(workspace, user, verb, "hours", made.pk, name, usual=is_usual)
        promising.changed(workspace)
    return made


def delete_hours(workspace: Workspace, user: User, found: Hours) -> None:
    """What counted by them counts by the workspace's own."""
    with transaction.atomic():
        if Hours.objects.of(workspace).filter(pk=found.pk).delete()[0]:
            audit.record(workspace, user, "deleted", "hours", found.pk, found.name)
            promising.changed(workspace)
