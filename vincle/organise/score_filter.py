"""People by a score: "churn:high", "churn:0.7..0.8", "churn:0.7..", as the list of people is filtered by it."""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

from vincle.accounts.models import Workspace

from . import score_words
from .scores.registry import scores

_NAME = re.compile(r"[a-z][a-z_]{0,23}")


def asked_range(text: str) -> tuple[str, str, float | None, float | None] | None:
    """A filter of people by a score: (score, label, from, up to). "churn:high", "churn:0.7..0.8", "churn:0.7.."; None: not one.

    >>> asked_range("churn:0.7..0.8"), asked_range("rfm:lost"), asked_range("churn:"), asked_range("churn:x..y")
    (('churn', '', 0.7, 0.8), ('rfm', 'lost', None, None), None, None)
    """
    name, _colon, rest = text.partition(":")
    if not _NAME.fullmatch(name) or not rest:
        return None
    low, dots, high = rest.partition("..")
    if not dots:
        return (name, rest, None, None) if _NAME.fullmatch(rest) else None
    try:
        ends = [float(each) if each else None for each in (low, high)]
    except ValueError:
        return None
    return (name, "", ends[0], ends[1]) if any(each is not None and isfinite(each) for each in ends) and _ordered(ends) else None


def _ordered(ends: Sequence[float | None]) -> bool:
    return all(each is None or isfinite(each) for each in ends) and (None in ends or ends[0] <= ends[1])  # type: ignore[operator]


def in_range(workspace: Workspace, text: str) -> tuple[str, list[Any]] | None:
    """The condition on `organise_profile p` that such a filter stands for. A range ends before its upper end, but for the highest."""
    asked = asked_range(text)
    if asked is None:
        return None
    name, label, low, high = asked
    clauses, values = ["workspace_id = %s", "name = %s"], [workspace.pk, name]
    if label:
        clauses, values = [*clauses, "label = %s"], [*values, label]
    if low is not None:
        clauses, values = [*clauses, "value >= %s"], [*values, low]
    if high is not None:
        ends_it = name in scores() and high >= scores()[name].SCORE.highest
        clauses, values = [*clauses, f"value {'<=' if ends_it else '<'} %s"], [*values, high]
    return f"p.person IN (SELECT person FROM organise_score WHERE {' AND '.join(clauses)})", values


def words(text: str, currency: str = "EUR") -> str:
    """What such a filter asks, in words; "" where it cannot be read. Money is in this currency."""
    asked = asked_range(text)
    if asked is None:
        return ""
    name, label, low, high = asked
    if label:
        return f"{score_words.name(name)}: {score_words.label(name, label)}"
    ends = " – ".join(score_words.shown(name, each, currency) if each is not None else "…" for each in (low, high))
    return f"{score_words.name(name)}: {ends}"
