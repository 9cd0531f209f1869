"""How what people say becomes conversations, and who waits for an answer. Pure.

A direct message or a letter belongs to the talk with the one who wrote it; a comment to the tree that begins with the first comment under
a post; a review and a mention begin a conversation of their own. Our own posts are what conversations stand under.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from vincle.vocabulary import ObjectType, Verb

SPOKEN: Final = frozenset({ObjectType.NOTE, ObjectType.MESSAGE, ObjectType.REVIEW, ObjectType.MENTION, ObjectType.IMAGE, ObjectType.VIDEO})
ASKING: Final = frozenset({"question", "complaint", "contact_request", "purchase_intent", "churn_threat"})
URGENT: Final = 0.6
FRESH: Final = timedelta(days=14)
"""What was said longer before we heard of it is past: nobody waits for an answer to it."""

_HOUR: Final = 3600
_URGENCY_WEIGHS, _QUESTION_WEIGHS, _ANGER_WEIGHS, _PRAISE_WAITS = 48 * _HOUR, 6 * _HOUR, 4 * _HOUR, 72 * _HOUR


def is_speech(verb: str, object_type: str) -> bool:
    """Whether an act may be part of a conversation."""
    return verb == Verb.CREATE and object_type in SPOKEN


def talk(thread_key: str, counterpart: int | None) -> str:
    """What the talk of a message is called: the platform's name of it, else whom it is with.

    >>> talk("chat-1", 7), talk("", 7), talk("", None)
    ('chat-1', 'with:7', '')
    """
    return thread_key or (f"with:{counterpart}" if counterpart is not None else "")


def opens(object_type: str, is_reply: bool, can_act: bool) -> str:
    """Which kind of conversation something begins that someone says in public; "" when it begins none.

    `can_act`: the channel can answer. What is said elsewhere without naming us (a feed, a file of posts) is listened to, not answered.

    >>> opens("Note", True, False), opens("Review", False, False), opens("Note", False, True), opens("Note", False, False)
    ('comment', 'review', 'mention', '')
    """
    if object_type == ObjectType.REVIEW:
        return "review"
    if object_type == ObjectType.MENTION:
        return "mention"
    if is_reply:
        return "comment"
    return "mention" if can_act and object_type != ObjectType.MESSAGE else ""


class Said(NamedTuple):
    """One thing said, as far as it matters here. Times are aware; `state` is "" while it stands."""

    key: int
    parent: int | None
    at: datetime
    seq: int
    received_at: datetime
    is_ours: bool
    actor: int | None
    object_type: str
    state: str
    is_machine: bool
    is_heard: bool
    asks: bool
    thanks: bool
    is_spam: bool
    sentiment: str
    urgency: float
    language: str
    thanked: bool
    event: bytes


class Summary(NamedTuple):
    """What a conversation comes to. `peers`: keys of what customers answered each other; `thanked`: those of them that were thanked for."""

    is_here: bool
    messages: int
    handle: int | None
    urgency: float
    sentiment: str
    language: str
    first_at: datetime
    last_at: datetime
    last_in_at: datetime | None
    last_out_at: datetime | None
    waiting_since: datetime | None
    rank: int | None
    first_answer_at: datetime | None
    by_peer: bool
    first_event: bytes | None
    last_event: bytes | None
    last_seq: int
    heard_at: datetime | None
    peers: frozenset[int]
    thanked: frozenset[int]
    asked_at: datetime | None
    """When they first wanted an answer; None when they never did while it was fresh."""


def summarise(pieces: Iterable[Said], is_public: bool, aside: Sequence[datetime] = ()) -> Summary | None:
    """What the pieces of one conversation come to; None when there are none.

    `is_public`: others than the one who began may answer. `aside`: when we answered in another place (in private).
    """
    every = sorted(pieces, key=lambda piece: (piece.at, piece.seq))
    there = [piece for piece in every if piece.state != "deleted"] or every
    if not there:
        return None
    return _Walk(there, is_public, aside).summary(is_here=any(not piece.is_ours and piece.state != "deleted" for piece in there))


class _Walk:
    """Goes through a conversation in the order in which it was said."""

    def __init__(self, there: Sequence[Said], is_public: bool, aside: Sequence[datetime]) -> None:
        self.there, self.is_public, self.aside = there, is_public, sorted(aside)
        people = [piece for piece in there if not piece.is_ours]
        self.asker = next((piece.actor for piece in people if not piece.is_machine), people[0].actor if people else None)
        self.waiting: Said | None = None
        self.urgency, self.asks = 0.0, False
        self.answered_at: datetime | None = None
        self.heard_at: datetime | None = None
        self.asked_at: datetime | None = None
        self.by_peer = False
        self.open_peers: list[int] = []
        self.peers: set[int] = set()
        self.thanked: set[int] = set()
        self.has_asked = False
        asides = list(self.aside)
        for piece in there:
            while asides and asides[0] <= piece.at:
                self._answer(asides.pop(0))
            if not piece.state:
                self._hear(piece)
        for at in asides:
            self._answer(at)

    def _hear(self, piece: Said) -> None:
        if piece.is_ours:
            if piece.thanks:
                self._thank()
            if not piece.is_machine:
                self._answer(piece.at)
        elif piece.is_machine or piece.is_spam:
            return
        elif self._is_peer(piece):
            self.peers.add(piece.key)
            self.open_peers.append(piece.key)
            if piece.thanked:
                self.open_peers.remove(piece.key)
                self._thank(piece.key)
        elif piece.actor == self.asker and piece.thanks and not piece.asks and (self.answered_at or self.open_peers):
            self._thank()
        elif self._wants(piece):
            self._wait(piece)

    def _is_peer(self, piece: Said) -> bool:
        return self.is_public and piece.actor != self.asker and piece.parent is not None and self.has_asked and not piece.asks

    def _wants(self, piece: Said) -> bool:
        if piece.parent is None and piece.object_type not in (ObjectType.MENTION, ObjectType.REVIEW, ObjectType.MESSAGE):
            wanted = piece.asks or piece.sentiment == "negative"  # someone speaks without naming us
        else:
            wanted = piece.actor == self.asker or not self.is_public or piece.asks
        self.has_asked = self.has_asked or (wanted and (piece.asks or piece.sentiment == "negative"))
        return wanted and piece.is_heard

    def _wait(self, piece: Said) -> None:
        self.waiting = self.waiting or piece
        self.asked_at = self.asked_at or piece.at
        self.urgency, self.asks = max(self.urgency, piece.urgency), self.asks or piece.asks
        self.by_peer = False
        self.heard_at = max(self.heard_at or piece.received_at, piece.received_at)

    def _answer(self, at: datetime) -> None:
        self.answered_at = self.answered_at or at
        self.waiting, self.urgency, self.asks = None, 0.0, False

    def _thank(self, key: int | None = None) -> None:
        """Peers who answered are thanked: nobody waits any more."""
        keys = [key] if key is not None else self.open_peers
        if not keys:
            return
        self.thanked.update(keys)
        self.open_peers = [each for each in self.open_peers if each not in self.thanked]
        self.by_peer = self.by_peer or self.waiting is not None
        self.waiting, self.urgency, self.asks = None, 0.0, False

    def summary(self, is_here: bool) -> Summary:
        there = self.there
        theirs = [piece for piece in there if not piece.is_ours]
        ours = [piece.at for piece in there if piece.is_ours] + self.aside
        shown = [piece for piece in there if not piece.state] or list(there)
        felt = [piece for piece in theirs if piece.sentiment and not piece.state]
        tongue = next((piece.language for piece in reversed(theirs) if piece.language), "")
        since = self.waiting.at if self.waiting else None
        tone = felt[-1].sentiment if felt else ""
        asked_first = bool(theirs) and theirs[0].at <= min(ours, default=theirs[0].at)
        return Summary(
            is_here, len(there), self.asker, self.urgency, tone, tongue, there[0].at, max([there[-1].at, *self.aside]),
            theirs[-1].at if theirs else None, max(ours, default=None), since, rank(since, self.urgency, tone, self.asks),
            self.answered_at if asked_first else None, self.by_peer, there[0].event, shown[-1].event, max(piece.seq for piece in there),
            self.heard_at, frozenset(self.peers), frozenset(self.thanked), self.asked_at,
        )  # fmt: skip


def rank(since: datetime | None, urgency: float, sentiment: str, asks: bool = False) -> int | None:
    """Who is answered first: the moment since when they wait, in seconds, as if earlier where it is urgent, they ask or are angry, and
    as if later where they only praise.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 2, tzinfo=UTC)
    >>> rank(at, 0.9, "") < rank(at, 0.0, "", asks=True) < rank(at, 0.0, "negative") < rank(at, 0.0, "") < rank(at, 0.0, "positive")
    True
    """
    if since is None:
        return None
    weight = _URGENCY_WEIGHS if urgency >= URGENT else urgency * _ANGER_WEIGHS
    weight += (_QUESTION_WEIGHS if asks else 0) + (_ANGER_WEIGHS if sentiment == "negative" else 0)
    return int(since.timestamp() - weight + (_PRAISE_WAITS if sentiment == "positive" and not asks else 0))
