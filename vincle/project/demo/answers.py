"""The demo's team at work: probable links made, some questions answered as the truth has it, and wrong links taken back."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from vincle.accounts.models import User, Workspace
from vincle.identify import actions, job
from vincle.identify.models import Belonging, Case, Move, Trained
from vincle.listen.models import Handle
from vincle.vocabulary import from_public_id

ANSWERED = 0.6
"""So much of the questions the team has got to; the rest waits on the review screen."""


class Answered(NamedTuple):
    linked: int = 0
    asked: int = 0
    same: int = 0
    different: int = 0
    taken_back: int = 0


def work(workspace: Workspace, truth: Path, user: User | None) -> Answered:
    """Once for each workspace: what was linked and asked, and what the team made of it. `truth`: the folder of `handles.csv`."""
    if Trained.objects.of(workspace).exists():
        return Answered()
    done = job.run(workspace)
    if done is None:
        return Answered()
    owners = _owners(workspace, truth)
    taken_back = sum(_take_back(workspace, move, owners, user) for move in Move.objects.of(workspace).filter(act=Move.Act.LINK))
    cases = list(Case.objects.of(workspace).filter(kind="probable", state=Case.State.OPEN).order_by("-probability", "pk"))
    # Not the surest ones only: every fifth and seventh of ten is left, whatever its probability.
    chosen = [case for number, case in enumerate(cases) if number * ANSWERED % 1 < ANSWERED]
    said = [_answer(workspace, case, owners, user) for case in chosen]
    return Answered(done.linked, done.asked, said.count("same"), said.count("different"), taken_back)


def _owners(workspace: Workspace, truth: Path) -> dict[int, str]:
    """Handle -> who it truly is; handles that several use are left out."""
    with open(truth / "handles.csv", newline="", encoding="utf-8") as file:
        known = {(row["kind"], row["value"]): row["person"] for row in csv.DictReader(file) if row["is_shared"] == "0"}
    handles = Handle.objects.of(workspace).values_list("key", "kind", "value")
    return {key: known[kind, value] for key, kind, value in handles if (kind, value) in known}


def _true(handles: Iterable[int], owners: dict[int, str]) -> set[str]:
    return {owners[key] for key in handles if key in owners}


def _take_back(workspace: Workspace, move: Move, owners: dict[int, str], user: User | None) -> bool:
    moved = {from_public_id(text) for text in move.handles}
    stayed = set(actions.handles_of_person(workspace, move.person)) - moved
    if len(_true(moved | stayed, owners)) < 2 or _true(moved, owners) & _true(stayed, owners):
        return False
    actions.undo(workspace, move.pk, user, via="screen")
    return True


def _answer(workspace: Workspace, case: Case, owners: dict[int, str], user: User | None) -> str:
    handles: dict[int, set[int]] = defaultdict(set)
    for handle, person in Belonging.objects.of(workspace).filter(person__in=(case.left, case.right)).values_list("handle", "person"):
        handles[person].add(handle)
    same = _true(handles[case.left], owners) & _true(handles[case.right], owners)
    return actions.decide(workspace, case.pk, "same" if same else "different", user)
