"""Phone numbers: the same, whatever the prefix and the spaces, or one digit off."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records

from ._texts import Flat, edits, flat, levels_of, pick
from .base import ANYONE, Key, Level, Levels, Said, ragged

_TAIL = 9


class Phone:
    id: ClassVar[str] = "phone"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (Level("differs", 0.25, 0.9995), Level("typo", 0.08, 0.0002), Level("same", 0.67, 0.0003))

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("phone",) if "phone" in records.columns else ()

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns["phone"], _tail)

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        return levels_of(prepared, left, right, lambda one, other: _level(prepared, one, other))

    def keys(self, prepared: Flat) -> Iterable[Key]:
        yield ragged(prepared.column, lambda cell: cell, "phone")

    def terms(self, prepared: Flat) -> Ints | None:
        return prepared.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        ones, others = records.cell("phone", left), records.cell("phone", right)
        tails = {_tail(text) for text in others}
        shared = next((text for text in ones if _tail(text) in tails), "")
        return Said(f"phone_{self.levels[level].id}", {"left": shared or ones[0], "right": others[0]})


def _tail(text: str) -> str:
    """The digits that matter: without prefix of the country or trunk zero, so that "93 555 01 42" is "+34 93 555 01 42"."""
    found = "".join(letter for letter in text.partition(";")[0] if letter.isdecimal())
    return found[-_TAIL:].lstrip("0") if len(found) >= 6 else ""


def _level(values: Flat, one: Ints, other: Ints) -> Levels:
    wrong = edits(pick(values.words, one), pick(values.words, other))
    short = np.minimum(values.sizes[one], values.sizes[other])
    return np.select([wrong == 0, (wrong == 1) & (short >= 7)], [2, 1], 0).astype(np.int8)


matcher = Phone()
