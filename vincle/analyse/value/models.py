"""What each person is worth with all they do for us, as the last round worked it out. Written by `engagement_actions` only."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped
from vincle.vocabulary import public_id


def _money() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=18, decimal_places=2, default=0)


class EngagementValue(Scoped):
    """Amounts in the workspace's currency. Who has nothing to tell of has no row."""

    class Kind(models.TextChoices):
        PLAIN = "", "plain"
        ADVOCATE = "advocate"
        COSTLY = "costly"

    person = models.BigIntegerField(primary_key=True)
    total = _money()
    low = _money()
    high = _money()
    own = _money()
    referral = _money()
    influence = _money()
    knowledge = _money()
    cost = _money()
    brings = models.DecimalField(max_digits=18, decimal_places=2, default=0, help_text="Referral, influence and knowledge.")
    bought = models.DecimalField(max_digits=18, decimal_places=2, default=0, help_text="In the months counted, less what was given back.")
    purchases = models.IntegerField(default=0)
    other_money = models.IntegerField(default=0, help_text="Purchases of these months in other currencies: in no amount here.")
    newcomers = models.IntegerField(default=0)
    swayed = models.IntegerField(default=0, help_text="People whose expected value counts in part.")
    ideas = models.IntegerField(default=0)
    reviews = models.IntegerField(default=0)
    answers = models.IntegerField(default=0)
    seconds = models.BigIntegerField(default=0, help_text="For which the team had their conversations before it.")
    sends = models.IntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-total", "person"], name="engagement_by_total"),
            models.Index(fields=["workspace", "kind", "-brings"], name="engagement_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.total}"

    @property
    def public(self) -> str:
        return public_id(self.person)


class EngagementEvidence(Scoped):
    """What the parts of a person's value rest on: keys of people, activities and conversations, the weightiest and newest of each.

    {"brought": [[public id, came anyway, how it is known, so far, expected, seconds since 1970]], "swayed": [[public id, share, worth]],
    "ideas": [seq], "reviews": [seq], "answers": [seq], "threads": [[key, seconds]], "sends": {purpose: count}}
    """

    person = models.BigIntegerField(primary_key=True)
    found = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.person)


class EngagementRun(Scoped):
    """The last round: what it came to in all, by which terms, and why the one after it failed."""

    at = models.DateTimeField(null=True)
    people = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    figures = models.JSONField(default=dict, help_text="Sums as text, lines of the picture, what had no price.")
    terms = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_engagement_run")]
