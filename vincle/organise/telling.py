"""Entries and exits as activities of the log: a person's timeline shows them, and what begins with them finds them there.

They hang on a handle the person has, are marked as a machine's so that no score and no ladder counts them, and have an id of their own,
so that telling the same twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.listen import actions as listen
from vincle.listen import known
from vincle.listen.batch import COLUMNS, LOG_LOCK, PLACE, Batch
from vincle.store import bulk
from vincle.vocabulary import ObjectType, Op, Verb, public_id

from .models import Membership

CHANNEL: Final = "vincle"
PIECE = 5_000


class Step(NamedTuple):
    """Someone entered a segment at `entered_at`, or (with `left_at`) left it again."""

    segment: str
    person: int
    entered_at: datetime
    left_at: datetime | None = None


def native_id(step: Step) -> str:
    """The id of the activity, the same however often it is told."""
    entered = step.entered_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"segment:{step.segment}:{public_id(step.person)}:{entered}:{'out' if step.left_at else 'in'}"


def tell(workspace: Workspace, steps: Sequence[Step]) -> int:
    """Write entries and exits into the log; returns how many were new. Inside the caller's transaction."""
    handles = _handles(workspace, {step.person for step in steps})
    known_steps = [step for step in steps if step.person in handles]
    if not known_steps:
        return 0
    batch = Batch(listen.connection_for(workspace, CHANNEL), timezone.now(), None)
    for step in known_steps:
        _add(batch, step, handles[step.person])
    if connection.vendor == "postgresql":
        bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
    return len(known.insert_new(COLUMNS, list(batch.rows.values())))


def _add(batch: Batch, step: Step, handle: int) -> None:
    # Not by way of `Batch.add`: the handle stands already, and is known here by its key alone.
    row: list[Any] = batch.row(
        Op.ASSERT, native_id(step), "", step.left_at or step.entered_at, Verb.LEAVE if step.left_at else Verb.JOIN, ObjectType.GROUP
    )
    row[PLACE["actor"]], row[PLACE["object_key"]], row[PLACE["is_machine"]] = handle, step.segment, True


def tell_again(workspace: Workspace) -> int:
    """Write into the log all that the ledger says was told; what stands there stays. Returns how many were new. For a rebuild."""
    rows = Membership.objects.of(workspace).exclude(is_found=True, left_at=None).order_by("pk")
    new, part = 0, list[Step]()
    for public, person, entered, left, is_found, is_dropped in rows.values_list(
        "segment__public", "person", "entered_at", "left_at", "is_found", "is_dropped"
    ).iterator(PIECE):
        part += [] if is_found else [Step(public, person, entered)]
        part += [Step(public, person, entered, left)] if left and not is_dropped else []
        if len(part) >= PIECE:
            new, part = new + _tell_part(workspace, part), []
    return new + _tell_part(workspace, part)


def _tell_part(workspace: Workspace, steps: Sequence[Step]) -> int:
    with transaction.atomic():
        return tell(workspace, steps)


def _handles(workspace: Workspace, people: Iterable[int]) -> dict[int, int]:
    """Of each person the handle they began with, else the smallest they have."""
    sql = "SELECT person, handle FROM identify_belonging WHERE workspace_id = %s AND person IN ({})"
    found: dict[int, list[int]] = defaultdict(list)
    for person, handle in bulk.select(sql, people, [workspace.pk]):
        found[person].append(handle)
    return {person: person if person in handles else min(handles) for person, handles in found.items()}
