"""A definition's JSON as a canvas reshapes it: steps are put in, moved, copied and taken out; it need not be complete. Pure.

A place is "root:2" (before the third step of the journey) or "b1.0:2" (before the third step of the first path of step b1). Nothing here
changes what it is given, and a place or step that is not there changes nothing.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final, NamedTuple

Json = dict[str, Any]
KINDS: Final = (
    "send", "wait", "until", "branch", "split", "tag", "field", "score", "stage", "task", "webhook", "survey", "leave",
)  # fmt: skip
ROOT: Final = "root"
MOST: Final = 200
MESSAGES: Final = ("send", "survey")


class Way(NamedTuple):
    """One of the paths below a step, or the whole (`step` "")."""

    step: str
    place: int
    steps: list[Json]

    @property
    def name(self) -> str:
        return f"{self.step}.{self.place}" if self.step else ROOT


def kind(step: Json) -> str:
    """One of KINDS; "" when it is none."""
    do = step.get("do")
    if do == "wait":
        return "until" if "most" in step or _is_event(step.get("until")) else "wait"
    return do if isinstance(do, str) and do in KINDS else ""


def _is_event(until: object) -> bool:
    return isinstance(until, dict) and bool(until) and not {"time", "date"} & until.keys()


def ways(step: Json) -> list[list[Json]]:
    """The paths that lead on below a step, in order; made where they are missing."""
    match kind(step):
        case "branch":
            return [path.setdefault("steps", []) for path in step.get("paths", [])] + [step.setdefault("else", [])]
        case "split":
            return [arm.setdefault("steps", []) for arm in step.get("arms", [])]
        case "until":
            return [step.setdefault("came", []), step.setdefault("missed", [])]
    return []


def walk(definition: Json) -> Iterator[tuple[Way, int, Json]]:
    """Every step, top to bottom, with the path it stands in and its place there."""
    yield from _walk(Way("", 0, definition.setdefault("steps", [])))


def _walk(way: Way) -> Iterator[tuple[Way, int, Json]]:
    for at, step in enumerate(way.steps):
        yield way, at, step
        for place, below in enumerate(ways(step)):
            yield from _walk(Way(str(step.get("id", "")), place, below))


def find(definition: Json, key: str) -> tuple[Way, int, Json] | None:
    """Where a step stands."""
    return next((found for found in walk(definition) if found[2].get("id") == key), None)


def ids(definition: Json) -> list[str]:
    """Names of all steps, top to bottom."""
    return [str(step.get("id", "")) for _way, _at, step in walk(definition)]


def way_of(definition: Json, name: str) -> Way | None:
    """The path of a place's name ("root", "b1.0")."""
    if name == ROOT:
        return Way("", 0, definition.setdefault("steps", []))
    key, _dot, place = name.rpartition(".")
    found = find(definition, key)
    below = ways(found[2]) if found else []
    return Way(key, int(place), below[int(place)]) if place.isascii() and place.isdigit() and int(place) < len(below) else None


def _slot(definition: Json, place: str) -> tuple[Way, int] | None:
    name, _colon, at = place.rpartition(":")
    way = way_of(definition, name)
    if way is None or not (at.isascii() and at.isdigit()):
        return None
    return way, min(int(at), len(way.steps))


def fresh(definition: Json, kind_: str) -> str:
    """A name no step has yet: "send1"."""
    taken = set(ids(definition))
    return next(name for number in range(1, MOST * 10) if (name := f"{kind_}{number}") not in taken)


def message_before(definition: Json, place: str) -> str:
    """The last message that whoever comes to a place was sent for certain or maybe; "" when there is none."""
    found = ""
    slot = _slot(definition, place)
    for way, at, step in walk(definition):
        if slot and (way.name, at) == (slot[0].name, slot[1]):
            break
        if step.get("do") in MESSAGES:
            found = str(step.get("id", ""))
    return found


