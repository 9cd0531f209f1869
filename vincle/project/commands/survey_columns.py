"""Columns of a table as numbers, or what is wrong with them: which line, which column."""

import re
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vincle.identify.linkage.files import Series, Table

_COMMA = re.compile(r"[+-]?\d+,\d+\Z")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


class Faulty(Exception):
    """A column that is not there (`is_misuse`) or holds what it should not."""

    def __init__(self, sentence: str, is_misuse: bool = False) -> None:
        super().__init__(sentence)
        self.is_misuse = is_misuse


class Numbers(NamedTuple):
    """A column: its value in each row, nan where it says nothing."""

    heading: str
    values: NDArray[np.float64]


def column(table: Table, heading: str) -> Series:
    """The column of this heading; small letters and capitals alike where that is clear."""
    for same in (str.__eq__, lambda one, other: one.casefold().strip() == other.casefold().strip()):
        found = [series for series in table.series if same(series.heading, heading)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Faulty(f"{table.name} has {len(found)} columns '{heading}'.", True)
    raise Faulty(f"{table.name} has no column '{heading}'. It has: {', '.join(table.headings[:40])}.", True)


def number(text: str) -> float | None:
    """A number as people write it, with a point or a comma; None where it is none.

    >>> number("3.5"), number("3,5"), number("1e3"), number("n/a"), number("1_000"), number("inf")
    (3.5, 3.5, 1000.0, None, None, None)
    """
    plain = text.replace(",", ".") if _COMMA.match(text) else text
    if not _PLAIN.match(plain) or not plain.isascii():
        return None
    value = float(plain)
    return value if isfinite(value) else None


def numbers(table: Table, series: Series, is_asked: bool) -> Numbers | None:
    """The column as numbers. None where it rather holds words; Faulty, with its line, for a cell that is no number among numbers, and for
    words when the column `is_asked` for."""
    parsed = [number(text) for text in series.values]
    counts = np.bincount(series.codes[series.codes >= 0], minlength=len(parsed)) if parsed else np.zeros(0)
    bad = [place for place, value in enumerate(parsed) if value is None]
    if not is_asked and (not parsed or counts[bad].sum() > counts.sum() / 2):
        return None
    if bad:
        raise Faulty(_at(table, series, bad[0], "is no number"))
    return Numbers(series.heading, _spread(parsed, series))


def rated(table: Table, series: Series) -> Numbers:
    """The column as whole scores from 0 to 10; Faulty, with its line, for any other."""
    found = numbers(table, series, True)
    assert found is not None
    for place, text in enumerate(series.values):
        if (value := number(text)) is None or not value.is_integer() or not 0 <= value <= 10:
            raise Faulty(_at(table, series, place, "is no whole number from 0 to 10"))
    return found


def left_out(series: Series, found: Numbers | None) -> str:
    """Why a column nobody named is no driver; "" for one that is."""
    if found is None:
        return "it holds words" if series.values else "it is empty"
    known = found.values[~np.isnan(found.values)]
    if known.size > 2 and known.size == found.values.size and (np.diff(known) == 1).all():
        return "it counts the rows"
    return ""


def _spread(parsed: list[float | None], series: Series) -> NDArray[np.float64]:
    known = np.asarray([*(np.nan if value is None else value for value in parsed), np.nan], np.float64)
    return known[series.codes]


def _at(table: Table, series: Series, place: int, what: str) -> str:
    row = int(table.rows[int(np.argmax(series.codes == place))])
    return f"{table.name}, line {row + 1}, column '{series.heading}': '{series.values[place][:60]}' {what}."
