"""What is asked of people on the way: conditions on a frame of theirs, dates and time zones out of their profiles."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connection

from vincle.engage.outbox.rules_when import zones
from vincle.store import bulk

from ..definition.model import AllOf, AnyOf, Asks, Condition, Got, NotOf
from . import results
from .book import Running
from .walking import Going

if TYPE_CHECKING:
    from vincle.organise.segments.predicate import Predicate


class Asking:
    """Questions about people of one journey at one moment."""

    def __init__(self, running: Running, now: datetime) -> None:
        self.running, self.now = running, now

    def meets(self, predicate: "Predicate", people: Iterable[int]) -> set[int]:
        """For which of these people it holds now. BadPredicate."""
        import numpy as np  # at first use, as below: a worker that is just starting has no time for it

        from vincle.organise import everybody, frames
        from vincle.organise.segments.evaluate import Evaluation
        from vincle.organise.segments.needs import needs

        others = everybody.known(self.running.workspace, predicate)
        frame = frames.load(self.running.workspace, people, needs([predicate], others))
        truth = Evaluation(frame, frames.now_of(self.running.workspace, self.now), others).truth(predicate)
        return set(frame.ids[np.flatnonzero(truth)].tolist())

    def holds(self, condition: Condition, walks: Sequence[Going]) -> set[int]:
        """For which of these walks (by primary key) a condition holds."""
        match condition:
            case Asks(predicate):
                people = self.meets(predicate, {walk.person for walk in walks})
                return {walk.pk for walk in walks if walk.person in people}
            case Got():
                return results.holds(self.running.row.pk, condition, walks)
            case NotOf(part):
                return {walk.pk for walk in walks} - self.holds(part, walks)
            case AllOf(parts):
                return set[int].intersection({walk.pk for walk in walks}, *(self.holds(part, walks) for part in parts))
            case AnyOf(parts):
                return set[int]().union(*(self.holds(part, walks) for part in parts))

    def zones(self, people: Iterable[int]) -> dict[int, ZoneInfo]:
        """Where each of these people lives, as far as is known: their own zone, their country's (the workspace's where it is one of
        them), the workspace's. One query."""
        return {person: zone for person, (zone, _value) in self._read(people, "timezone").items()}

    def dates(self, people: Iterable[int], trait: str) -> dict[int, tuple[ZoneInfo, Any]]:
        """Zone and the value of a trait (None: unknown) of each. One query."""
        return self._read(people, trait)

    def _read(self, people: Iterable[int], trait: str) -> dict[int, tuple[ZoneInfo, Any]]:
        home = str(self.running.workspace.timezone)
        sql = f"SELECT person, country, {value_of('timezone')}, {value_of(trait)} FROM organise_profile WHERE person IN ({{}})"
        rows = bulk.select(sql.replace("{}", "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{}"), set(people))
        found = {person: (_home(str(name or ""), country or "", home), value) for person, country, name, value in rows}
        usual = (_home("", "", home), None)
        return {person: found.get(person, usual) for person in people}


def _home(name: str, country: str, otherwise: str) -> ZoneInfo:
    """One zone out of those someone may be in."""
    among = zones(name, country, otherwise)
    own = zones("", "", otherwise)[0]
    return own if own in among else among[0]


def value_of(trait: str, table: str = "") -> str:
    """SQL for what a trait says, as text; the trait's name is written into it, so it is quoted here."""
    column = f"{table}traits"
    if connection.vendor == "sqlite":
        name = trait.replace('"', "").replace("'", "''").replace("%", "%%")
        return f"json_extract({column}, '$.\"{name}\"[0]')"
    name = trait.replace("'", "''").replace("%", "%%")
    return f"(({column}::jsonb) -> '{name}' ->> 0)"
