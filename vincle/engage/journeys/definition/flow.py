"""A definition as a graph: where each step leads, and what can be told of its shape."""

from dataclasses import dataclass, field
from functools import lru_cache

from .model import Definition, Event, Got, Step, Until, paths_of

END = ""


@dataclass(frozen=True)
class Flow:
    """`first`: the step people begin with (END: none). `ways`: step -> where each of its ways leads (one way for most), END: the end."""

    definition: Definition
    first: str
    steps: dict[str, Step]
    ways: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def untils(self) -> dict[str, Event | Got]:
        """What is waited for, by step."""
        return {key: step.event for key, step in self.steps.items() if isinstance(step, Until)}


@lru_cache(maxsize=512)
def flow(definition: Definition) -> Flow:
    """Where people go, step by step. Ways of a branch: its paths, then otherwise; of a split: its arms; of `Until`: came, missed."""
    found = Flow(definition, definition.steps[0].id if definition.steps else END, {})
    _lay(found, definition.steps, END)
    return found


def _lay(found: Flow, steps: tuple[Step, ...], behind: str) -> None:
    for place, step in enumerate(steps):
        after = steps[place + 1].id if place + 1 < len(steps) else behind
        paths = paths_of(step)
        found.steps[step.id] = step
        found.ways[step.id] = tuple(path[0].id if path else after for path in paths) or (after,)
        for path in paths:
            _lay(found, path, after)
