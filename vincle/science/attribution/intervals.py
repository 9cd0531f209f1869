"""How sure each credit is: what it would have been, had other journeys like these come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy import sparse

from . import heuristics, markov, shapley
from ._chain import Chain, chain
from ._equal import numbered
from .attributing import MODELS, agreement
from .paths import Floats, Paths, summed

DRAWS: Final = 200
LEVEL: Final = 0.9
CELLS: Final = 40_000
"""Kinds of journeys that are drawn one by one; of more, journeys are put into random groups first, and groups are drawn."""
GROUPS: Final = 2_000
JOURNEYS: Final = 20_000_000
PIECE: Final = 1 << 23


def affordable(counted: Chain, seconds: float) -> int:
    """How many draws of such a chain take about so many seconds, whatever the machine is busy with; `DRAWS` at most."""
    each = 0.0005 if counted.size <= markov.DRAWN else 0.008 + 35e-9 * counted.origin.size * (counted.channels + 1)
    return min(DRAWS, int(seconds / each))


class Interval(NamedTuple):
    """In conversions."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Intervals:
    """`low` and `high` by model: [channels], in conversions, in the order of `channels`; likewise of removal effects and agreement."""

    channels: tuple[str, ...]
    level: float
    draws: int
    low: Mapping[str, Floats]
    high: Mapping[str, Floats]
    removal_low: Floats
    removal_high: Floats
    agreement: Interval

    def of(self, channel: str, model: str) -> Interval:
        """KeyError for a model, ValueError for a channel that is not there."""
        at = self.channels.index(channel)
        return Interval(float(self.low[model][at]), float(self.high[model][at]))


class _Units(NamedTuple):
    """What is drawn `times` times, each with its `chance` [u]: the journeys in it along each path, converted or not [u x paths]."""

    won: sparse.csr_array
    lost: sparse.csr_array
    chance: Floats
    times: int


class _Drawn(NamedTuple):
    """By draw: credits by model [draws x models x channels], removal effects [draws x channels], agreement [draws]."""

    credits: Floats
    removal: Floats
    agreement: Floats


