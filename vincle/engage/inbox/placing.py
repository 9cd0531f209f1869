"""Where each thing said belongs: rows of the log become pieces, pieces find their conversation, in whatever order they come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from django.utils import timezone

from vincle.channels.registry import channels
from vincle.engage.keys import piece_key, thread_key
from vincle.engage.outbox.models import Send
from vincle.listen import known
from vincle.listen.families import HIDDEN, UNDO
from vincle.store import bulk
from vincle.vocabulary import Direction, ObjectType, Op, Verb

from . import closings, effort, rules
from .models import AutomationRun, Draft, Note, Piece, Satisfaction, Thread, ThreadTag

COLUMNS = (
    "event_id", "root_id", "workspace_id", "connection_id", "op", "superseded", "channel", "verb", "object_type", "event_name", "version",
    "actor", "target", "object_key", "parent_key", "thread_key", "native_id", "url", "happened_at", "received_at", "direction",
    "is_machine",
)  # fmt: skip
_NAMES = ("seq", *COLUMNS)
_LIKED = frozenset({ObjectType.NOTE, ObjectType.MESSAGE, ObjectType.REVIEW, ObjectType.MENTION})
_VERB = _NAMES.index("verb")
_ASKED = (
    "SELECT p.key, p.thread, t.handle FROM inbox_piece p JOIN inbox_thread t ON t.key = p.thread WHERE p.direction = 'in' AND p.key IN ({})"
)
Row = dict[str, Any]


@dataclass
class Said:
    """A piece on its way into the store: the columns of `Piece`."""

    key: int
    workspace_id: int
    connection_id: int
    thread: int | None
    parent: int | None
    root: bytes
    event: bytes
    seq: int
    at: datetime
    received_at: datetime
    direction: str
    actor: int | None
    object_type: str
    state: str = ""
    is_machine: bool = False
    is_heard: bool = True
    asks: bool = False
    thanks: bool = False
    is_spam: bool = False
    sentiment: str = ""
    urgency: float = 0.0
    language: str = ""
    is_peer: bool = False
    thanked: bool = False
    we_like: bool = False


PIECE_COLUMNS = tuple(field.name for field in fields(Said))
_READING = ("asks", "thanks", "is_spam", "sentiment", "urgency", "language")


def place(rows: Sequence[Sequence[Any]]) -> set[int]:
    """Put what these rows (seq, *COLUMNS) say into its place; returns the keys of conversations it changes. In the caller's transaction."""
    named = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    standing, gone = _standing(named)
    book = _Book(standing)
    for row in standing:
        book.put(row)
    return book.write() | _go(gone)


def _standing(rows: Sequence[Row]) -> tuple[list[Row], dict[bytes, str]]:
    """Words that stand, and for the roots of which none does: why ("hidden", "deleted", "taken" where nothing of it is to be kept)."""
    spoken = [row for row in rows if row["op"] == Op.RETRACT or rules.is_speech(row["verb"], row["object_type"])]
    plain = [row for row in spoken if row["op"] == Op.ASSERT and not row["superseded"]]
    roots = {bytes(row["root_id"] or row["event_id"]) for row in spoken if row["op"] != Op.ASSERT or row["superseded"]}
    if not roots:
        return plain, {}
    families: dict[bytes, dict[int, Row]] = defaultdict(dict)
    for column in ("event_id", "root_id"):
        for found in known.select(f"SELECT {', '.join(_NAMES)} FROM listen_activity WHERE {column} IN ({{}})", roots, column):
            row = dict(zip(_NAMES, found, strict=True))
            families[bytes(row["root_id"] or row["event_id"])][row["seq"]] = row
    last, gone = [], {}
    for root, family in families.items():
        words = [row for row in family.values() if row["op"] != Op.RETRACT and not row["superseded"]]
        if words:
            last += [row for row in words if rules.is_speech(row["verb"], row["object_type"])]
        else:
            gone[root] = _why(family.values())
    plain = [row for row in plain if bytes(row["event_id"]) not in roots]
    return sorted([*plain, *last], key=lambda row: int(row["seq"])), gone


def _why(family: Iterable[Row]) -> str:
    reasons = {"taken" if row["version"].startswith(UNDO) else row["event_name"] for row in family if row["op"] == Op.RETRACT}
    if reasons & {"taken", "retention"}:
        return "taken"
    return "hidden" if reasons == {HIDDEN} else "deleted"


