"""A mail as bytes, written fast: headers nobody can slip another into, a text part always, everything in seven bits. Pure.

Ten thousand letters differ in little more than a name; the library's own writer takes half a millisecond for each.
"""

import binascii
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from msgspec import Struct

from vincle.channels._identifiers import email
from vincle.channels._mail_headers import OWN_HEADER
from vincle.channels.live import Problem

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+", re.ASCII)
_LONG = re.compile(rb"[^\r\n]{990}")
_OURS = frozenset(
    {"from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "sender",
     "return-path", "reply-to", "list-unsubscribe", "list-unsubscribe-post", "feedback-id", "dkim-signature", "received", "precedence",
     OWN_HEADER.lower()}
)  # fmt: skip
_WORD = 39
"""Bytes of UTF-8 that fit an encoded word of 75 characters."""


class Mail(Struct, frozen=True, kw_only=True):
    """What a mail says. `one_click` is where a POST unsubscribes (RFC 8058); `feedback` names the campaign to the large providers."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    date: str
    html: str = ""
    from_name: str = ""
    reply_to: str = ""
    one_click: str = ""
    feedback: str = ""
    headers: Mapping[str, str] = {}


def written(mail: Mail) -> bytes:
    """The mail with CRLF at the end of each line. Problem `bad_address`, `header_injection` or `nothing_to_say`, all permanent."""
    if not mail.text.strip():
        raise Problem("permanent", "nothing_to_say")
    head = list(_head(mail))
    if not mail.html:
        return b"\r\n".join([*head, *_part("plain", mail.text)])
    boundary = f"=_{blake2b(mail.id.encode(), digest_size=12).hexdigest()}".encode()
    head.append(b'Content-Type: multipart/alternative; boundary="' + boundary + b'"')
    parts = [b"", b"--" + boundary, *_part("plain", mail.text), b"--" + boundary, *_part("html", mail.html), b"--" + boundary + b"--", b""]
    return b"\r\n".join([*head, *parts])


def _head(mail: Mail) -> Iterable[bytes]:
    yield b"From: " + _mailbox(mail.from_name, mail.sender)
    yield b"To: " + address(mail.to).encode()
    if mail.reply_to:
        yield b"Reply-To: " + address(mail.reply_to).encode()
    yield _header("Subject", mail.subject)
    yield f"Date: {mail.date}".encode()
    yield f"Message-ID: <{mail.id}>".encode()
    yield f"{OWN_HEADER}: <{mail.id}>".encode()
    if mail.one_click:
        yield f"List-Unsubscribe: <{_single(mail.one_click)}>".encode()
        yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    if mail.feedback:
        yield _header("Feedback-ID", mail.feedback)
    for name, value in mail.headers.items():
        if not _NAME.fullmatch(name) or name.lower() in _OURS:
            raise Problem("permanent", "header_injection", name[:60])
        yield _header(name, value)
    yield b"MIME-Version: 1.0"


def address(text: str) -> str:
    """In its normal form and in ASCII. Problem `bad_address`."""
    found = email(text)
    if not found or not found.isascii() or _CONTROLS.search(found):
        raise Problem("permanent", "bad_address", text[:100])
    return found


def _single(text: str) -> str:
    if _CONTROLS.search(text):
        raise Problem("permanent", "header_injection", text[:60])
    return text


def _mailbox(name: str, sender: str) -> bytes:
    where = f"<{address(sender)}>".encode()
    name = _single(name.strip())
    if not name:
        return where[1:-1]
    return (f'"{name}" '.encode() if _PLAIN_NAME.fullmatch(name) else _encoded(name) + b" ") + where


def _header(name: str, value: str) -> bytes:
    value = " ".join(_single(value).split())
    words = value.encode() if value.isascii() and len(value) <= 900 and "=?" not in value else _encoded(value)
    return f"{name}: ".encode() + words


def _encoded(text: str) -> bytes:
    """As encoded words (RFC 2047), each of whole letters, one a line."""
    words, piece = [], b""
    for letter in text:
        more = letter.encode("utf-8", "replace")
        if len(piece) + len(more) > _WORD:
            words.append(piece)
            piece = b""
        piece += more
    return b"\r\n ".join(b"=?utf-8?b?" + b64encode(each) + b"?=" for each in [*words, piece])


def _part(kind: str, words: str) -> list[bytes]:
    """Headers and body of a part: as it is where that is safe, else quoted-printable."""
    body = words.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").replace(b"\x00", b"")
    head = f"Content-Type: text/{kind}; charset=utf-8".encode()
    if body.isascii() and not _LONG.search(body):
        return [head, b"Content-Transfer-Encoding: 7bit", b"", body.replace(b"\n", b"\r\n")]
    quoted = binascii.b2a_qp(body, istext=True).replace(b"\n", b"\r\n")
    return [head, b"Content-Transfer-Encoding: quoted-printable", b"", quoted]


def stuffed(message: bytes) -> bytes:
    """Ready for DATA: dots at the beginning of lines doubled (RFC 5321), and the end said."""
    if b"\n." in message or message.startswith(b"."):
        message = re.sub(rb"(?m)^\.", b"..", message)
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")
