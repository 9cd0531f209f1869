"""Work as rows: where each step of the pipeline stands, and who holds it."""

from django.db import models
from django.utils import timezone


class Cursor(models.Model):
    """How far a step has come. Held by one process at a time, by lease."""

    name = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0, help_text="Rows worked through since the beginning.")
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    failed_in_a_row = models.PositiveIntegerField(default=0, help_text="Rows set aside since the last one that went in.")
    trouble = models.CharField(max_length=300, blank=True, help_text="Why the step stands still; empty while it goes.")

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Pace(models.Model):
    """How far a step had come at a moment of the last hour; kept at fixed moments, so that several workers write one row."""

    name = models.CharField(max_length=80)
    at = models.DateTimeField()
    done = models.BigIntegerField(help_text="Rows worked through since the beginning.")
    behind = models.BigIntegerField(default=0, help_text="Rows that were still to come.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "at"], name="one_pace_a_moment")]

    def __str__(self) -> str:
        return f"{self.name}: {self.done} at {self.at:%H:%M:%S}"
