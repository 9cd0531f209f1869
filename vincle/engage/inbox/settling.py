"""What conversations come to, computed anew from their pieces: the same pieces give the same, whoever asks and how often."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from vincle.engage.outbox.models import AUTOMATIC, Send
from vincle.store import bulk

from . import closings, promising, rules
from .models import Piece, Thread

_READ = ("thread", "key", "parent", "at", "seq", "received_at", "direction", "actor", "object_type", "state", "is_machine", "is_heard",
         "asks", "thanks", "is_spam", "sentiment", "urgency", "language", "thanked", "event", "is_peer")  # fmt: skip
_STATIC = ("key", "workspace_id", "connection_id", "channel", "kind", "thread_key", "root_key", "url", "state")
_COMPUTED = ("handle", "is_here", "messages", "urgency", "is_urgent", "sentiment", "language", "first_at", "last_at", "last_in_at",
             "last_out_at", "waiting_since", "rank", "first_answer_at", "peer_answers", "peer_thanked", "by_peer", "first_event",
             "last_event", "last_seq", "changed_at")  # fmt: skip
_TEAMS = ("state",)
PUBLIC = frozenset({"comment", "mention", "review"})


def settle(keys: Iterable[int], promises_changed: bool = False) -> None:
    """Store what these conversations come to now. Inside the caller's transaction. `promises_changed`: due times by what holds now."""
    wanted = set(keys)
    if not wanted:
        return
    threads = {row[0]: row for row in bulk.select(f"SELECT {', '.join(_STATIC)} FROM inbox_thread WHERE key IN ({{}})", wanted)}
    pieces, peers = _pieces(threads)
    aside = _aside(threads)
    rows, changed_peers = list[tuple[Any, ...]](), dict[int, bool]()
    woken: list[tuple[int, datetime]] = []
    summaries: dict[int, rules.Summary] = {}
    now, stamp = timezone.now(), bulk.writer()
    for key, static in threads.items():
        found = rules.summarise(pieces.get(key, ()), static[4] in PUBLIC, aside.get(key, ()))
        if found is None:
            Thread.objects.filter(key=key).update(is_here=False, messages=0, waiting_since=None, rank=None, is_urgent=False, changed_at=now)
            continue
        summaries[key] = found
        rows.append((*static, *(stamp(value) if isinstance(value, datetime) else value for value in _values(found, now))))
        changed_peers |= {each: True for each in found.peers if not peers.get(each)}
        changed_peers |= {piece.key: False for piece in pieces[key] if peers.get(piece.key) and piece.key not in found.peers}
        if found.waiting_since and found.heard_at and static[-1] != Thread.State.OPEN:
            woken.append((key, found.heard_at))
    bulk.upsert(Thread, (*_STATIC, *_COMPUTED), rows, "key", keep=_TEAMS)
    for is_peer in (True, False):
        bulk.execute_in(
            f"UPDATE inbox_piece SET is_peer = {is_peer} WHERE key IN ({{}})", [k for k, is_on in changed_peers.items() if is_on is is_peer]
        )
    _wake(woken)
    promising.keep(summaries, promises_changed)


def _values(found: rules.Summary, now: datetime) -> tuple[Any, ...]:
    urgent = found.waiting_since is not None and found.urgency >= rules.URGENT
    return (
        found.handle, found.is_here, found.messages, found.urgency, urgent, found.sentiment, found.language, found.first_at, found.last_at,
        found.last_in_at, found.last_out_at, found.waiting_since, found.rank, found.first_answer_at, len(found.peers), len(found.thanked),
        found.by_peer, found.first_event, found.last_event, found.last_seq, now,
    )  # fmt: skip


def _pieces(keys: Iterable[int]) -> tuple[dict[int, list[rules.Said]], dict[int, bool]]:
    found: dict[int, list[rules.Said]] = defaultdict(list)
    peers: dict[int, bool] = {}
    every = list(bulk.select(f"SELECT {', '.join(_READ)} FROM inbox_piece WHERE thread IN ({{}})", list(keys)))
    automatic = _automatic(row[1] for row in every if row[6] == "out")
    for row in every:
        thread, key, parent, at, seq, received, direction, actor, kind, state, *flags = row
        machine, heard, asks, thanks, spam, sentiment, urgency, language, thanked, event, is_peer = flags
        moment, received_at = bulk.moment(at), bulk.moment(received)
        assert moment
        assert received_at
        peers[key] = bool(is_peer)
        found[thread].append(
            rules.Said(
                key,
                parent,
                moment,
                seq,
                received_at,
                direction == "out",
                actor,
                kind,
                state,
                bool(machine) or key in automatic,
                bool(heard),
                bool(asks),
                bool(thanks),
                bool(spam),
                sentiment,
                urgency,
                language,
                bool(thanked),
                bytes(event),
            )
        )
    return found, peers


def _automatic(keys: Iterable[int]) -> set[int]:
    """Of what we said that which nobody of the team said: a rule's answer, a question how well we did. They answer nothing."""
    sql = f"SELECT piece FROM outbox_send WHERE \"key\" LIKE '{AUTOMATIC}%%' AND piece IN ({{}})"
    return set(bulk.pluck(sql, list(keys)))


def _aside(keys: Iterable[int]) -> dict[int, list[datetime]]:
    """When we answered in another place: in private to what was said in public."""
    found: dict[int, list[datetime]] = defaultdict(list)
    sql = f"SELECT thread, sent_at FROM outbox_send WHERE deed = 'private_reply' AND state = '{Send.State.SENT.value}' AND thread IN ({{}})"
    for thread, at in bulk.select(sql, list(keys)):
        if moment := bulk.moment(at):
            found[thread].append(moment)
    return found


def _wake(woken: Sequence[tuple[int, datetime]]) -> None:
    """Who speaks again after a conversation was closed or put off opens it."""
    for key, heard_at in woken:
        asleep = Thread.objects.filter(key=key, state_at__lt=heard_at).exclude(state=Thread.State.OPEN)
        if asleep.update(state=Thread.State.OPEN, snoozed_until=None, closed_at=None):
            closings.reopened([key], heard_at)


def pieces_of(thread: int) -> list[Piece]:
    """All of a conversation in the order in which it was said."""
    return list(Piece.objects.filter(thread=thread).order_by("at", "seq"))
