"""Given names: spelling, initials, short forms in four languages, names that changed places with the surname."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vincle.identify.linkage.records import Ints
from vincle.identify.names import nicknames

from ._names import Names, Side, are_nicknames, is_initial, letters, share_word
from .base import Key, Level, Levels, ragged


class GivenName(Side):
    id: ClassVar[str] = "given_name"
    is_given: ClassVar[bool] = True
    swapped: ClassVar[int] = 2
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.06, 0.93), Level("initial", 0.03, 0.015), Level("swapped", 0.02, 0.001), Level("similar", 0.05, 0.03),
        Level("nickname", 0.04, 0.004), Level("one_of_two", 0.04, 0.008), Level("typo", 0.06, 0.004), Level("same", 0.70, 0.01),
    )  # fmt: skip

    def level(self, prepared: Names, one: Ints, other: Ints) -> Levels:
        found = letters(prepared, one, other, _rank)
        rest = np.flatnonzero(found < 6)
        left, right = one[rest], other[rest]
        found[rest] = np.select(
            [share_word(prepared, left, right), are_nicknames(prepared, left, right), is_initial(prepared, left, right)],
            [5, 4, 1],
            found[rest],
        )
        return found

    def keys(self, prepared: Names) -> Iterator[Key]:
        yield from super().keys(prepared)
        yield ragged(
            prepared.own.column, lambda cell: [root for text in cell for root in nicknames.roots(text.split()[0])], "given_name root"
        )


def _rank(wrong: NDArray[np.uint8], like: NDArray[np.float32], short: Ints) -> Levels:
    typo = ((wrong == 1) & (short >= 4)) | ((wrong == 2) & (short >= 8))
    return np.select([wrong == 0, typo, (like >= 0.88) & (short >= 3)], [7, 6, 3], 0).astype(np.int8)


matcher = GivenName()
