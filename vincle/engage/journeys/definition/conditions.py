"""Events and conditions as JSON, both ways."""

from collections.abc import Callable, Mapping
from typing import Any

from vincle.organise.segments import reading, writing
from vincle.organise.segments.predicate import Act, Did

from . import checks
from .checks import At, Given, items, mapping, need, one_of, only, text, word
from .model import AllOf, Answers, AnyOf, Asks, Condition, Enters, Event, Got, Happens, Leaves, NotOf, OnDate, Submits, Trigger

_MOST_PARTS = 50


def event(at: At) -> Event:
    """{"event": act} | {"enters": segment} | {"leaves": segment} | {"form": id or "*"} | {"survey": id or "*"}."""
    given = mapping(at)
    kind = one_of(at, given, _EVENTS)
    only(at, given, (kind,))
    return _EVENTS[kind](given[kind])


def trigger(at: At) -> Trigger:
    """An event, or {"date": trait, "days": -3, "time": "09:00", "yearly": true}."""
    given = mapping(at)
    if "date" not in given:
        return event(at)
    only(at, given, ("date", "days", "time", "yearly"))
    rest = checks.optional(given, days=lambda each: checks.whole(each, -3650, 3650), time=checks.time, yearly=yes)
    return OnDate(text(given["date"], 120), **rest)


def yes(at: At) -> bool:
    if not isinstance(at.value, bool):
        raise at.bad("not_yes_or_no", at.value)
    return at.value


def _act(at: At) -> Act:
    try:
        found = reading.read({"did": at.value})
    except checks.BadPredicate as error:
        raise checks.BadPredicate(at.path + error.path.removeprefix("did"), error.code, error.detail) from error
    assert isinstance(found, Did)
    if found.act == Act():
        raise at.bad("empty_event")
    return found.act


_EVENTS: dict[str, Callable[[At], Event]] = {
    "event": lambda at: Happens(_act(at)),
    "enters": lambda at: Enters(text(at, 40)),
    "leaves": lambda at: Leaves(text(at, 40)),
    "form": lambda at: Submits(text(at, 120)),
    "survey": lambda at: Answers(text(at, 120)),
}


def got(given: Given, at: At) -> Got:
    """{"got": "opened", "step": "s1"}."""
    only(at, given, ("got", "step"))
    result: Any = word(checks.RESULTS)(given["got"])
    return Got(result, checks.step_id(need(at, given, "step")))


def condition(at: At, depth: int = 1) -> Condition:
    """A predicate of segments, {"got": ..., "step": ...}, or all / any / not of both."""
    if not _speaks_of_steps(at.value):
        return Asks(checks.within(at, reading.read))
    if depth > checks.DEEPEST:
        raise at.bad("too_deep", str(checks.DEEPEST))
    given = mapping(at)
    if "got" in given:
        return got(given, at)
    kind = one_of(at, given, ("all", "any", "not"))  # type: ignore[arg-type]
    only(at, given, (kind,))
    if kind == "not":
        return NotOf(condition(given[kind], depth + 1))
    parts = tuple(condition(part, depth + 1) for part in items(given[kind], _MOST_PARTS))
    return AllOf(parts) if kind == "all" else AnyOf(parts)


def _speaks_of_steps(value: object, depth: int = 0) -> bool:
    """Whether a message of the journey's own is asked about anywhere in it."""
    if not isinstance(value, Mapping) or depth > 40:
        return False
    if "got" in value:
        return True
    groups = [value.get("not"), *(part for key in ("all", "any") for part in _list(value.get(key)))]
    return any(_speaks_of_steps(part, depth + 1) for part in groups)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def write_event(asked: Trigger | Got) -> dict[str, Any]:
    match asked:
        case Happens(act):
            return {"event": writing.act(act)}
        case Enters(segment):
            return {"enters": segment}
        case Leaves(segment):
            return {"leaves": segment}
        case Submits(form):
            return {"form": form}
        case Answers(survey):
            return {"survey": survey}
        case Got(result, step):
            return {"got": result, "step": step}
        case OnDate():
            return {"date": asked.trait, "days": asked.days, "time": asked.time, "yearly": asked.yearly}


def write_condition(asked: Condition) -> dict[str, Any]:
    match asked:
        case Asks(predicate):
            return writing.write(predicate)
        case Got():
            return write_event(asked)
        case NotOf(part):
            return {"not": write_condition(part)}
        case AllOf(parts):
            return {"all": [write_condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [write_condition(part) for part in parts]}


__all__ = ["condition", "event", "got", "trigger", "write_condition", "write_event", "yes"]
