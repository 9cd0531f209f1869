"""What sets a group apart from the others, and which group of an earlier look it is."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
ALIKE: Final = 0.25
"""Two groups with so much of Jaccard's index are one group, seen twice."""


class Contrast(NamedTuple):
    """A column: its mean in the group and elsewhere (of flags: the shares), and by how many standard deviations of all they differ."""

    column: int
    here: float
    elsewhere: float
    effect: float

    @property
    def lift(self) -> float:
        """How many times as much as elsewhere; infinite where there is none."""
        return self.here / self.elsewhere if self.elsewhere else float("inf") if self.here else 1.0


def contrasts(table: npt.ArrayLike, inside: npt.ArrayLike) -> list[Contrast]:
    """Of each column of `table` [people, features], how a group differs from the others; the greatest effect first.

    >>> found = contrasts([[1, 0], [1, 1], [0, 0], [0, 1]], [True, True, False, False])
    >>> found[0].column, found[0].here, found[0].elsewhere, found[0].effect
    (0, 1.0, 0.0, 2.0)
    """
    values, group = np.asarray(table, np.float64), np.asarray(inside, bool)
    if not group.any() or group.all():
        return []
    here, elsewhere = values[group].mean(axis=0), values[~group].mean(axis=0)
    spread = values.std(axis=0)
    effect = np.divide(here - elsewhere, spread, out=np.zeros_like(here), where=spread > 0)
    order = np.argsort(-np.abs(effect), kind="stable")
    return [Contrast(int(column), float(here[column]), float(elsewhere[column]), float(effect[column])) for column in order]


def numbered(before: Mapping[int, Ints], after: Sequence[Ints], next_number: int) -> list[int]:
    """A number for each group of `after` (ids of its people): that of the earlier group it is mostly the same people as, or a new one.

    Only people of both looks are compared. New numbers begin at `next_number`.

    >>> earlier = {4: np.arange(10), 7: np.arange(10, 30)}
    >>> numbered(earlier, [np.arange(11, 30), np.arange(11), np.arange(90, 99)], 9)
    [7, 4, 9]
    """
    known = np.unique(np.concatenate([*before.values(), np.empty(0, np.int64)]))
    seen = np.unique(np.concatenate([*after, np.empty(0, np.int64)]))
    old = [np.intersect1d(people, seen) for people in before.values()]
    new = [np.intersect1d(people, known) for people in after]
    alike = np.array([[_jaccard(one, other) for other in old] for one in new]).reshape(len(new), len(old))
    names, found = list(before), [0] * len(after)
    for row, column in zip(*linear_sum_assignment(-alike), strict=True):
        if alike[row, column] >= ALIKE:
            found[row] = names[column]
    for place, number in enumerate(found):
        if not number:
            found[place], next_number = next_number, next_number + 1
    return found


def _jaccard(one: Ints, other: Ints) -> float:
    both = np.intersect1d(one, other, assume_unique=True).size
    return both / max(one.size + other.size - both, 1)
