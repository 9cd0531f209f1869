"""Rows of one append to the log: built in memory, written in one transaction, and settled with what stood before."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db import connection as database
from django.db.models import Q

from vincle.store import bulk
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Retraction, Unknown, Verb, event_id, handle_key
from vincle.vocabulary.activity import Item

from .models import Activity as ActivityRow
from .models import Connection, Content, Delivery, Handle

LOG_LOCK = 0x56494E434C45
UNDO = "undo:"
HIDDEN = "hidden"
COLUMNS = (
    "event_id",
    "root_id",
    "workspace_id",
    "connection_id",
    "delivery_id",
    "channel",
    "verb",
    "object_type",
    "reaction",
    "event_name",
    "op",
    "version",
    "superseded",
    "actor",
    "target",
    "object_key",
    "parent_key",
    "thread_key",
    "campaign_key",
    "native_id",
    "url",
    "happened_at",
    "observed_at",
    "received_at",
    "direction",
    "is_machine",
    "amount",
    "currency",
    "rating",
    "rating_max",
    "score",
    "language",
    "sentiment",
    "sentiment_confidence",
    "intents",
    "topics",
    "hashtags",
    "country",
    "place",
    "lawful_basis",
    "consent_version",
    "retention_class",
    "expires_on",
    "props",
)
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
        self.stamp = bulk.writer()
        self.received = self.stamp(received_at)
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
        row[PLACE["actor"]] = keys[0]
        body = {"handles": keys, "name": fact.name, "kind": fact.kind, "traits": fact.traits, "tags": fact.tags, "consents": fact.consents}
        self.contents.setdefault(row[0], ("", "", _encode({k: v for k, v in body.items() if v}).decode()))

    def _add_activity(self, act: Activity) -> None:
        row = self.row(act.op, act.native_id, act.version, act.happened_at, act.verb, act.object_type)
        own = act.direction == "out"
        row[PLACE["actor"]] = self._handle(act.actor, act.happened_at, own) if act.actor else None
        row[PLACE["target"]] = self._handle(act.target, act.happened_at, not own) if act.target else None
        for place, value in zip(_COPIED_TO, _copied(act), strict=True):
            row[place] = value
        row[PLACE["direction"]] = act.direction.value
        if act.amount is not None:
            row[PLACE["amount"]] = str(act.amount) if self.is_sqlite else act.amount
        if act.intents or act.topics or act.hashtags:
            row[PLACE["intents"]], row[PLACE["topics"]] = "|".join(act.intents), "|".join(act.topics)
            row[PLACE["hashtags"]] = " ".join(act.hashtags)
        if act.props:
            row[PLACE["props"]] = _encode(act.props).decode()
        if act.text or act.title or act.body:
            self.contents.setdefault(row[0], (act.text, act.title, _encode(act.body).decode() if act.body else ""))

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
            key,
            None if asserted else root,
            workspace,
            connection,
            self.delivery.pk if self.delivery else None,
            self.source.channel,
            verb.value,
            kind.value,
            "",
            reason,
            op.value,
            version,
            False,
            None,
            None,
            object_key,
            "",
            "",
            "",
            native_id[:300],
            "",
            stamp,
            self.received,
            self.received,
            "in",
            False,
            None,
            "",
            None,
            None,
            None,
            "",
            "",
            None,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            None,
            "{}",
        ]
        if key not in self.rows:
            self.rows[key] = row
            return row
        return list(row)

    def _handle(self, ref: HandleRef, at: datetime, own: bool = False) -> int:
        key = handle_key(self.secret, ref.kind, ref.value)
        if key not in self.handles or (ref.name and not self.handles[key][0].name):
            self.handles[key] = (ref, own, at)
        return key

    def write(self) -> Appended:
        """Append, inside the caller's transaction."""
        rows = list(self.rows.values())
        if not rows:
            return Appended(0, self.size, 0, 0)
        if not self.is_sqlite:
            bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
        fresh = bulk.insert_new(ActivityRow, COLUMNS, rows, "event_id")
        if len(fresh) < len(rows):
            fresh |= self._revive([row for row in rows if row[0] not in fresh])
        self._write_handles()
        workspace = self.source.workspace_id
        contents = [(key, workspace, *self.contents[key]) for key in self.contents if key in fresh]
        bulk.insert(Content, ("event_id", "workspace_id", "text", "title", "body"), contents)
        if fresh:
            self._settle(fresh)
        unknown = sum(row[PLACE["object_type"]] == "Unknown" for row in rows if row[0] in fresh)
        with database.cursor() as cursor:
            cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM listen_activity")
            last = int(cursor.fetchone()[0])
        return Appended(len(fresh), self.size - len(fresh), unknown, last)

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
        return bulk.insert_new(ActivityRow, COLUMNS, again, "event_id") if again else set()

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
        revised = {bytes(root) for root in bulk.pluck("SELECT DISTINCT root_id FROM listen_activity WHERE root_id IN ({})", roots)}
        for root in revised:
            _supersede(root)


