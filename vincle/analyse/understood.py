"""The open table follows what is understood of texts, and which of them the team's queries ask for."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from time import monotonic

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from vincle.engines.table import MATCH, OpenTable
from vincle.listen import changes
from vincle.listen.fulltext import SEQ_BITS
from vincle.store import bulk
from vincle.store.models import Cursor

from .loading import Said
from .loading import matches as match_rows

CURSOR = "analyse texts"
"""How far, in the numbers of `listen.changes`, the tables have followed."""

BATCH, PAGE = 50_000, 20_000
# A change writes files anew: of a large table not for every one of them. Rows of the table per second of waiting.
PATIENCE = 200_000
_SAID = f"SELECT seq, {', '.join(Said._fields)} FROM listen_understanding WHERE "
_MATCHES = "SELECT id, listening_id, workspace_id, seq, event_id, point FROM listen_match WHERE "
_next_look = [0.0]


def between(after: int, upto: int) -> dict[int, Said]:
    """What is understood of the rows of the log behind one place and up to another."""
    return {seq: Said(*said) for seq, *said in bulk.select(f"{_SAID} seq > {after:d} AND seq <= {upto:d} AND seq NOT IN ({{}})", [0])}


def of(seqs: Iterable[int]) -> dict[int, Said]:
    """What is understood of these rows of the log."""
    return {seq: Said(*said) for seq, *said in bulk.select(f"{_SAID} seq IN ({{}})", set(seqs))}


def is_behind(reached: dict[str, int]) -> bool:
    return reached.get(CURSOR, 0) < reached.get(changes.NUMBERS, 0)


class Changed:
    """One round: rows of the tables whose text is understood otherwise by now, or matched otherwise. Doing it twice changes nothing."""

    def __init__(self, loaded: int) -> None:
        self.cursor, _ = Cursor.objects.get_or_create(name=CURSOR)
        self.upto, self.loaded = changes.newest(), loaded
        self.texts: set[int] = set()
        self.matched: set[int] = set()
        self.dropped: set[int] = set()

    def look(self, rows: int) -> bool:
        """Find what has changed of the loaded rows; False when nothing has, or when it is too soon for a table of so many rows."""
        if self.cursor.position >= self.upto or monotonic() < _next_look[0]:
            return False
        found = changes.behind(self.cursor.position, self.upto, self.loaded, BATCH)
        self.texts, self.matched, self.dropped, self.upto = found.texts, found.texts | found.matched, found.dropped, found.upto
        if self.texts or self.matched or self.dropped:
            _next_look[0] = monotonic() + max(rows / PATIENCE - 1, 0)
            return True
        self.note()
        return False

    def note(self) -> None:
        Cursor.objects.filter(pk=self.cursor.pk).update(position=self.upto, updated_at=timezone.now())
        changes.followed(self.upto)


def revise(table: OpenTable, writer: str, changed: Changed) -> None:
    """Make the matches of what has changed into what they are now."""
    upto = table.loaded(writer) or 0
    touched = {seq for seq in changed.matched if seq <= upto}
    stood = table.read(among={"seq": pa.array(sorted(touched), pa.int64()), "listening": pa.array(sorted(changed.dropped), pa.int64())})
    fresh = _fresh("seq IN ({})", touched)
    if changed.dropped:
        fresh = pa.concat_tables([fresh, _fresh("listening_id IN ({})", changed.dropped, upto)])
        fresh = _each_once(fresh)
    keys = fresh["id"].combine_chunks()
    dead = stood.filter(pc.invert(pc.is_in(stood["id"], value_set=keys)))
    new = fresh.filter(pc.invert(pc.is_in(keys, value_set=stood["id"].combine_chunks())))
    if len(dead):
        table.revise(dead.select(["id", *table.layout.partitions]), new, writer, upto)
    elif len(new):
        table.append(new, writer, upto)


def load(table: OpenTable, writer: str, upto: int) -> int:
    """Matches of the rows of the log up to this place that the table has not come to; returns how many."""
    start = table.loaded(writer) or 0
    if start >= upto:
        return 0
    rows = _fresh(f"seq > {start:d} AND seq <= {upto:d} AND seq NOT IN ({{}})", [0])
    if len(rows):
        table.append(rows, writer, upto)
    return len(rows)


def _fresh(condition: str, values: Collection[int], upto: int | None = None) -> pa.Table:
    more = "" if upto is None else f" AND seq <= {upto:d}"
    parts: list[pa.Table] = [MATCH.empty_table()]
    for part in bulk.chunks(list(values), PAGE):
        found = bulk.select(_MATCHES + condition + more, part)
        parts.append(match_rows([(*row, moment_of(point)) for *row, point in found]))
    return pa.concat_tables(parts)


def moment_of(point: int) -> datetime:
    """The second of a point in time (`fulltext.point_of`)."""
    return datetime.fromtimestamp(point >> SEQ_BITS, UTC)


def _each_once(rows: pa.Table) -> pa.Table:
    first: dict[int, int] = {}
    for place, key in enumerate(rows["id"].to_pylist()):
        first.setdefault(key, place)
    return rows.take(pa.array(list(first.values()), pa.int64()))
