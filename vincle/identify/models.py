"""Who it was: persons, which handle is whose and why, what is still undecided, and what each allowed."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.fields import KeyField
from vincle.store.scope import Scoped
from vincle.vocabulary import PersonKind, public_id

from .models_consent import Consent, ContactPolicy, Erasure, Suppression, Topic, Wish

__all__ = [
    "Belonging", "Case", "Change", "Consent", "ContactPolicy", "Erasure", "Link", "Move", "Person", "SharedHandle", "Suppression", "Topic",
    "Trained", "Wish",
]  # fmt: skip


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
            models.Index(fields=["merged_into"], name="person_by_merged", condition=models.Q(merged_into__isnull=False)),
        ]

    @property
    def public(self) -> str:
        return public_id(self.id)


class Belonging(Scoped):
    """Which person a handle belongs to now. The one small table that merging and splitting rewrite."""

    handle = KeyField()
    person = models.BigIntegerField(db_index=True)
    home = models.BigIntegerField(null=True, help_text="The person it came to by exact evidence; empty: the one it belongs to now.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["home"], name="belonging_by_home", condition=models.Q(home__isnull=False))]


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
    kind = models.CharField(max_length=10, default="exact", help_text="'exact' or 'probable'.")
    weight = models.FloatField(null=True, help_text="log2 of the odds; empty for exact evidence.")
    probability = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    undo = models.JSONField(default=dict, help_text="What a 'same' decision moved, so that it can be taken back.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["left", "right"], name="one_case_a_pair")]
        indexes: ClassVar = [models.Index(fields=["workspace", "state", "opened_at"], name="case_by_state")]


class Move(Scoped):
    """Two people became one, or handles left someone: the history of who was who. Only `undone_*` ever change.

    Who belongs to whom is what exact evidence says, with the moves that stand done again in their order (`graph.replay`).
    """

    class Act(models.TextChoices):
        EXACT = "exact", _("Joined by exact evidence")
        LINK = "link", _("Joined by probability")
        MERGE = "merge", _("Joined by someone")
        SPLIT = "split", _("Taken apart")
        UNDO = "undo", _("Taken back")

    at = models.DateTimeField(default=timezone.now)
    act = models.CharField(max_length=8, choices=Act)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    via = models.CharField(max_length=10, help_text="'screen', 'command', 'api', 'job' or 'data'.")
    reason = models.JSONField(default=dict, help_text="Evidence, and what an undo has to put back.")
    person = models.BigIntegerField(help_text="The person that stands; of a split, the one the handles left.")
    other = models.BigIntegerField(help_text="The person that was joined; of a split, the one that came out.")
    handles = models.JSONField(default=list, help_text="Public ids of the handles that moved.")
    weight = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    batch = models.UUIDField(null=True, help_text="Moves that were made at one word, and can be taken back at one.")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="move_by_time"),
            models.Index(fields=["person"], name="move_by_person"),
            models.Index(fields=["other"], name="move_by_other"),
            models.Index(fields=["batch"], name="move_by_batch", condition=models.Q(batch__isnull=False)),
        ]


class SharedHandle(Scoped):
    """A handle that several people use (info@, a kiosk's browser): it joins nobody. Its own acts stay with whom it belongs to."""

    class Reason(models.TextChoices):
        ROLE = "role address", _("The address of a role, not of a person")
        CROWD = "too many people", _("Seen with too many people")
        TEAM = "team", _("Someone of the team said so")

    handle = KeyField()
    reason = models.CharField(max_length=20, choices=Reason)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(
        null=True, help_text="When someone said that it is one person's after all; it is not recognised again."
    )


class Trained(Scoped):
    """A model of probable links as it was learnt, with what the Quality screen says of it."""

    kind = models.CharField(max_length=12, default=PersonKind.PERSON)
    model = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    records = models.BigIntegerField(default=0)
    pairs = models.BigIntegerField(default=0)
    quality = models.JSONField(default=dict)
    is_current = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "kind", "-at"], name="trained_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind"], name="one_current_model", condition=models.Q(is_current=True))
        ]


class Change(models.Model):
    """A person whose handles are no longer the same: what is computed from them must be computed again."""

    seq = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    person = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.seq}: {self.person}"
