"""Letters: what the team is writing, each state of it that was kept, how the company looks, and the pictures that stand in them."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Letter(Scoped):
    """A letter under a name. `draft` ({language: content as of `blocks.content`}) is being written; what leaves is a version."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EMAIL)
    language = models.CharField(max_length=8, default="en", help_text="Of the text that those get for whose language there is none.")
    draft = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each change of the draft: who saves says which one they saw.")
    kept = models.PositiveIntegerField(default=0, help_text="Number of the newest version; 0: none yet.")
    kept_revision = models.PositiveIntegerField(default=0, help_text="The draft's revision that became it.")
    template = models.CharField(max_length=20, blank=True, help_text="Of the ready-made letter it began with.")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "archived_at", "-changed_at"], name="letter_by_time")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_changed(self) -> bool:
        """Whether the draft says something else than the newest version."""
        return self.revision != self.kept_revision


class LetterVersion(Scoped):
    """A letter as it can leave. Never changes. The main language stands in columns, the others in `variants` ({language: content})."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=300)
    preheader = models.CharField(max_length=300, blank=True)
    blocks = models.JSONField(default=list)
    text = models.TextField(blank=True, help_text="The plain text, where the team wrote its own.")
    is_text_own = models.BooleanField(default=False)
    variants = models.JSONField(default=dict)
    look = models.JSONField(default=dict, help_text="The brand as it was then.")
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["letter", "number"], name="one_letter_version")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def languages(self) -> list[str]:
        """The main one first."""
        return [self.language, *sorted(self.variants)]

    def content(self, language: str) -> dict[str, Any]:
        """What is said in a language; the main one's where there is no other."""
        if language != self.language and language in self.variants:
            return dict(self.variants[language])
        return {name: getattr(self, name) for name in ("subject", "preheader", "blocks", "text", "is_text_own")}


class Brand(Scoped):
    """How the company looks in what it sends: one a workspace."""

    look = models.JSONField(default=dict, help_text="As `look.read` reads it.")
    changed_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_brand")]


class Picture(Scoped):
    """A picture in letters, at a public address that cannot be guessed. It stays as long as letters that left may show it."""

    token = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=300, blank=True)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, help_text="No longer offered; still shown where it stands.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "sha256"], name="one_picture")]

    def __str__(self) -> str:
        return self.name
