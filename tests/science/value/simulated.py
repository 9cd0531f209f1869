"""Customers who buy as a model says, with parameters that are known."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def customers(
    model: str, parameters: tuple[float, float, float, float], watched: Floats, ahead: float, seed: int
) -> tuple[Floats, Floats, Floats]:
    """(x, t_x, purchases in the time `ahead` after T) of customers watched for T [k]: BG/NBD, modified BG/NBD or Pareto/NBD."""
    chance = np.random.default_rng(seed)
    n, (r, alpha, a, b) = watched.size, parameters
    rate, leaves, life = chance.gamma(r, 1 / alpha, n), np.zeros(n), np.full(n, np.inf)
    if model == "paretonbd":
        life = chance.exponential(1 / chance.gamma(a, 1 / b, n))
    else:
        leaves = chance.beta(a, b, n)
    x, last, later, now = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    there = np.arange(n)
    if model == "mbgnbd":
        there = there[chance.random(n) >= leaves]
    while there.size:
        now[there] += chance.exponential(1 / rate[there])
        there = there[now[there] < np.minimum(watched[there] + ahead, life[there])]
        early = now[there] <= watched[there]
        x[there[early]] += 1
        last[there[early]] = now[there[early]]
        later[there[~early]] += 1
        there = there[chance.random(there.size) >= leaves[there]]
    return x, last, later


def spends(x: Floats, later: Floats, p: float, q: float, gamma: float, seed: int) -> tuple[Floats, Floats]:
    """(mean of x purchases, nan where none; sum of `later` ones) by the Gamma-Gamma model."""
    chance = np.random.default_rng(seed)
    scale = chance.gamma(q, 1 / gamma, x.size)
    mean = chance.gamma(p * np.maximum(x, 1), 1 / scale) / np.maximum(x, 1)
    return np.where(x > 0, mean, np.nan), np.where(later > 0, chance.gamma(p * np.maximum(later, 1), 1 / scale), 0.0)
