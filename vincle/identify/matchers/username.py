"""User names across networks. What is only the person's name is no evidence beside the name: there it is silent.

Where the name is shown only in part, one that reads as a first name and a surname of these records is no more than similar.
"""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records
from vincle.identify.names import users

from ._pairs import levels_of_cells
from ._people import People, are_names, families_of, people_of, share_digits
from .base import ANYONE, MISSING, Key, Level, Levels, Said, coded, ragged

_OTHER, _DIFFERS, _SIMILAR, _STEM, _SAME = range(5)
_PREFIX = 6


class Accounts(Struct, eq=False):
    column: Column
    people: People
    families: frozenset[str]


class Username:
    id: ClassVar[str] = "username"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (
        Level("other_account", 0.02, 0.25), Level("differs", 0.33, 0.7424), Level("similar", 0.06, 0.006), Level("stem", 0.12, 0.0006),
        Level("same", 0.47, 0.001),
    )  # fmt: skip

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("username",) if "username" in records.columns else ()

    def prepare(self, records: Records) -> Accounts:
        people = people_of(records)
        return Accounts(records.columns["username"], people, families_of(people))

    def compare(self, prepared: Accounts, left: Ints, right: Ints) -> Levels:
        found = levels_of_cells(prepared.column, left, right, _level)
        near = np.flatnonzero(found >= _SIMILAR)
        found[near[are_names(prepared.column, prepared.people, left[near], right[near], _nearest)]] = MISSING
        close = np.flatnonzero(found > _SIMILAR)
        found[close[_read_as_names(prepared, left[close], right[close])]] = _SIMILAR
        return found

    def keys(self, prepared: Accounts) -> Iterable[Key]:
        yield ragged(prepared.column, lambda cell: [skeleton for text in cell if (skeleton := _telling(text))], "username")
        yield ragged(
            prepared.column,
            lambda cell: [skeleton[:_PREFIX] for text in cell if len(skeleton := _telling(text)) > _PREFIX],
            "username begins",
        )

    def terms(self, prepared: Accounts) -> Ints | None:
        return coded(prepared.column, lambda cell: "".join(users.tokens(_user(cell[0]))) if len(cell) == 1 else "")

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        one, other = _told(records.cell("username", left), records.cell("username", right), level)
        return Said(f"username_{self.levels[level].id}", {"left": one, "right": other})


def _network(text: str) -> str:
    network, colon, _ = text.partition(":")
    return network if colon and network != "account" else ""  # "account": somewhere


def _user(text: str) -> str:
    network, colon, user = text.partition(":")
    return user if colon else network


def _telling(text: str) -> str:
    user = _user(text)
    return "".join(users.tokens(user)) if users.is_weak(user) else users.skeleton(user)


_LEVEL = {"differs": _DIFFERS, "similar": _SIMILAR, "stem": _STEM, "same": _SAME}


def _pair(one: str, other: str) -> int:
    """Level of two accounts. On one network a person has one main account: another one there speaks against."""
    if _network(one) and _network(one) == _network(other):
        return _SAME if _account(one) == _account(other) else _OTHER
    return _LEVEL[users.compare(_user(one), _user(other))]


def _account(text: str) -> str:
    return text.lower().replace(":@", ":")


def _level(ones: Cell, others: Cell) -> int:
    pairs = [_pair(one, other) for one in ones for other in others]
    best = max(pairs)
    return _OTHER if best == _DIFFERS and _OTHER in pairs else best


def _nearest(ones: Cell, others: Cell) -> tuple[str, str]:
    one, other = _told(ones, others, _level(ones, others))
    return _user(one), _user(other)


def _read_as_names(prepared: Accounts, left: Ints, right: Ints) -> NDArray[np.bool_]:
    """Pairs whose nearest user names are both a first name and a surname, as far as these records know surnames."""
    values = prepared.column.values
    pairs = zip(prepared.column.codes[left].tolist(), prepared.column.codes[right].tolist(), strict=True)
    told = (_nearest(values[one], values[other]) for one, other in pairs)
    found = [not share_digits(*texts) and all(users.reads_as_name(text, prepared.families) for text in texts) for texts in told]
    return np.asarray(found, bool)


def _told(ones: Cell, others: Cell, level: int) -> tuple[str, str]:
    return next(((one, other) for one in ones for other in others if _pair(one, other) == level), (ones[0], others[0]))


matcher = Username()
