"""What a team's corrections teach: a small model of its own, on top of the shipped one.

For each correction the shipped log-odds are held; learnt are a shift for each class and weights of the words corrected texts are made of,
strongly drawn to nothing, so that a handful of corrections changes what is alike and little else. The model holds numbers of words, no
words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._model import CLASSES, Odds, model, probabilities
from ._tones import tones
from ._tongues import read_in
from ._traits import dense, number_of, share, words_of
from .base import NOTHING_KNOWN
from .page import Page
from .reading import SENTIMENTS
from .registry import readers

FORM: Final = 1
FEWEST: Final = 10
"""Below so many examples nothing can be measured, and nothing is claimed."""
PARTS: Final = 5
_ROUNDS, _STEP, _RIDGE_SHIFT, _RIDGE_WORDS = 150, 0.5, 0.02, 0.002


class Quality(NamedTuple):
    """Macro-F1 on examples, of the shipped reader (`before`) and with what was learnt from the other examples (`after`); of how many."""

    before: float
    after: float
    n: int

    @property
    def helps(self) -> bool:
        """Whether what was learnt is worth using."""
        return self.after > self.before


class _Example(NamedTuple):
    words: dict[int, float]
    odds: Odds
    label: int


def learn(examples: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A model from (text, right label) pairs, for `Context.learnt["sentiment"]`; it can be written as JSON. ValueError: unknown label."""
    return _fit([_example(text, label) for text, label in examples])


def measure(examples: Sequence[tuple[str, str]]) -> Quality:
    """How good the reader is on these examples without and with what the others teach, by cross-validation in five parts.

    With fewer than ten examples `after` is `before`: nothing can be said. ValueError: unknown label.
    """
    given = [_example(text, label) for text, label in dict(examples).items()]
    labels = [one.label for one in given]
    before = macro_f1(labels, [_best(one.odds) for one in given])
    if len(given) < FEWEST:
        return Quality(before, before, len(given))
    order = sorted(range(len(given)), key=lambda n: (given[n].label, n))
    got = [0] * len(given)
    for part in range(PARTS):
        taught = _fit([given[n] for at, n in enumerate(order) if at % PARTS != part])
        for n in order[part::PARTS]:
            got[n] = _best(_shifted(given[n].words, given[n].odds, taught))
    return Quality(before, macro_f1(labels, got), len(given))


def learnt_odds(page: Page, odds: Odds, learnt: Mapping[str, Any]) -> Odds:
    """The log-odds of a page with what was learnt; unchanged where the model is of another form."""
    if learnt.get("form") != FORM:
        return odds
    return _shifted(_counted(page), odds, learnt)


def macro_f1(labels: Sequence[int], got: Sequence[int]) -> float:
    """The mean over the classes that occur, of the harmonic mean of precision and recall.

    >>> macro_f1([0, 0, 2], [0, 2, 2])
    0.6667
    """
    parts = []
    for one in sorted({*labels, *got}):
        right = sum(label == one == other for label, other in zip(labels, got, strict=True))
        parts.append(2 * right / (sum(label == one for label in labels) + sum(other == one for other in got)))
    return round(sum(parts) / len(parts), 4) if parts else 0.0


def _example(text: str, label: str) -> _Example:
    if label not in SENTIMENTS:
        raise ValueError(f"label: {label!r}, expected one of {', '.join(SENTIMENTS)}")
    page = Page(text)
    for reader in readers():
        if reader.id == "tongue":
            reader.read([page], NOTHING_KNOWN)
    languages = read_in(page)
    odds = model().odds(dense(tones(page, languages)), words_of(page), languages[0] if languages else "")
    return _Example(_counted(page), odds, SENTIMENTS.index(label))


def _counted(page: Page) -> dict[int, float]:
    """The numbers of a page's words, and what each counts."""
    words = words_of(page)
    by = share(len(words))
    return dict.fromkeys((number_of(word, "") for word in words), by)


def _shifted(words: Mapping[int, float], odds: Odds, learnt: Mapping[str, Any]) -> Odds:
    one, two, three = (value + shift for value, shift in zip(odds, learnt["shift"], strict=True))
    weights = learnt["words"]
    for number, by in words.items():
        found = weights.get(str(number))
        if found:
            one, two, three = one + by * found[0], two + by * found[1], three + by * found[2]
    return Odds(one, two, three)


def _best(odds: Odds) -> int:
    return probabilities(odds).index(max(probabilities(odds)))


def _fit(given: Sequence[_Example]) -> dict[str, Any]:
    numbers = {number: n for n, number in enumerate(sorted({number for one in given for number in one.words}))}
    counts: NDArray[np.float64] = np.zeros((len(given), len(numbers)))
    for row, one in enumerate(given):
        for number, by in one.words.items():
            counts[row, numbers[number]] = by
    shift, words = _descend(counts, np.array([one.odds for one in given]).reshape(-1, CLASSES), [one.label for one in given])
    held = {str(number): [round(float(value), 3) for value in words[n]] for number, n in numbers.items()}
    return {
        "form": FORM,
        "examples": len(given),
        "shift": [round(float(value), 4) for value in shift],
        "words": {number: values for number, values in held.items() if any(abs(value) >= 0.005 for value in values)},
    }


def _descend(
    counts: NDArray[np.float64], odds: NDArray[np.float64], labels: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shift, words = np.zeros(CLASSES), np.zeros((counts.shape[1], CLASSES))
    wanted = np.eye(CLASSES)[list(labels)].reshape(-1, CLASSES)
    for _ in range(_ROUNDS if len(labels) else 0):
        now = odds + shift + counts @ words
        raised = np.exp(now - now.max(axis=1, keepdims=True))
        missed = (raised / raised.sum(axis=1, keepdims=True) - wanted) / len(labels)
        shift -= _STEP * (missed.sum(axis=0) + _RIDGE_SHIFT * shift)
        words -= _STEP * 10 * (counts.T @ missed + _RIDGE_WORDS / 10 * words)
    return shift, words
