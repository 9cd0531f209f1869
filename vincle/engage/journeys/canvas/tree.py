"""The canvas as a template draws it: cards, the paths below them, and the places where something can be put in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import shaping
from .shaping import Json
from .wording import Said, Words

Counts = Mapping[str, tuple[int, int]]
"""By step: (who waits there, who went through)."""


@dataclass
class Card:
    """One step. `slot` is the place behind it."""

    key: str
    kind: str
    said: Said
    slot: str
    waiting: int = 0
    passed: int = 0
    problem: str = ""
    sign: str = ""
    url: str = ""
    ways: list["Way"] = field(default_factory=list)


@dataclass
class Way:
    """A path below a step with what stands above it; `people` went down it (None: not counted)."""

    label: str
    flow: "Flow"
    people: int | None = None


@dataclass
class Flow:
    """Cards one below the other; `slot` is the place before the first. `is_over`: whoever comes to its end is out."""

    slot: str
    cards: list[Card]
    is_over: bool = False


def tree(
    definition: Json, words: Words, counts: Counts | None = None, ways: Mapping[str, Mapping[int, int]] | None = None,
    problems: Mapping[str, str] | None = None, signs: Mapping[str, str] | None = None,
) -> Flow:  # fmt: skip
    """All of a definition. `signs`: what a comparison says of a step ("new", "changed", "gone")."""
    return _Drawer(words, counts or {}, ways or {}, problems or {}, signs or {}).flow(shaping.ROOT, definition.get("steps", []))


class _Drawer:
    def __init__(self, words: Words, counts: Counts, ways: Mapping[str, Mapping[int, int]], problems: Any, signs: Any) -> None:
        self.words, self.counts, self.went, self.problems, self.signs = words, counts, ways, problems, signs

    def flow(self, name: str, steps: list[Json]) -> Flow:
        cards = [self.card(step, f"{name}:{at + 1}") for at, step in enumerate(steps)]
        return Flow(f"{name}:0", cards, bool(steps) and shaping.kind(steps[-1]) == "leave")

    def card(self, step: Json, slot: str) -> Card:
        key = str(step["id"])
        waiting, passed = self.counts.get(key, (0, 0))
        made = Card(
            key, shaping.kind(step), self.words.step(step), slot, waiting, passed, self.problems.get(key, ""), self.signs.get(key, "")
        )
        went = self.went.get(key, {})
        labels = self.words.paths(step)
        for place, (label, below) in enumerate(zip(labels, shaping.ways(step), strict=True)):
            people = went.get(place, 0) if self.went else None
            made.ways.append(Way(label, self.flow(f"{key}.{place}", below), people))
        return made


def head(definition: Json, words: Words) -> dict[str, Any]:
    """How it starts and ends, in words."""
    only = definition.get("only")
    return {
        "start": [words.event(each) for each in definition.get("start", [])],
        "only": words.condition(only) if only else "",
        "goal": [said for each in definition.get("goal", []) if (said := words.event(each))],
        "leave": [said for each in definition.get("leave", []) if (said := words.event(each))],
        "again": (definition.get("again") or {}).get("may", "never"),
    }
