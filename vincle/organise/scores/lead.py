"""Lead score: how likely someone who never bought buys for the first time within 90 days.

What they did is weighed by rules, or by what was learnt from those who became customers. What is known of them (an address, a company,
a consent) is weighed by rules alone: such things are often learnt at the purchase itself, so the past cannot tell what they are worth.

>>> numbers = np.zeros((1, len(NUMBERS)))
>>> round(float(rule(numbers)[0]), 3)
0.047
"""

from typing import Any, Final

import numpy as np
from scipy.special import expit

from vincle.vocabulary import ObjectType, Verb

from ..segments.frame import Bools, Floats, Frame, Now
from . import _learning
from ._acts import CART, CHECKOUT, PRODUCT_SEEN, Behaviour
from .base import NOTHING, Found, Known, Learnt, Reason, Spec, strongest

DAYS, HALF = 90.0, 30.0
BASE: Final = -3.0
RULES: Final = {
    "form": 0.8, "wants": 1.2, "contact": 0.9, "question": 0.3, "cart": 0.8, "seen": 0.4, "visited": 0.15, "opened": 0.15,
    "clicked": 0.35, "met": 0.5, "follows": 0.2,
}  # fmt: skip
NUMBERS: Final = tuple(RULES)
PROFILE: Final = {"email": 0.3, "phone": 0.2, "company": 0.2, "job_title": 0.2}
GRANTED, REFUSED = 0.3, -0.5
SCORE: Final = Spec(
    "lead", "share", 0.0, 1.0, 0.005, is_global=True, most=100_000, traits=frozenset(PROFILE), consents=True, labels=("cold", "warm", "hot")
)
HOT, COLD = 0.3, 0.08
rule: Final = _learning.ruled(BASE, list(RULES.values()))


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    asked, numbers = _asked(did), _numbers(did)
    profile = _profile(frame)
    extra = sum(profile.values(), np.zeros(did.k))
    found = _learning.learnt(known, len(NUMBERS))
    if found is None:
        chance = expit(BASE + numbers @ np.array(list(RULES.values())) + extra)
        confidence = 0.4 * (1 + did.count(did.theirs)) / (5 + did.count(did.theirs))
        weights, means = np.array(list(RULES.values())), np.zeros(len(NUMBERS))
    else:
        # What is known of all leads in the mean is in what was learnt already.
        chance = expit(found.logit(numbers) + extra - float(known.learnt.get("profile", 0.0)))
        confidence = _learning.sure(found, numbers, float(known.learnt.get("ece", 0.0)))
        weights, means = found.weights[1:], np.asarray(known.learnt["means"])
    value = np.where(asked, chance, np.nan)
    times = [did.count(each & (did.days < 180)) for each in _signals(did)]

    def reasons(person: int) -> list[Reason]:
        def told(place: int) -> dict[str, Any]:
            return {"count": int(times[place][person])} if times[place][person] or found else {}

        acted = _learning.pushes(NUMBERS, weights, numbers[person], means, told)
        about = [Reason(f"knows_{name}", {"known": True}, round(float(each[person]), 4)) for name, each in profile.items() if each[person]]
        return strongest([*acted, *about])

    labels = ["" if np.isnan(each) else "hot" if each >= HOT else "cold" if each < COLD else "warm" for each in value]
    return Found(value, np.where(asked, confidence, np.nan), lambda i: reasons(i) if asked[i] else NOTHING, labels)


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    """What is known of each person now stands behind the numbers, for its mean."""
    extra = sum(_profile(frame).values(), np.zeros(len(frame.ids)))
    return _learning.windows(
        frame, now, DAYS, _asked, lambda did: np.column_stack((_numbers(did), extra)), lambda did: did.count(did.verb(Verb.PURCHASE))
    )


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    acted, about = (rows[:, :-1], rows[:, -1]) if len(rows) else (rows, rows)
    model, quality = _learning.learn(acted, now, DAYS, list(RULES.values()), rule)
    return Learnt({**model, "profile": float(about.mean())} if model else model, quality)


def _asked(did: Behaviour) -> Bools:
    found: Bools = (did.since(did.theirs) < _learning.ACTIVE) & (did.count(did.verb(Verb.PURCHASE)) == 0)
    return found


def _signals(did: Behaviour) -> tuple[Bools, ...]:
    viewed = did.verb(Verb.VIEW)
    seen, clicked = did.labelled("event", *PRODUCT_SEEN), viewed & did.kind(ObjectType.LINK)
    return (
        did.verb(Verb.SUBMIT) & did.kind(ObjectType.FORM), did.labelled("intent", "purchase_intent"),
        did.labelled("intent", "contact_request"), did.labelled("intent", "question"), did.labelled("event", *CART, *CHECKOUT), seen,
        viewed & ~clicked & ~seen, did.verb(Verb.READ), clicked, did.verb(Verb.ARRIVE, Verb.MEET, Verb.JOIN), did.verb(Verb.FOLLOW),
    )  # fmt: skip


def _numbers(did: Behaviour) -> Floats:
    return np.log1p(np.column_stack([did.recent(each, HALF) for each in _signals(did)]))


def _profile(frame: Frame) -> dict[str, Floats]:
    """What each thing that is known adds to the log odds."""
    count = len(frame.ids)
    found = {
        name: weight * np.fromiter((bool(each) for each in frame.traits.get(name, ())), np.float64)
        for name, weight in PROFILE.items()
        if len(frame.traits.get(name, ())) == count
    }
    permits = frame.consents.get(("email", "marketing"), ())
    if len(permits) == count:
        worth = {"granted": GRANTED, "": 0.0}
        found["consent"] = np.fromiter((worth.get(each, REFUSED) for each in permits), np.float64)
    return found