@cache
def _can_act(channel: str) -> bool:
    found = channels().get(channel)
    return found is not None and "act" in found.spec.capabilities


class _Book:
    """What is known of the pieces around the rows in hand: themselves, what they answer, what answers them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        own = {_key_of(row): row for row in rows}
        parents = {piece_key(row["connection_id"], row["parent_key"]) for row in rows if row["parent_key"]}
        self.by_key: dict[int, Said] = {}
        self.by_root: dict[bytes, Said] = {}
        self.answers: dict[int, set[int]] = defaultdict(set)
        self.dirty: set[int] = set()
        self.threads: dict[int, Row] = {}
        self.merged: dict[int, int] = {}
        self.touched: set[int] = set()
        self._load("key", {*own, *parents})
        self._load("root", {bytes(row["root_id"] or row["event_id"]) for row in rows})
        self._load("parent", own)
        self.readings = _readings([row["seq"] for row in rows])
        self.mails = _mail_handles(rows)
        self.overheard = _overheard(rows)

    def _load(self, column: str, values: Iterable[Any]) -> None:
        for found in bulk.select(f"SELECT {', '.join(PIECE_COLUMNS)} FROM inbox_piece WHERE {column} IN ({{}})", values):
            self._enter(_said(found))

    def _enter(self, piece: Said) -> None:
        if piece.key not in self.by_key:
            self.by_key[piece.key] = self.by_root[piece.root] = piece
            if piece.parent is not None:
                self.answers[piece.parent].add(piece.key)

    def put(self, row: Row) -> None:
        """A row that stands: a new piece in its place, or what a known one says now."""
        root = bytes(row["root_id"] or row["event_id"])
        piece = self.by_root.get(root)
        if piece is None:
            if _key_of(row) in self.by_key:
                return  # said already, by another way of the platform to tell of it
            piece = self._new(row, root)
            if piece is None:
                return
            self._enter(piece)
            self._adopt(piece)
        piece.event, piece.seq, piece.state = bytes(row["event_id"]), row["seq"], ""
        for name, value in self.readings.get(row["seq"], {}).items():
            setattr(piece, name, value)
        self._change(piece)

    def _new(self, row: Row, root: bytes) -> Said | None:
        parent = piece_key(row["connection_id"], row["parent_key"]) if row["parent_key"] else None
        at, received = bulk.moment(row["happened_at"]), bulk.moment(row["received_at"])
        assert at
        assert received
        piece = Said(
            _key_of(row), row["workspace_id"], row["connection_id"], None, parent, root, root, row["seq"], at, received, row["direction"],
            row["actor"], row["object_type"], is_machine=bool(row["is_machine"]), is_heard=received - at <= rules.FRESH,
        )  # fmt: skip
        return piece if self._find_place(piece, row) else None

    def _find_place(self, piece: Said, row: Row) -> bool:
        """Give the piece its conversation; False when it is nothing we keep."""
        ours = row["direction"] == Direction.OUT
        if row["object_type"] == ObjectType.MESSAGE:
            other = row["target"] if ours else row["actor"]
            name = rules.talk(row["thread_key"], other)
            if name:
                piece.thread = self._begin("talk", name, "mail" if other in self.mails else "message", row)
            return bool(name)
        above = self.by_key.get(piece.parent) if piece.parent is not None else None
        if above is not None and above.thread is not None:
            piece.thread = self._now(above.thread)
        elif row["seq"] in self.overheard:
            return False
        elif not ours:
            kind = rules.opens(row["object_type"], bool(row["parent_key"]), _can_act(row["channel"]))
            if not kind:
                return False
            piece.thread = self._begin("tree", row["object_key"] or row["native_id"], kind, row)
        return True

    def _begin(self, sort: str, name: str, kind: str, row: Row) -> int:
        key = self._now(thread_key(row["connection_id"], sort, name))
        self.threads.setdefault(
            key,
            {
                "key": key, "workspace_id": row["workspace_id"], "connection_id": row["connection_id"], "channel": row["channel"],
                "kind": kind, "thread_key": name[:300], "root_key": row["parent_key"] if sort == "tree" else "", "url": row["url"],
            },
        )  # fmt: skip
        return key

    def _now(self, thread: int) -> int:
        while thread in self.merged:
            thread = self.merged[thread]
        return thread

    def _adopt(self, piece: Said) -> None:
        """What came before that which it answers goes to where that belongs."""
        if piece.thread is None:
            return
        for key in list(self.answers.get(piece.key, ())):
            child = self.by_key[key]
            if child.object_type == ObjectType.MESSAGE or child.key == piece.key:
                continue
            where = self._now(child.thread) if child.thread is not None else None
            if where is None:
                child.thread = piece.thread
                self._change(child)
                self._load("parent", [child.key])
                self._adopt(child)
            elif where != piece.thread:
                self.merged[where] = piece.thread
                self.touched.add(where)
                self.threads.pop(where, None)

    def _change(self, piece: Said) -> None:
        self.dirty.add(piece.key)
        if piece.thread is not None:
            self.touched.add(piece.thread)

    def write(self) -> set[int]:
        """Store pieces and new conversations; returns the keys of those conversations that say something new."""
        for key in self.dirty:
            piece = self.by_key[key]
            piece.thread = self._now(piece.thread) if piece.thread is not None else None
        stamp = bulk.writer()
        rows = [tuple(_cell(getattr(self.by_key[key], name), stamp) for name in PIECE_COLUMNS) for key in sorted(self.dirty)]
        bulk.upsert(Piece, PIECE_COLUMNS, rows, "key")
        _open(list(self.threads.values()))
        for old in self.merged:
            _move(old, self._now(old))
        return {self._now(key) for key in self.touched}


def _overheard(rows: Sequence[Row]) -> set[int]:
    """Of what strangers say in public: what does not speak to us, as its channel tells."""
    public = [
        row["seq"]
        for row in rows
        if row["direction"] != Direction.OUT and row["object_type"] == ObjectType.NOTE and _can_act(row["channel"])
    ]
    return set(bulk.pluck("""SELECT seq FROM listen_activity WHERE seq IN ({}) AND props LIKE '%%"overheard":true%%'""", public))


def _key_of(row: Row) -> int:
    return piece_key(row["connection_id"], row["object_key"] or row["native_id"])


def _said(found: Sequence[Any]) -> Said:
    piece = Said(*found)
    piece.root, piece.event = bytes(piece.root), bytes(piece.event)
    piece.at, piece.received_at = bulk.moment(piece.at) or piece.at, bulk.moment(piece.received_at) or piece.received_at
    return piece


def _cell(value: Any, stamp: Any) -> Any:
    return stamp(value) if isinstance(value, datetime) else value


def _readings(seqs: Iterable[int]) -> dict[int, dict[str, Any]]:
    sql = "SELECT seq, intents, emotions, sentiment, urgency, language FROM listen_understanding WHERE seq IN ({})"
    return {row[0]: _reading(*row[1:]) for row in bulk.select(sql, list(seqs))}


def _reading(intents: str, emotions: str, sentiment: str, urgency: float, language: str) -> dict[str, Any]:
    meant = set(intents.split("|"))
    return {
        "asks": bool(meant & rules.ASKING), "thanks": "gratitude" in emotions.split("|"), "is_spam": "spam" in meant,
        "sentiment": sentiment, "urgency": urgency, "language": language,
    }  # fmt: skip


def _mail_handles(rows: Sequence[Row]) -> set[int]:
    keys = {row[side] for row in rows if row["object_type"] == ObjectType.MESSAGE for side in ("actor", "target") if row[side]}
    return set(bulk.pluck("SELECT key FROM listen_handle WHERE kind = 'email' AND key IN ({})", keys))


def read_again(seqs: Sequence[int]) -> set[int]:
    """Take over what is read of texts now; returns the keys of conversations it changes. In the caller's transaction."""
    names = ", ".join(("seq", "key", "thread", *_READING))
    stood = list(bulk.select(f"SELECT {names} FROM inbox_piece WHERE seq IN ({{}})", seqs))
    readings = _readings([row[0] for row in stood])
    touched = set()
    for seq, key, thread, *was in stood:
        now = readings.get(seq)
        if now and [now[name] for name in _READING] != [*map(bool, was[:3]), *was[3:]]:
            Piece.objects.filter(key=key).update(**now)
            touched.add(thread)
    return touched - {None}


