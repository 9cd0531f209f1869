"""What other programs are told, each by a row: signed, tried again with growing pauses, given up visibly after a day and a half.

An address leads outside, through `store.outside`. Redirections are not followed, and of an answer nothing is read but its status.
"""

import hmac
import http.client
import random
import ssl
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Final, Generic, NamedTuple, TypeVar

import structlog
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import lease, outside
from .scope import Scoped
from .secrets import Unreadable, unseal

PAUSES: Final = (30, 120, 600, 1800, 7200, 21600, 43200, 43200)
"""Seconds after each failure; behind the last one a delivery is given up."""
TIMEOUT: Final = 10.0
LONGEST: Final = 500
logger = structlog.get_logger(__name__)


class Delivery(Scoped):
    """Base of a row that another program is told: tried until it says that it heard."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        SENT = "sent", gettext_lazy("Delivered")
        FAILED = "failed", gettext_lazy("Given up")

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, help_text="What the other side answered last.")
    trouble = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class NotSent(Exception):
    """Why a delivery did not arrive, in English as it is kept; `status`: what the other side answered, `for_good`: no try will help."""

    def __init__(self, why: str, status: int | None = None, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.status, self.for_good = status, for_good


class Parcel(NamedTuple):
    """What goes to whom. `name` is the same at each try."""

    url: str
    name: str
    secret: str
    body: bytes


Row = TypeVar("Row", bound=Delivery)
Post = Callable[[str, bytes, dict[str, str]], int]
"""Sends a body to an address and returns the status when it is one of success. NotSent."""


class Tried(NamedTuple, Generic[Row]):
    """A row that was tried: why it did not arrive, if so, and whether it was given up."""

    row: Row
    error: NotSent | None
    is_over: bool


def problem(url: str) -> str:
    """What is wrong with an address, as a sentence; empty: nothing that can be seen without asking."""
    try:
        found = outside.target(url, LONGEST)
    except ValueError:
        return _("Write an address that begins with https:// (or http://), without a name or password in it.")
    if outside.is_near(found.host) and not settings.OPTIONS.webhooks_private:
        return _("This address lies in the own network, where nothing is sent.")
    return ""


def attempt(rows: "models.QuerySet[Row]", pack: Callable[[Row], Parcel], send: Post, is_last: Callable[[Row], bool]) -> Tried[Row] | None:
    """Try the one row of this queryset, if it waits and no other has it; None: not tried. `is_last`: it is not tried again.

    The row stays held when this process dies in between, until its lease is over. `pack` may raise NotSent.
    """
    waiting = rows.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    if not lease.claim(waiting):
        return None
    held = rows.filter(owner=lease.ME)
    row = held.first()
    if row is None:
        return None  # removed meanwhile
    tried = _carry(row, held, pack, send, is_last)
    lease.release(held)
    return tried


def _carry(
    row: Row, held: "models.QuerySet[Row]", pack: Callable[[Row], Parcel], send: Post, is_last: Callable[[Row], bool]
) -> Tried[Row]:  # fmt: skip
    now = timezone.now
    try:
        parcel = pack(row)
        status = send(parcel.url, parcel.body, headers(parcel))
    except NotSent as error:
        is_over = error.for_good or row.tries >= len(PAUSES) or is_last(row)
        held.update(
            tries=row.tries + 1, status=error.status, trouble=str(error)[:300], next_at=now() + pause(0 if is_over else row.tries),
            state=Delivery.State.FAILED if is_over else Delivery.State.WAITING,
        )  # fmt: skip
        if is_over:
            logger.warning("another program was not reached", kind=row._meta.label, row=row.pk, why=str(error))
        return Tried(row, error, is_over)
    held.update(state=Delivery.State.SENT, status=status, sent_at=now(), trouble="", tries=models.F("tries") + 1)
    return Tried(row, None, True)


def pause(failures: int) -> timedelta:
    """Until the next try, with some chance in it."""
    return timedelta(seconds=PAUSES[min(failures, len(PAUSES) - 1)] * random.uniform(0.8, 1.2))


def again(rows: "models.QuerySet[Row]") -> int:
    """Try those once more that were given up; returns how many."""
    return rows.filter(state=Delivery.State.FAILED).update(state=Delivery.State.WAITING, tries=0, next_at=timezone.now())


def secret_in(sealed: bytes, remedy: str = "") -> str:
    """The secret deliveries are signed with. NotSent when it cannot be read; `remedy` says what to do then."""
    try:
        return str(unseal(sealed)["secret"])
    except (Unreadable, KeyError) as error:
        raise NotSent(": ".join(filter(None, ("the secret cannot be read", remedy)))) from error


def signature(secret: str, at: int, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256, in hex, of the moment (seconds since 1970), a full stop and the body."""
    return "v1=" + hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()


def headers(parcel: Parcel) -> dict[str, str]:
    at = int(timezone.now().timestamp())
    return {
        "Content-Type": "application/json", "User-Agent": "Vincle", "Vincle-Delivery": parcel.name,
        "Vincle-Timestamp": str(at), "Vincle-Signature": signature(parcel.secret, at, parcel.body),
    }  # fmt: skip


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body; returns the status when it is one of success. NotSent, which repeats nothing of what the other side said."""
    try:
        where = outside.target(url, LONGEST)
    except ValueError as error:
        raise NotSent("not an address", for_good=True) from error
    connection = http.client.HTTPConnection(where.host, where.port, timeout=TIMEOUT)
    try:
        plain = outside.connect(where.host, where.port, TIMEOUT)
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=where.host) if where.is_secure else plain
        connection.request("POST", where.path, body, headers)
        status = connection.getresponse().status
    except outside.OwnNetwork as error:
        raise NotSent(str(error), for_good=True) from error
    except outside.Unreachable as error:
        raise NotSent(str(error)[:300]) from error
    except OSError as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from error
    except (http.client.HTTPException, ValueError) as error:
        raise NotSent(f"no answer of HTTP: {type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotSent(f"answered with {status}", status, for_good=status in (400, 401, 403, 404, 405, 410, 422))
    return status
