"""Questions that wait for an answer, whoever has waited longest first."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from vincle.accounts.models import Workspace
from vincle.listen import log
from vincle.vocabulary import public_id

from .models import Piece, Thread
from .threads import Face, faces

MOST = 1000
SHOWN, LONGEST = 30, 240


class Question(NamedTuple):
    """Who asked what, where and when; `pid` of the conversation."""

    pid: str
    face: Face | None
    words: str
    channel: str
    since: datetime
    is_urgent: bool


class Questions(NamedTuple):
    """`total` goes up to MOST + 1: beyond it is only said that there are more."""

    rows: list[Question]
    total: int
    oldest: datetime | None


def questions(workspace: Workspace, channels: tuple[str, ...] = (), most: int = SHOWN) -> Questions:
    """Three queries, however many there are."""
    rows = Thread.objects.of(workspace).filter(state=Thread.State.OPEN, is_here=True, waiting_since__isnull=False)
    if channels:
        rows = rows.filter(channel__in=channels)
    asked = Piece.objects.of(workspace).filter(thread=OuterRef("key"), at__gte=OuterRef("waiting_since"), direction="in", asks=True)
    asked = asked.filter(state="", is_spam=False, is_machine=False)
    rows = rows.filter(Exists(asked)).order_by("waiting_since", "key")
    said = Subquery(asked.order_by("at", "seq").values("event")[:1])
    found = list(rows.annotate(said=said).values_list("key", "handle", "channel", "waiting_since", "is_urgent", "said")[: MOST + 1])
    shown = found[:most]
    words = log.contents(bytes(row[5]) for row in shown)
    who = faces({row[1] for row in shown if row[1] is not None})
    listed = [_question(row, who.get(row[1] or 0), words.get(bytes(row[5]), ("", "", ""))) for row in shown]
    return Questions(listed, len(found), found[0][3] if found else None)


def _question(row: tuple[int, int, str, datetime, bool, bytes], face: Face | None, content: tuple[str, str, str]) -> Question:
    key, _handle, channel, since, is_urgent, _event = row
    return Question(public_id(key), face, " ".join((content[0] or content[1])[:LONGEST].split()), channel, since, is_urgent)
