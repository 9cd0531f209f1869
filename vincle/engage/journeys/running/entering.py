"""Who may begin: asked for, not here already, or here again with good reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vincle.store import bulk

from ..definition.model import Again
from . import walking
from .walking import Going, State

if TYPE_CHECKING:
    from .book import Running
    from .moving import Round

_BEFORE = "SELECT person, cause, state, started_at, turn FROM journeys_walk WHERE journey_id = %s AND person IN ({})"


@dataclass(frozen=True)
class Start:
    """Someone would begin for a cause, at a moment; `seq`: the row of the log that was it (0: none)."""

    person: int
    cause: str
    at: datetime
    seq: int = 0
    why: dict[str, Any] = field(default_factory=dict, hash=False)


def begin(round_: "Round", starts: Sequence[Start]) -> list[Going]:
    """Let those begin who may, at once; returns them. Inside the caller's transaction."""
    running = round_.running
    allowed = permitted(running, starts)
    only = running.live.definition.only
    if only is not None and allowed:
        meant = round_.asking.meets(only, {walk.person for walk, _why in allowed})
        allowed = [(walk, why) for walk, why in allowed if walk.person in meant]
    walks = [walk for walk, _why in allowed]
    enter(running, walks)
    for walk, start in allowed:
        walk.note("began", "", **start.why)
    begun = [walk for walk in walks if not walk.is_dropped]
    round_.begin(begun)
    return begun


def enter(running: "Running", walks: Sequence[Going]) -> None:
    """Rows for them; those whose cause was there before are marked as dropped."""
    if walks:
        walking.enter(running.row.workspace_id, running.row.pk, walks)


def permitted(running: "Running", starts: Iterable[Start]) -> list[tuple[Going, Start]]:
    """Those whom the rule of beginning again lets in, with what lets them."""
    wanted, again = list(starts), running.live.definition.again
    before: dict[int, _Times] = defaultdict(_Times)
    for person, cause, state, started, turn in bulk.select(_BEFORE, {each.person for each in wanted}, [running.row.pk]):
        before[person].add(cause, state == State.WAITING, bulk.moment(started), turn)
    found = []
    version = running.row.live or running.row.version
    for each in wanted:
        times = before[each.person]
        if not times.allow(again, each):
            continue
        walk = Going(0, version, each.person, times.turn, each.cause, "", each.at, each.at, each.at, heard=each.seq)
        times.add(each.cause, True, each.at, times.turn)
        found.append((walk, each))
    return found


class _Times:
    """When someone was in a journey."""

    def __init__(self) -> None:
        self.causes: set[str] = set()
        self.is_there = False
        self.last: datetime | None = None
        self.turn = 0

    def add(self, cause: str, is_there: bool, started: datetime | None, turn: int) -> None:
        self.causes.add(cause)
        self.is_there = self.is_there or is_there
        self.last = max(filter(None, (self.last, started)), default=None)
        self.turn = max(self.turn, turn + 1)

    def allow(self, again: Again, start: Start) -> bool:
        if start.cause in self.causes:
            return False
        if not self.causes or again.may == "always":
            return True
        if again.may == "never" or self.is_there:
            return False
        return self.last is None or start.at - self.last >= timedelta(days=again.days)
