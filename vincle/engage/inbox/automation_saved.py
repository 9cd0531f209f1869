"""Rules as the team keeps them: made, changed, put in order, switched off, taken away."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import clauses, deeds
from .actions import Refused
from .conditions_words import Names, names_of
from .models import Automation

MOST_RULES = 100
LONGEST_WAIT = 30 * 24 * 60


def known(workspace: Workspace) -> Names:
    """Names of all that rules may name."""
    return deeds.names(workspace, names_of(workspace))


def kept(workspace: Workspace) -> list[Automation]:
    return list(Automation.objects.of(workspace).filter(deleted_at=None).order_by("rank", "pk"))


def problems(workspace: Workspace, given: dict[str, Any]) -> list[str]:
    """What is wrong with a rule as it was given; none: it can be kept, and tried."""
    found = []
    if given["moment"] not in Automation.Moment.values:
        found.append(_("Choose when it happens."))
    elif given["moment"] == Automation.Moment.WAITED and not 1 <= (given["minutes"] or 0) <= LONGEST_WAIT:
        found.append(_("Write for how many minutes, from 1 to %(most)d.") % {"most": LONGEST_WAIT})
    return [*found, *clauses.problems(given["conditions"]), *deeds.problems(given["deeds"], known(workspace))]


def save(workspace: Workspace, user: User, given: dict[str, Any], pk: int | None = None) -> Automation:
    """Keep a rule (`name`, `moment`, `minutes`, `conditions`, `deeds`, `is_on`). Raises Refused with all that is wrong."""
    name = " ".join(str(given["name"]).replace("\x00", "").split())[:80]
    wrong = [*([] if name else [_("A rule needs a name.")]), *problems(workspace, given)]
    if wrong:
        raise Refused(" ".join(wrong))
    minutes = given["minutes"] if given["moment"] == Automation.Moment.WAITED else None
    values = {each: given[each] for each in ("moment", "conditions", "deeds", "is_on")} | {
        "name": name, "minutes": minutes, "changed_at": timezone.now()
    }  # fmt: skip
    with transaction.atomic():
        rows = Automation.objects.of(workspace).filter(deleted_at=None)
        if pk is None:
            if rows.count() >= MOST_RULES:
                raise Refused(_("At most %(most)d rules.") % {"most": MOST_RULES})
            last = rows.aggregate(last=Max("rank"))["last"] or 0
            pk = Automation.objects.create(workspace=workspace, created_by=user, rank=last + 1, **values).pk
            verb = "created"
        else:
            verb = "changed"
            if not rows.filter(pk=pk).update(**values):
                raise Refused(_("There is no such rule any more."))
        audit.record(workspace, user, verb, "inbox rule", pk, name, on=given["is_on"])
    made: Automation = rows.get(pk=pk)
    return made


def switch(workspace: Workspace, user: User, rule: Automation, is_on: bool) -> None:
    with transaction.atomic():
        Automation.objects.of(workspace).filter(pk=rule.pk).update(is_on=is_on, changed_at=timezone.now())
        audit.record(workspace, user, "switched on" if is_on else "switched off", "inbox rule", rule.pk, rule.name)


def raise_up(workspace: Workspace, user: User, rule: Automation) -> None:
    """One place earlier."""
    with transaction.atomic():
        rows = list(Automation.objects.of(workspace).filter(deleted_at=None).select_for_update().order_by("rank", "pk"))
        at = next((at for at, row in enumerate(rows) if row.pk == rule.pk), 0)
        if at:
            rows[at - 1], rows[at] = rows[at], rows[at - 1]
        for rank, row in enumerate(rows, 1):
            Automation.objects.filter(pk=row.pk).exclude(rank=rank).update(rank=rank)
        audit.record(workspace, user, "changed", "inbox rule", rule.pk, rule.name, rank=max(at, 1))


def delete(workspace: Workspace, user: User, rule: Automation) -> None:
    """It does nothing more; what it did stays."""
    with transaction.atomic():
        Automation.objects.of(workspace).filter(pk=rule.pk).update(deleted_at=timezone.now(), is_on=False)
        audit.record(workspace, user, "deleted", "inbox rule", rule.pk, rule.name)


def restore(workspace: Workspace, user: User, pk: int) -> bool:
    """Bring a rule back that was taken away; it is off. False when there is none."""
    with transaction.atomic():
        gone = Automation.objects.of(workspace).filter(pk=pk, deleted_at__isnull=False)
        if not gone.update(deleted_at=None):
            return False
        audit.record(workspace, user, "restored", "inbox rule", pk)
    return True
