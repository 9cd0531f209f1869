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

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
