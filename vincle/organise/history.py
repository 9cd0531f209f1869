"""What handles did and were sent, kept packed beside the people: appended to as rows of the log pass, read in one go.

It is a cache of the log. A handle without parts has not been read yet, or did nothing; whose rows were corrected, taken back or are
understood otherwise loses its parts, and is read from the log again. Handles, not people: joining and parting people rewrites nothing.
Only the step `segments` writes here, for it alone knows up to where the parts have come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from vincle.listen import aside, known
from vincle.store import bulk
from vincle.vocabulary import ObjectType, Op

from .models import History
from .segments import labels, packed
from .segments.frame import label, micros
from .segments.packed import Columns, Deed

STEP = "segments"
"""The cursor that says up to which place of the log the parts hold everything."""

_PART = ("workspace_id", "handle", "part", "acts", "packed")
_SAID = "SELECT seq, language, sentiment, topics, intents FROM listen_understanding WHERE "
_NEWEST = (
    "SELECT h.handle, h.part, h.packed FROM organise_history h WHERE h.handle IN ({}) "
    "AND NOT EXISTS (SELECT 1 FROM organise_history n WHERE n.handle = h.handle AND n.part > h.part)"
)
_SIDES = (("actor", "in"), ("target", "out"))
Said = Mapping[int, tuple[str, str, str, str]]


class Row(NamedTuple):
    """A row of the log, as far as it is packed."""

    seq: int
    actor: int | None
    target: int | None
    direction: str
    op: str
    superseded: bool
    is_machine: bool
    object_type: str
    workspace_id: int
    event_id: bytes
    root_id: bytes | None
    verb: str
    channel: str
    parent_key: str
    happened_at: Any
    amount: Any
    rating: float | None
    rating_max: float | None
    language: str
    sentiment: str
    topics: str
    intents: str
    hashtags: str
    event_name: str
    reaction: str
    campaign_key: str
    object_key: str
    thread_key: str
    currency: str
    props: str


READ = Row._fields[1:]
"""Columns of the log that rows are read by, behind `seq`."""


def whose(row: Row) -> int | None:
    """The handle that did it, or to which we did it."""
    return row.actor if row.direction == "in" or row.object_type == ObjectType.PROFILE else row.target


def stands(row: Row) -> bool:
    return not row.superseded and row.op != Op.RETRACT


def is_act(row: Row) -> bool:
    """Whether it is something a person did or was sent, and stands."""
    return stands(row) and not row.is_machine and row.object_type not in labels.NOT_ACTS and whose(row) is not None


def understood(seqs: Iterable[int]) -> Said:
    """What is understood of these rows of the log by now."""
    return {seq: said for seq, *said in bulk.select(f"{_SAID} seq IN ({{}})", set(seqs))}  # type: ignore[misc]


class Histories:
    """What handles did up to the place `upto` of the log; `write` keeps what was found.

    `rows` have passed since the parts were written, `stale` are handles whose parts hold something that is no more.
    """

    def __init__(self, upto: int, rows: Sequence[Row] = (), stale: Iterable[int] = ()) -> None:
        self.upto, self.stale = upto, set(stale)
        self._grown: dict[int, list[Columns]] = {}
        self._changed: dict[tuple[int, int], Columns] = {}
        self._workspaces: dict[int, int] = {}
        self._grow([row for row in rows if is_act(row)])

    def _grow(self, rows: Sequence[Row]) -> None:
        by_handle: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_handle[whose(row)].append(row)  # type: ignore[index]
        known = {handle: (part, data) for handle, part, data in bulk.select(_NEWEST, by_handle.keys() - self.stale)}
        said = understood(row.seq for handle in known for row in by_handle[handle])
        for handle, (part, data) in known.items():
            try:
                stood = packed.unpack(data)
            except packed.Outdated:
                self.stale.add(handle)
                continue
            last = int(stood.seq.max(initial=0))
            fresh = packed.columns([deed(row, said) for row in by_handle[handle] if row.seq > last])
            for number, columns in enumerate(packed.split(packed.joined([stood, fresh])), part):
                self._changed[handle, number] = columns
                self._workspaces[handle] = by_handle[handle][0].workspace_id

    def read(self, workspace: int, handles: Iterable[int]) -> dict[int, list[Columns]]:
        """The acts of each of these handles that did anything, as the parts they lie in."""
        wanted = set(handles)
        found: dict[int, dict[int, Columns]] = defaultdict(dict)
        for handle, part, data in bulk.select(
            "SELECT handle, part, packed FROM organise_history WHERE handle IN ({})", wanted - self.stale - self._grown.keys()
        ):
            try:
                found[handle][part] = packed.unpack(data)
            except packed.Outdated:
                self.stale.add(handle)
        for (handle, part), columns in self._changed.items():
            if handle in wanted:
                found[handle][part] = columns
        kept = {handle: [parts[part] for part in sorted(parts)] for handle, parts in found.items() if handle not in self.stale}
        self._from_log(workspace, wanted - kept.keys() - self._grown.keys())
        return kept | {handle: self._grown[handle] for handle in wanted & self._grown.keys()}

    def _from_log(self, workspace: int, handles: set[int]) -> None:
        rows = list(of_log(handles, self.upto))
        said = understood(row.seq for row in rows)
        by_handle: dict[int, list[Deed]] = defaultdict(list)
        for row in rows:
            by_handle[whose(row)].append(deed(row, said))  # type: ignore[index]
        for handle, deeds in by_handle.items():
            self._grown[handle] = packed.split(packed.columns(deeds))
            self._workspaces[handle] = workspace

    def write(self) -> None:
        """Keep what passed and what was read from the log. Inside the caller's transaction, under the step's lease."""
        gone = self.stale | self._grown.keys()
        bulk.execute_in("DELETE FROM organise_history WHERE handle IN ({})", gone)
        parts = {key: columns for key, columns in self._changed.items() if key[0] not in gone}
        parts |= {(handle, number): columns for handle, grown in self._grown.items() for number, columns in enumerate(grown)}
        rows = [(self._workspaces[handle], handle, part, each.size, packed.pack(each)) for (handle, part), each in sorted(parts.items())]
        bulk.upsert(History, _PART, rows, "handle, part", keep=("workspace_id", "handle", "part"))


def of_log(handles: Iterable[int], upto: int) -> list[Row]:
    """Acts of these handles that stand, in the order of the log up to a place."""
    keys, names = list(handles), ", ".join(READ)
    found: list[Row] = []
    for side, direction in _SIDES:
        sql = (
            f"SELECT seq, {names} FROM listen_activity WHERE {side} IN ({{}}) AND direction = '{direction}' AND seq <= {upto:d} "
            "AND NOT superseded AND op <> 'retract' AND NOT is_machine"
        )
        found += [row for row in map(Row._make, bulk.select(sql, keys)) if is_act(row)]
    skipped = aside.passed_over(STEP, 0, upto) if found else frozenset()
    return sorted((row for row in found if row.seq not in skipped), key=attrgetter("seq"))


def handles_of(seqs: Iterable[int]) -> set[int]:
    """Whose rows of the log these are."""
    sql = "SELECT direction, object_type, actor, target FROM listen_activity WHERE seq IN ({})"
    found = bulk.select(sql, set(seqs))
    return {key for side, kind, actor, target in found if (key := actor if side == "in" or kind == ObjectType.PROFILE else target)}


def handles_of_families(roots: Iterable[bytes]) -> set[int]:
    """Whose rows all are that were ever said about these things: corrected, taken back, or standing again."""
    keys = set(roots)
    found: set[int] = set()
    for column in ("event_id", "root_id"):
        sql = f"SELECT actor, target FROM listen_activity WHERE {column} IN ({{}})"
        found |= {key for pair in known.select(sql, keys, column) for key in pair if key}
    return found


def deed(row: Row, said: Said) -> Deed:
    """A row as it is packed."""
    language, sentiment, topics, intents = said.get(row.seq, ("", "", "", ""))
    thread = labels.thread(row.thread_key, row.channel, row.target if row.direction == "out" else row.actor)
    values = {
        "thread_key": thread, "language": language or row.language, "topics": topics or row.topics, "intents": intents or row.intents,
    }  # fmt: skip
    return Deed(
        row.seq, _micros(row.happened_at), row.verb, row.object_type, row.direction == "out", bool(row.parent_key),
        sentiment or row.sentiment, _amount(row.amount), _rating(row.rating, row.rating_max), _labels(row, values),
    )  # fmt: skip


def _labels(row: Row, values: Mapping[str, str]) -> list[int]:
    found = [label(field, text) for field, name in labels.ONE.items() if (text := values.get(name) or getattr(row, name))]
    several = {
        "topic": values["topics"].split("|"), "intent": values["intents"].split("|"), "hashtag": row.hashtags.split(" "),
        "product": labels.products(row.props),
    }  # fmt: skip
    return found + [label(field, text) for field, texts in several.items() for text in texts if text]


def _amount(value: Any) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and abs(number) < labels.LARGEST else None


def _rating(value: float | None, most: float | None) -> float | None:
    return value / most if value is not None and most and most > 0 else None


def _micros(moment: Any) -> int:
    found = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return micros(found.replace(tzinfo=UTC) if found.tzinfo is None else found)


def place() -> int:
    """Up to which place of the log everything is in the parts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM store_cursor WHERE name = %s", [STEP])
        found = cursor.fetchone()
        return int(found[0]) if found else 0
