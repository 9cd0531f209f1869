"""Rounds of asking, who was asked, codes, quotas, raffles, and bad answers that want a word."""

from secrets import randbits
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vincle.store.scope import Scoped


def random_id() -> int:
    """No order and no time can be read from it."""
    return randbits(62) + 1


class Round(Scoped):
    """A survey goes out to the people of a segment once, with its reminders."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        ASKING = "asking", _("Asking")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    survey = models.ForeignKey("surveys.Survey", on_delete=models.CASCADE, related_name="rounds")
    collector = models.ForeignKey("surveys.Collector", on_delete=models.CASCADE, related_name="rounds", db_index=False)
    public_id = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    segment = models.ForeignKey("organise.Segment", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    connection = models.ForeignKey("listen.Connection", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    medium = models.CharField(max_length=20, default="email")
    texts = models.JSONField(default=dict, help_text='Of each language: {"subject", "why", "button"}.')
    reminders = models.PositiveSmallIntegerField(default=1)
    every_days = models.PositiveSmallIntegerField(default=5, help_text="Days between one mail and the next reminder.")
    starts_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    problem = models.CharField(max_length=300, blank=True)
    job = models.ForeignKey("outbox.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reminder_jobs = models.JSONField(default=list, help_text="Primary keys of the jobs of reminders, in their order.")
    drawn_to = models.BigIntegerField(default=-(2**63), help_text="The last person who was looked at.")
    drawn_at = models.DateTimeField(null=True)
    left_out = models.JSONField(default=dict, help_text="How many were not asked, by the code of why.")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "public_id"], name="one_survey_round")]
        indexes: ClassVar = [models.Index(fields=["state"], name="survey_round_at_work", condition=models.Q(state="asking"))]


class Invitation(Scoped):
    """One person who was asked. In anonymous surveys nothing leads from here to an answer, and `answered_at` is a day."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be asked")
        ASKED = "asked", pgettext_lazy("survey", "Asked")
        REMINDED = "reminded", _("Reminded")
        OPENED = "opened", pgettext_lazy("survey", "Opened")
        ANSWERED = "answered", _("Answered")
        DECLINED = "declined", _("Does not want to")
        FAILED = "failed", _("Not reached")

    survey = models.ForeignKey("surveys.Survey", on_delete=models.CASCADE, related_name="invitations", db_index=False)
    collector = models.ForeignKey("surveys.Collector", on_delete=models.CASCADE, related_name="+", db_index=False)
    round = models.ForeignKey(Round, null=True, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    person = models.BigIntegerField(null=True, help_text="Empty when forgotten.")
    handle = models.BigIntegerField(null=True)
    code_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (unique, and not there before it is stored)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=40, blank=True, help_text="Code of why they were not reached.")
    about = models.CharField(max_length=80, blank=True, help_text="What it is about: the conversation that was closed.")
    reminders = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "person"], name="asked_once_a_round", condition=models.Q(person__isnull=False)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "person", "-created_at"], name="survey_asked_person", condition=models.Q(person__isnull=False)
            ),
            models.Index(fields=["survey", "state"], name="survey_asked_state"),
            models.Index(fields=["round", "state", "id"], name="survey_round_state"),
            models.Index(fields=["handle"], name="survey_asked_handle", condition=models.Q(handle__isnull=False)),
        ]


class Code(Scoped):
    """A code on a ballot or a unit of a product. `used_at` is a day in anonymous surveys, and no answer is found by it."""

    collector = models.ForeignKey("surveys.Collector", on_delete=models.CASCADE, related_name="codes", db_index=False)
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True, help_text="The unit, the table, the box it stands on.")
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["collector", "number"], name="one_survey_code")]


