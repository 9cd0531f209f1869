"""What a page of a survey carries, signed: a name for the answer that will come of it, and when it was shown."""

import time
from secrets import token_urlsafe
from typing import Final, NamedTuple

from django.core import signing

LASTS: Final = 7 * 86400
_signer = signing.TimestampSigner(salt="surveys.shown")


class Ticket(NamedTuple):
    """`id` is what the answer will be called: the same page sent twice is one answer. `seconds` since it was shown."""

    id: str
    seconds: float


def fresh() -> str:
    return _signer.sign(token_urlsafe(16))


def read(text: str) -> Ticket | None:
    """None where we did not sign it, or more than a week ago."""
    try:
        id = _signer.unsign(text, max_age=LASTS) if 0 < len(text) < 200 else ""
        at = signing.b62_decode(text.split(":")[1]) if id else 0
    except signing.BadSignature:
        return None
    return Ticket(id, max(time.time() - at, 0.0)) if id else None
