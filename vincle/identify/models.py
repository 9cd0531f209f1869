"""Who it was: persons, which handle is whose and why, what is still undecided, and what each allowed."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.fields import KeyField
from vincle.store.scope import Scoped
from vincle.vocabulary import PersonKind, public_id


class Person(Scoped):
    """The human or organisation behind one or more handles. Its id is the key of the handle it began with."""

    id = KeyField()
    kind = models.CharField(max_length=12, default=PersonKind.PERSON)
    is_identified = models.BooleanField(
        default=False, help_text="Known by an e-mail, a phone, a log-in or an id elsewhere, not only by a name on a network."
    )
    first_seen = models.DateTimeField()
    delivery = models.BigIntegerField(null=True, help_text="The delivery that first spoke of this person.")
    merged_into = models.BigIntegerField(null=True, help_text="The person this one was joined to; the old id keeps working.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["delivery"], name="person_by_delivery", condition=models.Q(delivery__isnull=False)),
        ]

    @property
    def public(self) -> str:
        return public_id(self.id)


class Belonging(Scoped):
    """Which person a handle belongs to now. The one small table that merging and splitting rewrite."""

    handle = KeyField()
    person = models.BigIntegerField(db_index=True)


class Link(Scoped):
    """Why two handles are one person's: the evidence, its weight, who decided, and whether it was undone.

    Both ends of a link that stands belong to one person, so the links of a person are those whose `left` is theirs.
    """

    left = models.BigIntegerField()
    right = models.BigIntegerField()
    evidence = models.CharField(max_length=40, help_text="Kind of evidence, e.g. 'same row'.")
    detail = models.JSONField(default=dict)
    event_id = models.BinaryField(max_length=16, null=True, help_text="The fact that says so.")
    weight = models.FloatField(null=True, help_text="log2 of the odds; empty for exact evidence.")
    probability = models.FloatField(default=1.0)
    decided_by = models.CharField(max_length=160, default="exact", help_text="'exact', or the e-mail of the one who decided.")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["left", "right", "evidence"], name="one_link_a_kind")]


class Case(Scoped):
    """Two people who may be one, waiting for a human; kept afterwards as the memory of the decision."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        LATER = "later", _("Later")
        SAME = "same", _("Same person")
        DIFFERENT = "different", _("Not the same")
        MOOT = "moot", _("No longer a question")

    left = models.BigIntegerField(db_index=True)
    right = models.BigIntegerField(db_index=True)
    evidence = models.JSONField(default=list)
    probability = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    undo = models.JSONField(default=dict, help_text="What a 'same' decision moved, so that it can be taken back.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["left", "right"], name="one_case_a_pair")]
        indexes: ClassVar = [models.Index(fields=["workspace", "state", "opened_at"], name="case_by_state")]


class Change(models.Model):
    """A person whose handles are no longer the same: what is computed from them must be computed again."""

    seq = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    person = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.seq}: {self.person}"


class Consent(Scoped):
    """The ledger: what the owner of a handle allowed or took back, as a source stated it. Append-only."""

    handle = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    permit = models.CharField(max_length=12)
    source = models.CharField(max_length=20, help_text="'import', 'person', 'platform' or 'team'.")
    event_id = models.BinaryField(max_length=16)
    evidence = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id", "handle", "channel", "purpose", "permit"], name="one_consent_a_statement")
        ]
        indexes: ClassVar = [models.Index(fields=["handle"], name="consent_by_handle")]


class Suppression(Scoped):
    """Addresses that must not be written to. Keyed by the handle's hash, so that it outlives the person's erasure."""

    handle = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    reason = models.CharField(max_length=12)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "handle", "channel"], name="one_suppression")]