class Quota(Scoped):
    """At most so many answers of a kind. Cells of an interlocked table are quotas that share a `group`."""

    class Action(models.TextChoices):
        SCREEN = "screen", _("Thank them and end")
        CLOSE = "close", _("Close the survey")

    survey = models.ForeignKey("surveys.Survey", on_delete=models.CASCADE, related_name="quotas")
    position = models.PositiveIntegerField(default=0)
    group = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=160)
    condition = models.TextField(help_text="An expression over the answers; empty: everybody.", blank=True)
    limit = models.PositiveIntegerField()
    count = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=8, choices=Action, default=Action.SCREEN)
    message = models.JSONField(default=dict, help_text="Of each language, what whoever comes too late is told.")


class Raffle(Scoped):
    """A gift for the first, or a draw among all who take part. Those who take part are kept apart from the answers."""

    class Kind(models.TextChoices):
        DRAWN = "drawn", _("Drawn among all who answer")
        FIRST = "first", _("For the first who answer")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("survey", "Open")
        DRAWN = "drawn", pgettext_lazy("survey", "Drawn")

    survey = models.OneToOneField("surveys.Survey", on_delete=models.CASCADE, related_name="raffle")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DRAWN)
    prize = models.JSONField(default=dict, help_text="Of each language, what there is to win.")
    terms = models.JSONField(default=dict, help_text="Of each language, who may take part and what becomes of their address.")
    condition = models.TextField(blank=True, help_text="An expression over the answers: who may take part; empty: everybody.")
    winners = models.PositiveIntegerField(default=1)
    reserves = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0, help_text="Of a gift for the first: how many are promised.")
    contact = models.CharField(max_length=8, default="email", help_text="'email' or 'phone': by what winners are told.")
    seed = models.CharField(max_length=64, help_text="Secret until it is drawn.")
    commitment = models.CharField(max_length=64, help_text="SHA-256 of the seed, shown beforehand.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)


class RaffleEntry(Scoped):
    """Someone who takes part. Its key is random, and in anonymous surveys it has neither a person nor a time."""

    id = models.BigIntegerField(primary_key=True, default=random_id)
    raffle = models.ForeignKey(Raffle, on_delete=models.CASCADE, related_name="entries", db_index=False)
    ticket = models.CharField(max_length=64, unique=True, help_text="Hash of the ticket it was entered with: each counts once.")
    contact = models.CharField(max_length=320)
    contact_key = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=12, blank=True)
    person = models.BigIntegerField(null=True)
    rank = models.PositiveIntegerField(null=True, help_text="Place among the winners.")
    entered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["raffle", "contact_key"], name="one_raffle_entry")]


class RaffleDraw(Scoped):
    """A draw as it can be done again: seed, words of the day, who took part, who won."""

    raffle = models.ForeignKey(Raffle, on_delete=models.CASCADE, related_name="draws", db_index=False)
    number = models.PositiveIntegerField()
    algorithm = models.CharField(max_length=40)
    seed = models.CharField(max_length=64)
    beacon = models.CharField(max_length=200, blank=True)
    entries = models.JSONField(help_text="Ids of all who took part, as text.")
    digest = models.CharField(max_length=64)
    winners = models.PositiveIntegerField()
    reserves = models.PositiveIntegerField()
    result = models.JSONField(help_text="Ids of the winners, then of the reserves, in their order.")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["raffle", "number"], name="one_raffle_draw")]


class FollowUp(Scoped):
    """A bad answer somebody of the team should do something about. `team` is the area's."""

    survey = models.ForeignKey("surveys.Survey", on_delete=models.CASCADE, related_name="follow_ups", db_index=False)
    response = models.OneToOneField("surveys.Response", on_delete=models.CASCADE, related_name="follow_up")
    team = models.ForeignKey("inbox.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    to = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    thread = models.BigIntegerField(null=True, help_text="Key of the conversation in the inbox, where there is one.")
    person = models.BigIntegerField(null=True)
    why = models.JSONField(default=list, help_text='What was bad: [{"question", "area", "value", "most"}].')
    text = models.TextField(blank=True, help_text="What they said in their own words.")
    note = models.TextField(blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "done_at", "-opened_at"], name="survey_follow_up_open"),
            models.Index(fields=["person"], name="survey_follow_up_person", condition=models.Q(person__isnull=False)),
        ]
