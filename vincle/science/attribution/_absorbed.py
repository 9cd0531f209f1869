"""Where journeys through an absorbing chain end, solved and not simulated: as they are, and with each channel taken away."""

from typing import Final, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from .paths import Floats, Ints

DENSE: Final = 1200
"""So many states are solved as one full matrix."""
DENSE_MOST: Final = 6000
"""And so many where there are so many channels that going round by round would take longer."""
PIECE: Final = 1 << 24
ROUNDS: Final = 5_000
EXACT: Final = 1e-13


class Ends(NamedTuple):
    """Expected reward of a journey: `whole` [..., rewards], and `without` each channel [..., channels, rewards]: it leads nowhere then."""

    whole: Floats
    without: Floats


def dense(moves: Floats, reward: Floats, channel: Ints, channels: int) -> Ends:
    """`moves` [..., states, states]: chance of each move; `reward` [..., states, rewards]: expected at the end from each state, times the
    chance to end there. State 0 is the start.

    With N the inverse of I - moves: taking the states A away costs N[0, A] N[A, A]^-1 h[A] of the reward h[0] of the start.
    """
    visits = np.linalg.inv(np.eye(moves.shape[-1]) - moves)
    hope = visits @ reward
    whole = hope[..., 0, :]
    without = np.repeat(whole[..., None, :], channels, axis=-2)
    for one in range(channels):
        at = np.flatnonzero(channel == one)
        if at.size:
            lost = np.linalg.solve(visits[..., at[:, None], at], hope[..., at, :])
            without[..., one, :] -= (visits[..., :1, at] @ lost)[..., 0, :]
    return Ends(whole, without)


def large(moves: sparse.csr_array, reward: Floats, channel: Ints, channels: int) -> Ends:
    """The same for one chain of many states: all channels at once, round by round until nothing moves; solved where that takes long."""
    size, kinds = reward.shape
    piece = max(1, PIECE // (size * kinds))
    every = np.arange(-2, channels)
    every = every[every != -1]  # -2 takes nothing away
    parts = []
    for begin in range(0, every.size, piece):
        away = channel[:, None] == every[begin : begin + piece]
        stays = np.repeat(~away, kinds, axis=1).astype(np.float64)
        fixed = np.tile(reward, away.shape[1]) * stays
        hope = _by_rounds(moves, fixed, stays)
        parts.append((_by_solving(moves, fixed, stays) if hope is None else hope).reshape(-1, kinds))
    found = np.concatenate(parts)
    return Ends(found[0], found[1:])


def is_small(states: int, transitions: int, channels: int) -> bool:
    """Whether one full matrix is the faster way: about 2 states^3 steps at 20 a nanosecond, beside 100 rounds at half a one."""
    return states <= DENSE or (states <= DENSE_MOST and states**3 < 4000 * transitions * (channels + 1))


def _by_rounds(moves: sparse.csr_array, fixed: Floats, stays: Floats) -> Floats | None:
    """What can be hoped for at the start; None where more rounds are needed than are worth it."""
    hope = fixed
    before = np.inf
    scale = max(float(np.abs(fixed).max(initial=0.0)), 1e-300)
    for _ in range(ROUNDS):
        new = moves @ hope
        new *= stays
        new += fixed
        change = float(np.abs(new - hope).max()) / scale
        hope = new
        slower = min(change / before, 1 - 1e-9) if before else 0.0
        if change * slower / (1 - slower) < EXACT and change < 1e-9:
            return np.asarray(hope[0])
        before = change
    return None


def _by_solving(moves: sparse.csr_array, fixed: Floats, stays: Floats) -> Floats:
    kinds = fixed.shape[1]
    found = np.zeros(kinds)
    one = sparse.eye_array(moves.shape[0], format="csr")
    masks, which = np.unique(stays, axis=1, return_inverse=True)
    for at in range(masks.shape[1]):
        columns = np.flatnonzero(which == at)
        solver = splu((one - sparse.diags_array(masks[:, at]) @ moves).tocsc())
        found[columns] = solver.solve(fixed[:, columns])[0]
    return found
