"""What it costs to serve people: the time the team had their conversations before it, at what an hour of work costs."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.db import connection as database
from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .figures_when import Choice
from .models import ServiceSettings
from .threads import Face, faces

HOUR = 3600
MOST_COST = Decimal(100_000)
_EFFORT = """
SELECT e.thread, t.channel, t.handle, b.person, SUM(e.seconds) FROM inbox_effort e JOIN inbox_thread t ON t.key = e.thread
LEFT JOIN identify_belonging b ON b.handle = t.handle WHERE e.workspace_id = %s AND e.day >= %s AND e.day <= %s{channels}
GROUP BY e.thread, t.channel, t.handle, b.person
"""


@dataclass
class Served:
    """Time spent on one channel, or with one person (`handle`: one of theirs; `key`: what tells them apart)."""

    key: tuple[str, int | str]
    seconds: int = 0
    threads: int = 0
    people: set[tuple[str, int]] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    handle: int | None = None

    def cost(self, hourly: Decimal | None) -> Decimal | None:
        return None if hourly is None else hourly * self.seconds / HOUR


@dataclass
class Cost:
    """Of the days of a choice (the days of Effort are UTC's). `people`: those who took most time first."""

    hourly: Decimal | None
    total: Served
    channels: list[Served]
    people: list[Served]


def cost(workspace: Workspace, choice: Choice) -> Cost:
    """Two queries."""
    hourly = ServiceSettings.objects.of(workspace).values_list("hourly_cost", flat=True).first()
    total, by_channel, by_person = Served(("all", "")), dict[str, Served](), dict[tuple[str, int], Served]()
    for thread, channel, handle, person, seconds in _effort(workspace, choice):
        who = ("person", person) if person is not None else ("handle", handle) if handle is not None else ("thread", thread)
        theirs = by_person.setdefault(who, Served(who, handle=handle))
        for row in (total, by_channel.setdefault(channel, Served(("channel", channel))), theirs):
            row.seconds += int(seconds)
            row.threads += 1
            row.people.add(who)
            row.channels.add(channel)
    most = sorted(by_person.values(), key=lambda row: (-row.seconds, str(row.key)))
    return Cost(hourly, total, sorted(by_channel.values(), key=lambda row: (-row.seconds, str(row.key))), most)


def _effort(workspace: Workspace, choice: Choice) -> list[tuple[int, str, int | None, int | None, int]]:
    marks = ", ".join(["%s"] * len(choice.channels))
    sql = _EFFORT.replace("{channels}", f" AND t.channel IN ({marks})" if choice.channels else "")
    with database.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, str(choice.first), str(choice.last), *choice.channels])
        return list(cursor.fetchall())


def names(rows: list[Served]) -> dict[int, Face]:
    """Whom the handles of these are of. One query."""
    return faces({row.handle for row in rows if row.handle is not None})


class Refused(ValueError):
    """No amount; its text is for the one who wrote it."""


def set_hourly(workspace: Workspace, user: User, text: str) -> Decimal | None:
    """Keep what an hour of work costs, in the workspace's currency ("24.50", "24,50"); empty: it is not known. Raises Refused."""
    plain = text.strip().replace("\u00a0", "").replace(",", ".")
    try:
        amount = Decimal(plain).quantize(Decimal("0.01")) if plain else None
        if amount is not None and amount.is_nan():
            raise InvalidOperation
    except InvalidOperation as error:
        raise Refused(_("“%(value)s” is no amount; write it like 24.50.") % {"value": text[:20]}) from error
    if amount is not None and not 0 < amount < MOST_COST:
        raise Refused(_("An hour costs more than nothing, and less than %(most)s.") % {"most": MOST_COST})
    with transaction.atomic():
        ServiceSettings.objects.get_or_create(workspace=workspace)
        ServiceSettings.objects.of(workspace).update(hourly_cost=amount)
        audit.record(workspace, user, "changed", "hourly cost", "", "" if amount is None else str(amount))
    return amount
