"""What the team decided about who is who, as the linkage takes it: who is never one person, and the sides of who is."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from vincle.store.scope import ScopedQuerySet
from vincle.vocabulary import from_public_id

from .models import Belonging, Case, Move, Person

MOST_TAUGHT = 2_000
"""So many joins, the latest, teach a model: each costs two records."""


class Decided(NamedTuple):
    """`apart`: pairs of living people. `sides`: of people whom the team joined, the handles of either side. `decisions`: how many."""

    apart: frozenset[tuple[int, int]]
    sides: dict[int, tuple[frozenset[int], frozenset[int]]]
    decisions: int


def decided(workspace: int) -> Decided:
    """All that the team said, and still means."""
    answers = list(Case.objects.of(workspace).filter(state=Case.State.DIFFERENT).values_list("left", "right"))
    joins = list(_joins(workspace).values_list("person", "handles")[:MOST_TAUGHT])
    parted = list(_parted(workspace).values_list("person", "other"))
    leads = _living({side for pair in (*answers, *parted) for side in pair} | {person for person, _ in joins})
    pairs = {tuple(sorted((leads[one], leads[other]))) for one, other in (*answers, *parted) if one in leads and other in leads}
    apart = frozenset((pair[0], pair[1]) for pair in pairs if pair[0] != pair[1])
    return Decided(apart, _sides((leads[person], handles) for person, handles in joins if person in leads), count(workspace))


def count(workspace: int) -> int:
    """How much the team decided."""
    return Case.objects.of(workspace).filter(state=Case.State.DIFFERENT).count() + _joins(workspace).count() + _parted(workspace).count()


def _joins(workspace: int) -> ScopedQuerySet:
    return Move.objects.of(workspace).filter(act=Move.Act.MERGE, undone_at=None).order_by("-pk")


def _parted(workspace: int) -> ScopedQuerySet:
    """Links that someone took back, and splits."""
    moves = Move.objects.of(workspace)
    wrong = moves.filter(act=Move.Act.LINK, undone_at__isnull=False)
    return wrong | moves.filter(act=Move.Act.SPLIT, undone_at=None).exclude(via__in=("data", "job"))


def _living(people: Iterable[int]) -> dict[int, int]:
    """Whom each id leads to."""
    return {person: into or person for person, into in Person.objects.filter(pk__in=set(people)).values_list("pk", "merged_into")}


def _sides(joins: Iterable[tuple[int, list[str]]]) -> dict[int, tuple[frozenset[int], frozenset[int]]]:
    """Of each person the latest join."""
    moved: dict[int, frozenset[int]] = {}
    for person, handles in joins:
        moved.setdefault(person, frozenset(map(from_public_id, handles)))
    owned: dict[int, set[int]] = defaultdict(set)
    for handle, person in Belonging.objects.filter(person__in=moved).values_list("handle", "person"):
        owned[person].add(handle)
    found = {person: (frozenset(owned[person] - came), frozenset(owned[person] & came)) for person, came in moved.items()}
    return {person: sides for person, sides in found.items() if all(sides)}
