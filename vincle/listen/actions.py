"""Everything that writes here: take a delivery in, work it off, cancel it, undo it."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from hashlib import blake2b, sha256
from itertools import islice
from time import monotonic
from typing import Any, BinaryIO, NamedTuple

import msgspec
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.base import Channel, FileError, Locale, Options, Preview
from vincle.channels.registry import channels, recognise
from vincle.store import bulk, lease
from vincle.store.blame import HOUSE, said
from vincle.vocabulary import Reject, Warn
from vincle.vocabulary.activity import Item, Outcome

from . import claims, log, partitions, raw, sources, together
from .models import Connection, Delivery, Pull, Rejection

BATCH = 5_000
MOST_PROBLEMS = 20
MOST_IN_A_ROW = 100
LONGEST_STREAM = 200
STUMBLED, UNDO_STUMBLED, MISSING = "reader_stumbled", "undo_stumbled", "raw_missing"
OUR_FAULT = (STUMBLED, UNDO_STUMBLED, MISSING)
"""Why a delivery failed for which its sender can do nothing: it can be tried again as it is."""

logger = structlog.get_logger(__name__)
Progress = Callable[[Delivery], None]
Around = Callable[[Delivery], AbstractContextManager[Any]]


def connection_for(workspace: Workspace, channel: str, name: str = "") -> Connection:
    """The connection of imports of one kind; made at its first use."""
    found, _ = Connection.objects.get_or_create(workspace=workspace, channel=channel, name=name)
    found.workspace = workspace
    return found


def keep_file(file: BinaryIO) -> tuple[str, str, int]:
    """Store a file's bytes; FileError `too_large` when it is larger than the installation allows."""
    try:
        return raw.keep(file, settings.OPTIONS.import_max_bytes)
    except ValueError as error:
        raise FileError("too_large", str(error)) from error


def look(workspace: Workspace, file: BinaryIO, name: str, kind: str = "", **options: Any) -> tuple[Channel, Preview]:
    """What an import of this file would read. Stores nothing. Raises FileError."""
    channel = _channel(file, name, kind)
    file.seek(0)
    return channel, channel.preview(file, _options(workspace, name, timezone.now(), {"file_key": "preview", **options}))


def receive_file(workspace: Workspace, file: BinaryIO, name: str, user: User | None = None, kind: str = "", **options: Any) -> Delivery:
    """Take a file in: bytes first, then a row of work. The import itself is done by `work_off`. Raises FileError."""
    channel = _channel(file, name, kind)
    file.seek(0)
    digest, path, size = keep_file(file)
    return receive_stored(workspace, digest, path, size, name, channel.spec.id, user, **options)


def receive_stored(
    workspace: Workspace, digest: str, path: str, size: int, name: str, channel: str, user: User | None,
    source: Connection | None = None, upload: str = "", rows: int | None = None, **options: Any,
) -> Delivery:  # fmt: skip
    """A row of work for bytes that `keep_file` has stored. `channel` reads them; they belong to `source`, else to imports of that channel.

    `upload` names one upload: asked for twice, the same delivery is returned. `rows` is how many it is thought to have.
    """
    source = source or connection_for(workspace, channel)
    chosen = _chosen(options)
    more = {"file_key": _key(digest, channel), "reading_key": _key(digest, channel, chosen), **({"upload": upload} if upload else {})}
    with transaction.atomic():
        if upload and (twin := _twin(source, digest, upload)):
            return twin
        delivery = Delivery.objects.create(
            workspace=workspace, connection=source, channel=channel, name=name[:200], sha256=digest, size=size, path=path,
            options={**chosen, **more}, is_import=True, created_by=user, total=rows,
        )  # fmt: skip
        audit.record(workspace, user, "import", "delivery", delivery.pk, name, channel=channel, size=size)
    return delivery


def _twin(source: Connection, digest: str, upload: str) -> Delivery | None:
    """The delivery made of this upload before; the connection's row is held so that two clicks wait for each other."""
    Connection.objects.select_for_update().get(pk=source.pk)
    for delivery in Delivery.objects.of(source.workspace_id).filter(connection=source, sha256=digest):
        if delivery.options.get("upload") == upload:
            return delivery
    return None


def _chosen(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value}


