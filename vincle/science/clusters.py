"""Groups of people in a table of features, where there are any: k-means, its number of groups, and whether chance explains them.

What is found has to be tighter than in tables without groups that are like this one in everything else: the same values in each column,
correlated in the same way, but grown from one cloud (a Gaussian copula). So neither a skewed column, nor a column of two values, nor
columns that go together are taken for groups. Where columns themselves are cleft, that cloud falls into pieces as well: there groups may
instead be tighter than in a round cloud, and than if each column went its own way, if several columns tell them apart and hardly
anybody stands between. Between any two groups
there have to be fewer people than in the thinner of them: one cloud, however flat, has no valley. Of the numbers of groups that pass,
those are kept whose groups come back when people are drawn anew; of these the one with the highest silhouette or, of nearly equal ones,
with more groups.

Sources: the gap statistic (Tibshirani, Walther and Hastie, J. R. Statist. Soc. B 63, 2001, 411-423) against a reference of one cloud as in
SigClust (Liu et al., JASA 103, 2008, 1281-1293), drawn by NORTA (Cario and Nelson, 1997); stability by Jaccard's index over bootstraps
(Hennig, Computational Statistics and Data Analysis 52, 2007, 258-271: from .75 on a group is valid, below .6 it is not to be trusted);
silhouettes (Rousseeuw, J. Comput. Appl. Math. 20, 1987, 53-65).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata

from ._kmeans import distances, kmeans, nearest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Why = Literal["", "few people", "few features", "no groups", "not stable", "too small"]

FEWEST_PEOPLE: Final = 60
MOST_GROUPS: Final = 8
SAMPLE: Final = 1_200
"""People on whom references, stability and silhouettes are worked out; groups themselves are fitted on `FITTED` of them."""
FITTED: Final = 20_000
REFERENCES: Final = 40
FIRST: Final = 10
"""References after which numbers of groups are let go that are no tighter than `UNLIKELY` standard deviations: chance explains them."""
UNLIKELY: Final = 1.5
SURE: Final = 3.0
"""So many standard deviations of the references the groups have to be tighter than theirs."""
BOOTSTRAPS: Final = 20
VALID: Final = 0.75
TRUSTED: Final = 0.6
SMALLEST: Final = 0.02
VALLEY: Final = 0.8
"""At most so many stand half-way between two groups, for each that stands at the middle of the thinner one."""
CLEFT: Final = 0.35
"""At most so many where the columns themselves are cleft: there a round cloud is the reference."""
BROAD: Final = 2.5
"""By so many features at least groups differ where the reference is round: one column of two values is no group."""
BLUR: Final = 0.15
ALIKE: Final = 0.9
"""Silhouettes that are nearly equal."""
_CLIP: Final = 3.0


@dataclass(frozen=True)
class Groups:
    """`labels`: the group of each row, largest group first; empty where none were found, and `why` says what was missing.

    `nearness`: how much nearer each row is to its own group's middle than to the next one's, -1 to 1. `stability`: Jaccard's index of
    each group. `excess`: by number of groups, standard deviations by which they are tighter than those of a cloud with these columns;
    `cleft`: of a round one, `silhouettes` and `stabilities` (of the weakest group), each where that was looked at.
    """

    why: Why
    labels: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    nearness: Floats = field(default_factory=lambda: np.empty(0))
    stability: Floats = field(default_factory=lambda: np.empty(0))
    silhouette: float = float("nan")
    excess: dict[int, float] = field(default_factory=dict)
    cleft: dict[int, float] = field(default_factory=dict)
    silhouettes: dict[int, float] = field(default_factory=dict)
    stabilities: dict[int, float] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """How many groups; 0: none."""
        return int(self.labels.max()) + 1 if self.labels.size else 0


def find(
    table: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, seed: int = 0, told: Callable[[float], None] | None = None
) -> Groups:
    """Groups among the rows of `table` [people, features], or why there are none.

    Numbers should not be very skewed (take logarithms of counts); flags are 0 and 1; `weights`: how much each column counts (1 each).
    The same table and seed give the same groups. `told` is called with the share of the work that is done, and may raise to end it.
    ValueError unless `table` is two-dimensional, finite, and has a weight for each column.

    >>> chance = np.random.default_rng(1)
    >>> cloud = chance.normal(size=(300, 4))
    >>> find(cloud).why
    'no groups'
    >>> cloud[:100, :2] += 6; cloud[200:, 2:] -= 6
    >>> found = find(cloud)
    >>> found.k, np.bincount(found.labels).tolist()
    (3, [100, 100, 100])
    """
    values = standardised(table, weights)
    if values.shape[0] < FEWEST_PEOPLE:
        return Groups("few people")
    if values.shape[1] < 2:
        return Groups("few features")
    chance = np.random.default_rng(seed)
    say = told or (lambda share: None)
    sample = values[np.sort(chance.choice(len(values), min(SAMPLE, len(values)), replace=False))]
    excess = _excess(sample, _alike(sample, chance), chance, lambda share: say(0.5 * share))
    return _Look(values, sample, excess, chance, say).choose()


class _Look:
    """Of the numbers of groups that are more than chance, the most telling that comes back."""

    def __init__(
        self, values: Floats, sample: Floats, excess: dict[int, float], chance: np.random.Generator, say: Callable[[float], None]
    ) -> None:
        self.values, self.sample, self.excess, self.chance, self.say = values, sample, excess, chance, say
        self.cleft: dict[int, float] = {}
        self.silhouettes: dict[int, float] = {}
        self.stabilities: dict[int, Floats] = {}

    def choose(self) -> Groups:
        small = False
        for place, k in enumerate(self.excess):
            small = self._judge(k) or small
            self.say(0.5 + 0.45 * (place + 1) / len(self.excess))
        weakest = {k: float(found.min()) for k, found in self.stabilities.items()}
        told = Groups("no groups", excess=self.excess, cleft=self.cleft, silhouettes=self.silhouettes, stabilities=weakest)
        stand = [k for k in weakest if weakest[k] >= TRUSTED and self.stabilities[k].mean() >= VALID]
        if not stand:
            return replace(told, why="not stable" if weakest else "too small" if small else "no groups")
        best = max(k for k in stand if self.silhouettes[k] >= ALIKE * max(self.silhouettes[each] for each in stand))
        return self._fitted(best, told)

    def _judge(self, k: int) -> bool:
        """Note how well k groups are apart and come back, if there are valleys between them; whether one of them is too small."""
        labels = nearest(self.sample, kmeans(self.sample, k, self.chance))[0]
        if np.bincount(labels, minlength=k).min() < max(5, SMALLEST * len(self.sample)):
            return self.excess[k] > SURE
        deep = valley(self.sample, labels)
        if (self.excess[k] > SURE and deep <= VALLEY) or (deep <= CLEFT and self._is_cleft(k, labels)):
            self.silhouettes[k] = float(silhouette(self.sample, labels).mean())
            self.stabilities[k] = stability(self.sample, labels, self.chance)
        return False

    def _is_cleft(self, k: int, labels: Ints) -> bool:
        """Whether several columns tell k groups apart, more so than in a round cloud and than if each column went its own way."""
        if breadth(self.sample, labels) < BROAD:
            return False
        self.cleft[k] = self._beyond(_round(self.sample), k)
        return self.cleft[k] > SURE and self._beyond(lambda chance: _shuffled(self.sample, chance), k) > SURE

    def _beyond(self, draw: "Draw", k: int) -> float:
        return _excess(self.sample, draw, self.chance, lambda share: None, range(k, k + 1))[k]

    def _fitted(self, k: int, told: Groups) -> Groups:
        rows = np.sort(self.chance.choice(len(self.values), min(FITTED, len(self.values)), replace=False))
        middles = kmeans(self.values[rows], k, self.chance)
        labels, near = nearest(self.values, middles)
        middles = middles[np.argsort(-np.bincount(labels, minlength=k), kind="stable")]
        labels, near = nearest(self.values, middles)
        own = stability(self.sample, nearest(self.sample, middles)[0], self.chance, k)
        self.say(1.0)
        return replace(told, why="", labels=labels, nearness=near, stability=own, silhouette=self.silhouettes[k])


def standardised(table: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Floats:
    """Columns of mean 0 and spread 1 (times the root of their weight), cut at three standard deviations; those without spread left out."""
    values = np.asarray(table, np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("a table of finite numbers, people by features")
    weigh = np.ones(values.shape[1]) if weights is None else np.asarray(weights, np.float64)
    if weigh.shape != (values.shape[1],) or (weigh < 0).any():
        raise ValueError("one weight for each feature, none below nothing")
    spread = values.std(axis=0) if len(values) else np.zeros(values.shape[1])
    kept = (spread > 1e-9) & (weigh > 0)
    if not kept.any():
        return np.empty((len(values), 0))
    chosen = (values[:, kept] - values[:, kept].mean(axis=0)) / spread[kept]
    return np.asarray(np.clip(chosen, -_CLIP, _CLIP) * np.sqrt(weigh[kept]))


Draw = Callable[[np.random.Generator], Floats]


def _excess(
    sample: Floats, draw: Draw, chance: np.random.Generator, say: Callable[[float], None], numbers: range | None = None
) -> dict[int, float]:
    """By number of groups: standard deviations by which they are tighter than in tables of one cloud, as `draw` makes them."""
    asked = list(numbers or range(2, min(MOST_GROUPS, len(sample) // 15) + 1))
    ours = dict(zip(asked, _tightness(sample, asked, chance), strict=True))
    found: dict[int, list[float]] = {k: [] for k in asked}
    for place in range(REFERENCES):
        if place == FIRST:
            asked = [k for k in asked if _beyond(ours[k], found[k]) >= UNLIKELY]
        if asked:
            for k, tight in zip(asked, _tightness(draw(chance), asked, chance), strict=True):
                found[k].append(tight)
        say((place + 1) / REFERENCES)
    return {k: _beyond(ours[k], each) for k, each in found.items()}


def _beyond(ours: float, theirs: Sequence[float]) -> float:
    return float((np.mean(theirs) - ours) / max(float(np.std(theirs, ddof=1)), 1e-9))


def _tightness(values: Floats, numbers: Sequence[int], chance: np.random.Generator) -> list[float]:
    """log of the mean squared distance to one's group's middle, relative to that to the middle of all."""
    total = float(((values - values.mean(axis=0)) ** 2).sum())
    within = [float(distances(values, kmeans(values, k, chance, starts=3)).min(axis=1).sum()) for k in numbers]
    return [float(each) for each in np.log(np.maximum(within, 1e-12 * total) / total)]


def _round(sample: Floats) -> Draw:
    """One cloud without corners: Gaussian, with the covariances of `sample`."""
    values, vectors = np.linalg.eigh(np.cov(sample, rowvar=False))
    spread = vectors * np.sqrt(np.clip(values, 0, None))
    return lambda chance: np.asarray(chance.normal(size=sample.shape) @ spread.T)


def _shuffled(sample: Floats, chance: np.random.Generator) -> Floats:
    """Columns that go each its own way."""
    return np.asarray(chance.permuted(sample, axis=0))


def _alike(sample: Floats, chance: np.random.Generator) -> Draw:
    """One cloud with the values of the columns of `sample`."""
    root = _cloud(sample, chance)
    return lambda chance: _drawn(sample, root, len(sample), chance)


def _cloud(sample: Floats, chance: np.random.Generator) -> Floats:
    """The root of the correlations of a Gaussian cloud that gives, through the columns' own values, the correlations of `sample`."""
    wanted = _correlations(sample)
    scores = norm.ppf(rankdata(sample, axis=0) / (len(sample) + 1))
    guess = _correlations(np.asarray(scores))
    for _turn in range(4):
        got = _correlations(_drawn(sample, _root(guess), 4 * len(sample), chance))
        near = np.abs(got) < 0.02
        step = np.where(near, 1.0, wanted / np.where(near, 1.0, got))
        guess = np.asarray(np.clip(guess * np.clip(step, 0.5, 2.0), -0.999, 0.999))
        np.fill_diagonal(guess, 1.0)
    return _root(guess)


