"""Names of conversations and of what is said in them: hashes of what the platform calls them, equal at every reading. Pure."""

from hashlib import blake2b

_SEPARATOR = "\x1f"


def piece_key(connection: int, object_key: str) -> int:
    """63-bit key of something said, by the platform's id of it.

    >>> piece_key(1, "a") == piece_key(1, "a"), piece_key(1, "a") == piece_key(2, "a")
    (True, False)
    """
    return _hash(str(connection), "piece", object_key)


def thread_key(connection: int, kind: str, name: str) -> int:
    """63-bit key of a conversation: `kind` says what its `name` is the id of."""
    return _hash(str(connection), kind, name)


def _hash(*parts: str) -> int:
    digest = blake2b(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
