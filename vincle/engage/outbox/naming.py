"""Names that what leaves carries, and by which it is known again when something comes back: Message-IDs and links. Pure.

Nobody can make one up: each holds the number of its send and a keyed hash.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, NamedTuple

_OURS = re.compile(r"<?vincle\.([0-9a-f]{24})@", re.ASCII)
_SIGNED, _NUMBER = 7, 5
LONGEST_URL: Final = 2000


def message_id(secret: bytes, send: int, domain: str) -> str:
    """Of the mail of a send, without brackets; the channel of mail knows it for one of ours.

    >>> send_of(b"s", message_id(b"s", 7, "lligam.example")), send_of(b"other", message_id(b"s", 7, "lligam.example"))
    (7, None)
    """
    number = send.to_bytes(_NUMBER, "big")
    return f"vincle.{number.hex()}{_hash(secret, b'mail', number, _SIGNED).hex()}@{domain}"


def send_of(secret: bytes, message: str) -> int | None:
    """The send whose mail carries this Message-ID; None for any other."""
    found = _OURS.match(message)
    if found is None:
        return None
    raw = bytes.fromhex(found[1])
    number = raw[:_NUMBER]
    return int.from_bytes(number, "big") if compare_digest(raw[_NUMBER:], _hash(secret, b"mail", number, _SIGNED)) else None


class Followed(NamedTuple):
    """What a link of ours leads to; `url` is empty for the picture that tells of an opening."""

    send: int
    url: str


def token(secret: bytes, send: int, url: str) -> str:
    """What stands in a link of ours: the send and where it leads, signed, so that it leads nowhere else.

    >>> followed(b"s", token(b"s", 7, "https://example.org/café"))
    Followed(send=7, url='https://example.org/café')
    >>> followed(b"other", token(b"s", 7, "https://example.org/"))
    """
    number, words = send.to_bytes(_NUMBER, "big"), url.encode()
    return urlsafe_b64encode(number + _hash(secret, b"link", number + words, _SIGNED) + words).rstrip(b"=").decode()


def followed(secret: bytes, text: str) -> Followed | None:
    """What a token stands for; None when it is none of ours."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        number, signed, words = raw[:_NUMBER], raw[_NUMBER : _NUMBER + _SIGNED], raw[_NUMBER + _SIGNED :]
        if len(number) < _NUMBER or not compare_digest(signed, _hash(secret, b"link", number + words, _SIGNED)):
            return None
        return Followed(int.from_bytes(number, "big"), words.decode())
    except ValueError:
        return None


def link_key(url: str) -> int:
    """63-bit name of an address."""
    return int.from_bytes(blake2b(url.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def _hash(secret: bytes, kind: bytes, content: bytes, size: int) -> bytes:
    return blake2b(content, digest_size=size, key=secret[:64], person=kind).digest()