def _correlations(values: Floats) -> Floats:
    return np.asarray(np.nan_to_num(np.corrcoef(values, rowvar=False)))


def _root(correlations: Floats) -> Floats:
    values, vectors = np.linalg.eigh((correlations + correlations.T) / 2)
    root = vectors * np.sqrt(np.clip(values, 1e-9, None))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))


def _drawn(sample: Floats, root: Floats, rows: int, chance: np.random.Generator) -> Floats:
    """Rows of one cloud whose columns have the values of `sample`."""
    cloud = chance.normal(size=(rows, root.shape[1])) @ root.T
    place = np.minimum((norm.cdf(cloud) * len(sample)).astype(np.int64), len(sample) - 1)
    return np.asarray(np.take_along_axis(np.sort(sample, axis=0), place, axis=0))


def silhouette(values: Floats, labels: Ints) -> Floats:
    """Rousseeuw's silhouette of each row: -1 to 1, 0 for a group of one. Needs the distances of all pairs.

    >>> silhouette(np.array([[0.0], [0.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])).round(4).tolist()
    [1.0, 1.0, 0.6667, 0.75]
    """
    apart = np.sqrt(distances(values, values))
    k = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=k)
    sums = apart @ np.eye(k)[labels]
    rows = np.arange(len(labels))
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    means = sums / np.maximum(sizes, 1)
    means[rows, labels] = np.inf
    means[:, sizes == 0] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(own, other)
    found = np.divide(other - own, larger, out=np.zeros(len(labels)), where=(larger > 0) & np.isfinite(larger))
    return np.where(sizes[labels] > 1, found, 0.0)


