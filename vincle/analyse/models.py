"""Reports: a board that is kept, what it said each time, and the addresses at which the world may read that."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Report(Scoped):
    """A choice of the board under a name: whose words, of which days, told in which language, how often and to whom."""

    class Days(models.TextChoices):
        WEEK = "7", _("Last 7 whole days")
        FOUR_WEEKS = "28", _("Last 28 whole days")
        QUARTER = "90", _("Last 90 whole days")
        MONTH = "month", _("Last month")
        FIXED = "fixed", _("From day to day")

    class Schedule(models.TextChoices):
        OFF = "", _("Never by itself")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("On the first of the month")

    name = models.CharField(max_length=120)
    listening = models.ForeignKey("listen.Listening", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    beside = models.ForeignKey("listen.Listening", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    days = models.CharField(max_length=8, choices=Days, default=Days.WEEK)
    first = models.DateField(null=True, blank=True)
    last = models.DateField(null=True, blank=True)
    filters = models.JSONField(default=dict, help_text="Channel, sentiment, topic, language and country, as the board has them.")
    language = models.CharField(max_length=8, default="en", help_text="Of its text.")
    sections = models.CharField(max_length=120, help_text="Names joined by '|', in the order of `reports_figures.SECTIONS`.")
    with_names = models.BooleanField(default=False, help_text="Public names of those who spoke in public stand in what is shared.")
    schedule = models.CharField(max_length=8, choices=Schedule, default=Schedule.OFF, blank=True)
    weekday = models.PositiveSmallIntegerField(default=1, help_text="1 Monday … 7 Sunday.")
    hour = models.PositiveSmallIntegerField(default=8, help_text="Of the workspace's time zone.")
    recipients = models.TextField(blank=True, help_text="E-mail addresses, one a line.")
    next_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True, help_text="Who works on it now.")
    lease_until = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at"], name="report_by_time"),
            models.Index(fields=["next_at"], name="report_due", condition=Q(next_at__isnull=False)),
        ]


class Run(Scoped):
    """What a report said once. `figures` and `told` never change; `due_at` empty: someone asked for it by hand."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="runs", db_index=False)
    due_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    figures = models.JSONField(default=dict)
    told = models.JSONField(default=dict, help_text="The written summary: sentences with the figures they rest on.")
    sent_to = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, help_text="When sending is tried again.")
    trouble = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "due_at"], name="one_run_when_due")]
        indexes: ClassVar = [
            models.Index(fields=["report", "-made_at"], name="run_by_time"),
            models.Index(fields=["again_at"], name="run_to_send", condition=Q(state="sending")),
        ]


class Share(Scoped):
    """An address at which one run is read without signing in. Of its secret only a digest is kept."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shares")
    digest = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=320, blank=True, help_text="Whom it was sent to.")
    password = models.CharField(max_length=160, blank=True, help_text="Hashed; empty: none is asked.")
    with_names = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
