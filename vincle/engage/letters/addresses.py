"""Addresses that stand in each letter for its one reader: to leave, to choose what comes, to look at it in a browser."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest

from django.conf import settings

from vincle.accounts.models import Workspace
from vincle.engage.outbox.models import Send
from vincle.engage.preferences import links

VIEW = "letter/{}/"
"""Path of a letter in a browser, below the public address."""

_SIGNED = 12


def of_sends(workspace: Workspace, sends: Sequence[Send]) -> dict[int, dict[str, str]]:
    """Send -> its unsubscribe_url, preferences_url and view_url."""
    secret, base = bytes(workspace.secret), str(settings.PUBLIC_URL)
    found = {}
    for send in sends:
        view = f"{base}/{VIEW.format(token(secret, send.pk))}"
        ways = {"view_url": view, "unsubscribe_url": view, "preferences_url": view}
        if send.handle is not None:
            ways["unsubscribe_url"] = links.one_click(workspace, send.person, send.handle, send.pk)
            ways["preferences_url"] = links.url(workspace, send.person, send.handle, send.pk)
        found[send.pk] = ways
    return found


def token(secret: bytes, send: int) -> str:
    """What the address of one send's letter ends with; nobody guesses another's.

    >>> send_of(token(b"s", 12))[0], verified(b"s", token(b"s", 12)), verified(b"t", token(b"s", 12))
    (12, True, False)
    """
    number = send.to_bytes(8, "big")
    return urlsafe_b64encode(number + _signature(secret, number)).decode().rstrip("=")


def send_of(text: str) -> tuple[int, bytes]:
    """(send, signature) of a token; (0, b"") where it is none."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return 0, b""
    return (int.from_bytes(raw[:8], "big"), raw[8:]) if len(raw) == 8 + _SIGNED and raw[0] < 128 else (0, b"")


def verified(secret: bytes, text: str) -> bool:
    """Whether a token was made by us."""
    send, signature = send_of(text)
    return bool(send) and compare_digest(signature, _signature(secret, send.to_bytes(8, "big")))


def _signature(secret: bytes, number: bytes) -> bytes:
    return blake2b(number, digest_size=_SIGNED, key=secret[:64], person=b"letter view").digest()
