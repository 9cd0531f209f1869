"""What is held here of someone who is forgotten."""

from collections.abc import Collection

from vincle.accounts.models import Workspace
from vincle.store.models import Cursor

from .engagement_due import ASKED, name_of
from .models import EngagementEvidence, EngagementValue


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Delete what they were worth; what others owe to them, or they to others, is worked out anew soon."""
    ids = {*people, *handles}
    gone, _ = EngagementValue.objects.of(workspace).filter(person__in=ids).delete()
    EngagementEvidence.objects.of(workspace).filter(person__in=ids).delete()
    if gone:
        Cursor.objects.filter(name=name_of(workspace)).update(done=ASKED)
    return {"engagement values": gone}
