"""One journey and the news of the log: who leaves, who reaches the goal, who goes on, who begins.

Person by person in the order things happened: the first news of everybody together, then the second of everybody, and so on.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..definition.model import Got, OnDate
from . import entering, results, walking
from .book import Running
from .hearing import Heard
from .moving import Round
from .walking import Going, State

SLACK = timedelta(minutes=5)
"""What happened shortly before someone began to wait for it, and was told later, counts."""


@dataclass
class News:
    """What one row means for a journey. `trigger`: the place of the trigger that starts someone."""

    place: int
    person: int
    at: datetime
    seq: int
    trigger: int | None = None
    is_goal: bool = False
    is_leave: bool = False
    untils: set[str] = field(default_factory=set)


def follow(running: Running, heard: Heard, now: datetime) -> int:
    """Do what these rows ask for, inside the caller's transaction; returns how many steps were done."""
    return _Follower(running, heard, now).run()


class _Follower:
    def __init__(self, running: Running, heard: Heard, now: datetime) -> None:
        self.running, self.heard, self.now = running, heard, now
        self.round = Round(running, now)
        self.news = self._news()
        self.walks: dict[int, list[Going]] = defaultdict(list)

    def run(self) -> int:
        waiting = self._of_results()
        if not self.news and not waiting:
            return 0
        asked = {each.person for each in self.news}
        self._read_walks(asked | waiting)
        for generation in self._generations():
            self._existing(generation)
            self._begin([each for each in generation if each.trigger is not None])
        self._look_up(waiting)
        row = self.running.row
        return walking.write(row.workspace_id, row.pk, list(self.round.walks.values()), self.round.passed, self.now)

    def _read_walks(self, people: set[int]) -> None:
        """Who of them is on the way, under whichever name they began."""
        before = results.former(people)
        for walks in walking.of_people(self.running.row.pk, people | before.keys()).values():
            if walks[0].person in before:
                results.follow(self.running, walks, self.now)
                self.round.walks.update({walk.pk: walk for walk in walks})
            for walk in walks:
                self.walks[walk.person].append(walk)

    def _news(self) -> list[News]:
        """Everything the rows mean for this journey, in their order."""
        found: dict[int, News] = {}
        definition = self.running.live.definition

        def of(place: int) -> News:
            if place not in found:
                person, row = self.heard.person[place], self.heard.rows[place]
                assert person is not None
                found[place] = News(place, person, self.heard.at(place), row.seq)
            return found[place]

        for number, trigger in enumerate(definition.start):
            if not isinstance(trigger, OnDate):
                for place in self.heard.places(trigger):
                    news = of(place)
                    news.trigger = number if news.trigger is None else news.trigger
        for goal in definition.goal:
            for place in self.heard.places(goal):
                of(place).is_goal = True
        for leave in definition.leave:
            for place in self.heard.places(leave):
                of(place).is_leave = True
        for node, event in self.running.live.untils().items():
            for place in () if isinstance(event, Got) else self.heard.places(event):
                of(place).untils.add(node)
        return [found[place] for place in sorted(found)]

    def _generations(self) -> Iterable[list[News]]:
        """The first news of each person, then the second of each ..."""
        order: list[list[News]] = []
        seen: dict[int, int] = defaultdict(int)
        for each in self.news:
            if seen[each.person] == len(order):
                order.append([])
            order[seen[each.person]].append(each)
            seen[each.person] += 1
        return order

    def _existing(self, generation: list[News]) -> None:
        came: list[Going] = []
        for news in generation:
            for walk in self.walks.get(news.person, ()):
                if walk.state != State.WAITING or news.seq <= walk.heard or (not walk.heard and news.at < walk.started_at):
                    continue
                if news.is_goal:
                    self.round.end([walk], State.GOAL, "goal", event=news.seq)
                elif news.is_leave:
                    self.round.end([walk], State.LEFT, "left", event=news.seq)
                elif walk.node in news.untils and (walk.heard or news.at >= walk.since - SLACK):
                    walk.note("heard", walk.node, event=news.seq)
                    came.append(walk)
        self.round.came(came)

    def _begin(self, starts: list[News]) -> None:
        late = self.running.live.definition.late
        oldest = self.now - timedelta(hours=late.hours)
        began = self.running.row.started_at or self.now
        fresh = [each for each in starts if each.at >= began and (late.then == "go_on" or each.at >= oldest)]
        wanted = [
            entering.Start(each.person, self.heard.cause(each.place), each.at, each.seq, {"trigger": each.trigger, "event": each.seq})
            for each in fresh
        ]
        for walk in entering.begin(self.round, wanted):
            self.walks[walk.person].append(walk)

    def _of_results(self) -> set[int]:
        """People of whom something was heard, where somewhere a message's result is waited for."""
        return self.heard.people if any(isinstance(event, Got) for event in self.running.live.untils().values()) else set()

    def _look_up(self, people: set[int]) -> None:
        for node, event in self.running.live.untils().items():
            if isinstance(event, Got):
                ours = (walk for person in people for walk in self.walks.get(person, ()))
                there = [walk for walk in ours if walk.node == node and walk.state == State.WAITING]
                came = results.holds(self.running.row.pk, event, there)
                self.round.came([walk for walk in there if walk.pk in came])
