"""Two people become one: at the word of someone of the team, or by a probable link. No activity is rewritten."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import bulk

from . import cases
from .models import Case, Link, Move, Person
from .moves import are_apart, carry_out, person_of, remember
from .rules import decide_probable
from .settling import hold

Survivors = Mapping[str, str]
SurvivorHook = Callable[[Workspace, int, Mapping[str, int], Survivors, User | None], None]

survivor_hooks: list[SurvivorHook] = []
"""Called inside the transaction of a merge with (workspace, id that stands, {"left": id, "right": id}, field -> side, user).
Stages above add theirs when they start; identity itself knows no fields."""


class MergedMany(NamedTuple):
    """How many questions became one person, how many were passed over (settled meanwhile), and the batch to take back."""

    done: int
    skipped: int
    batch: UUID


class ProbableLink(NamedTuple):
    """Two people who are one with this probability. `weight`: log2 odds; `steps`: the waterfall as it stands in a case."""

    left_person: int
    right_person: int
    weight: float
    probability: float
    steps: Sequence[Mapping[str, Any]] = ()
    prior: float = 0.0


class Linked(NamedTuple):
    """What became of probable links."""

    joined: int
    asked: int
    apart: int


def merge(
    workspace: Workspace,
    left: int,
    right: int,
    user: User | None,
    *,
    via: str = "screen",
    survivors: Survivors | None = None,
    batch: UUID | None = None,
) -> int:
    """Join two people at the word of a human; returns the id that stands. Both ids stay valid.

    `survivors`: field -> "left" or "right", whose value is to stand. Raises ValueError when there are not two people.
    """
    with transaction.atomic():
        hold([workspace.pk])
        one, other, held = _living(workspace, left, right)
        handles = held[other.pk]
        _note_decision(workspace, held, user)
        undo = {"kept": str(one.pk), "joined": str(other.pk), "handles": [str(key) for key in handles]}
        reason = remember(workspace, one.pk, other.pk, Case.State.SAME, user, **undo)
        move = carry_out(workspace, Move.Act.MERGE, one.pk, other.pk, handles, by=user, via=via, reason=reason, batch=batch)
        Case.objects.filter(pk=reason["case"]).update(undo={**undo, "move": move.pk})
        if survivors:
            for hook in survivor_hooks:
                hook(workspace, one.pk, {"left": left, "right": right}, survivors, user)
        audit.record(workspace, user, "merge", "person", one.pk, "", joined=str(other.pk))
    return int(one.pk)


def _living(workspace: Workspace, left: int, right: int) -> tuple[Person, Person, dict[int, list[int]]]:
    """The one who is to stand, the other, and the handles of both."""
    one, other = person_of(workspace, left), person_of(workspace, right)
    if not one or not other or one.pk == other.pk:
        raise ValueError("a merge needs two different people of this workspace")
    held: dict[int, list[int]] = {}
    for handle, person in bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", (one.pk, other.pk)):
        held.setdefault(person, []).append(handle)
    if len(held) < 2:
        raise ValueError("a merge needs two people who have a handle")
    return *ranked(one, other), held


def ranked(one: Person, other: Person) -> tuple[Person, Person]:
    """(who stands, who is joined): the one known by name stands, then the one known longer."""
    stands, joined = sorted((one, other), key=lambda person: (not person.is_identified, person.first_seen, person.pk))
    return stands, joined


def _note_decision(workspace: Workspace, held: Mapping[int, Sequence[int]], user: User | None, **more: Any) -> None:
    """The link that says why: between the handle each began with, or the first they have. `held`: handles of the two."""
    anchors = sorted(person if person in keys else min(keys) for person, keys in held.items())
    values = {
        "workspace_id": workspace.pk,
        '"left"': anchors[0],
        '"right"': anchors[1],
        "evidence": more.pop("evidence", "decision"),
        "detail": json.dumps(more.pop("detail", {})),
        "probability": 1.0,
        "decided_by": user.email if user else "command line",
        "undone_at": None,
        "at": bulk.stamp(timezone.now()),
        **more,
    }
    bulk.upsert(Link, list(values), [list(values.values())], '"left", "right", evidence')


def merge_many(workspace: Workspace, case_ids: Sequence[int], user: User | None, *, via: str = "screen") -> MergedMany:
    """Answer many questions with "the same person", each in a transaction of its own; all can be taken back at one word."""
    batch, done = uuid4(), 0
    for pk in dict.fromkeys(case_ids):
        with transaction.atomic():
            hold([workspace.pk])
            case = Case.objects.of(workspace).filter(pk=pk, state__in=cases.WAITING).first()
            if case is None:
                continue
            try:
                merge(workspace, case.left, case.right, user, via=via, batch=batch)
            except ValueError:
                Case.objects.filter(pk=pk).update(state=Case.State.MOOT)
                continue
            Case.objects.filter(pk=pk, state__in=cases.WAITING).update(state=Case.State.MOOT)
            done += 1
    return MergedMany(done, len(set(case_ids)) - done, batch)


def link_probable(workspace: Workspace, pairs: Sequence[ProbableLink], *, via: str = "job", **costs: Any) -> Linked:
    """Join people by probability, or ask, as `rules.decide_probable` says; the surest first.

    Two identified people are only asked about, also when an earlier link of these made them so. Pairs kept apart stay so.
    """
    counts = {"link": 0, "ask": 0, "apart": 0}
    batch = uuid4()
    for pair in sorted(pairs, key=lambda pair: (-pair.probability, -pair.weight, pair.left_person, pair.right_person)):
        with transaction.atomic():
            hold([workspace.pk])
            if decision := _link(workspace, pair, via, batch, costs):
                counts[decision] += 1
    return Linked(counts["link"], counts["ask"], counts["apart"])


def _link(workspace: Workspace, pair: ProbableLink, via: str, batch: UUID, costs: Mapping[str, Any]) -> str:
    try:
        one, other, held = _living(workspace, pair.left_person, pair.right_person)
    except ValueError:
        return ""  # they became one, or went, since they were compared
    apart = bool(are_apart(workspace, one.pk, other.pk))
    from .linkage.kinds import independent_of  # at first use: it brings numpy, which not every process needs

    kinds = independent_of(pair.steps)
    decision = decide_probable(pair.probability, one.is_identified, other.is_identified, apart, kinds=kinds, **costs)
    detail = {"evidence": "probable", "prior": pair.prior, "steps": [dict(step) for step in pair.steps]}
    figures = {"weight": pair.weight, "probability": pair.probability}
    if decision == "ask":
        cases.open_case(workspace.pk, one.pk, other.pk, detail, kind="probable", **figures)
    elif decision == "link":
        _note_decision(workspace, held, None, evidence="probable", detail=detail, **figures, decided_by="probable")
        carry_out(
            workspace, Move.Act.LINK, one.pk, other.pk, held[other.pk],
            by=None, via=via, reason=detail, batch=batch, **figures,
        )  # fmt: skip
        audit.record(workspace, None, "linked", "person", one.pk, "", actor="worker", joined=str(other.pk))
    return decision
