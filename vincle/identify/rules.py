"""Evidence -> link | ask | keep apart. Pure."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Decision = Literal["link", "ask", "apart"]

IDENTIFYING = frozenset({"email", "phone", "login", "external"})
"""Kinds of handle that make a person identified: someone the company can name, not only a name on a network."""

PERSONAL_CHANNEL = {"email": "email", "phone": "phone"}


class Side(NamedTuple):
    """One of the people a row speaks of: the id, and whether they are identified already."""

    person: int
    is_identified: bool


def decide(sides: Sequence[Side], apart: frozenset[frozenset[int]] = frozenset()) -> dict[int, Decision]:
    """What to do with each person of a row beside its first one, when the row carries handles of several.

    Two people who are both identified are never joined silently: the row's first identified person asks about each other
    identified one; people who are only a name on a network join it. Pairs a human kept apart stay apart.

    >>> decide([Side(1, True), Side(2, False), Side(3, True)])
    {2: 'link', 3: 'ask'}
    """
    anchor = anchor_of(sides)
    decisions: dict[int, Decision] = {}
    for side in sides:
        if side.person == anchor.person:
            continue
        if frozenset({anchor.person, side.person}) in apart:
            decisions[side.person] = "apart"
        else:
            decisions[side.person] = "ask" if side.is_identified and anchor.is_identified else "link"
    return decisions


def anchor_of(sides: Sequence[Side]) -> Side:
    """The person the others of a row join: the first identified one, else the first."""
    return next((side for side in sides if side.is_identified), sides[0])


class Statement(NamedTuple):
    """One row of the consent ledger, as the rule needs it."""

    permit: str
    source: str
    at: str


REFUSALS = frozenset({"denied", "withdrawn", "bounced", "complained"})


def standing(statements: Iterable[Statement]) -> str:
    """What holds now for one channel and purpose: "granted", a refusal, or "unknown".

    A refusal stands until the person themselves grants anew; no import or edit of ours overturns it.

    >>> standing([Statement("withdrawn", "import", "2025-01-01"), Statement("granted", "import", "2026-01-01")])
    'withdrawn'
    >>> standing([Statement("withdrawn", "import", "2025-01-01"), Statement("granted", "person", "2026-01-01")])
    'granted'
    """
    state = "unknown"
    for statement in sorted(statements, key=lambda row: row.at):
        if statement.permit in REFUSALS or state not in REFUSALS or statement.source == "person":
            state = statement.permit
    return state
