"""Steps as JSON, both ways."""

from collections.abc import Callable
from typing import Any

from . import checks, conditions
from .checks import At, Given, mapping, need, number, one_of, only, optional, short, some, text, word
from .model import (
    Arm,
    Branch,
    Field,
    Leave,
    Path,
    Score,
    Send,
    Span,
    Split,
    Stage,
    Step,
    Survey,
    Tag,
    Task,
    ToDate,
    ToTime,
    Until,
    Wait,
    Webhook,
)

_ALWAYS = ("id", "do", "note")


class Reader:
    """Reads the steps of one definition: each id once, what is asked of a message stands behind it."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def steps(self, at: At, depth: int = 1) -> tuple[Step, ...]:
        if depth > checks.DEEPEST:
            raise at.bad("too_deep", str(checks.DEEPEST))
        return tuple(self._step(each, depth) for each in checks.items(at, checks.MOST_STEPS))

    def _step(self, at: At, depth: int) -> Step:
        given = mapping(at)
        kind = word(_READERS)(need(at, given, "do"))
        called = need(at, given, "id")
        key = checks.step_id(called)
        if key in self.ids:
            raise called.bad("same_id", key)
        if len(self.ids) >= checks.MOST_STEPS:
            raise at.bad("too_many_steps", str(checks.MOST_STEPS))
        self.ids[key] = kind
        always = {"id": key, **optional(given, note=short())}
        keys, read = _READERS[kind]
        only(at, given, (*_ALWAYS, *keys))
        return read(self, at, given, always, depth)

    def path(self, given: Given, key: str, depth: int) -> tuple[Step, ...]:
        return self.steps(given[key], depth + 1) if key in given else ()


def _send(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    if ("letter" in given) == ("text" in given):
        raise at.bad("letter_or_text")
    says = optional(given, letter=short(40), text=short(checks.LONGEST_TEXT), subject=short(300))
    return Send(**always, **says, **_by(given), **optional(given, promotion=short(40)))


def _by(given: Given) -> dict[str, Any]:
    return optional(given, medium=short(40), connection=short(40), topic=short(60), purpose=checks.purpose)


def _survey(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    return Survey(**always, survey=text(need(at, given, "survey")), letter=text(need(at, given, "letter"), 40), **_by(given))


def span(at: At) -> Span:
    """{"days": 2}."""
    given = mapping(at)
    unit: Any = one_of(at, given, checks.UNITS)
    only(at, given, (unit,))
    return Span(checks.whole(given[unit], 1, checks.UNITS[unit]), unit)


def _wait(reader: Reader, at: At, given: Given, always: Any, depth: int) -> Step:
    kind = one_of(at, given, {"for": 0, "until": 0})
    if kind == "for":
        only(at, given, (*_ALWAYS, "for"))
        return Wait(**always, span=span(given["for"]))
    inside = mapping(given["until"])
    if "time" in inside or "date" in inside:
        only(at, given, (*_ALWAYS, "until"))
        return Wait(**always, span=_to(given["until"], inside))
    event = conditions.got(inside, given["until"]) if "got" in inside else conditions.event(given["until"])
    most = span(need(at, given, "most"))
    return Until(**always, event=event, most=most, came=reader.path(given, "came", depth), missed=reader.path(given, "missed", depth))


def _to(at: At, given: Given) -> ToTime | ToDate:
    if "date" in given:
        only(at, given, ("date", "days", "time"))
        rest = optional(given, days=lambda each: checks.whole(each, -3650, 3650), time=checks.time)
        return ToDate(text(given["date"], 120), **rest)
    only(at, given, ("time", "on"))
    days: Any = ()
    if "on" in given:
        found = [word(checks.WEEKDAYS)(each) for each in some(given["on"], 7)]
        days = tuple(day for day in checks.WEEKDAYS if day in found)
    return ToTime(checks.time(given["time"]), days)


def _branch(reader: Reader, at: At, given: Given, always: Any, depth: int) -> Step:
    paths = []
    for each in some(need(at, given, "paths"), checks.MOST_PATHS):
        inside = mapping(each)
        only(each, inside, ("if", "steps"))
        paths.append(Path(conditions.condition(need(each, inside, "if")), reader.path(inside, "steps", depth)))
    return Branch(**always, paths=tuple(paths), otherwise=reader.path(given, "else", depth))


def _split(reader: Reader, at: At, given: Given, always: Any, depth: int) -> Step:
    arms = []
    listed = need(at, given, "arms")
    for each in some(listed, checks.MOST_PATHS):
        inside = mapping(each)
        only(each, inside, ("name", "share", "steps"))
        name, share = text(need(each, inside, "name"), 60), checks.whole(need(each, inside, "share"), 0, 100)
        arms.append(Arm(name, share, reader.path(inside, "steps", depth)))
    if sum(arm.share for arm in arms) != 100:
        raise listed.bad("shares_not_100", str(sum(arm.share for arm in arms)))
    return Split(**always, arms=tuple(arms))


def _tag(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    kind = one_of(at, given, {"add": 0, "remove": 0})
    return Tag(**always, name=text(given[kind], 60), is_removed=kind == "remove")


def _field(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    value = need(at, given, "to")
    if isinstance(value.value, str):
        text(value, 1_000)
    elif isinstance(value.value, int | float) and not isinstance(value.value, bool):
        number(value)
    elif value.value is not None and not isinstance(value.value, bool):
        raise value.bad("not_a_text", value.value)
    return Field(**always, name=text(need(at, given, "field"), 120), value=value.value)


def _score(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    return Score(**always, name=text(need(at, given, "field"), 120), points=number(need(at, given, "add"), -1_000_000, 1_000_000))


def _stage(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    return Stage(**always, name=text(need(at, given, "field"), 120), value=text(need(at, given, "to"), 300))


def _task(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    return Task(**always, text=text(need(at, given, "text"), 1_000), **optional(given, to=short(254), due=span))


def _webhook(_reader: Reader, at: At, given: Given, always: Any, _depth: int) -> Step:
    url = need(at, given, "url")
    if not text(url, 500).startswith(("https://", "http://")) or not str(url.value).isascii() or any(c <= " " for c in str(url.value)):
        raise url.bad("not_an_address", url.value)
    return Webhook(**always, url=str(url.value))


def _leave(_reader: Reader, _at: At, _given: Given, always: Any, _depth: int) -> Step:
    return Leave(**always)


_BY = ("medium", "connection", "topic", "purpose")
_READERS: dict[str, tuple[tuple[str, ...], Callable[[Reader, At, Given, Any, int], Step]]] = {
    "send": (("letter", "text", "subject", "promotion", *_BY), _send),
    "survey": (("survey", "letter", *_BY), _survey),
    "wait": (("for", "until", "most", "came", "missed"), _wait),
    "branch": (("paths", "else"), _branch),
    "split": (("arms",), _split),
    "tag": (("add", "remove"), _tag),
    "field": (("field", "to"), _field),
    "score": (("field", "add"), _score),
    "stage": (("field", "to"), _stage),
    "task": (("text", "to", "due"), _task),
    "webhook": (("url",), _webhook),
    "leave": ((), _leave),
}
KINDS = tuple(_READERS)
