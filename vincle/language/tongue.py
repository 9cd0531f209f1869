"""Which language a short text is written in, and whether it is mixed with another."""

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from ._letters import Table, tongues
from .base import Context
from .page import HASHTAG, WORD, Page

TEMPERATURE: Final = 0.8
STATED: Final = 2.5
"""What the source's word for the language is worth, in natural log odds: about the same as one function word."""
LEAST: Final = 0.3
MIXED: Final = 8.0
"""What a stretch in another language must gain on the text's own; one word gains no more than `_MOST`, so it takes four or more."""
SHORT: Final = 3
_MOST: Final = 2.5
_AT_ONCE: Final = 1000
_MOST_KEPT: Final = 100_000
_FORMER: Final = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "nb": "no",
    "nn": "no",
    "val": "ca",
    "cat": "ca",
    "eng": "en",
    "spa": "es",
    "ita": "it",
}


class TongueReader:
    """Adds up what the words say, from lists and letters (`_letters.py`); the stated language is evidence, not truth."""

    id: ClassVar[str] = "tongue"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"language", "language_confidence", "also"})
    after: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._table: Table = np.zeros((0, 0), np.float32)
        self._peaks: NDArray[np.float32] = np.zeros(0, np.float32)

    def read(self, pages: Sequence[Page], context: Context) -> None:
        for start in range(0, len(pages), _AT_ONCE):
            self._read([(page, words) for page in pages[start : start + _AT_ONCE] if (words := _words(page))])

    def _read(self, texts: list[tuple[Page, list[str]]]) -> None:
        if not texts:
            return
        self._learn({word for _, words in texts for word in words})
        rows = self._rows
        which = [rows[word] for _, words in texts for word in words]
        weights = self._table[which]
        starts = np.cumsum([0, *(len(words) for _, words in texts[:-1])])
        model = tongues()
        sums = np.add.reduceat(weights, starts, axis=0).astype(np.float64) * TEMPERATURE + np.log(model.priors)
        for row, (page, _) in enumerate(texts):
            if page.stated_language and (column := model.place.get(stated(page.stated_language))) is not None:
                sums[row, column] += STATED
        sums -= sums.max(axis=1, keepdims=True)
        chances = np.exp(sums)
        chances /= chances.sum(axis=1, keepdims=True)
        best = chances.argmax(axis=1)
        for row, (page, _) in enumerate(texts):
            _say(page, model.languages[best[row]], float(chances[row, best[row]]))
        _find_mixed(texts, weights, self._peaks[which], starts, best)

    def _learn(self, words: set[str]) -> None:
        """Adds rows for words not met before: what a word weighs never changes, so it is kept."""
        if len(self._rows) > _MOST_KEPT:
            self._rows = {}
        unknown = sorted(words.difference(self._rows))
        if unknown:
            fresh, kept = tongues().weigh(unknown), len(self._rows)
            self._table = np.concatenate([self._table[:kept], fresh]) if kept else fresh
            peaks = np.where([tongues().known(word) for word in unknown], fresh.max(axis=1), 0).astype(np.float32)
            self._peaks = np.concatenate([self._peaks[:kept], peaks])
            self._rows.update(zip(unknown, range(len(self._rows), len(self._table)), strict=True))


def stated(language: str) -> str:
    """A language as sources name it, as ISO 639-1: `pt-BR` -> `pt`, `iw` -> `he`.

    >>> stated("pt-BR"), stated("iw"), stated("EN_us")
    ('pt', 'he', 'en')
    """
    short = language.lower().replace("_", "-").split("-")[0]
    return _FORMER.get(short, short)


def _words(page: Page) -> list[str]:
    words = [token for token, kind in zip(page.tokens, page.kinds, strict=True) if kind == WORD]
    if len(words) < SHORT and HASHTAG in page.kinds:
        for token, kind in zip(page.tokens, page.kinds, strict=True):
            if kind == HASHTAG:
                words += _parts(token[1:])
    return words


def _parts(tag: str) -> list[str]:
    """The words of a hashtag: FelizLunes -> feliz, lunes."""
    found, start = [], 0
    for place in range(1, len(tag) + 1):
        if place == len(tag) or tag[place] == "_" or (tag[place].isupper() and not tag[place - 1].isupper()):
            found.append(tag[start:place].strip("_0123456789").lower())
            start = place
    return [part for part in found if part]


def _say(page: Page, language: str, confidence: float) -> None:
    named = stated(page.stated_language)
    if named and named not in tongues().place and named.isalpha() and confidence < 0.7 and len(named) == 2 and named != "un":
        language, confidence = named, 0.5
    if confidence >= LEAST:
        page.reading.language, page.reading.language_confidence = language, round(confidence, 3)


def _find_mixed(
    texts: list[tuple[Page, list[str]]], weights: Table, peaks: Table, starts: NDArray[np.int64], best: NDArray[np.int64]
) -> None:
    """Stretches whose everyday words speak clearly for another language than the rest of the text does; other words only speak against.

    `peaks`: what each word says for its likeliest language, 0 where it is no everyday word.
    """
    lengths = np.diff([*starts, len(weights)])
    excess = (peaks - weights[np.arange(len(weights)), np.repeat(best, lengths)]) * (peaks > 0)
    sums = np.add.reduceat(excess.clip(0, _MOST), starts)
    for row in np.flatnonzero((sums > MIXED) & (lengths >= 2 * SHORT)):
        page, span = texts[row][0], slice(starts[row], starts[row] + lengths[row])
        against = (weights[span] - weights[span, best[row]][:, None]).clip(max=_MOST)
        against[peaks[span] <= 0] = against[peaks[span] <= 0].clip(max=0)
        others = np.flatnonzero(against.clip(min=0).sum(axis=0) > MIXED)
        found = sorted(((gain, other) for other in others if (gain := _stretch(against[:, other].tolist())) > MIXED), reverse=True)
        if found and page.reading.language:
            page.reading.also = (tongues().languages[found[0][1]],)


def _stretch(gains: list[float]) -> float:
    """The most that a run of three words or more gains (largest sum of neighbours); 0 if no run does."""
    best = total = 0.0
    length = 0
    for gain in gains:
        if total <= 0:
            total, length = 0.0, 0
        total += gain
        length += 1
        if length >= SHORT and total > best:
            best = total
    return best


reader = TongueReader()
