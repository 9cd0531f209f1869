"""The columnar copy follows the log: every act once, corrections and retractions carried out, people as they are now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import structlog

from vincle.engines.table import OpenTable
from vincle.listen import log
from vincle.store import bulk, lease
from vincle.store.lease import LostLease
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op

from . import loading, warehouse
from .companions import Refresh, position

logger = structlog.get_logger(__name__)
STEP = "analyse"
BATCH = 50_000
PIECE = 400_000
# While the log is still being worked off it is loaded in large pieces, but no rarer than this, in seconds.
LONGEST_WAIT = 10
_OP, _KIND, _HIDDEN, _EVENT, _ROOT = range(1, 6)
_MARKS = ("op", "object_type", "superseded", "event_id", "root_id")
_READ = (*_MARKS, *loading.COLUMNS)
_SKIPPED = len(_MARKS)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether the tables lack something of the log or of the people, or were taken away."""
    pairs = ((STEP, "organise"), ("analyse people", "organise"), ("analyse changes", "organise changes"))
    if any(reached.get(ours, 0) < reached.get(theirs, 0) for ours, theirs in pairs):
        return True
    return reached.get("organise", 0) > 0 and any(table.version() < 0 for table in warehouse.tables().values())


def step(cursor: Cursor) -> int:
    """Load what identity and profiles have worked off; returns how many rows moved.

    What is loaded is written in the same commit as how far it goes, so the table itself says where to go on: a kill
    between that commit and the cursor's move loads nothing twice.
    """
    writer = warehouse.writer()
    table = warehouse.tables()["activity"]
    _prepare(table, writer)
    if _log_is_busy() and _is_fresh(table) and position("organise") - (table.loaded(writer) or 0) < PIECE:
        return 0
    moved = _load(cursor, table, writer) + Refresh(writer).run()
    if not moved:
        return 0
    _tidy()
    return moved


def empty() -> None:
    """Take everything out of the tables; the next steps load them again from the beginning of the log."""
    writer = warehouse.writer()
    for table in warehouse.tables().values():
        table.ensure()
        table.empty(writer)


def reload() -> int:
    """Empty the tables and load them from the log again; returns how many rows moved. LostLease when another process loads."""
    with lease.held(STEP) as cursor:
        if cursor is None:
            raise LostLease(STEP)
        empty()
        Cursor.objects.filter(name__in=("analyse people", "analyse changes")).update(position=0)
        moved = 0
        while done := step(cursor):
            moved += done
        return moved


def _prepare(table: OpenTable, writer: str) -> None:
    """A table of another release, of another log, or ahead of a log that was restored from an older copy, begins anew."""
    table.ensure()
    loaded = table.loaded(writer)
    if loaded is None or loaded > log.last_seq():
        if table.count():
            logger.warning("the open table is filled anew", rows=table.count())
        table.empty(writer)


def _log_is_busy() -> bool:
    return position("organise") < log.last_seq()


def _is_fresh(table: OpenTable) -> bool:
    written = table.written_at()
    return written is not None and (datetime.now(UTC) - written).total_seconds() < LONGEST_WAIT


def _load(cursor: Cursor, table: OpenTable, writer: str) -> int:
    start, upto = table.loaded(writer) or 0, position("organise")
    parts, roots, last, read = _gather(cursor, start, upto)
    if read:
        rows = pa.concat_tables(parts) if parts else table.layout.schema.empty_table()
        if roots:
            dead, standing = _families(roots, last)
            table.revise(dead, _joined(rows, standing), writer, last)
        else:
            table.append(rows, writer, last)
    if last != cursor.position:
        lease.advance(cursor, last, read)
    return read


def _gather(cursor: Cursor, start: int, upto: int) -> tuple[list[pa.Table], set[bytes], int, int]:
    """Columns of the rows that stand, roots of what was corrected or taken back, the last number, how many rows were read."""
    parts: list[pa.Table] = []
    roots: set[bytes] = set()
    last, read = start, 0
    while last < upto and read < PIECE:
        acts = log.read_acts(last, upto, BATCH, _READ)
        roots.update(bytes(row[_ROOT]) for row in acts if row[_ROOT] is not None)
        parts.append(loading.activities([_plain(row) for row in acts if _stands(row)]))
        reached = acts[-1][0] if len(acts) == BATCH else upto
        last, read = reached, read + reached - last
        if not lease.keep(Cursor.objects.filter(pk=cursor.pk)):
            raise LostLease(cursor.name)
    return parts, roots, last, read


def _stands(row: Sequence[Any]) -> bool:
    return row[_OP] != Op.RETRACT and not row[_HIDDEN] and row[_KIND] != ObjectType.PROFILE


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    return (row[0], *row[1 + _SKIPPED :])


def _families(roots: set[bytes], upto: int) -> tuple[pa.Table, pa.Table]:
    """Of all rows about the same things: those to take out, and those that stand now."""
    light = "SELECT event_id, workspace_id, happened_at FROM listen_activity WHERE {} IN ({{}}) AND (superseded OR op = 'retract')"
    names = ", ".join(("seq", *_READ))
    dead: list[tuple[Any, ...]] = []
    standing: dict[int, tuple[Any, ...]] = {}
    for column in ("event_id", "root_id"):
        dead += bulk.select(light.format(column), roots)
        whole = f"SELECT {names} FROM listen_activity WHERE {column} IN ({{}}) AND NOT superseded AND op <> 'retract'"
        standing |= {row[0]: row for row in bulk.select(whole, roots) if row[0] <= upto and _stands(row)}
    return loading.dead(dead), loading.activities([_plain(standing[seq]) for seq in sorted(standing)])


def _joined(rows: pa.Table, standing: pa.Table) -> pa.Table:
    """Rows of the batch and rows brought back; one of each."""
    known = set(rows["seq"].to_pylist())
    return pa.concat_tables([rows, standing.filter(pa.array([seq not in known for seq in standing["seq"].to_pylist()], pa.bool_()))])


def _tidy() -> None:
    tables = warehouse.tables()
    living = list(bulk.pluck("SELECT id FROM accounts_workspace WHERE id NOT IN ({})", [0]))
    for table in tables.values():
        table.drop_other_workspaces(living)
        table.tidy()
