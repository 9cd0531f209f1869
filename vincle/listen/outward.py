"""Our words on their way out: what a channel allows, doing it through the connection's line, and the same words coming into the log."""

from datetime import datetime
from typing import Any

import msgspec
import structlog
from django.utils import timezone

from vincle.channels.base import Channel
from vincle.channels.live import Attached, Command, Context, File, Problem, Receipt, Way
from vincle.channels.registry import channels
from vincle.store.blame import said
from vincle.store.outside import OwnNetwork, Unreachable
from vincle.vocabulary import Direction, HandleRef

from . import actions, credentials, doctor, oauth
from .models import Activity, Connection, Content, Handle

PAUSED, DISCONNECTED = "paused", "disconnected"
logger = structlog.get_logger(__name__)


def perform(connection: Connection, command: Command, key: str) -> Receipt:
    """Do it there, and take our own words into the log at once. Raises Problem; what was done is never told as a Problem.

    `key` is the same on every try of the same deed. A connection that is paused is Problem("transient", "paused").
    """
    receipt = _asked(connection, lambda channel, line: channel.act(line, command, key))
    _keep(connection, receipt)
    return receipt


def found(connection: Connection, command: Command, key: str, since: datetime) -> Receipt | None:
    """Whether an earlier try went through whose answer never arrived; then its words are in the log as well. Raises Problem."""
    receipt: Receipt | None = _asked(connection, lambda channel, line: channel.found(line, command, key, since))
    if receipt is not None:
        _keep(connection, receipt)
    return receipt


def fetch(connection: Connection, attached: Attached) -> File:
    """A file the platform keeps. Raises Problem."""
    file: File = _asked(connection, lambda channel, line: channel.fetch(line, attached))
    return file


def ways(connection: Connection, context: Context, now: datetime | None = None) -> tuple[Way, ...]:
    """What may be answered to this on this connection, the best way first; nothing on one that is off."""
    if connection.token is None:
        return ()
    channel = _channel(connection)
    return channel.ways(context, connection.settings, frozenset(connection.abilities), now or timezone.now())


def length(connection: Connection, text: str) -> int:
    """How long the platform counts a text."""
    return _channel(connection).length(text)


def context_of(row: Activity, *, last_in_at: datetime | None = None, done: frozenset[str] = frozenset()) -> Context:
    """What a channel has to know of an act to answer it. `last_in_at`: when they last wrote in this conversation, if later than this."""
    content = Content.objects.of(row.workspace_id).filter(event_id=bytes(row.event_id)).first()
    author = Handle.objects.of(row.workspace_id).filter(key=row.actor).first() if row.actor else None
    own_moment = row.happened_at if row.direction == Direction.IN else None
    return Context(
        native_id=row.native_id, object_key=row.object_key, parent_key=row.parent_key, thread_key=row.thread_key,
        object_type=row.object_type, verb=row.verb, url=row.url, happened_at=row.happened_at, last_in_at=last_in_at or own_moment,
        author=HandleRef(author.kind, author.value, author.name) if author else None, title=content.title if content else "",
        text=content.text if content else "", props=_object(row.props), body=_object(content.body if content else ""), done=done,
    )  # fmt: skip


def _object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any]) if text else {}
    return found


def _channel(connection: Connection) -> Channel:
    known = channels().get(connection.channel)
    if known is None:
        raise Problem("permanent", "unknown_channel", connection.channel)
    return known


def _asked(connection: Connection, ask: Any) -> Any:
    """Ask the channel through the connection's line; rights that ran out are renewed once."""
    channel = _channel(connection)
    for is_last in (False, True):
        connection.refresh_from_db()
        if connection.token is None:
            raise Problem("permanent", DISCONNECTED)
        if not connection.is_enabled:
            raise Problem("transient", PAUSED)
        with credentials.line(connection) as line:
            try:
                return ask(channel, line)
            except Problem as problem:
                left = line.problem(problem) if is_last else oauth.mended(connection, line.problem(problem))
                if left is None:
                    continue
                if left.kind == "auth":
                    doctor.note(connection, left)
                raise left from problem
            except (OwnNetwork, Unreachable) as error:
                raise Problem("transient", "unreachable", line.clean(str(error))) from error
    raise AssertionError  # the second turn of the loop returns or raises


def _keep(connection: Connection, receipt: Receipt) -> None:
    """The deed is done whatever happens here: what cannot be kept now comes with the next page or webhook."""
    try:
        if receipt.quota is not None:
            Connection.objects.filter(pk=connection.pk).update(quota=receipt.quota)
        if receipt.raw:
            for delivery in actions.receive_all(connection, [receipt.raw]):
                actions.work_off(delivery)
    except Exception as error:
        logger.error("our own words are not in the log yet", connection=connection.pk, error=said(error))
