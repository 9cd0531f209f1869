"""When time alone may next change what holds: perhaps early, never late. Microseconds since 1970 UTC by person, or NEVER."""

from collections.abc import Callable
from math import ceil, floor
from typing import TYPE_CHECKING
from typing import Any as Anything

import numpy as np

from . import measures, traits
from .doings import Doings
from .frame import Bools, Ints
from .predicate import Act, All, Any, Did, InSegment, Not, Predicate, Sequence, Trait
from .windows import NEVER, ends, length

if TYPE_CHECKING:
    from .evaluate import Evaluation


def changes(predicate: Predicate, on: "Evaluation") -> Ints:
    """What is not listed here (tags, scores ...) changes by what is said of people, not by time."""
    make = _CHANGES.get(type(predicate))
    return _never(on) if make is None else make(predicate, on)


def _never(on: "Evaluation") -> Ints:
    return np.full(len(on.frame.ids), NEVER, np.int64)


def _all(asked: All, on: "Evaluation") -> Ints:
    return _group(asked.parts, on, breaking=False)


def _any(asked: Any, on: "Evaluation") -> Ints:
    return _group(asked.parts, on, breaking=True)


def _group(parts: tuple[Predicate, ...], on: "Evaluation", breaking: bool) -> Ints:
    """One part that is `breaking` decides the whole, so it stays decided until the last such part may change, else until the first."""
    first, last = _never(on), np.zeros(len(on.frame.ids), np.int64)
    is_broken = on.ones(False)
    for part in parts:
        moment, breaks = on.next_change(part), on.truth(part) == breaking
        first = np.minimum(first, moment)
        last = np.where(breaks, np.maximum(last, moment), last)
        is_broken |= breaks
    return np.where(is_broken, last, first)


def _trait(asked: Trait, on: "Evaluation") -> Ints:
    made: Ints = on.column(asked.name).each(lambda value: traits.changes(asked, value, on.now), np.int64)
    known_at = on.frame.known_at.get(asked.name)
    return made if known_at is None else np.minimum(made, np.where(known_at > on.now.micros, known_at, NEVER))


def _did(asked: Did, on: "Evaluation") -> Ints:
    doings, made = on.doings, _arrivals((asked.act,), on)
    if asked.measure in ("first", "last"):
        made = np.minimum(made, _ages(asked, doings))
    if asked.window.days is None and not asked.window.since:
        return made
    found = doings.inside(asked.act, asked.window)
    counts = np.diff(doings.edges(found))
    over = np.where(counts > 0, ends(asked.window, doings.now), NEVER)
    return np.minimum(made, over if asked.window.days is None else np.minimum(over, _leaving(asked, doings, found)))


def _arrivals(acts: tuple[Act, ...], on: "Evaluation") -> Ints:
    """When the next of these acts, that lie after now, will have happened."""
    made = _never(on)
    for act in acts:
        found = on.doings.matching(act)
        coming = found[on.doings.acts.at[found] > on.doings.now.micros]
        np.minimum.at(made, on.doings.person[coming], on.doings.acts.at[coming])
    return made


def _leaving(asked: Did, doings: Doings, found: Ints) -> Ints:
    """When so many acts have left the window that the clause may change; of counts it is exactly known which act that takes."""
    edges = doings.edges(found)
    counts = np.diff(edges)
    made = np.full(len(counts), NEVER, np.int64)
    for tip in _tips(asked, counts):
        is_there = (tip >= 0) & (tip < counts)
        leaves = doings.acts.at[found[(edges[:-1] + tip)[is_there]]] + length(asked.window.days or 0)
        made[is_there] = np.minimum(made[is_there], leaves)
    return made


def _tips(asked: Did, counts: Ints) -> list[Ints]:
    """Which of a person's acts in the window tip the scales as they leave it, the oldest first."""
    if asked.measure == "last":
        return [counts - 1]
    if asked.measure != "count":
        return [np.zeros_like(counts)]
    rests = [ceil(asked.least) - 1] if asked.least is not None else []
    rests += [floor(asked.most)] if asked.most is not None else []
    return [counts - 1 - rest for rest in rests]


def _ages(asked: Did, doings: Doings) -> Ints:
    """When the first or last time will be `least` days ago, and no longer at most `most`."""
    has, moments = measures.ends_of(asked, doings, doings.inside(asked.act, asked.window))
    made = np.full(len(has), NEVER, np.int64)
    for days, more in ((asked.least, 0), (asked.most, 1)):
        if days is not None:
            turns = moments + length(days) + more
            made = np.where(has & (turns > doings.now.micros), np.minimum(made, turns), made)
    return made


def _sequence(asked: Sequence, on: "Evaluation") -> Ints:
    """True until the last run that makes it so leaves the window; else, where the last step is missing, until a run's time is over."""
    doings, now = on.doings, on.now.micros
    found = measures.runs(asked, doings)
    made, person = _arrivals(asked.acts, on), doings.person[found.first]
    if asked.missing:
        waits = found.is_begun & ~found.is_done & (found.deadline > now)
        np.minimum.at(made, person[waits], found.deadline[waits])
    holds: Bools = measures.holding(asked, found, now)
    if asked.window.days is not None or asked.window.since:
        leaves = np.full(holds.sum(), ends(asked.window, on.now))
        if asked.window.days is not None:
            leaves = np.minimum(leaves, doings.acts.at[found.first[holds]] + length(asked.window.days))
        last = np.zeros(len(made), np.int64)
        np.maximum.at(last, person[holds], leaves)
        made = np.where(last > 0, np.minimum(made, last), made)
    return made


_CHANGES: dict[type, Callable[[Anything, "Evaluation"], Ints]] = {
    All: _all, Any: _any, Not: lambda asked, on: on.next_change(asked.part), Trait: _trait, Did: _did, Sequence: _sequence,
    InSegment: lambda asked, on: on.through(asked, on.next_change),
}  # fmt: skip
