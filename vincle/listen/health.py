"""How each connection is doing, in one word and a few figures."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from msgspec import Struct

from vincle.accounts.models import AuditEntry, Workspace

from .models import Connection, Delivery

DAY = timedelta(hours=24)


class Health(Struct, frozen=True):
    """`state`: paused, unset (no secret yet), silent (nothing came yet), refusing (all of 24 h refused), failing (some not read), well.

    Figures are of the last 24 hours; `failed` came but could not be read, `unknown` is what of it nobody has a word for.
    """

    connection: Connection
    state: str
    last_at: datetime | None
    came: int
    failed: int
    refused: int
    unknown: int


def of_workspace(workspace: Workspace) -> list[Health]:
    """Of every connection with an address, by name."""
    found = Connection.objects.of(workspace).filter(token__isnull=False)
    return look(workspace, sorted(found, key=lambda connection: connection.name.casefold()))


def look(workspace: Workspace, found: list[Connection]) -> list[Health]:
    since, ids = timezone.now() - DAY, [connection.pk for connection in found]
    rows = Delivery.objects.of(workspace).filter(connection__in=ids, is_import=False)
    figures = rows.filter(received_at__gt=since).values("connection").annotate(
        came=Count("pk"), failed=Count("pk", filter=Q(state=Delivery.State.FAILED)), last=Max("received_at"),
        unknown=Sum("unknown"),
    ).order_by()  # fmt: skip
    lately = {row["connection"]: row for row in figures}
    refusals = _refusals(workspace).filter(object_id__in=[str(pk) for pk in ids])
    refused = dict(refusals.values_list("object_id").annotate(Count("pk")).order_by())
    return [_health(connection, lately.get(connection.pk, {}), refused.get(str(connection.pk), 0)) for connection in found]


def why_refused(workspace: Workspace, connection: Connection) -> list[tuple[str, int, datetime]]:
    """(why, how often, last when) of the refusals within a day, the latest reason first."""
    found: dict[str, tuple[int, datetime]] = {}
    for at, details in _refusals(workspace).filter(object_id=str(connection.pk)).order_by("-at", "-pk").values_list("at", "details"):
        reason = str(details.get("reason", ""))
        times, last = found.get(reason, (0, at))
        found[reason] = (times + 1, last)
    return [(reason, times, last) for reason, (times, last) in found.items()]


def _refusals(workspace: Workspace) -> Any:
    return AuditEntry.objects.of(workspace).filter(at__gt=timezone.now() - DAY, verb="refused", object_type="delivery")


def _health(connection: Connection, row: dict[str, Any], refused: int) -> Health:
    last = row.get("last") or _last(connection)
    state = (
        "paused" if not connection.is_enabled else "unset" if not connection.credentials else "refusing" if refused and not row
        else "silent" if last is None else "failing" if row.get("failed") else "well"
    )  # fmt: skip
    return Health(connection, state, last, row.get("came", 0), row.get("failed", 0), refused, row.get("unknown") or 0)


def _last(connection: Connection) -> datetime | None:
    rows = Delivery.objects.of(connection.workspace_id).filter(connection=connection, is_import=False)
    found: datetime | None = rows.aggregate(last=Max("received_at"))["last"]
    return found
