"""Plans as journeys: what stands above campaigns makes them, and tells how they go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vincle.accounts.models import User, Workspace

from .models import PlanRun


@dataclass(frozen=True)
class Wanted:
    """A journey to be made: `start` as its definition says it, `without` public ids of segments that get nothing.

    `again_days`: until someone may begin it anew; `waits_days`: for so long after the letter what they do counts, where it `sells`.
    """

    name: str
    why: str
    start: Mapping[str, Any]
    letter: int
    without: Sequence[str]
    again_days: int
    waits_days: int
    sells: bool


class Told(NamedTuple):
    """How a journey goes: `people` who have begun it, `reached` its goal."""

    name: str
    url: str
    state: str
    is_running: bool
    people: int
    reached: int


Make = Callable[[Workspace, User, Wanted], str]
"""Makes the draft of a journey; returns its public id. Raises checking.Refused."""
Tell = Callable[[Workspace, Sequence[str]], Mapping[str, Told]]
_registered: dict[str, Any] = {}


def register(make: Make, tell: Tell) -> None:
    """By the app of journeys, in its `ready()`."""
    _registered.update(make=make, tell=tell)


def is_there() -> bool:
    return "make" in _registered


def make(workspace: Workspace, user: User, key: str, wanted: Wanted) -> str:
    """A draft of it, kept as the plan's journey; returns its public id. Raises checking.Refused."""
    public: str = _registered["make"](workspace, user, wanted)
    PlanRun.objects.update_or_create(workspace=workspace, plan=key, defaults={"journey": public})
    return public


def told(workspace: Workspace, publics: Sequence[str]) -> Mapping[str, Told]:
    """By public id, those that are not put away."""
    wanted = [public for public in publics if public]
    found: Mapping[str, Told] = _registered["tell"](workspace, wanted) if wanted and is_there() else {}
    return found
