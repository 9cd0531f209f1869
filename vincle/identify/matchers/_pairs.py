"""Levels by a function of two cells, asked once for each pair of distinct cells: for evidence that no array operation can weigh."""

from collections.abc import Callable

import numpy as np

from vincle.identify.linkage.records import Cell, Column, Ints

from .base import MISSING, Levels, distinct


def levels_of_cells(column: Column, left: Ints, right: Ints, level: Callable[[Cell, Cell], int]) -> Levels:
    """The level of each pair of records by their cells in `column`; MISSING where one has none."""
    found = np.full(len(left), MISSING, np.int8)
    one, other, place, both = distinct(column, left, right)
    if len(one):
        values = column.values
        made = [level(values[a], values[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
        found[both] = np.asarray(made, np.int8)[place]
    return found


def remade(column: Column, make: Callable[[Cell], Cell]) -> Column:
    """The column with each distinct cell made anew; a cell of nothing is missing."""
    number: dict[Cell, int] = {}
    codes = [number.setdefault(made, len(number)) if (made := make(cell)) else -1 for cell in column.values]
    return Column(list(number), np.where(column.codes >= 0, np.asarray(codes or [-1], np.int32)[column.codes], -1).astype(np.int32))
