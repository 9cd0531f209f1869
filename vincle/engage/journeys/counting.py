"""How many stand where, and how many went by."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, Sum

from .models import Journey, Passed, Walk


class Live(NamedTuple):
    """Of one step: who waits in it now, and who went through it since the journey began."""

    waiting: int
    passed: int


def live(journey: Journey) -> dict[str, Live]:
    """By step; steps nobody came to are not in it. Two queries."""
    walks = Walk.objects.filter(journey=journey, state=Walk.State.WAITING).values_list("node").annotate(n=Count("pk"))
    waiting: dict[str, int] = dict(walks)
    passed: dict[str, int] = dict(Passed.objects.filter(journey=journey).values_list("node").annotate(n=Sum("people")))
    return {node: Live(waiting.get(node, 0), passed.get(node, 0)) for node in waiting.keys() | passed.keys()}


def ways(journey: Journey) -> dict[str, dict[int, int]]:
    """How many went on by which way of a step (`definition.flow` says what the ways are). One query."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for node, way, people in Passed.objects.filter(journey=journey).values_list("node", "way", "people"):
        found[node][way] = people
    return dict(found)


def ends(journey: Journey) -> dict[str, int]:
    """How many are on the way ("waiting"), and how the others ended: done, goal, left, stopped. One query."""
    return dict(Walk.objects.filter(journey=journey).values_list("state").annotate(n=Count("pk")))
