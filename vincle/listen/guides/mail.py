"""Mailboxes."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

PAST = _("Letters of the past in the chosen folder, newest first.")

GUIDES = (
    Guide(
        key="mail", channel="mail", group="mail", ready="now", does=("listen", "answer"),
        name=_("A mailbox"),
        sentence=_("Letters to an address of yours, with their threads and attachments, and your answers."),
        words="imap smtp e-mail email letter support info hello address",
        ready_note=_("Any mailbox that speaks IMAP and SMTP."),
        steps=(
            Step(
                _("Have the password at hand"),
                _(
                    "Where you sign in with a second factor (Google, Apple, Yahoo, Fastmail), make an app password in the security "
                    "settings of your account there and use that."
                ),
            ),
            Step(
                _("Look up the servers, if they are your own"),
                _(
                    "Vincle knows the servers of the larger providers. For others, whoever keeps your mail calls them “IMAP and SMTP "
                    "settings”; write them under “More”. Letters stay where they are, and stay unread there until someone reads them."
                ),
            ),
        ),
        caution=_("Microsoft 365 no longer takes passwords over IMAP and SMTP: choose “Microsoft 365, Outlook” for it."),
        past=PAST,
    ),
    Guide(
        key="mail_provider", channel="mail_provider", group="mail", ready="now", does=("publish",),
        name=_("A mail provider"), icon="mail-forward",
        sentence=_("Letters to many leave by a provider, which tells what became of each."),
        words="brevo mailgun postmark sendgrid mailjet resend sparkpost mailersend mandrill smtp newsletter bulk e-mail email",
        ready_note=_("With an account at the provider and a domain that is confirmed there."),
        steps=(
            Step(
                _("Confirm your domain there"),
                _(
                    "The provider shows some DNS lines for your domain. What is still missing stands under Speak › Outbox › Sending "
                    "domains."
                ),
            ),
            Step(_("Make an API key"), _("In the provider’s settings. It needs the right to send, no other.")),
        ),
        then=(
            Step(
                _("Let it report"),
                _(
                    "Paste this address where the provider asks for webhooks, and tick delivered, bounced, complained and unsubscribed. "
                    "Its secret goes below."
                ),
                copies="address",
                asks=True,
            ),
        ),
    ),
    Guide(
        key="gmail", channel="mail", group="mail", ready="now", does=("listen", "answer"),
        name="Gmail", icon="brand-google",
        sentence=_("A mailbox at Gmail or Google Workspace."),
        words="google workspace imap e-mail email",
        ready_note=_("An app password is enough; in Google Workspace the administrator has to allow it."),
        steps=(
            Step(
                _("Switch 2-Step Verification on"),
                _("In your Google account open Security › 2-Step Verification. App passwords exist only with it."),
                url="https://myaccount.google.com/security",
            ),
            Step(
                _("Make an app password"),
                _("Call it “Vincle” and copy the sixteen letters. Use them below instead of your password."),
                url="https://myaccount.google.com/apppasswords",
            ),
        ),
        preset={"provider": "google"},
        past=PAST,
    ),
    Guide(
        key="google_mail", channel="google_mail", group="mail", ready="app", does=("listen", "answer"),
        name=_("Gmail, by signing in"),
        sentence=_("A mailbox at Gmail or Google Workspace, without any password."),
        words="google workspace gmail imap oauth e-mail email",
        ready_note=_("With a project of your own in Google Cloud, for people of your own Workspace or your test users."),
        steps=(
            Step(
                _("Make a project and its consent screen"),
                _(
                    "In the Google Cloud console choose “New project”, switch the Gmail API on in it, and open Google Auth Platform. In "
                    "Workspace take the audience “Internal”: nothing has to be reviewed and the consent does not end. Else take “External” "
                    "and add yourself as a test user; the consent then ends after seven days."
                ),
                url="https://console.cloud.google.com/auth/overview",
            ),
            Step(
                _("Make a client"),
                _("Choose “Create client” of the type “Web application” and paste this address into “Authorised redirect URIs”."),
                url="https://console.cloud.google.com/auth/clients",
                copies="back",
            ),
        ),
        scopes={"https://mail.google.com/": _("to read the mailbox by IMAP and to send by SMTP")},
        past=PAST,
    ),
    Guide(
        key="microsoft_mail", channel="microsoft_mail", group="mail", ready="app", does=("listen", "answer"),
        name="Microsoft 365, Outlook",
        sentence=_("A mailbox at Microsoft 365 or Outlook.com, by signing in there."),
        words="microsoft office exchange outlook hotmail imap oauth e-mail email",
        ready_note=_("With an app registration of your own; in an organisation its administrator has to agree."),
        steps=(
            Step(
                _("Register an app"),
                _(
                    "In the Microsoft Entra admin center open App registrations › New registration. Take the platform “Web” and paste this "
                    "address as its redirect URI."
                ),
                url="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
                copies="back",
            ),
            Step(
                _("Give it the permissions"),
                _(
                    "Under API permissions › Add a permission › Microsoft Graph › Delegated permissions tick these, and let them be "
                    "agreed to."
                ),
                topics=("IMAP.AccessAsUser.All", "SMTP.Send", "offline_access"),
            ),
            Step(
                _("Make a client secret"),
                _(
                    "Under Certificates & secrets choose “New client secret” and copy its value at once. For a mailbox that may send, SMTP "
                    "AUTH has to be on: Microsoft 365 admin center › Active users › the mailbox › Mail › Manage email apps."
                ),
            ),
        ),
        scopes={
            "https://outlook.office.com/IMAP.AccessAsUser.All": _("to read the mailbox by IMAP"),
            "https://outlook.office.com/SMTP.Send": _("to send by SMTP"),
            "offline_access": _("to stay signed in"),
        },
        past=PAST,
    ),
)  # fmt: skip
