"""Sources of events: their keys and limits, and what is made of the parcels on the shelf."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from secrets import token_bytes, token_urlsafe
from typing import Any, NamedTuple

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.registry import channels
from vincle.store import bulk
from vincle.store.blame import HOUSE, said
from vincle.vocabulary import Reject, Warn

from . import log, shelf
from .batch import Batch
from .models import Connection, Delivery, Refusal, Salt, Source, SourceDay
from .shelf import Parcel

CHANNEL = "web"
BATCH = 5_000
ONE_BY_ONE = 100
KEPT_REFUSALS = 500
LONGEST_RAW = 2000
logger = structlog.get_logger(__name__)


class NameTaken(ValueError):
    """The workspace has a source of this name."""


def add(workspace: Workspace, name: str, user: User | None = None, kind: str = Source.Kind.WEB, origins: Sequence[str] = ()) -> Source:
    """A new source with a key of its own. NameTaken when there is one of this name; ValueError when the name is empty."""
    name = " ".join(name.split())[:120]
    if not name:
        raise ValueError("a source needs a name")
    with transaction.atomic():
        if Source.objects.of(workspace).filter(name=name).exists():
            raise NameTaken(name)
        connection, _ = Connection.objects.get_or_create(workspace=workspace, channel=CHANNEL, name=name)
        source: Source = Source.objects.create(
            workspace=workspace, connection=connection, name=name, kind=kind, write_key=_new_key(), allowed_origins=list(origins)
        )
        audit.record(workspace, user, "add source", "source", source.pk, name)
    return source


def change(source: Source, user: User | None, **values: Any) -> None:
    """Set `kind`, `allowed_origins`, `rate_limit` or `is_enabled`."""
    if strange := set(values) - {"kind", "allowed_origins", "rate_limit", "is_enabled"}:
        raise ValueError(f"a source has no {', '.join(sorted(strange))}")
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**values)
        audit.record(source.workspace_id, user, "change source", "source", source.pk, source.name, **values)


def renew_key(source: Source, user: User | None) -> str:
    """A new write key; the old one is refused from now on."""
    key = _new_key()
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(write_key=key)
        audit.record(source.workspace_id, user, "renew key", "source", source.pk, source.name)
    return key


def remove(source: Source, user: User | None) -> None:
    """The source and its key end; what it brought stays."""
    with transaction.atomic():
        audit.record(source.workspace_id, user, "remove source", "source", source.pk, source.name)
        source.delete()


def _new_key() -> str:
    return token_urlsafe(24)


def work_off(most: int = BATCH) -> int:
    """Read parcels of the shelf into the log; returns how many. One that cannot be read is put aside as a failed delivery."""
    try:
        return shelf.work_off(_prepare, most)
    except HOUSE:
        raise
    except Exception as error:
        logger.error("parcels could not be read together; one by one", error=said(error))
        return sum(shelf.work_off(_prepare_one, 1) for _ in range(ONE_BY_ONE))


class _Bundle(NamedTuple):
    """What a connection sent, read: a batch for the log, and what is refused."""

    connection: Connection
    batch: Batch
    refused: list[Reject]
    received_at: datetime


def _prepare(parcels: Sequence[Parcel]) -> Callable[[], None]:
    sources = Connection.objects.select_related("workspace", "source").in_bulk({parcel.connection for parcel in parcels})
    bundles = [_read(sources[key], of_one) for key, of_one in _by_connection(parcels).items() if key in sources]

    def write() -> None:
        for bundle in bundles:
            _write(bundle)

    return write


def _prepare_one(parcels: Sequence[Parcel]) -> Callable[[], None]:
    try:
        write = _prepare(parcels)
    except HOUSE:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:300]
        return lambda: _set_aside(parcels, reason)

    def attempt() -> None:
        try:
            with transaction.atomic():
                write()
        except HOUSE:
            raise
        except Exception as error:
            _set_aside(parcels, f"{type(error).__name__}: {error}"[:300])

    return attempt


def _set_aside(parcels: Iterable[Parcel], reason: str) -> None:
    """What a parcel held becomes a delivery that failed: seen on its screen, with its bytes, to be tried again."""
    from .actions import receive

    for parcel in parcels:
        if source := Connection.objects.select_related("workspace").filter(pk=parcel.connection).first():
            delivery = receive(source, b"[" + parcel.body + b"]", parcel.received_at)
            Delivery.objects.filter(pk=delivery.pk).update(
                state=Delivery.State.FAILED, error_code="reader_stumbled", error_detail=reason, finished_at=timezone.now()
            )


def _by_connection(parcels: Sequence[Parcel]) -> dict[int, list[Parcel]]:
    found: dict[int, list[Parcel]] = {}
    for parcel in parcels:
        found.setdefault(parcel.connection, []).append(parcel)
    return found


def _read(connection: Connection, parcels: Sequence[Parcel]) -> _Bundle:
    channel = channels()[CHANNEL]
    outcomes = [  # one by one: should a parcel be broken, it takes no other with it
        outcome for parcel in parcels for outcome in channel.parse(b"[" + parcel.body + b"]", parcel.received_at)
    ]
    items = [outcome for outcome in outcomes if not isinstance(outcome, Reject | Warn)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Reject)]
    received_at = parcels[-1].received_at
    return _Bundle(connection, log.prepare(connection, items, received_at), refused, received_at)


def _write(bundle: _Bundle) -> None:
    done = bundle.batch.write()
    source: Source | None = getattr(bundle.connection, "source", None)
    if source is None:
        return
    Source.objects.filter(pk=source.pk).update(last_seen_at=bundle.received_at)
    _count(source, bundle.received_at, accepted=done.new, duplicates=done.duplicates, refused=len(bundle.refused))
    at = bulk.writer()(bundle.received_at)
    bulk.insert(Refusal, _REFUSAL, [
        (source.workspace_id, source.pk, at, each.code, each.field[:120], each.detail[:300], each.raw[:LONGEST_RAW], False)
        for each in bundle.refused[-KEPT_REFUSALS:]
    ])  # fmt: skip


def _count(source: Source, at: datetime, **numbers: int) -> None:
    day, _ = SourceDay.objects.get_or_create(source=source, day=at.astimezone(UTC).date(), defaults={"workspace_id": source.workspace_id})
    SourceDay.objects.filter(pk=day.pk).update(**{name: F(name) + number for name, number in numbers.items()})


class Refused(NamedTuple):
    """Something the collector turned away at the door, of a source it knew."""

    connection: int
    at: datetime
    code: str
    detail: str
    raw: str


def note(refused: Sequence[Refused]) -> None:
    """Show what the collector turned away among the refusals of its source."""
    found = {source.connection_id: source for source in Source.objects.filter(connection__in={each.connection for each in refused})}
    stamp = bulk.writer()
    rows = [
        (source.workspace_id, source.pk, stamp(each.at), each.code, "", each.detail[:300], each.raw[:LONGEST_RAW], True)
        for each in refused if (source := found.get(each.connection))
    ]  # fmt: skip
    with transaction.atomic():
        bulk.insert(Refusal, _REFUSAL, rows)
        for source in found.values():
            _count(source, timezone.now(), turned_away=sum(each.connection == source.connection_id for each in refused))


def salts(today: date) -> dict[date, bytes]:
    """Secrets of today and tomorrow; those of earlier days are thrown away."""
    wanted = (today, today + timedelta(days=1))
    Salt.objects.bulk_create([Salt(day=day, salt=token_bytes(32)) for day in wanted], ignore_conflicts=True)
    Salt.objects.filter(day__lt=today).delete()
    return {day: bytes(salt) for day, salt in Salt.objects.filter(day__in=wanted).values_list("day", "salt")}


_REFUSAL = ("workspace_id", "source_id", "at", "code", "field", "detail", "raw", "is_door")


def read_again() -> None:
    """Let everything that is still on the shelf be read from the beginning; what was counted of it is counted anew."""
    firsts = shelf.oldest(Source.objects.values_list("connection", flat=True))
    for source in Source.objects.filter(connection__in=firsts):
        first = firsts[source.connection_id]
        source.days.filter(day__gte=first.date()).update(accepted=0, duplicates=0, refused=0)
        source.refusals.filter(is_door=False, at__gte=first).delete()
    shelf.read_again()


def sweep() -> None:
    """Keep only the last refusals of each source."""
    for source in Source.objects.all():
        edge = source.refusals.order_by("-at", "-pk").values_list("pk", flat=True)[KEPT_REFUSALS : KEPT_REFUSALS + 1].first()
        if edge is not None:
            source.refusals.filter(pk__lte=edge).delete()
