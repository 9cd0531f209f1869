"""Traits that are counted from what people did: the definitions, and the values that `computing` keeps true."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from vincle.accounts.models import Workspace
from vincle.store import bulk

from .models import ComputedTrait
from .segments.frame import Floats, Ints, Now
from .segments.measured import COUNTED, DATES
from .segments.predicate import Did
from .segments.reading import BadPredicate, read

EVERYBODY = -(2**63)
"""`reached` of a definition that nobody was counted for yet."""
VALUES = "SELECT trait_id, person, value FROM organise_computedvalue WHERE workspace_id = %s AND person IN ({})"


class Definition(NamedTuple):
    """`reached`: everybody up to this id is counted; None: everybody is."""

    pk: int
    name: str
    label: str
    clause: Did
    reached: int | None


def definitions(workspace: Workspace, names: Iterable[str] | None = None) -> list[Definition]:
    """The computed traits of a workspace that can be read; one whose expression cannot is left out."""
    rows = ComputedTrait.objects.of(workspace).filter(hidden_at=None).order_by("pk")
    if names is not None:
        rows = rows.filter(name__in=list(names))
    found = []
    for row in rows:
        try:
            found.append(Definition(row.pk, row.name, str(row), clause_of(row.expression), row.reached))
        except BadPredicate:
            continue
    return found


def clause_of(expression: object) -> Did:
    """The clause an expression (JSON) is. BadPredicate where it is none, or is another kind of clause."""
    clause = read(expression)
    if not isinstance(clause, Did):
        raise BadPredicate("", "unknown_clause", "did")
    return clause


def values(workspace: Workspace, people: Ints, names: Iterable[str], now: Now) -> dict[str, list[Any]]:
    """Computed traits among `names` as a frame carries them: what is kept of these people (ids as in the frame). Two queries."""
    return _values(workspace, people, definitions(workspace, names), now)


def _values(workspace: Workspace, people: Ints, defined: Sequence[Definition], now: Now) -> dict[str, list[Any]]:
    if not defined:
        return {}
    place = {person: at for at, person in enumerate(people.tolist())}
    columns = {each.pk: _nothing(each, people) for each in defined}
    for trait, person, value in bulk.select(VALUES, place, [workspace.pk]):
        if trait in columns:
            columns[trait][place[person]] = value
    return {each.name: shown(each.clause, columns[each.pk], now) for each in defined}


def _nothing(each: Definition, people: Ints) -> Floats:
    """Without a row there is 0 to count, once the person was counted; else nothing is known."""
    found = np.full(len(people), np.nan)
    if each.clause.measure in COUNTED:
        found[people <= (2**63 - 1 if each.reached is None else each.reached)] = 0.0
    return found


def shown(clause: Did, column: Floats, now: Now) -> list[Any]:
    """As traits are: numbers, days of the workspace as ISO text, None for what is unknown."""
    if clause.measure in DATES:
        return [None if np.isnan(each) else datetime.fromtimestamp(each, UTC).astimezone(now.zone).date().isoformat() for each in column]
    return [None if np.isnan(each) else int(each) if float(each).is_integer() else float(each) for each in column]


def of_person(workspace: Workspace, person: int, now: Now) -> list[tuple[Definition, Any]]:
    """The computed traits of one person. Two queries, one where nothing is counted."""
    defined = definitions(workspace)
    ids = np.array([person], np.int64)
    found = _values(workspace, ids, defined, now)
    return [(each, found[each.name][0]) for each in defined]


def counted(workspace: Workspace) -> dict[int, int]:
    """How many people have a value, by definition."""
    statement = "SELECT trait_id, COUNT(*) FROM organise_computedvalue WHERE trait_id IN ({}) GROUP BY trait_id"
    return dict(bulk.select(statement, list(ComputedTrait.objects.of(workspace).values_list("pk", flat=True))))
