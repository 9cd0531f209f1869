"""Names that do not change when a file is read twice: hashes of what identifies a thing."""

from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SEPARATOR = "\x1f"


def handle_key(secret: bytes, kind: str, value: str) -> int:
    """63-bit key of a handle, keyed by the workspace's secret so that a copy of the table cannot be guessed back.

    >>> handle_key(b"s", "email", "ana@example.org") == handle_key(b"s", "email", "ana@example.org")
    True
    """
    digest = blake2b(f"{kind}{_SEPARATOR}{value}".encode("utf-8", "surrogatepass"), digest_size=8, key=secret[:64]).digest()
    return int.from_bytes(digest, "big") >> 1


def event_id(workspace: int, connection: int, native_id: str, op: str, version: str) -> bytes:
    """16-byte id of an activity; equal inputs give equal ids, so that a replay is harmless."""
    text = _SEPARATOR.join((str(workspace), str(connection), native_id, op, version))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def public_id(key: int) -> str:
    """A key as it stands in a URL: 13 characters of Crockford's base 32.

    >>> public_id(0), from_public_id(public_id(2**63 - 1)) == 2**63 - 1
    ('0000000000000', True)
    """
    letters = []
    for _ in range(13):
        letters.append(_ALPHABET[key & 31])
        key >>= 5
    return "".join(reversed(letters))


def from_public_id(text: str) -> int:
    """The key of a public id; ValueError when the text is not one."""
    if len(text) != 13:
        raise ValueError("a public id has 13 characters")
    key = 0
    for letter in text.lower():
        key = (key << 5) | _ALPHABET.index(letter)
    if key >= 1 << 63:
        raise ValueError("a public id stands for 63 bits")
    return key
