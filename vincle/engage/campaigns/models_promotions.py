"""Promotions: what a code is worth, the codes themselves, whom they were given to, and the purchases that brought them back."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped

__all__ = ["PromoCode", "PromoGift", "PromoUse", "Promotion"]


class Promotion(Scoped):
    """An advantage that codes stand for. The shop takes it off the price; here it is known who got which code and who came back with it."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("A code for each person")
        SHARED = "shared", _("One code for all")

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.SINGLE)
    words = models.CharField(max_length=200, blank=True, help_text="What it is worth, as letters say it.")
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    limit = models.PositiveIntegerField(null=True, help_text="It holds for so many purchases; empty: for any number.")
    segment = models.CharField(max_length=16, blank=True, help_text="Public id of the segment it is for; empty: everybody.")
    draws = models.BooleanField(default=True, help_text="Codes are drawn here as they are given out; otherwise only imported ones are.")
    prefix = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "archived_at", "-created_at"], name="promotion_by_time")]

    def __str__(self) -> str:
        return self.name


class PromoCode(Scoped):
    """`folded` is what two ways of writing a code have in common; a workspace has each once."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="codes", db_index=False)
    code = models.CharField(max_length=40)
    folded = models.CharField(max_length=40)
    person = models.BigIntegerField(null=True, help_text="Whom it was given to; empty for a shared one, and for one not given yet.")
    given_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40, blank=True, help_text="What gave it out: campaign:12, journey:3; empty: someone of the team.")
    used_at = models.DateTimeField(null=True, help_text="Of the last purchase with it.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "folded"], name="one_promo_code"),
            models.UniqueConstraint(fields=["promotion", "person"], condition=models.Q(person__isnull=False), name="one_promo_code_each"),
        ]
        indexes: ClassVar = [models.Index(fields=["promotion", "person", "id"], name="promo_code_free")]

    def __str__(self) -> str:
        return self.code


class PromoGift(Scoped):
    """Someone was given a shared code."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="gifts", db_index=False)
    person = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["promotion", "person"], name="one_promo_gift")]


class PromoUse(Scoped):
    """A purchase with a code, as it stands in the log now: `root` names it through all its corrections."""

    code = models.ForeignKey(PromoCode, on_delete=models.CASCADE, related_name="uses", db_index=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="uses", db_index=False)
    root = models.BinaryField(max_length=16)
    seq = models.BigIntegerField(help_text="Row of the log that stands.")
    handle = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "root"], name="one_promo_use")]
        indexes: ClassVar = [
            models.Index(fields=["promotion", "-at"], name="promo_use_by_time"),
            models.Index(fields=["workspace", "root"], name="promo_use_by_root"),
        ]
