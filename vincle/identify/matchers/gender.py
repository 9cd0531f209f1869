"""Gender as sources write it: the same or not; nothing between."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records
from vincle.identify.names.folding import fold

from ._texts import Flat, flat, levels_of
from .base import PERSON, Key, Level, Levels, Said

_WORDS = {
    "male": "m man male hombre masculino uomo maschio home masculi h varon homme",
    "female": "f woman female mujer femenino donna femmina dona femeni w femme",
}
_READ = {word: gender for gender, words in _WORDS.items() for word in words.split()}


class Gender:
    id: ClassVar[str] = "gender"
    kinds: ClassVar[frozenset[str]] = PERSON
    levels: ClassVar[tuple[Level, ...]] = (Level("differs", 0.03, 0.5), Level("same", 0.97, 0.5))

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("gender",) if "gender" in records.columns else ()

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns["gender"], lambda text: _READ.get(fold(text), fold(text)))

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        return levels_of(prepared, left, right, lambda one, other: (one == other).astype(np.int8))

    def keys(self, prepared: Flat) -> Iterable[Key]:
        return ()

    def terms(self, prepared: Flat) -> Ints | None:
        return None

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        return Said(f"gender_{self.levels[level].id}", {"left": records.text("gender", left), "right": records.text("gender", right)})


matcher = Gender()
