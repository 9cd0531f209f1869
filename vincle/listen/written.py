"""A reading as the store holds it: labels joined by `|`, numbers rounded, nothing a database refuses. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from vincle.language.reading import Reading

SAID: Final = (
    "language", "language_confidence", "also", "sentiment", "sentiment_score", "sentiment_confidence", "irony", "emotions", "intents",
    "aspects", "topics", "terms", "urgency", "country", "place", "place_from", "sites",
)  # fmt: skip


def values(reading: Reading, sites: Sequence[str] = ()) -> tuple[Any, ...]:
    """What is stored of a reading, and of the sites of its text, in the order of `SAID`."""
    return (
        reading.language[:8], round(reading.language_confidence, 4), "|".join(reading.also)[:60], reading.sentiment,
        round(reading.sentiment_score, 4), round(reading.sentiment_confidence, 4), round(reading.irony, 4), _labels(reading.emotions),
        _labels(reading.intents), "|".join(f"{_label(aspect.id)}:{aspect.score:.2f}" for aspect in _aspects(reading)),
        _labels(reading.topics), _labels(reading.terms), round(reading.urgency, 4), reading.country[:2], _clean(reading.place)[:120],
        reading.place_from, "|".join(map(_clean, sites)),
    )  # fmt: skip


@dataclass
class _Judged:
    id: str
    score: float


def _aspects(reading: Reading) -> Iterator[_Judged]:
    """Each aspect once, by the mean of what is said of it; named without a judgement counts where there is none."""
    scores: dict[str, list[float]] = {}
    for aspect in reading.aspects:
        scores.setdefault(aspect.id, []).append(aspect.score)
    for name, each in scores.items():
        judged = [score for score in each if score]
        yield _Judged(name, sum(judged) / len(judged) if judged else 0.0)


def _labels(values: Sequence[str]) -> str:
    return "|".join(dict.fromkeys(map(_label, values)))


@lru_cache(maxsize=1 << 15)
def _label(value: str) -> str:
    return _clean(value).replace("|", " ").replace(":", " ")[:60]


def _clean(value: str) -> str:
    bare = value.replace("\0", "")
    return bare if bare.isascii() else bare.encode("utf-8", "replace").decode()
