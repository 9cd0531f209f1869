"""Purchase intent: how likely someone who did something within a year buys within the next 30 days, by what they look at and ask.

Rules weigh what counts as interest; each counts half after two weeks. Where a workspace has enough purchases to learn from, the weights
move from the rules towards what they show, and are used only if they tell held-out people's purchases better.

>>> numbers = np.zeros((2, len(NUMBERS)))
>>> numbers[1, NUMBERS.index("checkout")] = np.log1p(1)
>>> np.round(rule(numbers), 3).tolist()
[0.018, 0.046]
"""

from typing import Any, Final

import numpy as np

from vincle.vocabulary import ObjectType, Verb

from ..segments.frame import Bools, Floats, Frame, Now
from . import _learning
from ._acts import CART, CHECKOUT, PRODUCT_SEEN, Behaviour
from .base import NOTHING, Found, Known, Learnt, Reason, Spec

SCORE: Final = Spec("intent", "share", 0.0, 1.0, 0.005, is_global=True, most=100_000, labels=("low", "middle", "high"))
DAYS, HALF = 30.0, 14.0
HIGH, LOW = 0.3, 0.05
BASE: Final = -4.0
RULES: Final = {
    "seen": 0.5, "cart": 1.0, "checkout": 1.4, "question": 0.4, "wants": 1.5, "contact": 0.8, "price": 0.4, "clicked": 0.3,
    "visited": 0.15, "bought": 0.4,
}  # fmt: skip
NUMBERS: Final = tuple(RULES)
rule: Final = _learning.ruled(BASE, list(RULES.values()))


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    asked, plain = _asked(did), _plain(did)
    numbers = np.log1p(plain)
    found = _learning.learnt(known, len(NUMBERS))
    signals = plain.sum(1)
    if found is None:
        chance, confidence = rule(numbers), 0.4 * (1 + signals) / (4 + signals)
        weights, means = np.array(list(RULES.values())), np.zeros(len(NUMBERS))
    else:
        chance, confidence = found.chance(numbers), _learning.sure(found, numbers, float(known.learnt.get("ece", 0.0)))
        weights, means = found.weights[1:], np.asarray(known.learnt["means"])
    value = np.where(asked, chance, np.nan)
    times = [did.count(each & (did.days < 90)) for each in _signals(did)]

    def reasons(person: int) -> list[Reason]:
        def told(place: int) -> dict[str, Any]:
            return {"count": int(times[place][person])} if times[place][person] or found else {}

        return _learning.pushes(NUMBERS, weights, numbers[person], means, told)

    labels = ["" if np.isnan(each) else "high" if each >= HIGH else "low" if each < LOW else "middle" for each in value]
    return Found(value, np.where(asked, confidence, np.nan), lambda i: reasons(i) if asked[i] else NOTHING, labels)


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    return _learning.windows(frame, now, DAYS, _asked, lambda did: np.log1p(_plain(did)), lambda did: did.count(did.verb(Verb.PURCHASE)))


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    return _learning.learn(rows, now, DAYS, list(RULES.values()), rule)


def _asked(did: Behaviour) -> Bools:
    found: Bools = did.since(did.theirs) < _learning.ACTIVE
    return found


def _signals(did: Behaviour) -> tuple[Bools, ...]:
    viewed = did.verb(Verb.VIEW)
    seen = did.labelled("event", *PRODUCT_SEEN)
    clicked = viewed & did.kind(ObjectType.LINK)
    return (
        seen, did.labelled("event", *CART), did.labelled("event", *CHECKOUT), did.labelled("intent", "question"),
        did.labelled("intent", "purchase_intent"), did.labelled("intent", "contact_request"), did.labelled("topic", "price", "offers"),
        clicked, viewed & ~clicked & ~seen, did.verb(Verb.PURCHASE),
    )  # fmt: skip


def _plain(did: Behaviour) -> Floats:
    """[k, NUMBERS]: how often of late; purchases fade with the year, all else within weeks."""
    *interest, bought = _signals(did)
    return np.column_stack([*(did.recent(each, HALF) for each in interest), did.recent(bought, 180.0)])
