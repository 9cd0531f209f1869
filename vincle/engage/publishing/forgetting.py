"""What short links hold of someone who is forgotten: the links they were given lead nowhere any more."""

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from vincle.accounts.models import Workspace

from .models import ShortLink


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Counts stay; whose they were goes."""
    theirs = ShortLink.objects.of(workspace).filter(Q(handle__in=handles) | Q(person__in=people))
    return {"links": theirs.update(person=None, handle=None, share_code="", name="", retired_at=timezone.now())}