def _go(gone: dict[bytes, str]) -> set[int]:
    """Words that do not stand any more: hidden everywhere at once; of what nothing may be kept, nothing is."""
    if not gone:
        return set()
    found = [
        (bytes(root), key, thread)
        for root, key, thread in bulk.select("SELECT root, key, thread FROM inbox_piece WHERE root IN ({})", gone)
    ]
    bulk.execute_in("DELETE FROM inbox_piece WHERE key IN ({})", [key for root, key, _ in found if gone[root] == "taken"])
    for state in ("hidden", "deleted"):
        bulk.execute_in(
            f"UPDATE inbox_piece SET state = '{state}' WHERE key IN ({{}})", [key for root, key, _ in found if gone[root] == state]
        )
    return {thread for _, _, thread in found if thread is not None}


def thank(rows: Sequence[Sequence[Any]]) -> set[int]:
    """Likes of whoever asked, and ours, are thanks to a customer who answered; returns the keys of the conversations it changes.

    In the caller's transaction, after the conversations of these rows are settled: who asked is known then.
    """
    named = (dict(zip(_NAMES, row, strict=True)) for row in rows if row[_VERB] in (Verb.LIKE, Verb.UNDO))
    liked = [row for row in named if row["object_type"] in _LIKED and row["object_key"] and row["op"] != Op.RETRACT]
    wanted = {piece_key(row["connection_id"], row["object_key"]) for row in liked}
    found = {key: (thread, asker) for key, thread, asker in bulk.select(_ASKED, wanted)}
    touched = set()
    for row in liked:
        key = piece_key(row["connection_id"], row["object_key"])
        thread, asker = found.get(key, (None, None))
        is_on, ours = row["verb"] == Verb.LIKE, row["direction"] == Direction.OUT
        if thread is not None and (ours or row["actor"] == asker):
            Piece.objects.filter(key=key).update(thanked=is_on, **({"we_like": is_on} if ours else {}))
            touched.add(thread)
    return touched