def _key(*parts: Any) -> str:
    return blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=12).hexdigest()


def receive(source: Connection, body: bytes, received_at: datetime | None = None) -> Delivery:
    """Take one small delivery in (an edit by hand, our own words): stored before the caller goes on."""
    with transaction.atomic():
        kept = Delivery.objects.create(
            workspace=source.workspace, connection=source, channel=source.channel, sha256=sha256(body).hexdigest(), size=len(body),
            body=body, received_at=received_at or timezone.now(),
        )  # fmt: skip
        _want(source, [body])
    return kept


_TAKEN_IN = (
    "workspace_id", "connection_id", "channel", "name", "sha256", "size", "path", "body", "options", "is_import", "state", "position",
    "accepted", "duplicates", "unknown", "rejected", "warned", "last_seq", "error_code", "error_detail", "owner", "lease_until",
    "received_at",
)  # fmt: skip


def take_in(source: Connection, body: bytes, received_at: datetime) -> bool:
    """What a platform delivers, stored before it is acknowledged; False: it had come before. Dozens come in a second: the plainest way."""
    digest = sha256(body).hexdigest()
    if _come(source, [digest]):
        return False
    at = bulk.writer()(received_at)
    zeros = (0,) * 7
    row = (
        source.workspace_id, source.pk, source.channel, "", digest, len(body), "", body, "{}", False, Delivery.State.WAITING.value, *zeros,
        "", "", "", at, at,
    )  # fmt: skip
    if not _names(source, [body]):
        bulk.insert(Delivery, _TAKEN_IN, [row])
        return True
    with transaction.atomic():
        bulk.insert(Delivery, _TAKEN_IN, [row])
        _want(source, [body])
    return True


def receive_all(source: Connection, bodies: Sequence[bytes], received_at: datetime | None = None) -> list[Delivery]:
    """Take many small deliveries in; the same bytes again are the same delivery and make no new one. Returns the new ones, in order."""
    keyed = {sha256(body).hexdigest(): body for body in bodies}
    for digest in _come(source, keyed):
        del keyed[digest]
    at = received_at or timezone.now()
    rows = [
        Delivery(
            workspace_id=source.workspace_id, connection=source, channel=source.channel, sha256=digest, size=len(body), body=body,
            received_at=at,
        )
        for digest, body in keyed.items()
    ]  # fmt: skip
    with transaction.atomic():
        made = Delivery.objects.bulk_create(rows, batch_size=200)
        _want(source, list(keyed.values()))
    return made


def _come(source: Connection, digests: Iterable[str]) -> set[str]:
    """Those of these contents that came on this connection before."""
    where = f"workspace_id = {source.workspace_id:d} AND connection_id = {source.pk:d} AND NOT is_import"
    return set(bulk.pluck(f"SELECT sha256 FROM listen_delivery WHERE {where} AND sha256 IN ({{}})", list(digests)))


def _names(source: Connection, bodies: Iterable[bytes]) -> list[str]:
    """What deliveries only name and is to be asked for."""
    channel = channels().get(source.channel)
    if channel is None or type(channel).wanted is Channel.wanted:
        return []
    return list(dict.fromkeys(name for body in bodies for name in channel.wanted(body) if len(name) <= LONGEST_STREAM))


def _want(source: Connection, bodies: Iterable[bytes]) -> None:
    """What deliveries only name is asked for by the worker, once each (`Channel.wanted`)."""
    rows = [Pull(workspace_id=source.workspace_id, connection=source, stream=name, is_once=True) for name in _names(source, bodies)]
    if rows:
        Pull.objects.bulk_create(rows, ignore_conflicts=True)


def work_off(delivery: Delivery, progress: Progress | None = None) -> bool:
    """Read a delivery into the log, going on where an earlier try stopped. False when another process holds it.

    One whose reader stumbles over it is FAILED with the error in words, and can be tried again; what was read before is kept.
    """
    rows = Delivery.objects.filter(pk=delivery.pk, state__in=(Delivery.State.WAITING, Delivery.State.RUNNING))
    if not lease.claim(rows):
        return False
    rows.update(state=Delivery.State.RUNNING)
    delivery.refresh_from_db()
    with bound_contextvars(delivery=delivery.pk, workspace=delivery.workspace_id, channel=delivery.channel):
        _work_off(delivery, progress)
    return True


