"""Keeping computed traits true: for people of whom something changed, as time passes, and for everybody where a definition is new.

The step `segments` asks for `Kept` of the people it looks at before it asks for segments, so that these see the fresh values. A new
definition is counted for everybody a piece at a time (`turn`), as new segments are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import bulk, lease
from vincle.store.lease import LostLease
from vincle.store.models import Cursor

from . import frames, touching
from .computed import EVERYBODY, VALUES, Definition, definitions, shown
from .history import Histories
from .models import ComputedTrait, ComputedValue, Due, Profile, Segment
from .segments.evaluate import Evaluation
from .segments.frame import Frame, Ints, Now
from .segments.measured import COUNTED, measured, next_change
from .segments.needs import needs
from .segments.windows import NEVER

PIECE = 2_000
"""People counted at a time for a new definition."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_370_764_800_000_000  # the year 9999: what lies beyond never comes


class Kept:
    """The values of some people at one moment. `frame` has them among its traits; `write` keeps those that changed."""

    def __init__(self, workspace: Workspace, defined: Sequence[Definition], frame: Frame, now: Now, people: Iterable[int] = ()) -> None:
        self.workspace, self.defined = workspace, defined
        self.people = [*frame.ids.tolist(), *people]
        on = Evaluation(frame, now)
        self.values = {each.pk: measured(each.clause, on) for each in defined}
        moments = [next_change(each.clause, on) for each in defined]
        self.next_change: Ints = np.minimum.reduce([np.full(len(frame.ids), NEVER, np.int64), *moments])
        found = {each.name: shown(each.clause, self.values[each.pk], now) for each in defined}
        self.ids = frame.ids
        self.frame = replace(frame, traits={**frame.traits, **found})

    def write(self) -> set[int]:
        """Keep what changed; returns of whom. People who are not there any more lose theirs. Inside the caller's transaction."""
        stood = {(trait, person): value for trait, person, value in bulk.select(VALUES, self.people, [self.workspace.pk])}
        holds = {
            (each.pk, person): value
            for each in self.defined
            for person, value in zip(self.ids.tolist(), self.values[each.pk].tolist(), strict=True)
            if not np.isnan(value) and not (value == 0 and each.clause.measure in COUNTED)
        }
        mine = {each.pk for each in self.defined}
        new = [(self.workspace.pk, trait, person, value) for (trait, person), value in holds.items() if stood.get((trait, person)) != value]
        gone = [key for key in stood if key not in holds and key[0] in mine]
        for trait in {trait for trait, _person in gone}:
            lost = [person for each, person in gone if each == trait]
            bulk.execute_in("DELETE FROM organise_computedvalue WHERE trait_id = %s AND person IN ({})", lost, [trait])
        _put(new)
        return {person for _workspace, _trait, person, _value in new} | {person for _trait, person in gone}


def _put(rows: Sequence[tuple[Any, ...]]) -> None:
    for part in bulk.chunks(rows, 5_000):
        ComputedValue.objects.bulk_create(
            [ComputedValue(workspace_id=workspace, trait_id=trait, person=person, value=value) for workspace, trait, person, value in part],
            update_conflicts=True, unique_fields=["person", "trait"], update_fields=["value"],
        )  # fmt: skip


def is_behind() -> bool:
    return ComputedTrait.objects.filter(reached__isnull=False, hidden_at=None).exists()


def everything_again() -> None:
    """Have everybody counted again for all definitions. Inside the caller's transaction."""
    ComputedTrait.objects.filter(hidden_at=None).update(reached=EVERYBODY)


def turn(cursor: Cursor, at: datetime | None = None) -> int:
    """Count one piece of everybody for the definitions of a workspace that are new; returns how many. Under the lease of the step."""
    first = ComputedTrait.objects.filter(reached__isnull=False, hidden_at=None).order_by("workspace_id", "reached", "pk").first()
    if first is None:
        return 0
    workspace = Workspace.objects.get(pk=first.workspace_id)
    rows = list(ComputedTrait.objects.of(workspace).filter(reached=first.reached, hidden_at=None))
    known = {each.pk: each for each in definitions(workspace)}
    defined = [known[row.pk] for row in rows if row.pk in known]
    people = list(
        Profile.objects.of(workspace).filter(person__gt=first.reached).order_by("person").values_list("person", flat=True)[:PIECE]
    )
    histories = Histories(cursor.position)
    frame = frames.load(workspace, people, needs([each.clause for each in defined]), histories)
    kept = Kept(workspace, defined, frame, frames.now_of(workspace, at or timezone.now()))
    with transaction.atomic():
        histories.write()
        kept.write()
        _note_moments(kept)
        touching.touch(workspace, _asked(workspace, defined, people))
        reached = people[-1] if len(people) == PIECE else None
        for row in rows:
            ComputedTrait.objects.filter(pk=row.pk, expression=row.expression).update(reached=reached)
        if not lease.keep(Cursor.objects.filter(pk=cursor.pk)):
            raise LostLease(cursor.name)
    return max(len(people), 1)


def _note_moments(kept: Kept) -> None:
    """When time alone will change a value the person is looked at again, if they are not sooner."""
    at = {int(person): int(moment) for person, moment in zip(kept.ids, kept.next_change, strict=True) if moment < _LAST}
    there = dict(bulk.select("SELECT person, at FROM organise_due WHERE person IN ({})", at))
    moments = [(kept.workspace.pk, person, bulk.stamp(_EPOCH + timedelta(microseconds=moment))) for person, moment in at.items()]
    sooner = [row for row in moments if row[1] not in there or row[2] < there[row[1]]]
    bulk.upsert(Due, ("workspace_id", "person", "at"), sooner, "person")


def _asked(workspace: Workspace, defined: Sequence[Definition], people: Sequence[int]) -> set[int]:
    """All of them where a segment asks for one of these traits."""
    names = {each.name for each in defined}
    asked = Segment.objects.of(workspace).filter(archived_at=None).values_list("predicate", flat=True)
    return set(people) if any(_names(each) & names for each in asked) else set()


def _names(node: Any) -> set[str]:
    """Names of traits a predicate (JSON) asks for."""
    if isinstance(node, Mapping):
        own = {node["trait"]} if isinstance(node.get("trait"), str) else set()
        return own.union(*(_names(each) for each in node.values()))
    return set().union(*(_names(each) for each in node)) if isinstance(node, list) else set()
