"""Segments: what is asked, who is in since when, and who has to be looked at again."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.deliveries import Delivery
from vincle.store.fields import SealedField
from vincle.store.scope import Scoped


class Segment(Scoped):
    """A predicate over people under a name. `predicate` is what `segments.reading` reads; each wording it had is a `SegmentVersion`."""

    class State(models.TextChoices):
        BUILDING = "building"
        LIVE = "live"
        FAILED = "failed"

    public = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=400, blank=True)
    predicate = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    template = models.CharField(max_length=40, blank=True, help_text="Of the ready-made one it began with.")
    state = models.CharField(max_length=8, choices=State, default=State.BUILDING)
    problem = models.CharField(max_length=300, blank=True)
    members = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    built_at = models.DateTimeField(null=True, help_text="When everybody was last looked at for it.")
    looked_to = models.BigIntegerField(null=True, default=-1, help_text="Up to which person everybody is being looked at; empty: all were.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public"], name="one_segment")]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(Scoped):
    """What a segment asked from `at` on, and who said so."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    predicate = models.JSONField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "number"], name="one_segment_version")]


class Membership(Scoped):
    """Someone was in a segment from `entered_at` until `left_at` (empty: still is). Rows are never taken out but with their segment."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    person = models.BigIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    is_found = models.BooleanField(default=False, help_text="Was in when everybody was looked at: nothing happened for the log to tell.")
    is_dropped = models.BooleanField(default=False, help_text="The same of the end: the question changed, or the person is no more.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "person"], condition=models.Q(left_at__isnull=True), name="one_segment_membership")
        ]
        indexes: ClassVar = [
            models.Index(fields=["segment", "entered_at", "left_at"], name="membership_by_time"),
            models.Index(fields=["person", "left_at", "segment"], name="membership_by_person"),
        ]


class SegmentHook(Scoped):
    """Another program that is told of who enters or leaves a segment, at an address of its own."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="hooks")
    url = models.CharField(max_length=500)
    secret = SealedField(help_text="What deliveries are signed with, sealed.")
    tells_entered = models.BooleanField(default=True)
    tells_left = models.BooleanField(default=True)
    is_on = models.BooleanField(default=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Deliveries in a row that did not arrive.")
    next_at = models.DateTimeField(default=timezone.now, help_text="Nothing is sent there before: it did not answer.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.url


class HookSend(Delivery):
    """Entries and exits on their way to another program. `body` is written with the ledger and never changes: ids, no words."""

    hook = models.ForeignKey(SegmentHook, on_delete=models.CASCADE, related_name="sends", db_index=False)
    body = models.JSONField()
    is_test = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["hook", "-created_at"], name="hook_send_of_hook"),
            models.Index(fields=["next_at"], name="hook_send_due", condition=models.Q(state="waiting")),
        ]


class Cutoff(Scoped):
    """The last person of the `count` with the highest score, as memberships know it; empty while there are fewer."""

    score = models.CharField(max_length=60)
    count = models.BigIntegerField()
    value = models.FloatField(null=True)
    person = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "score", "count"], name="one_cutoff")]


class Touched(Scoped):
    """Someone of whom something changed since their memberships were worked out. `n` grows with each change."""

    person = models.BigIntegerField(primary_key=True)
    n = models.BigIntegerField(default=1)


class Due(Scoped):
    """When time alone may next change someone's memberships."""

    person = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="due_by_time")]


class History(Scoped):
    """What one handle did and was sent, as `segments.packed` packs it, in parts of bounded size: read by the person, not by the row.

    A cache of the log: a part may be thrown away at any time and is read from the log again.
    """

    handle = models.BigIntegerField()
    part = models.PositiveIntegerField()
    acts = models.PositiveIntegerField(help_text="How many.")
    packed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["handle", "part"], name="one_history_part")]


class Plan(Scoped):
    """How a segment is spoken to: what for, what is said, where, how often, who sees to it, and what is counted as success."""

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="plan")
    goal = models.CharField(max_length=300, blank=True)
    message = models.TextField(blank=True)
    channel = models.CharField(max_length=40, blank=True)
    every_days = models.PositiveIntegerField(null=True)
    owner = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    success = models.JSONField(default=dict, help_text="A clause `did` whose share of members is measured.")
    starts_on = models.DateField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