def begun(kind_: str, key: str, message: str = "") -> Json:
    """A new step; what only its maker can say is empty. `message`: the one before it, to ask about."""
    asked: Json = {"got": "opened", "step": message} if message else {"segment": ""}
    event: Json = {"got": "opened", "step": message} if message else {"enters": ""}
    made: dict[str, Json] = {
        "send": {"do": "send", "letter": "", "medium": "email", "topic": "marketing", "purpose": "marketing"},
        "wait": {"do": "wait", "for": {"days": 1}},
        "until": {"do": "wait", "until": event, "most": {"days": 3}, "came": [], "missed": []},
        "branch": {"do": "branch", "paths": [{"if": asked, "steps": []}], "else": []},
        "split": {"do": "split", "arms": [{"name": "A", "share": 50, "steps": []}, {"name": "B", "share": 50, "steps": []}]},
        "tag": {"do": "tag", "add": ""},
        "field": {"do": "field", "field": "", "to": ""},
        "score": {"do": "score", "field": "", "add": 1},
        "stage": {"do": "stage", "field": "", "to": ""},
        "task": {"do": "task", "text": ""},
        "webhook": {"do": "webhook", "url": ""},
        "survey": {"do": "survey", "survey": "", "letter": "", "medium": "email", "topic": "marketing", "purpose": "service"},
        "leave": {"do": "leave"},
    }
    return {"id": key, **made[kind_]}


def added(definition: Json, place: str, kind_: str) -> tuple[Json, str]:
    """(the definition with a new step at a place, its name); "" where it cannot stand."""
    made = deepcopy(definition)
    slot = _slot(made, place)
    if slot is None or kind_ not in KINDS or len(ids(made)) >= MOST:
        return definition, ""
    key = fresh(made, kind_)
    slot[0].steps.insert(slot[1], begun(kind_, key, message_before(made, place)))
    return made, key


def removed(definition: Json, key: str) -> tuple[Json, str]:
    """(the definition without a step and all below it, the step to go on from)."""
    made = deepcopy(definition)
    found = find(made, key)
    if found is None:
        return definition, ""
    way, at, _step = found
    del way.steps[at]
    beside = way.steps[min(at, len(way.steps) - 1)]["id"] if way.steps else way.step
    return made, str(beside)


def moved(definition: Json, key: str, by: int) -> Json:
    """One up (-1) or down (1) among its neighbours; beyond an end it leaves its path and stands beside the step above that."""
    made = deepcopy(definition)
    found = find(made, key)
    if found is None:
        return definition
    way, at, step = found
    if 0 <= at + by < len(way.steps):
        way.steps[at], way.steps[at + by] = way.steps[at + by], way.steps[at]
        return made
    if not way.step or (above := find(made, way.step)) is None:
        return definition
    del way.steps[at]
    above[0].steps.insert(above[1] + (1 if by > 0 else 0), step)
    return made


def placed(definition: Json, key: str, place: str) -> Json:
    """A step put elsewhere; never below itself."""
    made = deepcopy(definition)
    found, slot = find(made, key), _slot(made, place)
    if found is None or slot is None or slot[0].step in _below(found[2]):
        return definition
    way, at, step = found
    target, index = slot
    del way.steps[at]
    target.steps.insert(index - 1 if target.name == way.name and index > at else index, step)
    return made


def _below(step: Json) -> set[str]:
    return {str(step.get("id", "")), *(str(each.get("id", "")) for _way, _at, each in _walk(Way("", 0, [step])))}


def copied(definition: Json, key: str) -> tuple[Json, str]:
    """(the definition with a copy of a step behind it, all names new; the copy's name)."""
    made = deepcopy(definition)
    found = find(made, key)
    if found is None or len(ids(made)) + len(_below(found[2])) > MOST:
        return definition, ""
    way, at, step = found
    copy: Json = deepcopy(step)
    renamed: dict[str, str] = {}
    way.steps.insert(at + 1, copy)
    for _way, _at, each in _walk(Way("", 0, [copy])):
        old, each["id"] = str(each.get("id", "")), ""
        renamed[old] = each["id"] = fresh(made, kind(each) or "step")
    _ask_anew(copy, renamed)
    return made, str(copy["id"])


def _ask_anew(value: Any, renamed: dict[str, str]) -> None:
    """What asks about a message that was copied along asks about the copy."""
    if isinstance(value, dict):
        if "got" in value and value.get("step") in renamed:
            value["step"] = renamed[value["step"]]
        for each in value.values():
            _ask_anew(each, renamed)
    elif isinstance(value, list):
        for each in value:
            _ask_anew(each, renamed)


def replaced(definition: Json, key: str, values: Json) -> Json:
    """A step that says something else (`values`: all of it, with what stands below); its name stays."""
    made = deepcopy(definition)
    found = find(made, key)
    if found is None:
        return definition
    way, at, _step = found
    way.steps[at] = {"id": key, **{name: value for name, value in deepcopy(values).items() if name != "id"}}
    return made
