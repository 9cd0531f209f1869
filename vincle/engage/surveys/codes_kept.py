"""Codes of ballots and units: made in order, found by their hash, used once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import codes, collectors
from .collectors import Refused
from .models import Code, Collector

MOST_AT_ONCE, MOST = 2_000, 200_000
LONGEST_LABEL = 120


class Printed(NamedTuple):
    """A code as it is printed: `code` of twelve letters, `url` where it leads."""

    number: int
    label: str
    code: str
    url: str


def make(workspace: Workspace, user: User, collector: Collector, count: int, labels: Sequence[str] = ()) -> list[Printed]:
    """New codes behind those there are; `labels` name the first of them. Raises Refused."""
    if not 1 <= count <= MOST_AT_ONCE:
        raise Refused(_("From 1 to %(most)d at a time.") % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        Collector.objects.of(workspace).filter(pk=collector.pk).select_for_update().get()
        last = Code.objects.of(workspace).filter(collector=collector).aggregate(last=Max("number"))["last"] or 0
        if last + count > MOST:
            raise Refused(_("At most %(most)d codes.") % {"most": MOST})
        secret = collectors.secret(collector)
        rows = [
            Code(
                workspace=workspace, collector=collector, number=number, hash=codes.hashed(codes.made(secret, number)),
                label=_label(labels[place]) if place < len(labels) else "",
            )
            for place, number in enumerate(range(last + 1, last + count + 1))
        ]  # fmt: skip
        Code.objects.bulk_create(rows, batch_size=500)
        audit.record(workspace, user, "made", "survey codes", collector.public_id, collector.name, codes=count)
    return [_printed(secret, row) for row in rows]


def _label(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST_LABEL]


def listed(collector: Collector, first: int = 1, last: int | None = None) -> list[Printed]:
    """Codes of these numbers, to be printed again."""
    rows = Code.objects.of(collector.workspace_id).filter(collector=collector, number__gte=first).order_by("number")
    rows = rows.filter(number__lte=last) if last is not None else rows
    secret = collectors.secret(collector)
    return [_printed(secret, row) for row in rows[:MOST]]


def _printed(secret: bytes, row: Code) -> Printed:
    code = codes.made(secret, row.number)
    return Printed(row.number, row.label, code, url(code))


def url(code: str) -> str:
    return f"{settings.PUBLIC_URL}/s/c/{code}/"


def found(text: str) -> Code | None:
    """The code somebody typed or scanned; None where there is none. The caller limits how often one may try."""
    code = codes.normal(text)
    if not code:
        return None
    rows = Code.objects.filter(hash=codes.hashed(code))  # the code is all that is known
    row: Code | None = rows.select_related("workspace", "collector__survey", "collector__workspace").first()
    return row


def use(code: Code | int, at: datetime | None = None, *, by_day: bool = False) -> bool:
    """Mark it used, inside the transaction that completes the answer; False when another answer was quicker."""
    now = at or timezone.now()
    moment = day_of(now) if by_day else now
    return Code.objects.filter(pk=code.pk if isinstance(code, Code) else code, used_at=None).update(used_at=moment) == 1


def day_of(moment: datetime) -> datetime:
    """The beginning of its day (UTC): all that is kept of a time in anonymous surveys."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def counts(collector: Collector) -> tuple[int, int]:
    """(made, used)."""
    rows = Code.objects.of(collector.workspace_id).filter(collector=collector)
    return rows.count(), rows.exclude(used_at=None).count()
