"""What a key figure is: a number over a stretch of time, with its definition, its formula, the people behind it, and a slow twin."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import numpy as np

from .facts import Facts, Ints, Plain, amount
from .spans import Span

MONEY, PEOPLE, SHARE, POINTS = "money", "people", "share", "points"
UP, DOWN = "up", "down"
NONE: Final[Ints] = np.array([], np.int64)


@dataclass(frozen=True)
class Figure:
    """A value with its interval where it has one. `value` None: `why` is the code of what is missing (`words.MISSING`).

    Money is in ten-thousandths, a share between 0 and 1, points are hundredths of a share. `of`: what a share was divided by, or how many
    stand behind it. `parts`: what the page of the figure draws.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    of: int = 0
    why: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)


def missing(why: str, **parts: Any) -> Figure:
    return Figure(None, why=why, parts=parts)


def _nobody(facts: Facts, span: Span) -> Ints:
    return NONE


@dataclass(frozen=True)
class Kpi:
    """One key figure. `name` and `definition` are lazy texts; `formula` is for the reference.

    `stands_on`: metrics of the open table, and places of the store, that it is counted from. `good`: the direction that is wished for.
    `people`: ids behind the value, for the list of them. `order`: its place on the board, in hundreds its group (`words.GROUPS`).
    `has_series`: told for earlier stretches too. `can_narrow`: whether it can be told of a segment or a channel alone. `part`: template of
    what its page shows besides.
    """

    id: str
    name: Any
    unit: str
    definition: Any
    formula: str
    stands_on: tuple[str, ...]
    good: str
    order: int
    value: Callable[[Facts, Span], Figure]
    reference: Callable[[Plain, Span], float | None]
    people: Callable[[Facts, Span], Ints] = _nobody
    has_series: bool = True
    can_narrow: bool = True
    part: str = ""

    def told(self, facts: Facts, span: Span) -> Figure:
        """The value; says so where it is asked of a part but known of the whole alone."""
        return missing("whole only") if facts.is_narrowed and not self.can_narrow else self.value(facts, span)

    def exact(self, value: float | None) -> Decimal | None:
        """A value as every door gives it: money to the ten-thousandth, shares and points to the millionth, people whole.

        >>> from . import registry
        >>> registry.kpis()["revenue"].exact(123400), registry.kpis()["churn"].exact(1 / 3)
        (Decimal('12.3400'), Decimal('0.333333'))
        """
        if value is None or not np.isfinite(value):
            return None
        if self.unit == MONEY:
            return amount(value)
        return Decimal(round(value)) if self.unit == PEOPLE else Decimal(f"{value:.6f}")


def share(part: int, whole: int, **parts: Any) -> Figure:
    """A share with Wilson's interval; nothing of nobody."""
    from vincle.science.proportions import wilson

    return Figure(part / whole, *wilson(part, whole), of=whole, parts=parts) if whole else missing("nobody", **parts)
