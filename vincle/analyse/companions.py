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
from vincle.organise import warehouse
from vincle.store import bulk
from vincle.store.models import Cursor

from .loading import people as person_rows

BATCH = 50_000
PAGE = 20_000
# A change writes a file anew: of a large table not for every one of them. Rows per second of waiting.
PATIENCE = 200_000
_HANDLES = "SELECT b.handle, b.workspace_id, h.kind, b.person FROM identify_belonging b JOIN listen_handle h ON h.key = b.handle WHERE {}"
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
        for table in (self.handles, self.people):
            table.ensure(self.writer)
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
        fresh, touched = _handles(people), pa.array(list(people), pa.int64())
        stood = self.handles.read(among={"person": touched, "key": fresh["key"].combine_chunks()}, workspace=workspace)
        self._write(self.handles, stood, fresh)
        self._write(self.people, self.people.read(among={"id": touched}, workspace=workspace), _people(people))

    def _write(self, table: OpenTable, stood: pa.Table, fresh: pa.Table) -> None:
        """Make `stood` of the table into `fresh`: what has changed is written, the rest is left where it lies."""
        key = table.layout.key
        dead = stood.filter(pc.invert(pc.is_in(stood[key], value_set=fresh[key].combine_chunks())))
        rows = _differing(fresh, stood, key)
        if len(dead) or pc.any(pc.is_in(rows[key], value_set=stood[key].combine_chunks())).as_py():
            table.revise(dead.select([key, *table.layout.partitions]), rows, self.writer, self.rows_to, overwrite=True)
        elif len(rows):
            table.append(rows, self.writer, self.rows_to)

    def _all(self) -> int:
        """Everything anew, a workspace at a time."""
        workspaces = list(bulk.pluck("SELECT id FROM accounts_workspace WHERE id NOT IN ({})", [0]))
        for table, rows_of in ((self.handles, _all_handles), (self.people, _all_people)):
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


def _differing(fresh: pa.Table, stood: pa.Table, key: str) -> pa.Table:
    """Rows of `fresh` that do not stand in `stood` with the same values."""
    places = pc.index_in(fresh[key], value_set=stood[key].combine_chunks())
    before, same = stood.take(places), pc.is_valid(places)
    for name in fresh.column_names:
        nothing = pc.and_(pc.is_null(fresh[name]), pc.is_null(before[name]))
        same = pc.and_(same, pc.or_(nothing, pc.fill_null(pc.equal(fresh[name], before[name]), False)))
    return fresh.filter(pc.invert(same))
