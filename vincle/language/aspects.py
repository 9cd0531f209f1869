"""What is judged and how: words that name an aspect, with the signs of their clause; and what the text is about."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from ._spoken import Hits, Names, hits, matches, spoken
from .base import Context
from .page import EMOJI, HASHTAG, STOP, WORD, Page
from .reading import Aspect, Clue

_JOINS: Final = frozenset("and y e i et &".split())
_TURNS: Final = frozenset(
    """but however although though yet whereas while except only pero sino aunque mientras excepto salvo ma tuttavia sebbene invece mentre
    eccetto tranne encara malgrat tret excepte tanmateix mas porem embora enquanto exceto mais cependant pourtant sauf""".split()
)
_PARTING: Final = _TURNS | _JOINS
_OTHER_TURNS: Final = _TURNS - {"mais"}
"""`mais` is `but` in French, `more` in Portuguese."""
_CUTS: Final = frozenset(",;:()—–|/•")
_FAR: Final = 6
"""Words over which a clause without a sign of its own may borrow its neighbour's."""
_FULL: Final = 1.3


class _Named(NamedTuple):
    first: int
    after: int
    id: str


class AspectsReader:
    id: ClassVar[str] = "aspects"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"aspects", "topics"})
    after: ClassVar[tuple[str, ...]] = ("tongue", "sentiment")

    def read(self, pages: Sequence[Page], context: Context) -> None:
        own = Names({**{name: _safe(value) for name, value in context.products.items()}, **context.aspects})
        for page in pages:
            words = page.folded
            if HASHTAG in page.kinds:
                words = [word[1:] if kind == HASHTAG else word for word, kind in zip(words, page.kinds, strict=True)]
            named = _named(words, hits(spoken(page, "aspects"), "aspects"), [_Named(*one) for one in own.find(page)] if own else [])
            page.reading.aspects = _judged(page, named) if named else ()
            topics = [columns[0] for _, _, columns in matches(words, hits(spoken(page, "topics"), "topics"))]
            page.reading.topics = tuple(dict.fromkeys([*(aspect.id for aspect in page.reading.aspects), *topics]))


def _safe(name: str) -> str:
    """A product's name as an id: without the signs that separate ids where they are stored."""
    return name.replace("|", " ").replace(":", " ")


def _named(words: Sequence[str], known: Hits, own: list[_Named]) -> list[_Named]:
    """Words that name an aspect, a team's own words first, in the order of the text."""
    found = [_Named(first, after, columns[0]) for first, after, columns in matches(words, known)]
    if own:
        taken = {token for one in own for token in range(one.first, one.after)}
        found = sorted(own + [one for one in found if taken.isdisjoint(range(one.first, one.after))])
    return found


def _judged(page: Page, named: list[_Named]) -> tuple[Aspect, ...]:
    """Each aspect once, at the words that named it first, with the mean of what is said of it."""
    scores = _scores(page, named)
    merged: dict[str, list[float]] = {}
    for one, score in zip(named, scores, strict=True):
        if score or one.id not in merged:
            merged.setdefault(one.id, []).append(score)
    places = {one.id: one for one in reversed(named)}
    return tuple(
        Aspect(id, page.starts[places[id].first], page.end(places[id].after - 1), _mean([score for score in said if score]))
        for id, said in merged.items()
    )


def _mean(scores: list[float]) -> float:
    return round(max(-1.0, min(1.0, sum(scores) / len(scores) * _FULL)), 2) if scores else 0.0


def _scores(page: Page, named: list[_Named]) -> list[float]:
    """What the clauses say of each: its own clue (a word that names and judges), else the nearest of the clause, else the neighbour's."""
    clues = page.reading.clues
    if not clues:
        return [0.0] * len(named)
    tokens = _tokens(page, clues)
    begins, stops = _breaks(page, {one.first for one in named}, {token for token, _ in tokens})
    clauses = {token: bisect_right(begins, token) for token in (*(one.first for one in named), *(token for token, _ in tokens))}
    heads = {clauses[one.first] for one in named}
    scores = []
    for one in named:
        clause = clauses[one.first]
        near = [(token, weight) for token, weight in tokens if clauses[token] == clause]
        rivals = [other for other in named if other.id != one.id and clauses[other.first] == clause] if near else ()
        if rivals:
            near = [pair for pair in near if _distance(one, pair[0]) <= min(_distance(other, pair[0]) for other in rivals)] or near
        if not near:
            sentence = bisect_right(stops, one.first)
            near = [
                (token, weight)
                for token, weight in tokens
                if bisect_right(stops, token) == sentence and clauses[token] not in heads and _distance(one, token) <= _FAR
            ]
        scores.append(sum(weight for _, weight in near) / len(near) ** 0.5 if near else 0.0)
    return scores


def _distance(one: _Named, token: int) -> float:
    """Words between; what follows counts as a little nearer than what stands before an aspect already judged (`slow service`)."""
    if token < one.first:
        return one.first - token
    return 0 if token < one.after else token - one.after + 1.5


def _tokens(page: Page, clues: Sequence[Clue]) -> list[tuple[int, float]]:
    """The token each clue begins at, and its weight. Praise suspected of irony for the blame elsewhere is praise of its own aspect."""
    return [
        (bisect_left(page.starts, clue.start), -clue.weight if clue.kind == "irony" and clue.weight < 0 else clue.weight)
        for clue in clues
        if clue.weight and clue.start <= page.starts[-1]
    ]


def _breaks(page: Page, heads: set[int], clues: set[int]) -> tuple[list[int], list[int]]:
    """The tokens at which clauses and sentences begin. An `and` parts clauses where both sides name and judge."""
    clauses, sentences, kinds, folded = [], [], page.kinds, page.folded
    turns = _TURNS if page.reading.language == "fr" else _OTHER_TURNS
    last = len(kinds) - 1
    for at in [at for at, kind in enumerate(kinds) if kind in "pse" or folded[at] in _PARTING]:
        kind, word = kinds[at], folded[at]
        if kind == STOP:
            clauses.append(at + 1)
            sentences.append(at + 1)
        elif kind == WORD:
            if word in turns or (word in _JOINS and _both(page, at, heads, clues, turns)):
                clauses.append(at)
        elif word in _CUTS or (kind == EMOJI and at < last and kinds[at + 1] == WORD):
            clauses.append(at + 1)
    return clauses, sentences


def _both(page: Page, at: int, heads: set[int], clues: set[int], turns: frozenset[str]) -> bool:
    """Whether between this `and` and the next break on either side something is named and judged."""
    for side in (range(at - 1, -1, -1), range(at + 1, len(page.kinds))):
        names = judges = False
        for token in side:
            if page.kinds[token] in "ps" or (page.kinds[token] == WORD and page.folded[token] in turns):
                break
            names, judges = names or token in heads, judges or token in clues
            if names and judges:
                break
        if not (names and judges):
            return False
    return True


reader = AspectsReader()
