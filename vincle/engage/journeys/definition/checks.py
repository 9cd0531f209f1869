"""Small checks of a definition's JSON. What is wrong is raised as `BadDefinition`, which names the place."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from vincle.organise.segments.checking import At, BadPredicate, items, mapping, number, only, text, word

Given = Mapping[str, At]
T = TypeVar("T")
MOST_STEPS, DEEPEST, MOST_TRIGGERS, MOST_PATHS = 200, 8, 20, 20
LONGEST_TEXT = 5_000
UNITS = {"minutes": 525_600, "hours": 87_600, "days": 3_650, "weeks": 520}
"""How many of each at most."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RESULTS = ("sent", "skipped", "delivered", "bounced", "opened", "clicked", "replied", "unsubscribed")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")


class BadDefinition(ValueError):
    """What is asked cannot be read. `path`: where ("steps/1/paths/0/if/tag"), `code`: why, `detail`: the value or name it is about."""

    def __init__(self, path: str, code: str, detail: str = "") -> None:
        super().__init__(f"{path or '/'}: {code}" + (f" ({detail})" if detail else ""))
        self.path, self.code, self.detail = path, code, detail


def within(at: At, read: Callable[[object], T]) -> T:
    """What a reader that knows nothing of its place reads there."""
    try:
        return read(at.value)
    except BadPredicate as error:
        raise BadPredicate("/".join(part for part in (at.path, error.path) if part), error.code, error.detail) from error


def need(at: At, given: Given, key: str) -> At:
    if key not in given:
        raise at.bad("missing_key", key)
    return given[key]


def whole(at: At, least: int, most: int) -> int:
    value = number(at, least, most)
    if value != int(value):
        raise at.bad("not_a_whole_number", value)
    return int(value)


def time(at: At) -> str:
    """A time of day as 09:00."""
    if not _TIME.fullmatch(text(at, 5)):
        raise at.bad("not_a_time", at.value)
    return str(at.value)


def step_id(at: At) -> str:
    if not _ID.fullmatch(text(at, 24)):
        raise at.bad("bad_id", at.value)
    return str(at.value)


def optional(given: Given, **checks: Callable[[At], Any]) -> dict[str, Any]:
    """The keys that are given, checked."""
    return {key: check(given[key]) for key, check in checks.items() if key in given}


def one_of(at: At, given: Given, kinds: Mapping[str, Any]) -> str:
    """The one of these keys that is given."""
    found = [kind for kind in kinds if kind in given]
    if len(found) != 1:
        raise at.bad("one_kind" if found else "unknown_kind", found[1] if found else next(iter(given), ""))
    return found[0]


def some(at: At, most: int) -> list[At]:
    found = items(at, most)
    if not found:
        raise at.bad("empty_list")
    return found


def short(longest: int = 300) -> Callable[[At], str]:
    return lambda at: text(at, longest)


purpose = word(("marketing", "service"))
__all__ = [
    "DEEPEST", "LONGEST_TEXT", "MOST_PATHS", "MOST_STEPS", "MOST_TRIGGERS", "RESULTS", "UNITS", "WEEKDAYS", "At", "BadDefinition",
    "BadPredicate", "Given", "items", "mapping", "need", "number", "one_of", "only", "optional", "purpose", "short", "some", "step_id",
    "text", "time", "whole", "within", "word",
]  # fmt: skip
