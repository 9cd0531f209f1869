"""Who is told what: rules, what they noticed, and what is on its way to other programs and by mail."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.deliveries import Delivery
from vincle.store.fields import SealedField
from vincle.store.scope import Scoped

from .models_listening import Listening


class Alert(Scoped):
    """A rule: what is worth telling, and to whom."""

    class Kind(models.TextChoices):
        SPIKE = "spike", _("Suddenly more is said")
        SENTIMENT_DROP = "sentiment_drop", _("Opinions turn negative")
        CRISIS = "crisis", _("A crisis begins")
        VIP = "vip", _("Someone who matters speaks")
        UNANSWERED = "unanswered", _("A question is not answered")
        EVERY_MATCH = "every_match", _("Anything is said")
        CONNECTION = "connection", _("A connection needs someone")

    class Mail(models.TextChoices):
        OFF = "", _("No mail")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind)
    listening = models.ForeignKey(
        Listening, null=True, on_delete=models.CASCADE, related_name="+", help_text="Of which texts; empty: of everything that is said."
    )
    settings = models.JSONField(default=dict, help_text="What the kind asks for (`alerts_settings`).")
    bell = models.BooleanField(default=True)
    mail = models.CharField(max_length=8, choices=Mail, default=Mail.DAILY, blank=True)
    recipients = models.JSONField(default=list, help_text="Ids of users; empty: everyone who may see it.")
    webhook_url = models.CharField(max_length=500, blank=True)
    webhook_secret = SealedField(null=True, help_text="What deliveries are signed with, sealed (`store.secrets`).")
    is_on = models.BooleanField(default=True)
    muted_until = models.DateTimeField(null=True)
    since = models.DateTimeField(default=timezone.now, help_text="What happened before is not told.")
    learning_until = models.DateTimeField(null=True, help_text="Until then there is too little to compare with.")
    next_at = models.DateTimeField(default=timezone.now, help_text="When it is looked at next.")
    looked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it could not be looked at.")
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "kind"], name="alert_of_workspace"),
            models.Index(fields=["next_at"], name="alert_due", condition=models.Q(is_on=True, archived_at=None)),
        ]


class Notice(Scoped):
    """What a rule noticed, once. It holds keys and numbers, no one's words: those stand behind it as long as they stand in the log."""

    class Severity(models.TextChoices):
        NOTE = "note", _("Note")
        WARNING = "warning", _("Warning")
        CRISIS = "crisis", _("Crisis")

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=60, help_text="The same thing has the same key and is told once.")
    code = models.CharField(max_length=24, help_text="Which sentence says it (`notices_words`).")
    values = models.JSONField(default=dict)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.NOTE)
    actor = models.BigIntegerField(null=True, help_text="Handle of the one it is about.")
    happened_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "key"], name="one_notice")]
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="notice_by_time")]


class NoticeText(Scoped):
    """A text behind a notice. What a rule has told of single texts it does not tell of them again."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+", db_index=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="texts")
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "seq"], name="one_notice_of_text")]


class NoticeFor(Scoped):
    """Whom a notice is shown to, and whether they have seen it."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    bell = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "notice"], name="one_notice_a_reader")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "user"], name="notice_unseen", condition=models.Q(bell=True, seen_at=None)),
        ]


class Posting(Delivery):
    """A notice on its way to another program."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="postings", db_index=False)
    notice = models.OneToOneField(Notice, null=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: a test.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["alert", "-created_at"], name="posting_of_alert"),
            models.Index(fields=["next_at"], name="posting_due", condition=models.Q(state="waiting")),
        ]


class Digest(Scoped):
    """The letter of a day or a week to one of the team: when it is due, up to when it told, whether it is wanted."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=8, choices=Alert.Mail)
    is_off = models.BooleanField(default=False)
    told_until = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "every"], name="one_digest")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="digest_due", condition=models.Q(is_off=False))]
