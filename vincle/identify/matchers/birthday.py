"""Birthdays: the same, day and month swapped, a digit mistyped, two of three parts, or the year alone."""

import re
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Ints, Records

from ._texts import Flat, edits, flat, levels_of, pick
from .base import PERSON, Key, Level, Levels, Said, ragged

_PARTS = re.compile(r"(\d{4})\D?(\d{1,2})?\D?(\d{1,2})?")
_ENOUGH, _NEW_YEAR = 50, 0.02
_DAY_FIRST = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})")


class _Days(Struct, eq=False):
    values: Flat
    parts: Ints  # (year, month, day) of each value, -1 where it is not said


class Birthday:
    id: ClassVar[str] = "birthday"
    kinds: ClassVar[frozenset[str]] = PERSON
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.05, 0.935), Level("same_year", 0.03, 0.02), Level("two_digits", 0.04, 0.02), Level("two_parts", 0.04, 0.002),
        Level("as_far", 0.02, 0.02), Level("typo", 0.06, 0.002), Level("swapped", 0.02, 0.0005), Level("same", 0.74, 0.0005),
    )  # fmt: skip

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("birthday",) if "birthday" in records.columns else ()

    def prepare(self, records: Records) -> _Days:
        column = records.columns["birthday"]
        values = flat(column, digits_of)
        if _is_placeholder(values):
            values = flat(column, lambda text: digits_of(text).removesuffix("0101"))
        parts = [[int(text[:4]), int(text[4:6] or -1), int(text[6:8] or -1)] for text in values.texts]
        return _Days(values, np.asarray(parts or np.zeros((0, 3)), np.int32).reshape(-1, 3))

    def compare(self, prepared: _Days, left: Ints, right: Ints) -> Levels:
        return levels_of(prepared.values, left, right, lambda one, other: _level(prepared, one, other))

    def keys(self, prepared: _Days) -> Iterable[Key]:
        column = prepared.values.column
        yield ragged(column, lambda cell: [text for text in cell if len(text) == 8], "birthday")
        yield ragged(column, lambda cell: [text[4:] for text in cell if len(text) == 8], "birthday day")
        yield ragged(column, lambda cell: [text[:4] for text in cell], "birthday year")

    def terms(self, prepared: _Days) -> Ints | None:
        return prepared.values.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        return Said(f"birthday_{self.levels[level].id}", {"left": records.text("birthday", left), "right": records.text("birthday", right)})


def digits_of(text: str) -> str:
    """A date as "yyyymmdd", "yyyymm" or "yyyy"; "" when it is none. Impossible days stay: they are what someone typed.

    >>> digits_of("1908-12-09"), digits_of("19081209"), digits_of("9/12/1908"), digits_of("1908"), digits_of("?")
    ('19081209', '19081209', '19081209', '1908', '')
    """
    if found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
        return f"{year}{int(month):02d}{int(day):02d}"
    if not (found := _PARTS.match(text)):
        return ""
    year, month, day = found.groups()
    return f"{year}{int(month):02d}{int(day):02d}" if day else f"{year}{int(month):02d}" if month else year


def _level(days: _Days, one: Ints, other: Ints) -> Levels:
    left, right = days.parts[one], days.parts[other]
    texts = days.values.words
    wrong = edits(pick(texts, one), pick(texts, other))
    equal = (left == right) & (left >= 0)
    whole = (left >= 0).all(axis=1) & (right >= 0).all(axis=1)
    swapped = whole & equal[:, 0] & (left[:, 1] == right[:, 2]) & (left[:, 2] == right[:, 1])
    far = np.where((left >= 0) & (right >= 0), left == right, True).all(axis=1) & ~whole
    near = np.where(whole, wrong == 2, _one_digit_off(left[:, 0], right[:, 0]))
    choices = [(wrong == 0) & whole, swapped, whole & (wrong == 1), far, equal.sum(axis=1) >= 2, near, equal[:, 0]]
    return np.select(choices, [7, 6, 5, 4, 3, 2, 1], 0).astype(np.int8)


def _one_digit_off(left: Ints, right: Ints) -> NDArray[np.bool_]:
    """Whether two years of four digits differ in one of them."""
    places = np.asarray([1, 10, 100, 1000])
    differ = (left[:, None] // places % 10) != (right[:, None] // places % 10)
    found: NDArray[np.bool_] = differ.sum(axis=1) == 1
    return found


def _is_placeholder(values: Flat) -> bool:
    """Whether the first of January stands for "day unknown" here: far more are born on it than can be."""
    dated = [text for text in values.texts if len(text) == 8]
    return len(dated) >= _ENOUGH and sum(text.endswith("0101") for text in dated) > _NEW_YEAR * len(dated)


matcher = Birthday()
