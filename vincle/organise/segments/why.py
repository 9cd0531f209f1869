"""Why someone is in a segment, or is not: clause by clause, with what was found and the acts that decided."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any as Anything

import numpy as np

from . import measures
from .evaluate import Evaluation, draw
from .frame import Frame, Ints, Now
from .predicate import All, Any, AtStage, Consented, Did, InSegment, Not, Predicate, Scored, Sequence, Share, Top, Trait
from .windows import length

MOST_ACTS = 20


@dataclass(frozen=True)
class Reason:
    """What became of one clause for one person.

    `found`: the trait's value, the permit, the stage, the score, the number drawn (0 to 1), what was measured (first, last: days ago), how
    often a sequence was gone through; None where there is nothing. `seqs`: the log numbers of the acts that decided, newest first, at
    most 20. `parts`: of a group, of "not", and of what another segment asks. `next_change`: microseconds, see `evaluate.next_change`.
    """

    clause: Predicate
    holds: bool
    found: Anything
    seqs: tuple[int, ...]
    parts: tuple["Reason", ...]
    next_change: int

    def decisive(self) -> Iterator["Reason"]:
        """The clauses that make the whole hold, or fail: what one would have to change."""
        if not isinstance(self.clause, All | Any | Not):
            yield self
            return
        one_is_enough = self.holds == isinstance(self.clause, Any)
        for part in self.parts:
            if isinstance(self.clause, Not) or not one_is_enough or part.holds == self.holds:
                yield from part.decisive()


def explain(predicate: Predicate, frame: Frame, now: Now, segments: Mapping[str, Predicate] | None = None) -> Reason:
    """Raises BadPredicate as `evaluate.truth` does, and ValueError for a frame of more or less than one person."""
    if len(frame.ids) != 1:
        raise ValueError(f"One person can be explained, not {len(frame.ids)}.")
    return _reason(predicate, Evaluation(frame, now, segments or {}))


def _reason(clause: Predicate, on: Evaluation) -> Reason:
    parts: tuple[Reason, ...] = ()
    if isinstance(clause, All | Any):
        parts = tuple(_reason(part, on) for part in clause.parts)
    elif isinstance(clause, Not):
        parts = (_reason(clause.part, on),)
    elif isinstance(clause, InSegment):
        parts = (on.through(clause, lambda predicate: _reason(predicate, on)),)
    holds, change = bool(on.truth(clause)[0]), int(on.next_change(clause)[0])
    found, acts = _FOUND[type(clause)](clause, on) if type(clause) in _FOUND else (None, _NO_ACTS)
    newest = on.frame.acts.seq[np.sort(acts)[::-1][:MOST_ACTS]]
    return Reason(clause, holds, found, tuple(newest.tolist()), parts, change)


Found = tuple[Anything, Ints]
_NO_ACTS = np.zeros(0, np.int64)


def _trait(asked: Trait, on: Evaluation) -> Found:
    value = on.column(asked.name).of(0)
    return (list(value) if isinstance(value, tuple) else value), _NO_ACTS


def _consented(asked: Consented, on: Evaluation) -> Found:
    permits = on.frame.consents.get((asked.channel, asked.purpose), ())
    return ((permits[0] or "none") if len(permits) else "none"), _NO_ACTS


def _scored(asked: Scored | Top, on: Evaluation) -> Found:
    scores = on.frame.scores.get(asked.score if isinstance(asked, Top) else asked.name)
    return (None if scores is None else _plain(scores[0])), _NO_ACTS


def _did(asked: Did, on: Evaluation) -> Found:
    """The acts that were measured: of the first, the last and the largest that one alone; of the others all that lie in the window."""
    doings, measure = on.doings, asked.measure
    found = doings.inside(asked.act, asked.window)
    if measure in ("first", "last"):
        chosen = found[:1] if measure == "first" else found[-1:]
        return (_plain((on.now.micros - doings.acts.at[chosen[0]]) / length(1)) if len(chosen) else None), chosen
    if measure == "count":
        return len(found), found
    if measure == "kinds":
        return int(doings.kinds(found, asked.of)[0]), found
    value = measures.amounts(asked, doings, found)[0]
    amounts = doings.acts.amount[found]
    return _plain(value), found[amounts == value][-1:] if measure == "largest" else found[~np.isnan(amounts)]


def _sequence(asked: Sequence, on: Evaluation) -> Found:
    """The acts of the runs that make it hold; where none does, of those that came furthest."""
    found = measures.runs(asked, on.doings)
    holds = measures.holding(asked, found, on.now.micros)
    taken = sum(((step < len(on.frame.acts.at)).astype(np.int64) for step in found.path), np.zeros(len(found.first), np.int64))
    chosen = holds if holds.any() else taken == taken.max(initial=0)
    acts = np.unique(np.concatenate([step[chosen] for step in found.path]))
    return int(holds.sum()), acts[acts < len(on.frame.acts.at)]


def _plain(value: Anything) -> float | None:
    return None if np.isnan(value) else float(value)


_FOUND: dict[type, Callable[[Anything, Evaluation], Found]] = {
    Trait: _trait, Consented: _consented, Scored: _scored, Top: _scored, Did: _did, Sequence: _sequence,
    AtStage: lambda asked, on: (on.frame.stage[0] if len(on.frame.stage) else None, _NO_ACTS),
    Share: lambda asked, on: (_plain(draw(on.frame.ids, asked.seed)[0]), _NO_ACTS),

}  # fmt: skip
