"""Definitions as JSON, both ways, and how big they may be. What is wrong is said with its place: see `BadDefinition`."""

from collections.abc import Iterator

from vincle.organise.segments import reading as predicates

from . import checks, conditions
from .checks import At, BadDefinition, mapping, need, only, optional, word
from .model import Again, AllOf, AnyOf, Branch, Condition, Definition, Got, Late, NotOf, Step, Until, all_steps
from .steps import KINDS, Reader
from .writing import write

__all__ = ["KINDS", "BadDefinition", "read", "write"]
_KEYS = ("start", "only", "again", "goal", "leave", "late", "steps")


def read(value: object) -> Definition:
    """What JSON like {"start": [{"enters": "k3..."}], "steps": [{"id": "a", "do": "send", "letter": "12"}]} says. Raises BadDefinition."""
    try:
        return _read(At("", value))
    except checks.BadPredicate as error:
        raise BadDefinition(error.path, error.code, error.detail) from error


def _read(at: At) -> Definition:
    given = mapping(at)
    only(at, given, _KEYS)
    reader = Reader()
    start = tuple(conditions.trigger(each) for each in checks.some(need(at, given, "start"), checks.MOST_TRIGGERS))
    made = Definition(
        start=start,
        steps=reader.steps(need(at, given, "steps")),
        only=checks.within(given["only"], predicates.read) if "only" in given else None,
        **optional(given, again=_again, goal=_events, leave=_events, late=_late),
    )
    _check_results(given["steps"], made.steps, reader.ids)
    return made


def _events(at: At) -> tuple[conditions.Event, ...]:
    return tuple(conditions.event(each) for each in checks.items(at, checks.MOST_TRIGGERS))


def _again(at: At) -> Again:
    given = mapping(at)
    only(at, given, ("may", "days"))
    may = word(("never", "ended", "always"))(need(at, given, "may"))
    rest = optional(given, days=lambda each: checks.whole(each, 0, 3650))
    if may != "ended" and rest.get("days"):
        raise given["days"].bad("days_only_after_end")
    return Again(may, **rest)  # type: ignore[arg-type]


def _late(at: At) -> Late:
    given = mapping(at)
    only(at, given, ("hours", "then"))
    return Late(**optional(given, hours=lambda each: checks.whole(each, 1, 8760), then=word(("go_on", "skip", "leave"))))


def _check_results(at: At, steps: tuple[Step, ...], kinds: dict[str, str]) -> None:
    """What is asked of a message is asked behind it."""
    seen = set[str]()
    for step in all_steps(steps):
        for got in _asked(step):
            if kinds.get(got.step) not in ("send", "survey"):
                raise At(at.path, None).bad("no_such_message", got.step)
            if got.step not in seen:
                raise At(at.path, None).bad("message_comes_later", got.step)
        seen.add(step.id)


def _asked(step: Step) -> Iterator[Got]:
    if isinstance(step, Until) and isinstance(step.event, Got):
        yield step.event
    if isinstance(step, Branch):
        for path in step.paths:
            yield from results_in(path.condition)


def results_in(condition: Condition) -> Iterator[Got]:
    """The messages a condition asks about."""
    match condition:
        case Got():
            yield condition
        case NotOf(part):
            yield from results_in(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from results_in(part)
