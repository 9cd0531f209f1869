"""The headers of a message of mail as text, whatever they were written in."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from vincle.vocabulary import HandleRef

from . import _identifiers as identifiers
from ._text import decode, strip_controls

OWN_HEADER = "X-Vincle-Message-ID"
"""The id we gave a mail, which stays where a service gives it another."""

_ID = re.compile(r"<([^<>\s]+)>")


def ids(written: str) -> list[str]:
    """The message ids of a header, without their angle brackets."""
    return _ID.findall(written)


def header(message: "Message[str, str]", name: str) -> str:
    """A header as text: encoded words decoded, folds removed, bytes in any charset read."""
    return decoded(next(_raw(message, name), ""))


def _raw(message: "Message[str, str]", name: str) -> Iterator[str]:
    """The values of a header as they stand in the file; bytes beyond ASCII, which it may not hold, read as what they are."""
    for found, value in message.raw_items():
        if found.lower() == name.lower():
            written = str(value)
            foreign = any("\udc80" <= sign <= "\udcff" for sign in written)
            yield decode(written.encode("utf-8", "surrogateescape")) if foreign else written


def decoded(written: str) -> str:
    written = re.sub(r"\r?\n[ \t]*", " ", written)
    if "=?" in written:
        with suppress(ValueError, LookupError):
            pieces = decode_header(written)
            written = "".join(piece if isinstance(piece, str) else characters(piece, charset or "") for piece, charset in pieces)
    return " ".join(strip_controls(written).splitlines()).strip()


def characters(piece: bytes, charset: str) -> str:
    try:
        return piece.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return decode(piece)


def addresses(message: "Message[str, str]", *names: str) -> Iterator[HandleRef]:
    """The people of these headers, each address once."""
    seen: set[str] = set()
    for name in names:
        values = [re.sub(r"\s*\r?\n\s*", " ", value)[:100_000] for value in _raw(message, name)][:20]
        for shown, written in _pairs(values):
            found = identifiers.email(written)
            if found and found not in seen:
                seen.add(found)
                yield HandleRef("email", found, decoded(shown))


def _pairs(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values)[:500]
    except RecursionError:  # comments within comments within comments
        return []
