"""How far each stream of a connection has been heard."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class Pull(Scoped):
    """One stream of a connection: where it stands, when it is asked next, who asks, and what went wrong last.

    `is_past`: the first import of what was there before; it ends once, and then stands with `finished_at`.
    """

    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="pulls")
    stream = models.CharField(max_length=200)
    is_past = models.BooleanField(default=False)
    is_once = models.BooleanField(default=False, help_text="Something a delivery only named: the row goes when it was fetched.")
    cursor = models.TextField(blank=True, default="", help_text="Opaque text of the channel; committed with the items before it.")
    next_at = models.DateTimeField(default=timezone.now)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    problem_kind = models.CharField(max_length=10, blank=True, help_text="Empty: the last try went well.")
    problem_code = models.CharField(max_length=60, blank=True)
    problem_detail = models.CharField(max_length=300, blank=True)
    problem_at = models.DateTimeField(null=True)
    ok_at = models.DateTimeField(null=True, help_text="When the platform last answered well.")
    item_at = models.DateTimeField(null=True, help_text="When it last had something new.")
    items = models.BigIntegerField(default=0)
    done = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    quota = models.FloatField(null=True, help_text="What is left of it, 0 to 1.")
    live_at = models.DateTimeField(null=True, help_text="Held open, and heard from at this moment.")
    not_live_at = models.DateTimeField(null=True, help_text="When the server said it has no live stream; it is polled for a day then.")
    stops_at = models.DateTimeField(null=True, help_text="Of an import of the past: what happened before is not fetched.")
    marks = models.JSONField(default=list, help_text="Cursors of the last days as [moment, cursor], to go back to.")
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "stream", "is_past"], name="one_pull")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="pull_due", condition=models.Q(finished_at=None))]
