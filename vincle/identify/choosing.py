"""Of all pairs that were compared: which to join, and which to ask about, the most useful question first."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from math import inf
from typing import Any, NamedTuple

import numpy as np
from msgspec import to_builtins
from numpy.typing import NDArray

from .gather import Gathered
from .joining import ProbableLink
from .linkage.kinds import independent, speaking
from .linkage.run import Outcome
from .rules import COSTS, KINDS_TO_LINK, Costs

Pair = tuple[int, int]
STALE = 0.3
"""An open question that has become less probable than this is none any more."""
ASK = Costs(wrong=inf)
"""For pairs that a human has to look at, however sure the model is."""
ASK_STILL = Costs(wrong=inf, question=STALE)
_CHUNK = 500_000
MOST_OPEN = 500
MOST_EACH = 3
"""Questions about one person at a time: the answer to one often settles the others."""


class Chosen(NamedTuple):
    """`links` to be joined; `questions` to be opened; `again`: open questions with the evidence as it is now; `moot`: no longer any."""

    links: list[ProbableLink]
    questions: list[ProbableLink]
    again: list[ProbableLink]
    moot: set[Pair]


def choose(outcome: Outcome, gathered: Gathered, apart: Collection[Pair], waiting: Mapping[Pair, bool], looked_at: Set[int]) -> Chosen:
    """Pairs are (smaller, larger) id. `waiting`: questions, and whether likelihood alone asks them; `looked_at`: people all of whose
    pairs were compared.

    A question is useful as far as it saves a link that would be missed: the more probable the more.
    """
    candidates = list(_candidates(outcome, gathered, apart))
    odds = {people: place for place, people, _, _ in candidates}
    sure = {people for _, people, _, may_link in candidates if may_link}
    links = [_linked(outcome, gathered, odds[people]) for _, people, _, may_link in candidates if may_link]
    again = [_linked(outcome, gathered, odds[people]) for people in sorted(waiting) if people in odds and people not in sure]
    moot = {people for people, may_close in waiting.items() if may_close and people not in odds and not looked_at.isdisjoint(people)}
    room = MOST_OPEN - (len(waiting) - len(moot))
    asked = Counter(person for people in waiting if people not in moot for person in people)
    questions: list[ProbableLink] = []
    for place, people, probability, may_link in candidates:
        if len(questions) >= room or probability < COSTS.ask_from:
            break
        if may_link or people in waiting or any(asked[person] >= MOST_EACH for person in people):
            continue
        asked.update(people)
        questions.append(_linked(outcome, gathered, place))
    return Chosen(links, questions, again, moot)


def _candidates(outcome: Outcome, gathered: Gathered, apart: Collection[Pair]) -> Iterator[tuple[int, Pair, float, bool]]:
    """(place among the outcome's pairs, people, probability, whether they may be joined) from STALE on, the surest first."""
    pairs, probability = outcome.pairs, outcome.pairs.probability
    kinds = kinds_of(outcome)
    left, right = gathered.people[pairs.left], gathered.people[pairs.right]
    may_link = (
        (probability >= COSTS.link_from)
        & (kinds >= KINDS_TO_LINK)
        & ~(gathered.identified[pairs.left] & gathered.identified[pairs.right])
        & (outcome.clusters[pairs.left] == outcome.clusters[pairs.right])
    )
    for place in np.flatnonzero((probability >= STALE) & (left != right)).tolist():
        one, other = int(left[place]), int(right[place])
        people = (min(one, other), max(one, other))
        if people not in apart:
            yield place, people, float(probability[place]), bool(may_link[place])


def kinds_of(outcome: Outcome) -> NDArray[np.int64]:
    """How many independent kinds of evidence speak for each pair."""
    pairs, scorer = outcome.pairs, outcome.scorer
    found = np.zeros(len(pairs), np.int64)
    for begin in range(0, len(pairs), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        levels = pairs.levels[part]
        weights = scorer.weights(outcome.model, pairs.left[part], pairs.right[part], levels)
        found[part] = independent(speaking(levels, weights, scorer.matchers))
    return found


def _linked(outcome: Outcome, gathered: Gathered, place: int) -> ProbableLink:
    pairs = outcome.pairs
    left, right = int(pairs.left[place]), int(pairs.right[place])
    weight, probability = float(pairs.odds[place]), float(pairs.probability[place])
    people = int(gathered.people[left]), int(gathered.people[right])
    return ProbableLink(*people, weight, probability, list(steps(outcome, left, right)), outcome.model.prior)


def steps(outcome: Outcome, left: int, right: int) -> Iterator[dict[str, Any]]:
    """The waterfall of two records as a question keeps it."""
    for each in outcome.scorer.evidence(outcome.model, left, right):
        yield {
            "matcher": each.matcher,
            "level": each.level,
            "weight": round(each.weight, 3),
            "code": each.said.code,
            "values": to_builtins(each.said.values),
        }


def places_of(gathered: Gathered, pairs: Iterable[Pair]) -> set[Pair]:
    """Pairs of people as pairs of records; those not gathered are left out."""
    at = gathered.places()
    return {(min(at[one], at[other]), max(at[one], at[other])) for one, other in pairs if one in at and other in at}


def sides_of(gathered: Gathered) -> set[Pair]:
    """Neighbouring records of one person: the sides of what the team joined."""
    people: Sequence[int] = gathered.people.tolist()
    return {(at, at + 1) for at in range(len(people) - 1) if people[at] == people[at + 1]}
