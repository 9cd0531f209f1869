"""Rows of one append to the log: built in memory, written in one transaction, and settled with what stood before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db import connection as database
from django.utils import timezone

from vincle.store import bulk
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Retraction, Unknown, Verb, event_id, handle_key
from vincle.vocabulary.activity import Item
from vincle.vocabulary.roles import is_role_address

from . import forgotten, known
from .families import supersede, undone
from .models import Connection, Delivery, Handle, RetentionRule
from .retention import Kind, expires_on, kind_of

LOG_LOCK = 0x56494E434C45
_OLD = timedelta(minutes=1)
COLUMNS = (
    "event_id", "root_id", "workspace_id", "connection_id", "delivery_id", "channel", "verb", "object_type", "reaction", "event_name",
    "op", "version", "superseded", "actor", "target", "object_key", "parent_key", "thread_key", "campaign_key", "native_id", "url",
    "happened_at", "observed_at", "received_at", "direction", "is_machine", "amount", "currency", "rating", "rating_max", "score",
    "language", "sentiment", "sentiment_confidence", "intents", "topics", "hashtags", "country", "place", "lawful_basis",
    "consent_version", "retention_class", "expires_on", "props",
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(COLUMNS)}
_COPIED = (
    "reaction", "event_name", "object_key", "parent_key", "thread_key", "campaign_key", "url", "currency", "rating", "rating_max",
    "language", "sentiment", "sentiment_confidence", "country", "place", "is_machine",
)  # fmt: skip
_COPIED_TO = tuple(PLACE[name] for name in _COPIED)
_copied = attrgetter(*_COPIED)
_encode = msgspec.json.encode


class Appended(NamedTuple):
    """What became of a batch: how many were new, how many stood there already, how many of the new are unknown kinds."""

    new: int
    duplicates: int
    unknown: int
    last_seq: int


class Batch:
    """Rows of one `append`, collected before anything is written."""

    def __init__(self, source: Connection, received_at: datetime, delivery: Delivery | None) -> None:
        self.source, self.delivery = source, delivery
        self.secret = bytes(source.workspace.secret)
        self.own = {(kind, value) for kind, value in source.own}
        self.stamp = bulk.writer()
        self.received_at, self.received = received_at, self.stamp(received_at)
        self.is_sqlite = database.vendor == "sqlite"
        self.rows: dict[bytes, list[Any]] = {}
        self.contents: dict[bytes, tuple[str, str, str]] = {}
        self.handles: dict[int, tuple[HandleRef, bool, datetime]] = {}
        self.size = 0
        self.revising = False

    def add(self, item: Item) -> None:
        self.size += 1
        if isinstance(item, Fact):
            self._add_fact(item)
        elif isinstance(item, Activity):
            self._add_activity(item)
        elif isinstance(item, Retraction):
            self.row(
                Op.RETRACT,
                item.native_id,
                item.version,
                item.happened_at,
                Verb.DELETE,
                ObjectType.NOTE,
                reason=item.reason,
                object_key=item.object_key,
            )
        else:
            self._add_unknown(item)

    def _add_fact(self, fact: Fact) -> None:
        keys = [self._handle(handle, fact.observed_at) for handle in fact.handles]
        row = self.row(fact.op, fact.native_id, fact.version, fact.observed_at, Verb.UPDATE, ObjectType.PROFILE)
        row[PLACE["actor"]] = keys[_teller(fact)]
        body = {"handles": keys, "name": fact.name, "kind": fact.kind, "traits": fact.traits, "tags": fact.tags, "consents": fact.consents}
        self.contents.setdefault(row[0], ("", "", _encode({k: v for k, v in body.items() if v}).decode()))

    def _add_activity(self, act: Activity) -> None:
        row = self.row(act.op, act.native_id, act.version, act.happened_at, act.verb, act.object_type)
        own = act.direction == "out" or (act.actor is not None and (act.actor.kind, act.actor.value) in self.own)
        row[PLACE["actor"]] = self._handle(act.actor, act.happened_at, own) if act.actor else None
        row[PLACE["target"]] = self._handle(act.target, act.happened_at, self._is_ours(act.target, own)) if act.target else None
        for place, value in zip(_COPIED_TO, _copied(act), strict=True):
            row[place] = value
        row[PLACE["direction"]] = "out" if own else act.direction.value
        if act.amount is not None:
            row[PLACE["amount"]] = str(act.amount) if self.is_sqlite else act.amount
        if act.intents or act.topics or act.hashtags:
            row[PLACE["intents"]], row[PLACE["topics"]] = "|".join(act.intents), "|".join(act.topics)
            row[PLACE["hashtags"]] = " ".join(act.hashtags)
        if act.props:
            row[PLACE["props"]] = _encode(act.props).decode()
        if act.text or act.title or act.body:
            self.contents.setdefault(row[0], (act.text, act.title, _encode(act.body).decode() if act.body else ""))

    def _is_ours(self, target: HandleRef, from_us: bool) -> bool:
        """Whom something is said to: us, as the connection knows us; where it does not, whoever is spoken to from outside."""
        return (target.kind, target.value) in self.own if self.own else not from_us

    def _add_unknown(self, item: Unknown) -> None:
        row = self.row(Op.ASSERT, item.native_id, "", item.happened_at, Verb.TRACK, ObjectType.UNKNOWN)
        row[PLACE["event_name"]] = item.kind[:120]
        if item.raw:
            self.contents.setdefault(row[0], ("", "", _encode(item.raw).decode()))

    def row(
        self, op: Op, native_id: str, version: str, at: datetime, verb: Verb, kind: ObjectType, reason: str = "", object_key: str = ""
    ) -> list[Any]:
        workspace, connection = self.source.workspace_id, self.source.pk
        root = event_id(workspace, connection, native_id, Op.ASSERT, "")
        asserted = op == Op.ASSERT
        self.revising = self.revising or not asserted
        key = root if asserted else event_id(workspace, connection, native_id, op, version)
        stamp = self.stamp(at)
        row = [
            key, None if asserted else root, workspace, connection, self.delivery.pk if self.delivery else None, self.source.channel,
            verb.value, kind.value, "", reason, op.value, version, False, None, None, object_key, "", "", "", native_id[:300], "", stamp,
            self.received, self.received, "in", False, None, "", None, None, None, "", "", None, "", "", "", "", "", "", "", "", None,
            "{}",
        ]  # fmt: skip
        if op != Op.RETRACT:
            self._classify(row)
        if key not in self.rows:
            self.rows[key] = row
            return row
        return list(row)

    def _classify(self, row: list[Any]) -> None:
        """What kind of data it is, and when it has to go whatever the workspace has set."""
        kind = kind_of(row[PLACE["channel"]], row[PLACE["verb"]], row[PLACE["object_type"]])
        row[PLACE["retention_class"]] = kind.value
        if kind is Kind.DISPLAY:
            row[PLACE["expires_on"]] = expires_on(kind, self.received_at)

    def _handle(self, ref: HandleRef, at: datetime, own: bool = False) -> int:
        key = handle_key(self.secret, ref.kind, ref.value)
        if key not in self.handles or (ref.name and not self.handles[key][0].name):
            self.handles[key] = (ref, own, at)
        return key

    def write(self) -> Appended:
        """Append, inside the caller's transaction."""
        if taken := refused(self.source.workspace_id, self.received_at):
            self._leave_out(taken)
        if timezone.now() - self.received_at > _OLD:
            self._forget()
        rows = list(self.rows.values())
        if not rows:
            return Appended(0, self.size, 0, 0)
        if not self.is_sqlite:
            bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
        fresh = known.insert_new(COLUMNS, rows)
        if len(fresh) < len(rows):
            fresh |= self._revive([row for row in rows if row[0] not in fresh])
        self._write_handles()
        workspace = self.source.workspace_id
        known.insert_contents([(key, workspace, *self.contents[key]) for key in self.contents if key in fresh], self.received)
        if fresh:
            self._settle(fresh)
        unknown = sum(row[PLACE["object_type"]] == "Unknown" for row in rows if row[0] in fresh)
        return Appended(len(fresh), self.size - len(fresh), unknown, last_number(bool(fresh)))

    def _leave_out(self, taken: set[str]) -> None:
        """Retention took what was so old: neither a rebuild nor a late retry brings it back."""
        for key, row in list(self.rows.items()):
            kind = row[PLACE["retention_class"]]
            if kind in taken:
                del self.rows[key]
            if kind in taken or (kind == Kind.ACTS and Kind.WORDS in taken):
                self.contents.pop(key, None)

    def _forget(self) -> None:
        """Who asked to be forgotten after this had come is not known again by its being read again."""
        gone = forgotten.among(self.source.workspace_id, list(self.handles), self.received_at)
        if not gone:
            return
        for key, row in list(self.rows.items()):
            whose = row[PLACE["actor"]] if row[PLACE["direction"]] == "in" else row[PLACE["target"]]
            is_fact = row[PLACE["object_type"]] == ObjectType.PROFILE and key in self.contents
            told = set(_handles_of(self.contents[key][2])) if is_fact else set()
            if whose in gone or told & gone:
                del self.rows[key]
                self.contents.pop(key, None)
        for handle in gone:
            del self.handles[handle]

    def _revive(self, rows: Sequence[list[Any]]) -> set[bytes]:
        """What an undone import had brought may come again: as a correction behind the undoing."""
        hidden = undone({row[0] for row in rows})
        again = [row for row in rows if row[0] in hidden]
        version = f"again:{self.delivery.pk if self.delivery else self.received}"
        for row in again:
            root = row[0]
            row[0] = event_id(self.source.workspace_id, self.source.pk, row[PLACE["native_id"]], Op.CORRECT, version)
            row[1], row[PLACE["op"]], row[PLACE["version"]] = root, Op.CORRECT.value, version
            if root in self.contents:
                self.contents[row[0]] = self.contents.pop(root)
            self.rows[row[0]] = self.rows.pop(root)
        return known.insert_new(COLUMNS, again) if again else set()

    def _write_handles(self) -> None:
        workspace = self.source.workspace_id
        columns = ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen")
        rows = [
            (key, workspace, ref.kind, ref.value[:320], ref.name[:200], own, self.stamp(at))
            for key, (ref, own, at) in sorted(self.handles.items())
        ]
        fresh = bulk.insert_new(Handle, columns, rows, "key")
        known = [row for row in rows if row[0] not in fresh]
        _check_collisions(known)
        named = [(row[0], row[4]) for row in known if row[4]]
        _rename(named)

    def _settle(self, fresh: set[bytes]) -> None:
        """Corrections and retractions hide what they speak of, in whatever order they come."""
        roots = {row[1] or row[0] for row in self.rows.values() if row[0] in fresh and (self.revising or row[1] is None)}
        if revised := known.revised(roots):
            supersede(revised)


