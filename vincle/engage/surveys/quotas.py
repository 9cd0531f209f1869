"""Quotas of a survey: at most so many answers of a kind; interlocked ones are a table with a quota in each cell."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .collectors import Refused
from .models import Quota, Survey

MOST, MOST_CELLS = 300, 200
LARGEST = 10_000_000


class Cell(NamedTuple):
    """One answer of one question, as a condition and in words."""

    condition: str
    words: str


def of_survey(survey: Survey) -> list[Quota]:
    return list(Quota.objects.of(survey.workspace_id).filter(survey=survey).order_by("position", "pk"))


def create(
    workspace: Workspace, user: User, survey: Survey, name: str, condition: str, limit: int, action: str = "screen",
    message: dict[str, str] | None = None,
) -> Quota:  # fmt: skip
    """`condition`: an expression over the answers, "" for everybody. Raises Refused."""
    called = " ".join(name.replace("\x00", "").split())[:160]
    if not called:
        raise Refused(_("Give the quota a name."))
    checked(survey, condition)
    _check_limit(limit, action)
    with transaction.atomic():
        last = _room(workspace, survey, 1)
        made: Quota = Quota.objects.create(
            workspace=workspace, survey=survey, position=last + 1, name=called, condition=condition.strip(), limit=limit, action=action,
            message=message or {},
        )  # fmt: skip
        audit.record(workspace, user, "created", "survey quota", made.pk, called, survey=survey.pk, limit=limit)
    return made


def interlock(
    workspace: Workspace, user: User, survey: Survey, tables: Sequence[Sequence[Cell]], limit: int, group: str = ""
) -> list[Quota]:
    """A quota for each combination of one cell of every table, all of the same limit to begin with. Raises Refused."""
    sizes = [len(table) for table in tables]
    cells = list(product(*tables)) if len(tables) > 1 and all(sizes) else []
    if not cells:
        raise Refused(_("Choose two questions with answers to choose from."))
    if len(cells) > MOST_CELLS:
        raise Refused(_("That would be %(many)d quotas; at most %(most)d.") % {"many": len(cells), "most": MOST_CELLS})
    _check_limit(limit, Quota.Action.SCREEN)
    with transaction.atomic():
        last = _room(workspace, survey, len(cells))
        named = (group or " × ".join(_("table %(n)d") % {"n": place} for place in range(1, len(tables) + 1)))[:80]
        rows = []
        for place, combined in enumerate(cells, last + 1):
            condition = " and ".join(f"({cell.condition})" for cell in combined)
            checked(survey, condition)
            name = " · ".join(cell.words for cell in combined)[:160]
            rows.append(Quota(workspace=workspace, survey=survey, position=place, group=named, name=name, condition=condition, limit=limit))
        Quota.objects.bulk_create(rows)
        audit.record(workspace, user, "created", "survey quotas", survey.pk, named, cells=len(rows), limit=limit)
    return rows


def _room(workspace: Workspace, survey: Survey, more: int) -> int:
    """The last place taken, the survey held meanwhile. Raises Refused."""
    Survey.objects.of(workspace).filter(pk=survey.pk).select_for_update().get()
    rows = Quota.objects.of(workspace).filter(survey=survey)
    if rows.count() + more > MOST:
        raise Refused(_("At most %(most)d quotas.") % {"most": MOST})
    return int(rows.aggregate(last=Max("position"))["last"] or 0)


def _check_limit(limit: int, action: str) -> None:
    if not 0 <= limit <= LARGEST:
        raise Refused(_("Write how many answers are wanted."))
    if action not in Quota.Action.values:
        raise Refused(_("Choose what happens when it is full."))


def checked(survey: Survey, condition: str) -> None:
    """Raises Refused for what is no expression over this survey's questions, with the place."""
    from . import conditions

    conditions.check(survey, condition)


def change(workspace: Workspace, user: User, quota: Quota, limit: int, action: str) -> bool:
    """Raises Refused. Raised above what was counted, it lets people in again."""
    _check_limit(limit, action)
    with transaction.atomic():
        if not Quota.objects.of(workspace).filter(pk=quota.pk).update(limit=limit, action=action):
            return False
        audit.record(workspace, user, "changed", "survey quota", quota.pk, quota.name, limit=limit, action=action)
    return True


def remove(workspace: Workspace, user: User, quota: Quota) -> bool:
    with transaction.atomic():
        gone, _of = Quota.objects.of(workspace).filter(pk=quota.pk).delete()
        if gone:
            audit.record(workspace, user, "deleted", "survey quota", quota.pk, quota.name, limit=quota.limit)
    return bool(gone)
