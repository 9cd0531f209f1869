"""What people did, measured, and things done in order: truths of `Did` and `Sequence` over the acts of a frame."""

from typing import NamedTuple

import numpy as np

from .doings import Doings, within
from .frame import Bools, Floats, Ints
from .predicate import Did, Sequence, Window
from .windows import length


def did(asked: Did, doings: Doings) -> Bools:
    found = doings.inside(asked.act, asked.window)
    if asked.measure == "count":
        return within(np.diff(doings.edges(found)), asked.least, asked.most)
    if asked.measure == "kinds":
        return within(doings.kinds(found, asked.of), asked.least, asked.most)
    if asked.measure in ("first", "last"):
        return _ago(asked, doings, found)
    return within(amounts(asked, doings, found), asked.least, asked.most)


def amounts(asked: Did, doings: Doings, found: Ints) -> Floats:
    """[k] sum, mean or largest of the amounts; NaN where none has one, but a sum of nothing is 0."""
    found = found[~np.isnan(doings.acts.amount[found])]
    values, edges = doings.acts.amount[found], doings.edges(found)
    counts = np.diff(edges)
    if asked.measure == "largest":
        made = np.full(len(counts), np.nan)
        if len(values):
            made[counts > 0] = np.maximum.reduceat(values, edges[:-1][counts > 0])
        return made
    # In ten-thousandths, the parts that amounts have: 39.80 + 35.00 + 12.10 + 13.10 is then 100, as an engine's decimals say.
    sums = np.bincount(doings.person[found], np.rint(values * 10_000), len(counts)).astype(np.float64) / 10_000
    return sums if asked.measure == "sum" else np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)


def ends_of(asked: Did, doings: Doings, found: Ints) -> tuple[Bools, Ints]:
    """Who did it at all, and the moment of the first or last time [k] (0 for the others)."""
    edges = doings.edges(found)
    has = np.diff(edges) > 0
    moments = np.zeros(len(has), np.int64)
    moments[has] = doings.acts.at[found[edges[:-1][has] if asked.measure == "first" else edges[1:][has] - 1]]
    return has, moments


def _ago(asked: Did, doings: Doings, found: Ints) -> Bools:
    has, moments = ends_of(asked, doings, found)
    ago = doings.now.micros - moments
    least, most = (None if days is None else length(days) for days in (asked.least, asked.most))
    return has & within(ago, least, most)


class Runs(NamedTuple):
    """Sequences that were begun, one for each first act in the window."""

    first: Ints
    is_begun: Bools
    """All steps but the last were done in time."""
    is_done: Bools
    deadline: Ints
    path: tuple[Ints, ...]
    """The act each step was taken by, step by step; the number of acts (which is none) from where it was not."""


def runs(asked: Sequence, doings: Doings) -> Runs:
    """Each step taken as early as it can be: whatever follows then can follow soonest."""
    at, person, count = doings.acts.at, doings.person, len(doings.acts.at)
    first = doings.inside(asked.acts[0], asked.window)
    deadline = at[first] + length(asked.days)
    here, is_on, is_begun = first, np.ones(len(first), np.bool_), np.ones(len(first), np.bool_)
    path = [first]
    for step in asked.acts[1:]:
        is_begun = is_on
        found = doings.inside(step, _EVER)
        place = np.searchsorted(found, np.append(doings.later, count)[here])
        there = np.append(found, count)[place]
        is_on = is_on & (place < len(found))
        is_on[is_on] = (person[there[is_on]] == person[first[is_on]]) & (at[there[is_on]] <= deadline[is_on])
        here = np.where(is_on, there, count)
        path.append(here)
    return Runs(first, is_begun, is_on, deadline, tuple(path))


def holding(asked: Sequence, found: Runs, now: int) -> Bools:
    """Which of the runs make the clause true."""
    return found.is_begun & ~found.is_done & (found.deadline <= now) if asked.missing else found.is_done


def sequence(asked: Sequence, doings: Doings) -> Bools:
    found = runs(asked, doings)
    mask = np.zeros(len(doings.frame.ids), np.bool_)
    mask[doings.person[found.first[holding(asked, found, doings.now.micros)]]] = True
    return mask


_EVER = Window()
