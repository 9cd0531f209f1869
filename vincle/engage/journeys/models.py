"""Journeys, the wordings they had, who is on the way where, what happened to them, and what colleagues are asked to do."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.deliveries import Delivery
from vincle.store.fields import SealedField
from vincle.store.scope import Scoped


class Journey(Scoped):
    """What is said and done to people one after the other. `version` is the newest wording, `live` the one that runs.

    Log rows with `seq` behind `behind` and up to the cursor of the step were passed by while it paused, and are still to be followed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")

    public = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    live = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField(null=True, help_text="When it was first started: what happened before starts nobody.")
    paused_at = models.DateTimeField(null=True)
    behind = models.BigIntegerField(null=True)
    dates_to = models.DateTimeField(null=True, help_text="Up to which moment dates that start people were looked at.")
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it stands still, where nobody of the team paused it.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public"], name="one_journey")]
        indexes: ClassVar = [models.Index(fields=["state"], name="journey_running", condition=models.Q(state="running"))]

    def __str__(self) -> str:
        return self.name


class JourneyVersion(Scoped):
    """A wording of a journey, as `definition.reading` reads it; rows never change."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "number"], name="one_journey_version")]


class Standing(Scoped):
    """The job in the outbox by which the messages of one step leave, and what it sends."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="standings", db_index=False)
    node = models.CharField(max_length=24)
    job = models.ForeignKey("outbox.Job", on_delete=models.CASCADE, related_name="+", db_index=False)
    says = models.JSONField(help_text="What the job was made of: another wording gets another job.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "node"], name="one_standing_job")]


class Walk(Scoped):
    """Someone is (or was) in a journey. `cause` names what began it: the same thing never begins it twice.

    `node` is the step they stand before (`wakes_at` empty: to be done at once) or wait in; `turn` counts the times of this person.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("On the way")
        DONE = "done", _("Came to the end")
        GOAL = "goal", _("Reached the goal")
        LEFT = "left", _("Left")
        STOPPED = "stopped", _("Stopped")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="walks", db_index=False)
    version = models.PositiveIntegerField()
    person = models.BigIntegerField()
    turn = models.PositiveIntegerField(default=0)
    cause = models.CharField(max_length=64)
    node = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField(default=timezone.now, help_text="Since when they are where they are.")
    wakes_at = models.DateTimeField(null=True, default=timezone.now, help_text="When it goes on; empty: over.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "person", "cause"], name="one_walk_a_cause")]
        indexes: ClassVar = [
            models.Index(fields=["journey", "wakes_at"], name="walk_due", condition=models.Q(state="waiting")),
            models.Index(fields=["person", "journey"], name="walk_of_person", condition=models.Q(state="waiting")),
            models.Index(fields=["journey", "node", "since"], name="walk_by_place", condition=models.Q(state="waiting")),
            models.Index(fields=["journey", "state", "ended_at"], name="walk_by_end"),
        ]


class WalkStep(Scoped):
    """One thing that happened to someone on the way: `what` as a code, `why` as values that words are made of. Rows never change."""

    walk = models.ForeignKey(Walk, on_delete=models.CASCADE, related_name="steps", db_index=False)
    version = models.PositiveIntegerField()
    node = models.CharField(max_length=24, blank=True)
    what = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)
    why = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["walk", "id"], name="step_of_walk")]


class Passed(Scoped):
    """How many went through a step, by the way they went on (`way`: the place of the path; 0 where there is one)."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="passed", db_index=False)
    node = models.CharField(max_length=24)
    way = models.PositiveSmallIntegerField(default=0)
    people = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "node", "way"], name="one_count_of_a_way")]


class Task(Scoped):
    """Something a colleague is asked to do about someone."""

    journey = models.ForeignKey(Journey, null=True, on_delete=models.SET_NULL, related_name="tasks", db_index=False)
    walk = models.ForeignKey(Walk, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    node = models.CharField(max_length=24, blank=True)
    person = models.BigIntegerField()
    text = models.CharField(max_length=1000)
    to = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "done_at", "due_at"], name="task_by_due"),
            models.Index(fields=["person"], name="task_of_person"),
        ]


class HookCall(Delivery):
    """Another program that a step tells of someone: ids, no words. Tried until it says that it heard."""

    walk = models.ForeignKey(Walk, on_delete=models.CASCADE, related_name="calls", db_index=False)
    node = models.CharField(max_length=24)
    url = models.CharField(max_length=500)
    body = models.JSONField()
    status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="hook_call_due", condition=models.Q(state="waiting")),
            models.Index(fields=["walk"], name="hook_call_of_walk"),
        ]


class SigningSecret(Scoped):
    """What webhooks of a workspace's journeys are signed with, sealed."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    secret = SealedField()
