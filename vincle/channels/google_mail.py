"""A mailbox at Gmail or Google Workspace, entered by signing in at Google instead of by an app password.

https://developers.google.com/workspace/gmail/imap/xoauth2-protocol.
"""

from typing import ClassVar

from msgspec.structs import replace

from ._mail_consent import SignedInMail, settings
from .base import Spec
from .live import OAuth


class GoogleMail(SignedInMail):
    spec: ClassVar[Spec] = replace(
        SignedInMail.spec,
        id="google_mail",
        name="Gmail",
        icon="brand-google",
        capabilities=frozenset({"pull", "act"}),
        extensions=(),
        settings=settings("google", "Google", "In the Google Cloud console: APIs & Services › Credentials, of the kind “Web application”."),
        oauth=OAuth(
            authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_url="https://oauth2.googleapis.com/token",
            scopes=("https://mail.google.com/",),
            extra={"access_type": "offline", "prompt": "consent"},
        ),
    )


channel = GoogleMail()
