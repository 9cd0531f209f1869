"""What is done to an account elsewhere, in the shell or on allauth's pages, reaches the profile and the audit log."""

from typing import Any

from allauth.account import signals as allauth_signals
from django.dispatch import receiver
from django.http import HttpRequest

from vincle.web.signals import preference_chosen

from . import actions
from .models import User


@receiver(preference_chosen)
def keep_preference(sender: Any, request: HttpRequest, name: str, value: str, **_more: Any) -> None:
    if isinstance(request.user, User):
        actions.update_preferences(request.user, **{name: value})


@receiver([allauth_signals.password_changed, allauth_signals.password_set, allauth_signals.password_reset])
def record_password(sender: Any, user: User, **_more: Any) -> None:
    actions.record_for(user, "changed password", "account")
