"""The letters accounts writes."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from .models import Invitation, User

log = structlog.get_logger(__name__)


def invitation_link(token: str, request: HttpRequest) -> str:
    """Under the public address when one is set, else under the one this page was asked at."""
    path = reverse("accounts:invitation", kwargs={"token": token})
    return str(settings.PUBLIC_URL + path if settings.OPTIONS.public_url else request.build_absolute_uri(path))


def sign_in_link(token: str) -> str:
    """The address of a one-time way in, as the command line prints it."""
    return str(settings.PUBLIC_URL + reverse("accounts:sign_in_link", kwargs={"token": token}))


def send_invitation(invitation: Invitation, link: str, by: User) -> bool:
    """Write to the invited, in the language of who invites. False: it did not leave, and the link must be handed over otherwise."""
    with translation.override(by.language or translation.get_language()):
        day = formats.date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
        context = {"invitation": invitation, "link": link, "by": by, "day": day}
        subject = _("%(name)s invites you to %(workspace)s") % {"name": by, "workspace": invitation.workspace.name}
        text = render_to_string("accounts/mail/invitation.txt", context)
        message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[invitation.email])
        message.attach_alternative(render_to_string("accounts/mail/invitation.html", context), "text/html")
    try:
        return bool(message.send())
    except (OSError, smtplib.SMTPException) as error:
        log.warning("invitation mail not sent", invitation=invitation.pk, error=str(error))
        return False


def mail_leaves() -> bool:
    """Is there a mail server, or are letters only written to the log?"""
    return not str(settings.EMAIL_BACKEND).endswith("console.EmailBackend")
