"""What the inbox holds of someone who is forgotten: what the team noted and drafted in their conversations, and how they were served."""

from collections.abc import Collection

from vincle.accounts.models import Workspace

from .models import Draft, Note, Satisfaction, Thread


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Conversations keep their shape; notes, drafts and comments go."""
    asked = Satisfaction.objects.of(workspace).filter(handle__in=handles)
    threads = set(Thread.objects.of(workspace).filter(handle__in=handles).values_list("key", flat=True))
    threads |= set(asked.values_list("thread", flat=True))
    notes, _ = Note.objects.of(workspace).filter(thread__in=threads).delete()
    drafts, _ = Draft.objects.of(workspace).filter(thread__in=threads).delete()
    asked.update(comment="", handle=None)
    return {"notes": notes + drafts}
