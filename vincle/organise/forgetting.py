"""What is held here of someone who is forgotten."""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Q

from vincle.accounts.models import Workspace

from .models import (
    ClusterMember,
    ComputedValue,
    Due,
    Handover,
    History,
    Membership,
    Note,
    Profile,
    Relation,
    Score,
    Tagging,
    Touched,
)

_OF_PEOPLE: Final[tuple[Any, ...]] = (
    Profile, Note, Tagging, Handover, ComputedValue, Score, ClusterMember, Membership, Due, Touched,
)  # fmt: skip


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Delete profiles, notes, tags, scores, memberships and relations of people, and what their handles did as it is packed."""
    gone = sum(model.objects.of(workspace).filter(person__in=people).delete()[0] for model in _OF_PEOPLE)
    gone += Relation.objects.of(workspace).filter(Q(person__in=people) | Q(other__in=people)).delete()[0]
    gone += History.objects.of(workspace).filter(handle__in=handles).delete()[0]
    return {"profiles": gone}
