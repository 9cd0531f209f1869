"""A user name or the local part of an address on one side, the name on the other: annapuig and Anna Puig.

It speaks only of what the side of the handle does not say itself: with a full name of its own the names are compared, and this is silent;
with only a given name (or only a family name) the handle is asked for the other one, so that nothing is counted twice.
"""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records, column
from vincle.identify.names import users
from vincle.identify.names.people import PersonName

from ._people import FIELDS, People, is_full, people_of
from .base import MISSING, PERSON, Key, Level, Levels, Said

_HANDLES = ("username", "email")
_NO, _PART, _INITIAL, _GIVEN, _FAMILY, _FULL = range(6)


class Handles(Struct, eq=False):
    handles: Column  # of each record without a full name: local parts of what it is called by
    people: People


class HandleName:
    id: ClassVar[str] = "handle_name"
    kinds: ClassVar[frozenset[str]] = PERSON
    levels: ClassVar[tuple[Level, ...]] = (
        Level("no", 0.40, 0.954), Level("part", 0.10, 0.02), Level("initial", 0.15, 0.015), Level("given", 0.03, 0.004),
        Level("family", 0.12, 0.005), Level("full", 0.20, 0.002),
    )  # fmt: skip

    def fields(self, records: Records) -> tuple[str, ...]:
        handles = tuple(field for field in _HANDLES if field in records.columns)
        names = tuple(field for field in FIELDS if field in records.columns)
        return handles + names if handles and names else ()

    def prepare(self, records: Records) -> Handles:
        people = people_of(records)
        columns = [records.columns[field] for field in _HANDLES if field in records.columns]
        cells: list[Cell] = []
        for at in range(records.size):
            given = (
                ()
                if people.is_full[at]
                else tuple(value for each in columns if (code := each.codes[at]) >= 0 for value in each.values[code])
            )
            cells.append(tuple(dict.fromkeys(text for value in given if (text := handle_of(value)))))
        return Handles(column(cells), people)

    def compare(self, prepared: Handles, left: Ints, right: Ints) -> Levels:
        return np.maximum(_one_way(prepared, left, right), _one_way(prepared, right, left))

    def keys(self, prepared: Handles) -> Iterable[Key]:
        """Only what some handle may be made of is worth a key of a name."""
        number: dict[str, int] = {}
        of_cell = [
            [number.setdefault(key, len(number)) for text in cell for key in users.keys_of_user(text)] for cell in prepared.handles.values
        ]
        of_name = [[number[key] for key in users.keys_of_name(name) if key in number] for name in prepared.people.names]
        codes: list[int] = []
        records: list[int] = []
        for source, lists in ((prepared.handles.codes, of_cell), (prepared.people.codes, of_name)):
            for at in np.flatnonzero(source >= 0).tolist():
                found = lists[source[at]]
                codes += found
                records += [at] * len(found)
        yield Key("handle_name", np.asarray(codes, np.int64), np.asarray(records, np.int32))

    def terms(self, prepared: Handles) -> Ints | None:
        return None

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        ways = [(left, right), (right, left)]
        handled, named = max(ways, key=lambda way: _level(_said(records, way[0]), _named(records, way[0]), _named(records, way[1])))
        handles, name = _said(records, handled), _named(records, named)
        best = max(handles, key=lambda text: users.FITS.index(users.fits(text, name)), default="")
        said = (best, _shown(records, named)) if handled == left else (_shown(records, named), best)
        return Said(f"handle_name_{self.levels[level].id}", {"left": said[0], "right": said[1]})


def handle_of(value: str) -> str:
    """What may be made of a name in "network:user" or an address; "" for a role's address and numbers."""
    user = value.partition(":")[2] or value
    text = users.local(user)
    return "" if users.is_role(text) or sum(letter.isalpha() for letter in text) < 3 else text


def _one_way(prepared: Handles, handled: Ints, named: Ints) -> Levels:
    """Levels of the handles of one record beside the name of the other."""
    found = np.full(len(handled), MISSING, np.int8)
    cells, own, names = prepared.handles.codes[handled], prepared.people.codes[handled], prepared.people.codes[named]
    both: NDArray[np.bool_] = (cells >= 0) & (names >= 0) & prepared.people.is_full[named]
    different, place = np.unique(np.stack([cells[both], own[both], names[both]], axis=1), axis=0, return_inverse=True)
    known = prepared.people.names
    made = [
        _level(prepared.handles.values[cell], known[mine] if mine >= 0 else None, known[name]) for cell, mine, name in different.tolist()
    ]
    if made:
        found[both] = np.asarray(made, np.int8)[place.reshape(-1)]
    return found


def _level(cell: Cell, own: PersonName | None, name: PersonName) -> int:
    """What the handles add to the own name of their side, beside the name of the other."""
    given = tuple(word for word in own.given if len(word) > 1) if own else ()
    family = tuple(word for word in own.family if len(word) > 1) if own else ()
    if not given and not family:
        return (_NO, _PART, _INITIAL, _FULL)[_fit(cell, name)]
    new = ((), name.family) if given else (name.given, ())
    if not any(users.may_hold(text, *new) for text in cell):
        return _NO
    fit = _fit(cell, PersonName(given or name.given, family or name.family, name.all))
    return (_NO, _NO, _INITIAL, _FAMILY if given else _GIVEN)[fit]


def _fit(cell: Cell, name: PersonName) -> int:
    return max((users.FITS.index(users.fits(text, name)) for text in cell), default=0)


def _said(records: Records, index: int) -> Cell:
    """The handles of a record; none where it has a full name."""
    if is_full(_named(records, index)):
        return ()
    return tuple(text for field in _HANDLES for value in records.cell(field, index) if (text := handle_of(value)))


def _named(records: Records, index: int) -> PersonName:
    alone = people_of(records.take(np.asarray([index], np.int32)))
    return alone.names[0] if alone.names and alone.codes[0] >= 0 else PersonName((), (), frozenset())


def _shown(records: Records, index: int) -> str:
    parts = " ".join(text for field in FIELDS[:3] if (text := records.text(field, index)))
    return parts or records.text("name", index)


matcher = HandleName()
