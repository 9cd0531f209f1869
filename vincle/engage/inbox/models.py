"""Conversations that may want an answer, worked out from the log; and what the team does with them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.fields import KeyField
from vincle.store.scope import Scoped
from vincle.vocabulary import public_id

from .models_service import (
    Automation,
    AutomationRun,
    Closing,
    Effort,
    Hours,
    Promise,
    Satisfaction,
    ServiceSettings,
    Team,
    TeamMember,
)  # fmt: skip

__all__ = [
    "Automation", "AutomationRun", "Canned", "Closing", "Draft", "Effort", "Hours", "Note", "Piece", "Presence", "Promise", "Satisfaction",
    "SavedView", "Seen", "ServiceSettings", "Tag", "Team", "TeamMember", "Thread", "ThreadTag",
]  # fmt: skip
_CARRIED = ("sentiment", "is_urgent", "kind", "is_here", "rank")


class Thread(Scoped):
    """One conversation. What stands above `state` is worked out from the log by `fold`; the rest is the team's, and outlives a rebuild."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        MESSAGE = "message", _("Message")
        REVIEW = "review", _("Review")
        MAIL = "mail", _("E-mail")
        MENTION = "mention", _("Mention")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SNOOZED = "snoozed", _("Put off")
        CLOSED = "closed", _("Closed")

    key = KeyField()
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    thread_key = models.CharField(max_length=300, help_text="What the platform calls the conversation, or the first thing said in it.")
    root_key = models.CharField(max_length=300, blank=True, help_text="What the platform calls that under which it stands: the post.")
    handle = models.BigIntegerField(null=True, help_text="Of the one we talk with.")
    is_here = models.BooleanField(default=True, help_text="Something of it still stands.")
    messages = models.IntegerField(default=0)
    urgency = models.FloatField(default=0.0)
    is_urgent = models.BooleanField(default=False)
    sentiment = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=8, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_in_at = models.DateTimeField(null=True)
    last_out_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True, help_text="Since when someone waits for an answer; empty: nobody does.")
    rank = models.BigIntegerField(
        null=True, help_text="Who is answered first: seconds of `waiting_since`, less what urgency and feeling weigh."
    )
    first_answer_at = models.DateTimeField(null=True)
    peer_answers = models.IntegerField(default=0, help_text="Answers other customers gave.")
    peer_thanked = models.IntegerField(default=0)
    by_peer = models.BooleanField(default=False, help_text="Another customer's answer was thanked for, and nobody waits any more.")
    first_event = models.BinaryField(max_length=16, null=True)
    last_event = models.BinaryField(max_length=16, null=True)
    last_seq = models.BigIntegerField(default=0)
    url = models.CharField(max_length=2000, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    state_at = models.DateTimeField(null=True, help_text="When the team set the state; what comes in later opens the conversation again.")
    assignee = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    assigned_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    promise = models.BigIntegerField(null=True, help_text="What they were promised.")
    due_first_at = models.DateTimeField(null=True, help_text="By when they were to be answered first; stays when they are.")
    due_done_at = models.DateTimeField(null=True, help_text="By when it was to be closed; stays when it is.")
    due_at = models.DateTimeField(null=True, help_text="What is due now, answer or end, whichever comes first; empty: nothing is.")
    warn_at = models.DateTimeField(null=True, help_text="When the team is told of it; empty: not, or not again.")
    warned_at = models.DateTimeField(null=True, help_text="When the team was last told that it is due.")

    class Meta:
        # Each index carries all that lists are filtered by, so that no filter touches the wide rows.
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "rank", "key", "assignee", "channel", "sentiment", "is_urgent", "kind"], name="thread_waiting",
                condition=models.Q(rank__isnull=False, state="open", is_here=True),
            ),
            models.Index(
                fields=["workspace", "state", "-last_at", "-key", "assignee", "channel", *_CARRIED],
                name="thread_by_last",
            ),
            models.Index(
                fields=["workspace", "assignee", "state", "-last_at", "-key", "channel", *_CARRIED],
                name="thread_by_assignee", condition=models.Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["workspace", "channel", "state", "-last_at", "-key", "assignee", *_CARRIED],
                name="thread_by_channel",
            ),
            models.Index(
                fields=["workspace", "state", "rank", "key", "assignee", "channel", "sentiment", "kind", "is_here"],
                name="thread_urgent", condition=models.Q(is_urgent=True),
            ),
            models.Index(fields=["workspace", "sentiment", "state", "-last_at", "-key", "is_here"], name="thread_by_tone"),
            models.Index(fields=["handle", "-last_at"], name="thread_by_handle", condition=models.Q(handle__isnull=False)),
            models.Index(fields=["workspace", "-changed_at"], name="thread_by_change"),
            models.Index(fields=["snoozed_until"], name="thread_snoozed", condition=models.Q(state="snoozed")),
            models.Index(
                fields=["workspace", "team", "state", "-last_at", "-key", "assignee", "channel", *_CARRIED],
                name="thread_by_team", condition=models.Q(team__isnull=False),
            ),
            models.Index(
                fields=["workspace", "due_at", "key", "assignee", "team", "channel", "rank"], name="thread_due",
                condition=models.Q(due_at__isnull=False, state="open", is_here=True),
            ),
            models.Index(fields=["warn_at"], name="thread_warn", condition=models.Q(warn_at__isnull=False, state="open", is_here=True)),
            models.Index(
                fields=["workspace", "waiting_since", "key", "channel"], name="thread_since",
                condition=models.Q(waiting_since__isnull=False, state="open", is_here=True),
            ),
            models.Index(
                fields=["workspace", "first_at", "channel", "kind", "first_answer_at", "due_first_at", "assignee", "team", "is_here"],
                name="thread_by_first",
            ),
        ]  # fmt: skip

    @property
    def public(self) -> str:
        return public_id(self.key)

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.OPEN and self.waiting_since is not None


