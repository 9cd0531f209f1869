"""The same wording in how people describe themselves: shared words, rare ones weighing more."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct

from vincle.identify.linkage.records import Cell, Column, Ints, Records
from vincle.identify.names.folding import fold

from ._pairs import levels_of_cells, remade
from .base import ANYONE, Key, Level, Levels, Said, ragged

_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|#")
_FEWEST, _LONGEST_BLOCK, _KEYS = 3, 60, 3
_CUTS = (0.25, 0.5, 0.85)


class Bios(Struct, eq=False):
    column: Column  # cells: the different words of a bio, sorted
    rarity: dict[str, float]
    counts: dict[str, int]


class Bio:
    id: ClassVar[str] = "bio"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.60, 0.985), Level("similar", 0.10, 0.012), Level("reworded", 0.12, 0.002), Level("same", 0.18, 0.001),
    )  # fmt: skip

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("bio",) if "bio" in records.columns else ()

    def prepare(self, records: Records) -> Bios:
        made = remade(records.columns["bio"], _words)
        counts: Counter[str] = Counter()
        for cell, times in zip(made.values, np.bincount(made.codes[made.codes >= 0], minlength=len(made.values)).tolist(), strict=True):
            counts.update(dict.fromkeys(cell, times))
        total = int((made.codes >= 0).sum())
        return Bios(made, {word: math.log2(1 + total / count) for word, count in counts.items()}, dict(counts))

    def compare(self, prepared: Bios, left: Ints, right: Ints) -> Levels:
        rarity = prepared.rarity
        return levels_of_cells(prepared.column, left, right, lambda one, other: _level(rarity, one, other))

    def keys(self, prepared: Bios) -> Iterable[Key]:
        """The rarest words that others use too."""
        counts = prepared.counts
        yield ragged(
            prepared.column,
            lambda cell: sorted((word for word in cell if 1 < counts[word] <= _LONGEST_BLOCK), key=lambda word: (counts[word], word))[
                :_KEYS
            ],
            "bio",
        )

    def terms(self, prepared: Bios) -> Ints | None:
        return prepared.column.codes

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        return Said(f"bio_{self.levels[level].id}", {"left": records.text("bio", left), "right": records.text("bio", right)})


def _words(cell: Cell) -> Cell:
    """The different words; nothing where they are too few to be anyone's own."""
    words = {word for text in cell for word in fold(_LINK.sub(" ", text)).split() if len(word) > 1}
    return tuple(sorted(words)) if len(words) >= _FEWEST else ()


def _level(rarity: dict[str, float], one: Cell, other: Cell) -> int:
    """Weighted Jaccard similarity, cut."""
    ones, others = set(one), set(other)
    shared = sum(rarity[word] for word in ones & others)
    share = shared / sum(rarity[word] for word in ones | others)
    return sum(share >= cut for cut in _CUTS) if len(ones & others) > 1 else 0


matcher = Bio()
