"""How a connection is: what it heard last, how far it is behind, what is left of its quota, when its rights end, and what stops it.

Everything is told in codes; `doctor_words` says them. What needs someone is told by a notice, before it stops anything where that can be.
"""

import random
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from msgspec import Struct

from vincle.channels.live import Problem
from vincle.store.blame import said
from vincle.store.secrets import Unreadable

from . import credentials, oauth
from . import notices_connections as telling
from .models import Connection, Delivery, Pull

EVERY, SOON, LATER = timedelta(hours=6), timedelta(minutes=2), timedelta(minutes=30)
WARNED: Final = (timedelta(days=1), timedelta(days=7))
"""So long before rights end that nobody here can renew, someone is told: at the longest first, then again."""
SILENT: Final = timedelta(hours=2)
"""A stream that could not be asked for so long needs someone to look."""
MOST: Final = 10
logger = structlog.get_logger(__name__)


class Ailment(Struct, frozen=True):
    """Something that is wrong or soon will be. `place`: the stream it is about; empty: the connection."""

    kind: str
    code: str
    detail: str = ""
    at: datetime | None = None
    place: str = ""
    next_at: datetime | None = None


class Examined(Struct, frozen=True):
    """`state`: disconnected, paused, stopped (someone has to do something), behind (it tries again by itself), ending (rights end soon),
    well. `lag`: seconds since the stream that is furthest behind was last heard; None where nothing is asked. `waiting`: deliveries that
    nobody read yet.
    """

    connection: Connection
    state: str
    ailments: tuple[Ailment, ...]
    item_at: datetime | None
    lag: float | None
    waiting: int
    quota: float | None
    token_ends_at: datetime | None
    scopes_missing: tuple[str, ...]
    checked_at: datetime | None
    is_live: bool
    streams: tuple[Pull, ...]


def examine(connection: Connection) -> Examined:
    """All that is known of how a connection is; asks nobody outside."""
    now = timezone.now()
    rows = tuple(Pull.objects.filter(connection=connection, is_once=False).order_by("is_past", "pk"))
    streams = [row for row in rows if not row.is_past]
    ailments = _ailments(connection, rows, now)
    open_rows = Delivery.objects.of(connection.workspace_id).filter(connection=connection, is_import=False)
    waiting = open_rows.filter(state__in=(Delivery.State.WAITING, Delivery.State.RUNNING)).count()
    item_at = max((row.item_at for row in rows if row.item_at), default=None)
    heard = max(filter(None, (item_at, open_rows.aggregate(at=Max("received_at"))["at"])), default=None)
    return Examined(
        connection, _state(connection, ailments), ailments, heard, lag(streams, now), waiting, connection.quota, connection.token_ends_at,
        tuple(connection.scopes_missing), connection.checked_at, any(row.live_at for row in streams), rows,
    )  # fmt: skip


def _state(connection: Connection, ailments: tuple[Ailment, ...]) -> str:
    kinds = {each.kind for each in ailments}
    if connection.token is None:
        return "disconnected"
    if not connection.is_enabled:
        return "paused"
    if kinds & {"auth", "permanent", "gone"}:
        return "stopped"
    if kinds & {"transient", "quota"}:
        return "behind"
    return "ending" if "ends" in kinds else "well"


def _ailments(connection: Connection, rows: tuple[Pull, ...], now: datetime) -> tuple[Ailment, ...]:
    found = []
    if connection.state_code:
        found.append(Ailment(connection.state_kind, connection.state_code, connection.state_detail, connection.checked_at))
    if connection.scopes_missing:
        found.append(Ailment("scopes", "scope_missing", ", ".join(connection.scopes_missing), connection.checked_at))
    if is_ending(connection, now):
        found.append(Ailment("ends", "token_ends", "", connection.token_ends_at))
    for row in rows:
        known = (row.problem_kind, row.problem_code) == (connection.state_kind, connection.state_code)
        if row.problem_kind and not known:
            found.append(Ailment(row.problem_kind, row.problem_code, row.problem_detail, row.problem_at, row.stream, row.next_at))
    return tuple(found)


def lag(streams: list[Pull], now: datetime) -> float | None:
    """Seconds since the stream that is furthest behind was last heard; one that is held open is not behind."""
    ages = [(now - (row.live_at or row.ok_at or row.created_at)).total_seconds() for row in streams if row.finished_at is None]
    return max(0.0, *ages) if ages else None


