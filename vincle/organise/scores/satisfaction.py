"""Satisfaction: how content someone is, 0 to 1, from ratings, answers, words and complaints; what is older counts less.

Little is known of most people, so each is drawn towards the mean of the workspace by Buehlmann and Straub's credibility:
value = z * own + (1 - z) * mean, z = w / (w + k), where k is what people differ within themselves over what they differ between each
other. z is the confidence. Source: H. Buehlmann and E. Straub, Glaubwuerdigkeit fuer Schadensaetze (1970); Buehlmann and Gisler, A Course
in Credibility Theory (2005), 4.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vincle.vocabulary import ObjectType

from ..segments.frame import Bools, Floats, Frame, Now
from . import _tones
from ._acts import Behaviour, fading
from .base import NOTHING, Found, Known, Learnt, Reason, Spec, strongest

SCORE: Final = Spec("satisfaction", "share", 0.0, 1.0, 0.01, is_global=True, labels=("unhappy", "mixed", "content"))
HALF: Final = 180.0
CREDIBILITY, MOST_CREDIBILITY = 3.0, 50.0
FEWEST_PEOPLE, FEWEST_TWICE = 5, 20
CONTENT, UNHAPPY = 0.65, 0.4


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    tone, weight = _tones.said(did)
    heavy = weight * fading(did.days, HALF)
    spoke = weight > 0
    total = did.sum(spoke, heavy)
    mean, k = float(known.learnt.get("mean", 0.0)), float(known.learnt.get("k", CREDIBILITY))
    own = (did.sum(spoke, heavy * tone) + k * mean) / (total + k)
    value = np.where(did.count(spoke) > 0, (1 + own) / 2, np.nan)

    kinds = _kinds(did, tone, spoke)

    def reasons(person: int) -> list[Reason]:
        return strongest(_reasons(did, person, kinds, tone, heavy, mean, 2 * (total[person] + k)))

    labels = ["" if np.isnan(each) else "content" if each >= CONTENT else "unhappy" if each <= UNHAPPY else "mixed" for each in value]
    confidence = np.where(np.isnan(value), np.nan, total / (total + k))
    return Found(value, confidence, lambda i: NOTHING if np.isnan(value[i]) else reasons(i), labels)


def _kinds(did: Behaviour, tone: Floats, spoke: Bools) -> dict[str, Bools]:
    """Which acts are of which kind of saying; each is of one."""
    rated = did.theirs & np.isfinite(did.frame.acts.rating)
    answers = rated & did.kind(ObjectType.ANSWER)
    complaints = _tones.complaints(did) & ~rated
    words = spoke & ~rated & ~complaints
    return {
        "answers": answers, "ratings": rated & ~answers, "complaints": complaints, "good_words": words & (tone > 0),
        "bad_words": words & (tone < 0),
    }  # fmt: skip


def _reasons(
    did: Behaviour, person: int, kinds: Mapping[str, Bools], tone: Floats, heavy: Floats, mean: float, whole: float
) -> list[Reason]:
    """What each kind of saying adds to the mean of all."""
    acts = did.frame.acts
    first, end = int(acts.start[person]), int(acts.start[person + 1])
    found = [Reason("usual", {"share": round((1 + mean) / 2, 3)}, 0.0)]
    for code, chosen in kinds.items():
        at = first + np.flatnonzero(chosen[first:end])
        if at.size:
            more = {"mean": round(float((1 + tone[at].mean()) / 2), 3)} if code in ("answers", "ratings") else {}
            weight = float((heavy[at] * (tone[at] - mean)).sum() / whole)
            found.append(Reason(code, {"count": len(at), "at": int(acts.at[at].max()), **more}, round(weight, 4)))
    return found


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    """Of who said something: id, weight, mean, weighted squares about it, how often."""
    did = Behaviour(frame, now.micros)
    tone, weight = _tones.said(did)
    heavy, spoke = weight * fading(did.days, HALF), weight > 0
    total, times = did.sum(spoke, heavy), did.count(spoke)
    there = times > 0
    own = np.divide(did.sum(spoke, heavy * tone), total, out=np.zeros(did.k), where=total > 0)
    squares = did.sum(spoke, heavy * (tone - own[did.who]) ** 2)
    return np.column_stack((frame.ids.astype(np.float64), total, own, squares, times))[there & (total > 0)]


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    people = len(rows)
    quality = {"state": "rule", "people": people, "k": CREDIBILITY}
    if people < FEWEST_PEOPLE:
        return Learnt({}, {**quality, "why": "few"})
    rows = rows[np.lexsort(rows[:, ::-1].T)]
    _, weight, own, squares, times = rows.T
    mean = float((weight * own).sum() / weight.sum())
    twice = int((times > 1).sum())
    if twice < FEWEST_TWICE:
        k, state = CREDIBILITY, "rule"
    else:
        k, state = credibility(weight, own, squares, times, mean), "measured"
    why = {"why": "few twice"} if state == "rule" else {}
    told = {"state": state, "k": round(k, 4), "mean": round((1 + mean) / 2, 5), "twice": twice, **why}
    return Learnt({"mean": mean, "k": k}, {**quality, **told})


def credibility(weight: Floats, own: Floats, squares: Floats, times: Floats, mean: float) -> float:
    """k of Buehlmann and Straub: variance within people (per unit of weight) over variance between them; large where they do not differ.

    >>> one = np.ones(4)
    >>> credibility(2 * one, np.array([0.0, 0.0, 1.0, 1.0]), 0.5 * one, 2 * one, 0.5)
    6.0
    """
    within = float(squares.sum() / (times - 1).sum())
    total = float(weight.sum())
    between = float(((weight * (own - mean) ** 2).sum() - (len(weight) - 1) * within) / (total - (weight**2).sum() / total))
    return min(max(within / between, 0.5), MOST_CREDIBILITY) if between > 0 else MOST_CREDIBILITY
