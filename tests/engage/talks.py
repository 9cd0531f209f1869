"""Conversations brought in through the log, as channels do."""

from datetime import UTC, datetime, timedelta
from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.inbox.models import Piece, Thread
from vincle.engage.keys import piece_key
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.project import pipeline
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Op, Retraction, Verb
from vincle.vocabulary.activity import Item

NOW = datetime.now(UTC).replace(microsecond=0)
US = HandleRef("instagram", "1", "cafe.lligam")
NURIA, PEP, ANA = (HandleRef("instagram", str(n), name) for n, name in ((11, "nuria"), (12, "pep"), (13, "ana")))
POST = "post-1"


def at(minutes: float) -> datetime:
    """So many minutes ago."""
    return NOW - timedelta(minutes=minutes)


def said(native: str, who: HandleRef, minutes: float, text: str = "", **more: Any) -> Activity:
    """A comment unless `kind` says otherwise; under the post unless `parent` says otherwise."""
    kind = more.pop("kind", ObjectType.NOTE)
    ours = who == US
    fields = {"object_key": native, "parent_key": more.pop("parent", POST), "thread_key": POST} | more
    return Activity(
        verb=Verb.CREATE, object_type=kind, native_id=native, happened_at=at(minutes), actor=who, text=text,
        direction=Direction.OUT if ours else Direction.IN, **fields,
    )  # fmt: skip


def post(minutes: float = 600, text: str = "Christmas blend is here") -> Activity:
    return said(POST, US, minutes, text, parent="")


def message(native: str, who: HandleRef, minutes: float, text: str = "", **more: Any) -> Activity:
    other = NURIA if who == US else US
    return said(native, who, minutes, text, kind=ObjectType.MESSAGE, parent="", thread_key="chat-11", target=other, **more)


def like(native: str, who: HandleRef, about: str, minutes: float = 1, verb: Verb = Verb.LIKE) -> Activity:
    return Activity(
        verb=verb, object_type=ObjectType.NOTE, native_id=native, happened_at=at(minutes), actor=who, object_key=about, reaction="like",
        direction=Direction.OUT if who == US else Direction.IN,
    )  # fmt: skip


def gone(native: str, reason: str = "deleted") -> Retraction:
    return Retraction(native_id=native, happened_at=NOW, object_key=native, reason=reason, version=reason)


def edited(act: Activity, text: str) -> Activity:
    values = {name: getattr(act, name) for name in act.__struct_fields__}
    return Activity(**values | {"op": Op.CORRECT, "version": "1", "text": text})


def hear(workspace: Workspace, *items: Item, channel: str = "instagram", received: datetime = NOW) -> Connection:
    """Append and let everything follow."""
    source = listen.connection_for(workspace, channel)
    log.append(source, items, received)
    follow()
    return source


def follow() -> None:
    """The steps up to conversations, until nothing moves."""
    while pipeline.follow(("understand", "identify", "organise", "engage")):
        pass


def thread_of(source: Connection, native: str) -> Thread:
    """The conversation in which this was said."""
    piece = Piece.objects.get(key=piece_key(source.pk, native))
    assert piece.thread is not None
    found: Thread = Thread.objects.get(key=piece.thread)
    return found
