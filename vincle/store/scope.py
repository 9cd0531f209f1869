"""Rows that belong to one workspace. The only way to them is `.of(workspace)`."""

from typing import Any, Self

from django.db import models


class ScopedQuerySet(models.QuerySet[Any]):
    def of(self, workspace: Any) -> Self:
        """Rows of this workspace (an instance or its id)."""
        return self.filter(workspace_id=getattr(workspace, "pk", workspace))


class Scoped(models.Model):
    """Base of every row that belongs to a workspace."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
