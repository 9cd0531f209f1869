"""The figures of an installation at work, in one place: for the Health screen, `/metrics` and `/readyz`."""

from datetime import timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.utils import timezone

from vincle.api.health import Check
from vincle.listen import lag, log, shelf
from vincle.listen.models import Delivery, SetAside
from vincle.store import lease, pace
from vincle.store.models import Cursor

from .quarantine import MOST_IN_A_ROW, MOST_WAITING
from .steps import STEPS

SEEN_WITHIN = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=10)
INTAKE = "intake"
OPEN = (Delivery.State.WAITING, Delivery.State.RUNNING, Delivery.State.UNDOING)


class Stage(NamedTuple):
    """One stage: rows and seconds behind, rows done since the beginning, rows that wait aside, and why it stands still, if it does."""

    name: str
    rows: int
    seconds: float
    done: int
    aside: int = 0
    trouble: str = ""
    is_halted: bool = False


def stages() -> list[Stage]:
    """The intake and then each step, in order."""
    return [intake(), *steps()]


def steps() -> list[Stage]:
    behind = lag.behind(STEPS)
    waiting = SetAside.objects.filter(state=SetAside.State.WAITING).values("step").annotate(rows=Count("id"))
    aside = dict(waiting.values_list("step", "rows"))
    cursors = Cursor.objects.in_bulk(list(STEPS))
    return [_stage(name, behind[name], cursors.get(name) or Cursor(name=name), aside.get(name, 0)) for name in STEPS]


def _stage(name: str, behind: lag.Lag, cursor: Cursor, aside: int) -> Stage:
    halted = bool(cursor.trouble) and (cursor.failed_in_a_row >= MOST_IN_A_ROW or aside >= MOST_WAITING)
    return Stage(name, behind.rows, behind.seconds, cursor.done, aside, cursor.trouble, halted)


def intake() -> Stage:
    """What was acknowledged and is not in the log yet. Its rows: events on the shelf and deliveries that wait."""
    shelved = shelf.backlog()
    waiting = Delivery.objects.filter(state__in=OPEN).aggregate(n=Count("id"), oldest=Min("received_at"))
    seconds = (timezone.now() - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    return Stage(INTAKE, shelved.events + waiting["n"], max(shelved.oldest_seconds, seconds, 0.0), log.last_seq())


def note() -> None:
    """Write down how far each stage has come, and who works."""
    pace.note({stage.name: pace.Stand(stage.done, stage.rows) for stage in stages()})


def sign(part: str) -> None:
    """Say that this worker is alive; those that were not heard of for long are forgotten."""
    now = timezone.now()
    Cursor.objects.update_or_create(name=f"worker {part or 'all'} {lease.ME}"[:80], defaults={"updated_at": now})
    Cursor.objects.filter(name__startswith="worker", updated_at__lt=now - FORGOTTEN_AFTER).delete()


class Worker(NamedTuple):
    part: str
    place: str
    seconds: float


def workers() -> list[Worker]:
    """Workers heard of within the last minute, and how many seconds ago."""
    now = timezone.now()
    alive = Cursor.objects.filter(name__startswith="worker", updated_at__gte=now - SEEN_WITHIN).order_by("name")
    found = []
    for name, seen in alive.values_list("name", "updated_at"):
        _, part, place = (*name.split(" ", 2), "", "")[:3]
        found.append(Worker(part or "all", place.rpartition(":")[0], max((now - seen).total_seconds(), 0.0)))
    return found


def is_set_up() -> Check:
    missing = _missing_migrations()
    return Check(not missing, f"{missing} steps behind this version" if missing else "as this version wants it")


def _missing_migrations() -> int:
    try:
        return _none_missing()
    except _Missing as missing:
        return int(str(missing))


class _Missing(Exception):
    """So many; raised, for what is raised is not cached: once none is missing, none will be for this process."""


@cache
def _none_missing() -> int:
    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        raise _Missing(missing)
    return 0


def has_worker() -> Check:
    alive = len(workers())
    return Check(alive > 0, f"{alive} seen within the last minute")


def keeps_up() -> Check:
    limit = settings.OPTIONS.ready_lag
    slow = [stage for stage in stages() if stage.seconds > limit]
    said = ", ".join(f"{stage.name} is {stage.seconds:.0f} s behind" for stage in slow)
    return Check(not slow, said or f"every stage is less than {limit} s behind")
