"""How ready-made plans go on by themselves in a workspace."""

from typing import ClassVar

from django.db import models

from vincle.store.scope import Scoped

__all__ = ["PlanRun"]


class PlanRun(Scoped):
    """A plan that repeats: `next_at` empty while it rests. What leaves by itself is what `approved_by` approved, word for word."""

    plan = models.CharField(max_length=20)
    next_at = models.DateTimeField(null=True, help_text="When its next campaign is made.")
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True)
    journey = models.CharField(max_length=16, blank=True, help_text="Public id of the journey made of it, if one was.")
    said = models.CharField(max_length=300, blank=True, help_text="What became of the last turn, where no campaign left.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "plan"], name="one_plan_run")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="plan_run_due", condition=models.Q(next_at__isnull=False))]
