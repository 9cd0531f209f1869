"""Removal effects in a Markov chain of any order, exact: the absorbing chain is solved, not simulated.

A journey moves from the start over the last touches to a conversion or to nothing. The removal effect of a channel is the share of all
conversions that are lost when every state at this channel leads to nothing; credit is in proportion to removal effects.

Source: E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, Mapping the customer journey, International Journal of Research in
Marketing 33 (2016), 457-474; the chain is solved after J. G. Kemeny and J. L. Snell, Finite Markov Chains (1960), chapter 3.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy import sparse

from ._absorbed import Ends, dense, is_small, large
from ._chain import Chain
from .paths import Floats, summed

START: Final = "(start)"
CONVERSION: Final = "(conversion)"
NULL: Final = "(null)"
DRAWN: Final = 150
"""Chains of so many states are solved many at once; of a larger one each draw by itself goes round by round."""


class Transition(NamedTuple):
    """`probability`: of `target` after `origin`, `seen` so many times. States of a higher order name their touches, oldest first."""

    origin: str
    target: str
    probability: float
    seen: float


@dataclass(frozen=True, eq=False)
class Removed:
    """`rate`: the chance that a journey converts, by the chain; `effects` and `value_effects` [channels]: the share of conversions, and of
    their value, lost without each channel."""

    rate: float
    effects: Floats
    value_effects: Floats


def removal(counted: Chain) -> Removed:
    """Take away one channel after the other."""
    ends = _ends(counted)
    whole = ends.whole
    share = np.divide(ends.without, whole, out=np.ones_like(ends.without), where=whole != 0)
    # A channel that changes nothing leaves a trace of rounding.
    effects = np.where(np.abs(1 - share) < 1e-14, 0.0, 1 - share)
    return Removed(float(whole[0]), np.clip(effects[:, 0], 0, 1), effects[:, 1])


def _ends(counted: Chain) -> Ends:
    leaving = summed(counted.origin, counted.counts, counted.size) + counted.converted + counted.lost
    share = np.divide(1.0, leaving, out=np.zeros_like(leaving), where=leaving > 0)
    reward = np.column_stack((counted.converted * share, counted.earned * share))
    chance = counted.counts * share[counted.origin]
    moves = sparse.csr_array((chance, (counted.origin, counted.target)), shape=(counted.size, counted.size))
    if is_small(counted.size, counted.origin.size, counted.channels):
        return dense(moves.toarray(), reward, counted.channel, counted.channels)
    return large(moves, reward, counted.channel, counted.channels)


def shares(effects: Floats) -> Floats:
    """Effects as parts of the whole [..., channels]; none where there are no effects."""
    total = effects.sum(axis=-1, keepdims=True)
    found: Floats = np.divide(effects, total, out=np.zeros_like(effects), where=total > 0)
    return found


def effects_of_draws(counted: Chain, counts: Floats, converted: Floats, lost: Floats) -> Floats:
    """Removal effects [draws x channels] when transitions were seen `counts` times [draws x transitions], and journeys ended in each state
    with a conversion or without one as often as `converted` and `lost` say [draws x states]."""
    size, seen = counted.size, counted.origin.size
    by_state = sparse.csr_array((np.ones(seen), (counted.origin, np.arange(seen))), shape=(size, seen))
    leaving = (by_state @ counts.T).T + converted + lost
    share = np.divide(1.0, leaving, out=np.zeros_like(leaving), where=leaving > 0)
    piece = max(1, (1 << 22) // size**2) if size <= DRAWN else 1
    parts = []
    for begin in range(0, len(counts), piece):
        at = slice(begin, begin + piece)
        parts.append(_effects(counted, counts[at] * share[at][:, counted.origin], converted[at] * share[at]))
    return np.concatenate(parts)


def _effects(counted: Chain, chances: Floats, reward: Floats) -> Floats:
    size = counted.size
    if size <= DRAWN:
        moves = np.zeros((len(chances), size, size))
        moves[:, counted.origin, counted.target] = chances
        ends = dense(moves, reward[..., None], counted.channel, counted.channels)
    else:
        sparse_moves = sparse.csr_array((chances[0], (counted.origin, counted.target)), shape=(size, size))
        one = large(sparse_moves, reward[0][:, None], counted.channel, counted.channels)
        ends = Ends(one.whole[None], one.without[None])
    whole = ends.whole[:, None, 0]
    kept = np.divide(ends.without[..., 0], whole, out=np.ones(ends.without.shape[:2]), where=whole > 0)
    found: Floats = np.clip(1 - kept, 0, 1)
    return found


def transitions(counted: Chain, channels: tuple[str, ...]) -> tuple[Transition, ...]:
    """All transitions with their probability, the ends included; from the start on, in order of states."""
    names = [START, *(" > ".join(channels[place] for place in row if place >= 0) for row in counted.touches[1:].tolist())]
    leaving = summed(counted.origin, counted.counts, counted.size) + counted.converted + counted.lost
    every: list[tuple[int, int, str, float]] = [
        (origin, target, names[target], count)
        for origin, target, count in zip(counted.origin.tolist(), counted.target.tolist(), counted.counts.tolist(), strict=True)
    ]
    for place, name, ended in ((counted.size, CONVERSION, counted.converted), (counted.size + 1, NULL, counted.lost)):
        every += [(origin, place, name, float(ended[origin])) for origin in np.flatnonzero(ended).tolist()]
    return tuple(
        Transition(names[origin], name, count / float(leaving[origin]), count) for origin, _, name, count in sorted(every) if count > 0
    )
