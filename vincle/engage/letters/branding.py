"""The brand of a workspace: read by letters, written from its screen."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import look
from .models import Brand


def look_of(workspace: Workspace) -> look.Look:
    """How the company looks now; a plain look in its name as long as nobody chose one."""
    row = Brand.objects.of(workspace).first()
    return look.read(row.look if row else {"company": workspace.name})


def save(workspace: Workspace, user: User, raw: dict[str, Any]) -> look.Look:
    """Keep what was chosen. Letters that were kept as versions stay as they were."""
    read = look.read(raw)
    with transaction.atomic():
        Brand.objects.update_or_create(workspace=workspace, defaults={"look": read, "changed_by": user, "changed_at": timezone.now()})
        audit.record(workspace, user, "changed", "brand", "", read["company"])
    return read
