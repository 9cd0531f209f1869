"""What came in: connections, raw deliveries, the append-only log, and the handles it speaks of."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.fields import KeyField, SealedField
from vincle.store.scope import Scoped

from .models_alerts import Alert, Digest, Notice, NoticeFor, NoticeText, Posting
from .models_attachments import Attachment
from .models_listening import Correction, Gone, Learnt, Listening, Match, Understanding, Vocabulary
from .models_live import Pull
from .models_readers import Judged, ReaderChoice

__all__ = [
    "Activity", "Alert", "Attachment", "Connection", "Content", "Correction", "Delivery", "Digest", "Gone", "Handle", "Judged", "Learnt",
    "Listening", "Match", "Notice", "NoticeFor", "NoticeText", "Posting", "Pull", "ReaderChoice", "Refusal", "Rejection", "RetentionRule",
    "Salt", "SetAside", "Source", "SourceDay", "Understanding", "Vocabulary",
]  # fmt: skip


class Connection(Scoped):
    """One workspace's account on a channel. Imports of files have one too, so that their ids never change."""

    channel = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    is_enabled = models.BooleanField(default=True, help_text="A connection that is switched off refuses what is delivered to it.")
    token = models.CharField(  # noqa: DJ001  (unique where there is one)
        max_length=40, null=True, unique=True, help_text="The secret part of the address deliveries are sent to."
    )
    credentials = SealedField(null=True, help_text="Secrets of the platform as JSON, encrypted with the installation's key.")
    created_at = models.DateTimeField(default=timezone.now)
    settings = models.JSONField(default=dict, help_text="What `spec.settings` asks for, but for its secrets.")
    account = models.CharField(max_length=200, blank=True, help_text="Who we are there, as the platform calls us.")
    own = models.JSONField(default=list, help_text="Our handles there, as [kind, value]: what they do is what we say.")
    abilities = models.JSONField(default=list, help_text="What the server and our rights there allow, in words of the channel.")
    scopes_missing = models.JSONField(default=list)
    token_ends_at = models.DateTimeField(null=True)
    quota = models.FloatField(null=True, help_text="What is left of it, 0 to 1.")
    notes = models.JSONField(default=list, help_text="Codes of what `check` found worth saying.")
    checked_at = models.DateTimeField(null=True)
    check_next_at = models.DateTimeField(null=True, help_text="When the worker looks after it next; empty: never.")
    state_code = models.CharField(max_length=60, blank=True, help_text="Code of what stops it; empty: nothing.")
    state_kind = models.CharField(max_length=10, blank=True)
    state_detail = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "channel", "name"], name="one_connection")]
        indexes: ClassVar = [models.Index(fields=["check_next_at"], name="connection_due", condition=models.Q(check_next_at__isnull=False))]


class Source(Scoped):
    """A web site, shop, server or app that sends its events to the collector under a write key."""

    class Kind(models.TextChoices):
        WEB = "web", _("Web site")
        SERVER = "server", _("Server")
        APP = "app", _("App")

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="source")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WEB)
    write_key = models.CharField(max_length=40, unique=True)
    allowed_origins = models.JSONField(default=list, help_text="Origins a browser may send from; empty: any.")
    rate_limit = models.PositiveIntegerField(default=0, help_text="Most events a second that are accepted; 0: no limit.")
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_source_name")]


class SourceDay(Scoped):
    """What a source sent on a day (UTC)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    accepted = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0, help_text="Events that could not be read.")
    turned_away = models.BigIntegerField(default=0, help_text="Requests refused at the door: not JSON, too large, too many.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="one_source_day")]


class Refusal(Scoped):
    """An event of a source that could not go in, with the reason; the last ones are kept."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="refusals")
    at = models.DateTimeField()
    code = models.CharField(max_length=40)
    field = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    raw = models.TextField(blank=True)
    is_door = models.BooleanField(default=False, help_text="Turned away before anything was kept.")

    class Meta:
        indexes = [models.Index(fields=["source", "-at"], name="refusal_by_time")]


class Salt(models.Model):
    """Secret of a day: visitors who gave no consent are told apart within it, and never beyond, for it is then thrown away."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField()

    def __str__(self) -> str:
        return str(self.day)


class SetAside(Scoped):
    """A row of the log that a step failed on: the step went on without it; someone can look, mend and try again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for someone")
        MENDED = "mended", _("Went in later")
        LEFT_OUT = "left out", _("Left out")

    step = models.CharField(max_length=40)
    seq = models.BigIntegerField()
    event_id = models.BinaryField(max_length=16)
    error = models.CharField(max_length=300)
    trace = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "seq"], name="one_set_aside")]
        indexes = [models.Index(fields=["workspace", "state", "-last_at"], name="set_aside_by_state")]


