"""How someone feels about us, act by act: what was said in words, rated, liked, recommended or complained of. -1 to 1, with a weight."""

from typing import Final, NamedTuple

import numpy as np

from vincle.vocabulary import ObjectType, Verb

from ..segments.frame import Bools, Floats
from ._acts import Behaviour


class Tones(NamedTuple):
    """Of each act: `tone` -1 to 1, and what it weighs (0: it says nothing of that)."""

    tone: Floats
    weight: Floats


SAID, RATED, ANSWERED, LIKED, SHARED, BOUGHT, NEUTRAL = 1.0, 1.5, 2.0, 0.5, 1.0, 0.5, 0.3
COMPLAINT: Final = ("complaint", "churn_threat")
PRAISE: Final = ("praise", "recommendation")


def complaints(did: Behaviour) -> Bools:
    return did.labelled("intent", *COMPLAINT)


def praises(did: Behaviour) -> Bools:
    return did.labelled("intent", *PRAISE)


def said(did: Behaviour) -> Tones:
    """Words, ratings and answers alone: what tells of satisfaction. A rating stands before the words that come with it."""
    acts = did.frame.acts
    tone, weight = np.zeros(len(acts.at)), np.zeros(len(acts.at))
    for name, value, heavy in (("positive", 1.0, SAID), ("negative", -1.0, SAID), ("neutral", 0.0, NEUTRAL)):
        here = did.tone(name)
        tone[here], weight[here] = value, heavy
    for here, value in ((praises(did), 1.0), (complaints(did), -1.0)):
        tone[here], weight[here] = value, SAID
    rated = did.theirs & np.isfinite(acts.rating)
    tone[rated] = 2 * np.clip(acts.rating[rated], 0, 1) - 1
    weight[rated] = RATED
    weight[rated & did.kind(ObjectType.ANSWER)] = ANSWERED
    return Tones(tone, weight)


def shown(did: Behaviour) -> Tones:
    """What they said, and what they showed: who likes, shares, follows and buys is on our side unless their words say otherwise."""
    tone, weight = said(did)
    for here, heavy in (
        (did.verb(Verb.LIKE, Verb.FOLLOW), LIKED), (did.verb(Verb.ANNOUNCE), SHARED), (did.verb(Verb.PURCHASE), BOUGHT),
    ):  # fmt: skip
        silent = here & (weight == 0)
        tone[silent], weight[silent] = 1.0, heavy
    left = did.verb(Verb.UNDO, Verb.LEAVE) & (weight == 0) & did.kind(ObjectType.SUBSCRIPTION, ObjectType.PROFILE, ObjectType.PERSON)
    tone[left], weight[left] = -1.0, LIKED
    return Tones(tone, weight)
