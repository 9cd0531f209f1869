"""How many times as often something happens to those who met with a thing, among people who are otherwise alike.

Source: the pooled risk ratio of Mantel and Haenszel with the variance of Greenland and Robins (Biometrics 41, 1985, 55-68).
"""

from collections.abc import Iterable
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple


class Stratum(NamedTuple):
    """People alike: those who met with it and those who did not, and how many of each it happened to."""

    met_happened: int
    met: int
    other_happened: int
    other: int


class Ratio(NamedTuple):
    """`value` times as often, within [low, high]."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.low > 1 or self.high < 1


def ratio(strata: Iterable[Stratum], confidence: float = 0.95) -> Ratio | None:
    """The risk ratio over all strata with its interval; None where it cannot be told (nobody, or nothing happened to either side).

    ValueError for counts that cannot be, and for a confidence outside 0 to 1.

    >>> found = ratio([Stratum(30, 100, 20, 100)])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.5, 0.916, 2.456)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}")
    up = down = spread = 0.0
    for a, n1, c, n0 in strata:
        if not (0 <= a <= n1 and 0 <= c <= n0):
            raise ValueError(f"{a} of {n1}, {c} of {n0}")
        whole = n1 + n0
        if not n1 or not n0:
            continue
        up, down = up + a * n0 / whole, down + c * n1 / whole
        spread += ((a + c) * n1 * n0 - a * c * whole) / whole**2
    if not up or not down:
        return None
    value = up / down
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(spread / (up * down))
    return Ratio(value, exp(log(value) - reach), exp(log(value) + reach))
