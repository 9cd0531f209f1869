"""Questions about two people: opened, followed when people move, and remembered when they were answered."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from vincle.store import bulk

from .models import Case, Person

WAITING = (Case.State.OPEN, Case.State.LATER)
DECIDED = (Case.State.SAME, Case.State.DIFFERENT, Case.State.LATER)
MOST_EVIDENCE = 20


def open_case(workspace: int, left: int, right: int, detail: dict[str, Any], **more: Any) -> Case | None:
    """Ask whether two people are one; a pair that was decided about before is not asked about again.

    `more`: kind, weight and probability of a probable question.
    """
    if left == right:
        return None
    left, right = min(left, right), max(left, right)
    case, new = Case.objects.get_or_create(left=left, right=right, defaults={"workspace_id": workspace, "evidence": [detail], **more})
    if new:
        return case
    if case.state == Case.State.MOOT:
        case.state = Case.State.OPEN
    if more.get("kind") == "probable" and case.state in WAITING:
        case.evidence = [entry for entry in case.evidence if entry.get("evidence") != "probable"]
        case.weight, case.probability = more.get("weight"), more.get("probability")
    if detail not in case.evidence and len(case.evidence) < MOST_EVIDENCE:
        case.evidence = [*case.evidence, detail]
    case.save(update_fields=["evidence", "state", "weight", "probability"])
    return case


def follow(workspace: int, leads: Mapping[int, int], touched: Collection[int]) -> None:
    """Open questions about someone who was joined are questions about the one they joined."""
    states = {
        (state, pk): (left, right)
        for side in ("left", "right")
        for pk, left, right, state in bulk.select(f'SELECT id, "left", "right", state FROM identify_case WHERE "{side}" IN ({{}})', leads)
    }
    _rest(workspace, leads, states)
    waiting = [pk for state, pk in states if state in WAITING]
    if not waiting or not touched:
        return
    for case in Case.objects.of(workspace).filter(pk__in=waiting):
        left, right = leads.get(case.left, case.left), leads.get(case.right, case.right)
        if {left, right} == {case.left, case.right}:
            continue
        Case.objects.filter(pk=case.pk).update(state=Case.State.MOOT)
        for detail in case.evidence:
            more = {"kind": case.kind, "weight": case.weight, "probability": case.probability}
            open_case(case.workspace_id, left, right, detail, **more)


def _rest(workspace: int, leads: Mapping[int, int], states: Mapping[tuple[str, int], tuple[int, int]]) -> None:
    """That two are kept apart rests while someone's merge holds them together, and holds again when they come apart."""
    both = {key: leads[left] == leads[right] for key, (left, right) in states.items() if left in leads and right in leads}
    together = [pk for (state, pk), are_one in both.items() if state == Case.State.DIFFERENT and are_one]
    parted = [pk for (state, pk), are_one in both.items() if state == Case.State.MOOT and not are_one]
    rows = Case.objects.of(workspace)
    if together:
        rows.filter(pk__in=together).update(state=Case.State.MOOT, undo={"rests": True})
    if parted:
        rows.filter(pk__in=parted, undo__rests=True).update(state=Case.State.DIFFERENT, undo={})


def kept_apart(workspace: Any, people: Iterable[int] | None = None) -> list[tuple[int, int]]:
    """Pairs that are never one person; of `people` only: pairs both of whose sides are among them."""
    rows = Case.objects.of(workspace).filter(state=Case.State.DIFFERENT)
    if people is not None:
        known = list(people)
        rows = rows.filter(left__in=known, right__in=known)
    return list(rows.values_list("left", "right"))


def apart_by_person(workspaces: Iterable[int]) -> dict[int, set[int]]:
    """Of every living person who is kept apart from another: from whom. Old ids are followed to whom they lead now."""
    rows = list(Case.objects.filter(workspace_id__in=workspaces, state=Case.State.DIFFERENT).values_list("left", "right"))
    leads = dict(Person.objects.filter(pk__in={side for pair in rows for side in pair}).values_list("pk", "merged_into")) if rows else {}
    found: dict[int, set[int]] = {}
    for left, right in ((leads.get(left) or left, leads.get(right) or right) for left, right in rows):
        if left != right:
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
    return found
