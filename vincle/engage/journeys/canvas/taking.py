"""A definition as a browser sends it back: whatever is not of its shape is left out, so that the canvas can go on with the rest. Pure."""

import json
import re
from typing import Any, Final

from . import shaping
from .shaping import Json

LONGEST: Final = 400_000
DEEPEST: Final = 8
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")


def taken(text: str) -> Json:
    """The definition a text holds, however odd it is; an empty one where it holds none."""
    try:
        found = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        found = None
    made: Json = {key: value for key, value in found.items() if key in _HEAD} if isinstance(found, dict) else {}
    for key in ("start", "goal", "leave"):
        if key in made or key == "start":
            made[key] = [each for each in _list(made.get(key)) if isinstance(each, dict)][:20]
    for key in ("only", "again", "late"):
        if key in made and not isinstance(made[key], dict):
            del made[key]
    made["steps"] = _Taker().steps(made.get("steps"), 1)
    return made


_HEAD = ("start", "only", "again", "goal", "leave", "late", "steps")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


class _Taker:
    """Each name once, at most so many steps."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def steps(self, value: object, depth: int) -> list[Json]:
        found = []
        for step in _list(value):
            if isinstance(step, dict) and depth <= DEEPEST and len(self.names) < shaping.MOST and (kind := shaping.kind(step)):
                found.append(self._step(step, kind, depth))
        return found

    def _step(self, step: Json, kind: str, depth: int) -> Json:
        made = _fitting(step, kind) | {"id": self._name(step.get("id"), kind)}
        if kind == "branch":
            made["paths"] = [dict(path) for path in _list(step.get("paths")) if isinstance(path, dict)][:20]
        elif kind == "split":
            made["arms"] = [dict(arm) for arm in _list(step.get("arms")) if isinstance(arm, dict)][:20]
        for holder, key in holders(made):
            holder[key] = self.steps(holder.get(key), depth + 1)
        return made

    def _name(self, given: object, kind: str) -> str:
        name = given if isinstance(given, str) and _ID.fullmatch(given) and given not in self.names else ""
        name = name or next(each for number in range(1, shaping.MOST * 10) if (each := f"{kind}{number}") not in self.names)
        self.names.add(name)
        return name


def _fitting(step: Json, kind: str) -> Json:
    """The step without values of another sort than they have to be; what it needs and lacks is as in a new one."""
    made = {str(key): value for key, value in step.items() if isinstance(value, _SORTS.get(f"{kind}.{key}", _SORTS.get(key, object)))}
    usual = shaping.begun(kind, "")
    for either in _EITHER.get(kind, ()):
        if either in made:
            usual = {key: value for key, value in usual.items() if key not in _EITHER[kind]}
    return {**usual, **made}


_EITHER = {"wait": ("for", "until"), "tag": ("add", "remove"), "send": ("letter", "text")}
_SORTS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("for", "until", "most", "due"), dict), **dict.fromkeys(("paths", "arms", "else", "came", "missed"), list),
    **dict.fromkeys(("letter", "text", "subject", "medium", "connection", "topic", "purpose", "promotion"), str),
    **dict.fromkeys(("survey", "add", "remove", "field", "url", "note"), str),
    "score.add": (int, float), "to": (str, int, float, bool, type(None)),
}  # fmt: skip


def holders(step: Json) -> list[tuple[Json, str]]:
    """Where the paths below a step stand, in the order of `shaping.ways`."""
    match shaping.kind(step):
        case "branch":
            return [*((path, "steps") for path in step["paths"]), (step, "else")]
        case "split":
            return [(arm, "steps") for arm in step["arms"]]
        case "until":
            return [(step, "came"), (step, "missed")]
    return []
