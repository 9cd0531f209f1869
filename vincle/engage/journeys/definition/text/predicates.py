"""Events and conditions in words."""

import json
from collections.abc import Sequence
from typing import Any

from vincle.organise.segments import writing
from vincle.organise.segments.predicate import (
    Act,
    All,
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
)
from vincle.organise.segments.predicate import Any as AnyPredicate

from ..model import ANY, AllOf, Answers, AnyOf, Asks, Condition, Enters, Event, Got, Happens, Leaves, NotOf, OnDate, Submits, Trigger
from ..naming import Kind, Names
from .phrases import ACT_TEXTS, COMPARES, EXACTLY, RESULTS


def quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def called(names: Names, kind: Kind, key: str) -> str:
    """A thing by its name, or by its id: "New", #k3f, #"an odd id"."""
    name = names.name(kind, key)
    if name is not None:
        return quoted(name)
    return f"#{key}" if key.isascii() and key.replace("-", "").replace("_", "").isalnum() else f"#{quoted(key)}"


def event(asked: Trigger | Got, names: Names, it: str = "") -> str:
    """What someone does: "enters segment "New"". `it`: the message before."""
    match asked:
        case Happens(act):
            return f"does {act_words(act)}"
        case Enters(segment):
            return f"enters segment {called(names, 'segment', segment)}"
        case Leaves(segment):
            return f"leaves segment {called(names, 'segment', segment)}"
        case Submits(form):
            return "submits any form" if form == ANY else f"submits form {called(names, 'form', form)}"
        case Answers(survey):
            return "answers any survey" if survey == ANY else f"answers survey {called(names, 'survey', survey)}"
        case Got():
            return got(asked, it)
        case OnDate():
            return f"reaches {date(asked.trait, asked.days, asked.time)}" + (" every year" if asked.yearly else "")


def date(trait: str, days: int, time: str) -> str:
    side = "" if not days else f"{abs(days)} days {'before' if days < 0 else 'after'} "
    return f"{side}{quoted(trait)} at {time}"


def got(asked: Got, it: str) -> str:
    return f"{RESULTS[asked.result]} {'it' if asked.step == it else f'[{asked.step}]'}"


def condition(asked: Condition, names: Names, it: str) -> str:
    match asked:
        case Asks(predicate):
            return words(predicate, names)
        case Got():
            return f"they {got(asked, it)}"
        case NotOf(part):
            return f"not {_inner(condition(part, names, it), part)}"
        case AllOf(parts) | AnyOf(parts):
            return _joined([_inner(condition(part, names, it), part) for part in parts], isinstance(asked, AllOf)) or ""


def _inner(said: str, part: object) -> str:
    """Groups within groups stand in brackets."""
    bare = part.predicate if isinstance(part, Asks) else part
    return f"({said})" if isinstance(bare, AllOf | AnyOf | All | AnyPredicate) else said


def _joined(parts: Sequence[str], is_all: bool) -> str | None:
    if len(parts) > 1:
        return (" and " if is_all else " or ").join(parts)
    return ("all" if is_all else "any") + f" of ({parts[0]})" if parts else ("everybody" if is_all else "nobody")


def words(asked: Predicate, names: Names) -> str:
    match asked:
        case All(parts) | AnyPredicate(parts):
            return _joined([_inner(words(part, names), part) for part in parts], isinstance(asked, All)) or ""
        case Not(part):
            return f"not {_inner(words(part, names), part)}"
        case InSegment(segment):
            return f"they are in segment {called(names, 'segment', segment)}"
        case Tagged(name):
            return f"they have tag {quoted(name)}"
        case AtStage(stages):
            return f"their stage is {_texts(stages)}"
        case Trait():
            return f"their {quoted(asked.name)} {_compared(asked)}"
        case Did():
            return _did(asked) or _exactly(asked)
    return _more(asked)


def _more(asked: Predicate) -> str:
    match asked:
        case Consented(permit, channel, purpose):
            return f"their consent to {quoted(purpose)} by {quoted(channel)} is {quoted(permit)}"
        case Scored(name, least, most):
            return f"their score {quoted(name)} is {_limits(least, most) or 'known'}"
        case Share(share, seed):
            return f"they are in a random share of {quoted(share)} seed {seed}"
        case Top(count, score):
            return f"they are among the top {count} by {quoted(score)}"
    return _exactly(asked)


def _exactly(asked: Predicate) -> str:
    return f"{EXACTLY} {quoted(writing.write(asked))}"


def _compared(asked: Trait) -> str:
    phrase, value = COMPARES[asked.compare], asked.value
    if value is None:
        return phrase
    if isinstance(value, tuple):
        return f"{phrase} {', '.join(quoted(each) for each in value)}"
    return f"{phrase} {quoted(value)}" + (" days" if asked.compare in ("in_last", "in_next", "birthday_in_next") else "")


def _texts(values: Sequence[Any]) -> str:
    return " or ".join(quoted(value) for value in values)


def _limits(least: float | None, most: float | None, unit: str = "") -> str:
    sides = [(("at least", least), ("at most", most))][0]
    return " ".join(f"{side} {quoted(value)}{unit}" for side, value in sides if value is not None)


def act_words(act: Act) -> str:
    """Purchase of Order, channel "shop" or "till", amount at least 50."""
    head = " or ".join(act.verb) + (f"{' ' if act.verb else ''}of {' or '.join(act.object_type)}" if act.object_type else "")
    parts = [f"{name} {_texts(values)}" for name in ACT_TEXTS if (values := getattr(act, name))]
    if act.is_reply is not None:
        parts.append("as a reply" if act.is_reply else "as no reply")
    parts += [f"{name} {_limits(*values)}" for name in ("amount", "rating") if (values := getattr(act, name)) != (None, None)]
    if act.by == "us":
        parts.append("by us")
    return ", ".join([head or "anything", *parts])


def _did(asked: Did) -> str | None:
    """None for what is not a count."""
    window = asked.window
    if asked.measure != "count":
        return None
    when = f" in the last {quoted(window.days)} days" if window.days is not None else ""
    when += f" from {window.first}" if window.first else ""
    when += f" to {window.last}" if window.last else ""
    when += f" since the start of the {window.since}" if window.since else ""
    if (asked.least, asked.most) == (None, 0):
        return f"they did not {act_words(asked.act)}{when}"
    often = "" if (asked.least, asked.most) == (1, None) else f" {_limits(asked.least, asked.most, ' times')}"
    return f"they did {act_words(asked.act)}{when}{often}"


__all__ = ["Event", "called", "condition", "date", "event", "quoted", "words"]
