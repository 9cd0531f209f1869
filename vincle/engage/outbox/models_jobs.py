"""What leaves to many: jobs, the lanes they go by, what became of each send, and the domains we send from."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Job(Scoped):
    """One thing that goes to many: a campaign's letter, a step of a journey. `source` says whose it is ("campaign:12")."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for its time")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")

    public = models.CharField(max_length=16)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    purpose = models.CharField(max_length=10)
    topic = models.CharField(max_length=40, blank=True)
    medium = models.CharField(max_length=20)
    writer = models.CharField(max_length=40)
    content = models.JSONField(default=dict, help_text="What the writer is told of all of them.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    why = models.CharField(max_length=60, blank=True, help_text="Code of why it was paused, where nobody of the team did it.")
    not_before = models.DateTimeField(null=True)
    rate = models.PositiveIntegerField(null=True, help_text="Most sends a minute; empty: as fast as the connection takes them.")
    counts_clicks = models.BooleanField(default=True)
    counts_opens = models.CharField(max_length=8, default="never", help_text="'never', 'agreed' or 'all'.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="When nothing of it waited any more.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public"], name="one_job")]
        indexes: ClassVar = [
            models.Index(fields=["state"], name="job_at_work", condition=models.Q(state__in=("waiting", "running"))),
            models.Index(fields=["workspace", "-created_at"], name="job_by_time"),
            models.Index(fields=["workspace", "source"], name="job_by_source"),
        ]


class Lane(Scoped):
    """The way of one connection, held by one sender at a time, and how fast its server lets us go."""

    connection = models.OneToOneField("listen.Connection", on_delete=models.CASCADE, related_name="+")
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(null=True, help_text="Nothing leaves by it before, for the server asked for it or is away.")
    pace = models.FloatField(null=True, help_text="Most sends a second since the server asked us to slow down.")
    failed_in_a_row = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=10, blank=True)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(null=True, help_text="When that was said.")
    per_minute = models.PositiveIntegerField(null=True, help_text="Most sends to many, as the team wants it; empty: no limit of ours.")
    per_hour = models.PositiveIntegerField(null=True)
    per_day = models.PositiveIntegerField(null=True)
    gone = models.JSONField(default=list, help_text="What left of late where there is a limit: [[ten minutes since 1970, how many], ...].")


class Outcome(Scoped):
    """What became of a send of a job. Times are the first of their kind; those of machines stand apart."""

    send = models.OneToOneField("outbox.Send", on_delete=models.CASCADE, primary_key=True, related_name="outcome")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+", db_index=False)
    arm = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    is_hard = models.BooleanField(default=False)
    complained_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    machine_opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    machine_clicked_at = models.DateTimeField(null=True)
    clicks = models.PositiveIntegerField(default=0, help_text="Of people.")
    unsubscribed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["job", "arm"], name="outcome_of_job")]


class LinkHit(Scoped):
    """How often a link of one send was followed."""

    send = models.ForeignKey("outbox.Send", on_delete=models.CASCADE, related_name="+", db_index=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+", db_index=False)
    arm = models.PositiveSmallIntegerField(default=0)
    link = models.BigIntegerField(help_text="63-bit hash of the address.")
    url = models.CharField(max_length=2000)
    humans = models.PositiveIntegerField(default=0)
    machines = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["send", "link"], name="one_link_of_a_send")]
        indexes: ClassVar = [models.Index(fields=["job", "link"], name="link_of_job")]


class Hit(Scoped):
    """A link that was just followed or a picture that was just fetched: judged together with its neighbours some seconds later."""

    send = models.ForeignKey("outbox.Send", on_delete=models.CASCADE, related_name="+")
    is_click = models.BooleanField()
    url = models.CharField(max_length=2000, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    method = models.CharField(max_length=8)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="hit_by_time")]


class SendingDomain(Scoped):
    """A domain we send from, and what its DNS said when it was last asked."""

    domain = models.CharField(max_length=253)
    selectors = models.JSONField(default=list, help_text="Of the keys that sign our mail (DKIM).")
    server = models.CharField(max_length=253, blank=True, help_text="The host that hands our mail on.")
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "domain"], name="one_sending_domain")]


class Habits(Scoped):
    """What a workspace wants counted of its letters."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    counts_clicks = models.BooleanField(default=True)
    counts_opens = models.CharField(
        max_length=8, default="never", choices=[("never", _("Never")), ("agreed", _("Of those who agreed")), ("all", _("Of everybody"))]
    )
    soft_bounces = models.PositiveSmallIntegerField(
        default=5, help_text="Mails that came back for now after which an address counts as one to which nothing arrives; 0: never."
    )
    soft_days = models.PositiveSmallIntegerField(default=30, help_text="Within how many days.")
