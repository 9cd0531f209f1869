"""An experiment that settles what a touchpoint brings: some people, or some places, go without it by lot.

People: how many it takes, and what came out (`lift`, which may be read at any time). Places (shops, towns, regions): where people cannot be
drawn one by one; each place is compared with itself before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from vincle.science import lift as lifting
from vincle.science import sample_size

from .paths import Floats

ALPHA: Final = 0.05
POWER: Final = 0.8
FEWEST_PLACES: Final = 6


@dataclass(frozen=True)
class Design:
    """How many people with the touchpoint (`treated`) and without (`held`), and `days` to find them where their number a day is known.

    `converting` and `converting_held`: how many of each are expected to convert if the lift is as assumed. `enough`: whether those who are
    there suffice; `least_seen`: the relative lift that they would show (None: not even the largest).
    """

    treated: int
    held: int
    base: float
    relative_lift: float
    alpha: float
    power: float
    often: bool
    available: int | None
    enough: bool
    least_seen: float | None
    days: int | None
    converting: float
    converting_held: float

    @property
    def people(self) -> int:
        return self.treated + self.held


def design(
    base: float, relative_lift: float, *, held_share: float = 0.5, alpha: float = ALPHA, power: float = POWER, often: bool = True,
    available: int | None = None, a_day: float | None = None,
) -> Design:  # fmt: skip
    """An experiment on people: `base` is the share that converts without the touchpoint, `relative_lift` the least that is worth knowing
    (.1: a tenth more). `held_share` of the people go without; `often`: the result may be read at any time, which takes more people.

    ValueError for a base that is no share, or a lift that is not above 0 or leads beyond everybody.

    >>> found = design(0.1, 0.2, often=False)
    >>> found.treated, found.held
    (3841, 3841)
    """
    other = base * (1 + relative_lift)
    if not (0 < base < 1 and relative_lift > 0 and other < 1):
        raise ValueError(f"a lift of {relative_lift} over a share of {base}")
    need = sample_size.for_shares(base, other, held_share, alpha=alpha, power=power, often=often)
    held = sample_size.whole(need * held_share) or 0
    treated = sample_size.whole(need * (1 - held_share)) or 0
    is_enough = available is None or available >= treated + held
    seen = None
    if available is not None:
        gap = sample_size.gap_seen(base, available, held_share, alpha=alpha, power=power, often=often)
        seen = None if gap is None else gap / base
    days = sample_size.whole((treated + held) / a_day) if a_day else None
    return Design(
        treated, held, base, relative_lift, alpha, power, often, available, is_enough, seen, days, treated * other, held * base
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """`lift`: conversions more than without, relative (.1: a tenth more), within [low, high] at any time it is read; `because`: how many of
    those with the touchpoint converted because of it. `money`: more value by it. `p`: how likely so much by chance alone."""

    treated: int
    held: int
    rate: float
    rate_held: float
    lift: float
    low: float
    high: float
    p: float
    because: float
    because_low: float
    because_high: float
    money: float
    money_low: float
    money_high: float
    is_sure: bool

    @property
    def verdict(self) -> str:
        """`works`, `harms` or `open`."""
        if not self.is_sure:
            return "open"
        return "works" if self.lift > 0 else "harms"


def outcome(treated: lifting.People, held: lifting.People, *, window: float = inf, alpha: float = ALPHA) -> Outcome:
    """What came out for people with the touchpoint and without. A group without people says nothing: nan, and the widest interval."""
    found = lifting.lift(treated, held, window=window, alpha=alpha)
    times, because, money = found.times, found.because, found.money
    rise, low, high = (_relative(treated.acted, each) for each in (because.value, because.low, because.high))
    return Outcome(
        treated.size, held.size, treated.share, held.share, rise, low, high, times.p, because.value,
        because.low, because.high, money.value, money.low, money.high, found.is_sure,
    )  # fmt: skip


def _relative(acted: int, because: float) -> float:
    """Conversions more than there would have been without."""
    anyway = acted - because
    return acted / anyway - 1 if anyway else (inf if acted else nan)


def of_counts(treated: int, converted: int, held: int, converted_held: int, *, alpha: float = ALPHA) -> Outcome:
    """The same where only numbers are known: of `treated` people `converted` did, of `held` `converted_held`; they are taken to have
    converted evenly over time. ValueError for more conversions than people."""
    if not (0 <= converted <= treated and 0 <= converted_held <= held):
        raise ValueError("more conversions than people")
    return outcome(_people(treated, converted), _people(held, converted_held), alpha=alpha)


def _people(size: int, acted: int) -> lifting.People:
    first = np.full(size, np.nan)
    first[:acted] = (np.arange(acted) + 0.5) / max(acted, 1)
    return lifting.People.of(np.zeros(size), first)


@dataclass(frozen=True)
class Places:
    """By lot which `treated` places get the touchpoint; places that were alike before stand in pairs, one of each side."""

    treated: tuple[str, ...]
    held: tuple[str, ...]


def draw_places(names: Sequence[str], before: ArrayLike, seed: int) -> Places:
    """Split places in two by lot: ranked by what they brought `before`, neighbours are a pair, and a coin says which gets it. An odd
    one out is left out. ValueError for fewer than six places or a name twice."""
    sizes = np.asarray(before, np.float64)
    if len(names) < FEWEST_PLACES or len(set(names)) < len(names) or sizes.shape != (len(names),):
        raise ValueError(f"{len(names)} places: {FEWEST_PLACES} or more, each named once, are wanted")
    order = np.argsort(-sizes, kind="stable").tolist()
    coins = np.random.default_rng(seed).integers(0, 2, len(names) // 2).tolist()
    pairs = [(order[2 * at + coin], order[2 * at + 1 - coin]) for at, coin in enumerate(coins)]
    return Places(tuple(names[one] for one, _ in pairs), tuple(names[other] for _, other in pairs))


@dataclass(frozen=True)
class PlacesOutcome:
    """`lift`: relative, within [low, high], read once at the end; `more`: of whatever was counted, by all treated places together."""

    lift: float
    low: float
    high: float
    p: float
    more: float
    more_low: float
    more_high: float
    is_sure: bool


def outcome_of_places(
    treated_before: ArrayLike, treated_after: ArrayLike, held_before: ArrayLike, held_after: ArrayLike, *, alpha: float = ALPHA
) -> PlacesOutcome:
    """Places before and during (same length of time): the mean change of the logarithm of treated places less that of held ones, with
    Welch's interval. ValueError for fewer than two places a side, or one that brought nothing before or during."""
    change = [_change(before, after) for before, after in ((treated_before, treated_after), (held_before, held_after))]
    gap = float(change[0].mean() - change[1].mean())
    parts = [float(each.var(ddof=1)) / each.size for each in change]
    error = sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(part**2 / (each.size - 1) for part, each in zip(parts, change, strict=True)) if error else 1.0
    reach = float(student.ppf(1 - alpha / 2, freedom)) * error
    p = float(2 * student.sf(abs(gap) / error, freedom)) if error else float(gap == 0)
    during = float(np.asarray(treated_after, np.float64).sum())
    low, high = gap - reach, gap + reach
    more, least, most = (during * -float(np.expm1(-each)) for each in (gap, low, high))
    lift, lowest, highest = (float(np.expm1(each)) for each in (gap, low, high))
    return PlacesOutcome(lift, lowest, highest, p, more, least, most, not low <= 0 <= high)


def _change(before: ArrayLike, after: ArrayLike) -> Floats:
    one, other = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if one.shape != other.shape or one.size < 2:
        raise ValueError("two places or more a side, each before and during")
    if not all(isfinite(each) and each > 0 for each in (*one.tolist(), *other.tolist())):
        raise ValueError("a place that brought nothing before or during cannot be compared")
    found: Floats = np.log(other / one)
    return found
