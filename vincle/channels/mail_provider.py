"""A provider that hands mail on for us (Brevo, Mailgun, Postmark ...): we send by it, and it tells what became of each mail.

What it reports is read as `email_events` reads it. Sending stands in the outbox, which speaks each provider's own language by anymail.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

from vincle.vocabulary import HandleRef, Item, Outcome

from . import _json as js
from ._identifiers import email
from ._mail_hooks import believed
from .base import FileError, Options, Preview, Reply, Request, Sample, Secret, Spec, Verdict
from .email_events import EmailEvents
from .live import Line, Problem, Setting, Standing

REPORTS_ONLY = frozenset({"amazon_ses"})
"""Mail leaves by their SMTP, from a connection of its own; what became of it is told here."""

PROVIDERS = (
    ("amazon_ses", "Amazon SES (its reports; send by SMTP)"), ("brevo", "Brevo"), ("mailersend", "MailerSend"), ("mailgun", "Mailgun"),
    ("mailjet", "Mailjet"), ("mailtrap", "Mailtrap"), ("mandrill", "Mandrill"), ("postal", "Postal"), ("postmark", "Postmark"),
    ("resend", "Resend"), ("sendgrid", "SendGrid"), ("sparkpost", "SparkPost"), ("unisender_go", "Unisender Go"),
)  # fmt: skip
_LOOKS = {
    "brevo": ("https://api.brevo.com/v3/account", "api-key", ""),
    "mailersend": ("https://api.mailersend.com/v1/api-quota", "authorization", "Bearer "),
    "postmark": ("https://api.postmarkapp.com/server", "x-postmark-server-token", ""),
    "resend": ("https://api.resend.com/domains", "authorization", "Bearer "),
    "sendgrid": ("https://api.sendgrid.com/v3/scopes", "authorization", "Bearer "),
    "sparkpost": ("https://api.sparkpost.com/api/v1/account", "authorization", ""),
}
"""Where a provider says whether a key is valid: address, header, what stands before the key."""


class MailProvider(EmailEvents):
    spec: ClassVar[Spec] = Spec(
        id="mail_provider", name="Mail provider", icon="mail-forward", family="messages", capabilities=frozenset({"webhook"}),
        handle_kinds=("email",),
        secrets=(
            Secret(name="webhook_secret", label="Secret of the reports",
                   help="What signs the provider's reports (webhooks): its signing secret, SendGrid's verification key, "
                        "Postal's public key, the SNS topic of Amazon SES (arn:aws:sns:...). Or the password you put into their address: "
                        "user:password@."),
        ),
        settings=(
            Setting(name="provider", label="Provider", kind="choice", choices=PROVIDERS, default="brevo"),
            Setting(name="address", label="Your address", kind="email", help="Mails leave from it; the provider has to know its domain."),
            Setting(name="sender", label="Your name", is_required=False, help="Shown to whoever gets a mail."),
            Setting(name="api_key", label="API key", is_secret=True, is_required=False,
                    help="The key that may send, from the provider's settings."),
            Setting(name="secret_key", label="Second key", is_secret=True, is_required=False, help="Mailjet has two."),
            Setting(name="region", label="Region", kind="choice", is_required=False, choices=(("", "As usual"), ("eu", "European Union")),
                    help="Where Mailgun and SparkPost keep your account."),
            Setting(name="api_url", label="Address of the API", kind="url", is_required=False, help="Postal and Unisender Go need it."),
        ),
    )  # fmt: skip

    def recognise(self, sample: Sample) -> float:
        return 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        return Preview(channel=self.spec.id)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        raise FileError("cannot_read_files", self.spec.name)

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        if "vincle" in js.obj(delivery):  # what we count ourselves never comes from outside
            yield js.unknown("delivery", delivery, received_at)
            return
        yield from super().items(delivery, received_at)

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        secret = secrets.get("webhook_secret", "")
        if request.method == "GET":  # some look whether the address is there before they report to it
            return Reply()
        return believed(request, secret)

    def check(self, line: Line) -> Standing:
        """Asks the provider about the key where it has a place for that."""
        address = email(line.settings.get("address", ""))
        provider = line.settings.get("provider", "")
        if not address:
            raise Problem("permanent", "sender_refused", line.settings.get("address", ""))
        if provider not in REPORTS_ONLY and not line.secrets.get("api_key", ""):
            raise Problem("auth", "signed_out", provider)
        if provider in _LOOKS:
            where, header, before = _LOOKS[provider]
            if provider == "sparkpost" and line.settings.get("region") == "eu":
                where = where.replace("api.", "api.eu.", 1)
            answer = line.send("GET", where, headers={header: before + line.secrets.get("api_key", ""), "accept": "application/json"})
            if answer.status in (401, 403):
                raise Problem("auth", "signed_out", f"{provider} answered {answer.status}")
        return Standing(account=address, own=(HandleRef("email", address, line.settings.get("sender", "").strip()),))


channel = MailProvider()