def intervals(
    paths: Paths, *, draws: int = DRAWS, level: float = LEVEL, seed: int = 0, order: int = 1, half_life: float = heuristics.HALF_LIFE,
    ends: tuple[float, float] = heuristics.ENDS,
) -> Intervals:  # fmt: skip
    """Percentiles of a bootstrap of journeys: `draws` times as many journeys as there were are drawn from them and attributed anew.

    They hold the chance of who came, not what is wrong with a model. Of more than 40,000 kinds of journeys, random groups of journeys are
    drawn. The same seed gives the same intervals. ValueError for a level outside 0 to 1, fewer than 2 draws, and as of `attribute`.
    """
    if not 0 < level < 1 or draws < 2:
        raise ValueError(f"{draws} draws for a level of {level}")
    rng = np.random.default_rng(seed)
    grouped = paths.grouped()
    counted = chain(grouped, order)
    credit = _credits(paths, grouped, half_life, ends)
    units = _units(grouped, rng)
    whole = _Units(sparse.csr_array(grouped.conversions[None]), sparse.csr_array(grouped.nulls[None]), np.ones(1), 1)
    own = _again(whole, np.ones((1, 1)), credit, counted)
    pieces = max(1, PIECE // max(units.chance.size, 1))
    parts = []
    for begin in range(0, draws, pieces):
        drawn = rng.multinomial(units.times, units.chance, size=min(pieces, draws - begin)).astype(np.float64)
        parts.append(_again(units, drawn, credit, counted))
    return _told(paths.channels, level, draws, own, _Drawn(*(np.concatenate(each) for each in zip(*parts, strict=True))))


def _told(channels: tuple[str, ...], level: float, draws: int, own: _Drawn, drawn: _Drawn) -> Intervals:
    at = [(1 - level) / 2, (1 + level) / 2]

    def within(every: Floats, point: Floats) -> tuple[Floats, Floats]:
        low, high = np.quantile(every, at, axis=0)
        return np.minimum(low, point), np.maximum(high, point)

    low, high = within(drawn.credits, own.credits[0])
    removal_low, removal_high = within(drawn.removal, own.removal[0])
    least, most = within(drawn.agreement, own.agreement[0])
    lows, highs = (dict(zip(MODELS, each, strict=True)) for each in (low, high))
    return Intervals(channels, level, draws, lows, highs, removal_low, removal_high, Interval(float(least), float(most)))


def _units(grouped: Paths, rng: np.random.Generator) -> _Units:
    p = grouped.size
    counts = np.concatenate((grouped.conversions, grouped.nulls))
    cells = np.flatnonzero(counts > 0)
    journeys = round(float(counts.sum()))
    if not cells.size or not journeys:
        return _Units(sparse.csr_array((1, p)), sparse.csr_array((1, p)), np.ones(1), 1)
    whole = np.rint(counts[cells]).astype(np.int64)
    if cells.size <= CELLS or journeys > JOURNEYS or (whole != counts[cells]).any():
        both = sparse.csr_array((np.ones(cells.size), (np.arange(cells.size), cells)), shape=(cells.size, 2 * p))
        return _Units(both[:, :p], both[:, p:], counts[cells] / counts.sum(), journeys)
    each = np.repeat(cells, whole)
    group = rng.permutation(journeys) % GROUPS
    both = sparse.csr_array((np.ones(journeys), (group, each)), shape=(GROUPS, 2 * p))
    return _Units(both[:, :p], both[:, p:], np.full(GROUPS, 1 / GROUPS), GROUPS)


def _credits(paths: Paths, grouped: Paths, half_life: float, ends: tuple[float, float]) -> list[sparse.csr_array]:
    """What one conversion along each path gives to each channel, for each rule and for Shapley's value: [paths x channels]."""
    shape = (grouped.size, len(grouped.channels))
    owners = grouped.owners()
    rules = [heuristics.first(grouped), heuristics.last(grouped), heuristics.linear(grouped), heuristics.position(grouped, ends)]
    found = [sparse.csr_array((weight, (owners, grouped.steps)), shape=shape) for weight in rules]
    sets, path_sets = shapley.distinct(grouped)
    alike = sparse.diags_array(1 / shapley.sizes(sets)) @ sets
    return [*found, _timed(paths, grouped, half_life), alike.tocsr()[path_sets]]


def _timed(paths: Paths, grouped: Paths, half_life: float) -> sparse.csr_array:
    """By time, the mean over all conversions along the same path."""
    group = numbered(paths.steps, paths.starts, len(paths.channels))[0]
    total = summed(group, paths.conversions, grouped.size)[group]
    share = np.divide(paths.conversions, total, out=np.zeros(paths.size), where=total > 0)
    weight = heuristics.time_decay(paths, half_life) * np.repeat(share, paths.lengths)
    shape = (grouped.size, len(paths.channels))
    return sparse.csr_array((weight, (np.repeat(group, paths.lengths), paths.steps)), shape=shape)


def _again(units: _Units, drawn: Floats, credit: list[sparse.csr_array], counted: Chain) -> _Drawn:
    """All models for journeys drawn `drawn` times [draws x u]."""

    def over(each: sparse.csr_array) -> Floats:
        return np.ascontiguousarray((each.T @ drawn.T).T)

    rules = [over(units.won @ each) for each in credit]
    conversions = rules[0].sum(axis=1)
    p = counted.ends.size
    last = sparse.csr_array((np.ones(p), (np.arange(p), counted.ends)), shape=(p, counted.size))
    counts = over((units.won + units.lost) @ counted.met)
    effects = markov.effects_of_draws(counted, counts, over(units.won @ last), over(units.lost @ last))
    by_chain = markov.shares(effects) * conversions[:, None]
    credits = np.stack([*rules[:5], by_chain, rules[5]], axis=1)
    return _Drawn(credits, effects, np.array([agreement(*each) for each in zip(credits, conversions.tolist(), strict=True)]))