class Delivery(Scoped):
    """Raw bytes as they came, kept before anything is acknowledged: a file to import, a webhook's body, an edit by hand."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    path = models.CharField(
        max_length=200, blank=True, help_text="Where the bytes lie under the raw folder; empty when they stand in `body`."
    )
    body = models.BinaryField(null=True)
    options = models.JSONField(default=dict)
    is_import = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    position = models.BigIntegerField(default=0, help_text="Items of the file that are through.")
    total = models.BigIntegerField(null=True, help_text="Items in the file, when known.")
    accepted = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    warned = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0, help_text="Place in the log of its last activity.")
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    raw_gone_at = models.DateTimeField(null=True, help_text="When retention took the bytes; they cannot be read again.")

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "is_import", "-received_at"], name="delivery_by_time"),
            models.Index(fields=["state"], name="delivery_by_state"),
            models.Index(fields=["workspace", "sha256"], name="delivery_by_content"),
        ]


class Rejection(Scoped):
    """A row that could not go in, or a value that was left out of one that did (`is_warning`)."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="rejections")
    line = models.BigIntegerField()
    code = models.CharField(max_length=40)
    field = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    raw = models.TextField(blank=True)
    is_warning = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["delivery", "is_warning", "line"], name="rejection_by_line")]


class Handle(Scoped):
    """An identity as a channel knows it. `key` is all that the log, the open table and other rows hold of it."""

    key = KeyField()
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    is_own = models.BooleanField(default=False, help_text="One of our own accounts: what it does is what we say.")
    first_seen = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "value"], name="handle_by_value")]


class Activity(Scoped):
    """One thing that someone did. Appended by `log.append`, never changed but for `superseded`.

    An assertion's `event_id` is its root; a correction or retraction carries the root it speaks of.
    """

    seq = models.BigAutoField(primary_key=True)
    event_id = models.BinaryField(max_length=16, unique=True)
    root_id = models.BinaryField(max_length=16, null=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.CharField(max_length=40)
    verb = models.CharField(max_length=20)
    object_type = models.CharField(max_length=20)
    reaction = models.CharField(max_length=40, blank=True, default="")
    event_name = models.CharField(max_length=120, blank=True, default="")
    op = models.CharField(max_length=8)
    version = models.CharField(max_length=80, blank=True, default="")
    superseded = models.BooleanField(default=False)
    actor = models.BigIntegerField(null=True)
    target = models.BigIntegerField(null=True)
    object_key = models.CharField(max_length=300, blank=True, default="")
    parent_key = models.CharField(max_length=300, blank=True, default="")
    thread_key = models.CharField(max_length=300, blank=True, default="")
    campaign_key = models.CharField(max_length=120, blank=True, default="")
    native_id = models.CharField(max_length=300)
    url = models.CharField(max_length=2000, blank=True, default="")
    happened_at = models.DateTimeField()
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    direction = models.CharField(max_length=3)
    is_machine = models.BooleanField(default=False)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    rating = models.FloatField(null=True)
    rating_max = models.FloatField(null=True)
    score = models.FloatField(null=True)
    language = models.CharField(max_length=8, blank=True, default="")
    sentiment = models.CharField(max_length=10, blank=True, default="")
    sentiment_confidence = models.FloatField(null=True)
    intents = models.TextField(blank=True, default="")
    topics = models.TextField(blank=True, default="")
    hashtags = models.TextField(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    place = models.CharField(max_length=120, blank=True, default="")
    lawful_basis = models.CharField(max_length=40, blank=True, default="")
    consent_version = models.CharField(max_length=40, blank=True, default="")
    retention_class = models.CharField(max_length=20, blank=True, default="")
    expires_on = models.DateField(null=True)
    props = models.TextField(default="{}")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["actor", "-happened_at"], name="activity_by_actor"),
            models.Index(fields=["target", "-happened_at"], name="activity_by_target", condition=models.Q(target__isnull=False)),
            # Carries all that the stream filters by, so that filtering and counting never touch the wide rows.
            models.Index(
                fields=[
                    *("workspace", "-happened_at", "-seq", "channel", "verb", "object_type"),
                    *("op", "superseded", "delivery", "direction", "is_machine"),
                ],
                name="activity_by_time",
            ),
            models.Index(fields=["root_id"], name="activity_by_root", condition=models.Q(root_id__isnull=False)),
        ]


class Content(Scoped):
    """The personal part of an activity. Forgetting someone deletes rows here; the log keeps its shape."""

    event_id = models.BinaryField(max_length=16, primary_key=True)
    text = models.TextField(blank=True, default="")
    title = models.TextField(blank=True, default="")
    body = models.TextField(blank=True, default="")


class RetentionRule(Scoped):
    """How long a workspace keeps a kind of data (`listen.retention.Kind`), and how far that has been carried out."""

    kind = models.CharField(max_length=20)
    days = models.PositiveIntegerField(null=True, help_text="Days from arrival; empty: for ever.")
    taken_until = models.DateTimeField(null=True, help_text="What arrived before is not let into the log any more, whatever brings it.")
    done_until = models.DateTimeField(null=True, help_text="What arrived before is gone.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind"], name="one_retention_rule")]
