"""How jobs came out: counted by arm, and link by link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from .models import Job, LinkHit, Outcome, Send


@dataclass(frozen=True, slots=True)
class Came:
    """Sends of which something became: each is counted once. `machine_*`: by scanners and proxies, whatever people did besides."""

    sent: int = 0
    confirmed: int = 0
    bounced: int = 0
    hard: int = 0
    complained: int = 0
    opened: int = 0
    machine_opened: int = 0
    clicked: int = 0
    machine_clicked: int = 0
    clicks: int = 0
    unsubscribed: int = 0
    replied: int = 0

    @property
    def delivered(self) -> int:
        """Those that did not come back; servers that confirm are the minority."""
        return max(self.sent - self.bounced, 0)


@dataclass(frozen=True, slots=True)
class LinkCount:
    """`people` followed a link, `clicks` times in all; `machines`: visits of machines."""

    url: str
    arm: int
    people: int
    clicks: int
    machines: int


_COUNTED = {
    "confirmed": "delivered_at", "bounced": "bounced_at", "complained": "complained_at", "opened": "opened_at",
    "machine_opened": "machine_opened_at", "clicked": "clicked_at", "machine_clicked": "machine_clicked_at",
    "unsubscribed": "unsubscribed_at", "replied": "replied_at",
}  # fmt: skip


def of_jobs(jobs: Sequence[Job]) -> dict[int, Came]:
    """By arm, over all of these jobs. Two queries."""
    keys = [job.pk for job in jobs]
    sent = dict(Send.objects.filter(job__in=keys, state=Send.State.SENT).values_list("arm").annotate(n=Count("pk")).order_by())
    counts = {name: Count("pk", filter=Q(**{f"{column}__isnull": False})) for name, column in _COUNTED.items()}
    rows = Outcome.objects.filter(job__in=keys).values("arm").annotate(
        hard=Count("pk", filter=Q(is_hard=True)), total=Sum("clicks"), **counts
    )  # fmt: skip
    told = {row["arm"]: row for row in rows.order_by()}
    return {arm: _came(sent.get(arm, 0), told.get(arm, {})) for arm in sorted({*sent, *told})}


def _came(sent: int, row: dict[str, int]) -> Came:
    return Came(sent=sent, hard=row.get("hard", 0), clicks=row.get("total") or 0, **{name: row.get(name, 0) for name in _COUNTED})


def of_job(job: Job, by_arm: bool = True) -> dict[int, Came]:
    """By arm; with `by_arm` off all of it under 0."""
    found = of_jobs([job])
    return found if by_arm else {0: together(found.values())}


def together(some: Iterable[Came]) -> Came:
    """The sum of several."""
    rows = list(some)
    return Came(**{name: sum(getattr(row, name) for row in rows) for name in Came.__slots__})


def links(jobs: Sequence[Job]) -> list[LinkCount]:
    """The links of these jobs, those that most people followed first."""
    rows = LinkHit.objects.filter(job__in=[job.pk for job in jobs]).values("url", "arm")
    counted = rows.annotate(people=Count("pk", filter=Q(humans__gt=0)), clicks=Sum("humans"), visits=Sum("machines"))
    ordered = counted.order_by("-people", "-clicks", "url")
    return [LinkCount(row["url"], row["arm"], row["people"], row["clicks"] or 0, row["visits"] or 0) for row in ordered]
