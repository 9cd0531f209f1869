"""Teams, opening hours, what is promised, rules, and what is known of how well customers are served."""

from typing import ClassVar

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped

__all__ = [
    "Automation", "AutomationRun", "Closing", "Effort", "Hours", "Promise", "Satisfaction", "ServiceSettings", "Team", "TeamMember",
]  # fmt: skip
_USER = "accounts.User"


class Hours(Scoped):
    """When someone is there. `week`: weekday ("0" is Monday) to stretches of local time; one with none is never closed."""

    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64)
    week = models.JSONField(default=dict)
    holidays = models.JSONField(default=list, help_text="Days on which nobody is there: 2026-12-25.")
    is_usual = models.BooleanField(default=False, help_text="The workspace's own: holds where nothing else is said.")
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], condition=models.Q(is_usual=True), name="one_usual_hours"),
            models.UniqueConstraint(fields=["workspace", "name"], name="one_hours_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Team(Scoped):
    """Those of the workspace who look after some conversations together."""

    class Assigning(models.TextChoices):
        NONE = "none", _("Whoever takes it")
        TURN = "turn", _("In turn")
        LOAD = "load", _("To whoever has fewest")

    name = models.CharField(max_length=80)
    folded = models.CharField(max_length=80)
    assigning = models.CharField(max_length=4, choices=Assigning, default=Assigning.NONE)
    most_open = models.IntegerField(null=True, help_text="So many open conversations may one member have; empty: any number.")
    hours = models.ForeignKey(Hours, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "folded"], condition=models.Q(deleted_at=None), name="one_team_name")
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(Scoped):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_away = models.BooleanField(default=False)
    away_until = models.DateTimeField(null=True, help_text="With `is_away`: until then; empty: until they say otherwise.")
    last_given_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "user"], name="one_team_member")]
        indexes: ClassVar = [models.Index(fields=["workspace", "user"], name="member_by_user")]


class Promise(Scoped):
    """How soon someone is answered, and their matter done with. The first (by rank) whose conditions hold counts."""

    name = models.CharField(max_length=80)
    conditions = models.JSONField(default=list)
    first_minutes = models.IntegerField(null=True)
    done_minutes = models.IntegerField(null=True)
    in_hours = models.BooleanField(default=True, help_text="Only minutes in which someone is there count.")
    hours = models.ForeignKey(Hours, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    warn_share = models.FloatField(default=0.75)
    rank = models.IntegerField(default=0)
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "rank"], name="promise_by_rank")]

    def __str__(self) -> str:
        return self.name


class Automation(Scoped):
    """What is done by itself, when, and with which conversations."""

    class Moment(models.TextChoices):
        BEGAN = "began", _("A conversation begins")
        WROTE = "wrote", _("They write again")
        WAITED = "waited", _("Nobody has answered for a while")
        CLOSED = "closed", _("A conversation is closed")

    name = models.CharField(max_length=80)
    moment = models.CharField(max_length=6, choices=Moment)
    minutes = models.IntegerField(null=True, help_text="With `waited`: for so long.")
    conditions = models.JSONField(default=list)
    deeds = models.JSONField(default=list)
    rank = models.IntegerField(default=0)
    is_on = models.BooleanField(default=True)
    runs = models.BigIntegerField(default=0)
    ran_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "rank"], name="automation_by_rank")]

    def __str__(self) -> str:
        return self.name


class AutomationRun(Scoped):
    """A rule has been at a conversation; that there is one makes it happen once."""

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="ran", db_index=False)
    thread = models.BigIntegerField()
    seq = models.BigIntegerField(default=0, help_text="Log row that set it off; 0 where none did.")
    at = models.DateTimeField(default=now)
    done = models.JSONField(default=dict, help_text="What it did, or why not.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["automation", "thread", "seq"], name="one_automation_run")]
        indexes: ClassVar = [
            models.Index(fields=["thread", "-at"], name="run_of_thread"),
            models.Index(fields=["automation", "-at"], name="automation_run_by_time"),
        ]


class Satisfaction(Scoped):
    """What someone was asked after their matter was done with, and what they said. The token itself is only in the link."""

    thread = models.BigIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(default=now)
    send = models.BigIntegerField(null=True)
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    handle = models.BigIntegerField(null=True)
    agent = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    score = models.IntegerField(null=True, help_text="1 to 5.")
    comment = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "answered_at"], name="satisfaction_by_answer"),
            models.Index(fields=["workspace", "asked_at"], name="satisfaction_by_asking"),
            models.Index(fields=["handle", "-asked_at"], name="satisfaction_of_handle"),
            models.Index(fields=["thread", "-asked_at"], name="satisfaction_of_thread"),
        ]


class Effort(Scoped):
    """For how long someone of the team had a conversation before them, by day (UTC)."""

    thread = models.BigIntegerField()
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    seconds = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "user", "day"], name="one_effort")]
        indexes: ClassVar = [models.Index(fields=["workspace", "day", "thread", "user", "seconds"], name="effort_by_day")]


class Closing(Scoped):
    """A conversation was closed. `opened_at`: when it had begun, or was last opened again."""

    thread = models.BigIntegerField()
    closed_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, help_text="Empty: a rule.")
    team = models.BigIntegerField(null=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["thread", "-closed_at"], name="closing_of_thread"),
            models.Index(fields=["workspace", "closed_at", "thread"], name="closing_by_time"),
        ]


class ServiceSettings(Scoped):
    """What holds for the whole workspace; one row."""

    hourly_cost = models.DecimalField(max_digits=10, decimal_places=2, null=True, help_text="Of one hour of work, in its currency.")
    ask_satisfaction = models.BooleanField(default=False)
    ask_after_minutes = models.IntegerField(default=60)
    question = models.CharField(max_length=300, blank=True)
    ask_channels = models.JSONField(default=list)
    due_from = models.BigIntegerField(null=True, help_text="Due times are being worked out anew: of conversations behind this key.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_service_settings")]
