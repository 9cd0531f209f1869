"""What the team has worked out of activities, and who is who to whom."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class ComputedTrait(Scoped):
    """A trait that is counted from what people did: a `did` clause with its measure. Kept true like a segment."""

    name = models.CharField(max_length=120)
    label = models.CharField(max_length=120, blank=True)
    expression = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    hidden_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(null=True, default=-(2**63), help_text="Everybody up to this id is counted; empty: everybody is.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_computed_trait")]

    def __str__(self) -> str:
        return self.label or self.name


class ComputedValue(Scoped):
    """What was counted for someone. Nothing to count leaves no row; days are kept as seconds since 1970."""

    trait = models.ForeignKey(ComputedTrait, on_delete=models.CASCADE, related_name="values", db_index=False)
    person = models.BigIntegerField()
    value = models.FloatField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "trait"], name="one_computed_value")]
        indexes: ClassVar = [models.Index(fields=["trait", "value", "person"], name="computed_by_value")]


class Relation(Scoped):
    """One person is something to another: works for, recommended, colleague, family, friend. Read from `person` to `other`."""

    class Kind(models.TextChoices):
        WORKS_FOR = "works for"
        RECOMMENDED = "recommended"
        COLLEAGUE = "colleague"
        FAMILY = "family"
        FRIEND = "friend"

    person = models.BigIntegerField()
    other = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=12, default="team", help_text="team, or what it was read from: traits, acts.")
    evidence = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    removed_at = models.DateTimeField(null=True, help_text="Taken back by the team; the row stays, so that no reading brings it again.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "other", "kind"], name="one_relation")]
        indexes: ClassVar = [models.Index(fields=["other", "kind"], name="relation_by_other")]
