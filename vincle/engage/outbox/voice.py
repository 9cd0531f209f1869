"""By which way a deed reaches its platform: the channel's own, or, for a connection to practise on, the log alone.

A connection whose settings say `practice` never leaves this installation: what is answered there stands in the log as if it had been said.
"""

from datetime import datetime

from django.utils import timezone

from vincle.channels.live import Command, Context, Receipt, Way
from vincle.channels.registry import channels
from vincle.listen import log
from vincle.listen.models import Activity as ActivityRow
from vincle.listen.models import Connection, Handle
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Retraction, Verb
from vincle.vocabulary.activity import Item

PRACTICE = "practice"
_LONGEST = 5_000


def is_practice(connection: Connection) -> bool:
    return bool(connection.settings.get(PRACTICE))


def can_act(connection: Connection) -> bool:
    """Whether anything of ours can reach that place at all."""
    found = channels().get(connection.channel)
    return is_practice(connection) or (found is not None and "act" in found.spec.capabilities and connection.token is not None)


def ways(connection: Connection, about: Context, now: datetime) -> tuple[Way, ...]:
    """What may be answered there now; empty: nothing can."""
    if is_practice(connection):
        return _practice_ways(connection, about, now)
    if not can_act(connection):
        return ()
    from vincle.listen import outward  # at first use: it brings the clients of every protocol

    return outward.ways(connection, about, now)


def length(connection: Connection, text: str) -> int:
    """How long that platform counts a text."""
    found = channels().get(connection.channel)
    return found.length(text) if found else len(text)


def context_of(row: ActivityRow) -> Context:
    from vincle.listen import outward

    return outward.context_of(row)


def perform(connection: Connection, command: Command, key: str) -> Receipt:
    """Do it; our own words enter the log. Raises Problem."""
    if is_practice(connection):
        return _practise(connection, command, key)
    from vincle.listen import outward

    return outward.perform(connection, command, key)


def found(connection: Connection, command: Command, key: str, since: datetime) -> Receipt | None:
    """Whether an earlier try went through whose answer never arrived; if so our words are in the log now. Raises Problem."""
    if is_practice(connection):
        return None  # doing it again writes the same row: nothing comes twice
    from vincle.listen import outward

    return outward.found(connection, command, key, since)


def _practice_ways(connection: Connection, about: Context, now: datetime) -> tuple[Way, ...]:
    channel = channels().get(connection.channel)
    if channel and "act" in channel.spec.capabilities and (open_there := channel.ways(about, connection.settings, frozenset(), now)):
        return open_there
    if about.object_type == ObjectType.MESSAGE:
        return (Way(deed="message", longest=_LONGEST),)
    return (Way(deed="reply", longest=_LONGEST), Way(deed="like"), Way(deed="hide"))


def _practise(connection: Connection, command: Command, key: str) -> Receipt:
    now = timezone.now()
    native = f"practice:{key}"
    log.append(connection, [_said(connection, command, native, now)], now)
    return Receipt(native_id=native, happened_at=now)


def _said(connection: Connection, command: Command, native: str, now: datetime) -> Item:
    about = command.about
    thing = about.object_key or about.native_id
    if command.deed in ("hide", "delete"):
        return Retraction(native_id=about.native_id, happened_at=now, object_key=thing, version=native,
                          reason="hidden" if command.deed == "hide" else "deleted")  # fmt: skip
    us = _ourselves(connection, about)
    if command.deed in ("like", "unlike"):
        verb = Verb.LIKE if command.deed == "like" else Verb.UNDO
        return Activity(verb=verb, object_type=ObjectType.NOTE, native_id=native, happened_at=now, actor=us,
object_key=thing, reaction="like", direction=Direction.OUT)  # fmt: skip
    private = command.deed in ("message", "private_reply")
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE if private else ObjectType.NOTE, native_id=native, happened_at=now, actor=us,
        target=about.author, direction=Direction.OUT, object_key=native, parent_key=thing,
        thread_key=f"with:{about.author.value}" if command.deed == "private_reply" and about.author else about.thread_key or thing,
        text=command.text, title=command.subject,
    )  # fmt: skip


def _ourselves(connection: Connection, about: Context) -> HandleRef:
    """The account that speaks: ours of the same kind as the one we answer, if we have one."""
    kind = about.author.kind if about.author else connection.channel
    own = Handle.objects.of(connection.workspace_id).filter(is_own=True, kind=kind).order_by("first_seen").first()
    return HandleRef(own.kind, own.value, own.name) if own else HandleRef(kind, f"us@{connection.pk}", connection.workspace.name)
