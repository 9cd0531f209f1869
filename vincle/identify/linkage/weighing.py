"""Evidence that is told once: places of one address, and agreements that go together in two people, too. Pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vincle.identify.matchers.base import Matcher

from .kinds import PLACE, SPEAKS

Floats = NDArray[np.float64]
REST: Final = 0.35
"""Who lives in one street has the town in common too: the strongest of a place counts whole, the others by this much."""


def once(weights: Floats, matchers: Sequence[Matcher]) -> Floats:
    """Weights (pairs x matchers) with what is one thing seen several times counted once."""
    group = [at for at, matcher in enumerate(matchers) if matcher.id in PLACE]
    if len(group) < 2:
        return weights
    part = weights[:, group]
    strongest = np.argmax(np.abs(part), axis=1)
    kept = part[np.arange(len(part)), strongest].copy()
    part = part * REST
    part[np.arange(len(part)), strongest] = kept
    found = weights.copy()
    found[:, group] = part
    return found


def expected(weights: Floats, lifts: Floats, order: Sequence[int]) -> Floats:
    """Weights (pairs x matchers) less what each agreement has in common with the one, of those told before it, that makes it most likely.

    `lifts`: matchers x matchers, bits; `order`: in which agreements are told. None turns into evidence against.
    """
    found = weights.copy()
    for place, at in enumerate(order):
        lost = np.zeros(len(weights))
        for before in order[:place]:
            if lifts[before, at]:
                np.maximum(lost, lifts[before, at] * (weights[:, before] >= SPEAKS), out=lost)
        if lost.any():
            found[:, at] -= np.clip(np.minimum(lost, weights[:, at]), 0, None)
    return found