def refused(workspace: int, received_at: datetime) -> set[str]:
    """Kinds of data of which a workspace lets nothing in any more that came at this moment."""
    if timezone.now() - received_at < timedelta(days=1):
        return set()
    return set(RetentionRule.objects.of(workspace).filter(taken_until__gt=received_at).values_list("kind", flat=True))


def last_number(ours: bool) -> int:
    """The newest number of the log; of those that PostgreSQL gave out, `ours` is one this transaction was given."""
    with database.cursor() as cursor:
        if ours and database.vendor == "postgresql":
            cursor.execute("SELECT currval('listen_activity_seq_seq')")
        else:
            cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM listen_activity")
        return int(cursor.fetchone()[0])


def _check_collisions(rows: Sequence[Sequence[Any]]) -> None:
    """Two different handles under one 63-bit key would join strangers: refuse rather than guess."""
    stored = {
        key: (kind, value)
        for key, kind, value in bulk.select("SELECT key, kind, value FROM listen_handle WHERE key IN ({})", [r[0] for r in rows])
    }
    for row in rows:
        if row[0] in stored and stored[row[0]] == (row[2], ""):  # forgotten once, and come back by themselves
            Handle.objects.filter(key=row[0]).update(value=row[3])
        elif row[0] in stored and stored[row[0]] != (row[2], row[3]):
            raise KeyCollision(f"{row[2]}:{row[3]} and {':'.join(stored[row[0]])} share the key {row[0]}")


def _rename(named: Sequence[tuple[int, str]]) -> None:
    """A handle seen earlier without a name, or with another, is shown by its latest name."""
    stored = dict(bulk.select("SELECT key, name FROM listen_handle WHERE key IN ({})", [key for key, _ in named]))
    changed = [Handle(key=key, name=name) for key, name in named if stored.get(key) != name]
    if changed:
        Handle.objects.bulk_update(changed, ["name"], batch_size=200)


def _handles_of(body: str) -> list[int]:
    found: list[int] = msgspec.json.decode(body).get("handles", []) if body else []
    return found


class KeyCollision(RuntimeError):
    """Two handles hash to one key (about one chance in 100,000 at ten million handles)."""


def _teller(fact: Fact) -> int:
    """Place of the handle a fact is told of: the strongest, but for an address that several people answer."""
    if len(fact.handles) < 2 or fact.handles[0].kind != "email":
        return 0
    return next((at for at, ref in enumerate(fact.handles) if not (ref.kind == "email" and is_role_address(ref.value))), 0)
