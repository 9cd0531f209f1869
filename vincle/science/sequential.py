"""Reading an experiment while it runs, as often as one likes, without being led astray by the looking.

Both readings hold at all times together: without an effect, the share of experiments that are ever called sure is at most `alpha`.

`ratio`: how many times as often something happens to one group. A mixture of likelihood ratios over the order in which people of the two
groups came to it (the safe log-rank test: Groenwald, Ly, Perez-Ortiz, ter Schure, arXiv:2011.06931; the mixture: Robbins, Ann. Math.
Statist. 41, 1970, 1397-1409). Who is next to act was drawn into a group by lot, so without an effect it is exact for any number of people.

`difference`: of means, such as money a person. The two-sided normal mixture (Howard, Ramdas, McAuliffe, Sekhon, Ann. Statist. 49, 2021,
1055-1080) over the variance gathered so far; it holds as the central limit theorem does. What people spend only adds up, so looks are
more alike than those at a Brownian motion, and the bound is on the safe side (Slepian's inequality).
"""

from math import copysign, exp, inf, log, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import lambertw, logsumexp

Floats = NDArray[np.float64]
SPREAD: Final = 0.5
"""Standard deviation of the logarithm of ratios one expects to meet: most lie between 0.4 and 2.7."""
FARTHEST: Final = 8.0
GRID: Final[Floats] = np.linspace(-3.0, 3.0, 241)
PIECE: Final = 8_192


class Reading(NamedTuple):
    """`value` within [low, high] at all times with the confidence asked for; `p` may be read at any time. NaN: nothing happened yet."""

    value: float
    low: float
    high: float
    p: float

    def excludes(self, nothing: float) -> bool:
        """Whether what would be no effect lies outside."""
        return self.low > nothing or self.high < nothing


class Order(NamedTuple):
    """Each event in order of time: is it of the first group, and how many of each group it could have been then."""

    is_first: NDArray[np.bool_]
    first: Floats
    second: Floats


def order(is_first: ArrayLike, begins: ArrayLike, happened: ArrayLike, window: float = inf) -> Order:
    """Events of people [n]: their group, since when they count, when it happened (NaN: did not); each counts for `window` from its begin.

    Times in any one unit. What happened before someone counted, or after their window, did not happen.

    >>> order([True, False, True], [0, 0, 0], [3, 1, float("nan")])
    Order(is_first=array([False,  True]), first=array([2., 2.]), second=array([1., 0.]))
    """
    group, begin, event = np.asarray(is_first, bool), np.asarray(begins, np.float64), np.asarray(happened, np.float64)
    ends = begin + window
    counts = ~np.isnan(event) & (event >= begin) & (event <= ends)
    sequence = np.flatnonzero(counts)[np.argsort(event[counts], kind="stable")]
    times, theirs = event[sequence], group[sequence]
    risks = []
    for side in (group, ~group):
        came = np.searchsorted(np.sort(begin[side]), times, "right")
        gone = np.searchsorted(np.sort(ends[side & ~counts]), times, "left")
        acted = np.cumsum(theirs if side is group else ~theirs) - (theirs if side is group else ~theirs)
        risks.append((came - gone - acted).astype(np.float64))
    return Order(theirs, risks[0], risks[1])


def ratio(events: Order, alpha: float = 0.05) -> Reading:
    """How many times as often it happens to the first group as to the second (the ratio of hazards). ValueError for an impossible alpha.

    >>> reading = ratio(order([True] * 40 + [False] * 40, [0] * 80, [*range(40), *[float("nan")] * 40]))
    >>> reading.excludes(1), reading.high
    (True, inf)
    """
    _check(alpha)
    if not events.is_first.size:
        return Reading(float("nan"), 0.0, inf, 1.0)
    evidence = log_evidence(events)
    least = float(evidence[-1]) - log(1 / alpha)
    value = _likeliest(events)
    return Reading(exp(value), *_within(events, value, least), p=min(1.0, exp(-max(0.0, _best(events, evidence)))))


def log_evidence(events: Order) -> Floats:
    """Logarithm of the mixture of likelihoods after each event [m], against a likelihood that is left out: see `log_likelihood`."""
    weights = -0.5 * (GRID / SPREAD) ** 2
    weights -= logsumexp(weights)
    found, before = np.empty(events.is_first.size), np.zeros(GRID.size)
    for at in range(0, events.is_first.size, PIECE):
        some = slice(at, at + PIECE)
        steps = _steps(Order(events.is_first[some], events.first[some], events.second[some]), GRID)
        reached = before + np.cumsum(steps, axis=0)
        found[at : at + PIECE] = logsumexp(reached + weights, axis=1)
        before = reached[-1]
    return found


