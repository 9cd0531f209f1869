"""What is known of people of the past: what they did, where they came in and fell out, what held of them at a moment."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.organise import everybody, frames, looking
from vincle.organise.models import Membership
from vincle.organise.segments.checking import BadPredicate
from vincle.organise.segments.doings import Doings
from vincle.organise.segments.evaluate import Evaluation
from vincle.organise.segments.frame import Frame, Now
from vincle.organise.segments.needs import Needs, needs
from vincle.organise.segments.predicate import Did, Predicate
from vincle.store import bulk

from .checking import predicates_in
from .definition.flow import flow
from .definition.model import AllOf, AnyOf, Asks, Branch, Condition, Definition, Enters, Event, Got, Leaves, NotOf, ToDate, Wait
from .running.asking import _home, value_of
from .running.hearing import act_of

MOST = 20_000
"""Up to so many people are sent through; of more, those with the smallest ids, and all counts are of them."""

_MICRO = timedelta(microseconds=1)
_DID = (
    "SELECT DISTINCT b.person FROM listen_activity a JOIN identify_belonging b ON b.handle = a.{side} WHERE a.workspace_id = %s "
    "AND a.happened_at > %s AND a.happened_at <= %s AND NOT a.superseded AND a.op <> 'retract' AND NOT a.is_machine "
    "AND a.direction = %s{verbs} ORDER BY b.person LIMIT %s"
)


class Past:
    """What happened in a workspace from `since` until `now`."""

    def __init__(self, workspace: Workspace, since: datetime, now: datetime) -> None:
        self.workspace, self.since, self.now, self.is_sample = workspace, since, now, False

    def starts(self, event: Event) -> list[tuple[int, datetime]]:
        """Who did it when."""
        if isinstance(event, Enters | Leaves):
            return self.moves(event, None)
        return [pair for part in bulk.chunks(self._doers(event), 5_000) for pair in self.moments(part, event)]

    def _doers(self, event: Event) -> list[int]:
        act = act_of(event)
        assert act is not None
        verbs = " AND a.verb IN ({})".format(", ".join(f"'{verb}'" for verb in act.verb)) if act.verb else ""
        sql = _DID.format(side="target" if act.by == "us" else "actor", verbs=verbs)
        direction = "out" if act.by == "us" else "in"
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.workspace.pk, bulk.stamp(self.since), bulk.stamp(self.now), direction, MOST + 1])
            people = [person for (person,) in cursor.fetchall()]
        self.is_sample = self.is_sample or len(people) > MOST
        return people[:MOST]

    def moments(self, people: Sequence[int], event: Event) -> list[tuple[int, datetime]]:
        """When these people did it."""
        act = act_of(event)
        assert act is not None
        frame = frames.load(self.workspace, people, needs([Did(act)]))
        doings = Doings(frame, Now(self.now))
        places = doings.matching(act)
        return [
            (int(frame.ids[owner]), at)
            for owner, micros in zip(doings.person[places].tolist(), frame.acts.at[places].tolist(), strict=True)
            if self.since < (at := looking.moment_of(micros)) <= self.now
        ]

    def moves(self, event: Enters | Leaves, people: Sequence[int] | None) -> list[tuple[int, datetime]]:
        column = "entered_at" if isinstance(event, Enters) else "left_at"
        wanted = {"segment__public": event.segment, f"{column}__gt": self.since, f"{column}__lte": self.now}
        rows = Membership.objects.of(self.workspace).filter(**wanted)
        rows = rows.filter(is_found=False) if isinstance(event, Enters) else rows.filter(is_dropped=False)
        if people is not None:
            return [pair for part in bulk.chunks(people, 500) for pair in rows.filter(person__in=part).values_list("person", column)]
        return list(rows.values_list("person", column))


class Known:
    """What is known of the people who are sent through, read once."""

    def __init__(self, past: Past, definition: Definition, people: Sequence[int]) -> None:
        self.past, self.definition, self.queue, self.assumed = past, definition, defaultdict[int, list[datetime]](list), 0
        steps = flow(definition).steps.values()
        self.events: dict[Event, dict[int, list[datetime]]] = {}
        for event in {*definition.goal, *definition.leave, *(e for e in flow(definition).untils().values() if not isinstance(e, Got))}:
            self.events[event] = self._when(event, people)
        asked = [
            predicate for step in steps if isinstance(step, Branch) for path in step.paths for predicate in predicates_in(path.condition)
        ]
        self.asked = [*asked, *([definition.only] if definition.only is not None else [])]
        self.others: dict[str, Predicate] = {}
        for predicate in self.asked:
            self.others |= everybody.known(past.workspace, predicate)
        self.frame = self._frame(people)
        self.place = {person: place for place, person in enumerate(self.frame.ids.tolist())}
        self._truths: dict[tuple[int, Predicate], Any] = {}
        self._read_homes(people, {step.span.trait for step in steps if isinstance(step, Wait) and isinstance(step.span, ToDate)})

    def _frame(self, people: Sequence[int]) -> Frame:
        wanted = needs(self.asked, self.others) if self.asked else Needs()
        return frames.load(self.past.workspace, people, wanted)

    def _when(self, event: Event, people: Sequence[int]) -> dict[int, list[datetime]]:
        found: dict[int, list[datetime]] = defaultdict(list)
        if isinstance(event, Enters | Leaves):
            pairs: Iterable[tuple[int, datetime]] = self.past.moves(event, people)
        else:
            pairs = (pair for part in bulk.chunks(people, 5_000) for pair in self.past.moments(part, event))
        for person, at in pairs:
            found[person].append(at)
        return {person: sorted(times) for person, times in found.items()}

    def _read_homes(self, people: Sequence[int], traits: set[str]) -> None:
        home = str(self.past.workspace.timezone)
        columns = ["person", "country", value_of("timezone"), *(value_of(trait) for trait in sorted(traits))]
        sql = f"SELECT {', '.join(columns)} FROM organise_profile WHERE person IN (\0)"
        sql = sql.replace("{", "{{").replace("}", "}}").replace("\0", "{}")
        self.zones: dict[int, ZoneInfo] = {}
        self.dates: dict[str, dict[int, Any]] = {trait: {} for trait in traits}
        for person, country, name, *values in bulk.select(sql, people):
            self.zones[person] = _home(str(name or ""), country or "", home)
            for trait, value in zip(sorted(traits), values, strict=True):
                self.dates[trait][person] = value

    def meant(self) -> dict[int, list[datetime]]:
        """When each would have begun, where they were meant then."""
        only = self.definition.only
        if only is None:
            return self.queue
        return {person: [at for at in times if self._true(only, person, at)] for person, times in self.queue.items()}

    def first(self, event: Event, person: int, after: datetime) -> datetime | None:
        times = self.events[event].get(person, [])
        place = bisect_right(times, after)
        return times[place] if place < len(times) else None

    def stop(self, person: int, after: datetime) -> tuple[datetime | None, str]:
        """When they would have reached the goal or left, whichever came first."""
        definition = self.definition
        goals = [at for event in definition.goal if (at := self.first(event, person, after))]
        leaves = [at for event in definition.leave if (at := self.first(event, person, after))]
        goal, leave = min(goals, default=None), min(leaves, default=None)
        if goal is not None and (leave is None or goal <= leave):
            return goal, "goal"
        return leave, "left"

    def holds(self, condition: Condition, person: int, at: datetime) -> bool:
        match condition:
            case Asks(predicate):
                return self._true(predicate, person, at)
            case Got():
                self.assumed += 1
                return condition.result in ("sent", "delivered")
            case NotOf(part):
                return not self.holds(part, person, at)
            case AllOf(parts):
                return all(self.holds(part, person, at) for part in parts)
            case AnyOf(parts):
                return any(self.holds(part, person, at) for part in parts)

    def _true(self, predicate: Predicate, person: int, at: datetime) -> bool:
        """As of the end of the hour it was asked in: everybody is asked together."""
        place = self.place.get(person)
        if place is None:
            return False
        hour = min(at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - _MICRO, self.past.now)
        key = (int(hour.timestamp()), predicate)
        if key not in self._truths:
            now = frames.now_of(self.past.workspace, hour)
            self._truths[key] = self._truth(predicate, now)
        return bool(self._truths[key][place])

    def _truth(self, predicate: Predicate, now: Now) -> Any:
        try:
            return Evaluation(self.frame, now, self.others).truth(predicate)
        except BadPredicate:
            return np.zeros(len(self.frame.ids), np.bool_)