def valley(values: Floats, labels: Ints) -> float:
    """Of the two groups least apart: how thick people stand half-way between their middles, for each at the middle of the thinner one.

    >>> valley(np.linspace(0, 1, 400)[:, None], np.repeat([0, 1], 200)) > 0.9
    True
    """
    middles = _middles(values, labels)
    worst = 0.0
    for one in range(len(middles)):
        for other in range(one):
            line = middles[other] - middles[one]
            both = values[(labels == one) | (labels == other)]
            along = (both - middles[one]) @ line / max(float(line @ line), 1e-12)
            here, between, there = (float(np.exp(-(((along - at) / BLUR) ** 2) / 2).sum()) for at in (0.0, 0.5, 1.0))
            worst = max(worst, between / max(min(here, there), 1e-9))
    return worst


def breadth(values: Floats, labels: Ints) -> float:
    """Of the two groups that fewest features tell apart: how many those are (the participation ratio of the squared differences).

    >>> breadth(np.array([[0.0, 0, 1], [0, 0, 1], [2, 2, 1], [2, 2, 1]]), np.array([0, 0, 1, 1]))
    2.0
    """
    middles = _middles(values, labels)
    apart = [(middles[one] - middles[other]) ** 2 for one in range(len(middles)) for other in range(one)]
    return min(float(each.sum() ** 2 / max(float((each**2).sum()), 1e-12)) for each in apart)


def _middles(values: Floats, labels: Ints) -> Floats:
    return np.stack([values[labels == group].mean(axis=0) for group in range(int(labels.max()) + 1)])


def stability(values: Floats, labels: Ints, chance: np.random.Generator, k: int = 0) -> Floats:
    """Of each group: the mean of Jaccard's index with the most like group that is found when rows are drawn anew."""
    k = k or int(labels.max()) + 1
    found = np.zeros((BOOTSTRAPS, k))
    for turn in range(BOOTSTRAPS):
        rows = np.unique(chance.integers(0, len(values), len(values)))
        again = nearest(values[rows], kmeans(values[rows], k, chance))[0]
        found[turn] = _likeness(labels[rows], again, k).max(axis=1)
    return np.asarray(found.mean(axis=0))


def _likeness(one: Ints, other: Ints, k: int) -> Floats:
    """Jaccard's index of each group of `one` with each of `other`."""
    both = np.bincount(one * k + other, minlength=k * k).reshape(k, k).astype(np.float64)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    return np.asarray(both / np.maximum(either, 1))
