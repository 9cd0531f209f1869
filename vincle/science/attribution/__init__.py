"""Which touchpoints conversions are owed to, by every usual rule and by two models, side by side. numpy and scipy only.

>>> from vincle.science.attribution import attribute, of_lists
>>> found = attribute(of_lists([["C1", "C2", "C3"], ["C1"], ["C2", "C3"]], [1, 0, 0], nulls=[0, 1, 1]))
>>> [round(float(credit), 3) for credit in found.credits["markov"]], [round(float(effect), 3) for effect in found.removal_effects]
([0.2, 0.4, 0.4], [0.5, 1.0, 1.0])
"""

from .attributing import MODELS, Attribution, Row, attribute
from .intervals import Interval, Intervals, affordable, intervals
from .markov import Transition
from .paths import Paths, of_flat, of_lists

__all__ = [
    "MODELS",
    "Attribution",
    "Interval",
    "Intervals",
    "Paths",
    "Row",
    "Transition",
    "affordable",
    "attribute",
    "intervals",
    "of_flat",
    "of_lists",
]
