"""Evidence -> link | ask | keep apart. Pure."""

from collections.abc import Iterable, Sequence
from math import inf, isfinite
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
    identified one; people who are only a name on a network join it. Pairs a human kept apart stay apart, also when a third
    would join both.

    >>> decide([Side(1, True), Side(2, False), Side(3, True)])
    {2: 'link', 3: 'ask'}
    """
    anchor = anchor_of(sides)
    decisions: dict[int, Decision] = {}
    together = [anchor.person]
    for side in sides:
        if side.person == anchor.person:
            continue
        if any(frozenset({person, side.person}) in apart for person in together):
            decisions[side.person] = "apart"
        elif side.is_identified and anchor.is_identified:
            decisions[side.person] = "ask"
        else:
            decisions[side.person] = "link"
            together.append(side.person)
    return decisions


def anchor_of(sides: Sequence[Side]) -> Side:
    """The person the others of a row join: the first identified one, else the first."""
    return next((side for side in sides if side.is_identified), sides[0])


class Costs(NamedTuple):
    """What each way to be wrong costs, in units of one missed link; a question costs someone's attention."""

    wrong: float = 50.0
    missed: float = 1.0
    question: float = 0.5

    @property
    def link_from(self) -> float:
        """From this probability on a wrong link is the smaller risk than asking; never, when nothing may be worse than one."""
        return 1 - self.question / self.wrong if isfinite(self.wrong) else inf

    @property
    def ask_from(self) -> float:
        """From this probability on a missed link would cost more than the question."""
        return self.question / self.missed


COSTS = Costs()
KINDS_TO_LINK = 2


def decide_probable(
    probability: float, left_identified: bool, right_identified: bool, is_apart: bool, *, kinds: int = KINDS_TO_LINK, costs: Costs = COSTS
) -> Decision:
    """What to do with two people who are one with this probability; `kinds` of independent evidence (`linkage.kinds`) speak for it.

    Whichever costs least in expectation: a link that is wrong, one that is missed, or a question. Two identified people, and
    those for whom only one kind of evidence speaks, are never joined without a human.

    >>> decide_probable(0.995, True, False, False), decide_probable(0.995, True, True, False), decide_probable(0.3, False, False, False)
    ('link', 'ask', 'apart')
    """
    if is_apart or not probability >= costs.ask_from:
        return "apart"
    sure = probability >= costs.link_from and kinds >= KINDS_TO_LINK and not (left_identified and right_identified)
    return "link" if sure else "ask"


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
        if statement.permit == "lifted":  # says of another statement that it was none: `consent_rules` weighs it
            continue
        if statement.permit in REFUSALS or state not in REFUSALS or statement.source == "person":
            state = statement.permit
    return state
