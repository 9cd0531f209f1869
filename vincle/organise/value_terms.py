"""The terms by which people's worth is told: what stays of a sale, how far ahead, what an idea is worth. Changed here, read everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store.models import Cursor

from .models import ScoreRun, ValueTerms
from .team import Refused

SHARES: Final = {"margin": 100, "yearly_discount": 95, "influence_share": 100}
"""Per cent, and the most of each."""
PRICES: Final = {"acquisition_cost": 2, "idea_price": 2, "review_price": 2, "answer_price": 2, "send_cost": 4}
"""Money, with so many digits behind the point."""
MOST: Final = 1_000_000
FIRST_MONTHS, LAST_MONTHS = 1, 60
FIELDS: Final = (*SHARES, *PRICES, "months")
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
WORTH: Final = ("value", "alive", "next_purchase")
"""Scores that hang on them."""


@dataclass(frozen=True)
class Terms:
    """Shares 0 to 1; prices in the workspace's currency, None: not said. `margin` is 1 where the team has not said what stays of a sale
    (`has_margin`): then value means what people will spend."""

    margin: Decimal = Decimal(1)
    has_margin: bool = False
    yearly_discount: Decimal = Decimal("0.1")
    months: int = 12
    influence_share: Decimal = Decimal("0.1")
    acquisition: Decimal | None = None
    idea: Decimal | None = None
    review: Decimal | None = None
    answer: Decimal | None = None
    send: Decimal | None = None

    @property
    def days(self) -> float:
        """How far ahead is looked."""
        return round(self.months * 365.25 / 12, 2)

    def kept(self) -> dict[str, float]:
        """What scores need of it, as JSON."""
        return {"margin": float(self.margin), "yearly_discount": float(self.yearly_discount), "days": self.days}


def terms_of(workspace: Workspace) -> Terms:
    """One query; the defaults where the team has said nothing."""
    row = ValueTerms.objects.of(workspace).first()
    if row is None:
        return Terms()
    return Terms(
        Decimal(1) if row.margin is None else row.margin / 100, row.margin is not None, row.yearly_discount / 100, row.months,
        row.influence_share / 100, row.acquisition_cost, row.idea_price, row.review_price, row.answer_price, row.send_cost,
    )  # fmt: skip


def set_terms(workspace: Workspace, user: User | None, **told: Any) -> Terms:
    """Keep what is told (`FIELDS`: numbers, or text as people write it; "" or None: not said); the rest stays. Refused says what is wrong.

    Who is worth what is worked out anew as soon as a worker has time.
    """
    values = read(told)
    with transaction.atomic():
        row, _made = ValueTerms.objects.get_or_create(workspace=workspace)
        row = ValueTerms.objects.of(workspace).select_for_update().get(pk=row.pk)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(row, name, value)
            row.save(update_fields=[*changed])
            said: dict[str, Any] = {name: None if value is None else str(value) for name, value in changed.items()}
            audit.record(workspace, user, "changed", "value terms", "", ", ".join(changed), **said)
            if {"margin", "yearly_discount", "months"} & changed.keys():
                _work_out_anew(workspace)
    return terms_of(workspace)


def as_told(workspace: Workspace) -> dict[str, str]:
    """The terms as the form shows them."""
    row = ValueTerms.objects.of(workspace).first() or ValueTerms(workspace=workspace)
    found = {name: getattr(row, name) for name in FIELDS}
    return {name: "" if value is None else _plain(value) for name, value in found.items()}


def read(told: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept. Refused says of which field what is wrong."""
    if unknown := set(told) - set(FIELDS):
        raise Refused(f"{', '.join(sorted(unknown))}?")
    return {name: _read(name, value) for name, value in told.items()}


def _read(name: str, value: Any) -> Decimal | int | None:
    found = _decimal(value)
    if name == "months":
        if found is None or found != int(found) or not FIRST_MONTHS <= found <= LAST_MONTHS:
            raise Refused(_("Look ahead by %(first)s to %(last)s whole months.") % {"first": FIRST_MONTHS, "last": LAST_MONTHS})
        return int(found)
    if name in SHARES:
        if found is None and name != "margin":
            found = Decimal(getattr(ValueTerms(), name))
        if found is not None and not 0 <= found <= SHARES[name]:
            raise Refused(_("%(value)s is no share: write a number from 0 to %(most)s.") % {"value": value, "most": SHARES[name]})
        return None if found is None else found.quantize(Decimal("0.01"))
    if found is not None and not 0 <= found <= MOST:
        raise Refused(_("%(value)s is no price: write a number from 0 to %(most)s.") % {"value": value, "most": MOST})
    return None if found is None else found.quantize(Decimal(1).scaleb(-PRICES[name]))


def _decimal(value: Any) -> Decimal | None:
    plain = "" if value is None else str(value).strip().removesuffix("%").strip().replace("\u00a0", "").replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": str(value)[:20]}) from error
    if not found.is_finite() or abs(found) > 10 * MOST:
        raise Refused(_("“%(value)s” is no number; write it like 24.50.") % {"value": str(value)[:20]})
    return found


def _plain(value: Any) -> str:
    """12, 12.5; never 1E+1.

    >>> _plain(Decimal("12.50")), _plain(Decimal("10.00")), _plain(12)
    ('12.5', '10', '12')
    """
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _work_out_anew(workspace: Workspace) -> None:
    """As `scoring_rounds.ask_again`, for these scores alone; that module brings numpy, which pages have no time for at their start."""
    ScoreRun.objects.of(workspace).filter(name__in=WORTH).update(at=LONG_AGO)
    Cursor.objects.filter(name=f"scores of all {workspace.pk}").update(position=0)
