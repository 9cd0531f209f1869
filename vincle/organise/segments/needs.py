"""What a frame has to carry for predicates to be evaluated on it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vincle.store.folding import fold

from .checking import BadPredicate
from .predicate import Act, All, Any, AtStage, Consented, Did, InSegment, Not, Predicate, Scored, Sequence, Tagged, Top, Trait

LONGEST_CHAIN = 10
"""Through so many segments a segment may ask others at most."""


@dataclass(frozen=True)
class Needs:
    """Names as a frame has them: tags folded, consents (channel, purpose), tops (score, count). `verbs`: None: all; empty: no acts."""

    traits: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    consents: frozenset[tuple[str, str]] = frozenset()
    scores: frozenset[str] = frozenset()
    tops: frozenset[tuple[str, int]] = frozenset()
    segments: frozenset[str] = frozenset()
    verbs: frozenset[str] | None = frozenset()
    stage: bool = False


def needs(predicates: Iterable[Predicate], segments: Mapping[str, Predicate] | None = None) -> Needs:
    """With `segments`, what the segments asked for need is among it. Raises BadPredicate as `reach` does.

    >>> sorted(needs([Tagged("VIP"), Not(Trait("city", "is", "Vic"))]).tags)
    ['vip']
    """
    asked = list(predicates)
    if segments is not None:
        asked += [segments[public] for public in sorted(set().union(*(reach(each, segments) for each in asked)))]
    clauses = [clause for each in asked for clause in clauses_of(each)]
    verbs = [act.verb for clause in clauses for act in acts_of(clause)]
    tops = frozenset((each.score, each.count) for each in clauses if isinstance(each, Top))
    return Needs(
        traits=frozenset(each.name for each in clauses if isinstance(each, Trait)),
        tags=frozenset(fold(each.name) for each in clauses if isinstance(each, Tagged)),
        consents=frozenset((each.channel, each.purpose) for each in clauses if isinstance(each, Consented)),
        scores=frozenset(each.name for each in clauses if isinstance(each, Scored)) | {score for score, _count in tops},
        tops=tops,
        segments=frozenset(each.segment for each in clauses if isinstance(each, InSegment)),
        verbs=None if () in verbs else frozenset(verb for many in verbs for verb in many),
        stage=any(isinstance(each, AtStage) for each in clauses),
    )


def clauses_of(predicate: Predicate) -> Iterator[Predicate]:
    """Its clauses without the groups around them, in the order they are written."""
    if isinstance(predicate, All | Any):
        for part in predicate.parts:
            yield from clauses_of(part)
    elif isinstance(predicate, Not):
        yield from clauses_of(predicate.part)
    else:
        yield predicate


def acts_of(clause: Predicate) -> tuple[Act, ...]:
    return (clause.act,) if isinstance(clause, Did) else clause.acts if isinstance(clause, Sequence) else ()


def reach(predicate: Predicate, segments: Mapping[str, Predicate]) -> frozenset[str]:
    """All segments a predicate asks for, and those they ask for.

    Raises BadPredicate: one is not there ("unknown_segment"), one leads back to itself ("cycle"), too many in a row ("too_deep"). To see
    whether a segment may ask this, put it among `segments` under its own id and ask for `InSegment(id)`.
    """
    found: dict[str, int] = {}
    _reach(predicate, segments, found, ())
    return frozenset(found)


def _reach(predicate: Predicate, segments: Mapping[str, Predicate], found: dict[str, int], chain: tuple[str, ...]) -> int:
    """How many segments in a row it leads through; `found` keeps it of those that were walked."""
    longest = 0
    for public in {clause.segment for clause in clauses_of(predicate) if isinstance(clause, InSegment)}:
        if public in chain:
            raise BadPredicate("", "cycle", public)
        if public not in segments:
            raise BadPredicate("", "unknown_segment", public)
        if public not in found:
            if len(chain) >= LONGEST_CHAIN:
                raise BadPredicate("", "too_deep", public)
            found[public] = _reach(segments[public], segments, found, (*chain, public))
        if len(chain) + 1 + found[public] > LONGEST_CHAIN:
            raise BadPredicate("", "too_deep", public)
        longest = max(longest, 1 + found[public])
    return longest
