"""Handles that several people use: recognised, listed, and taken out of the evidence. They join nobody.

A post's address (info@) is known by its name (`vocabulary.roles`). A browser or a phone shows itself: more than `CROWD` people who
are known by other handles meet on it. What only it had joined is separated again, unless someone of the team joined it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import bulk
from vincle.vocabulary import public_id

from .cases import WAITING
from .models import Belonging, Case, Move, SharedHandle
from .moves import carry_out
from .rules import IDENTIFYING
from .settling import hold, region, spare_id
from .undoing import undo

CROWD = 3
"""So many identified people may meet on one browser, device or phone; with the next it is everybody's."""
EXEMPT = frozenset({"external", "login", "email"})
"""Never recognised by a crowd: an id elsewhere or a log-in is one account's; an address by its name only."""


class Shared(NamedTuple):
    """A shared handle, as a profile shows it."""

    handle: int
    reason: str
    at: Any
    by: User | None


def of(workspace: Workspace | int, handles: Iterable[int]) -> dict[int, Shared]:
    """Those of the handles that several people use."""
    rows = SharedHandle.objects.of(workspace).filter(handle__in=list(handles), lifted_at=None).select_related("by")
    return {row.handle: Shared(row.handle, row.reason, row.at, row.by) for row in rows}


def share(workspace: Workspace, handle: int, user: User | None, *, via: str = "screen") -> None:
    """The team says that several people use this handle."""
    with transaction.atomic():
        hold([workspace.pk])
        values = {"workspace": workspace, "reason": SharedHandle.Reason.TEAM, "by": user, "at": timezone.now(), "lifted_at": None}
        SharedHandle.objects.update_or_create(handle=handle, defaults=values)
        separate(workspace, handle, user, via=via)
        audit.record(workspace, user, "shared", "handle", handle)


def lift(workspace: Workspace, handle: int, user: User | None, *, via: str = "screen") -> None:
    """The team says that it is one person's after all. It is not recognised again, and what it had joined is joined again."""
    with transaction.atomic():
        hold([workspace.pk])
        if not SharedHandle.objects.of(workspace).filter(handle=handle, lifted_at=None).update(lifted_at=timezone.now()):
            return
        for move in Move.objects.of(workspace).filter(act=Move.Act.SPLIT, undone_at=None, reason__shared=str(handle)).order_by("-pk"):
            undo(workspace, move.pk, user, via=via)
        audit.record(workspace, user, "no longer shared", "handle", handle)


def notice(workspace: Workspace | int, met: Collection[int]) -> list[int]:
    """Of handles on which someone else was just met: list those that are everybody's by now, and separate. Returns them."""
    met = _crowded(met)
    if not met:
        return []
    kinds = dict(bulk.select("SELECT key, kind FROM listen_handle WHERE key IN ({})", met))
    settled = set(SharedHandle.objects.filter(handle__in=list(met)).values_list("handle", flat=True))
    found = []
    for handle in sorted(met):
        if handle in settled or kinds.get(handle, "external") in EXEMPT or _people_on(workspace, handle) <= CROWD:
            continue
        SharedHandle.objects.create(handle=handle, workspace_id=getattr(workspace, "pk", workspace), reason=SharedHandle.Reason.CROWD)
        separate(workspace, handle, None, via="data")
        audit.record(workspace, None, "shared", "handle", handle, actor="worker")
        found.append(handle)
    return found


def _crowded(met: Collection[int]) -> set[int]:
    """Those whose owner has identifying handles and questions enough to be looked at closely: three queries for all of them."""
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", met))
    kinds = ", ".join(f"'{kind}'" for kind in sorted(IDENTIFYING))
    counts: dict[int, int] = dict.fromkeys(owners.values(), 0)
    for person, count in bulk.select(
        "SELECT person, COUNT(*) FROM identify_belonging JOIN listen_handle ON key = handle "
        f"WHERE listen_handle.kind IN ({kinds}) AND person IN ({{}}) GROUP BY person",
        counts,
    ):
        counts[person] += count
    for side in ("left", "right"):
        for person, count in bulk.select(
            f'SELECT "{side}", COUNT(*) FROM identify_case WHERE "{side}" IN ({{}}) GROUP BY "{side}"', counts
        ):
            counts[person] += count
    return {handle for handle, person in owners.items() if counts[person] > CROWD}


