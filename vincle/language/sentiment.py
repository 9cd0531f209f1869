"""Whether a text speaks well or badly of what it speaks of, how strongly, and how sure that is.

Rules over word lists find what is said (`_tones`); a small trained model weighs what they found together with the words themselves
(`_model`); marks and reactions given with a text, and what was learnt from the team's corrections, are evidence beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from ._lexicons import lexicon
from ._model import Model, Odds, model, probabilities
from ._tones import Tones, tones
from ._tongues import read_in
from ._traits import balance, dense, words_of
from .base import Context
from .learning import learnt_odds
from .page import Page, fold
from .reading import SENTIMENTS

_RATING, _RATING_MIDDLE, _REACTION, _IRONY = 3.0, 1.0, 0.4, 2.0
_OF_RULES: Final = 0.55
"""Share of the rules in the strength of what is said; the model has the rest."""
_FAINT, _NEUTRAL = 0.05, 0.25
"""A judgement is at least so strong, none at most."""


class Sentiment:
    """After the language; `clues` name the pieces of text that decided."""

    id: ClassVar[str] = "sentiment"
    version: ClassVar[int] = 4
    fills: ClassVar[frozenset[str]] = frozenset({"sentiment", "sentiment_score", "sentiment_confidence", "irony", "clues"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)

    def read(self, pages: Sequence[Page], context: Context) -> None:
        trained, learnt = model(), context.learnt.get(self.id)
        for page in pages:
            if page.tokens or page.rating is not None or page.reaction:
                _read(page, trained, learnt)


reader = Sentiment()


def _read(page: Page, trained: Model, learnt: Mapping[str, Any] | None) -> None:
    found, odds = judged(page, trained)
    if learnt:
        odds = learnt_odds(page, odds, learnt)
    odds = _given(page, _doubted(odds, found))
    shares = probabilities(odds)
    reading = page.reading
    surest = max(shares)
    reading.sentiment = SENTIMENTS[shares.index(surest)]
    reading.sentiment_score = _strength(found, shares, reading.sentiment)
    reading.sentiment_confidence = round(surest * (1 - 0.4 * found.irony), 4)
    reading.irony, reading.clues = found.irony, tuple(found.clues)


def judged(page: Page, trained: Model) -> tuple[Tones, Odds]:
    """What the rules found in a page, and what the model makes of it."""
    languages = read_in(page)
    found = tones(page, languages)
    return found, trained.odds(dense(found), words_of(page), languages[0] if languages else "")


def _doubted(odds: Odds, found: Tones) -> Odds:
    """Praise that may be meant the other way: surely no praise, perhaps blame, and never sure."""
    if not found.irony:
        return odds
    by = 1 - 0.5 * found.irony
    return Odds(odds.negative * by, odds.neutral * by, odds.positive * by - _IRONY * found.irony)


def _given(page: Page, odds: Odds) -> Odds:
    """With the marks and the reaction that came with the text."""
    negative, neutral, positive = odds
    if page.rating is not None:
        side = 2 * min(max(page.rating, 0.0), 1.0) - 1
        neutral += _RATING_MIDDLE * (1 - 2 * abs(side))
        # What the middle loses is not won by the side that the mark speaks against: more marks never make it worse.
        low, high = min(side, 0.0), max(side, 0.0)
        negative -= _RATING * low + 2 * _RATING_MIDDLE * high
        positive += _RATING * high + 2 * _RATING_MIDDLE * low
    if page.reaction:
        columns = lexicon("any", "reactions").get(fold(page.reaction))
        value = _REACTION * float(columns[0]) if columns else 0.0
        negative, positive = negative - min(value, 0.0), positive + max(value, 0.0)
    return Odds(negative, neutral, positive)


def _strength(found: Tones, shares: tuple[float, float, float], sentiment: str) -> float:
    score = _OF_RULES * balance(found.total) + (1 - _OF_RULES) * (shares[2] - shares[0])
    if sentiment == "positive":
        score = max(score, _FAINT)
    elif sentiment == "negative":
        score = min(score, -_FAINT)
    else:
        score = min(max(score, -_NEUTRAL), _NEUTRAL)
    return round(score, 4)
