"""Mail by a provider's own interface, in the language that anymail knows for each."""

from typing import Any, Final

from anymail.exceptions import (  # type: ignore[import-untyped]
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)  # fmt: skip
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from vincle.channels.live import Problem
from vincle.channels.mail_provider import REPORTS_ONLY
from vincle.listen import credentials
from vincle.listen.models import Connection
from vincle.store import outside

from .carriers import Item, OneByOne, Result, Road
from .mailing import Mail

TIMEOUT: Final = (10, 30)
_KEYS: Final = {"postmark": "server_token", "mailersend": "api_token", "mailtrap": "api_token"}
_EUROPE: Final = {"mailgun": "https://api.eu.mailgun.net/v3", "sparkpost": "https://api.eu.sparkpost.com/api/v1"}
_OWN_SERVER: Final = frozenset({"postal", "unisender_go"})
_BUSY: Final = frozenset({429, 503})


class Provider(OneByOne):
    """One session with the provider, opened at the first mail."""

    def __init__(self) -> None:
        self.backend: Any = None

    def run(self, road: Road) -> None:
        try:
            super().run(road)
        finally:
            if self.backend is not None:
                self.backend.close()

    def carry(self, road: Road, item: Item) -> Result:
        assert item.mail is not None
        message = as_message(item.mail, item.job.public)
        try:
            if self.backend is None:
                self.backend = backend(road.connection)
                self.backend.open()
            self.backend.send_messages([message])
        except Problem as problem:
            if problem.kind in ("auth", "permanent"):
                road.trouble(problem)
                return Result(item, "given back", problem)
            raise
        except (AnymailRecipientsRefused, AnymailInvalidAddress) as error:
            raise Problem("permanent", "recipient_refused", _said(error)) from error
        except (AnymailUnsupportedFeature, AnymailSerializationError) as error:
            raise Problem("permanent", "provider_refused", _said(error)) from error
        except AnymailRequestsAPIError as error:
            return self._answered(road, item, error)
        status = message.anymail_status  # type: ignore[attr-defined]
        return Result(item, "sent", native=str(status.message_id or "").strip("<>"))

    def _answered(self, road: Road, item: Item, error: AnymailAPIError) -> Result:
        """What the provider said no to; without an answer it may have taken it."""
        code = getattr(error, "status_code", None)
        if code is None:
            return Result(item, "untold", Problem("transient", "no_answer_in_time", _said(error)))
        if code in (401, 403):
            problem = Problem("auth", "smtp_sign_in", _said(error))
            road.trouble(problem)
            return Result(item, "given back", problem)
        if code in _BUSY:
            raise Problem("quota", "mail_over_quota", _said(error), retry_after=_seconds(error))
        if code >= 500:
            raise Problem("transient", "smtp_later", _said(error))
        raise Problem("permanent", "provider_refused", _said(error))


def backend(connection: Connection) -> Any:
    """The provider's backend with the keys of this connection. Problem where they cannot be read, or lead into the own network."""
    with credentials.line(connection) as line:
        provider, key = line.settings.get("provider", ""), line.secrets.get("api_key", "")
        if provider in REPORTS_ONLY:
            raise Problem("permanent", "reports_only", provider)
        options: dict[str, Any] = {_KEYS.get(provider, "api_key"): key}
        if provider == "mailjet":
            options["secret_key"] = line.secrets.get("secret_key", "")
        if line.settings.get("region") == "eu" and provider in _EUROPE:
            options["api_url"] = _EUROPE[provider]
        if provider in _OWN_SERVER:
            options["api_url"] = _looked_at(line.settings.get("api_url", ""))
        if provider == "mailgun":
            options["sender_domain"] = str(connection.settings.get("address", "")).rpartition("@")[2]
    made = import_string(f"anymail.backends.{provider}.EmailBackend")(fail_silently=False, **options)
    made.timeout = TIMEOUT
    return made


def _looked_at(url: str) -> str:
    try:
        target = outside.target(url)
        if not (target.is_secure or settings.OPTIONS.webhooks_private):
            raise ValueError(url)
        outside.look_up(target.host, target.port)
    except ValueError as error:
        raise Problem("permanent", "not_an_address", url[:100]) from error
    except outside.OwnNetwork as error:
        raise Problem("permanent", "not_allowed_there", str(error)) from error
    except outside.Unreachable as error:
        raise Problem("transient", "unreachable", str(error)) from error
    return url


def as_message(mail: Mail, job: str) -> EmailMultiAlternatives:
    """The same mail as the library wants it."""
    name = mail.from_name.replace('"', "'")
    headers = {**mail.headers, "Message-ID": f"<{mail.id}>"}
    if mail.one_click:
        headers |= {"List-Unsubscribe": f"<{mail.one_click}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if mail.feedback:
        headers["Feedback-ID"] = mail.feedback
    message = EmailMultiAlternatives(
        " ".join(mail.subject.split()), mail.text, f'"{name}" <{mail.sender}>' if name else mail.sender, [mail.to],
        headers=headers, reply_to=[mail.reply_to] if mail.reply_to else None,
    )  # fmt: skip
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.tags = [job]  # type: ignore[attr-defined]
    return message


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _seconds(error: AnymailAPIError) -> float | None:
    response = getattr(error, "response", None)
    told = response.headers.get("retry-after", "") if response is not None else ""
    return float(told) if told.isdecimal() else None
