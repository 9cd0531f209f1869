"""Affinity: how warm someone is towards us, -1 to 1, and where and over what: their channels, topics and products.

What they said, rated, liked, shared and bought has a tone; looking at something is a little of liking it. Each counts half after half a
year, and all is drawn towards 0 as if two neutral acts stood beside it: value = sum(weight * tone) / (sum(weight) + 2). Favourites are
named by their label, as `Acts` has it.
"""

from typing import Final

import numpy as np

from vincle.vocabulary import Verb

from ..segments.frame import FIELD_BITS, Bools, Floats, Frame, Now
from ..segments.frame import FIELDS as CODES
from . import _tones
from ._acts import Behaviour, fading
from .base import NOTHING, Found, Known, Reason, Spec

SCORE: Final = Spec("affinity", "tone", -1.0, 1.0, 0.02, labels=("cold", "neutral", "warm"))
HALF: Final = 180.0
BESIDE: Final = 2.0
LOOKED: Final = 0.1
WARM: Final = 0.3
FAVOURITES: Final = 2
FIELDS: Final = ("channel", "topic", "product")
_FIELD: Final = np.uint64((1 << FIELD_BITS) - 1)


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    tone, weight = _tones.shown(did)
    looked = did.verb(Verb.VIEW, Verb.READ, Verb.ARRIVE) & (weight == 0)
    tone[looked], weight[looked] = 1.0, LOOKED
    heavy, felt = weight * fading(did.days, HALF), weight > 0
    total = did.sum(felt, heavy)
    value = np.where(did.count(felt) > 0, did.sum(felt, heavy * tone) / (total + BESIDE), np.nan)

    spoke = felt & ~looked

    def reasons(person: int) -> list[Reason]:
        return [*_said(did, person, tone, heavy, total[person] + BESIDE, spoke), *_favourites(did, person, tone, spoke)]

    labels = ["" if np.isnan(each) else "warm" if each >= WARM else "cold" if each <= -WARM else "neutral" for each in value]
    confidence = np.where(np.isnan(value), np.nan, total / (total + BESIDE))
    return Found(value, confidence, lambda i: NOTHING if np.isnan(value[i]) else reasons(i), labels)


def _said(did: Behaviour, person: int, tone: Floats, heavy: Floats, whole: float, felt: Bools) -> list[Reason]:
    acts = did.frame.acts
    here = np.arange(int(acts.start[person]), int(acts.start[person + 1]))
    found = []
    for code, chosen in (("for_us", felt[here] & (tone[here] > 0)), ("against_us", felt[here] & (tone[here] < 0))):
        if chosen.any():
            at = here[chosen]
            weight = round(float((heavy[at] * tone[at]).sum() / whole), 4)
            found.append(Reason(code, {"count": len(at), "at": int(acts.at[at].max())}, weight))
    return found


def _favourites(did: Behaviour, person: int, tone: Floats, felt: Bools) -> list[Reason]:
    """Of each field those they had most to do with of late, with their share of the person's acts and how they felt there."""
    acts = did.frame.acts
    first, end = int(acts.start[person]), int(acts.start[person + 1])
    span = slice(int(acts.label_start[first]), int(acts.label_start[end]))
    labels, of = acts.labels[span], did.of_label[span]
    share = fading(did.days[first:end], HALF)
    whole = float(share[did.theirs[first:end]].sum())
    found: list[Reason] = []
    for field in FIELDS:
        mine = (labels & _FIELD == CODES[field]) & did.theirs[of]
        different, place = np.unique(labels[mine], return_inverse=True)
        sums = np.bincount(place, share[of[mine] - first], different.size)
        for each in np.lexsort((different, -sums))[:FAVOURITES].tolist():
            at = of[mine][place == each]
            moods = tone[at][felt[at]]
            mood = {"tone": round(float(moods.mean()), 2)} if moods.size else {}
            values = {"label": f"{int(different[each]):016x}", "count": len(at), **mood}
            found.append(Reason(f"favourite_{field}", values, round(float(sums[each]) / whole, 4) if whole else 0.0))
    return found
