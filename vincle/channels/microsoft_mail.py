"""A mailbox at Microsoft 365 or Outlook.com, which takes no passwords: entered by signing in at Microsoft.

https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
"""

from typing import ClassVar

from msgspec.structs import replace

from ._mail_consent import SignedInMail, settings
from .base import Spec
from .live import OAuth, Setting

_SIGN_IN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"


class MicrosoftMail(SignedInMail):
    spec: ClassVar[Spec] = replace(
        SignedInMail.spec,
        id="microsoft_mail",
        name="Microsoft 365 mail",
        icon="mail",
        capabilities=frozenset({"pull", "act"}),
        extensions=(),
        settings=settings(
            "microsoft",
            "Microsoft 365",
            "In the Microsoft Entra admin center: App registrations › your app › Overview.",
            Setting(
                name="tenant",
                label="Directory (tenant) ID",
                is_required=False,
                default="common",
                help="Where the app is for your organisation alone; it stands below the client ID.",
            ),
        ),
        oauth=OAuth(
            authorize_url=f"{_SIGN_IN}/authorize",
            token_url=f"{_SIGN_IN}/token",
            scopes=("https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"),
        ),
    )


channel = MicrosoftMail()
