"""What is said in public: ideas, the posts made of them for each place, what repeats, and our own short links."""

from secrets import token_hex
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


def new_public() -> str:
    """An id for addresses that says nothing of how many there are."""
    return token_hex(8)


class PublishingSettings(Scoped):
    """How a workspace publishes."""

    needs_second = models.BooleanField(default=False, help_text="Nobody approves what they wrote themselves, where another may.")
    late_hours = models.PositiveSmallIntegerField(default=12, help_text="A post that could not leave for so long is not sent late.")
    apart_minutes = models.PositiveSmallIntegerField(default=60, help_text="The queue keeps so far from other posts of the same place.")

    share_target = models.CharField(max_length=2000, blank=True, help_text="Where links that people hand on lead; empty: they have none.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_publishing_settings")]


class Idea(Scoped):
    """One thing to say, and what is the same wherever it is said."""

    public = models.CharField(max_length=16, unique=True, default=new_public)
    name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    campaign = models.CharField(max_length=80, blank=True, help_text="Links are counted under this name.")
    language = models.CharField(max_length=8, blank=True)
    shortens = models.BooleanField(default=False, help_text="Links leave as short ones of ours, so that clicks are counted.")
    is_evergreen = models.BooleanField(default=False, help_text="The queue may post it again and again.")
    rest_days = models.PositiveSmallIntegerField(default=30, help_text="The queue lets it rest for so long at one place.")
    approved_at = models.DateTimeField(null=True, help_text="The queue takes only what was approved as it stands.")
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    archived_at = models.DateTimeField(null=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-updated_at"], name="idea_newest")]


class Picture(Scoped):
    """A picture or film of an idea, described for those who do not see it."""

    public = models.CharField(max_length=16, unique=True, default=new_public)
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=60)
    alt = models.CharField(max_length=1000, blank=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    rank = models.PositiveSmallIntegerField(default=0)


class Series(Scoped):
    """An idea that is said again by a rule (`recurrence.Rule` as JSON), at some places."""

    public = models.CharField(max_length=16, unique=True, default=new_public)
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="series")
    rule = models.JSONField()
    places = models.JSONField(help_text="[connection, what the platform calls the place there] each.")
    is_on = models.BooleanField(default=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    made_until = models.DateTimeField(null=True, help_text="Up to here its posts stand in the calendar.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)


class Slot(Scoped):
    """A time of the week at which the queue may post at a place. `weekday` 0 is Monday; `minute` of the day, in the workspace's time."""

    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.CharField(max_length=100, blank=True)
    weekday = models.PositiveSmallIntegerField()
    minute = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "connection", "weekday", "minute"], name="one_slot")]


class Post(Scoped):
    """An idea at one place and time. It leaves by the outbox under the key `post:<public>`, once."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waits for approval")
        SCHEDULED = "scheduled", _("Scheduled")
        LEAVING = "leaving", _("On its way")
        SENT = "sent", _("Posted")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")

    class Origin(models.TextChoices):
        SINGLE = "single", _("Single")
        SERIES = "series", _("Series")
        QUEUE = "queue", _("Queue")

    public = models.CharField(max_length=16, unique=True, default=new_public)
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="posts")
    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=100, blank=True, help_text="Where a connection reaches several places: which.")
    text = models.TextField(blank=True, help_text="Its own words; empty: those of the idea.")
    at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SINGLE)
    series = models.ForeignKey(Series, null=True, on_delete=models.SET_NULL, related_name="posts")
    occurrence = models.DateTimeField(null=True, help_text="For which moment of its series or queue it was made.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often it was handed to the outbox under a new key.")
    send = models.BigIntegerField(null=True)
    from_seq = models.BigIntegerField(null=True, help_text="How far the log had come when it left.")
    native_id = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    said = models.TextField(blank=True, help_text="The words as they left.")
    left_at = models.DateTimeField(null=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_detail = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    approved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, help_text="Why it was sent back.")
    reactions = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "connection", "occurrence"], name="one_post_an_occurrence", condition=Q(series__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["workspace", "connection", "occurrence"], name="one_post_a_slot", condition=Q(origin="queue")
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["workspace", "at"], name="post_calendar"),
            models.Index(fields=["at"], name="post_due", condition=Q(state="scheduled")),
            models.Index(fields=["send"], name="post_leaving", condition=Q(state="leaving")),
            models.Index(fields=["connection", "native_id"], name="post_by_native", condition=Q(state="sent")),
        ]

    @property
    def words(self) -> str:
        return self.text or self.idea.text

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state in (self.State.DRAFT, self.State.WAITING, self.State.SCHEDULED, self.State.FAILED)


class PostAct(Scoped):
    """Something people did with a post of ours, by the root of its activity: what is retracted goes again."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="acts")
    root = models.BinaryField(max_length=16, unique=True)
    kind = models.CharField(max_length=10, help_text="reaction, comment or share.")
    actor = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["post", "-at"], name="post_act_newest")]


class ShortLink(Scoped):
    """An address of our own that leads to one stored address, and to no other."""

    code = models.CharField(max_length=40, unique=True)
    target = models.CharField(max_length=2000)
    name = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="utm_source")
    medium = models.CharField(max_length=80, blank=True, help_text="utm_medium")
    campaign = models.CharField(max_length=80, blank=True, help_text="utm_campaign")
    post = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="links")
    person = models.BigIntegerField(null=True, help_text="Whose it is to hand on.")
    handle = models.BigIntegerField(null=True, help_text="By which that person was known when it was made.")
    share_code = models.CharField(max_length=40, blank=True, help_text="The one code of that person, whichever of their links it is.")
    retired_at = models.DateTimeField(null=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    humans = models.PositiveIntegerField(default=0)
    machines = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "target"], name="one_link_a_post", condition=Q(post__isnull=False)),
            models.UniqueConstraint(fields=["workspace", "handle", "target"], name="one_share_link", condition=Q(handle__isnull=False)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at"], name="link_newest"),
            models.Index(fields=["person"], name="link_of_person", condition=Q(person__isnull=False)),
        ]


class LinkVisit(Scoped):
    """One opening of a link, by its activity in the log."""

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="visits", db_index=False)
    event = models.BinaryField(max_length=16, unique=True)
    at = models.DateTimeField()
    is_machine = models.BooleanField(default=False)
    visitor = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=120, blank=True, help_text="The host that led there.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["link", "at"], name="link_visits")]
