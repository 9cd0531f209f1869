"""Forms, the landing pages they stand on, what was sent by them, and how many looked, began and finished."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped
from vincle.vocabulary import public_id

_USER = "accounts.User"


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    CLOSED = "closed", _("Closed")


class Built(Scoped):
    """What is put together on a screen: a draft that can be undone step by step, and versions that were published."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True, help_text="The last part of its public address; nobody else's has it.")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    draft = models.JSONField(default=dict)
    trail = models.JSONField(default=list, help_text="Earlier and later drafts, for undo and redo.")
    place = models.PositiveSmallIntegerField(default=0, help_text="Where in the trail the draft stands.")
    revision = models.PositiveIntegerField(default=0, help_text="Grows with every change: an editor that is behind is told.")
    version = models.PositiveIntegerField(default=0, help_text="Number of the published version; 0: none yet.")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Form(Built):
    """Asks people who come by themselves. `key` names it in the log for ever, whatever it is called."""

    key = models.CharField(max_length=20, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "archived_at", "-changed_at"], name="form_by_change")]


class FormVersion(Scoped):
    """A form as it was published: what someone saw, with the exact words they agreed to. Never changed."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["form", "number"], name="one_form_version")]


class Page(Built):
    """A landing page: blocks around a form."""

    form = models.ForeignKey(Form, null=True, on_delete=models.SET_NULL, related_name="+")
    published = models.JSONField(default=dict, help_text="As it is shown to the public.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "archived_at", "-changed_at"], name="page_by_change")]


class Upload(Scoped):
    """A file of ours: a picture of a page, or what a form offers in return. Pictures are public, offers are not."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        OFFER = "offer", _("File")

    kind = models.CharField(max_length=8, choices=Kind)
    token = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    content = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "kind", "-at"], name="upload_by_time")]


class Submission(Scoped):
    """Someone sent a form: a lead, unless it is spam. The words stand here as they stand in the log, and go when they go there."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        UNCONFIRMED = "unconfirmed", _("Not confirmed yet")
        CONFIRMED = "confirmed", _("Confirmed")
        SPAM = "spam", _("Spam")

    class Stage(models.TextChoices):
        OPEN = "open", _("To be looked after")
        CONTACTED = "contacted", _("Contacted")
        WON = "won", _("Won")
        LOST = "lost", _("Came to nothing")

    class Origin(models.TextChoices):
        FORM = "form", _("Form")
        CARD = "card", _("Business card")
        FACEBOOK = "facebook", _("Facebook lead form")

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.FORM)
    form = models.ForeignKey(Form, null=True, on_delete=models.CASCADE, related_name="submissions", db_index=False)
    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    mapping = models.ForeignKey("LeadForm", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=0)
    native_id = models.CharField(max_length=100, help_text="What the log calls it; sent twice, it is one.")
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPEN)
    at = models.DateTimeField(default=timezone.now)
    language = models.CharField(max_length=8, blank=True)
    handle = models.BigIntegerField(null=True, help_text="The strongest handle they gave.")
    name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=320, blank=True, help_text="E-mail address, else phone number.")
    sent = models.JSONField(default=dict, help_text="As the channel takes it.")
    touch = models.JSONField(default=dict, help_text="Where they came from: campaign, page, the first time as well.")
    marks = models.JSONField(default=list, help_text="What the defence against spam noticed.")
    optin = models.BigIntegerField(null=True, help_text="The request for confirmation that was sent to them.")
    is_delivered = models.BooleanField(default=False, help_text="It is in the log.")
    owner = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    given_at = models.DateTimeField(null=True, help_text="When it was given to someone by rule.")
    settled_at = models.DateTimeField(null=True, help_text="When the rules of its form were carried out.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "native_id"], name="one_submission")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-at"], name="submission_by_time"),
            models.Index(fields=["form", "-at"], name="submission_of_form"),
            models.Index(fields=["handle"], name="submission_of_handle", condition=models.Q(handle__isnull=False)),
            models.Index(fields=["optin"], name="submission_of_optin", condition=models.Q(optin__isnull=False)),
        ]

    @property
    def who(self) -> str:
        return self.name or self.address or str(_("Someone"))

    @property
    def handle_public(self) -> str:
        return public_id(self.handle) if self.handle is not None else ""


class CardPhoto(Scoped):
    """The picture of a business card, beside what was typed in from it."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="photo")
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()


class FormDay(Scoped):
    """What happened at a form on a day of the workspace, on which page (0: its own address, or embedded)."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="days", db_index=False)
    page = models.BigIntegerField(default=0)
    day = models.DateField()
    views = models.BigIntegerField(default=0)
    starts = models.BigIntegerField(default=0)
    submits = models.BigIntegerField(default=0)
    confirmed = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["form", "day", "page"], name="one_form_day")]


class LeadForm(Scoped):
    """A lead form of Facebook: which of its questions is which of our fields."""

    connection = models.ForeignKey("listen.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    form_key = models.CharField(max_length=100, help_text="What Facebook calls it.")
    name = models.CharField(max_length=120, blank=True)
    fields = models.JSONField(default=dict, help_text="Question -> email, phone, name, a trait, or nothing.")
    consents = models.JSONField(default=list, help_text="[{box, topic, wording}]: what a ticked box means.")
    rules = models.JSONField(default=dict, help_text="Whose its leads are, who is told, which tags they get.")
    is_on = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(_USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "form_key"], name="one_lead_form")]
