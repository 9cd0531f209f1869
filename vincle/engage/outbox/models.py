"""What leaves by us: one row a message or deed, from the moment someone asked for it until the platform has done it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped

from .models_jobs import Habits, Hit, Job, Lane, LinkHit, Outcome, SendingDomain

__all__ = ["AUTOMATIC", "Habits", "Hit", "Job", "Lane", "LinkHit", "Outcome", "Send", "SendFile", "SendingDomain"]

AUTOMATIC = "auto:"
"""Keys of what leaves without anyone of the team having asked for it begin so."""


class Send(Scoped):
    """One deed of ours on a platform. `key` names it for ever: the same key is never done twice."""

    class State(models.TextChoices):
        HELD = "held", _("May still be taken back")
        WAITING = "waiting", _("Waits for its turn")
        SENDING = "sending", _("On its way")
        SENT = "sent", _("Done")
        FAILED = "failed", _("Failed; may be tried again")
        DEAD = "dead", _("Will never go through as it is")
        CANCELLED = "cancelled", _("Taken back")
        SKIPPED = "skipped", _("Left out")
        DOUBTFUL = "doubtful", _("May have left; someone has to decide")

    class Purpose(models.TextChoices):
        ANSWER = "answer", _("Answer")
        SERVICE = "service", _("Service")
        MARKETING = "marketing", _("Marketing")

    key = models.CharField(max_length=80, unique=True)
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    deed = models.CharField(max_length=16)
    command = models.JSONField(help_text="The channel's Command, without the content of files.")
    thread = models.BigIntegerField(null=True)
    about = models.BigIntegerField(null=True, help_text="Key of the piece it answers or is done to.")
    person = models.BigIntegerField(null=True)
    handle = models.BigIntegerField(null=True, help_text="Of the one it goes to.")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.ANSWER)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    not_before = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    problem_kind = models.CharField(max_length=10, blank=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_detail = models.CharField(max_length=300, blank=True)
    native_id = models.CharField(max_length=300, blank=True, help_text="What the platform calls it since it is done.")
    piece = models.BigIntegerField(null=True, help_text="Key of what was said by it, once it stands in the log.")
    url = models.CharField(max_length=2000, blank=True)
    begun_at = models.DateTimeField(null=True, help_text="When it was first tried.")
    sent_at = models.DateTimeField(null=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    job = models.ForeignKey(Job, null=True, on_delete=models.CASCADE, related_name="sends", db_index=False)
    turn = models.BigIntegerField(default=0, help_text="Tells apart times at which one job goes to the same person with good reason.")
    arm = models.PositiveSmallIntegerField(default=0)
    topic = models.CharField(max_length=40, blank=True)
    medium = models.CharField(max_length=20, blank=True)
    data = models.JSONField(default=dict, help_text="What the writer is told of this one.")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"], name="send_due", condition=models.Q(state__in=("held", "waiting", "sending"), job__isnull=True)
            ),
            models.Index(fields=["job", "not_before"], name="send_of_job_due", condition=models.Q(state="waiting", job__isnull=False)),
            models.Index(fields=["job", "state", "arm"], name="send_of_job", condition=models.Q(job__isnull=False)),
            models.Index(fields=["connection"], name="send_under_way", condition=models.Q(state="sending", job__isnull=False)),
            models.Index(fields=["native_id"], name="send_by_native", condition=models.Q(job__isnull=False) & ~models.Q(native_id="")),
            models.Index(fields=["handle"], name="send_of_job_to_handle", condition=models.Q(job__isnull=False)),
            models.Index(fields=["person", "sent_at"], name="send_to_person", condition=models.Q(state="sent")),
            models.Index(fields=["workspace", "sent_at"], name="send_by_day", condition=models.Q(state="sent")),
            models.Index(fields=["thread", "created_at"], name="send_of_thread", condition=models.Q(thread__isnull=False)),
            models.Index(fields=["piece"], name="send_by_piece", condition=models.Q(piece__isnull=False)),
            models.Index(
                fields=["workspace", "-created_at"], name="send_in_trouble", condition=models.Q(state__in=("failed", "dead", "doubtful"))
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "handle", "turn"], name="once_to_an_address", condition=models.Q(job__isnull=False)),
            models.UniqueConstraint(
                fields=["job", "person", "turn"], name="once_to_a_person", condition=models.Q(job__isnull=False, person__isnull=False)
            ),
        ]

    @property
    def text(self) -> str:
        return str(self.command.get("text", ""))

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.SENT, self.State.CANCELLED, self.State.SKIPPED)


class SendFile(Scoped):
    """Something attached to what leaves; its content goes when it has left."""

    send = models.ForeignKey(Send, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    alt = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True)
