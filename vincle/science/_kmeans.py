"""k-means, seeded by a generator it is handed: the same numbers give the same middles."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STARTS: Final = 4
TURNS: Final = 60
_CHUNK: Final = 100_000
_TRIED: Final = 4


def distances(rows: Floats, middles: Floats) -> Floats:
    """Squared Euclidean distances, [rows, middles]."""
    found = (rows**2).sum(axis=1)[:, None] - 2 * rows @ middles.T + (middles**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(found, 0.0))


def kmeans(rows: Floats, k: int, chance: np.random.Generator, starts: int = STARTS) -> Floats:
    """The middles [k, features] with the least squared distance, of `starts` runs of Lloyd's algorithm, each seeded by k-means++."""
    best, least = rows[:k], np.inf
    for _start in range(starts):
        middles, cost = _lloyd(rows, _seeds(rows, k, chance))
        if cost < least:
            best, least = middles, cost
    return best


def nearest(rows: Floats, middles: Floats) -> tuple[Ints, Floats]:
    """(the nearest middle of each row, how much nearer it is than the next one: -1 to 1)."""
    labels, near = np.empty(len(rows), np.int64), np.empty(len(rows))
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        apart = np.sqrt(distances(rows[part], middles))
        labels[part] = apart.argmin(axis=1)
        two = np.partition(apart, 1, axis=1)[:, :2] if middles.shape[0] > 1 else np.repeat(apart, 2, axis=1)
        near[part] = np.divide(two[:, 1] - two[:, 0], two[:, 1], out=np.zeros(len(two)), where=two[:, 1] > 0)
    return labels, near


def _seeds(rows: Floats, k: int, chance: np.random.Generator) -> Floats:
    """Greedy k-means++ (Arthur and Vassilvitskii, 2007): each next one drawn by its squared distance to those chosen, the best of a few."""
    chosen = [int(chance.integers(len(rows)))]
    apart = distances(rows, rows[chosen]).ravel()
    for _ in range(1, k):
        drawn = chance.random(_TRIED) * apart.sum()
        places = np.minimum(np.searchsorted(np.cumsum(apart), drawn), len(rows) - 1)
        left = np.minimum(apart[:, None], distances(rows, rows[places]))
        best = int(left.sum(axis=0).argmin())
        chosen.append(int(places[best]))
        apart = left[:, best]
    return rows[chosen]


def _lloyd(rows: Floats, middles: Floats) -> tuple[Floats, float]:
    k, labels = len(middles), np.empty(0, np.int64)
    cost = np.inf
    for _turn in range(TURNS):
        apart = distances(rows, middles)
        now = apart.argmin(axis=1)
        cost = float(apart[np.arange(len(rows)), now].sum())
        if labels.size and (now == labels).all():
            break
        labels = now
        member = np.zeros((len(rows), k))
        member[np.arange(len(rows)), labels] = 1.0
        sizes = member.sum(axis=0)
        fresh = (member.T @ rows) / np.maximum(sizes, 1)[:, None]
        middles = np.where(sizes[:, None] > 0, fresh, middles)
    return middles, cost
