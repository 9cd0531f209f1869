"""What the team decides about its key figures: targets, spend, when a customer counts as lost. Each leaves its line in the audit log."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .models import Rules, Spend, Target
from .spans import KINDS

MOST: Final = Decimal(10) ** 12
SHORTEST, LONGEST = 7, 1_100
EARLIEST: Final = date(1990, 1, 1)


class Refused(ValueError):
    """What cannot be done, as a sentence."""


def number_of(text: Any) -> Decimal | None:
    """A number as people write it ("1200.50", "1200,50"); None: nothing. Refused.

    >>> number_of(" 24,50 "), number_of("")
    (Decimal('24.50'), None)
    """
    plain = "" if text is None else str(text).strip().removesuffix("%").strip().replace("\u00a0", "").replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": plain[:20]}) from error
    if not found.is_finite() or abs(found) >= MOST:
        raise Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": plain[:20]})
    return found


def set_target(workspace: Workspace, user: User | None, kpi: str, kind: str, value: Decimal | None) -> Target | None:
    """What a figure shall come to in each stretch of a kind (a share: 0 to 1); None takes the target away. Refused."""
    from .registry import kpis

    if kpi not in kpis() or kind not in KINDS:
        raise Refused(_("There is no such figure."))
    if value is not None and kpis()[kpi].unit == "share" and not 0 <= value <= 1:
        raise Refused(_("A share lies between 0 and 100 percent."))
    rows = Target.objects.of(workspace).filter(kpi=kpi, kind=kind)
    with transaction.atomic():
        before = rows.values_list("value", flat=True).first()
        if value is None:
            rows.delete()
            made = None
        else:
            made, _new = Target.objects.update_or_create(
                workspace=workspace, kpi=kpi, kind=kind, defaults={"value": value, "by": user, "at": timezone.now()}
            )
        if before != value:
            told: dict[str, Any] = {"value": None if value is None else str(value), "before": None if before is None else str(before)}
            audit.record(workspace, user, "changed", "target", kpi, kpi, period=kind, **told)
    return made


def set_spends(workspace: Workspace, user: User | None, months: Iterable[tuple[date, Decimal | None]]) -> int:
    """What was spent in each month to win customers; None: it is not known. All or none; returns of how many it changed. Refused."""
    with transaction.atomic():
        return sum(_set_spend(workspace, user, month, amount) for month, amount in months)


def _set_spend(workspace: Workspace, user: User | None, month: date, amount: Decimal | None) -> bool:
    if not EARLIEST <= month <= date(2200, 1, 1):
        raise Refused(_("Nothing can be known of this month."))
    if amount is not None and amount < 0:
        raise Refused(_("What was spent is nothing or more."))
    month, rows = month.replace(day=1), Spend.objects.of(workspace)
    amount = None if amount is None else amount.quantize(Decimal("0.01"))
    if rows.filter(month=month).values_list("amount", flat=True).first() == amount:
        return False
    if amount is None:
        rows.filter(month=month).delete()
    else:
        Spend.objects.update_or_create(workspace=workspace, month=month, defaults={"amount": amount})
    named = f"{month:%Y-%m}"
    audit.record(workspace, user, "changed", "spend", named, named, amount=None if amount is None else str(amount))
    return True


def set_lost_after(workspace: Workspace, user: User | None, days: int) -> None:
    """After how many days without a purchase a customer counts as lost. Refused."""
    if not SHORTEST <= days <= LONGEST:
        raise Refused(_("From %(first)s to %(last)s days.") % {"first": SHORTEST, "last": LONGEST})
    with transaction.atomic():
        before = lost_after(workspace)
        Rules.objects.update_or_create(workspace=workspace, defaults={"lost_after": days})
        if before != days:
            audit.record(workspace, user, "changed", "key figures", "lost_after", "", lost_after=[before, days])


def lost_after(workspace: Workspace) -> int:
    found = Rules.objects.of(workspace).values_list("lost_after", flat=True).first()
    return int(Rules._meta.get_field("lost_after").get_default() if found is None else found)