def _work_off(delivery: Delivery, progress: Progress | None) -> None:
    began, stood = monotonic(), delivery.position
    try:
        until = delivery.options.get("until")  # a cancelled import read again goes as far as it had come
        with _opened(delivery) as outcomes:
            _read(delivery, islice(outcomes, until), progress)
        _finish(delivery, Delivery.State.DONE if until is None else Delivery.State.CANCELLED)
        logger.info("delivery read", rows=delivery.position - stood, seconds=round(monotonic() - began, 3))
    except FileError as error:
        _finish(delivery, Delivery.State.FAILED, error)
        logger.info("delivery refused", code=error.code)
    except _Stopped:
        logger.info("import stopped")
    except FileNotFoundError as error:
        _finish(delivery, Delivery.State.FAILED, FileError(MISSING, delivery.path))
        logger.error("the bytes of a delivery are gone", error=said(error))
    except HOUSE:
        raise
    except Exception as error:
        _finish(delivery, Delivery.State.FAILED, FileError(STUMBLED, _told(error)))
        logger.error("a reader stumbled over a delivery", error=said(error), rows=delivery.position - stood)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:300]


def try_again(delivery: Delivery, user: User | None) -> bool:
    """Let a delivery that failed be worked on again, from where it stopped. False when it had not failed."""
    undoing = delivery.error_code == UNDO_STUMBLED
    again = Delivery.State.UNDOING if undoing else Delivery.State.WAITING
    with transaction.atomic():
        marked = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED).update(
            state=again, error_code="", error_detail="", owner="", lease_until=timezone.now(), finished_at=None
        )
        if marked:
            audit.record(delivery.workspace_id, user, "tried again", "delivery", delivery.pk, delivery.name)
    return bool(marked)


def cancel(delivery: Delivery, user: User | None) -> bool:
    """Stop an import that waits or runs. What it brought stays until it is undone. False when it was over already."""
    states = (Delivery.State.WAITING, Delivery.State.RUNNING)
    with transaction.atomic():
        stopped = Delivery.objects.filter(pk=delivery.pk, state__in=states).update(
            state=Delivery.State.CANCELLED, finished_at=timezone.now(), owner=""
        )
        if stopped:
            audit.record(delivery.workspace_id, user, "cancel import", "delivery", delivery.pk, delivery.name)
    return bool(stopped)


def undo(delivery: Delivery, user: User | None) -> bool:
    """Ask for an import to be taken back; `work_off_undo` does it. False when there is nothing to undo."""
    states = (Delivery.State.DONE, Delivery.State.CANCELLED, Delivery.State.FAILED)
    with transaction.atomic():
        marked = Delivery.objects.filter(pk=delivery.pk, state__in=states, is_import=True).update(state=Delivery.State.UNDOING)
        if marked:
            audit.record(delivery.workspace_id, user, "undo import", "delivery", delivery.pk, delivery.name)
    return bool(marked)


def read_again() -> None:
    """Let every delivery that still stands and whose bytes are kept be read from its beginning, into a log that was emptied."""
    again = dict.fromkeys(_COUNTED, 0) | {"state": Delivery.State.WAITING, "error_code": "", "error_detail": "", "owner": ""}
    there = Delivery.objects.filter(raw_gone_at=None)
    for delivery in there.filter(state=Delivery.State.CANCELLED):
        Delivery.objects.filter(pk=delivery.pk).update(options={**delivery.options, "until": delivery.position}, **again)
    read = (Delivery.State.DONE, Delivery.State.FAILED, Delivery.State.RUNNING)
    there.filter(state__in=read).update(lease_until=timezone.now(), **again)
    sources.read_again()


_COUNTED = ("position", "accepted", "duplicates", "unknown", "rejected", "warned", "last_seq")


def work_off_undo(delivery: Delivery) -> bool:
    """Take back what an import brought, in steps that can be killed. False when another process holds it."""
    rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.UNDOING)
    if not lease.claim(rows):
        return False
    with bound_contextvars(delivery=delivery.pk, workspace=delivery.workspace_id):
        try:
            while log.undo(delivery, BATCH):
                lease.keep(rows)
        except HOUSE:
            raise
        except Exception as error:
            logger.error("an import could not be taken back", error=said(error))
            rows.update(state=Delivery.State.FAILED, error_code=UNDO_STUMBLED, error_detail=_told(error), owner="")
            return True
    rows.update(state=Delivery.State.UNDONE, finished_at=timezone.now(), owner="", last_seq=log.last_seq())
    return True


