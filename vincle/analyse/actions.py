"""The columnar copy follows the log: every act once, corrections and retractions carried out, people as they are now."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import pyarrow as pa
import structlog

from vincle.accounts.models import Workspace
from vincle.engines.table import KEPT_HOURS, OpenTable
from vincle.listen import aside, log
from vincle.organise import warehouse
from vincle.store import bulk, lease
from vincle.store.blame import Faulty, blame
from vincle.store.lease import LostLease
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op

from . import loading, understood
from .companions import Refresh, position

logger = structlog.get_logger(__name__)
STEP = "analyse"
CLEAR = "analyse clear"
"""A cursor that holds when, in seconds since 1970, old files with erased rows are to go; 0: there are none."""
AHEAD = ("understand", "organise")
"""Steps that this one goes no further than."""

BATCH = 50_000
PIECE = 400_000
# While the log is still being worked off it is loaded in large pieces, but no rarer than this, in seconds.
LONGEST_WAIT = 10
_MARGIN = 60
_OP, _KIND, _HIDDEN, _EVENT, _ROOT = range(1, 6)
_MARKS = ("op", "object_type", "superseded", "event_id", "root_id")
_READ = (*_MARKS, *loading.COLUMNS)
_SKIPPED = len(_MARKS)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether the tables lack something of the log or of the people, or were taken away."""
    pairs = (("analyse people", "organise"), ("analyse changes", "organise changes"))
    if any(reached.get(ours, 0) < reached.get(theirs, 0) for ours, theirs in pairs):
        return True
    if reached.get(STEP, 0) < min(reached.get(name, 0) for name in AHEAD) or understood.is_behind(reached):
        return True
    if _is_due(reached.get(CLEAR, 0)):
        return True
    return reached.get("organise", 0) > 0 and any(table.version() < 0 for table in warehouse.tables().values())


def step(cursor: Cursor, most: int | None = None) -> int:
    """Load what was read, and what identity and profiles have worked off; returns how many rows moved. Faulty names rows that cannot be.

    What is loaded is written in the same commit as how far it goes, so the table itself says where to go on: a kill
    between that commit and the cursor's move loads nothing twice.
    """
    writer = warehouse.writer()
    table = warehouse.tables()["activity"]
    _prepare(table, writer)
    _clear()
    if most is None and _log_is_busy() and _is_fresh(table) and _reached() - (table.loaded(writer) or 0) < PIECE:
        return 0
    moved = _follow_changes(table, writer) + _load(cursor, table, writer, most or PIECE)
    moved += understood.load(warehouse.tables()["match"], writer, table.loaded(writer) or 0) + Refresh(writer).run()
    if not moved:
        return 0
    _tidy()
    warehouse.follow()
    return moved


def empty() -> None:
    """Take everything out of the tables; the next steps load them again from the beginning of the log."""
    writer = warehouse.writer()
    for table in warehouse.tables().values():
        table.ensure(writer)
        table.empty(writer)


def again(seq: int) -> None:
    """Load one row that had been set aside; twice changes nothing."""
    writer = warehouse.writer()
    table = warehouse.tables()["activity"]
    loaded = table.loaded(writer) or 0
    found = (row for row in log.read_acts(seq - 1, seq, 1, _READ) if seq <= loaded)  # what the table has not come to goes in by itself
    roots = {bytes(row[_ROOT] or row[_EVENT]) for row in found}
    if roots:
        table.revise(*_families(roots, loaded), writer, loaded)


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


def erase(workspace: Workspace, handles: Iterable[int], people: Iterable[int]) -> int:
    """Take what these handles did or were sent, and these people, out of every table; returns how many rows there were.

    The log must be rid of them first: what it still has is loaded again. Readers of the moment finish on files that are removed
    an hour later. LostLease when another process loads: call again.
    """
    keys = {"activity": list(handles), "person": list(people)}
    keys["handle"] = keys["activity"]
    with lease.held(STEP) as cursor:
        if cursor is None:
            raise LostLease(STEP)
        ours = Cursor.objects.filter(pk=cursor.pk)

        def alive() -> None:
            if not lease.keep(ours):
                raise LostLease(STEP)

        try:
            return sum(warehouse.tables()[name].erase(workspace.pk, theirs, alive) for name, theirs in keys.items())
        finally:
            due = int(time.time()) + KEPT_HOURS * 3600 + _MARGIN
            Cursor.objects.update_or_create(name=CLEAR, defaults={"position": due})


