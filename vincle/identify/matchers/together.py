"""Company they keep: conversations, events, orders in which both took part; one that few took part in weighs more."""

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct

from vincle.identify.linkage.records import Cell, Column, Ints, Records

from ._pairs import levels_of_cells
from .base import ANYONE, Key, Level, Levels, Said, ragged

_LONGEST_BLOCK = 60
_CUTS = (0.25, 0.9)


class Groups(Struct, eq=False):
    column: Column
    weight: dict[str, float]
    members: dict[str, int]


class Together:
    id: ClassVar[str] = "together"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (Level("none", 0.70, 0.97), Level("once", 0.20, 0.025), Level("often", 0.10, 0.005))

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("together",) if "together" in records.columns else ()

    def prepare(self, records: Records) -> Groups:
        column = records.columns["together"]
        members: dict[str, int] = {}
        for cell, times in zip(
            column.values, np.bincount(column.codes[column.codes >= 0], minlength=len(column.values)).tolist(), strict=True
        ):
            for token in cell:
                members[token] = members.get(token, 0) + times
        return Groups(column, {token: 1 / math.log2(1 + max(count, 2)) for token, count in members.items()}, members)

    def compare(self, prepared: Groups, left: Ints, right: Ints) -> Levels:
        weight = prepared.weight
        return levels_of_cells(prepared.column, left, right, lambda one, other: _level(weight, one, other))

    def keys(self, prepared: Groups) -> Iterable[Key]:
        members = prepared.members
        yield ragged(prepared.column, lambda cell: [token for token in cell if 1 < members[token] <= _LONGEST_BLOCK], "together")

    def terms(self, prepared: Groups) -> Ints | None:
        return None

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        ones, others = set(records.cell("together", left)), set(records.cell("together", right))
        return Said(
            f"together_{self.levels[level].id}", {"left": str(len(ones)), "right": str(len(others)), "shared": str(len(ones & others))}
        )


def _level(weight: dict[str, float], one: Cell, other: Cell) -> int:
    shared = sum(weight[token] for token in set(one) & set(other))
    return sum(shared >= cut for cut in _CUTS)


matcher = Together()
