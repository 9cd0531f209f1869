"""A conversation as it is read: what was said by whom, what is on its way, the team's notes, who else looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vincle.accounts.models import User, Workspace
from vincle.engage.keys import piece_key
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import AUTOMATIC, Send
from vincle.listen import attachments, log
from vincle.listen.models import Activity
from vincle.listen.views_understanding import Said, at_a_glance
from vincle.organise.timeline import safe_link

from . import attached, wording
from .models import Note, Piece, Presence, Thread
from .threads import faces

MOST = 200
NEAR = timedelta(seconds=25)
TYPING = timedelta(seconds=12)
TRANSLATE = "https://translate.google.com/?sl=auto&op=translate&"
"""Where words in another language than the reader's may be taken, by whoever follows the link; nothing goes there by itself."""


class Attachment(NamedTuple):
    """`place`: its number, where it can be looked at here. `size` in bytes."""

    name: str
    url: str
    place: int | None = None
    size: int | None = None
    is_picture: bool = False


@dataclass
class Entry:
    """One line of a conversation: something said (`piece`), on its way (`send`), or noted (`note`)."""

    at: datetime
    name: str = ""
    person: int | None = None
    kind: str = "person"
    piece: Piece | None = None
    send: Send | None = None
    note: Note | None = None
    words: str = ""
    title: str = ""
    language: str = ""
    said: Said | None = None
    rating: str = ""
    link: str = ""
    translate: str = ""
    depth: int = 0
    is_ours: bool = False
    is_peer: bool = False
    by: str = ""
    left: int = 0
    trouble: Any = None
    attachments: list[Attachment] = field(default_factory=list)


class Above(NamedTuple):
    """Under what it stands: our post, or someone's."""

    words: str
    at: datetime | None
    link: str
    is_ours: bool


class Conversation(NamedTuple):
    entries: list[Entry]
    above: Above | None
    is_cut: bool
    last_seq: int


def read(workspace: Workspace, thread: Thread, older: bool = False) -> Conversation:
    """All of it in the order in which it was said; of a long one the latest 200 unless `older` is asked for."""
    found = list(Piece.objects.of(workspace).filter(thread=thread.key).order_by("-at", "-seq")[: 5000 if older else MOST + 1])
    is_cut = not older and len(found) > MOST
    pieces = found[: 5000 if older else MOST][::-1]
    sends = list(outbox.of_thread(workspace, thread.key))
    notes = list(Note.objects.of(workspace).filter(thread=thread.key, deleted_at=None).select_related("by").order_by("at"))
    entries = _said(workspace, thread, pieces, {send.piece: send for send in sends if send.piece})
    entries += [_noted(each) for each in notes]
    entries += [_going(each) for each in sends if _is_shown(each, {piece.key for piece in pieces})]
    entries.sort(key=lambda entry: entry.at)
    return Conversation(entries, _above(workspace, thread), is_cut, max((piece.seq for piece in pieces), default=0))


_ROW = ("seq", "event_id", "rating", "rating_max", "url", "verb", "object_type", "language")


def _said(workspace: Workspace, thread: Thread, pieces: Sequence[Piece], sends: dict[int, Send]) -> list[Entry]:
    seqs = [piece.seq for piece in pieces]
    rows = {row["seq"]: row for row in Activity.objects.of(workspace).filter(seq__in=seqs).values(*_ROW)}
    words = log.contents(bytes(piece.event) for piece in pieces if not piece.state)
    who = faces({piece.actor for piece in pieces if piece.actor})
    glance = at_a_glance(workspace, seqs)
    depths: dict[int, int] = {}
    reads = (get_language() or "").split("-")[0]
    entries = []
    for piece in pieces:
        depths[piece.key] = depth = min(depths.get(piece.parent or 0, -1) + 1, 3) if thread.kind in ("comment", "mention") else 0
        content = words.get(bytes(piece.event), ("", "", ""))
        entry = _entry(thread.channel, piece, rows.get(piece.seq, {}), content, who.get(piece.actor or 0))
        entry.depth, entry.said = depth, None if piece.state else glance.get(piece.seq)
        entry.language = (entry.said.language if entry.said else "") or entry.language
        if entry.language == reads:
            entry.translate = ""
        if (send := sends.get(piece.key)) is not None:
            entry.by, entry.send = _who(send), None
        entries.append(entry)
    return entries


