"""How a segment is spoken to: the plan the team keeps for it, and what came of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.science.proportions import wilson
from vincle.store import bulk

from . import frames, team
from .computed import clause_of
from .everybody import all_members
from .models import Plan, Segment
from .segments.frame import Ints
from .segments.predicate import Window
from .segments.writing import write
from .team import Done, Refused, undo_token

KIND = "communication plan"
LONGEST_GOAL, LONGEST_MESSAGE, MOST_DAYS = 300, 20_000, 3650
FIELDS = ("goal", "message", "channel", "every_days", "owner_id", "success", "starts_on")
EMPTY: dict[str, Any] = {
    "goal": "", "message": "", "channel": "", "every_days": None, "owner_id": None, "success": {}, "starts_on": None
}  # fmt: skip


def keep(workspace: Workspace, user: User | None, segment: Segment, **values: Any) -> Done:
    """Keep the plan of a segment: any of FIELDS; what is not named stays. Refused, BadPredicate."""
    with transaction.atomic():
        row = Plan.objects.of(workspace).select_for_update().filter(segment=segment).first()
        before = {name: getattr(row, name) for name in FIELDS} if row else dict(EMPTY)
        after = {**before, **_checked(workspace, values)}
        if before == after:
            return Done(0)
        Plan.objects.update_or_create(workspace=workspace, segment=segment, defaults={**after, "changed_at": timezone.now()})
        changes = {name: [_plain(before[name]), _plain(after[name])] for name in FIELDS if before[name] != after[name]}
        audit.record(workspace, user, "changed", KIND, segment.public, segment.name, changes=changes)
    return Done(
        1, undo_token(workspace, "plan", segment=segment.pk, values={name: _plain(before[name]) for name in changes}, new=row is None)
    )


def drop(workspace: Workspace, user: User | None, plan: Plan) -> Done:
    """There is no plan for this segment any more."""
    values = {name: _plain(getattr(plan, name)) for name in FIELDS}
    with transaction.atomic():
        Plan.objects.of(workspace).filter(pk=plan.pk).delete()
        audit.record(workspace, user, "deleted", KIND, plan.segment.public, plan.segment.name)
    return Done(1, undo_token(workspace, "plan", segment=plan.segment_id, values=values, new=False))


def _checked(workspace: Workspace, values: dict[str, Any]) -> dict[str, Any]:
    found = dict(values)
    if len(found.get("goal", "")) > LONGEST_GOAL:
        raise Refused(_("A goal holds %(most)d letters at most.") % {"most": LONGEST_GOAL})
    if len(found.get("message", "")) > LONGEST_MESSAGE:
        raise Refused(_("A message holds %(most)d letters at most.") % {"most": LONGEST_MESSAGE})
    days = found.get("every_days")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Refused(_("Every so many days: a number from 1 to %(most)d.") % {"most": MOST_DAYS})
    owner = found.get("owner_id")
    if owner is not None and not User.objects.filter(pk=owner, memberships__workspace=workspace).exists():
        raise Refused(_("Choose someone of the team."))
    if found.get("success"):
        found["success"] = write(clause_of(found["success"]))
    return {name: value for name, value in found.items() if name in FIELDS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _take_back(workspace: Workspace, what: dict[str, Any]) -> None:
    rows = Plan.objects.of(workspace).filter(segment=what["segment"])
    if what["new"]:
        rows.delete()
        return
    values = dict(what["values"])
    if values.get("starts_on"):
        values["starts_on"] = date.fromisoformat(values["starts_on"])
    if not rows.update(**values, changed_at=timezone.now()) and Segment.objects.of(workspace).filter(pk=what["segment"]).exists():
        Plan.objects.create(workspace=workspace, segment_id=what["segment"], **{**EMPTY, **values})


team.can_take_back("plan", _take_back)


class Share(NamedTuple):
    """`did` of `people`; with a confidence of 95 % the share lies between `low` and `high`."""

    did: int
    people: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.did / self.people if self.people else 0.0


@dataclass(frozen=True)
class Measured:
    """Who did what counts as success since the start: of those who were in the segment at any time since then, and of all others."""

    inside: Share
    outside: Share
    since: datetime
    at: datetime

    @property
    def scale(self) -> float:
        """The longer of the two bars, so that both can be drawn against it."""
        return max(self.inside.share, self.outside.share)

    @property
    def is_apart(self) -> bool:
        """Whether the two intervals do not meet."""
        return self.inside.low > self.outside.high or self.outside.low > self.inside.high


def measure(workspace: Workspace, plan: Plan, at: datetime | None = None) -> Measured | None:
    """What came of a plan until now; None while it has no start, no success, or has not begun. EngineError, BadPredicate.

    Members are those who were in at any time since the start: whoever leaves the segment by doing it is counted all the same.
    """
    moment = at or timezone.now()
    now = frames.now_of(workspace, moment)
    if not plan.success or plan.starts_on is None or plan.starts_on > now.today:
        return None
    since = datetime.combine(plan.starts_on, time(), ZoneInfo(workspace.timezone))
    clause = replace(clause_of(plan.success), window=Window(first=plan.starts_on))
    did = all_members(workspace, clause, now)
    people = _ids("SELECT person FROM organise_profile WHERE workspace_id = %s", [workspace.pk])
    members = np.intersect1d(_members_since(plan, since), people, assume_unique=True)
    did = np.intersect1d(did, people, assume_unique=True)
    inside = len(np.intersect1d(members, did, assume_unique=True))
    return Measured(_share(inside, len(members)), _share(len(did) - inside, len(people) - len(members)), since, moment)


def _share(did: int, people: int) -> Share:
    return Share(did, people, *wilson(did, people))


def _members_since(plan: Plan, since: datetime) -> Ints:
    statement = "SELECT DISTINCT person FROM organise_membership WHERE segment_id = %s AND (left_at IS NULL OR left_at >= %s)"
    return _ids(statement, [plan.segment_id, bulk.stamp(since)])


def _ids(statement: str, values: list[Any]) -> Ints:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return np.fromiter((row[0] for row in iter(cursor.fetchone, None)), np.int64)
