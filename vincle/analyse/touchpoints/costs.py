"""What the team says its touchpoints cost, month by month: typed into a table, or brought in a file. Each change is in the audit log."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import words
from .channels import plain
from .models import TouchCost
from .rules import Refused

COLUMNS: Final = ("touchpoint", "month", "cost", "currency")
MOST_COST: Final = Decimal(10) ** 9
MOST_ROWS, MOST_BYTES = 2_000, 1 << 20
Key = tuple[str, date | None]


def costs_of(workspace: Workspace) -> dict[str, dict[date | None, Decimal]]:
    """By touchpoint and month (None: each that has no sum of its own)."""
    found: dict[str, dict[date | None, Decimal]] = {}
    for kind, month, amount in TouchCost.objects.of(workspace).order_by("kind", "month").values_list("kind", "month", "amount"):
        found.setdefault(kind, {})[month] = amount
    return found


def set_costs(workspace: Workspace, user: User, given: Mapping[Key, str]) -> int:
    """By touchpoint and month what it costs, as written ("120", "120,50"); empty: nothing is known. Returns of how many changed.

    Refused, and then nothing is changed.
    """
    amounts = {key: amount_of(text) for key, text in given.items()}
    with transaction.atomic():
        before = {(row.kind, row.month): row for row in TouchCost.objects.of(workspace).select_for_update()}
        changed = {key: amount for key, amount in amounts.items() if amount != (before[key].amount if key in before else None)}
        for (kind, month), amount in changed.items():
            _set(workspace, kind, month, amount, before.get((kind, month)))
            was = before[kind, month].amount if (kind, month) in before else ""
            audit.record(
                workspace, user, "changed", "touchpoint cost", kind[:60], words.name(kind), before=str(was), month=str(month or ""),
                value="" if amount is None else str(amount),
            )  # fmt: skip
    return len(changed)


def _set(workspace: Workspace, kind: str, month: date | None, amount: Decimal | None, row: TouchCost | None) -> None:
    if row and amount is not None:
        TouchCost.objects.of(workspace).filter(pk=row.pk).update(amount=amount)
    elif row:
        row.delete()
    elif amount is not None:
        TouchCost.objects.create(workspace=workspace, kind=kind, month=month, amount=amount)


def amount_of(text: str) -> Decimal | None:
    """As people write it; None: nothing. Refused."""
    bare = text.strip().replace("\u00a0", "").replace(",", ".")
    try:
        amount = Decimal(bare).quantize(Decimal("0.01")) if bare else None
    except InvalidOperation as error:
        raise Refused(_("“%(value)s” is no amount; write it like 24.50.") % {"value": text[:20]}) from error
    if amount is not None and (amount.is_nan() or not 0 <= amount < MOST_COST):
        raise Refused(_("“%(value)s” is no amount; write it like 24.50.") % {"value": text[:20]})
    return amount


def key_of(text: str, month: str) -> Key:
    """A touchpoint by its key or by the name of its kind, and a month ("2026-11", or empty). Refused."""
    kind, *parts = text.strip().split(":", 2)
    by_name = {str(label).casefold(): key for key, label in words.KINDS.items()}
    kind = by_name.get(kind.strip().casefold(), kind.strip())
    names = [plain(each) for each in parts]
    if kind not in words.KINDS or not all(names):
        raise Refused(_("There is no touchpoint “%(value)s”.") % {"value": text[:40]})
    try:
        first = date.fromisoformat(f"{month.strip()[:7]}-01") if month.strip() else None
    except ValueError as error:
        raise Refused(_("“%(value)s” is no month; write it like 2026-11.") % {"value": month[:20]}) from error
    return ":".join([kind, *names]), first


def bring(workspace: Workspace, user: User, data: bytes) -> int:
    """A CSV file with the columns touchpoint, month and cost. Refused, with the line, and then nothing is changed."""
    given: dict[Key, str] = {}
    for line, row in _rows(data):
        try:
            if (currency := row.get("currency", "").strip().upper()) not in ("", workspace.currency):
                raise Refused(_("Costs are in %(ours)s here, not in %(theirs)s.") % {"ours": workspace.currency, "theirs": currency[:8]})
            key = key_of(row["touchpoint"], row["month"])
            amount_of(row["cost"])
            if key in given:
                raise Refused(_("“%(value)s” stands there twice.") % {"value": row["touchpoint"][:40]})
        except Refused as refused:
            raise Refused(_("Line %(line)s: %(why)s") % {"line": line, "why": str(refused)}) from refused
        given[key] = row["cost"]
    return set_costs(workspace, user, given)


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MOST_BYTES:
        raise Refused(_("The file is too large."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        names = [cell.strip().casefold() for cell in next(rows, [])]
        if not {"touchpoint", "month", "cost"} <= set(names):
            raise Refused(_("The file needs the columns touchpoint, month and cost."))
        for n, cells in enumerate(rows):
            if n >= MOST_ROWS:
                raise Refused(_("The file is too large."))
            if any(cell.strip() for cell in cells):
                yield rows.line_num, dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise Refused(_("The file needs the columns touchpoint, month and cost.")) from error