def undone(roots: set[bytes]) -> set[bytes]:
    """Those of the roots that an undone import had brought and nothing brought again."""
    stale = bulk.pluck(f"SELECT root_id FROM listen_activity WHERE root_id IN ({{}}) AND version LIKE '{UNDO}%%'", roots)
    undone = {bytes(root) for root in stale}
    hidden = set(bulk.pluck("SELECT event_id FROM listen_activity WHERE event_id IN ({}) AND superseded", undone)) if undone else set()
    return hidden - _standing(hidden)


def _standing(roots: set[bytes]) -> set[bytes]:
    """Those of the roots of which some later word stands."""
    return (
        set(bulk.pluck("SELECT root_id FROM listen_activity WHERE root_id IN ({}) AND NOT superseded AND op = 'correct'", roots))
        if roots
        else set()
    )


def _supersede(root: bytes) -> None:
    """Of all rows about one thing only the last word stands.

    A platform's deletion is final and takes the words with it. Hiding and undoing hide what was before them; after a hiding
    the words are kept, for it may be taken back.
    """
    columns = ("event_id", "op", "version", "happened_at", "seq", "event_name")
    family = list(ActivityRow.objects.filter(Q(event_id=root) | Q(root_id=root)).values_list(*columns))
    retractions = [row for row in family if row[1] == Op.RETRACT]
    undone = [row for row in retractions if row[2].startswith(UNDO)]
    final = any(row[5] != HIDDEN for row in retractions if row not in undone)
    behind = max((row[4] for row in retractions), default=0)
    words = [row for row in family if row[1] != Op.RETRACT and row[4] > behind and not final]
    last = max(words, key=lambda row: (row[1] == Op.CORRECT, _rank(row[2]), row[3]), default=None)
    hidden = [bytes(row[0]) for row in family if row[1] != Op.RETRACT and row is not last]
    ActivityRow.objects.filter(event_id__in=hidden).update(superseded=True)
    if last is not None:
        ActivityRow.objects.filter(event_id=last[0]).update(superseded=False)
    if final or (undone and last is None):
        Content.objects.filter(event_id__in=hidden).delete()


def _rank(version: str) -> tuple[int, int, str]:
    return (1, int(version), "") if version.isdigit() else (0, 0, version)


def _check_collisions(rows: Sequence[Sequence[Any]]) -> None:
    """Two different handles under one 63-bit key would join strangers: refuse rather than guess."""
    stored = {
        key: (kind, value)
        for key, kind, value in bulk.select("SELECT key, kind, value FROM listen_handle WHERE key IN ({})", [r[0] for r in rows])
    }
    for row in rows:
        if row[0] in stored and stored[row[0]] != (row[2], row[3]):
            raise KeyCollision(f"{row[2]}:{row[3]} and {':'.join(stored[row[0]])} share the key {row[0]}")


def _rename(named: Sequence[tuple[int, str]]) -> None:
    """A handle seen earlier without a name, or with another, is shown by its latest name."""
    stored = dict(bulk.select("SELECT key, name FROM listen_handle WHERE key IN ({})", [key for key, _ in named]))
    changed = [Handle(key=key, name=name) for key, name in named if stored.get(key) != name]
    if changed:
        Handle.objects.bulk_update(changed, ["name"], batch_size=200)


class KeyCollision(RuntimeError):
    """Two handles hash to one key (about one chance in 100,000 at ten million handles)."""
