"""The name of each record as one reading of all its fields, for evidence that sets names beside handles."""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records
from vincle.identify.names import users
from vincle.identify.names.people import PersonName, read

FIELDS = ("first_name", "middle_name", "last_name", "name")


class People(Struct, eq=False):
    """`codes[i]` says which of `names` record i has, -1: none. `is_full[i]`: a given and a family name, neither an initial."""

    names: list[PersonName]
    codes: Ints
    is_full: NDArray[np.bool_]


def people_of(records: Records) -> People:
    """From the fields of the parts; where they are empty, from the full or display name."""
    columns = [records.columns.get(field) for field in FIELDS]
    stacked = np.stack([column.codes if column else np.full(records.size, -1, np.int32) for column in columns], axis=1)
    different, place = np.unique(stacked, axis=0, return_inverse=True)
    number: dict[PersonName, int] = {}
    codes = []
    for row in different.tolist():
        first, middle, last, name = (
            column.values[code][0] if column and code >= 0 else "" for column, code in zip(columns, row, strict=True)
        )
        found = read(name, first, last, middle)
        codes.append(number.setdefault(found, len(number)) if found.all else -1)
    full = np.asarray([*map(is_full, number), False], bool)
    of_record = np.asarray(codes or [-1], np.int32)[place.reshape(-1)] if records.size else np.zeros(0, np.int32)
    return People(list(number), of_record, full[of_record])


def is_full(name: PersonName) -> bool:
    return any(len(word) > 1 for word in name.given) and any(len(word) > 1 for word in name.family)


def families_of(people: People) -> frozenset[str]:
    """The family names that any record has, each of their words and all written together."""
    words = {word for name in people.names for word in (*name.family, "".join(name.family))}
    return frozenset(word for word in words if len(word) > 2)


def are_names(column: Column, people: People, left: Ints, right: Ints, told: Callable[[Cell, Cell], tuple[str, str]]) -> NDArray[np.bool_]:
    """Pairs whose user names (or local parts) are both made of the name that one of the two bears: what they share is that name.

    `told` picks the two texts of a pair of cells. Two digits or more that both carry are their own, not the name's.
    """
    asked = np.stack([column.codes[left], column.codes[right], people.codes[left], people.codes[right]], axis=1)
    different, place = np.unique(asked, axis=0, return_inverse=True)
    found = []
    for one, other, *names in different.tolist():
        texts = told(column.values[one], column.values[other])
        known = [people.names[name] for name in names if name >= 0]
        found.append(not share_digits(*texts) and any(all(users.fits(text, name) != "no" for text in texts) for name in known))
    return np.asarray(found, bool)[place.reshape(-1)] if found else np.zeros(len(left), bool)


def share_digits(one: str, other: str) -> bool:
    """Whether two user names have the same two digits or more: those are their own, not the name's."""
    return len(digits := users.numbers(one)) > 1 and digits == users.numbers(other)
