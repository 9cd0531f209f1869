"""What rows of the log say to journeys: which of them are the events that start, end or are waited for, and whose they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from vincle.organise import history
from vincle.organise.history import Row, is_act, stands, whose
from vincle.organise.segments import packed
from vincle.organise.segments.doings import Doings
from vincle.organise.segments.frame import Frame, Now
from vincle.organise.segments.predicate import Act
from vincle.store import bulk
from vincle.vocabulary import ObjectType, Verb

from ..definition.model import ANY, Answers, Enters, Event, Happens, Leaves, Submits

_VERBS = {Enters: Verb.JOIN, Leaves: Verb.LEAVE}
_OWNERS = "SELECT handle, person FROM identify_belonging WHERE handle IN ({})"


def act_of(event: Event) -> Act | None:
    """The activity that an event is; None for those of segments."""
    match event:
        case Happens(act):
            return act
        case Submits(form):
            return Act(verb=(Verb.SUBMIT.value,), object_type=(ObjectType.FORM.value,), object=() if form == ANY else (form,))
        case Answers(survey):
            return Act(verb=(Verb.CREATE.value,), object_type=(ObjectType.ANSWER.value,), object=() if survey == ANY else (survey,))
    return None


class Heard:
    """Rows of one workspace, in the order of the log. `person[i]`: whose row i is (None: nobody's)."""

    def __init__(self, rows: Sequence[Row], owners: dict[int, int], at: datetime) -> None:
        self.rows, self._owners = rows, owners
        self.person = [owners.get(whose(row) or 0) for row in rows]
        acts = [place for place, row in enumerate(rows) if is_act(row) and self.person[place] is not None]
        said = history.understood(rows[place].seq for place in acts)
        columns = packed.columns([history.deed(rows[place], said) for place in acts])
        frame = Frame(np.zeros(1, np.int64), packed.frame([columns], [0], 1))
        self._place = {rows[place].seq: place for place in acts}
        self._seqs, self._doings = frame.acts.seq, Doings(frame, Now(at))
        self._known: dict[Event, list[int]] = {}

    def places(self, event: Event) -> list[int]:
        """Which rows are it, in their order."""
        if event not in self._known:
            self._known[event] = self._find(event)
        return self._known[event]

    def _find(self, event: Event) -> list[int]:
        if isinstance(event, Enters | Leaves):
            return [place for place, row in enumerate(self.rows) if self._is_move(row, event) and self.person[place] is not None]
        act = act_of(event)
        found = self._seqs[self._doings.matching(act)].tolist() if act is not None else []
        return sorted(self._place[seq] for seq in found)

    @staticmethod
    def _is_move(row: Row, event: Enters | Leaves) -> bool:
        return row.verb == _VERBS[type(event)] and row.object_type == ObjectType.GROUP and row.object_key == event.segment and stands(row)

    @property
    def people(self) -> set[int]:
        """Everybody the rows speak of."""
        return {self._owners[key] for row in self.rows for key in (row.actor, row.target) if key is not None and key in self._owners}

    def at(self, place: int) -> datetime:
        return moment(self.rows[place].happened_at)

    def cause(self, place: int) -> str:
        """What is corrected later is the same thing still."""
        row = self.rows[place]
        return f"e{bytes(row.root_id or row.event_id).hex()}"


def owners(rows: Sequence[Row]) -> dict[int, int]:
    """Whose the handles of these rows are. One query a ten thousand."""
    return dict(bulk.select(_OWNERS, {key for row in rows for key in (row.actor, row.target) if key is not None}))


def moment(value: Any) -> datetime:
    """A moment as raw queries give it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return bulk.moment(found) or found
