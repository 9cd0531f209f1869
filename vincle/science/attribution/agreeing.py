"""Where the models agree, and what it means where they do not: codes for words."""

from typing import Final, Literal, NamedTuple

from .attributing import MODELS, Attribution, Row
from .intervals import Intervals

Code = Literal["few", "agreed", "opens", "closes", "helps", "differs"]
Whole = Literal["nothing", "mostly", "partly", "hardly"]
NEAR: Final = 0.25
FEW: Final = 5.0
MOSTLY, PARTLY = 0.85, 0.6


class Said(NamedTuple):
    """A channel: credit between `least` (by `least_model`) and `most` (by `most_model`), in conversions.

    `code`: `few` (too few conversions to tell), `agreed` (all models within a quarter), `opens` (journeys rather begin there), `closes`
    (they rather end there), `helps` (it stands between, and is worth more than first and last touch say), `differs`.
    """

    channel: str
    code: Code
    least: float
    most: float
    least_model: str
    most_model: str


def whole(found: Attribution) -> Whole:
    """How far all models agree on all conversions."""
    if not found.conversions:
        return "nothing"
    return "mostly" if found.agreement >= MOSTLY else "partly" if found.agreement >= PARTLY else "hardly"


def said(found: Attribution, sure: Intervals | None = None) -> tuple[Said, ...]:
    """Each channel in the order of `found.rows()`. With intervals, `opens`, `closes`, `helps` are said only where they do not overlap."""
    return tuple(_said(row, sure) for row in found.rows())


def _said(row: Row, sure: Intervals | None) -> Said:
    credit = {model: float(getattr(row, model)) for model in MODELS}
    low, high = min(MODELS, key=credit.__getitem__), max(MODELS, key=credit.__getitem__)
    return Said(row.channel, _code(row, credit, sure), row.least, row.most, low, high)


def _code(row: Row, credit: dict[str, float], sure: Intervals | None) -> Code:
    def more(one: str, other: str) -> bool:
        if sure and sure.of(row.channel, one).low <= sure.of(row.channel, other).high:
            return False
        return credit[one] > credit[other] * (1 + NEAR)

    if row.most < FEW:
        return "few"
    if row.most <= row.least * (1 + NEAR):
        return "agreed"
    if all(more(model, end) for model in ("markov", "shapley") for end in ("first", "last")):
        return "helps"
    if more("first", "last"):
        return "opens"
    return "closes" if more("last", "first") else "differs"
