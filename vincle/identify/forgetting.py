"""Forgetting someone: nothing goes to them from this moment on, and soon nothing of them is left but a mark that cannot be read back.

At once, in one transaction: the erasure list, the suppression list, the ledger without its evidence. Then, by the worker and a piece at a
time: the log (`listen.erasing`), and when every stage has followed, whatever each stage holds of them (`register`). Killed at any point it
goes on. The list is kept in a file beside the database as well, so that a restored copy forgets them again.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen import erasing
from vincle.store import bulk, lease

from . import consent
from .consent_rules import ALL
from .models import Belonging, Case, Consent, Erasure, Link, Person, Suppression, Wish
from .rules import REFUSALS

Eraser = Callable[[Workspace, Collection[int], Collection[int]], dict[str, int]]
_erasers: dict[str, Eraser] = {}
STEP: Final = "forget"
_replayed: list[int] = []
logger = structlog.get_logger(__name__)


def register(name: str, eraser: Eraser) -> None:
    """A stage that holds something of people: `eraser(workspace, handles, people)` deletes it and counts. Doing it twice is harmless."""
    _erasers[name] = eraser


def forget(workspace: Workspace, handles: Collection[int], *, reason: str = "team", user: User | None = None, actor: str = "") -> None:
    """Forget whoever these handles are. Nothing goes to them any more when this returns."""
    now = timezone.now()
    keys = sorted(set(handles))
    with transaction.atomic():
        rows = [(key, workspace.pk, bulk.stamp(now), reason, "{}") for key in keys]
        bulk.insert(Erasure, ("handle", "workspace_id", "at", "reason", "tally"), rows)
        Erasure.objects.of(workspace).filter(handle__in=keys).update(at=now, done_at=None, reason=reason, tally={})
        marks = [(workspace.pk, key, ALL, "forgotten", bulk.stamp(now), "person" if reason == "asked" else "team", "") for key in keys]
        bulk.insert(Suppression, consent.SUPPRESSED, marks)
        said = Consent.objects.of(workspace).filter(handle__in=keys)
        said.exclude(permit__in=REFUSALS).delete()
        said.update(evidence="", wording="")
        Suppression.objects.of(workspace).filter(handle__in=keys).update(note="")
        Wish.objects.of(workspace).filter(handle__in=keys).delete()
        audit.record(workspace, user, "forgot", "person", "", "", actor=actor, handles=len(keys), reason=reason)
        transaction.on_commit(lambda: _keep(workspace.pk, keys, now), robust=True)


def _keep(workspace: int, handles: Iterable[int], at: datetime) -> None:
    """Marks only: nothing in this file tells who it was."""
    path = settings.HOME / "erased.log"
    with path.open("a", encoding="ascii") as file:
        file.writelines(f"{workspace} {handle} {at.astimezone(UTC).isoformat()}\n" for handle in handles)


def replay() -> int:
    """After a copy was restored: forget anew whom the file beside the database knows and the database does not. Returns how many."""
    path = settings.HOME / "erased.log"
    if not path.exists():
        return 0
    listed = {marks for text in path.read_text("ascii", "replace").splitlines() if (marks := _marks(text))}
    known = set(bulk.pluck("SELECT handle FROM identify_erasure WHERE handle IN ({})", [handle for _workspace, handle in listed]))
    again: dict[int, list[int]] = {}
    for workspace, handle in sorted(listed):
        if handle not in known:
            again.setdefault(workspace, []).append(handle)
    for found in Workspace.objects.filter(pk__in=again):
        forget(found, again[found.pk], reason="restored", actor="worker")
    return sum(map(len, again.values()))


def _marks(text: str) -> tuple[int, int] | None:
    """(workspace, handle) of a line; None where it was cut off while it was written."""
    parts = text.split(" ")
    return (int(parts[0]), int(parts[1])) if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal() else None


def among(workspace: int, handles: Collection[int], received_at: datetime) -> set[int]:
    """Those of the handles whose owner was forgotten after this had come."""
    sql = "SELECT handle FROM identify_erasure WHERE workspace_id = %s AND at >= %s AND handle IN ({})"
    return {handle for (handle,) in bulk.select(sql, handles, [workspace, bulk.stamp(received_at)])}


def turn() -> int:
    """One piece of the work, for the worker's rounds; 0 when there is none, or it waits for the stages behind the log."""
    if not _replayed:
        _replayed.append(replay())
    first: Erasure | None = Erasure.objects.filter(done_at=None).order_by("at").first()
    if first is None:
        return 0
    with lease.held(STEP) as cursor:
        return _piece(first.workspace_id, first.at) if cursor else 0


def _piece(workspace: int, at: datetime) -> int:
    rows = Erasure.objects.of(workspace).filter(at=at, done_at=None)
    handles = list(rows.values_list("handle", flat=True))
    if taken := erasing.take_back(workspace, handles):
        rows.update(tally={"upto": erasing.place()})
        return taken
    upto = max((int(tally.get("upto", 0)) for tally in rows.values_list("tally", flat=True)), default=0)
    if not erasing.is_followed(upto):
        return 0
    found = Workspace.objects.get(pk=workspace)
    people = _people(found, handles)
    try:
        counts = {name: count for eraser in _erasers.values() for name, count in eraser(found, handles, people).items()}
    except RuntimeError as error:  # another process holds what has to be rewritten: again in the next round
        logger.info("forgetting waits", workspace=workspace, error=str(error))
        return 0
    with transaction.atomic():
        counts |= erasing.wipe(workspace, handles) | _unlink(found, handles, people)
        rows.update(done_at=timezone.now(), tally=counts)
        details: dict[str, Any] = {**counts}
        audit.record(found, None, "erased", "person", "", "", actor="worker", **details)
    return sum(counts.values()) or 1


def _people(workspace: Workspace, handles: Collection[int]) -> list[int]:
    """People of whom nothing but these handles is left, with the ids that were merged into them."""
    owners = set(Belonging.objects.of(workspace).filter(handle__in=handles).values_list("person", flat=True))
    kept = set(Belonging.objects.of(workspace).filter(person__in=owners).exclude(handle__in=handles).values_list("person", flat=True))
    # A person's id is the key of the handle they began with: it goes with the handle also where the rows went before.
    gone = (owners | set(handles)) - kept
    merged = Person.objects.of(workspace).filter(merged_into__in=gone).values_list("pk", flat=True)
    return sorted(gone | set(merged))


def _unlink(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    Link.objects.of(workspace).filter(Q(left__in=handles) | Q(right__in=handles)).delete()
    Case.objects.of(workspace).filter(Q(left__in=people) | Q(right__in=people)).delete()
    Belonging.objects.of(workspace).filter(handle__in=handles).delete()
    gone, _ = Person.objects.of(workspace).filter(pk__in=people).delete()
    return {"people": gone}
