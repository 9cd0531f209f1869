"""Sending people of the past through a journey: who would have begun when, and where each would have gone by now.

What people did, entered and left is known to the moment; what is known of them (traits, tags, scores) is what is known today. Of messages
nobody has sent nothing is known: whoever depends on one goes as if they had not opened it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.engage.outbox import may

from .definition import moments
from .definition.flow import END, flow
from .definition.model import (
    Again,
    Branch,
    Definition,
    Got,
    Leave,
    OnDate,
    Send,
    Span,
    Split,
    Step,
    Survey,
    ToDate,
    ToTime,
    Until,
    Wait,
)
from .running.asking import _home, value_of
from .running.deeds import arm_of
from .simulating import Simulation
from .simulation_past import MOST, Known, Past

LONGEST = 365


def run(workspace: Workspace, definition: Definition, days: int, now: datetime | None) -> Simulation:
    at = now or timezone.now()
    days = min(max(days, 1), LONGEST)
    return _Runner(workspace, definition, days, at).run()


class _Runner:
    def __init__(self, workspace: Workspace, definition: Definition, days: int, now: datetime) -> None:
        self.workspace, self.definition, self.flow = workspace, definition, flow(definition)
        self.now, self.since = now, now - timedelta(days=days)
        self.found = Simulation(self.since, days)
        self.past = Past(workspace, self.since, now)
        self.messages: dict[str, set[int]] = defaultdict(set)
        self.nodes: dict[str, set[int]] = defaultdict(set)
        self.ends: Counter[str] = Counter()

    def run(self) -> Simulation:
        starts = self._starts()
        people = sorted({person for person, _at in starts})
        if len(people) > MOST:
            self.found.is_sample = True
            people = people[:MOST]
        self.known = Known(self.past, self.definition, people)
        kept = set(people)
        for at, person in sorted({(at, person) for person, at in starts if person in kept}):
            self.known.queue[person].append(at)
        meant = self.known.meant()
        for person in people:
            self._person(person, meant[person])
        self.found.assumed += self.known.assumed
        self.found.is_sample = self.found.is_sample or self.past.is_sample
        return self._summed()

    def _summed(self) -> Simulation:
        found = self.found
        found.nodes = {node: len(people) for node, people in self.nodes.items()}
        found.ends = dict(self.ends)
        for step in self.flow.steps.values():
            if isinstance(step, Send | Survey) and self.messages[step.id]:
                reached = may.decide_people(self.workspace, self.messages[step.id], step.medium, step.topic, step.purpose, self.now)
                found.writable[step.id] = sum(1 for each in reached.values() if each.verdict.is_allowed or each.verdict.not_before)
        return found

    # Who would have begun

    def _starts(self) -> list[tuple[int, datetime]]:
        found: list[tuple[int, datetime]] = []
        for trigger in self.definition.start:
            found += self._on_date(trigger) if isinstance(trigger, OnDate) else self.past.starts(trigger)
        return found

    def _on_date(self, trigger: OnDate) -> list[tuple[int, datetime]]:
        home, value = str(self.workspace.timezone), value_of(trigger.trait)
        sql = (
            f"SELECT person, country, {value_of('timezone')}, {value} FROM organise_profile WHERE workspace_id = %s AND {value} IS NOT NULL"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.workspace.pk])
            rows = cursor.fetchall()
        found = []
        for person, country, name, text in rows:
            zone = _home(str(name or ""), country or "", home)
            if trigger.yearly:
                found += [(person, at) for at in moments.yearly(text, trigger.days, trigger.time, zone, self.since, self.now)]
            elif (at := moments.to_date(ToDate(trigger.trait, trigger.days, trigger.time), text, zone)) and self.since < at <= self.now:
                found.append((person, at))
        return found

    # Where they would have gone

    def _person(self, person: int, starts: Sequence[datetime]) -> None:
        again, last, over = self.definition.again, None, None
        for at in starts:
            if last is not None and not _may_again(again, last, over, at):
                continue
            last, over = at, self._walk(person, at)
        if last is not None:
            self.found.reached += 1

    def _walk(self, person: int, at: datetime) -> datetime | None:
        """When it would have ended; None: they would still be on the way."""
        self.found.starts += 1
        stop, how = self.known.stop(person, at)
        node = self.flow.first
        while node != END:
            self.nodes[node].add(person)
            step = self.flow.steps[node]
            way, at = self._way(step, person, at)
            if stop is not None and stop < at:
                self.ends[how] += 1
                return stop
            if at > self.now:
                self.ends["waiting"] += 1
                return None
            ways = self.found.ways.setdefault(node, {})
            ways[way] = ways.get(way, 0) + 1
            if isinstance(step, Leave):
                self.ends["left"] += 1
                return at
            node = self.flow.ways[node][way]
        self.ends["done"] += 1
        return at

    def _way(self, step: Step, person: int, at: datetime) -> tuple[int, datetime]:
        """By which way they would have gone on, and when."""
        match step:
            case Wait():
                return 0, self._waited(step.span, person, at)
            case Until():
                end = self._waited(step.most, person, at)
                if isinstance(step.event, Got):
                    self.found.assumed += 1
                    return 1, end
                came = self.known.first(step.event, person, at)
                return (0, came) if came is not None and came <= end else (1, end)
            case Branch():
                found = [place for place, path in enumerate(step.paths) if self.known.holds(path.condition, person, at)]
                return (found[0] if found else len(step.paths)), at
            case Split():
                return arm_of(0, step, person), at
            case Send() | Survey():
                self.messages[step.id].add(person)
        return 0, at

    def _waited(self, span: Span | ToTime | ToDate, person: int, at: datetime) -> datetime:
        zone = self.known.zones.get(person) or ZoneInfo(self.workspace.timezone)
        match span:
            case Span():
                return moments.after(span, at, zone)
            case ToTime():
                return moments.next_time(span, at, zone)
            case ToDate():
                value = self.known.dates.get(span.trait, {}).get(person)
                return max(moments.to_date(span, value, zone) or at, at)


def _may_again(again: Again, last: datetime, over: datetime | None, at: datetime) -> bool:
    if again.may == "always":
        return True
    return again.may == "ended" and over is not None and over <= at and at - last >= timedelta(days=again.days)


__all__ = ["run"]
