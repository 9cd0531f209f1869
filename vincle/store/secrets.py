"""Secrets of others that an installation keeps: encrypted with a key that lies outside the database.

`settings.CREDENTIALS_KEY` holds one key a line. The first one seals; all of them unseal, so that a key can be changed while
everything goes on: see "Changing the key of credentials" in docs/security.md.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """Sealed with a key this installation does not have."""


def seal(data: dict[str, Any]) -> bytes:
    """A JSON object as bytes that only this installation can read."""
    return _box(settings.CREDENTIALS_KEY).encrypt(msgspec.json.encode(data))


def unseal(sealed: bytes | memoryview) -> dict[str, Any]:
    """What `seal` was given. Unreadable when none of the keys opens it."""
    try:
        return msgspec.json.decode(_box(settings.CREDENTIALS_KEY).decrypt(bytes(sealed)), type=dict[str, Any])
    except (InvalidToken, msgspec.DecodeError) as error:
        raise Unreadable("sealed with a key that is not in keys/credentials_key") from error


def reseal(sealed: bytes | memoryview) -> bytes:
    """The same, sealed with the first key. Unreadable when none of the keys opens it."""
    return seal(unseal(sealed))


@lru_cache(maxsize=4)
def _box(keys: str) -> MultiFernet:
    """A line is any text of enough chance; Fernet wants 32 bytes."""
    lines = [line.strip() for line in keys.splitlines() if line.strip()]
    if not lines:
        raise Unreadable("keys/credentials_key is empty")
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(b"vincle credentials\n" + line.encode()).digest())) for line in lines])