class Piece(Scoped):
    """One thing said in a conversation, or (without one) something of ours that they stand under. Its words are Content's."""

    class State(models.TextChoices):
        SHOWN = "", _("Shown")
        HIDDEN = "hidden", _("Hidden")
        DELETED = "deleted", _("Deleted")

    key = KeyField()
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    thread = models.BigIntegerField(null=True, help_text="Key of its conversation.")
    parent = models.BigIntegerField(null=True, help_text="Key of what it answers.")
    root = models.BinaryField(max_length=16, unique=True, help_text="Event by which it came first.")
    event = models.BinaryField(max_length=16, help_text="Event that stands for it now: its words are found by it.")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    direction = models.CharField(max_length=3)
    actor = models.BigIntegerField(null=True)
    object_type = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State, blank=True, default=State.SHOWN)
    is_machine = models.BooleanField(default=False)
    is_heard = models.BooleanField(default=True, help_text="It came while it was fresh; nobody waits for an answer to an imported past.")
    asks = models.BooleanField(default=False)
    thanks = models.BooleanField(default=False)
    is_spam = models.BooleanField(default=False)
    sentiment = models.CharField(max_length=10, blank=True)
    urgency = models.FloatField(default=0.0)
    language = models.CharField(max_length=8, blank=True)
    is_peer = models.BooleanField(default=False, help_text="A customer answers another.")
    thanked = models.BooleanField(default=False, help_text="Whoever asked, or we, liked it or said thanks.")
    we_like = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["thread", "at", "seq"], name="piece_of_thread", condition=models.Q(thread__isnull=False)),
            models.Index(fields=["parent"], name="piece_by_parent", condition=models.Q(parent__isnull=False)),
            models.Index(fields=["seq"], name="piece_by_seq"),
            models.Index(
                fields=["workspace", "direction", "at", "thread", "connection", "is_machine", "is_spam", "state"], name="piece_by_time"
            ),
            models.Index(fields=["workspace", "actor"], name="piece_of_peer", condition=models.Q(is_peer=True)),
        ]

    @property
    def public(self) -> str:
        return public_id(self.key)


class Tag(Scoped):
    """A word the team puts on conversations."""

    name = models.CharField(max_length=60)
    folded = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "folded"], name="one_thread_tag_name")]

    def __str__(self) -> str:
        return self.name


class ThreadTag(Scoped):
    thread = models.BigIntegerField()
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings", db_index=False)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "tag"], name="one_thread_tag")]
        indexes: ClassVar = [models.Index(fields=["tag", "thread"], name="thread_by_tag")]


class Note(Scoped):
    """What the team says among itself. `mentions`: ids of the users it calls."""

    thread = models.BigIntegerField()
    text = models.TextField()
    mentions = models.JSONField(default=list)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["thread", "at"], name="note_of_thread")]


class Draft(Scoped):
    """What someone has written and not sent."""

    thread = models.BigIntegerField()
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    deed = models.CharField(max_length=16, default="reply")
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "user", "deed"], name="one_draft")]


class Presence(Scoped):
    """Who looks at a conversation, and who writes."""

    thread = models.BigIntegerField()
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "user"], name="one_presence")]


class Seen(Scoped):
    """How far someone has read a conversation."""

    thread = models.BigIntegerField()
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "thread"], name="one_seen")]


class Canned(Scoped):
    """An answer kept for the next time, with variables (Liquid)."""

    name = models.CharField(max_length=80)
    shortcut = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=8, blank=True, help_text="Of its words; empty: any.")
    text = models.TextField()
    used = models.IntegerField(default=0)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "name"], name="canned_by_name")]

    def __str__(self) -> str:
        return self.name


class SavedView(Scoped):
    """Filters of the inbox under a name; one's own or the team's."""

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)
    by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "by", "name"], name="one_inbox_view")]
