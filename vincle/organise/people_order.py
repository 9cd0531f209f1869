"""The order of a list of people, as stretches of an index: one by what stands in profiles, two by a score, as not everybody has it."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from vincle.accounts.models import Workspace

from . import sql

SCORES: Final = ("value", "engagement", "alive")
"""Scores that lists of people show and are ordered by."""
SORTS: Final = ("name", "last", "activities", "known", "purchases", *SCORES)
DEFAULT_SORT: Final = "-last"
Place = tuple[Any, int]
"""Key and person of the row a page begins behind; the key is None behind those who have no score."""


@dataclass(frozen=True)
class Sort:
    """`key`: SQL of what is sorted by. `is_few`: whom it is about are known already, so that no index is walked to find them."""

    name: str
    key: str
    descending: bool
    is_few: bool = False

    @property
    def param(self) -> str:
        return f"-{self.name}" if self.descending else self.name


def sort_of(text: str) -> Sort:
    """The sort an address asks for; the default when it asks for none we know."""
    name = text.removeprefix("-")
    if name not in SORTS:
        return sort_of(DEFAULT_SORT)
    keys = {"name": sql.name_key("p"), "last": sql.last_key("p"), "known": "p.known_since"} | dict.fromkeys(SCORES, "s.value")
    return Sort(name, keys.get(name, f"p.{name}"), text.startswith("-"))


class Stretch(NamedTuple):
    """Rows `clauses` tell from the others, in the order of `key`. `is_crossed`: equal keys have their people the other way round."""

    key: str
    source: str = "organise_profile p"
    clauses: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    place: Place | None = None
    is_crossed: bool = False

    def ways(self, descending: bool) -> tuple[str, str]:
        """Which way key and person run."""
        return "DESC" if descending else "ASC", "DESC" if descending != self.is_crossed else "ASC"

    def behind(self, descending: bool) -> tuple[list[str], list[Any]]:
        """The condition on rows behind the place, with its values."""
        if self.place is None:
            return [], []
        sign, key, person = "<" if descending else ">", *self.place
        if not self.is_crossed:
            return [f"({self.key}, p.person) {sign} (%s, %s)"], [key, person]
        other = ">" if descending else "<"
        return [f"{self.key} {sign}= %s AND ({self.key} {sign} %s OR p.person {other} %s)"], [key, key, person]


def stretches(workspace: Workspace, sort: Sort, place: Place | None, backwards: bool) -> list[Stretch]:
    """What is read behind a place, nearest first. Whichever way a score runs, those who have none come last."""
    if sort.name not in SCORES:
        return [Stretch(sort.key, place=place)]
    silent = f"NOT EXISTS (SELECT 1 FROM organise_score s WHERE s.person = p.person AND s.name = '{sort.name}')"
    found = [_scored(workspace, sort), Stretch("p.person", clauses=(silent,))]
    if place is None:
        return found[::-1] if backwards else found
    if place[0] is None:
        last = found[1]._replace(place=(place[1], place[1]))
        return [last, found[0]] if backwards else [last]
    first = found[0]._replace(place=place)
    return [first] if backwards else [first, found[1]]


def _scored(workspace: Workspace, sort: Sort) -> Stretch:
    """A cross join is read in the order it is written: few one by one, many by the index of scores (with people the other way round)."""
    tables = ("organise_profile p", "organise_score s")
    source = " CROSS JOIN ".join(tables if sort.is_few else tables[::-1])
    clauses = ("s.person = p.person", "s.workspace_id = %s", "s.name = %s")
    return Stretch(sort.key, source, clauses, (workspace.pk, sort.name), None, True)
