"""Campaigns: what is said to whom, when, and beside whom it is measured; who was drawn into which arm, and what each did afterwards."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped

from .models_plans import PlanRun
from .models_promotions import PromoCode, PromoGift, Promotion, PromoUse

__all__ = ["Assignment", "Campaign", "CampaignVersion", "PlanRun", "PromoCode", "PromoGift", "PromoUse", "Promotion"]


class Campaign(Scoped):
    """One thing said once to the people of some segments. `arms`: [{"letter": pk, "version": pk or None, "share": n}], drawn by `share`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ASKED = "asked", _("Waits for approval")
        APPROVED = "approved", _("Waits for its time")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Sent")

    class Goal(models.TextChoices):
        PURCHASE = "purchase", _("They buy")
        VISIT = "visit", _("They visit the site")
        CLICK = "click", _("They follow a link")
        REPLY = "reply", _("They answer")

    class Timing(models.TextChoices):
        NOW = "now", _("As soon as it is approved")
        AT = "at", _("At one moment for all")
        LOCAL = "local", _("At this time where each of them is")
        BEST = "best", _("On this day, at the hour at which each of them usually reads")

    class Winner(models.TextChoices):
        NONE = "none", _("All letters go out by their shares")
        SURE = "sure", _("The better one goes to the others, once it is sure")
        BEST = "best", _("The better one goes to the others; after the time below, the one that leads")

    public = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    plan = models.CharField(max_length=20, blank=True, help_text="Of the ready-made plan it began with.")
    goal = models.CharField(max_length=10, choices=Goal, default=Goal.PURCHASE)
    window_days = models.PositiveSmallIntegerField(default=14, help_text="What people do counts for so many days.")
    inside = models.JSONField(default=list, help_text="Public ids of segments: whoever is in one of them.")
    outside = models.JSONField(default=list, help_text="Whoever is in one of these is left out.")
    arms = models.JSONField(default=list)
    held_out = models.PositiveSmallIntegerField(default=10, help_text="Percent of those who may be written to who get nothing.")
    test_share = models.PositiveSmallIntegerField(
        default=100, help_text="Percent of the others who are written to before the better is chosen."
    )
    winner = models.CharField(max_length=5, choices=Winner, default=Winner.NONE)
    winner_hours = models.PositiveSmallIntegerField(default=24)
    topic = models.CharField(max_length=40, default="marketing")
    connection = models.ForeignKey("listen.Connection", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    promotion = models.ForeignKey(Promotion, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    timing = models.CharField(max_length=5, choices=Timing, default=Timing.NOW)
    starts_at = models.DateTimeField(null=True, help_text="Of `local` and `best`: the moment in the workspace's own zone.")
    rate = models.PositiveIntegerField(null=True, help_text="Most letters a minute; empty: as fast as the connection takes them.")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    problem = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    owner_user = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    asked_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True)
    outlook = models.JSONField(default=dict, help_text="What was said beforehand: people, share who act anyway, what can be told apart.")
    drawn_at = models.DateTimeField(null=True, help_text="When all its people had been drawn.")
    drawn_to = models.BigIntegerField(default=-1, help_text="Up to which person they were drawn.")
    left_out = models.JSONField(default=dict, help_text="How many of the segment were not drawn, by the code of why.")
    job = models.ForeignKey("outbox.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    added_at = models.DateTimeField(null=True, help_text="When all who were drawn stood in the outbox.")
    best_arm = models.PositiveSmallIntegerField(null=True)
    best_at = models.DateTimeField(null=True)
    is_best_sure = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True, help_text="When the first could have had it.")
    last_at = models.DateTimeField(null=True, help_text="When the last could have had it.")
    done_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public"], name="one_campaign")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at"], name="campaign_by_time"),
            models.Index(fields=["state"], name="campaign_at_work", condition=models.Q(state__in=("approved", "sending"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """What jobs, gifts of codes and the log call it."""
        return f"campaign:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT and self.archived_at is None

    @property
    def has_begun(self) -> bool:
        return self.drawn_at is not None

    @property
    def measured_until(self) -> datetime | None:
        """When nothing counts any more."""
        return self.last_at + timedelta(days=self.window_days) if self.last_at else None

    @property
    def versions_of_arms(self) -> dict[int, int]:
        """Arm -> primary key of the letter's version; of those that are fixed."""
        return {number: int(arm["version"]) for number, arm in enumerate(self.arms) if arm.get("version")}


class CampaignVersion(Scoped):
    """What a campaign said of itself from `at` on."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    values: Any = models.JSONField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["campaign", "number"], name="one_campaign_version")]


class Assignment(Scoped):
    """Someone was drawn: into an arm, or among those who get nothing. Without `starts_at` they wait until the better letter is known.

    They count from `starts_at` for the campaign's window. What they did: first act that was wanted, first purchase, all of their money.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    person = models.BigIntegerField()
    handle = models.BigIntegerField()
    is_held = models.BooleanField(default=False)
    arm = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)
    bought_at = models.DateTimeField(null=True)
    purchases = models.PositiveIntegerField(default=0)
    money = models.DecimalField(max_digits=18, decimal_places=4, default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["campaign", "person"], name="one_assignment")]
        indexes: ClassVar = [
            models.Index(fields=["campaign", "is_held", "arm", "person"], name="assignment_by_arm"),
            models.Index(fields=["person"], name="assignment_of_person"),
        ]