def work_off_waiting(limit: int = 50, around: Around = nullcontext) -> int:
    """Work off what waits, oldest first; returns how many deliveries were worked on. What every worker does all day, sharing them.

    `around(delivery)` is entered for each: whoever measures looks on from there. While a large file is read, small deliveries of other
    connections go in between.
    """

    def meanwhile(_: Delivery) -> None:
        together.work_off(limit, around)

    worked, failed = together.work_off(limit, around), None
    for delivery in claims.take(max(1, limit - worked)):
        try:
            with around(delivery):
                worked += work_off_undo(delivery) if delivery.state == Delivery.State.UNDOING else work_off(delivery, meanwhile)
        except OSError as error:  # a file that cannot be opened now does not keep the others waiting
            failed = failed or error
    if failed:
        raise failed
    return worked


class Trial(NamedTuple):
    """What an import would do. `problems`: the first rows and values to be left out; not `complete`: time ran out after `items`."""

    items: int
    new: int
    known: int
    rejected: int
    warned: int
    complete: bool
    problems: list[Reject | Warn]


def dry_run(workspace: Workspace, file: BinaryIO, name: str, digest: str, channel: str, seconds: float = 60, **options: Any) -> Trial:
    """Read a file as its import would, for at most `seconds`, and write nothing. Raises FileError."""
    file.seek(0)
    keys = {"file_key": _key(digest, channel), "reading_key": _key(digest, channel, _chosen(options))}
    read = channels()[channel].read(file, _options(workspace, name, timezone.now(), {**options, **keys}))
    source = Connection.objects.of(workspace).filter(channel=channel, name="").first() or Connection(
        pk=0, workspace=workspace, channel=channel
    )
    source.workspace = workspace
    until, seen, problems = monotonic() + seconds, set[bytes](), list[Reject | Warn]()
    items = new = known = rejected = warned = 0
    while batch := list(islice(read, BATCH)):
        refused = [outcome for outcome in batch if isinstance(outcome, Reject | Warn)]
        problems += refused[: max(0, MOST_PROBLEMS - len(problems))]
        rejects = sum(isinstance(outcome, Reject) for outcome in refused)
        fresh = log.unseen(source, [outcome for outcome in batch if not isinstance(outcome, Reject | Warn)]) - seen
        items, rejected, warned = items + len(batch), rejected + rejects, warned + len(refused) - rejects
        new, known = new + len(fresh), known + len(batch) - len(refused) - len(fresh)
        seen |= fresh
        if monotonic() > until and len(batch) == BATCH:
            _close(read)
            return Trial(items, new, known, rejected, warned, False, problems)
    return Trial(items, new, known, rejected, warned, True, problems)


def sweep() -> int:
    """Make the log's next months; remove uploads that nobody made an import of within a day; returns how many."""
    partitions.ensure()

    def is_used(relative: str) -> bool:
        return Delivery.objects.filter(path=relative).exists()

    return raw.sweep(is_used)


class _Stopped(Exception):
    """The import was cancelled, or taken over by another process, while we read."""


def _channel(file: BinaryIO, name: str, kind: str) -> Channel:
    if not kind:
        return recognise(file, name)
    if kind not in channels() or "file" not in channels()[kind].spec.capabilities:
        raise FileError("unknown_kind", kind)
    return channels()[kind]


def options_of(delivery: Delivery) -> Options:
    """How the file of an import is read."""
    workspace = delivery.connection.workspace
    return _options(workspace, delivery.name, delivery.received_at, delivery.options)


def locale_of(workspace: Workspace) -> Locale:
    return Locale(country=workspace.country, currency=workspace.currency, timezone=workspace.timezone)


_READ_BY = ("file_key", "reading_key", "mapping", "date_order", "encoding", "separator", "sheet")


