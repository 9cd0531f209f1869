"""What is known of a person now. Profiles are computed from the log; tags, notes, owners and views are the team's."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped
from vincle.vocabulary import Stage, public_id

from .models_influence import Community, Network
from .models_profiles import ComputedTrait, ComputedValue, Relation
from .models_scores import Cluster, Clustering, ClusterMember, Score, ScoreRun, StageDay
from .models_segments import Cutoff, Due, History, HookSend, Membership, Plan, Segment, SegmentHook, SegmentVersion, Touched
from .models_value import ValueTerms
from .sql import LastKey, NameKey

__all__ = [
    "Cluster", "ClusterMember", "Clustering", "Community", "ComputedTrait", "ComputedValue", "CustomField", "Cutoff", "Due", "Handover",
    "History", "HookSend", "Membership", "Network", "Note", "Plan", "Profile", "Relation", "SavedView", "Score", "ScoreRun", "Segment",
    "SegmentHook", "SegmentVersion", "StageDay", "Tag", "Tagging", "Touched", "ValueTerms",
]  # fmt: skip


class Profile(Scoped):
    """One row a person, kept true by `actions.step`.

    `traits` is {field: [value, observed at, delivery]}, with "team" behind what the team said.
    """

    person = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    search = models.TextField(help_text="Name and handles, folded, as the search reads them.")
    traits = models.JSONField(default=dict)
    email = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    company = models.CharField(max_length=160, blank=True)
    company_key = models.CharField(
        max_length=120, blank=True, db_default="", help_text="The company without its legal form, written together; an organisation's own."
    )
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    channels = models.CharField(max_length=200, blank=True, help_text="Channels the person was met on, as ' a b c '.")
    is_identified = models.BooleanField(default=False)
    owner = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    stage = models.CharField(max_length=12, default=Stage.INACTIVE)
    spectator_at = models.DateTimeField(null=True)
    semi_active_at = models.DateTimeField(null=True)
    critic_at = models.DateTimeField(null=True)
    creator_at = models.DateTimeField(null=True)
    activities = models.IntegerField(default=0)
    purchases = models.IntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    known_since = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # Key and person run the same way, so that a page begins where the last one ended by one comparison of rows.
            models.Index(models.F("workspace"), LastKey("last_at"), models.F("person"), name="profile_by_last"),
            models.Index(fields=["workspace", "activities", "person"], name="profile_by_activities"),
            models.Index(fields=["workspace", "purchases", "person"], name="profile_by_purchases"),
            models.Index(fields=["workspace", "known_since", "person"], name="profile_by_known_since"),
            # The sort by name; and all that lists filter by, so that a search reads this and not the table (5 times smaller).
            models.Index(
                models.F("workspace"),
                NameKey("search"),
                models.F("channels"),
                models.F("stage"),
                models.F("country"),
                models.F("is_identified"),
                models.F("owner"),
                models.F("purchases"),
                models.F("activities"),
                models.F("last_at"),
                models.F("known_since"),
                models.F("person"),
                name="profile_by_search",
            ),
            models.Index(fields=["workspace", "stage", "-last_at"], name="profile_by_stage"),
            models.Index(
                fields=["workspace", "company_key", "kind", "last_at", "person"],
                name="profile_by_company",
                condition=~models.Q(company_key=""),
            ),
        ]

    @property
    def public(self) -> str:
        return public_id(self.person)

    @property
    def met(self) -> list[str]:
        """Channels the person was met on; what the team itself wrote is no meeting."""
        return [channel for channel in self.channels.split() if channel != "team"]

    def __str__(self) -> str:
        return self.name


class Tag(Scoped):
    name = models.CharField(max_length=60)
    folded = models.CharField(max_length=60)
    removed_at = models.DateTimeField(null=True, help_text="Taken off the list by the team; an import may bring it again.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "folded"], name="one_tag")]

    def __str__(self) -> str:
        return self.name


class Tagging(Scoped):
    """A tag on a person: put there by someone of the team, or by an import (`delivery`)."""

    person = models.BigIntegerField()
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings", db_index=False)
    delivery = models.BigIntegerField(null=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, help_text="Taken off by the team. The row stays, so that no import puts the tag back.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "tag"], name="one_tagging")]
        indexes: ClassVar = [models.Index(fields=["tag", "removed_at", "person"], name="tagging_by_tag")]


class Handover(Scoped):
    """Someone of the team took a person over, or let go: who looked after whom, and what an undoing goes back to."""

    person = models.BigIntegerField()
    before = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    after = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "at"], name="handover_by_time"),
            models.Index(fields=["person", "at"], name="handover_by_person"),
        ]


class Note(Scoped):
    person = models.BigIntegerField(db_index=True)
    text = models.TextField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)


class CustomField(Scoped):
    """A trait of this workspace's own, with its type. Columns of imports become one by themselves."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        BOOLEAN = "boolean", _("Yes or no")
        LIST = "list", _("List")
        URL = "url", _("Link")

    name = models.CharField(max_length=120, help_text="As sources call it.")
    label = models.CharField(max_length=120, blank=True, help_text="As the team calls it.")
    type = models.CharField(max_length=8, choices=Type, default=Type.TEXT)
    hidden_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_custom_field")]

    def __str__(self) -> str:
        return self.label or self.name


class SavedView(Scoped):
    """Filters, sort and columns of a list under a name; one's own or the team's."""

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)
    by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
