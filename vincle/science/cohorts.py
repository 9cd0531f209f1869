"""Retention by cohort: of those who began in the same stretch of time, how many came back after one, two, three stretches.

A cohort's last ages lie in the future: nothing is said of them, and the curve of all cohorts together counts at each age only those that
have reached it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .proportions import wilson

Ints = NDArray[np.int64]
UNKNOWN: Final = -1


class Cohorts(NamedTuple):
    """`sizes` [c]: people who began in each stretch. `counts` [c, a]: of them active `a` stretches later, UNKNOWN while that is ahead."""

    sizes: Ints
    counts: Ints

    def share(self, cohort: int, age: int) -> float | None:
        """Of a cohort, the share active at an age; None while unknown or of nobody."""
        size, count = int(self.sizes[cohort]), int(self.counts[cohort, age])
        return None if count == UNKNOWN or not size else count / size


class Point(NamedTuple):
    """All cohorts that have reached an age: how many people, how many of them active, the share and its interval (Wilson)."""

    age: int
    people: int
    active: int
    share: float
    low: float
    high: float


def triangle(began: ArrayLike, who: ArrayLike, when: ArrayLike, stretches: int) -> Cohorts:
    """`began` [p]: the stretch in which each person began (below 0: before the first one looked at). `who`, `when` [k]: person and
    stretch of each act; several in one stretch are one. Stretches are 0 to `stretches` - 1. ValueError for a person out of range.

    >>> triangle([0, 0, 1], [0, 0, 1, 2, 0], [0, 1, 0, 1, 1], 2).counts.tolist()
    [[2, 1], [1, -1]]
    """
    first, person, at = (np.asarray(each, np.int64) for each in (began, who, when))
    if person.size and not (person.min() >= 0 and person.max() < first.size):
        raise ValueError("an act of someone who is not among the people")
    inside = (at >= 0) & (at < stretches) & (first[person] >= 0) & (first[person] <= at)
    pairs = np.unique(person[inside] * stretches + at[inside])
    person, at = pairs // stretches, pairs % stretches
    counts = np.zeros((stretches, stretches), np.int64)
    np.add.at(counts, (first[person], at - first[person]), 1)
    ages = np.add.outer(np.arange(stretches), np.arange(stretches))
    counts[ages >= stretches] = UNKNOWN
    mine = first[(first >= 0) & (first < stretches)]
    return Cohorts(np.bincount(mine, minlength=stretches).astype(np.int64), counts)


def curve(cohorts: Cohorts, confidence: float = 0.95) -> list[Point]:
    """Retention by age over all cohorts that have reached it; ends with the last age that anyone has reached.

    >>> [(each.age, each.people, each.active) for each in curve(triangle([0, 0, 1], [0, 0, 1, 2], [0, 1, 0, 1], 2))]
    [(0, 3, 3), (1, 2, 1)]
    """
    found = []
    for age in range(cohorts.counts.shape[1]):
        reached = cohorts.counts[:, age] != UNKNOWN
        people, active = int(cohorts.sizes[reached].sum()), int(cohorts.counts[reached, age].sum())
        if people:
            found.append(Point(age, people, active, active / people, *wilson(active, people, confidence)))
    return found
