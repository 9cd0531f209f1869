"""Which touchpoints count, what they cost, and the experiments that settle what they bring."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped

_USER = "accounts.User"


class TouchRules(Scoped):
    """How the team counts; one row a workspace, once it has chosen. `stages`: by kind a stage, or "" where the kind does not count."""

    stages = models.JSONField(default=dict)
    window = models.PositiveSmallIntegerField(default=30, help_text="Days before a purchase within which a touch counts.")
    first_only = models.BooleanField(default=False, help_text="Only the first purchase of each customer is a conversion.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_touch_rules")]


class TouchCost(Scoped):
    """What a touchpoint costs in a month, as the team says, in the workspace's currency. `kind`: its key (see `channels`)."""

    kind = models.CharField(max_length=200)
    month = models.DateField(null=True, help_text="Its first day; none: each month that has no sum of its own.")
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "month"], name="one_touch_cost"),
            models.UniqueConstraint(fields=["workspace", "kind"], name="one_usual_touch_cost", condition=models.Q(month=None)),
        ]


class TouchExperiment(Scoped):
    """Some people go without a kind of touchpoint by lot. `base`, `lift`: shares; `counts`: what came out, as the team counted it."""

    kind = models.CharField(max_length=20)
    base = models.FloatField()
    lift = models.FloatField()
    held_share = models.FloatField(default=0.5)
    treated = models.BigIntegerField()
    held = models.BigIntegerField()
    days = models.PositiveIntegerField(null=True)
    campaign = models.BigIntegerField(null=True, help_text="A campaign with a hold-out that carries it out.")
    counts = models.JSONField(default=dict, help_text="treated, converted, held, converted_held.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="touch_experiments")]
