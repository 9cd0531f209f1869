"""What machines report of mail: not delivered (RFC 3464), complained of (RFC 5965)."""

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser

from msgspec import Struct

from . import _identifiers as identifiers
from ._mail_headers import addresses, header, ids
from ._mail_parts import content, inner_messages
from ._mail_threads import root_in, root_of


class Report(Struct, frozen=True):
    """What a delivery report or complaint tells of one recipient. `hard`: it will never arrive. `root`: of its conversation."""

    kind: str
    recipient: str
    hard: bool = False
    status: str = ""
    reason: str = ""
    original_id: str = ""
    root: str = ""


def reports(message: "Message[str, str]") -> Iterator[Report]:
    """The recipients of a delivery report (RFC 3464) or a complaint (RFC 5965)."""
    if message.get_content_type() != "multipart/report":
        for failed in re.split(r"[,\s]+", header(message, "X-Failed-Recipients")):
            if address := identifiers.email(failed):
                yield Report(kind="bounce", recipient=address, hard=True)
        return
    parts = inner_messages(message)
    original = next((found for part in parts if (found := _original(part))[0]), ("", ""))
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            yield from _delivery(part, original)
        elif part.get_content_type() == "message/feedback-report":
            yield from _complaint(part, parts, original)


def _original(part: "Message[str, str]") -> tuple[str, str]:
    """(id, root of its conversation) of the message reported on, where a copy or its headers came along."""
    kind, inner = part.get_content_type(), next(iter(inner_messages(part)), None)
    if kind == "text/rfc822-headers":
        inner = _headers(content(part))
    if inner is None or kind not in ("text/rfc822-headers", "message/rfc822", "message/rfc822-headers"):
        return "", ""
    own, named = ids(header(inner, "Message-ID")), ids(f"{header(inner, 'References')} {header(inner, 'In-Reply-To')}")
    return (own[0], root_in(own[0]) or root_of(named) or own[0]) if own else ("", "")


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


def _delivery(part: "Message[str, str]", original: tuple[str, str]) -> Iterator[Report]:
    for block in _blocks(part):
        recipient = _recipient(block, "Original-Recipient", "Final-Recipient")
        action = header(block, "Action").lower().partition(" ")[0]
        if not recipient or action not in ("failed", "delayed", "delivered", "relayed", "expanded"):
            continue
        status = header(block, "Status").partition(" ")[0]
        yield Report(kind="bounce" if action == "failed" else action, recipient=recipient, hard=status.startswith("5"), status=status,
                     reason=header(block, "Diagnostic-Code")[:500], original_id=original[0], root=original[1])


def _complaint(part: "Message[str, str]", parts: "list[Message[str, str]]", original: tuple[str, str]) -> Iterator[Report]:
    for block in _blocks(part):
        if not header(block, "Feedback-Type"):
            continue
        recipient = _recipient(block, "Original-Rcpt-To", "Original-Recipient", "Removal-Recipient")
        if not recipient:
            inner = [each.get_payload(0) for each in parts if each.get_content_type() == "message/rfc822" and each.is_multipart()]
            recipient = next((handle.value for each in inner if isinstance(each, Message) for handle in addresses(each, "To")), "")
        kind = header(block, "Feedback-Type").lower()
        if recipient:
            told = "unsubscribe" if kind == "opt-out" else "complaint"
            yield Report(kind=told, recipient=recipient, reason=kind, original_id=original[0], root=original[1])
