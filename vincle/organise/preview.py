"""How many people a predicate holds for, while it is being written: counted on a random sample that is held in memory, with an interval.

Ids of people are keyed hashes, so those with the smallest ids are a random sample. A workspace that fits is held whole: then it is exact.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic, perf_counter
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.science.proportions import wilson

from . import frames
from .everybody import Segments, all_members, known
from .segments.evaluate import Evaluation
from .segments.frame import Acts, Frame, Ints, Now
from .segments.needs import Needs, needs
from .segments.predicate import Predicate

T = TypeVar("T")
N = TypeVar("N", bound=np.generic)
MOST_PEOPLE = 20_000
MOST_ACTS = 1_000_000
FEWEST_PEOPLE = 1_000
"""So many are read however long it takes."""

PIECE = 1_000
PATIENCE = 2.0
"""Seconds that reading what people of the sample did may take; then it is as large as it is."""

TIMES, SHORTEST, LONGEST = 100, 5.0, 300.0
"""A sample is held so many times as long as it took to read, within these seconds; then it is read anew."""

WORKSPACES = 4
SHOWN = 12


@dataclass(frozen=True)
class Preview:
    """About how many people: with a confidence of 95 % between `low` and `high`. `sample`: ids of some of them, ascending."""

    about: int
    low: int
    high: int
    is_exact: bool
    sample: list[int]
    milliseconds: int


class _Held:
    """A sample of a workspace: what its people did, and of what is known of them as much as was asked for until now."""

    def __init__(self, workspace: Workspace) -> None:
        began = monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM organise_profile WHERE workspace_id = %s", [workspace.pk])
            self.people = int(cursor.fetchone()[0])
        ids = _smallest(workspace, self.people)
        self.frame = _read(workspace, ids)
        self._lock = Lock()
        self._known = Needs(verbs=None, stage=True)
        self.at, self.took = monotonic(), monotonic() - began

    @property
    def is_old(self) -> bool:
        return monotonic() - self.at > min(max(TIMES * self.took, SHORTEST), LONGEST)

    @property
    def is_whole(self) -> bool:
        return len(self.frame.ids) >= self.people

    def with_all(self, workspace: Workspace, wanted: Needs) -> Frame:
        """The sample with every column that is wanted."""
        with self._lock:
            new = {name: getattr(wanted, name) - getattr(self._known, name) for name in _COLUMNS}
            if any(new.values()):
                self._add(workspace, Needs(**new))
                self._known = replace(self._known, **{name: getattr(self._known, name) | new[name] for name in _COLUMNS})
            return self.frame

    def _add(self, workspace: Workspace, new: Needs) -> None:
        """Columns come for those who are still there; of others nothing is known."""
        found = frames.load(workspace, self.frame.ids.tolist(), new)
        stood = self.frame
        here = np.searchsorted(stood.ids, found.ids)
        size = len(stood.ids)
        self.frame = replace(
            stood,
            traits={**stood.traits, **{name: _spread(values, here, size, None) for name, values in found.traits.items()}},
            known_at={**stood.known_at, **{name: _filled(values, here, size, 0) for name, values in found.known_at.items()}},
            tags={**stood.tags, **{name: _filled(values, here, size, False) for name, values in found.tags.items()}},
            consents={**stood.consents, **{name: _spread(values, here, size, "") for name, values in found.consents.items()}},
            scores={**stood.scores, **{name: _filled(values, here, size, math.nan) for name, values in found.scores.items()}},
            cutoffs={**stood.cutoffs, **found.cutoffs},
        )


_COLUMNS = ("traits", "tags", "consents", "scores", "tops")
_held: "OrderedDict[int, _Held]" = OrderedDict()
_locks: dict[int, Lock] = {}
_lock = Lock()


def count(workspace: Workspace, predicate: Predicate, now: Now | None = None, segments: Segments | None = None) -> Preview:
    """Counted on the sample. BadPredicate.

    `segments`: what other segments ask, by their public ids; those of the workspace where none are given.
    """
    began = perf_counter()
    others = known(workspace, predicate) if segments is None else segments
    wanted = needs([predicate], others)
    held = _sample(workspace)
    moment = now or frames.now_of(workspace, timezone.now())
    frame = held.with_all(workspace, wanted)
    found = np.flatnonzero(Evaluation(frame, moment, others).truth(predicate))
    low, high = (len(found), len(found)) if held.is_whole else _interval(len(found), len(frame.ids), held.people)
    about = len(found) if held.is_whole else round(len(found) / max(len(frame.ids), 1) * held.people)
    shown = frame.ids[found[:SHOWN]].tolist()
    return Preview(about, low, high, held.is_whole, shown, round((perf_counter() - began) * 1000))


def exact(workspace: Workspace, predicate: Predicate, now: Now | None = None) -> Preview:
    """Counted on everybody. BadPredicate; EngineError when the lake cannot be asked."""
    began = perf_counter()
    found = all_members(workspace, predicate, now or frames.now_of(workspace, timezone.now()))
    return Preview(len(found), len(found), len(found), True, found[:SHOWN].tolist(), round((perf_counter() - began) * 1000))


def warm(workspace: Workspace) -> int:
    """Read the sample, so that the first count need not wait for it; returns how many people it holds."""
    return len(_sample(workspace).frame.ids)


def forget(workspace: int | None = None) -> None:
    """Let the sample of a workspace go, or all."""
    with _lock:
        if workspace is None:
            _held.clear()
        else:
            _held.pop(workspace, None)


def _interval(hits: int, people: int, total: int) -> tuple[int, int]:
    """Wilson's, for everybody; never fewer than were found, nor more than were not found not to be."""
    low, high = wilson(hits, people)
    return max(hits, math.floor(low * total)), min(total - (people - hits), math.ceil(high * total))


