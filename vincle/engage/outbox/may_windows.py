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
    "SELECT connection_id, actor, happened_at, thread_key FROM (SELECT connection_id, actor, happened_at, thread_key, ROW_NUMBER() OVER "
    "(PARTITION BY connection_id, actor ORDER BY happened_at DESC, seq DESC) AS place FROM listen_activity WHERE direction = 'in' "
    "AND object_type = 'Message' AND NOT superseded AND actor IN ({})) AS said WHERE place = 1"
)
Place = tuple[int, int]
"""(connection, handle)"""


def windows(workspace: int, places: Sequence[Place], now: datetime) -> dict[tuple[int | None, int | None], Window]:
    """For each (connection, handle) whether a private message may go there now."""
    sources = Connection.objects.of(workspace).in_bulk({connection for connection, _handle in places})
    return {place: _window(sources[place[0]], about, now) for place, about in talks(workspace, places).items() if place[0] in sources}


def talks(workspace: int, places: Sequence[Place]) -> dict[Place, Context]:
    """For each (connection, handle) what a channel has to know to write there: their talk with us, and when they last said something."""
    if not places:
        return {}
    handles = {handle for _connection, handle in places}
    last = {(connection, actor): (bulk.moment(at), thread) for connection, actor, at, thread in bulk.select(_LAST, handles)}
    rows = bulk.select("SELECT key, kind, value, name, workspace_id FROM listen_handle WHERE key IN ({})", handles)
    named = {key: HandleRef(kind, value, name) for key, kind, value, name, whose in rows if whose == workspace}
    return {place: _about(named[place[1]], *last.get(place, (None, ""))) for place in dict.fromkeys(places) if place[1] in named}


def _about(author: HandleRef, last_in_at: datetime | None, thread: str) -> Context:
    return Context(
        object_type=ObjectType.MESSAGE, verb=Verb.CREATE, author=author, last_in_at=last_in_at, happened_at=last_in_at,
        thread_key=thread or author.value, native_id="",
    )  # fmt: skip


def _window(source: Connection, about: Context, now: datetime) -> Window:
    ways = [way for way in voice.ways(source, about, now) if way.deed in ("message", "private_reply", "reply")]
    if any(way.is_open for way in ways):
        return Window()
    return Window(False, ways[0].code if ways else "cannot_write_there")
