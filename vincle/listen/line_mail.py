"""Mail over sockets that were looked at: a signed-in IMAPClient, and one message handed to a mail server."""

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from django.conf import settings
from imapclient import IMAPClient  # type: ignore[import-untyped]

from vincle.channels import _mail_servers
from vincle.channels._mail_problems import imap_problem, smtp_problem
from vincle.channels.live import Problem
from vincle.store import outside

from .line_http import CONNECT, tls

if TYPE_CHECKING:
    from .line import OutLine

TIMEOUT: Final = 30.0
LARGEST: Final = 60 * 1024**2
"""Of one answer of a mail server: a message with all it carries."""


class _Imap(imaplib.IMAP4):
    def __init__(self, host: str, port: int, secure: ssl.SSLContext | None) -> None:
        self._secure = secure
        super().__init__(host, port, timeout=CONNECT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = outside.connect(self.host, self.port, timeout or CONNECT)
        return self._secure.wrap_socket(sock, server_hostname=self.host) if self._secure else sock

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            raise self.abort(f"an answer of {size} bytes is too large")
        return super().read(size)


class Mailbox(IMAPClient):
    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Imap(self.host, self.port, tls() if self.ssl else None)


@contextmanager
def mailbox(line: "OutLine") -> Iterator[Any]:
    known = _mail_servers.servers(line.settings)
    server = known.incoming
    line.requests += 1
    try:
        client = Mailbox(server.host, server.port, ssl=server.security == "ssl", timeout=TIMEOUT)
    except Exception as error:
        raise _sorted(line, error, imap_problem) from error
    try:
        try:
            if server.security == "starttls":
                client.starttls(tls())
            _sign_in(line, client, known.user)
        except Exception as error:
            raise _sorted(line, error, imap_problem) from error
        yield client
    finally:
        _leave(client)


def _sign_in(line: "OutLine", client: Any, user: str) -> None:
    if token := line.secrets.get("access_token"):
        client.oauth2_login(user, token)
    else:
        client.login(user, line.secrets.get("password", ""))


def _leave(client: Any) -> None:
    """Politely, where the connection still stands; nothing that was done depends on it."""
    try:
        client.logout()
    except Exception:
        with_socket = getattr(client, "shutdown", None)
        try:
            if with_socket is not None:
                with_socket()
        except Exception:
            return


class _Smtp(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return outside.connect(host, port, timeout or CONNECT)


class _SmtpTls(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return tls().wrap_socket(outside.connect(host, port, timeout or CONNECT), server_hostname=host)


def post(line: "OutLine", sender: str, recipients: list[str], message: bytes) -> None:
    """One message for all recipients. Problem `some_refused`: it left for the others."""
    known = _mail_servers.servers(line.settings)
    server = known.outgoing
    line.requests += 1
    kind = _SmtpTls if server.security == "ssl" else _Smtp
    is_begun = False
    try:
        with kind(server.host, server.port, local_hostname=_own_name(), timeout=TIMEOUT) as client:
            if server.security == "starttls":
                client.starttls(context=tls())
            _sign_in_smtp(line, client, known.user)
            is_begun = True
            refused = client.sendmail(sender, recipients, message, mail_options=_options(client, message))
    except Exception as error:
        problem = _sorted(line, error, smtp_problem)
        if problem.code == "smtp_dropped" and not is_begun:  # nothing of the message had left
            problem = Problem("transient", "smtp_unreachable", problem.detail)
        raise problem from error
    if refused:
        raise Problem("permanent", "some_refused", ", ".join(refused))


def outgoing(line: "OutLine") -> smtplib.SMTP:
    """A signed-in connection to the outgoing server, for whoever hands over many messages one after another. Raises Problem."""
    known = _mail_servers.servers(line.settings)
    server = known.outgoing
    line.requests += 1
    kind = _SmtpTls if server.security == "ssl" else _Smtp
    try:
        client = kind(server.host, server.port, local_hostname=_own_name(), timeout=TIMEOUT)
        try:
            if server.security == "starttls":
                client.starttls(context=tls())
            _sign_in_smtp(line, client, known.user)
        except Exception:
            client.close()
            raise
    except Exception as error:
        raise _sorted(line, error, smtp_problem) from error
    return client


def _own_name() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def _options(client: smtplib.SMTP, message: bytes) -> list[str]:
    return ["BODY=8BITMIME"] if client.has_extn("8bitmime") and not message.isascii() else []


def _sign_in_smtp(line: "OutLine", client: smtplib.SMTP, user: str) -> None:
    token, password = line.secrets.get("access_token"), line.secrets.get("password", "")
    client.ehlo_or_helo_if_needed()
    if token:
        client.auth("XOAUTH2", cast(Any, lambda challenge=None: "" if challenge else f"user={user}\x01auth=Bearer {token}\x01\x01"))
    elif password and client.has_extn("auth"):
        client.login(user, password)


def _sorted(line: "OutLine", error: Exception, sort: Any) -> Problem:
    if isinstance(error, outside.OwnNetwork):
        return Problem("permanent", "not_allowed_there", str(error))
    if isinstance(error, outside.Unreachable):
        error = OSError(str(error))
    return line.problem(sort(error))