def _sample(workspace: Workspace) -> _Held:
    with _lock:
        one = _locks.setdefault(workspace.pk, Lock())
    with one:
        held = _held.get(workspace.pk)
        if held is None or held.is_old:
            held = _Held(workspace)
        with _lock:
            _held[workspace.pk] = held
            _held.move_to_end(workspace.pk)
            while len(_held) > WORKSPACES:
                _held.popitem(last=False)
        return held


def _smallest(workspace: Workspace, people: int) -> Ints:
    sql = "SELECT person FROM organise_profile WHERE workspace_id = %s"
    # Few people of a workspace may lie among many of others: then their order is not looked for in the table.
    sql = f"{sql} ORDER BY person LIMIT {MOST_PEOPLE}" if people > MOST_PEOPLE else sql
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace.pk])
        return np.sort(np.array([person for (person,) in cursor.fetchall()], np.int64))


def _read(workspace: Workspace, ids: Ints) -> Frame:
    """The people and what they did, as many as there is room and patience for."""
    wanted = Needs(verbs=None, stage=True)
    began, pieces, acts = monotonic(), [frames.load(workspace, [], wanted)], 0
    for start in range(0, len(ids), PIECE):
        pieces.append(frames.load(workspace, ids[start : start + PIECE].tolist(), wanted))
        acts += len(pieces[-1].acts.at)
        if acts >= MOST_ACTS or (start + PIECE >= FEWEST_PEOPLE and monotonic() - began > PATIENCE):
            break
    return Frame(
        np.concatenate([piece.ids for piece in pieces]),
        _joined([piece.acts for piece in pieces]),
        [stage for piece in pieces for stage in piece.stage],
    )


def _joined(acts: Sequence[Acts]) -> Acts:
    """Those of people, and of people behind them."""
    columns = {name: np.concatenate([getattr(each, name) for each in acts]) for name in Acts.__dataclass_fields__ if "start" not in name}
    return Acts(**columns, start=_ends([each.start for each in acts]), label_start=_ends([each.label_start for each in acts]))


def _ends(starts: Sequence[Ints]) -> Ints:
    found: Ints = np.concatenate(([0], np.cumsum(np.concatenate([np.diff(each) for each in starts])))).astype(np.int64)
    return found


def _spread(values: Sequence[T], here: Ints, size: int, nothing: T) -> list[T]:
    found = [nothing] * size
    for place, value in zip(here.tolist(), values, strict=True):
        found[place] = value
    return found


def _filled(values: npt.NDArray[N], here: Ints, size: int, nothing: float) -> npt.NDArray[N]:
    found = np.full(size, nothing, values.dtype)
    found[here] = values
    return found