def _people_on(workspace: Workspace | int, handle: int) -> int:
    """How many identified people meet on a handle: parts of its owner that hang together without it, and those asked about."""
    owner = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first()
    if owner is None:
        return 0
    parts = _parts(workspace, owner, handle)
    kinds = dict(bulk.select("SELECT key, kind FROM listen_handle WHERE key IN ({})", {handle, *(key for part in parts for key in part)}))
    named = sum(any(kinds.get(key) in IDENTIFYING for key in part) for part in parts)
    if kinds.get(handle) == "phone":
        named = min(named, 1)  # a phone joins people only where no other name was given: only those asked about are others
    cases = Case.objects.of(workspace).filter(left=owner) | Case.objects.of(workspace).filter(right=owner)
    asked = {case.pk for case in cases if any(str(handle) in entry.get("handles", ()) for entry in case.evidence)}
    return named + len(asked)


def _parts(workspace: Workspace | int, person: int, without: int) -> list[set[int]]:
    """How a person's handles hang together by the links that stand, one handle left out; the largest part first."""
    keys = set(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True)) - {without}
    sql = 'SELECT event_id, "left", "right" FROM identify_link WHERE undone_at IS NULL AND "left" IN ({})'
    ends = list(bulk.select(sql, keys | {without}))
    # Handles that one row showed with the shared one hang together by that row, though each is linked to the row's first only.
    by_row: dict[bytes, list[int]] = {}
    for event, left, right in ends:
        if event is not None:
            by_row.setdefault(bytes(event), []).extend({left, right} - {without})
    pairs = [(left, right) for _event, left, right in ends]
    pairs += [(row[0], other) for row in by_row.values() for other in row[1:]]
    part_of = {key: {key} for key in keys}
    for left, right in pairs:
        if left in part_of and right in part_of and part_of[left] is not part_of[right]:
            small, large = sorted((part_of[left], part_of[right]), key=len)
            large |= small
            part_of.update(dict.fromkeys(small, large))
    parts = {id(part): part for part in part_of.values()}
    return sorted(parts.values(), key=lambda part: (person not in part, -len(part), min(part)))


def separate(workspace: Workspace | int, handle: int, user: User | None, *, via: str) -> list[int]:
    """Take apart what only this handle joined; the handle stays with the first. Returns who came out."""
    owner = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first()
    if owner is None:
        return []
    came_out: list[int] = []
    scope = workspace if isinstance(workspace, int) else workspace.pk
    for part in _parts(workspace, owner, handle)[1:]:
        around = region(scope, [owner])
        if _by_word(around.moves, part):
            continue
        other = spare_id(scope, sorted(part), owner, around)
        reason = {"shared": str(handle), "stayed": [public_id(key) for key in sorted(around.owner.keys() - part)]}
        carry_out(scope, Move.Act.SPLIT, owner, other, sorted(part), by=user, via=via, reason=reason)
        came_out.append(other)
    _no_question(workspace, owner, handle)
    return came_out


def _no_question(workspace: Workspace | int, owner: int, handle: int) -> None:
    """Questions that only a shared handle had raised are none."""
    open_ones = Case.objects.of(workspace).filter(Q(left=owner) | Q(right=owner), state__in=WAITING)
    for case in open_ones:
        others = [{int(key) for key in entry.get("handles", ())} - {handle} for entry in case.evidence]
        people = [set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", keys)) for keys in others]
        if all("handles" in entry for entry in case.evidence) and all(len(sides) < 2 for sides in people):
            Case.objects.filter(pk=case.pk).update(state=Case.State.MOOT)


def _by_word(moves: Sequence[Move], part: set[int]) -> bool:
    """Whether someone of the team joined these handles to the person: then they stay."""
    texts = {public_id(key) for key in part}
    return any(move.act in (Move.Act.MERGE, Move.Act.LINK) and move.undone_at is None and texts & set(move.handles) for move in moves)
