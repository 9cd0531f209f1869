"""What texts say, what the team says of that, and what the team listens for."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Understanding(Scoped):
    """What a text that stands in the log says; labels are joined by `|`. It goes when its words go (`Content`).

    On it rests the full text (`listen_fulltext`, by `point`), which the database itself takes away with it.
    """

    event_id = models.BinaryField(max_length=16, primary_key=True)
    seq = models.BigIntegerField(unique=True)
    point = models.BigIntegerField(default=0, help_text="Its point in time: the second it was said, and `seq` (`fulltext.point_of`).")
    change = models.BigIntegerField(help_text="Number of its last writing; a later writing has a higher one, also after commit.")
    version = models.PositiveIntegerField(help_text="Of the readers that read it.")
    language = models.CharField(max_length=8, blank=True)
    language_confidence = models.FloatField(default=0.0)
    also = models.CharField(max_length=60, blank=True, help_text="Other languages it is mixed with.")
    sentiment = models.CharField(max_length=10, blank=True)
    sentiment_score = models.FloatField(default=0.0)
    sentiment_confidence = models.FloatField(default=0.0)
    irony = models.FloatField(default=0.0)
    emotions = models.TextField(blank=True)
    intents = models.TextField(blank=True)
    aspects = models.TextField(blank=True, help_text="staff:-0.80|coffee:0.62")
    topics = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    urgency = models.FloatField(default=0.0)
    country = models.CharField(max_length=2, blank=True)
    place = models.CharField(max_length=120, blank=True)
    place_from = models.CharField(max_length=8, blank=True, help_text="stated: in the text; profile: of the author.")
    sites = models.TextField(blank=True, default="", db_default="", help_text="Sites it stands on or leads to.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["change", "seq"], name="understanding_by_change"),
            # Carries what lists are filtered and counted by, so that neither touches the wide rows.
            models.Index(fields=["workspace", "-seq", "sentiment", "language"], name="understanding_by_seq"),
        ]


class Correction(Scoped):
    """What someone of the team says a text says, against what was read: it stands, whatever is read later. It goes with the words."""

    class Field(models.TextChoices):
        SENTIMENT = "sentiment", _("Sentiment")
        INTENTS = "intents", _("Intents")
        ASPECTS = "aspects", _("Aspects")
        LANGUAGE = "language", _("Language")

    event_id = models.BinaryField(max_length=16)
    field = models.CharField(max_length=10, choices=Field)
    was = models.TextField(blank=True, help_text="What had been read, as it stood in the understanding.")
    now = models.TextField(blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "field"], name="one_correction")]
        indexes: ClassVar = [models.Index(fields=["workspace", "field", "-at"], name="correction_by_time")]


class Learnt(Scoped):
    """What a reader learnt from a workspace's corrections, and what it is worth; only a current one is used."""

    reader = models.CharField(max_length=40)
    model = models.JSONField(null=True, help_text="None: what was learnt did not help, and is not used.")
    quality = models.JSONField(default=dict, help_text="Before and after, measured on corrections that were not learnt from.")
    corrections = models.PositiveIntegerField(default=0)
    trained_at = models.DateTimeField(default=timezone.now)
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "reader"], condition=models.Q(is_current=True), name="one_learnt")]
        indexes: ClassVar = [models.Index(fields=["workspace", "reader", "-trained_at"], name="learnt_by_time")]


class Vocabulary(Scoped):
    """Words of a workspace: names of its products and brands, and what of its own stands for an aspect (`value`: the aspect's id)."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("Product")
        ASPECT = "aspect", _("Aspect")
        BRAND = "brand", _("Brand")

    kind = models.CharField(max_length=10, choices=Kind)
    term = models.CharField(max_length=80)
    value = models.CharField(max_length=80, help_text="What it stands for: the aspect's id, or the name as it is shown.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "term"], name="one_vocabulary")]


class Listening(Scoped):
    """What the team listens for: a query that goes on being answered as texts come in."""

    class Kind(models.TextChoices):
        BRAND = "brand", _("Brand")
        COMPETITOR = "competitor", _("Competitor")
        TOPIC = "topic", _("Topic")
        CRISIS = "crisis", _("Crisis")
        OTHER = "other", _("Other")

    class Mail(models.TextChoices):
        OFF = "", _("No mail")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    text = models.TextField(help_text="The query.")
    is_shared = models.BooleanField(default=False, help_text="The whole team sees it.")
    is_draft = models.BooleanField(default=False, help_text="Tried on a board without a name; swept after a day.")
    colour = models.CharField(max_length=20, blank=True)
    place = models.PositiveIntegerField(default=0, help_text="Its place in lists.")
    feed_token = models.CharField(max_length=60, null=True, unique=True, help_text="Secret part of its feed's address; empty: no feed.")  # noqa: DJ001
    mail = models.CharField(max_length=8, choices=Mail, default=Mail.OFF, blank=True)
    position = models.BigIntegerField(default=0, help_text="Place in the log up to which its matches are written.")
    back_to = models.BigIntegerField(default=0, help_text="Point down to which older texts have been gone through, newest first; 0: all.")
    changed_at = models.DateTimeField(default=timezone.now, help_text="When its query was written last.")
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "is_draft", "place"], name="listening_by_place"),
            models.Index(fields=["back_to"], name="listening_to_fill", condition=models.Q(back_to__gt=0)),
        ]


class Match(Scoped):
    """A text that a listening query asks for. It goes with the text, and with the query."""

    listening = models.ForeignKey(Listening, on_delete=models.CASCADE, related_name="matches", db_index=False)
    seq = models.BigIntegerField()
    event_id = models.BinaryField(max_length=16)
    point = models.BigIntegerField(help_text="Its point in time, as in the full text.")
    change = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listening", "event_id"], name="one_match")]
        indexes: ClassVar = [
            models.Index(fields=["listening", "-point"], name="match_by_point"),
            models.Index(fields=["seq"], name="match_of_text"),
            models.Index(fields=["change", "seq"], name="match_by_change"),
        ]


class Gone(Scoped):
    """For those who follow: the understanding of a row of the log is no more (`listening` empty), or a match of a query is no more
    (`seq` empty: none of them is). Kept until all have followed."""

    change = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField(null=True)
    listening = models.BigIntegerField(null=True)