def _options(workspace: Workspace, name: str, now: datetime, chosen: dict[str, Any]) -> Options:
    locale = locale_of(workspace)
    known = {k: v for k, v in chosen.items() if k in _READ_BY}
    return Options(now=now, name=name, locale=locale, **known)


@contextmanager
def _opened(delivery: Delivery) -> Iterator[Iterator[Outcome]]:
    channel = channels()[delivery.channel]
    if not delivery.path:
        yield channel.parse(bytes(delivery.body or b""), delivery.received_at)
        return
    with open(raw.path(delivery.path), "rb") as file:
        outcomes = channel.read(file, options_of(delivery))
        try:
            yield outcomes
        finally:
            _close(outcomes)


def _close(outcomes: Iterator[Outcome]) -> None:
    """A reader that is left half-way lets go of its file before the file is closed under it."""
    if isinstance(outcomes, Generator):
        outcomes.close()


def _read(delivery: Delivery, outcomes: Iterator[Outcome], progress: Progress | None) -> None:
    """The file is read again from its start after a stop; what went in before is skipped, not counted twice."""
    for _ in islice(outcomes, delivery.position):
        pass
    for batch in _batches(outcomes):
        _write_sifted(delivery, batch)
        if progress:
            progress(delivery)


def _batches(outcomes: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    """In batches; what was read before the reader stumbles is a batch as well."""
    batch: list[Outcome] = []
    try:
        for outcome in outcomes:
            batch.append(outcome)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _write_sifted(delivery: Delivery, batch: list[Outcome], in_a_row: int = 0) -> int:
    """Write a batch; where that fails, half of it at a time, until the one item that cannot be stored is refused by itself.

    Returns how many items were refused since the last that went in; past MOST_IN_A_ROW it is the delivery that fails.
    """
    try:
        _write(delivery, batch)
    except (_Stopped, *HOUSE):  # type: ignore[misc]
        raise
    except Exception as error:
        delivery.refresh_from_db(fields=_COUNTED)
        if len(batch) == 1:
            if in_a_row >= MOST_IN_A_ROW:
                raise
            logger.warning("an item could not be stored", error=said(error), place=delivery.position + 1)
            _write(delivery, [Reject(line=delivery.position + 1, code="not_stored", detail=_told(error))])
            return in_a_row + 1
        middle = len(batch) // 2
        return _write_sifted(delivery, batch[middle:], _write_sifted(delivery, batch[:middle], in_a_row))
    return 0


def _write(delivery: Delivery, batch: list[Outcome]) -> None:
    """One batch and the position behind it, in one transaction."""
    items: list[Item] = [outcome for outcome in batch if not isinstance(outcome, Reject | Warn)]
    refused = [outcome for outcome in batch if isinstance(outcome, Reject | Warn)]
    prepared = log.prepare(delivery.connection, items, delivery.received_at, delivery)
    with transaction.atomic():
        done = prepared.write()
        bulk.insert(Rejection, together.REJECTION, [together.rejection(delivery, outcome) for outcome in refused])
        delivery.position += len(batch)
        delivery.accepted += done.new
        delivery.duplicates += done.duplicates
        delivery.unknown += done.unknown
        delivery.rejected += sum(isinstance(outcome, Reject) for outcome in refused)
        delivery.warned += sum(isinstance(outcome, Warn) for outcome in refused)
        delivery.last_seq = max(done.last_seq, delivery.last_seq)
        counts = {
            name: getattr(delivery, name) for name in ("position", "accepted", "duplicates", "unknown", "rejected", "warned", "last_seq")
        }
        until = timezone.now() + lease.LEASE
        ours = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.RUNNING, owner=lease.ME)
        if ours.update(**counts, lease_until=until) != 1:
            raise _Stopped


def _finish(delivery: Delivery, state: str, error: FileError | None = None) -> None:
    delivery.state, delivery.finished_at = state, timezone.now()
    if error:
        place = f"line {error.line}: " if error.line else ""
        delivery.error_code, delivery.error_detail = error.code, f"{place}{error.detail}"[:300]
    Delivery.objects.filter(pk=delivery.pk, owner=lease.ME).update(
        state=state,
        finished_at=delivery.finished_at,
        owner="",
        total=delivery.position,
        error_code=delivery.error_code,
        error_detail=delivery.error_detail,
    )
    delivery.total = delivery.position