_NEW = {"is_here": False, "messages": 0, "urgency": 0.0, "is_urgent": False, "sentiment": "", "language": "", "peer_answers": 0,
        "peer_thanked": 0, "by_peer": False, "last_seq": 0, "state": Thread.State.OPEN.value}  # fmt: skip


def _open(threads: Sequence[Row]) -> None:
    """New conversations, empty as yet; those that stand are left as they are."""
    if not threads:
        return
    now = bulk.writer()(timezone.now())
    names = (*threads[0], *_NEW, "first_at", "last_at", "changed_at")
    bulk.insert(Thread, names, [(*thread.values(), *_NEW.values(), now, now, now) for thread in threads])


def _move(old: int, new: int) -> None:
    """Two conversations turn out to be one: pieces and what the team did go over."""
    Piece.objects.filter(thread=old).update(thread=new)
    for model in (Note, Draft):
        taken = model.objects.filter(thread=new).values("user") if model is Draft else None
        rows = model.objects.filter(thread=old)
        (rows.exclude(user__in=taken) if taken is not None else rows).update(thread=new)
    had = ThreadTag.objects.filter(thread=new).values("tag")
    ThreadTag.objects.filter(thread=old).exclude(tag__in=had).update(thread=new)
    stood = Thread.objects.filter(key=old).values("assignee", "assigned_at", "team").first()
    if stood and stood["assignee"]:
        Thread.objects.filter(key=new, assignee=None).update(**{"assignee": stood["assignee"], "assigned_at": stood["assigned_at"]})
    if stood and stood["team"]:
        Thread.objects.filter(key=new, team=None).update(team=stood["team"])
    _move_service(old, new)
    Send.objects.filter(thread=old).update(thread=new)
    Thread.objects.filter(key=old).delete()


def _move_service(old: int, new: int) -> None:
    """What is known of how it was served goes over as well."""
    closings.moved(old, new)
    effort.moved(old, new)
    Satisfaction.objects.filter(thread=old).update(thread=new)
    for run in AutomationRun.objects.filter(thread=old):
        if not AutomationRun.objects.filter(automation=run.automation_id, thread=new, seq=run.seq).exists():
            AutomationRun.objects.filter(pk=run.pk).update(thread=new)
