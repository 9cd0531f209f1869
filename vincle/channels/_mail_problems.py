"""What mail servers refuse, and what a broken connection to them means, sorted as every Problem is."""

import imaplib
import re
import smtplib
import ssl

from .live import Problem, Trouble

_SIGN_IN_WORDS = ("authenticationfailed", "authorizationfailed", "authentication failed", "invalid credentials", "login failed", "expired",
                  "privacyrequired", "contactadmin", "not authenticated", "application-specific", "basicauthblocked")
_QUOTA_WORDS = ("overquota", "over quota", "limit", "too many", "inuse", "throttl", "bandwidth")
_SPELT = re.compile(r"b(?:'(.*)'|\".*\")$", re.DOTALL)
_LATER_WORDS = ("unavailable", "try again", "serverbug", "internal error", "temporar")


def imap_problem(error: BaseException) -> Problem:
    """The Problem behind an error of imaplib, IMAPClient or the connection below them.

    >>> imap_problem(imaplib.IMAP4.abort("socket error: EOF")).code, imap_problem(imaplib.IMAP4.error("[OVERQUOTA] full")).kind
    ('imap_dropped', 'quota')
    """
    if isinstance(error, Problem):
        return error
    said = _said(error)
    words = said.lower()
    if isinstance(error, imaplib.IMAP4.abort):
        return Problem("transient", "imap_dropped", said)
    if type(error).__name__ == "LoginError" or (isinstance(error, imaplib.IMAP4.error) and any(word in words for word in _SIGN_IN_WORDS)):
        return _refused_login(words, said)
    if isinstance(error, imaplib.IMAP4.error):
        return _answered_no(words, said)
    return _connection("imap", error, said)


def _refused_login(words: str, said: str) -> Problem:
    """Some servers say no to a sign-in only because they are busy."""
    if any(word in words for word in _LATER_WORDS):
        return Problem("transient", "imap_unreachable", said)
    if any(word in words for word in _QUOTA_WORDS):
        return Problem("quota", "mail_over_quota", said)
    return Problem("auth", "imap_sign_in", said)


def _answered_no(words: str, said: str) -> Problem:
    if any(word in words for word in _QUOTA_WORDS):
        return Problem("quota", "mail_over_quota", said)
    if any(word in words for word in ("nonexistent", "doesn't exist", "does not exist", "unknown mailbox", "no such mailbox")):
        return Problem("permanent", "no_such_folder", said)
    return Problem("transient", "imap_refused", said)


def smtp_problem(error: BaseException) -> Problem:
    """The Problem behind an error of smtplib or the connection below it; statuses as RFC 5321 and RFC 3463 mean them."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, smtplib.SMTPRecipientsRefused) and not error.recipients:
        return Problem("permanent", "no_recipients")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (550, b""))
        return _status(code, _text(words), "recipient_refused")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        said = _text(error.smtp_error)
        return Problem("transient", "smtp_later", said) if 400 <= error.smtp_code < 500 else Problem("auth", "smtp_sign_in", said)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Problem("transient", "smtp_dropped", _said(error))
    if isinstance(error, smtplib.SMTPResponseException):
        refused = "sender_refused" if isinstance(error, smtplib.SMTPSenderRefused) else "message_refused"
        return _status(error.smtp_code, _text(error.smtp_error), refused)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Problem("permanent", "smtp_not_offered", _said(error))
    return _connection("smtp", error, _said(error))


def _status(code: int, said: str, refused: str) -> Problem:
    told = f"{code} {said}"
    if code in (530, 535, 534, 538):
        return Problem("auth", "smtp_sign_in", told)
    if code == 452 or any(word in said.lower() for word in ("quota", "too many", "rate limit", "daily limit", "sending limit")):
        return Problem("quota", "mail_over_quota", told)
    if 400 <= code < 500 or code < 0:
        return Problem("transient", "smtp_later", told)
    return Problem("permanent", refused, told)


def _connection(side: str, error: BaseException, said: str) -> Problem:
    kind: Trouble = "permanent" if isinstance(error, ssl.SSLCertVerificationError) else "transient"
    return Problem(kind, f"{side}_certificate" if kind == "permanent" else f"{side}_unreachable", said)


def _said(error: BaseException) -> str:
    """What a server said; libraries pass its bytes on as bytes or as their spelling in Python."""
    first = error.args[0] if error.args else ""
    if isinstance(first, bytes):
        return _text(first)
    spelt = _SPELT.match(str(error))
    return spelt[1] or spelt[0][2:-1] if spelt else str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
