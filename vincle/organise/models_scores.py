"""Numbers about people, and groups that were found among them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class Score(Scoped):
    """A number about a person, as one file of `scores/` makes it. `reasons`: [[code, {values}, weight], ...], strongest first."""

    person = models.BigIntegerField()
    name = models.CharField(max_length=24)
    value = models.FloatField()
    label = models.CharField(max_length=40, blank=True, help_text="Where the score has names: Champions, At risk ...")
    before = models.FloatField(null=True, help_text="What it was before it last changed.")
    confidence = models.FloatField(null=True, help_text="0 to 1.")
    reasons = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now, help_text="When it last changed.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "name"], name="one_score")]
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "-value", "person"], name="score_by_value")]


class ScoreRun(Scoped):
    """The last time a score was worked out for everybody: how many have it, its quality, what it learnt."""

    name = models.CharField(max_length=24)
    at = models.DateTimeField(default=timezone.now)
    people = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    quality = models.JSONField(default=dict)
    model = models.JSONField(default=dict, help_text="Coefficients and scales; versioned by the file that reads them.")
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_score_run")]


class StageDay(Scoped):
    """How many people stood on a rung at the end of a day, and how many moved from one to another during it."""

    day = models.DateField()
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    people = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "day", "before", "after"], name="one_stage_day")]


class Clustering(Scoped):
    """One look for groups: what was looked at, how sure the groups are, and whether there were any."""

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed"
        ENDED = "ended"

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    progress = models.FloatField(default=0, help_text="Share of the work that is done.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    features = models.JSONField(default=list)
    people = models.BigIntegerField(default=0)
    quality = models.JSONField(default=dict, help_text="Stability, silhouette, number of groups, why none.")
    is_current = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-at"], name="clustering_by_time")]


class Cluster(Scoped):
    """A group that was found. `number` is kept from run to run as far as it is the same people."""

    clustering = models.ForeignKey(Clustering, on_delete=models.CASCADE, related_name="clusters")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True, help_text="As the team calls it.")
    people = models.BigIntegerField()
    features = models.JSONField(default=list, help_text="What sets it apart: [[feature, share or mean here, elsewhere, lift], ...].")
    predicate = models.JSONField(default=dict, help_text="The rule that comes closest to it, for a segment.")
    quality = models.JSONField(default=dict)


class ClusterMember(Scoped):
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="members", db_index=False)
    person = models.BigIntegerField()
    nearness = models.FloatField(help_text="Silhouette of the person, -1 to 1.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "person"], name="one_cluster_member")]
        indexes: ClassVar = [models.Index(fields=["person"], name="cluster_of_person")]
