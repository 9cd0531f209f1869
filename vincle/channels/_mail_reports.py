"""What machines report of mail: not delivered (RFC 3464, or in words), complained of (RFC 5965)."""

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import NamedTuple

from msgspec import Struct

from . import _identifiers as identifiers
from . import _mail_bounces as _bounces
from ._mail_headers import OWN_HEADER, addresses, header, ids
from ._mail_parts import content, inner_messages
from ._mail_threads import root_in, root_of

_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|maildeliverysystem|mail-delivery)(?:[+\-@])", re.IGNORECASE)


class Report(Struct, frozen=True):
    """What a delivery report or complaint tells of one recipient. `hard`: it will never arrive. `root`: of its conversation.

    `recipient` is empty where it is hidden and only the message is known, which is ours then.
    """

    kind: str
    recipient: str
    hard: bool = False
    status: str = ""
    reason: str = ""
    original_id: str = ""
    root: str = ""


def reports(message: "Message[str, str]", words: str = "") -> Iterator[Report]:
    """The recipients of a delivery report (RFC 3464), of a complaint (RFC 5965), or of a bounce that is told in words alone.

    `words`: the readable part of the message.
    """
    is_report, is_machine = message.get_content_type() == "multipart/report", _is_machine(message)
    if not is_report and not is_machine:
        return
    parts = inner_messages(message)
    original = next((each for each in map(_original, parts) if each.id), NOTHING)
    found: list[Report] = []
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            found += _delivery(part, original, words)
        elif part.get_content_type() == "message/feedback-report":
            found += _complaint(part, original)
    yield from found or (_in_words(message, words, original) if is_machine else ())


def _is_machine(message: "Message[str, str]") -> bool:
    """Whether a mail server speaks, and not somebody's absence."""
    sender = next(iter(addresses(message, "From", "Sender")), None)
    is_daemon = sender is not None and _DAEMON.match(sender.value) is not None
    return is_daemon or header(message, "Return-Path") == "<>" or bool(header(message, "X-Failed-Recipients"))


def _in_words(message: "Message[str, str]", words: str, original: "_Original") -> Iterator[Report]:
    if header(message, "Auto-Submitted").lower().startswith("auto-generated") and not header(message, "X-Failed-Recipients") and not words:
        return
    ours = frozenset(handle.value for handle in addresses(message, "From", "To", "Sender"))
    named = original.id or _bounces.original_in(words)
    told = list(_bounces.told(words, header(message, "X-Failed-Recipients"), ours))
    for each in told:
        hard = each.kind == "bounce" and _bounces.is_hard("", each.words)
        recipient = original.whom(each.recipient, is_alone=len(told) == 1)
        yield Report(kind=each.kind, recipient=recipient, hard=hard, status=_bounces.status_in(each.words),
                     reason=each.words[:500], original_id=named, root=original.root or root_in(named) or named)


class _Original(NamedTuple):
    """The message reported on, where a copy or its headers came along: its id, the root of its conversation, whom it went to."""

    id: str = ""
    root: str = ""
    to: tuple[str, ...] = ()

    def whom(self, recipient: str, *, is_alone: bool = True) -> str:
        """Who was written to: a report of one address names the one that mail was forwarded to, or hides the one that complained."""
        if not is_alone or recipient in self.to or len(self.to) != 1 or _bounces.is_redacted(self.to[0]):
            return "" if _bounces.is_redacted(recipient) else recipient
        return self.to[0]


NOTHING = _Original()


def _original(part: "Message[str, str]") -> _Original:
    kind, inner = part.get_content_type(), next(iter(inner_messages(part)), None)
    if kind in ("text/rfc822-headers", "text/rfc822"):
        inner = _headers(content(part))
    if inner is None or kind not in ("text/rfc822-headers", "text/rfc822", "message/rfc822", "message/rfc822-headers", "message/global"):
        return NOTHING
    own = ids(header(inner, OWN_HEADER)) or ids(header(inner, "Message-ID"))  # some services give our mail an id of their own
    named = ids(f"{header(inner, 'References')} {header(inner, 'In-Reply-To')}")
    to = tuple(handle.value for handle in addresses(inner, "To", "Cc"))
    return _Original(own[0], root_in(own[0]) or root_of(named) or own[0], to) if own else NOTHING


def _headers(text: str) -> "Message[str, str]":
    return BytesParser(policy=policy.compat32).parsebytes(text.encode("utf-8", "replace"), headersonly=True)


def _blocks(part: "Message[str, str]") -> "list[Message[str, str]]":
    """The header blocks of a report part, which the parser reads as messages or leaves as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [_headers(block) for block in re.split(r"\n\s*\n", content(part).replace("\r\n", "\n"))]


def _recipient(block: "Message[str, str]", *names: str) -> str:
    for name in names:
        found = identifiers.email(header(block, name).rpartition(";")[2].strip(" <>"))
        if found:
            return found
    return ""


def _delivery(part: "Message[str, str]", original: _Original, words: str) -> Iterator[Report]:
    blocks = _blocks(part)
    is_alone = sum(bool(header(block, "Action")) for block in blocks) == 1
    for block in blocks:
        recipient = original.whom(_recipient(block, "Original-Recipient", "Final-Recipient"), is_alone=is_alone)
        action = header(block, "Action").lower().partition(" ")[0]
        if action not in ("failed", "delayed", "delivered", "relayed", "expanded") or not (recipient or root_in(original.id)):
            continue
        status, reason = header(block, "Status").partition(" ")[0], header(block, "Diagnostic-Code")
        hard = action == "failed" and _bounces.is_hard(status, reason or words[:2_000])
        yield Report(kind="bounce" if action == "failed" else action, recipient=recipient, hard=hard, status=status,
                     reason=reason[:500], original_id=original.id, root=original.root)


def _complaint(part: "Message[str, str]", original: _Original) -> Iterator[Report]:
    for block in _blocks(part):
        if not header(block, "Feedback-Type"):
            continue
        named = _recipient(block, "Original-Rcpt-To", "Original-Recipient", "Removal-Recipient") or next(iter(original.to), "")
        recipient = original.whom(named)
        kind = header(block, "Feedback-Type").lower()
        if recipient or root_in(original.id):
            told = "unsubscribe" if kind == "opt-out" else "complaint"
            yield Report(kind=told, recipient=recipient, reason=kind, original_id=original.id, root=original.root)
