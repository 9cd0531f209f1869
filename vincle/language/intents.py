"""What the writer wants: to ask, complain, praise, buy, leave, suggest, recommend, be contacted, or to sell us rubbish."""

from collections.abc import Sequence
from typing import ClassVar, Final

from ._spoken import hits, matches, spoken
from .base import Context
from .page import ACCOUNT, HASHTAG, LINK, STOP, WORD, Page
from .reading import INTENTS

ENOUGH: Final = 0.85
_MATTERS: Final = 0.3
"""A sentiment from here on supports a complaint or praise."""
_JUDGED: Final = 0.2
_REACH: Final = 3
_NOT: Final = frozenset(
    """not no never don't dont didn't didnt doesn't doesnt won't wont wouldn't wouldnt can't cant cannot couldn't nobody nunca jamas
    tampoco ni nadie non mai nessuno mica neanche ningu cap ne pas nao nem""".split()
)
_OURSELVES: Final = frozenset(
    """i my me we our us i'm i've im ive mine yo mi mis me nos nuestro nuestra nuestros he hemos mio mia miei mie ci abbiamo ho nostro
    nostra meva meus meves em ens nosaltres hem vaig vam jo nostre m' eu meu minha nosso je j' mon ma mes nous notre""".split()
)
_REVERSED: Final = frozenset({"recommendation", "praise", "purchase_intent"})
"""Intents that a `not` before them turns away; a recommendation becomes a complaint."""
_NEWS: Final = frozenset({"safety", "health", "event", "environment", "location", "communication", "privacy"})
"""Aspects that news judge as often as customers do."""
_MONEY: Final = frozenset("$€£")


class IntentsReader:
    """Adds up phrases (`intents.tsv`), marks, and what other readers found; an intent is named where the sum is enough."""

    id: ClassVar[str] = "intents"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"intents"})
    after: ClassVar[tuple[str, ...]] = ("tongue", "sentiment", "aspects")

    def read(self, pages: Sequence[Page], context: Context) -> None:
        for page in pages:
            sums = _phrases(page)
            _ask(page, sums)
            _judge(page, sums)
            _suspect(page, sums)
            page.reading.intents = _decide(sums)


def _phrases(page: Page) -> dict[str, float]:
    sums = dict.fromkeys(INTENTS, 0.0)
    folded = page.folded
    ends: dict[str, int] = {}
    for at, after, columns in matches(folded, hits(spoken(page, "intents"), "intents"), overlapping=True):
        for intent, weight in zip(columns[::2], columns[1::2], strict=True):
            if ends.get(intent, 0) <= at:
                ends[intent] = after
                is_denied = intent in _REVERSED and not _NOT.isdisjoint(folded[max(0, at - _REACH) : at])
                _count(sums, intent, float(weight), is_denied)
    return sums


def _count(sums: dict[str, float], intent: str, weight: float, is_denied: bool) -> None:
    if is_denied:
        if intent == "recommendation":
            sums["complaint"] += weight
    else:
        sums[intent] += weight


def _ask(page: Page, sums: dict[str, float]) -> None:
    """A question mark behind words asks; a price with one, in few words, means to buy."""
    words = 0
    if "?" in page.text:
        for token, kind in zip(page.tokens, page.kinds, strict=True):
            if kind == WORD:
                words += 1
            elif kind == STOP and "?" in token and words:
                sums["question"] += 1
                sums["complaint"] += 0.3 * ("??" in token and sums["complaint"] > 0)
    if sums["question"] >= 1 and words <= 5 and any(aspect.id == "price" for aspect in page.reading.aspects):
        sums["purchase_intent"] += 1
    if sums["question"] and sums["recommendation"] and not page.reading.sentiment_score > _MATTERS:
        sums["recommendation"] = 0.0


def _judge(page: Page, sums: dict[str, float]) -> None:
    """Complaint and praise lean on the sentiment, on what is judged, on whom it is said to, and on a rating."""
    reading = page.reading
    score = reading.sentiment_score
    addressed = 0.35 if page.is_reply or page.kinds[:1] == [ACCOUNT] else 0.2 * (ACCOUNT in page.kinds)
    support = addressed + 0.25 * (not _OURSELVES.isdisjoint(page.folded))
    judged = [aspect.score for aspect in reading.aspects if aspect.id not in _NEWS]
    if score < -_MATTERS:
        names = 0.45 if any(one <= -0.1 for one in judged) else 0.2 * bool(judged)
        sums["complaint"] += 0.3 + 0.15 * (score < -0.5) + names + support
    elif score < -0.1 and any(one <= -_JUDGED for one in judged):
        sums["complaint"] += 0.4 + support
    if score > _MATTERS:
        wishes = max(sums["suggestion"], sums["purchase_intent"], sums["contact_request"]) >= ENOUGH
        sums["praise"] += (0.3 + 0.4 * any(one >= _JUDGED for one in judged) + support) * (0.3 if wishes else 1)
        sums["complaint"] *= 0.5
    elif score < -0.2 or reading.irony > 0.5:
        sums["praise"] *= 0.3
    elif sums["praise"] < 1:
        sums["praise"] *= 0.6
    _leave(sums, score)
    if page.rating is not None:
        sums["complaint"] += 0.5 * (page.rating <= 0.3)
        sums["praise"] += 0.5 * (page.rating >= 0.8)


def _leave(sums: dict[str, float], score: float) -> None:
    """Who threatens to leave complains, unless glad; who is not glad recommends less."""
    if sums["recommendation"] and score < -_MATTERS:
        sums["recommendation"] *= 0.6
    if sums["churn_threat"] >= ENOUGH and score <= 0:
        sums["complaint"] += ENOUGH if score < -0.05 else 0.4
    elif score > _MATTERS:
        sums["churn_threat"] *= 0.5


def _suspect(page: Page, sums: dict[str, float]) -> None:
    """Bait counts with what usually stands beside it: links, heaps of tags and names, capitals, money, the same words again."""
    kinds, words = page.kinds, len(page.folded)
    tags, names = kinds.count(HASHTAG), kinds.count(ACCOUNT)
    repeats = words >= 8 and len(set(page.folded)) <= words * 0.5 and _repeats(page)
    if not (sums["spam"] or repeats or tags >= 8 or names >= 8):
        return
    sums["spam"] += 0.25 * (LINK in kinds) + 0.3 * (tags >= 6) + 0.3 * (names >= 5) + 0.15 * (not _MONEY.isdisjoint(page.text))
    sums["spam"] += 0.6 * repeats + 0.15 * (page.text.isupper() and words > 3)


def _repeats(page: Page) -> bool:
    words = [word for word, kind in zip(page.folded, page.kinds, strict=True) if kind == WORD]
    return len(words) >= 8 and len(set(words)) <= len(words) * 0.4


def _decide(sums: dict[str, float]) -> tuple[str, ...]:
    found = tuple(intent for intent in INTENTS if sums[intent] >= (1 if intent == "spam" else ENOUGH))
    if "spam" in found:
        return tuple(intent for intent in found if intent in ("question", "spam"))
    return found


reader = IntentsReader()
