"""What journeys hold of someone who is forgotten: that they were there is counted on; why, what of them and for whom goes."""

from collections.abc import Collection

from django.utils import timezone

from vincle.accounts.models import Workspace

from .models import HookCall, Task, Walk, WalkStep


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """They go no further; rows keep their shape, for what was counted stays true."""
    walks = Walk.objects.of(workspace).filter(person__in=people)
    on_the_way = walks.filter(state=Walk.State.WAITING)
    stopped = on_the_way.update(state=Walk.State.STOPPED, wakes_at=None, ended_at=timezone.now())
    WalkStep.objects.of(workspace).filter(walk__in=walks.values("pk")).update(why={})
    calls, _ = HookCall.objects.of(workspace).filter(walk__in=walks.values("pk")).delete()
    tasks, _ = Task.objects.of(workspace).filter(person__in=people).delete()
    return {"journeys": stopped, "tasks": tasks, "calls": calls}