def lags() -> dict[int, tuple[str, float]]:
    """For the metrics: connection -> (channel, seconds since its furthest stream was heard), of those that are on. One query."""
    now = timezone.now()
    rows = Pull.objects.filter(is_past=False, is_once=False, connection__is_enabled=True, connection__token__isnull=False)
    heard = rows.annotate(heard=Coalesce("ok_at", "created_at")).values("connection", "connection__channel").annotate(at=Min("heard"))
    return {
        row["connection"]: (row["connection__channel"], max(0.0, (now - row["at"]).total_seconds()))
        for row in heard.order_by()
        if row["at"]
    }


def stopped() -> "QuerySet[Connection]":
    """Connections, of all workspaces, that no longer hear until someone does something."""
    return Connection.objects.filter(state_kind__in=("auth", "permanent", "gone"), is_enabled=True, token__isnull=False)


def can_renew(connection: Connection) -> bool:
    """Whether rights that end are renewed without anyone."""
    try:
        return oauth.spec_of(connection) is not None and bool(credentials.given(connection).get("refresh_token"))
    except Unreadable:
        return False


def is_ending(connection: Connection, now: datetime) -> bool:
    """Whether rights end soon that only a person can renew."""
    ends = connection.token_ends_at
    return ends is not None and ends - now < WARNED[-1] and not can_renew(connection)


def note(connection: Connection, problem: Problem) -> None:
    """What stops a connection; of one that went well before someone is told, once of each."""
    now = timezone.now()
    told = {"state_kind": problem.kind, "state_code": problem.code[:60], "state_detail": problem.detail.replace("\0", "")[:300]}
    fresh = Connection.objects.filter(pk=connection.pk, token__isnull=False).exclude(state_code=problem.code[:60])
    if fresh.update(**told) == 1 and (connection.account or connection.checked_at):
        telling.tell(connection, f"{problem.code}:{now.timestamp():.0f}", problem.code, problem.kind, now)
    for name, value in told.items():
        setattr(connection, name, value)


def well(connection: Connection) -> None:
    """What stopped it stops it no more."""
    Connection.objects.filter(pk=connection.pk).exclude(state_code="").update(state_kind="", state_code="", state_detail="")
    connection.state_kind = connection.state_code = connection.state_detail = ""


def turn() -> int:
    """Look after the connections whose time has come; returns how many."""
    now = timezone.now()
    rows = Connection.objects.filter(check_next_at__lte=now, is_enabled=True, token__isnull=False)
    return sum(_look_after(pk) for pk in list(rows.order_by("check_next_at").values_list("pk", flat=True)[:MOST]))


def _look_after(pk: int) -> int:
    """Taken by moving its moment: whoever moves it looks."""
    now = timezone.now()
    rows = Connection.objects.filter(pk=pk, check_next_at__lte=now, is_enabled=True, token__isnull=False)
    if rows.update(check_next_at=now + LATER) != 1:
        return 0
    connection = Connection.objects.select_related("workspace").get(pk=pk)
    try:
        look_after(connection)
    except Exception as error:
        logger.error("a connection could not be looked after", connection=pk, error=said(error))
    return 1


def look_after(connection: Connection) -> None:
    """Renew what ends, ask the platform how we stand there, warn, and say when to look again."""
    from . import standing

    now = timezone.now()
    again = EVERY * random.uniform(0.8, 1.2)
    try:
        if connection.token_ends_at and connection.token_ends_at - now < oauth.EARLY:
            oauth.refreshed(connection)
        standing.check(connection)
    except Problem as problem:
        again = (
            LATER
            if problem.kind in ("auth", "permanent", "gone")
            else timedelta(seconds=max(problem.retry_after or 0, SOON.total_seconds()))
        )
    warn(connection, now)
    ends = connection.token_ends_at
    if ends is not None and can_renew(connection):
        again = min(again, max(ends - oauth.EARLY - now, SOON))
    Connection.objects.filter(pk=connection.pk, check_next_at__isnull=False).update(check_next_at=now + again)


def warn(connection: Connection, now: datetime) -> None:
    """Tell someone of rights that end, and of streams that could not be heard for long. Each once."""
    ends = connection.token_ends_at
    if ends is not None and is_ending(connection, now):
        near = next((each for each in WARNED if ends - now < each), WARNED[-1])
        values = {"days": max(0, (ends - now).days)}
        telling.tell(connection, f"ends:{ends.timestamp():.0f}:{near.days}", "token_ends", "ends", ends, **values)
    behind = Pull.objects.filter(connection=connection, is_past=False, is_once=False, problem_kind="transient", failures__gt=1)
    for row in behind.filter(ok_at__lt=now - SILENT):
        key = f"silent:{row.pk}:{row.ok_at.timestamp():.0f}"
        telling.tell(connection, key, row.problem_code, "transient", row.problem_at or now, stream=row.stream)
