"""Family names: spelling, one of two surnames, names that changed places with the given name."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vincle.identify.linkage.records import Ints

from ._names import Names, Side, is_initial, letters, share_word
from .base import Level, Levels


class FamilyName(Side):
    id: ClassVar[str] = "family_name"
    is_given: ClassVar[bool] = False
    swapped: ClassVar[int] = 2
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.06, 0.96), Level("initial", 0.02, 0.012), Level("swapped", 0.02, 0.001), Level("similar", 0.05, 0.016),
        Level("one_of_two", 0.08, 0.006), Level("typo", 0.07, 0.002), Level("same", 0.70, 0.004),
    )  # fmt: skip

    def level(self, prepared: Names, one: Ints, other: Ints) -> Levels:
        found = letters(prepared, one, other, _rank)
        rest = np.flatnonzero(found < 5)
        left, right = one[rest], other[rest]
        found[rest] = np.select([share_word(prepared, left, right), is_initial(prepared, left, right)], [4, 1], found[rest])
        return found


def _rank(wrong: NDArray[np.uint8], like: NDArray[np.float32], short: Ints) -> Levels:
    typo = ((wrong == 1) & (short >= 3)) | ((wrong == 2) & (short >= 7))
    return np.select([wrong == 0, typo, (like >= 0.88) & (short >= 3)], [6, 5, 3], 0).astype(np.int8)


matcher = FamilyName()
