"""What people allowed and refused, what they asked for, and who is forgotten. All of it hangs on handles, so that a merge moves nothing."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language

from vincle.store.fields import KeyField
from vincle.store.scope import Scoped


class Consent(Scoped):
    """The ledger: what the owner of a handle allowed or took back, as a source stated it. Append-only."""

    handle = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    permit = models.CharField(max_length=12)
    source = models.CharField(max_length=20, help_text="'import', 'form', 'platform', 'team', or 'person' where it is surely themselves.")
    event_id = models.BinaryField(max_length=16)
    evidence = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    basis = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="consent, contract or legitimate interest; empty: unknown."
    )
    wording = models.TextField(blank=True, default="", db_default="", help_text="What was agreed to, or the id of the text.")
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id", "handle", "channel", "purpose", "permit"], name="one_consent_a_statement")
        ]
        indexes: ClassVar = [models.Index(fields=["handle"], name="consent_by_handle")]


class Suppression(Scoped):
    """Addresses that must not be written to. Keyed by the handle's hash, so that it outlives the person's erasure."""

    handle = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    reason = models.CharField(max_length=12, help_text="A refusal of the ledger, 'team' (put here by hand) or 'forgotten'.")
    since = models.DateTimeField()
    source = models.CharField(max_length=20, blank=True, default="import", db_default="import")
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "handle", "channel", "reason"], name="one_suppression")]
        indexes: ClassVar = [models.Index(fields=["workspace", "-since", "-id"], name="suppression_by_time")]


class Topic(Scoped):
    """Something people may be written to about, below "marketing". `key` is the purpose in the ledger and never changes."""

    key = models.SlugField(max_length=40)
    names = models.JSONField(default=dict, help_text="By language.")
    descriptions = models.JSONField(default=dict, help_text="By language.")
    order = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, help_text="No longer offered; what was said of it stays said.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="one_topic")]
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return _in_language(self.names) or self.key

    @property
    def description(self) -> str:
        return _in_language(self.descriptions)


def _in_language(texts: dict[str, str]) -> str:
    """In the language spoken now, else in English, else in whichever there is."""
    language = (get_language() or "en")[:2]
    return str(texts.get(language) or texts.get("en") or next((text for text in texts.values() if text), ""))


class ContactPolicy(Scoped):
    """When and how often a workspace writes to anyone for its own sake. One row a workspace; without it there are no limits."""

    quiet_from = models.TimeField(null=True, help_text="In the person's own time zone.")
    quiet_until = models.TimeField(null=True)
    quiet_days = models.JSONField(default=list, help_text="Weekdays without any, Monday is 0.")
    caps = models.JSONField(default=list, help_text="[[most, days], ...] across all channels.")
    soft_opt_in = models.BooleanField(default=False, help_text="Whether e-mail may rest on legitimate interest.")
    privacy_url = models.URLField(blank=True, default="")
    contact = models.CharField(max_length=300, blank=True, default="", help_text="Who answers for the data: name and address.")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_contact_policy")]


class Wish(Scoped):
    """What the owner of a handle asked for themselves: a pause, or to hear from us no more often than so."""

    handle = KeyField()
    paused_until = models.DateTimeField(null=True)
    every_days = models.PositiveSmallIntegerField(null=True, help_text="At least so many days between two messages.")
    language = models.CharField(max_length=8, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)


class Erasure(Scoped):
    """A handle whose owner is forgotten: what had come before this moment is never read again, also not after a restore."""

    handle = KeyField()
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=20, default="asked", help_text="'asked' by the person, or 'team'.")
    done_at = models.DateTimeField(null=True, help_text="When the last trace was gone; empty: it is still being worked on.")
    tally = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="erasure_by_time")]
