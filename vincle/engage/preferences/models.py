"""Permissions that were asked for and wait for a yes. What was said stands in the ledger, below."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class Optin(Scoped):
    """Someone was asked, at their own address, whether they meant it (double opt-in). Kept as the proof of what they agreed to."""

    token_hash = models.CharField(max_length=64, unique=True)
    handle = models.BigIntegerField()
    topic = models.CharField(max_length=40)
    medium = models.CharField(max_length=20, default="email")
    wording = models.TextField()
    source = models.CharField(max_length=120, help_text="Where they asked for it, e.g. form:7.")
    then = models.CharField(max_length=2000, blank=True, help_text="Where they are led afterwards.")
    language = models.CharField(max_length=8, default="en")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_ip = models.CharField(max_length=45, blank=True)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, help_text="When it was handed to the outbox; empty: there was no way to send it.")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_ip = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-asked_at"], name="optin_by_time"),
            models.Index(fields=["handle"], name="optin_by_handle"),
        ]

    @property
    def is_late(self) -> bool:
        return self.confirmed_at is None and self.expires_at <= timezone.now()
