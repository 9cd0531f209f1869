"""Surveys, their frozen versions, the ways to them, and what was answered."""

from typing import ClassVar

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vincle.store.scope import Scoped

_USER = "accounts.User"


class Survey(Scoped):
    """`definition` is the draft; what is asked is `version`. Deleted ones are out of every list and take no answers."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("survey", "Open")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    public_id = models.CharField(max_length=20, help_text="Names it in the log, whatever it is called.")
    name = models.CharField(max_length=160)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    definition = models.JSONField(default=dict)
    version = models.ForeignKey("SurveyVersion", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    revision = models.PositiveIntegerField(default=0, help_text="Grows with every change: an editor that is behind is told.")
    trail = models.JSONField(default=dict, help_text="Undo and redo of the builder.")
    template = models.CharField(max_length=20, blank=True, help_text="The ready survey it began with.")
    came_from = models.CharField(max_length=40, blank=True, help_text="The format it was imported from.")
    left_out = models.JSONField(default=list, help_text="What the import could not bring along.")
    is_anonymous = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    timezone = models.CharField(max_length=64, blank=True, help_text="Of its dates; empty: the workspace's.")
    cap = models.PositiveIntegerField(null=True, help_text="At most so many complete answers.")
    completed = models.PositiveIntegerField(default=0, help_text="Complete answers, counted against the cap.")
    not_again_days = models.PositiveIntegerField(default=0)
    one_answer_per = models.CharField(max_length=8, blank=True, help_text="person, device, code, or nothing.")
    loop = models.JSONField(default=dict, help_text="What is done about bad answers.")
    report = models.JSONField(default=dict, help_text="What the report explains, and the population it is weighed by.")
    salt = models.BinaryField(help_text="Makes the fingerprints of devices, which match in no other survey.")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    changed_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public_id"], name="one_survey")]
        indexes: ClassVar = [models.Index(fields=["workspace", "deleted_at", "-changed_at"], name="survey_by_change")]

    def __str__(self) -> str:
        return self.name


class SurveyVersion(Scoped):
    """A survey as it was asked. Never changed."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "number"], name="one_survey_version")]


class Collector(Scoped):
    """A way to a survey; the report tells answers apart by it. `token` is its public address."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="collectors", db_index=False)
    public_id = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    settings = models.JSONField(default=dict)
    is_on = models.BooleanField(default=True)
    token = models.CharField(max_length=40, unique=True)
    language = models.CharField(max_length=12, blank=True, help_text="Asked in this one, whatever the browser says.")
    created_at = models.DateTimeField(default=now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public_id"], name="one_survey_collector")]
        indexes: ClassVar = [models.Index(fields=["survey"], name="collector_of_survey")]

    def __str__(self) -> str:
        return self.name


class Response(Scoped):
    """One answer to a survey. Of an anonymous one nothing leads to a person: no invitation, no code, no handle; its times are days."""

    class State(models.TextChoices):
        PARTIAL = "partial", pgettext_lazy("survey", "Begun")
        COMPLETE = "complete", _("Complete")
        SCREENED = "screened", _("Not of those who are asked")
        OVER_QUOTA = "over_quota", _("Over the quota")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses", db_index=False)
    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    collector = models.ForeignKey(Collector, on_delete=models.CASCADE, related_name="responses", db_index=False)
    public_id = models.CharField(max_length=32, unique=True, help_text="Random, 128 bits: whoever has it may go on answering.")
    person = models.BigIntegerField(null=True)
    handle = models.BigIntegerField(null=True, help_text="Of whom we know that they answered: invited, or stated by themselves.")
    invitation = models.ForeignKey("Invitation", null=True, on_delete=models.SET_NULL, related_name="responses", db_index=False)
    code = models.ForeignKey("Code", null=True, on_delete=models.SET_NULL, related_name="responses", db_index=False)
    typed_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.PARTIAL)
    place = models.CharField(max_length=120, blank=True, help_text="The page they are at.")
    answers = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=0, help_text="Random orders come from it.")
    facts = models.JSONField(default=dict, help_text="What was known of the person when it began; empty in anonymous ones.")
    touch = models.JSONField(default=dict, help_text="Where they came from.")
    started_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True, help_text="How long it took.")
    device = models.CharField(max_length=64, blank=True, help_text="Keyed hash, of this survey only.")
    flags = models.JSONField(default=dict, help_text="Signs of machines and of carelessness, and what was handed out.")
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invitation"], name="one_answer_of_invitation", condition=models.Q(invitation__isnull=False, state="complete")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["survey", "state", "submitted_at"], name="response_of_survey"),
            models.Index(fields=["collector", "state"], name="response_of_collector"),
            models.Index(fields=["workspace", "person"], name="response_of_person", condition=models.Q(person__isnull=False)),
            models.Index(fields=["handle"], name="response_of_handle", condition=models.Q(handle__isnull=False)),
            models.Index(fields=["invitation"], name="response_of_invitation", condition=models.Q(invitation__isnull=False)),
            models.Index(fields=["survey", "device"], name="response_of_device", condition=~models.Q(device="")),
        ]


class Upload(Scoped):
    """A file given as an answer."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="uploads")
    question = models.CharField(max_length=120)
    token = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()


from .models_asking import Code, FollowUp, Invitation, Quota, Raffle, RaffleDraw, RaffleEntry, Round  # noqa: E402
from .models_report import ReportLink  # noqa: E402

__all__ = [
    "Code", "Collector", "FollowUp", "Invitation", "Quota", "Raffle", "RaffleDraw", "RaffleEntry", "ReportLink", "Response", "Round",
    "Survey", "SurveyVersion", "Upload",
]  # fmt: skip
