"""Moving people from step to step: all who stand before the same step are done together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..definition.flow import END
from ..definition.model import Step, Until, Wait
from . import deeds, results
from .asking import Asking
from .book import Running
from .dates import FROM_DATE
from .walking import Going, State


class Round:
    """One batch of one journey at one moment. `go` moves people as far as they come; the caller writes `walks` and `passed`."""

    def __init__(self, running: Running, now: datetime) -> None:
        self.running, self.now = running, now
        self.walks: dict[int, Going] = {}
        self.passed: Counter[tuple[str, int]] = Counter()
        self.asking = Asking(running, now)
        self.late = running.live.definition.late

    @property
    def workspace(self) -> Any:
        return self.running.workspace

    def wake(self, walks: Sequence[Going]) -> None:
        """Go on with those whose moment has come."""
        moving = []
        for walk in self._known(walks):
            if walk.wakes_at and self.now - walk.wakes_at > timedelta(hours=self.late.hours) and self.late.then != "go_on":
                walk.is_late = True
                if self.late.then == "leave":
                    walk.end(State.LEFT, "left_late", self.now, walk.node)
                    continue
            moving.append(walk)
        self._ask_first(moving)
        self._leave_waits([walk for walk in moving if walk.state == State.WAITING])
        self.go(walk for walk in moving if walk.state == State.WAITING)

    def begin(self, walks: Sequence[Going]) -> None:
        """Let people begin who were entered just now."""
        for walk in walks:
            self.walks[walk.pk] = walk
        self.go(walks)

    def came(self, walks: Iterable[Going]) -> None:
        """What these waited for has happened."""
        moving = list(walks)
        for walk in moving:
            self.walks[walk.pk] = walk
            walk.version, _flow = self.running.place(walk.version, walk.node)
            walk.note("came", walk.node)
            self._pass(walk, 0)
        self.go(moving)

    def end(self, walks: Iterable[Going], state: str, what: str, **why: Any) -> None:
        for walk in walks:
            self.walks[walk.pk] = walk
            walk.end(state, what, self.now, walk.node, **why)

    def go(self, walks: Iterable[Going]) -> None:
        """Step by step, until everyone waits or is through."""
        moving = [walk for walk in walks if not walk.is_dropped]
        for walk in moving:
            if not walk.node:
                walk.node = self.running.flow(walk.version).first
                if not walk.node:
                    walk.end(State.DONE, "done", self.now)
        moving = [walk for walk in moving if walk.state == State.WAITING]
        while moving:
            groups: dict[tuple[int, str], list[Going]] = defaultdict(list)
            for walk in moving:
                groups[walk.version, walk.node].append(walk)
            moving = [walk for (version, node), some in groups.items() for walk in self._do(version, node, some)]

    def _do(self, version: int, node: str, walks: list[Going]) -> list[Going]:
        step = self.running.flow(version).steps[node]
        outcomes = deeds.do(self, step, walks)
        further = []
        for walk, outcome in zip(walks, outcomes, strict=True):
            if isinstance(outcome, datetime):
                walk.since, walk.wakes_at, walk.is_late = self.now, outcome, False
            elif outcome is not None and self._pass(walk, outcome):
                further.append(walk)
        return further

    def _pass(self, walk: Going, way: int) -> bool:
        """Behind a step, by one of its ways; False at the end."""
        self.passed[walk.node, way] += 1
        ways = self.running.flow(walk.version).ways[walk.node]
        walk.node = ways[way] if way < len(ways) else END
        if walk.node == END:
            walk.end(State.DONE, "done", self.now)
            return False
        return True

    def _leave_waits(self, walks: list[Going]) -> None:
        """Those who stood in a wait are behind it now; of what was waited for and may be looked up, it is looked up once more."""
        looked: dict[tuple[int, str], list[Going]] = defaultdict(list)
        for walk in walks:
            walk.version, flow = self.running.place(walk.version, walk.node)
            step = flow.steps.get(walk.node)
            if walk.node and step is None:
                walk.end(State.DONE, "done", self.now)
            elif isinstance(step, Wait):
                self._pass(walk, 0)
            elif isinstance(step, Until):
                looked[walk.version, walk.node].append(walk)
        for (version, node), some in looked.items():
            self._end_until(self.running.flow(version).steps[node], some)

    def _end_until(self, step: Step, walks: list[Going]) -> None:
        assert isinstance(step, Until)
        came = results.holds(self.running.row.pk, step.event, walks)
        for walk in walks:
            is_there = walk.pk in came
            walk.note("came" if is_there else "missed", walk.node)
            self._pass(walk, 0 if is_there else 1)

    def _ask_first(self, walks: Sequence[Going]) -> None:
        """Those who were entered ahead of a date begin now, if they are meant."""
        ahead = [walk for walk in walks if not walk.node and walk.cause.startswith(FROM_DATE)]
        only = self.running.live.definition.only
        meant = self.asking.meets(only, {walk.person for walk in ahead}) if ahead and only is not None else {walk.person for walk in ahead}
        for walk in ahead:
            walk.version = self.running.row.live or walk.version
            if walk.person in meant:
                walk.note("began")
            else:
                walk.state, walk.is_dropped = State.LEFT, True

    def _known(self, walks: Sequence[Going]) -> list[Going]:
        """Those who are still someone: who was joined to another goes on as that one."""
        for walk in walks:
            self.walks[walk.pk] = walk
        results.follow(self.running, walks, self.now)
        return [walk for walk in walks if walk.state == State.WAITING]
