"""The trained part of the sentiment reader: weights for what the rules found and for words, made by scripts/train_sentiment.py."""

from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._traits import BUCKETS, Scores

PATH: Final = Path(__file__).parent / "models" / "sentiment.npz"
CLASSES: Final = 3


class Odds(NamedTuple):
    """Log-odds, up to a constant: of a text being negative, neutral, positive."""

    negative: float
    neutral: float
    positive: float


@dataclass(frozen=True)
class Model:
    """`dense`: weights of traits (one row each, three columns); `scores` of words; `temperature` by which log-odds are divided."""

    dense: list[tuple[float, float, float]]
    scores: Scores
    temperature: float

    def odds(self, traits: list[float], words: list[str], language: str) -> Odds:
        """Of one text, by its traits and words."""
        one, two, three = self.scores.of(words, language)
        for value, weights in zip(traits, self.dense, strict=True):
            if value:
                one += value * weights[0]
                two += value * weights[1]
                three += value * weights[2]
        return Odds(one / self.temperature, two / self.temperature, three / self.temperature)


@cache
def model() -> Model:
    """The shipped model."""
    with np.load(PATH) as held:
        dense, words, scale = held["dense"], held["words"], held["scale"]
        temperature = float(held["temperature"])
    return built(dense, words, scale, temperature)


def built(dense: NDArray[np.float32], words: NDArray[np.int8], scale: NDArray[np.float32], temperature: float) -> Model:
    """From the arrays as stored: `words` (buckets x 3) in steps of `scale`. ValueError where they do not fit."""
    if words.shape != (BUCKETS, CLASSES):
        raise ValueError(f"words: {words.shape}, expected {(BUCKETS, CLASSES)}")
    used = np.flatnonzero(words.any(axis=1))
    weights = words[used].astype(np.float64) * scale.astype(np.float64)
    held = {int(bucket): (one, two, three) for bucket, (one, two, three) in zip(used, weights.tolist(), strict=True)}
    rows = [(float(one), float(two), float(three)) for one, two, three in dense.tolist()]
    return Model(rows, Scores(held), temperature)


def probabilities(odds: Odds) -> tuple[float, float, float]:
    """Of the three classes, from log-odds."""
    most = max(odds)
    one, two, three = (exp(value - most) for value in odds)
    total = one + two + three
    return one / total, two / total, three / total
