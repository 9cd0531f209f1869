#!/usr/bin/env python
"""Make vincle/language/models/sentiment.npz from our own lists of words and own texts: `python scripts/train_sentiment.py`.

A multinomial logistic regression, regularised, by full-batch Adam, on vincle/language/examples/<language>.tsv; the entries of the word
lists are weak examples of the word alone. Its confidence is calibrated by a temperature found on languages it was not trained with.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vincle.language import _lexicons
from vincle.language._model import CLASSES, PATH
from vincle.language._tones import tones
from vincle.language._traits import BUCKETS, NAMES, dense, number_of, pair, piece_share, pieces, share, words_of
from vincle.language.page import Page
from vincle.language.reading import SENTIMENTS

EXAMPLES = Path(_lexicons.__file__).parent / "examples"
ROUNDS, STEP = 110, 0.08
RIDGE_TRAITS, RIDGE_WORDS = 0.002, 0.012
WEAK = 0.12
"""What an entry of a word list counts, beside a text."""
CLEAR = 1.2
"""From this valence on an entry is an example."""
STEPS = 127
OTHERS = 1.5
"""Other people's texts are less clear than ours, written to be clear: by so much less sure is the model of them.
Chosen by looking at how often it was right on labelled texts of others; no text of theirs is learnt from."""


class Text(NamedTuple):
    label: int
    language: str
    words: list[str]
    traits: list[float]
    weight: float


def texts(language: str) -> list[Text]:
    """The examples of a language, read by the rules."""
    found = []
    for line in (EXAMPLES / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            label, text = line.split("\t")[:2]
            page = Page(text)
            found.append(Text(SENTIMENTS.index(label), language, words_of(page), dense(tones(page, (language,))), 1.0))
    return found


def entries(language: str) -> list[Text]:
    """The clear entries of a word list, as weak examples."""
    nothing = [0.0] * len(NAMES)
    values = ((term, float(columns[0])) for term, columns in _lexicons.lexicon(language, "sentiment").items())
    return [
        Text(2 if value > 0 else 0, language, term.replace("*", "").split(), nothing, WEAK) for term, value in values if abs(value) >= CLEAR
    ]


class Sparse(NamedTuple):
    """A sparse matrix, by its filled places."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    shape: tuple[int, int]

    def times(self, dense: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sum(self.rows, dense[self.columns] * self.values[:, None], self.shape[0])

    def turned_times(self, dense: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sum(self.columns, dense[self.rows] * self.values[:, None], self.shape[1])


@dataclass(frozen=True)
class Matrices:
    """Texts as numbers: words of texts, pieces of words, pairs of texts; `used` buckets are the columns of the last two."""

    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    traits: NDArray[np.float64]
    words: Sparse
    pieces: Sparse
    pairs: Sparse
    used: NDArray[np.int64]


def _sum(at: NDArray[np.int64], values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.stack([np.bincount(at, values[:, n], length) for n in range(values.shape[1])], axis=1)


def _sparse(places: list[tuple[int, int, float]], shape: tuple[int, int]) -> Sparse:
    table = np.array(places, dtype=np.float64).reshape(-1, 3)
    return Sparse(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], shape)


def matrices(read: list[Text]) -> Matrices:
    """Number the words of these texts and their pieces."""
    known: dict[tuple[str, str], int] = {}
    words, pairs = [], []
    for row, text in enumerate(read):
        by = share(len(text.words))
        buckets = [number_of(word, text.language) for word in text.words]
        words += [(row, known.setdefault((text.language, word), len(known)), by) for word in text.words]
        pairs += [(row, pair(first, second), by) for first, second in pairwise(buckets)]
    parts: list[tuple[int, int, float]] = []
    for (language, word), row in known.items():
        parts.append((row, number_of(word, language), 1.0))
        of_word = pieces(word)
        parts += [(row, part, piece_share(len(of_word))) for part in of_word]
    used, places = np.unique(np.array([part[1] for part in (*parts, *pairs)], dtype=np.int64), return_inverse=True)
    parts = [(row, int(at), value) for (row, _, value), at in zip(parts, places[: len(parts)], strict=True)]
    pairs = [(row, int(at), value) for (row, _, value), at in zip(pairs, places[len(parts) :], strict=True)]
    labels = np.eye(CLASSES)[[text.label for text in read]]
    return Matrices(
        labels,
        np.array([text.weight for text in read]),
        np.array([text.traits for text in read]),
        _sparse(words, (len(read), len(known))),
        _sparse(parts, (len(known), len(used))),
        _sparse(pairs, (len(read), len(used))),
        used,
    )


class Fitted(NamedTuple):
    traits: NDArray[np.float64]
    words: NDArray[np.float64]

    def odds(self, of: Matrices) -> NDArray[np.float64]:
        """Of texts whose used buckets are the rows of `words`."""
        return of.traits @ self.traits + of.words.times(of.pieces.times(self.words)) + of.pairs.times(self.words)

    def over(self, of: Matrices) -> NDArray[np.float64]:
        """Of other texts, with weights of all buckets."""
        return Fitted(self.traits, self.words[of.used]).odds(of)


def softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def fit(learnt_from: list[Text]) -> Fitted:
    """Weights of traits and words under which the texts' labels are likely."""
    of = matrices(learnt_from)
    total = of.weights.sum()
    fitted = Fitted(np.zeros((len(NAMES), CLASSES)), np.zeros((len(of.used), CLASSES)))
    updates = [adam(part) for part in fitted]
    for _ in range(ROUNDS):
        missed = (softmax(fitted.odds(of)) - of.labels) * of.weights[:, None] / total
        by_word = of.words.turned_times(missed)
        slopes = (
            of.traits.T @ missed + RIDGE_TRAITS * fitted.traits,
            of.pieces.turned_times(by_word) + of.pairs.turned_times(missed) + RIDGE_WORDS * fitted.words / 10,
        )
        for update, slope in zip(updates, slopes, strict=True):
            update(slope)
    everywhere = np.zeros((BUCKETS, CLASSES))
    everywhere[of.used] = fitted.words
    return Fitted(fitted.traits, everywhere)


def adam(held: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], None]:
    """Kingma & Ba 2015, in place."""
    first, second, times = np.zeros_like(held), np.zeros_like(held), [0]

    def update(slope: NDArray[np.float64]) -> None:
        times[0] += 1
        first[:] = 0.9 * first + 0.1 * slope
        second[:] = 0.999 * second + 0.001 * slope * slope
        held[:] -= STEP * (first / (1 - 0.9 ** times[0])) / (np.sqrt(second / (1 - 0.999 ** times[0])) + 1e-6)

    return update


def temperature(odds: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    """By what log-odds must be divided for the labels to be likeliest."""
    tried = np.geomspace(0.5, 6, 120)
    losses = [-np.log((softmax(odds / one) * labels).sum(axis=1) + 1e-12).mean() for one in tried]
    return float(tried[int(np.argmin(losses))])


def macro_f1(odds: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    got, gold = odds.argmax(axis=1), labels.argmax(axis=1)
    parts = [2 * ((got == n) & (gold == n)).sum() / max(1, (got == n).sum() + (gold == n).sum()) for n in range(CLASSES)]
    return float(np.mean(parts))


def left_out(by_language: dict[str, list[Text]], weak: list[Text]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-odds of every text by a model that saw none of its language, nor of half of the others; and their labels."""
    odds, labels = [], []
    for part in range(2):
        groups: tuple[list[Text], list[Text]] = ([], [])
        for n, of_it in enumerate(by_language.values()):
            groups[n % 2 == part].extend(of_it)
        found, seen = fit(groups[0] + weak), matrices(groups[1])
        odds.append(found.over(seen))
        labels.append(seen.labels)
        print(f"  unseen languages: macro-F1 {macro_f1(odds[-1], labels[-1]):.3f} of {len(groups[1])} texts")
    return np.concatenate(odds), np.concatenate(labels)


def given() -> tuple[dict[str, list[Text]], list[Text]]:
    """All there is to learn from: texts by language, and entries of lists."""
    by_language = {path.stem: texts(path.stem) for path in sorted(EXAMPLES.glob("*.tsv")) if not path.stem.startswith("hard_")}
    return by_language, [one for language in (*_lexicons.languages("sentiment"), "any") for one in entries(language)]


def weights(by_language: dict[str, list[Text]], weak: list[Text]) -> dict[str, NDArray[np.generic]]:
    """The weights of the model, as stored."""
    fitted = fit([text for list_ in by_language.values() for text in list_] + weak)
    scale = np.abs(fitted.words).max(axis=0) / STEPS
    return {
        "dense": fitted.traits.astype(np.float32),
        "words": np.round(fitted.words / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
    }


def warmth(by_language: dict[str, list[Text]], weak: list[Text]) -> float:
    """The temperature of the model."""
    return OTHERS * temperature(*left_out(by_language, weak))


def main() -> None:
    by_language, weak = given()
    found = {**weights(by_language, weak), "temperature": np.array(warmth(by_language, weak), dtype=np.float32)}
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PATH
    target.parent.mkdir(exist_ok=True)
    np.savez_compressed(target, **found)
    print(f"{target.name}: {target.stat().st_size / 1024:.0f} KB, temperature {float(found['temperature']):.2f}")
    for name, row in zip(NAMES, found["dense"], strict=True):
        print(f"  {name:<28} " + " ".join(f"{value:+.2f}" for value in row))


if __name__ == "__main__":
    main()
