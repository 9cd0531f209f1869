"""Which optional reader a workspace has switched on, how it goes, and what it said."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.fields import SealedField
from vincle.store.scope import Scoped


class ReaderChoice(Scoped):
    """The optional reader of a workspace; without one its texts are read by our own readers alone, as they are while it is off."""

    reader = models.CharField(max_length=40, help_text="Its id (`language.registry.optional`).")
    settings = models.JSONField(default=dict)
    secret = SealedField(null=True, help_text="Key of the other side, sealed (`store.secrets`).")
    fingerprint = models.CharField(max_length=40, help_text="Of what its answers depend on: others are not used.")
    is_on = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now, help_text="Texts said before are not judged by it.")
    position = models.BigIntegerField(default=0, help_text="Place in the log up to which new texts have been judged.")
    back_to = models.BigIntegerField(default=0, help_text="Place down to which older texts have been judged, newest first; 0: all.")
    day = models.DateField(null=True, help_text="The day (UTC) that `asked` and `tokens` are of.")
    asked = models.PositiveIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    judged = models.BigIntegerField(default=0, help_text="Texts it has said something of.")
    refused = models.BigIntegerField(default=0, help_text="Answers that were not what was asked for.")
    passed = models.BigIntegerField(default=0, help_text="Texts left to our own readers because the day's limit was reached.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    trouble = models.JSONField(default=dict, help_text="Why it does not go on: `code` and what it is about.")
    next_at = models.DateTimeField(default=timezone.now)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    chosen_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_reader_choice")]


class Judged(Scoped):
    """What the optional reader said of a text; it goes with the words. Texts of the same words (`key`) are not asked for twice."""

    event_id = models.BinaryField(max_length=16, primary_key=True)
    key = models.BinaryField(max_length=16, help_text="Keyed hash of what was judged, by whom and how.")
    said = models.JSONField(help_text="A `Judgement` as a list; an empty sentiment for an answer that could not be used.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "key"], name="judged_by_key")]
