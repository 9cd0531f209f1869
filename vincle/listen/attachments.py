"""What people attach: told by their channel, taken out of the delivery it came in, or fetched from the platform while that keeps it.

Files that platforms keep are fetched soon after they were heard of, each within the bounds of a connection's line (10 MB), and stored
beside the words they came with: they go when those go.
"""

from datetime import timedelta
from functools import cache
from typing import Final

import msgspec
import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels.base import Channel
from vincle.channels.live import Attached, File, Problem
from vincle.channels.registry import channels
from vincle.store.lease import advance, held
from vincle.vocabulary import Direction, Op

from . import log, outward, raw
from .models import Activity, Attachment, Connection, Content, Delivery

CURSOR: Final = "attachments"
MOST, ROWS, AT_ONCE, TRIES = 20, 5_000, 10, 8
_FIRST, _LONGEST, _CLAIM = timedelta(minutes=1), timedelta(hours=6), timedelta(minutes=5)
_COLUMNS = ("event_id", "workspace_id", "connection_id", "channel", "op", "superseded", "direction")
logger = structlog.get_logger(__name__)


class Missing(Exception):
    """The file is not there (any more). `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def told(channel: str, body: str) -> tuple[Attached, ...]:
    """What is attached to an act, by what is kept of it (`Content.body`); () where its channel tells of none."""
    known = channels().get(channel)
    if known is None or not body:
        return ()
    try:
        return known.attached(msgspec.json.decode(body, type=dict[str, object]))[:MOST]
    except msgspec.MsgspecError:
        return ()


def content_of(workspace: Workspace, seq: int, place: int) -> tuple[Attached, File]:
    """One file of a row of the log, and what was told of it. Raises Missing."""
    row = Activity.objects.of(workspace).filter(seq=seq, superseded=False).select_related("delivery", "connection").first()
    content = Content.objects.of(workspace).filter(event_id=bytes(row.event_id)).first() if row else None
    files = told(row.channel, content.body) if row and content else ()
    if row is None or not 0 <= place < len(files):
        raise Missing("gone")
    file = _within(row, files[place]) or _stored(bytes(row.event_id), place, files[place])
    return files[place], file or _fetched(workspace, row, place, files[place])


def _within(row: Activity, one: Attached) -> File | None:
    """A file that came in the delivery itself; raw deliveries go earlier than words where a workspace says so."""
    delivery: Delivery | None = row.delivery
    if delivery is None or delivery.raw_gone_at is not None:
        return None
    channel = channels()[row.channel]
    if type(channel).enclosed is Channel.enclosed or delivery.is_import:
        return None
    body = raw.path(delivery.path).read_bytes() if delivery.path else bytes(delivery.body or b"")
    return channel.enclosed(body, one)


def _stored(event: bytes, place: int, one: Attached) -> File | None:
    row = Attachment.objects.filter(event_id=event, place=place).exclude(content=None).first()
    return File(name=one.name, content_type=row.content_type, content=bytes(row.content)) if row else None


def _fetched(workspace: Workspace, row: Activity, place: int, one: Attached) -> File:
    if not _keeps(row.channel) or not one.ref:
        raise Missing("not_kept")
    try:
        file = outward.fetch(row.connection, one)
    except Problem as problem:
        raise Missing(problem.code) from problem
    kept = {"workspace": workspace, "connection": row.connection, "next_at": None, "problem_code": "", **_values(file)}
    with transaction.atomic():
        if Content.objects.filter(event_id=bytes(row.event_id)).exists():
            Attachment.objects.update_or_create(event_id=bytes(row.event_id), place=place, defaults=kept)
    return file


def _values(file: File) -> dict[str, object]:
    return {"content": file.content, "size": len(file.content), "content_type": file.content_type[:100]}


@cache
def _keeps(channel: str) -> bool:
    """Whether the platform keeps files, to be fetched."""
    known = channels().get(channel)
    return known is not None and type(known).fetch is not Channel.fetch


def turn() -> int:
    """Note what was attached to what is new, and fetch what is due; returns how many files were fetched."""
    _follow()
    now = timezone.now()
    due = list(Attachment.objects.filter(next_at__lte=now).select_related("connection", "workspace").order_by("next_at")[:AT_ONCE])
    return sum(_fetch(each) for each in due)


def _follow() -> None:
    """Read the log as far as it goes; a log that was made anew is read from its beginning."""
    with held(CURSOR) as cursor:
        if cursor is None:
            return
        position = cursor.position if cursor.position <= log.last_seq() else 0
        while rows := log.read_new(position, ROWS, _COLUMNS):
            wanted = {
                bytes(event): (workspace, connection, channel)
                for _seq, event, workspace, connection, channel, op, superseded, direction in rows
                if _keeps(channel) and direction == Direction.IN and op != Op.RETRACT and not superseded
            }
            with transaction.atomic():
                Attachment.objects.bulk_create(_noted(wanted), ignore_conflicts=True)
                advance(cursor, rows[-1][0], len(rows))
            position = rows[-1][0]


def _noted(wanted: dict[bytes, tuple[int, int, str]]) -> list[Attachment]:
    bodies = log.contents(wanted)
    return [
        Attachment(workspace_id=workspace, connection_id=connection, event_id=event, place=place)
        for event, (workspace, connection, channel) in wanted.items()
        for place, one in enumerate(told(channel, bodies.get(event, ("", "", ""))[2]))
        if one.ref
    ]


def _fetch(row: Attachment) -> bool:
    """Claimed by its own moment, so that two workers do not fetch the same."""
    now = timezone.now()
    mine = Attachment.objects.filter(pk=row.pk, next_at=row.next_at)
    if not mine.update(next_at=now + _CLAIM, tries=F("tries") + 1):
        return False
    one = _of(row)
    if one is None:
        Attachment.objects.filter(pk=row.pk).delete()
        return False
    try:
        file = outward.fetch(row.connection, one)
    except Problem as problem:
        over = problem.kind in ("gone", "permanent") or row.tries + 1 >= TRIES
        later = timedelta(seconds=problem.retry_after) if problem.retry_after else min(_FIRST * 4**row.tries, _LONGEST)
        Attachment.objects.filter(pk=row.pk).update(next_at=None if over else now + later, problem_code=problem.code[:60])
        return False
    return bool(Attachment.objects.filter(pk=row.pk).update(next_at=None, problem_code="", **_values(file)))


def _of(row: Attachment) -> Attached | None:
    """What was told of it; None when its words are gone."""
    content = Content.objects.filter(event_id=bytes(row.event_id)).first()
    files = told(Connection.objects.get(pk=row.connection_id).channel, content.body) if content else ()
    return files[row.place] if row.place < len(files) else None
