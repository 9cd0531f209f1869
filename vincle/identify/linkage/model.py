"""What training found out: how much each agreement weighs, how many pairs are one person, how frequent each value is."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.matchers.base import MISSING, Levels, Matcher, Said
from vincle.identify.matchers.registry import chosen

from . import weighing
from .records import Ints, Records

Floats = NDArray[np.float64]
_CHUNK = 500_000
_CALM = 100
VERSION = 1


class Evidence(Struct, frozen=True):
    """One step of the waterfall: what a matcher saw, and what it adds to the log2 odds."""

    matcher: str
    level: str
    weight: float
    said: Said


class Part(Struct, frozen=True):
    """One matcher's share of a model: its levels' ids, m and u."""

    levels: list[str]
    m: list[float]
    u: list[float]

    @property
    def weights(self) -> Floats:
        found: Floats = np.log2(np.asarray(self.m, float) / np.asarray(self.u, float))
        return found


class Model(Struct, frozen=True):
    """`share`: the part of all pairs that are one person's. Weights and odds are log2.

    `lifts`: bits that agreements of two matchers have in common in two people, each pair of them once.
    """

    share: float
    parts: dict[str, Part]
    lifts: dict[str, dict[str, float]] = {}
    version: int = VERSION

    @property
    def prior(self) -> float:
        """log2 odds of two records at random."""
        return float(np.log2(self.share / (1 - self.share)))

    @property
    def weights(self) -> dict[str, dict[str, float]]:
        """log2(m/u) of each matcher's levels."""
        return {id: dict(zip(part.levels, part.weights.tolist(), strict=True)) for id, part in self.parts.items()}

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Model":
        """Raises msgspec.ValidationError for what is no model, ValueError for one of another version."""
        model = msgspec.json.decode(text, type=cls)
        if model.version != VERSION:
            raise ValueError(f"a model of version {model.version}; this is version {VERSION}")
        return model


class Scorer:
    """Compares records of one table by a set of matchers."""

    def __init__(self, records: Records, matchers: Sequence[Matcher] | None = None) -> None:
        self.records = records
        self.matchers = list(chosen(records) if matchers is None else matchers)
        self.prepared = [matcher.prepare(records) for matcher in self.matchers]
        self._terms: dict[str, tuple[Ints, Floats, int] | None] = {}

    def levels(self, left: Ints, right: Ints) -> Levels:
        """Pairs x matchers."""
        found = np.full((len(left), len(self.matchers)), MISSING, np.int8)
        for begin in range(0, len(left), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            for at, (matcher, prepared) in enumerate(zip(self.matchers, self.prepared, strict=True)):
                found[part, at] = matcher.compare(prepared, left[part], right[part])
        return found

    def odds(self, model: Model, left: Ints, right: Ints, levels: Levels) -> Floats:
        """log2 odds of each pair, the prior included."""
        total = np.empty(len(left))
        for begin in range(0, len(left), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            total[part] = self.weights(model, left[part], right[part], levels[part]).sum(axis=1)
        return total + model.prior

    def weights(self, model: Model, left: Ints, right: Ints, levels: Levels) -> Floats:
        """What each matcher adds, pairs x matchers; what is one thing seen several times is counted once."""
        each = [self.weight(model, at, left, right, levels[:, at]) for at in range(len(self.matchers))]
        return counted_once(model, np.stack(each, axis=1) if each else np.zeros((len(left), 0)), self.matchers)

    def weight(self, model: Model, at: int, left: Ints, right: Ints, levels: Levels) -> Floats:
        """What one matcher adds. At the top level a rare value in common says more than a frequent one (Newcombe 1959)."""
        matcher = self.matchers[at]
        part = model.parts.get(matcher.id)
        if part is None:
            return np.zeros(len(left))
        found: Floats = np.append(part.weights, 0.0)[levels]
        terms = self._terms_of(at)
        top = len(part.levels) - 1
        if terms is None or top == 0:
            return found
        codes, others, said = terms
        frequency = (others + _CALM * part.u[top]) / (said + _CALM)  # of few records, no value is frequent
        same = np.flatnonzero((levels == top) & (codes[left] >= 0) & (codes[left] == codes[right]))
        found[same] = np.log2(part.m[top] / np.maximum(frequency[codes[left[same]]], part.u[top] / 50))
        return found

    def _terms_of(self, at: int) -> tuple[Ints, Floats, int] | None:
        matcher = self.matchers[at]
        if matcher.id not in self._terms:
            codes = matcher.terms(self.prepared[at])
            if codes is None or not (codes >= 0).any():
                self._terms[matcher.id] = None
            else:
                counts = np.bincount(codes[codes >= 0])
                self._terms[matcher.id] = (codes, np.maximum(counts - 1, 0.5), int((codes >= 0).sum()) - 1)
        return self._terms[matcher.id]

    def evidence(self, model: Model, left: int, right: int) -> list[Evidence]:
        """The waterfall of one pair, strongest first: with `model.prior` its weights add up to the log2 odds."""
        one, other = np.asarray([left], np.int32), np.asarray([right], np.int32)
        table = self.levels(one, other)
        levels, weights = table[0], self.weights(model, one, other, table)[0]
        found = []
        for at, matcher in enumerate(self.matchers):
            if levels[at] == MISSING or matcher.id not in model.parts:
                continue
            level = int(levels[at])
            found.append(Evidence(matcher.id, matcher.levels[level].id, float(weights[at]), matcher.say(self.records, left, right, level)))
        return sorted(found, key=lambda each: -each.weight)


def counted_once(model: Model, weights: Floats, matchers: Sequence[Matcher]) -> Floats:
    """Weights (pairs x matchers) as they add up: what is one thing, and what goes together in two people too, is told once."""
    found = weighing.once(weights, matchers)
    if not model.lifts:
        return found
    ids = [matcher.id for matcher in matchers]
    lifts = np.zeros((len(ids), len(ids)))
    for at, one in enumerate(ids):
        for and_at, other in enumerate(ids):
            lifts[at, and_at] = model.lifts.get(min(one, other), {}).get(max(one, other), 0.0)
    tops = [-max(table, default=0.0) for table in tables(model, matchers)]
    return weighing.expected(found, lifts, sorted(range(len(ids)), key=lambda at: (tops[at], ids[at])))


def starting(matchers: Sequence[Matcher]) -> tuple[list[Floats], list[Floats]]:
    """(m, u) that the matchers begin with."""
    m = [np.asarray([level.m for level in matcher.levels]) for matcher in matchers]
    u = [np.asarray([level.u for level in matcher.levels]) for matcher in matchers]
    return [each / each.sum() for each in m], [each / each.sum() for each in u]


def assemble(matchers: Sequence[Matcher], m: Sequence[Floats], u: Sequence[Floats], share: float) -> Model:
    parts: dict[str, Any] = {
        matcher.id: Part([level.id for level in matcher.levels], m[at].tolist(), u[at].tolist()) for at, matcher in enumerate(matchers)
    }
    return Model(share, parts)


def tables(model: Model, matchers: Sequence[Matcher]) -> list[Floats]:
    """Weights a matcher, as `fellegi_sunter.log_ratio` wants them."""
    return [model.parts[each.id].weights if each.id in model.parts else np.zeros(len(each.levels)) for each in matchers]
