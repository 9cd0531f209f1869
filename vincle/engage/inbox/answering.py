"""Answering: what the channel allows, what has changed meanwhile, and the words handed to the outbox, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.live import Command, Context, Deed, File, Way
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox import voice
from vincle.engage.outbox.models import Send
from vincle.identify.models import Belonging
from vincle.listen.models import Activity, Connection
from vincle.vocabulary import Direction

from . import wording
from .actions import Refused, draft
from .models import Piece, Thread

ANSWERS: frozenset[str] = frozenset({"reply", "private_reply", "message"})
MOST_FILES, LARGEST = 4, 10 * 1024**2
LONGEST = 100_000
_OPEN = (Send.State.HELD, Send.State.WAITING, Send.State.SENDING, Send.State.SENT)


class Outdated(Exception):
    """Someone answered since: by words that stand (`pieces`), or by what is on its way (`sends`)."""

    def __init__(self, pieces: Sequence[Piece], sends: Sequence[Send]) -> None:
        super().__init__("outdated")
        self.pieces, self.sends = list(pieces), list(sends)


class Place(NamedTuple):
    """What is answered and how: the connection, the piece, what the channel knows of it, and the ways there are now."""

    connection: Connection
    piece: Piece | None
    about: Context
    ways: tuple[Way, ...]
    is_practice: bool
    can_act: bool

    def way(self, deed: str) -> Way | None:
        return next((way for way in self.ways if way.deed == deed), None)


def place_of(workspace: Workspace, thread: Thread, piece: Piece | None = None, now: datetime | None = None) -> Place:
    """`piece`: what is answered; the last thing they said when none is named."""
    connection = Connection.objects.of(workspace).select_related("workspace").get(pk=thread.connection_id)
    asked = piece or _last_of_theirs(workspace, thread)
    row = Activity.objects.of(workspace).filter(seq=asked.seq).first() if asked else None
    about = Context()
    if row is not None and asked is not None:
        context = voice.context_of(row)
        about = _with(context, thread, frozenset(_done(workspace, thread, asked)))
    able = voice.can_act(connection)
    ways = voice.ways(connection, about, now or timezone.now()) if able and row is not None else ()
    return Place(connection, asked, about, tuple(ways), voice.is_practice(connection), able)


def _last_of_theirs(workspace: Workspace, thread: Thread) -> Piece | None:
    theirs = Piece.objects.of(workspace).filter(thread=thread.key, direction=Direction.IN, state="")
    mine = theirs.filter(actor=thread.handle) if thread.handle is not None else theirs
    found: Piece | None = mine.order_by("-at", "-seq").first() or theirs.order_by("-at", "-seq").first()
    return found


def _with(context: Context, thread: Thread, done: frozenset[str]) -> Context:
    return msgspec.structs.replace(context, last_in_at=thread.last_in_at or context.last_in_at, done=done)


def _done(workspace: Workspace, thread: Thread, piece: Piece) -> Sequence[str]:
    """Deeds done already for this: a private reply (one on its way is one), a like, a hiding."""
    private = Send.objects.of(workspace).filter(thread=thread.key, about=piece.key, deed="private_reply", state__in=_OPEN)
    told = (("private_reply", private.exists()), ("like", piece.we_like), ("hide", piece.state == Piece.State.HIDDEN))
    return [deed for deed, is_done in told if is_done]


def mark(workspace: Workspace, thread: Thread) -> str:
    """How far someone who reads the conversation now has seen it: handed back with their answer."""
    return f"{thread.last_seq}.{_last_send(workspace, thread)}"


def _last_send(workspace: Workspace, thread: Thread) -> int:
    sends = Send.objects.of(workspace).filter(thread=thread.key)
    return int(sends.aggregate(last=Max("pk"))["last"] or 0)


def reply(
    workspace: Workspace, user: User, thread: Thread, deed: str, text: str, *, key: str, seen: str, piece: Piece | None = None,
    subject: str = "", files: Sequence[File] = (), confirmed: bool = False,
) -> Send:  # fmt: skip
    """Answer. Raises Refused with what is wrong, Outdated when someone answered since `seen` (unless `confirmed`)."""
    if deed not in ANSWERS:
        raise Refused(_("This cannot be done here."))
    words = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words and not files:
        raise Refused(_("An answer needs some words."))
    with transaction.atomic():
        locked = Thread.objects.of(workspace).filter(pk=thread.pk).select_for_update().first()
        if locked is None:
            raise Refused(_("There is no such conversation."))
        standing = Send.objects.of(workspace).filter(key=_key(user, key)).first()
        if standing:
            return standing
        if not confirmed:
            _check_seen(workspace, locked, seen, user)
        place = place_of(workspace, locked, piece)
        _check_way(place, deed, words, files)
        made = _put(workspace, user, locked, place, _command(place, deed, words, subject, files), key)
        _take_on(locked, user)
        draft(workspace, user, locked.key, deed, "")
    return made


def _key(user: User, key: str) -> str:
    return f"inbox:{user.pk}:{key}"[:80]


def _check_seen(workspace: Workspace, thread: Thread, seen: str, user: User) -> None:
    seq, _sep, send = seen.partition(".")
    if not (seq.isascii() and seq.isdigit() and send.isascii() and send.isdigit() and len(seen) < 40):
        raise Refused(_("This page is too old. Load it again; your draft is kept."))
    pieces = list(Piece.objects.of(workspace).filter(thread=thread.key, direction=Direction.OUT, seq__gt=int(seq), is_machine=False))
    sends = list(
        Send.objects.of(workspace).filter(thread=thread.key, pk__gt=int(send), deed__in=ANSWERS, state__in=_OPEN).select_related("by")
    )
    known = {each.piece for each in sends}
    pieces = [each for each in pieces if each.key not in known and not _is_seen_send(workspace, each, int(send))]
    if pieces or sends:
        raise Outdated(pieces, sends)


def _is_seen_send(workspace: Workspace, piece: Piece, send: int) -> bool:
    """Whether a piece is what they had seen on its way already."""
    return Send.objects.of(workspace).filter(piece=piece.key, pk__lte=send).exists()


def _check_way(place: Place, deed: str, text: str, files: Sequence[File]) -> None:
    way = place.way(deed)
    if not place.can_act:
        raise Refused(_("This connection only listens: nothing can be sent through it."))
    if way is None or not way.is_open:
        raise Refused(wording.closed(way) if way else _("This cannot be answered in this way."))
    if len(text) > LONGEST:
        raise Refused(_("This is too long."))
    if way.longest is not None and (length := voice.length(place.connection, text)) > way.longest:
        raise Refused(_("This is too long: %(length)d of %(most)d.") % {"length": length, "most": way.longest})
    if len(files) > min(way.takes_files, MOST_FILES):
        raise Refused(_("At most %(most)d files can be attached here.") % {"most": min(way.takes_files, MOST_FILES)})
    if sum(len(each.content) for each in files) > LARGEST:
        raise Refused(_("The files are too large: 10 MB in all."))


def _command(place: Place, deed: str, text: str, subject: str, files: Sequence[File]) -> Command:
    kind: Deed = deed  # type: ignore[assignment]
    return Command(deed=kind, about=place.about, text=text, subject=" ".join(subject.split())[:300], files=tuple(files))


def _put(workspace: Workspace, user: User, thread: Thread, place: Place, command: Command, key: str, hold: timedelta = outbox.HOLD) -> Send:
    handle = place.piece.actor if place.piece else thread.handle
    person = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first() if handle else None
    try:
        made = outbox.put(
            workspace, user, place.connection, command, key=_key(user, key), thread=thread.key,
            about=place.piece.key if place.piece else None, person=person, handle=handle, hold=hold,
        )  # fmt: skip
    except outbox.NotAllowed as no:
        raise Refused(wording.not_allowed(no.code)) from no
    Thread.objects.of(workspace).filter(pk=thread.pk).update(changed_at=timezone.now())
    return made


def _take_on(thread: Thread, user: User) -> None:
    """Who answers what nobody looks after looks after it."""
    Thread.objects.filter(pk=thread.pk, assignee=None).update(assignee=user, assigned_at=timezone.now())


def do(workspace: Workspace, user: User, thread: Thread, piece: Piece, deed: str, key: str) -> Send:
    """A deed without words: like, hide, and their opposites. At once: it can be taken back by its opposite. Raises Refused."""
    if deed not in ("like", "unlike", "hide", "unhide", "boost", "delete"):
        raise Refused(_("This cannot be done here."))
    with transaction.atomic():
        place = place_of(workspace, thread, piece)
        way = place.way(deed)
        if not place.can_act or way is None or not way.is_open:
            raise Refused(wording.closed(way) if way else _("This cannot be done here."))
        kind: Deed = deed  # type: ignore[assignment]
        made = _put(workspace, user, thread, place, Command(deed=kind, about=place.about), key, hold=timedelta())
        audit.record(workspace, user, deed, "conversation", thread.public, piece=piece.public)
    return made


def take_back(workspace: Workspace, user: User, send: Send) -> bool:
    """Within the ten seconds, or when it failed: the words become a draft again."""
    if not outbox.cancel(workspace, user, send):
        return False
    if send.thread is not None and send.by_id == user.pk and send.deed in ANSWERS:
        draft(workspace, user, send.thread, send.deed, send.text)
    return True