def _is_due(at: int) -> bool:
    return 0 < at <= time.time()


def _clear() -> None:
    """Remove the files that erased rows were in, once nobody can still be reading them."""
    at = position(CLEAR)
    if _is_due(at):
        for table in warehouse.tables().values():
            table.clear()
        Cursor.objects.filter(name=CLEAR, position=at).update(position=0)


def _prepare(table: OpenTable, writer: str) -> None:
    """A table of another release, of another log, or ahead of a log that was restored from an older copy, begins anew."""
    table.ensure(writer)
    loaded = table.loaded(writer)
    if loaded is None or loaded > log.last_seq():
        if table.count():
            logger.warning("the open table is filled anew", rows=table.count())
        table.empty(writer)
    matches = warehouse.tables()["match"]
    matches.ensure(writer)
    if (matched := matches.loaded(writer)) is None or matched > (table.loaded(writer) or 0):
        matches.empty(writer)


def _reached() -> int:
    return min(position(name) for name in AHEAD)


def _log_is_busy() -> bool:
    return _reached() < log.last_seq()


def _is_fresh(table: OpenTable) -> bool:
    written = table.written_at()
    return written is not None and (datetime.now(UTC) - written).total_seconds() < LONGEST_WAIT


def _load(cursor: Cursor, table: OpenTable, writer: str, most: int) -> int:
    start, upto = table.loaded(writer) or 0, _reached()
    parts, roots, last, read = _gather(cursor, start, upto, most)
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


def _gather(cursor: Cursor, start: int, upto: int, most: int) -> tuple[list[pa.Table], set[bytes], int, int]:
    """Columns of the rows that stand, roots of what was corrected or taken back, the last number, how many rows were read."""
    parts: list[pa.Table] = []
    roots: set[bytes] = set()
    last, read, size = start, 0, min(BATCH, most)
    skipped = aside.passed_over(STEP, start, upto)
    while last < upto and read < most:
        acts = log.read_acts(last, upto, size, _READ)
        roots.update(bytes(row[_ROOT]) for row in acts if row[_ROOT] is not None)
        reached = acts[-1][0] if len(acts) == size else upto
        standing = [row for row in acts if _stands(row) and row[0] not in skipped]
        parts.append(_columns(standing, understood.between(last, reached) if standing else {}))
        last, read = reached, read + reached - last
        if not lease.keep(Cursor.objects.filter(pk=cursor.pk)):
            raise LostLease(cursor.name)
    return parts, roots, last, read


def _stands(row: Sequence[Any]) -> bool:
    return row[_OP] != Op.RETRACT and not row[_HIDDEN] and row[_KIND] != ObjectType.PROFILE


def _columns(rows: Sequence[tuple[Any, ...]], said: Mapping[int, loading.Said], each: bool = False) -> pa.Table:
    """Arrow columns; Faulty names the rows, with `each` the one row, that cannot be written."""
    try:
        with blame([row[0] for row in rows]):
            return loading.activities([_plain(row) for row in rows], said)
    except Faulty:
        for row in rows if each and len(rows) > 1 else ():
            _columns([row], said)
        raise


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
    skipped = aside.passed_over(STEP, 0, upto)
    return loading.dead(dead), _whole([standing[seq] for seq in sorted(standing.keys() - skipped)])


def _whole(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Arrow columns of single rows of the log, with what is understood of them."""
    return _columns(rows, understood.of(row[0] for row in rows), each=True)


def _follow_changes(table: OpenTable, writer: str) -> int:
    """Rewrite loaded rows whose text is understood, or matched, otherwise by now; returns how many."""
    loaded = table.loaded(writer) or 0
    changed = understood.Changed(loaded)
    if not changed.look(table.count()):
        return 0
    if texts := changed.texts - aside.passed_over(STEP, 0, loaded):
        names = ", ".join(("seq", *_READ))
        found = bulk.select(f"SELECT {names} FROM listen_activity WHERE seq IN ({{}})", texts)
        rows = _whole(sorted((row for row in found if _stands(row)), key=itemgetter(0)))
        table.revise(rows.select(["event_id", *table.layout.partitions]).slice(0, 0), rows, writer, loaded, overwrite=True)
    understood.revise(warehouse.tables()["match"], writer, changed)
    changed.note()
    return len(changed.texts) + len(changed.matched) + len(changed.dropped)


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