def _entry(channel: str, piece: Piece, row: dict[str, Any], content: tuple[str, str, str], face: Any) -> Entry:
    text, title, body = content
    rating = f"{row['rating']:g}/{row['rating_max']:g}" if row.get("rating") is not None and row.get("rating_max") else ""
    is_ours = piece.direction == "out"
    return Entry(
        piece.at, face.name if face else "", face.person if face else None, face.kind if face else "person", piece, words=text,
        title=title, language=row.get("language", "") or "", rating=rating, link=safe_link(row.get("url", "") or ""), is_ours=is_ours,
        translate=_translation(text) if text and not is_ours else "", is_peer=piece.is_peer,
        attachments=_attachments(channel, body),
    )  # fmt: skip


def _translation(text: str) -> str:
    return f"{TRANSLATE}{urlencode({'tl': get_language() or 'en', 'text': text[:1500]})}"


def _attachments(channel: str, body: str) -> list[Attachment]:
    """What was attached: files that can be looked at here, else names and addresses as far as its channel kept them."""
    if files := attachments.told(channel, body):
        return [
            Attachment(each.name[:120] or "…", "", place if each.ref else None, each.size, attached.is_picture(each))
            for place, each in enumerate(files)
        ]
    if '"attachments"' not in body:
        return []
    try:
        told = msgspec.json.decode(body).get("attachments")
    except (msgspec.DecodeError, AttributeError):
        return []
    found = []
    for each in told[:20] if isinstance(told, list) else ():
        if isinstance(each, str):
            found.append(Attachment(each[:120], ""))
        elif isinstance(each, dict):
            payload = each.get("payload")
            inner: dict[str, Any] = payload if isinstance(payload, dict) else each
            url = next((str(inner[name]) for name in ("url", "link", "href") if isinstance(inner.get(name), str)), "")
            name = next((str(each[key]) for key in ("name", "filename", "title", "type") if isinstance(each.get(key), str)), "")
            found.append(Attachment(name[:120] or "…", safe_link(url)))
    return found


def _is_shown(send: Send, known: set[int]) -> bool:
    """What is said already stands among what was said; what was taken back is gone; deeds show where they were done."""
    if send.state == Send.State.CANCELLED or (send.state == Send.State.SENT and (send.piece in known or send.deed not in _WORDS)):
        return False
    return send.deed in _WORDS or send.state in (Send.State.FAILED, Send.State.DEAD)


_WORDS = frozenset({"reply", "private_reply", "message"})


def _going(send: Send) -> Entry:
    entry = Entry(send.sent_at or send.created_at, send=send, words=send.text, is_ours=True, by=_who(send))
    if send.state in (Send.State.FAILED, Send.State.DEAD) or send.problem_code:
        entry.trouble = wording.trouble(send.problem_kind, send.problem_code, send.problem_detail)
    if send.state == Send.State.HELD:
        entry.left = max(0, round((send.not_before - timezone.now()).total_seconds()))
    return entry


def _who(send: Send) -> str:
    """Who of the team sent it; what nobody did leaves by itself."""
    return _("sent by itself") if send.key.startswith(AUTOMATIC) else str(send.by or "")


def _noted(note: Note) -> Entry:
    return Entry(note.at, note=note, words=note.text, by=str(note.by or ""))


def _above(workspace: Workspace, thread: Thread) -> Above | None:
    """The post under which it stands, if it was ever heard of."""
    if not thread.root_key:
        return None
    piece = Piece.objects.of(workspace).filter(key=piece_key(thread.connection_id, thread.root_key), state="").first()
    if piece is None or piece.thread == thread.key:
        return None
    text, title, _body = log.contents([bytes(piece.event)]).get(bytes(piece.event), ("", "", ""))
    url = Activity.objects.of(workspace).filter(seq=piece.seq).values_list("url", flat=True).first() or ""
    return Above(" ".join((text or title).split())[:160], piece.at, safe_link(url), piece.direction == "out")


class Other(NamedTuple):
    """A colleague who looks at it now."""

    name: str
    key: int
    is_typing: bool


def others(workspace: Workspace, thread: int, user: User) -> list[Other]:
    """Who else looks at a conversation, those who write first."""
    now = timezone.now()
    rows = Presence.objects.of(workspace).filter(thread=thread, seen_at__gt=now - NEAR).exclude(user=user).select_related("user")
    found = [Other(str(row.user), row.user_id, bool(row.typed_at and row.typed_at > now - TYPING)) for row in rows]
    return sorted(found, key=lambda other: (not other.is_typing, other.name))
