"""What the channels themselves allow: most let nobody be written to privately who has not written first, or not lately."""

from collections.abc import Sequence
from datetime import datetime

from vincle.channels.live import Context
from vincle.listen.models import Connection
from vincle.store import bulk
from vincle.vocabulary import HandleRef, ObjectType, Verb

from . import voice
from .rules import Window

_LAST = (
    "SELECT connection_id, actor, MAX(happened_at) FROM listen_activity WHERE direction = 'in' AND object_type = 'Message' "
    "AND NOT superseded AND actor IN ({}) GROUP BY connection_id, actor"
)


def windows(workspace: int, places: Sequence[tuple[int, int]], now: datetime) -> dict[tuple[int | None, int | None], Window]:
    """For each (connection, handle) whether a private message may go there now."""
    if not places:
        return {}
    handles = {handle for _connection, handle in places}
    last = {(connection, actor): bulk.moment(at) for connection, actor, at in bulk.select(_LAST, handles)}
    named = {key: HandleRef(kind, value, name) for key, kind, value, name in bulk.select(
        "SELECT key, kind, value, name FROM listen_handle WHERE key IN ({})", handles)}  # fmt: skip
    sources = Connection.objects.of(workspace).in_bulk({connection for connection, _handle in places})
    found: dict[tuple[int | None, int | None], Window] = {}
    for place in dict.fromkeys(places):
        connection, handle = place
        if connection in sources and handle in named:
            found[place] = _window(sources[connection], named[handle], last.get(place), now)
    return found


def _window(source: Connection, author: HandleRef, last_in_at: datetime | None, now: datetime) -> Window:
    about = Context(
        object_type=ObjectType.MESSAGE, verb=Verb.CREATE, author=author, last_in_at=last_in_at, happened_at=last_in_at,
        thread_key=author.value, native_id="",
    )  # fmt: skip
    ways = [way for way in voice.ways(source, about, now) if way.deed in ("message", "private_reply", "reply")]
    if any(way.is_open for way in ways):
        return Window()
    return Window(False, ways[0].code if ways else "cannot_write_there")
