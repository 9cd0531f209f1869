"""What one wording of a journey says otherwise than another. Pure."""

import difflib
from typing import NamedTuple

from . import shaping
from .shaping import Json


class Line(NamedTuple):
    """`sign`: "+", "-" or " "."""

    sign: str
    text: str


def lines(before: str, after: str) -> list[Line]:
    """Two texts line by line, what is equal once."""
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return [Line(each[0], each[2:]) for each in compared if each[0] in "+- "]


def signs(before: Json, after: Json) -> dict[str, str]:
    """Steps of `after` that are "new" or "changed", and of `before` those that are "gone"."""
    old, new = ({str(step["id"]): _own(step) for _way, _at, step in shaping.walk(each)} for each in (before, after))
    found = {key: "new" if key not in old else "changed" for key, said in new.items() if old.get(key) != said}
    return found | dict.fromkeys(old.keys() - new.keys(), "gone")


def _own(step: Json) -> Json:
    """What a step says itself, without what stands below it."""
    own = {key: value for key, value in step.items() if key not in ("came", "missed", "else")}
    for key in ("paths", "arms"):
        if key in own:
            own[key] = [{name: value for name, value in each.items() if name != "steps"} for each in own[key]]
    return own
