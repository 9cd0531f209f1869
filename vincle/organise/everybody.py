"""Everybody a predicate holds for: what people did is asked of the lake, the rest is looked up in the store for those it may decide.

The lake may lag behind the log: whoever has rows behind its place is looked at again by the step `segments`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk

from . import frames
from .models import Segment
from .segments import packed
from .segments.evaluate import Evaluation
from .segments.frame import Acts, Bools, Frame, Ints, Now
from .segments.needs import Needs, clauses_of, needs, reach
from .segments.predicate import All, Any, Behaviour, Did, InSegment, Not, Predicate, Share
from .segments.predicate import Sequence as Steps
from .segments.reading import BadPredicate, read

PIECE = 50_000
"""People whose columns are in memory at a time."""

FEW = 100_000
"""Up to so many people are looked up one by one."""

_PEOPLE = "SELECT person FROM organise_profile WHERE workspace_id = %s AND known_since <= %s"
_AMONG = f"{_PEOPLE} AND person IN ({{}})"
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
Segments = Mapping[str, Predicate]


def all_members(
    workspace: Workspace, predicate: Predicate, now: Now, segments: Segments | None = None, *, as_of: datetime | None = None
) -> Ints:
    """Ids, ascending, of all for whom it holds as of `now`. BadPredicate; EngineError when the lake cannot be asked.

    `segments`: what other segments ask, by their public ids; those of the workspace where none are given. `as_of`: of people who were
    known at a moment, with tags and consents as they were then (see `frames.load`).
    """
    others = known(workspace, predicate) if segments is None else segments
    wanted = replace(needs([predicate], others), verbs=frozenset())
    whole = [predicate, *(others[public] for public in sorted(reach(predicate, others)))]
    clauses = dict.fromkeys(clause for part in whole for clause in clauses_of(part) if isinstance(clause, Did | Steps))
    answers = {clause: _answer(workspace, clause, now) for clause in clauses}
    ids = _candidates(workspace, predicate, now, others, answers, as_of)
    found = Frame(ids, _no_acts(len(ids)), behaviour={clause: _truth(ids, *answer) for clause, answer in answers.items()})
    sure, maybe = _Bounds(found, now, others).of(predicate)
    open_ = np.flatnonzero(maybe & ~sure)
    pieces = [ids[sure]]
    for start in range(0, len(open_), PIECE):
        pieces.append(_decided(workspace, predicate, now, others, found, open_[start : start + PIECE], wanted, as_of))
    return np.sort(np.concatenate(pieces))


def asked_by(workspace: Workspace) -> dict[str, Predicate]:
    """What each segment of a workspace asks, by its public id; one that cannot be read any more is left out."""
    found = {}
    for public, asked in Segment.objects.of(workspace).values_list("public", "predicate"):
        try:
            found[public] = read(asked)
        except BadPredicate:
            continue
    return found


def known(workspace: Workspace, predicate: Predicate) -> dict[str, Predicate]:
    """What other segments ask, if it names any."""
    return asked_by(workspace) if any(isinstance(clause, InSegment) for clause in clauses_of(predicate)) else {}


def _answer(workspace: Workspace, clause: Behaviour, now: Now) -> tuple[Ints, bool]:
    """Ids, ascending, for whom it holds or (True) for whom it does not."""
    from . import warehouse  # at first use: it brings the columnar libraries, which not every process needs
    from .segments.behaviour import question

    asked = question(clause, now)
    people = warehouse.engine().run(asked.query, workspace.pk)["person"]
    return np.sort(people.combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)), asked.is_inverted


def _truth(ids: Ints, named: Ints, is_inverted: bool) -> Bools:
    if not len(named):
        return np.full(len(ids), is_inverted, np.bool_)
    there = named[np.minimum(np.searchsorted(named, ids), len(named) - 1)] == ids
    return ~there if is_inverted else there


def _candidates(
    workspace: Workspace,
    predicate: Predicate,
    now: Now,
    segments: Segments,
    answers: Mapping[Behaviour, tuple[Ints, bool]],
    as_of: datetime | None,
) -> Ints:
    """Everybody or, where it can only hold for people who did something that is asked for, those of them who are there."""
    nobody = np.zeros(1, np.int64)
    idle = Frame(nobody, _no_acts(1), behaviour={clause: np.array([inverted]) for clause, (_, inverted) in answers.items()})
    if _Bounds(idle, now, segments, knows_shares=False).of(predicate)[1][0]:
        return _everybody(workspace, as_of)
    # Of whom no answer speaks, all of them say what they say of someone idle.
    found = np.unique(np.concatenate([nobody[:0], *(people for people, _ in answers.values())]))
    if len(found) <= FEW:
        there = bulk.select(_AMONG, found.tolist(), [workspace.pk, bulk.stamp(as_of or _EVER)])
        return np.sort(np.fromiter((person for (person,) in there), np.int64))
    return np.intersect1d(found, _everybody(workspace, as_of), assume_unique=True)


def _everybody(workspace: Workspace, as_of: datetime | None) -> Ints:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [workspace.pk, bulk.stamp(as_of or _EVER)])
        pieces = [np.zeros(0, np.int64)]
        while rows := cursor.fetchmany(PIECE):
            pieces.append(np.fromiter((person for (person,) in rows), np.int64, len(rows)))
    return np.sort(np.concatenate(pieces))


class _Bounds:
    """For whom a predicate holds for certain, and for whom it may, by what people did and who they are alone."""

    def __init__(self, frame: Frame, now: Now, segments: Segments, knows_shares: bool = True) -> None:
        self._on, self._knows_shares = Evaluation(frame, now, segments), knows_shares
        self._segments, self._people = segments, len(frame.ids)

    def of(self, predicate: Predicate) -> tuple[Bools, Bools]:
        match predicate:
            case All(parts=inner):
                return self._fold(np.logical_and, inner, True)
            case Any(parts=inner):
                return self._fold(np.logical_or, inner, False)
            case Not(part=part):
                sure, maybe = self.of(part)
                return ~maybe, ~sure
            case InSegment(segment=public):
                return self.of(self._segments[public])
            case Did() | Steps():
                found = self._on.truth(predicate)
                return found, found
            case Share() if self._knows_shares:
                found = self._on.truth(predicate)
                return found, found
        return self._ones(False), self._ones(True)

    def _fold(self, join: np.ufunc, inner: Sequence[Predicate], empty: bool) -> tuple[Bools, Bools]:
        sure, maybe = self._ones(empty), self._ones(empty)
        for part in inner:
            least, most = self.of(part)
            sure, maybe = join(sure, least), join(maybe, most)
        return sure, maybe

    def _ones(self, value: bool) -> Bools:
        return np.full(self._people, value, np.bool_)


def _decided(
    workspace: Workspace,
    predicate: Predicate,
    now: Now,
    segments: Segments,
    found: Frame,
    places: Ints,
    wanted: Needs,
    as_of: datetime | None,
) -> Ints:
    """Those of the people at these places for whom it holds, by what the store knows of them."""
    loaded = frames.load(workspace, found.ids[places].tolist(), wanted, as_of=as_of)
    here = np.searchsorted(found.ids, loaded.ids)
    whole = replace(loaded, behaviour={clause: known[here] for clause, known in found.behaviour.items()})
    return loaded.ids[Evaluation(whole, now, segments).truth(predicate)]


def _no_acts(people: int) -> Acts:
    return packed.frame([], [], people)
