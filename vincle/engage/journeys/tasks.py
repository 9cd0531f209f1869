"""What colleagues were asked to do about someone: done, taken over, open again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .models import Task

KIND = "task"


def open_count(workspace: Workspace) -> int:
    return int(Task.objects.of(workspace).filter(done_at=None).count())


def listed(workspace: Workspace, *, done: bool = False, of: User | None = None, late: datetime | None = None) -> Any:
    """Open ones by when they are due (those without a day last), done ones newest first. `of`: someone's own and those nobody has taken."""
    rows = Task.objects.of(workspace).filter(done_at__isnull=not done).select_related("journey", "to", "done_by")
    if of is not None:
        rows = rows.filter(Q(to=of) | Q(to=None))
    if late is not None:
        rows = rows.filter(due_at__lt=late)
    return rows.order_by("-done_at", "-pk") if done else rows.order_by(F("due_at").asc(nulls_last=True), "pk")


def finish(workspace: Workspace, user: User, task: Task, *, back: bool = False) -> bool:
    """Say that it is done, or open it again; False when it stood so."""
    with transaction.atomic():
        rows = Task.objects.of(workspace).filter(pk=task.pk, done_at__isnull=not back)
        if not rows.update(done_at=None if back else timezone.now(), done_by=None if back else user):
            return False
        audit.record(workspace, user, "opened again" if back else "finished", KIND, task.pk, task.text)
    return True


def take(workspace: Workspace, user: User, task: Task) -> bool:
    """Have it oneself; False when one has it, or it is done."""
    with transaction.atomic():
        rows = Task.objects.of(workspace).filter(pk=task.pk, done_at=None).exclude(to=user)
        if not rows.update(to=user):
            return False
        audit.record(workspace, user, "took over", KIND, task.pk, task.text)
    return True
