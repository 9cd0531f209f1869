"""Files that were attached to what people said, fetched from platforms that do not keep them for long."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class Attachment(Scoped):
    """One file of one act. It goes with the act's words (`changes.let_go`)."""

    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    event_id = models.BinaryField(max_length=16)
    place = models.PositiveSmallIntegerField(help_text="Its number among what is attached to the act.")
    content_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(default=0)
    content = models.BinaryField(null=True, help_text="Empty while it waits to be fetched, or could not be.")
    next_at = models.DateTimeField(null=True, default=timezone.now, help_text="When it is fetched; empty: it is here, or given up.")
    tries = models.PositiveSmallIntegerField(default=0)
    problem_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event_id", "place"], name="one_attachment")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="attachment_due", condition=models.Q(next_at__isnull=False))]
