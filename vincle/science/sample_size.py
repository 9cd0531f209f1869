"""How many people an experiment needs, said before it begins.

The usual formulas of two independent groups (Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions, 3rd ed., 2003, chapter 4,
without correction for continuity), for groups of unequal size. Reading a result again and again needs more people than reading it once: by
how much follows from the bound of `sequential`.
"""

from math import ceil, inf, sqrt
from statistics import NormalDist
from typing import Final

from scipy.optimize import brentq

from .sequential import radius

ALPHA: Final = 0.05
POWER: Final = 0.8


def for_shares(base: float, other: float, share: float = 0.5, *, alpha: float = ALPHA, power: float = POWER, often: bool = True) -> float:
    """People of both groups together, to tell a share of `other` from one of `base`; `share` of them in the group of `base`.

    `often`: read as often as one likes (`sequential`); else once, at the end. Infinite where there is nothing to tell apart.
    ValueError for what is no share.

    >>> round(for_shares(0.5, 0.75, power=0.9, often=False) / 2, 2)
    76.71
    """
    _check(base, other, share)
    if base == other:
        return inf
    pooled = share * base + (1 - share) * other
    without = _reach(alpha, often) * sqrt(pooled * (1 - pooled) * (1 / share + 1 / (1 - share)))
    within = _z(power) * sqrt(base * (1 - base) / share + other * (1 - other) / (1 - share))
    return ((without + within) / (base - other)) ** 2


def for_means(gap: float, deviation: float, share: float = 0.5, *, alpha: float = ALPHA, power: float = POWER, often: bool = True) -> float:
    """People of both groups together, to tell means `gap` apart, each value with this standard deviation.

    >>> round(for_means(1, 1, power=0.9, often=False) / 2, 2)
    21.01
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of {share}")
    if not gap:
        return inf
    return (_reach(alpha, often) + _z(power)) ** 2 * deviation**2 * (1 / share + 1 / (1 - share)) / gap**2


def gap_seen(
    base: float, people: float, share: float = 0.5, *, alpha: float = ALPHA, power: float = POWER, often: bool = True
) -> float | None:
    """By how much a share must rise above `base` for so many people to show it; None where even all of them would not.

    >>> round(gap_seen(0.5, 2 * 76.711, power=0.9, often=False), 3)
    0.25
    """
    _check(base, base, share)
    most = 1 - base - 1e-9

    def lacking(gap: float) -> float:
        return for_shares(base, base + gap, share, alpha=alpha, power=power, often=often) - people

    if people < 2 or most <= 1e-9 or lacking(most) > 0:
        return None
    return float(brentq(lacking, 1e-9, most))


def price_of_looking(alpha: float = ALPHA, power: float = POWER) -> float:
    """How many times as many people it takes to read as often as one likes, beside reading once.

    >>> round(price_of_looking(), 2)
    1.91
    """
    return ((_reach(alpha, True) + _z(power)) / (_reach(alpha, False) + _z(power))) ** 2


def whole(people: float) -> int | None:
    """A number of people to say; None for one without end."""
    return None if people == inf else ceil(people)


def _reach(alpha: float, often: bool) -> float:
    return radius(1, 1, alpha) if often else _z(1 - alpha / 2)


def _z(share: float) -> float:
    return NormalDist().inv_cdf(share)


def _check(base: float, other: float, share: float) -> None:
    if not (0 <= base <= 1 and 0 <= other <= 1 and 0 < share < 1):
        raise ValueError(f"shares of {base} and {other}, {share} of them in one group")
