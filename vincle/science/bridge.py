"""Why a sum over customers changed: who came, who came back, who gave more, who gave less, who went. The parts add up exactly."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Bridge(NamedTuple):
    """From `start` to `end`, in the unit of what was handed in; `less` and `lost` are negative or zero. `people` in the order of the
    parts: new, back, more, less, lost."""

    start: int
    new: int
    back: int
    more: int
    less: int
    lost: int
    end: int
    people: tuple[int, int, int, int, int]

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        return self.new, self.back, self.more, self.less, self.lost


def bridge(before: ArrayLike, after: ArrayLike, was_here: ArrayLike, is_here: ArrayLike, is_new: ArrayLike) -> Bridge:
    """By person [n]: their part of the sum at both ends (whole numbers: cents, say), whether they counted at the beginning and at the end,
    and whether they were never here before. Who counts at neither end adds nothing unless a sum says otherwise, and is then counted
    among those who gave more or less.

    >>> bridge([10, 5, 0, 0], [15, 0, 7, 2], [1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 1, 0])[:7]
    (15, 7, 2, 5, 0, -5, 24)
    """
    then, now = np.asarray(before, np.int64), np.asarray(after, np.int64)
    was, here, new = (np.asarray(each, bool) for each in (was_here, is_here, is_new))
    change = now - then
    came, gone = ~was & here, was & ~here
    stayed = ~came & ~gone
    masks = (came & new, came & ~new, stayed & (change > 0), stayed & (change < 0), gone)
    new_part, back, more, less, lost = (int(change[mask].sum()) for mask in masks)
    a, b, c, d, e = (int(mask.sum()) for mask in masks)
    return Bridge(int(then.sum()), new_part, back, more, less, lost, int(now.sum()), (a, b, c, d, e))
