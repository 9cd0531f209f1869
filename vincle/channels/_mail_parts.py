"""The parts of a message of mail: which hold words, which are attached, and what is in them."""

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser

from msgspec import Struct

from ._mail_headers import characters, decoded
from ._text import strip_controls


class Part(Struct, frozen=True):
    """Something attached: `place` is its number among the leaves of the message, `size` in bytes. `inline`: shown within the text."""

    name: str
    type: str
    size: int
    place: int
    inline: bool = False


def opened(raw: bytes) -> "Message[str, str]":
    """The parts of a message; of one nested past all sense only the headers."""
    parser, whole = BytesParser(policy=policy.compat32), raw.replace(b"\x00", b"")
    try:
        return parser.parsebytes(whole)
    except RecursionError:
        return parser.parsebytes(re.split(rb"\r?\n\r?\n", whole, maxsplit=1)[0], headersonly=True)


def leaves(message: "Message[str, str]", depth: int = 0) -> "Iterator[Message[str, str]]":
    """The parts that hold content; messages within the message stay closed."""
    if message.is_multipart() and message.get_content_maintype() == "multipart" and depth < 20:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from leaves(part, depth + 1)
    else:
        yield message


def is_attachment(part: "Message[str, str]") -> bool:
    return (part.get_content_disposition() or "") == "attachment" or (_name(part) != "" and part.get_content_maintype() != "text")


def _name(part: "Message[str, str]") -> str:
    try:
        return decoded(part.get_filename() or "")[:200]
    except (ValueError, TypeError, LookupError):
        return ""


def files(message: "Message[str, str]") -> Iterator[Part]:
    for place, part in enumerate(leaves(message)):
        if is_attachment(part):
            inline = part.get_content_disposition() != "attachment" and part.get("Content-ID") is not None
            yield Part(_name(part), part.get_content_type(), _size(part), place, inline)


def _size(part: "Message[str, str]") -> int:
    """Bytes of the content, counted without decoding it."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return len(payload) if part.get_content_maintype() != "message" else 0
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return len(payload)
    return (len(payload) - payload.count("\n") - payload.count("\r") - payload[-4:].count("=")) * 3 // 4


def leaf(raw: bytes, place: int) -> tuple[str, str, bytes] | None:
    """(name, type, content) of one leaf of a message, as `Mail.files` numbers them."""
    for number, part in enumerate(leaves(opened(raw))):
        if number == place:
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b"".join(inner.as_bytes() for inner in inner_messages(part))
            return _name(part) or f"part-{place}", part.get_content_type(), content
    return None


def inner_messages(part: "Message[str, str]") -> "list[Message[str, str]]":
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def content(part: "Message[str, str]") -> str:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return ""
    if not isinstance(payload, bytes):
        return ""
    return strip_controls(characters(payload, str(part.get_content_charset() or "")))
