"""What comes is kept before it is acknowledged: files, small deliveries, what platforms bring. Reading it is done later."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.base import Channel, FileError
from vincle.channels.registry import channels
from vincle.store import bulk

from . import raw
from .models import Connection, Delivery, Pull
from .opening import channel_of, chosen_of, key

LONGEST_STREAM = 200


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


def receive_file(workspace: Workspace, file: BinaryIO, name: str, user: User | None = None, kind: str = "", **options: Any) -> Delivery:
    """Take a file in: bytes first, then a row of work. The import itself is done by `work_off`. Raises FileError."""
    channel = channel_of(file, name, kind)
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
    chosen = chosen_of(options)
    more = {"file_key": key(digest, channel), "reading_key": key(digest, channel, chosen), **({"upload": upload} if upload else {})}
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