def log_likelihood(events: Order, logarithm: float) -> float:
    """Logarithm of the likelihood of the order of events, if it happened exp(`logarithm`) times as often to the first group."""
    return float(_steps(events, np.array([logarithm])).sum())


def _best(events: Order, evidence: Floats) -> float:
    """The strongest evidence against 'no effect' met on the way (logarithm)."""
    return float((evidence - np.cumsum(_steps(events, np.zeros(1))[:, 0])).max())


def _steps(events: Order, logarithms: Floats) -> Floats:
    """[m, k]: of each event, the logarithm of the chance that it was of the group it was of, at each ratio."""
    with np.errstate(divide="ignore"):
        first, second = np.log(events.first)[:, None] + logarithms, np.log(events.second)[:, None]
    return np.asarray(np.where(events.is_first[:, None], first, second) - np.logaddexp(first, second))


def _slope(events: Order, logarithm: float) -> float:
    first = events.first * exp(logarithm)
    return float((events.is_first - first / (first + events.second)).sum())


def _likeliest(events: Order) -> float:
    """Logarithm of the likeliest ratio; endless where one group alone could have acted or did."""
    if _slope(events, -FARTHEST) <= 0:
        return -inf
    if _slope(events, FARTHEST) >= 0:
        return inf
    return float(brentq(lambda at: _slope(events, at), -FARTHEST, FARTHEST))


def _within(events: Order, value: float, least: float) -> tuple[float, float]:
    """The ratios whose likelihood is at least `least` (logarithm): it falls on both sides of the likeliest."""
    middle = min(max(value, -FARTHEST), FARTHEST)

    def short(at: float) -> float:
        return least - log_likelihood(events, at)

    def limit(far: float) -> float:
        if middle == far or short(far) <= 0:
            return copysign(inf, far)
        return float(brentq(short, middle, far))

    return exp(limit(-FARTHEST)), exp(limit(FARTHEST))


class Moments(NamedTuple):
    """Of one group: how many people, the sum of their values, the sum of the squares."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Of one person's value; 0 where fewer than two are known."""
        return max(0.0, (self.squares - self.total * self.mean) / (self.people - 1)) if self.people > 1 else 0.0


def difference(first: Moments, second: Moments, planned: float | None = None, alpha: float = 0.05) -> Reading:
    """How much more on average a person of the first group; values grow over time and are never taken back but by little.

    `planned`: the variance of one person's value expected at the end, said beforehand; there the interval is narrowest. Without it the
    interval is narrowest now, which holds while the variance grows thirtyfold between first and last look. ValueError as `ratio`.

    >>> reading = difference(Moments(900, 9_000.0, 190_000.0), Moments(100, 500.0, 9_000.0))
    >>> reading.value, round(reading.low, 2), round(reading.high, 2)
    (5.0, 1.66, 8.34)
    """
    _check(alpha)
    if first.people < 2 or second.people < 2:
        return Reading(float("nan"), -inf, inf, 1.0)
    gathered = max(_variance(first, second), first.variance / first.people + second.variance / second.people)
    value = first.mean - second.mean
    if gathered <= 0:
        return Reading(value, -inf, inf, 1.0)
    expected = gathered if planned is None or planned <= 0 else planned * (1 / first.people + 1 / second.people)
    reach, calm = radius(gathered, expected, alpha), calmness(expected, alpha)
    strength = value**2 / (2 * (gathered + calm)) - 0.5 * log((gathered + calm) / calm)
    return Reading(value, value - reach, value + reach, min(1.0, exp(-min(max(strength, 0.0), 700.0))))


def _variance(first: Moments, second: Moments) -> float:
    """Of the difference of means, as if both groups were one: what it is without an effect."""
    both = Moments(first.people + second.people, first.total + second.total, first.squares + second.squares)
    return both.variance * (1 / first.people + 1 / second.people)


def radius(gathered: float, expected: float, alpha: float = 0.05) -> float:
    """How far a Brownian motion strays at no time, but with the chance `alpha`: at variance `gathered`, narrowest near `expected`.

    >>> round(radius(1, 1), 3), round(radius(1, 1, 0.01), 3)
    (3.035, 3.572)
    """
    calm = calmness(expected, alpha)
    return sqrt((gathered + calm) * log((gathered + calm) / (calm * alpha**2)))


def calmness(expected: float, alpha: float = 0.05) -> float:
    """The mixture's constant that makes `radius` least at a variance of `expected` (Howard et al., proposition 3)."""
    return expected / (-float(lambertw(-(alpha**2) / np.e, -1).real) - 1)


def _check(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"an alpha of {alpha}")
