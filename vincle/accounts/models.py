"""Who may come in: users, workspaces, roles, invitations, and the trace of what they did."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from vincle.store.scope import Scoped


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")
    VIEWER = "viewer", _("Viewer")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone of the team. Signs in by e-mail; what they may do is said by their membership in each workspace."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email


def _secret() -> bytes:
    return secrets.token_bytes(32)


class Workspace(models.Model):
    """One brand with its people, channels and team. Every row belongs to one; nothing crosses."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=160, blank=True)
    country = models.CharField(max_length=2, default="ES")
    currency = models.CharField(max_length=3, default="EUR")
    timezone = models.CharField(max_length=64, default="Europe/Madrid")
    secret = models.BinaryField(default=_secret)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name


class Membership(Scoped):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Invitation(Scoped):
    """An open door for one e-mail address; the token itself is only in the link."""

    email = models.EmailField()
    role = models.CharField(max_length=8, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "email"], name="invitation_by_email")]

    @property
    def is_late(self) -> bool:
        return self.expires_at <= now()

    def __str__(self) -> str:
        return self.email


class SignInLink(models.Model):
    """A one-time way in, printed by the command line."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user}, until {self.expires_at:%Y-%m-%d %H:%M}"


class ApiKey(Scoped):
    """A key by which a program speaks for the workspace. The key itself is shown once; a keyed digest of it is all that is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, help_text="The beginning of the key, to tell it from others.")
    digest = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(help_text="What it may do, as values of `accounts.access.May`; never more than its maker may.")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="api_key_by_time")]

    @property
    def is_late(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()

    def __str__(self) -> str:
        return self.name


class ApiAnswer(Scoped):
    """What a request with an Idempotency-Key was answered, so that the same request again does nothing twice."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+", db_index=False)
    token = models.CharField(max_length=64, help_text="SHA-256 of the Idempotency-Key.")
    request = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.BinaryField(default=bytes)
    at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "token"], name="one_answer_a_token")]


class AuditEntry(Scoped):
    """Who changed what, when. Written by `accounts.audit.record`, never changed."""

    at = models.DateTimeField(default=now)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=160, help_text="How the doer was called then: e-mail, or 'command line', or 'worker'.")
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at", "-id"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.actor}: {self.verb} {self.object_type} {self.label}"
