"""The slow, obviously right evaluator: one person at a time, every act looked at, in the words of `predicate.py`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any as Anything

from vincle.organise.segments.frame import Now
from vincle.organise.segments.predicate import (
    LABELS,
    Act,
    All,
    Any,
    AtStage,
    Consented,
    Did,
    InSegment,
    Not,
    Predicate,
    Scored,
    Share,
    Tagged,
    Top,
    Trait,
    Window,
)
from vincle.organise.segments.predicate import Sequence as InOrder
from vincle.store.folding import fold

from .plain import Done, Someone


def members(predicate: Predicate, people: Sequence[Someone], now: Now, segments: Mapping[str, Predicate] | None = None) -> list[bool]:
    """Of each person, by id, whether the predicate holds."""
    world = World(people, now, segments or {})
    return [world.holds(predicate, person) for person in sorted(people, key=lambda person: person.id)]


class World:
    def __init__(self, people: Sequence[Someone], now: Now, segments: Mapping[str, Predicate]) -> None:
        self.people, self.now, self.segments = people, now, segments

    def holds(self, asked: Predicate, person: Someone) -> bool:
        match asked:
            case All(parts):
                return all(self.holds(part, person) for part in parts)
            case Any(parts):
                return any(self.holds(part, person) for part in parts)
            case Not(part):
                return not self.holds(part, person)
            case InSegment(segment):
                return self.holds(self.segments[segment], person)
            case Trait():
                return trait(asked, person, self.now)
            case Tagged(name):
                return fold(name) in {fold(tag) for tag in person.tags}
            case AtStage(stages):
                return person.stage in stages
            case Consented(permit, channel, purpose):
                return person.consents.get((channel, purpose), "none") == permit
            case Scored(name, least, most):
                return name in person.scores and between(person.scores[name], least, most)
            case Share(share, seed):
                return drawn(person.id, seed) < share
            case Top(count, score):
                ranked = sorted((each for each in self.people if score in each.scores), key=lambda each: (-each.scores[score], each.id))
                return person in ranked[:count]
            case Did():
                return did(asked, person, self.now)
            case InOrder():
                return in_order(asked, person, self.now)


def between(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def drawn(person: int, seed: int) -> float:
    """SplitMix64 in whole numbers."""

    def mix(x: int) -> int:
        x = (x + 0x9E3779B97F4A7C15) % 2**64
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
        return x ^ x >> 31

    return (mix(person ^ mix(seed)) >> 11) / 2**53


def is_meant(asked: Act, act: Done) -> bool:
    plain = {"verb": act.verb, "object_type": act.object_type, "sentiment": act.sentiment}
    return (
        act.by == asked.by
        and all(not getattr(asked, name) or value in getattr(asked, name) for name, value in plain.items())
        and all(not getattr(asked, name) or any((name, value) in act.labels for value in getattr(asked, name)) for name in LABELS)
        and (asked.is_reply is None or act.is_reply == asked.is_reply)
        and (asked.amount == (None, None) or (act.amount is not None and between(act.amount, *asked.amount)))
        and (asked.rating == (None, None) or (act.rating is not None and between(act.rating, *asked.rating)))
    )


def is_inside(at: datetime, window: Window, now: Now) -> bool:
    day, today = at.astimezone(now.zone).date(), now.today
    same: dict[str, Callable[[date], Anything]] = {
        "": lambda _day: None, "day": lambda day: day, "week": lambda day: day.isocalendar()[:2],
        "month": lambda day: (day.year, day.month),
        "quarter": lambda day: (day.year, (day.month + 2) // 3), "year": lambda day: day.year,
    }  # fmt: skip
    return (
        at <= now.at
        and (window.days is None or at > now.at - timedelta(days=window.days))
        and (window.first is None or day >= window.first)
        and (window.last is None or day <= window.last)
        and same[window.since](day) == same[window.since](today)
    )


def did(asked: Did, person: Someone, now: Now) -> bool:
    found = [act for act in person.acts if is_meant(asked.act, act) and is_inside(act.at, asked.window, now)]
    amounts = [act.amount for act in found if act.amount is not None]
    if asked.measure in ("first", "last"):
        if not found:
            return False
        moment = (min if asked.measure == "first" else max)(act.at for act in found)
        ago = now.at - moment
        least, most = (None if days is None else timedelta(days=days) for days in (asked.least, asked.most))
        return (least is None or ago >= least) and (most is None or ago <= most)
    if asked.measure in ("mean", "largest") and not amounts:
        return False
    value: float = {
        "count": lambda: len(found), "sum": lambda: sum(amounts), "mean": lambda: sum(amounts) / len(amounts),
        "largest": lambda: max(amounts),
        "kinds": lambda: len({text for act in found for name, text in act.labels if name == asked.of}),
    }[asked.measure]()  # fmt: skip
    return between(value, asked.least, asked.most)


def in_order(asked: InOrder, person: Someone, now: Now) -> bool:
    def goes_on(steps: tuple[Act, ...], at: datetime, until: datetime) -> bool:
        return not steps or any(
            is_meant(steps[0], act) and at < act.at <= min(until, now.at) and goes_on(steps[1:], act.at, until) for act in person.acts
        )

    for act in person.acts:
        if is_meant(asked.acts[0], act) and is_inside(act.at, asked.window, now):
            until = act.at + timedelta(days=asked.days)
            is_done = goes_on(asked.acts[1:], act.at, until)
            if asked.missing and not is_done and until <= now.at and goes_on(asked.acts[1:-1], act.at, until):
                return True
            if is_done and not asked.missing:
                return True
    return False


def trait(asked: Trait, person: Someone, now: Now) -> bool:
    value, known_at = person.traits.get(asked.name, (None, None))
    if known_at is not None and known_at > now.at:
        value = None
    values = [each for each in (value if isinstance(value, list) else [value]) if each not in (None, "")]
    if asked.name == "owner" and asked.compare not in ("known", "unknown"):
        values = values or ["none"]
    match asked.compare:
        case "known":
            return bool(values)
        case "unknown":
            return not values
        case "is_not":
            return not any(same(asked.value, each) for each in values)
        case "is":
            return any(same(asked.value, each) for each in values)
        case "one_of":
            return any(same(one, each) for one in asked.value for each in values)  # type: ignore[union-attr]
        case "contains":
            return any(fold(str(asked.value)) in words(each) for each in values)
        case "starts":
            return any(words(each).startswith(fold(str(asked.value))) for each in values)
        case "more" | "less" | "at_least" | "at_most":
            return any(by_number(asked, each) for each in values)
    return any(by_time(asked, each, now) for each in values)


def words(value: Anything) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return fold(f"{value:g}" if isinstance(value, float) else str(value))


def same(asked: Anything, value: Anything) -> bool:
    if isinstance(asked, str):
        return words(value) == fold(asked)
    said = {"yes": 1, "true": 1, "on": 1, "si": 1, "no": 0, "false": 0, "off": 0}.get(words(value))
    return bool((as_number(value) if said is None else said) == asked)


def as_number(value: Anything) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def by_number(asked: Trait, value: Anything) -> bool:
    found, limit = as_number(value), asked.value
    if found is None or not isinstance(limit, int | float):
        return False
    return {"more": found > limit, "less": found < limit, "at_least": found >= limit, "at_most": found <= limit}[asked.compare]


def by_time(asked: Trait, value: Anything, now: Now) -> bool:
    """A text is a date or a moment; a moment has a day where the workspace is."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value) if len(value) > 10 else None
        day = moment.astimezone(now.zone).date() if moment else date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    if asked.compare in ("before", "after"):
        limit = date.fromisoformat(str(asked.value))
        return day < limit if asked.compare == "before" else day > limit
    days = timedelta(days=float(asked.value))  # type: ignore[arg-type]
    if asked.compare == "birthday_in_next":
        return any(is_birthday(day, now.today + timedelta(days=ahead)) for ahead in range(days.days + 1))
    if moment:
        at = moment.astimezone(UTC)
        return now.at - days < at <= now.at if asked.compare == "in_last" else now.at < at <= now.at + days
    apart = now.today - day if asked.compare == "in_last" else day - now.today
    return timedelta(0) <= apart <= days


def is_birthday(born: date, day: date) -> bool:
    if (born.month, born.day) == (2, 29) and (day.month, day.day) == (2, 28):
        return (day + timedelta(days=1)).day == 1
    return (born.month, born.day) == (day.month, day.day)
