"""The two tables beside the activities: which handle is whose, and who there is. Merging people changes only these."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from vincle.engines.table import HANDLE, PERSON, OpenTable
from vincle.identify.models import Change
from vincle.listen import log
from vincle.store import bulk
from vincle.store.models import Cursor

from . import warehouse
from .loading import people as person_rows

BATCH = 50_000
PAGE = 20_000
# A table is written whole: a large one is not written again for every newcomer. Rows per second of waiting.
PATIENCE = 20_000
_HANDLES = (
    "SELECT b.handle, b.workspace_id, h.kind, b.person FROM identify_belonging b JOIN listen_handle h ON h.key = b.handle "
    "WHERE {}"
)
_PEOPLE = "SELECT person, workspace_id, kind, is_identified, known_since FROM organise_profile WHERE {}"


class Refresh:
    """One round: what has changed since the last one, in the workspaces it touches. Doing it twice changes nothing."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        self.handles, self.people = warehouse.tables()["handle"], warehouse.tables()["person"]
        self.rows, self.changes = _cursor("analyse people"), _cursor("analyse changes")
        self.rows_to, self.changes_to = position("organise"), position("organise changes")

    def run(self) -> int:
        """Returns how many people were written; 0: nothing to do, or too soon for it."""
        if self.people.loaded(self.writer) is None or self.handles.loaded(self.writer) is None:
            return self._all()
        if (self.rows.position, self.changes.position) == (self.rows_to, self.changes_to) or self._too_soon():
            return 0
        touched = self._touched()
        for workspace, people in touched.items():
            self._update(workspace, people)
        self._note()
        return sum(map(len, touched.values()))

    def _too_soon(self) -> bool:
        written = self.people.written_at()
        rows = self.people.count() + self.handles.count()
        return written is not None and (datetime.now(UTC) - written).total_seconds() < rows / PATIENCE - 1

    def _touched(self) -> dict[int, set[int]]:
        """People by workspace that rows of the log or decisions of the team have touched."""
        touched: dict[int, set[int]] = {}
        changes = Change.objects.filter(seq__gt=self.changes.position, seq__lte=self.changes_to)
        for person, workspace in changes.values_list("person", "workspace_id"):
            touched.setdefault(workspace, set()).add(person)
        at = self.rows.position
        while at < self.rows_to and (rows := log.read_new(at, BATCH, ("actor", "target"))):
            keys = {key for seq, *both in rows if seq <= self.rows_to for key in both if key}
            for workspace, person in bulk.select("SELECT workspace_id, person FROM identify_belonging WHERE handle IN ({})", keys):
                touched.setdefault(workspace, set()).add(person)
            at = rows[-1][0]
        return touched

    def _update(self, workspace: int, people: set[int]) -> None:
        fresh = _handles(people)
        stood = self.handles.read(workspace=workspace)
        stale = pc.or_(_among(stood["person"], people), _among(stood["key"], fresh["key"].to_pylist()))
        self._write(self.handles, workspace, stood, pa.concat_tables([stood.filter(pc.invert(stale)), fresh]))
        known = self.people.read(workspace=workspace)
        kept = known.filter(pc.invert(_among(known["id"], people)))
        self._write(self.people, workspace, known, pa.concat_tables([kept, _people(people)]))

    def _write(self, table: OpenTable, workspace: int, stood: pa.Table, rows: pa.Table) -> None:
        order = table.layout.order
        if len(stood) != len(rows) or not stood.sort_by(order).equals(rows.sort_by(order)):
            table.replace(workspace, rows, self.writer, self.rows_to)

    def _all(self) -> int:
        """Everything anew, a workspace at a time."""
        workspaces = list(bulk.pluck("SELECT id FROM accounts_workspace WHERE id NOT IN ({})", [0]))
        for table, rows_of in ((self.handles, _all_handles), (self.people, _all_people)):
            table.ensure()
            table.empty(self.writer)
            for workspace in workspaces:
                if len(rows := rows_of(workspace)):
                    table.replace(workspace, rows, self.writer, self.rows_to)
        self._note()
        return self.people.count()

    def _note(self) -> None:
        for cursor, upto in ((self.rows, self.rows_to), (self.changes, self.changes_to)):
            Cursor.objects.filter(pk=cursor.pk).update(position=upto, updated_at=timezone.now())


def position(name: str) -> int:
    """How far a step of the pipeline has come; 0 when it never ran."""
    return Cursor.objects.filter(name=name).values_list("position", flat=True).first() or 0


def _cursor(name: str) -> Cursor:
    return Cursor.objects.get_or_create(name=name)[0]


def _handles(people: Iterable[int]) -> pa.Table:
    return _joined(HANDLE, (_handle_rows(list(bulk.select(_HANDLES.format("b.person IN ({})"), part))) for part in _parts(people)))


def _people(people: Iterable[int]) -> pa.Table:
    return _joined(PERSON, (person_rows(list(bulk.select(_PEOPLE.format("person IN ({})"), part))) for part in _parts(people)))


def _all_handles(workspace: int) -> pa.Table:
    return _joined(HANDLE, map(_handle_rows, _pages(_HANDLES, "b.workspace_id IN ({})", "b.handle", 0, workspace)))


def _all_people(workspace: int) -> pa.Table:
    return _joined(PERSON, map(person_rows, _pages(_PEOPLE, "workspace_id IN ({})", "person", 0, workspace)))


def _handle_rows(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(HANDLE)
    return pa.Table.from_arrays([pa.array(column, field.type) for column, field in zip(columns, HANDLE, strict=True)], schema=HANDLE)


def _pages(sql: str, condition: str, key: str, place: int, workspace: int) -> Iterator[list[tuple[Any, ...]]]:
    """A workspace's rows, `PAGE` at a time: as Python's own values they take ten times the room they take in columns."""
    last = -1
    while rows := list(bulk.select(f"{sql.format(condition)} AND {key} > {last:d} ORDER BY {key} LIMIT {PAGE}", [workspace])):
        yield rows
        last = rows[-1][place]


def _parts(people: Iterable[int]) -> Iterator[Sequence[int]]:
    return bulk.chunks(sorted(people), PAGE // 4)


def _joined(schema: pa.Schema, tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables])


def _among(column: pa.ChunkedArray, keys: Iterable[int]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(list(keys), pa.int64()))
