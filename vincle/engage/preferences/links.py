"""Addresses that only the one they are sent to knows. Nothing is stored: they are signed with the workspace's secret.

A `letter` address stands in every mail: it says what comes and takes it back. Mails are handed on, so nothing of what is held about someone
is shown there. An `own` address is sent to them when they ask for it and lasts a day: it shows, corrects, hands out and forgets.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, Literal, NamedTuple

from django.conf import settings

from vincle.accounts.models import Workspace

Kind = Literal["letter", "own"]
OWN_LASTS: Final = 24 * 3600
PAGE: Final = "preferences/{}/"
ONE_CLICK: Final = "unsubscribe/{}/"
OWN: Final = "about-me/{}/"
"""Paths below the public address. Named here, not looked up: a sender of mail need not load every page of the product."""

_PERSON: Final[dict[str, bytes]] = {"letter": b"preferences", "own": b"own preferences"}
_SIGNED = 12


class Opened(NamedTuple):
    """Whom an address belongs to. `send`: the primary key of the send it stood in; None: none. `kind`: how much it opens."""

    workspace: Workspace
    handle: int
    send: int | None
    kind: Kind


def url(workspace: Workspace, person: int | None, handle: int, send_pk: int | None = None) -> str:
    """The preference centre of the owner of this handle, as it may stand in a mail. `person` follows from the handle."""
    return _address(PAGE, token(workspace, handle, send_pk))


def one_click(workspace: Workspace, person: int | None, handle: int, send_pk: int | None = None) -> str:
    """For List-Unsubscribe: posting to it unsubscribes from the send's topic (RFC 8058); opening it shows what can be chosen."""
    return _address(ONE_CLICK, token(workspace, handle, send_pk))


def own(workspace: Workspace, handle: int, now: float | None = None) -> str:
    """What is held about them. Only ever sent to the handle itself; lasts a day."""
    until = int(now if now is not None else time.time()) + OWN_LASTS
    return _address(OWN, token(workspace, handle, until, "own"))


def _address(path: str, text: str) -> str:
    return f"{settings.PUBLIC_URL}/{path.format(text)}"


def token(workspace: Workspace, handle: int, more: int | None = None, kind: Kind = "letter") -> str:
    """48 letters: workspace, handle, send (or, of an `own` address, the second it ends with), signature."""
    body = workspace.pk.to_bytes(4, "big") + handle.to_bytes(8, "big") + (more or 0).to_bytes(8, "big")
    return urlsafe_b64encode(body + _signature(workspace, body, kind)).decode().rstrip("=")


def opened(text: str, kind: Kind = "letter", now: float | None = None) -> Opened | None:
    """Whom a token belongs to; None where we did not make it, or its time is over. One query."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if text.isascii() else b""
    except ValueError:
        return None
    if len(raw) != 20 + _SIGNED:
        return None
    body, signature = raw[:20], raw[20:]
    workspace = Workspace.objects.filter(pk=int.from_bytes(body[:4], "big")).first()
    if workspace is None or not compare_digest(signature, _signature(workspace, body, kind)):
        return None
    more = int.from_bytes(body[12:], "big")
    if kind == "own":
        return Opened(workspace, int.from_bytes(body[4:12], "big"), None, kind) if more > (now or time.time()) else None
    return Opened(workspace, int.from_bytes(body[4:12], "big"), more or None, kind)


def _signature(workspace: Workspace, body: bytes, kind: Kind) -> bytes:
    return blake2b(body, digest_size=_SIGNED, key=bytes(workspace.secret)[:64], person=_PERSON[kind]).digest()
