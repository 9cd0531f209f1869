"""A link by which somebody without an account reads one survey's report."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from ...store.scope import Scoped


class ReportLink(Scoped):
    """The address holds a secret; here stands only its hash."""

    survey = models.ForeignKey("surveys.Survey", on_delete=models.CASCADE, related_name="report_links")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
