"""What leans on a segment beyond other segments: stages above say so, each for what it keeps, in `ready()` of their app."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast

from vincle.accounts.models import Workspace

M = TypeVar("M", bound=Model)


class Use(NamedTuple):
    """`kind` in words ("Letter"), what it is called, and the address of its page."""

    kind: str
    name: str
    url: str


Look = Callable[[Workspace, str], Iterable[Use]]
"""Everything of one kind that names the segment of this public id and is still to be used."""
_looks: dict[str, Look] = {}


def register(kind: str, look: Look) -> None:
    """Once a kind; a second time takes the place of the first."""
    _looks[kind] = look


def uses(workspace: Workspace, public: str) -> list[Use]:
    """What stages above have that leans on a segment, by kind and name. One or two queries a kind."""
    found = [use for look in _looks.values() for use in look(workspace, public)]
    return sorted(found, key=lambda use: (use.kind, use.name.casefold()))


def naming(rows: "QuerySet[M]", column: str, public: str) -> "QuerySet[M]":
    """Rows whose JSON names the segment, wherever: public ids are too odd to stand there by chance."""
    text: dict[str, Any] = {"json_said": Cast(column, TextField())}
    return rows.annotate(**text).filter(json_said__contains=public)
