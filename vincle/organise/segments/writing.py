"""A predicate as the JSON that `reading.read` reads back to the same."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any as Json

from .predicate import (
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
    Sequence,
    Share,
    Tagged,
    Top,
    Trait,
    Window,
)


def write(predicate: Predicate) -> dict[str, Json]:
    """
    >>> write(Not(Tagged("vip")))
    {'not': {'tag': 'vip'}}
    """
    return _WRITERS[type(predicate)](predicate)


def _trait(asked: Trait) -> dict[str, Json]:
    value = list(asked.value) if isinstance(asked.value, tuple) else asked.value
    return {"trait": asked.name, asked.compare: True if asked.compare in ("known", "unknown") else value}


def _consent(asked: Consented) -> dict[str, Json]:
    return {"consent": asked.permit, "channel": asked.channel, "purpose": asked.purpose}


def _did(asked: Did) -> dict[str, Json]:
    within = _within(asked.window)
    if (asked.measure, asked.least, asked.most) == ("count", None, 0):
        return {"did_not": act(asked.act), **within}
    kinds = {"of": asked.of} if asked.measure == "kinds" else {}
    return {"did": act(asked.act), asked.measure: _limits(asked.least, asked.most), **kinds, **within}


def _sequence(asked: Sequence) -> dict[str, Json]:
    made: dict[str, Json] = {"sequence": [act(step) for step in asked.acts], "within_days": asked.days, **_within(asked.window)}
    return made | ({"missing_last": True} if asked.missing else {})


def act(asked: Act) -> dict[str, Json]:
    """What of an act is asked, and nothing else."""
    made: dict[str, Json] = {}
    for each in fields(asked):
        value = getattr(asked, each.name)
        if value != each.default:
            made[each.name] = _limits(*value) if each.name in ("amount", "rating") else list(value) if isinstance(value, tuple) else value
    return made


def _limits(least: float | None, most: float | None) -> dict[str, Json]:
    return {key: value for key, value in (("at_least", least), ("at_most", most)) if value is not None}


def _within(window: Window) -> dict[str, Json]:
    keys = {"days": window.days, "from": window.first, "to": window.last, "since": window.since or None}
    made = {key: value if key in ("days", "since") else str(value) for key, value in keys.items() if value is not None}
    return {"within": made} if made else {}


_WRITERS: dict[type, Callable[[Json], dict[str, Json]]] = {
    All: lambda asked: {"all": [write(part) for part in asked.parts]},
    Any: lambda asked: {"any": [write(part) for part in asked.parts]},
    Not: lambda asked: {"not": write(asked.part)},
    Trait: _trait,
    Tagged: lambda asked: {"tag": asked.name},
    AtStage: lambda asked: {"stage": list(asked.stages)},
    Consented: _consent,
    Scored: lambda asked: {"score": asked.name, **_limits(asked.least, asked.most)},
    InSegment: lambda asked: {"segment": asked.segment},
    Share: lambda asked: {"random": asked.share, "seed": asked.seed},
    Top: lambda asked: {"top": asked.count, "by": asked.score},
    Did: _did,
    Sequence: _sequence,
}
