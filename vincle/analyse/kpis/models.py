"""What the team wants its key figures to be, what it spends to win customers, and the value of the customer base day by day."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Target(Scoped):
    """What a key figure shall come to in each stretch of one kind: money in the workspace's currency, shares 0 to 1."""

    class Kind(models.TextChoices):
        MONTH = "month", _("A month")
        QUARTER = "quarter", _("A quarter")
        YEAR = "year", _("A year")
        THIRTY = "30", _("30 days")
        NINETY = "90", _("90 days")

    kpi = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "kpi", "kind"], name="one_target")]


class Spend(Scoped):
    """What was spent in a month to win customers, as the team says."""

    month = models.DateField(help_text="Its first day.")
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "month"], name="one_spend")]


class Rules(Scoped):
    """How the team counts; one row a workspace, once it has chosen."""

    lost_after = models.PositiveSmallIntegerField(default=180, help_text="Days without a purchase after which a customer counts as lost.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_kpi_rules")]


class BaseDay(Scoped):
    """What all customers together were expected to bring on a day, and what changed it since the day noted before."""

    day = models.DateField()
    customers = models.BigIntegerField()
    value = models.DecimalField(max_digits=20, decimal_places=4)
    new = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    back = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    more = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    less = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    lost = models.DecimalField(max_digits=20, decimal_places=4, default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "day"], name="one_base_day")]


class BaseNow(Scoped):
    """Who was worth what on the day noted last, packed: what the next day is compared with. Replaced once a day, so that nobody who was
    forgotten stays in it longer."""

    day = models.DateField()
    packed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_base_now")]
