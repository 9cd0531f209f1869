"""The answers of a survey as arrays: loaded once, in one query, and asked often."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..definition import model as d
from .columns import Column, columns, driver_columns, main_column, value

Floats = NDArray[np.float64]
SMALL: Final = 5
"""Of anonymous surveys nothing is shown of fewer."""


@dataclass(frozen=True)
class Row:
    """One complete answer. `person` None: anonymous, or not known."""

    pk: int
    collector: int
    person: int | None
    language: str
    at: datetime | None
    seconds: int | None
    answers: Mapping[str, Any]
    public_id: str = ""


class Frame:
    """Rows with the columns of the definition. `weights`: one a row, or none."""

    def __init__(self, survey: d.Survey, rows: Iterable[Row], language: str, *, is_anonymous: bool, weights: Floats | None = None) -> None:
        self.survey, self.rows, self.language = survey, list(rows), language
        self.is_anonymous, self.weights = is_anonymous, weights
        self.columns = columns(survey, language)
        self.by_id = {each.id: each for each in self.columns}
        self._values: dict[str, list[Any]] = {}
        self._numbers: dict[str, Floats] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def main(self) -> Column | None:
        return main_column(self.survey, self.columns)

    @cached_property
    def drivers(self) -> list[Column]:
        return driver_columns(self.columns, self.main)

    def values(self, column: Column) -> list[Any]:
        if column.id not in self._values:
            self._values[column.id] = [value(column, row.answers) for row in self.rows]
        return self._values[column.id]

    def numbers(self, column: Column) -> Floats:
        """nan where nothing was said."""
        if column.id not in self._numbers:
            self._numbers[column.id] = np.array([np.nan if each is None else each for each in self.values(column)], np.float64)
        return self._numbers[column.id]

    def again(self) -> "Frame":
        """The same rows, and what was worked out of them, for weights of its own."""
        found = Frame(self.survey, [], self.language, is_anonymous=self.is_anonymous, weights=self.weights)
        found.rows, found.columns, found.by_id = self.rows, self.columns, self.by_id
        found._values, found._numbers = self._values, self._numbers
        return found

    def part(self, kept: "NDArray[np.bool_] | list[bool]") -> "Frame":
        """Only some of the rows."""
        mask = np.asarray(kept, bool)
        rows = [row for row, is_kept in zip(self.rows, mask, strict=True) if is_kept]
        weights = None if self.weights is None else self.weights[mask]
        found = Frame(self.survey, [], self.language, is_anonymous=self.is_anonymous, weights=weights)
        found.rows, found.columns, found.by_id = rows, self.columns, self.by_id
        return found

    def may_show(self, n: float) -> bool:
        """Whether figures of `n` answers may be seen: single people are not told by small groups of an anonymous survey."""
        return not self.is_anonymous or n == 0 or n >= SMALL
