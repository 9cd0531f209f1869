"""The open table: Delta Lake folders that any tool may read in place. It holds keys, verbs, numbers and labels, never names or texts.

One writer at a time; a second one is refused by the commit. Any number of readers: each looks at one version.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from threading import Lock
from time import monotonic
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.exceptions import TableNotFoundError

from . import _files
from ._layouts import ACTIVITY, HANDLE, LAYOUTS, MATCH, MOMENT, PERSON, PRODUCTS, UNDERSTOOD, Layout, months
from ._places import KEPT_HOURS, Bucket, Where, place

__all__ = [
    "ACTIVITY", "HANDLE", "KEPT_HOURS", "LAYOUTS", "MATCH", "MOMENT", "PERSON", "PRODUCTS", "UNDERSTOOD", "Bucket", "Layout", "OpenTable",
    "Where", "lake", "months",
]  # fmt: skip

FEW_FILES = 12
_CONFIGURATION = {
    "delta.logRetentionDuration": f"interval {KEPT_HOURS} hours",
    "delta.deletedFileRetentionDuration": f"interval {KEPT_HOURS} hours",
    "delta.checkpointInterval": "50",
}
_GROWN = "vincle.grown"
_NEVER = -1


class OpenTable:
    """One table of the lake. Safe for several threads to read; written under the caller's lease."""

    def __init__(self, lake: Where, layout: Layout) -> None:
        self.layout = layout
        self._place = place(lake, layout.name)
        self._lock = Lock()
        self._looked = -1e9
        self._delta: DeltaTable | None = None
        self._files: tuple[int, tuple[str, ...]] = (-1, ())
        self._written: tuple[int, datetime | None] = (-1, None)

    def version(self) -> int:
        """Number of the newest commit; -1 when there is no table. Costs one look at a folder when nothing is new."""
        with self._lock:
            return self._newest()

    def files(self) -> tuple[int, tuple[str, ...]]:
        """(version, paths on this machine of the Parquet files that make it up).

        Of a table that has grown (`grown`) older files lack columns, which read as NULL.
        """
        with self._lock:
            version = self._newest()
            if self._files[0] != version:
                self._files = (version, tuple(self._place.here(self._delta.file_uris())) if self._delta else ())
            return self._files

    def grown(self) -> bool:
        """Whether columns were added since the table was made."""
        with self._lock:
            self._newest()
            return self._delta is not None and _GROWN in self._delta.metadata().configuration

    def loaded(self, writer: str) -> int | None:
        """How far this writer has come: the number of its last commit that stands; None when it never wrote."""
        with self._lock:
            self._newest()
            upto = self._delta.transaction_version(writer) if self._delta else None
            return None if upto == _NEVER else upto

    def count(self) -> int:
        """Rows, from the table's own bookkeeping."""
        with self._lock:
            self._newest()
            return int(self._delta.count()) if self._delta else 0

    def size(self) -> int:
        """Bytes of the live files."""
        with self._lock:
            self._newest()
            return int(sum(self._sizes().values())) if self._delta else 0

    def ensure(self, writer: str = "") -> None:
        """Create the table, or give it the columns it lacks.

        One whose columns were renamed or retyped, or that lacks a telling one, is of another release: it is replaced by an empty one
        that `writer` has not loaded.
        """
        with self._lock:
            self._newest(at_once=True)
            lacking = self._lacking()
            if lacking is None:
                self._delta = DeltaTable.create(
                    self._place.uri,
                    schema=self.layout.schema,
                    mode="overwrite",
                    partition_by=list(self.layout.partitions),
                    configuration={**_CONFIGURATION, "delta.targetFileSize": str(self.layout.file_size)},
                    storage_options=self._place.options,
                    commit_properties=_commit(writer, _NEVER),
                )
            elif lacking:
                self._open().alter.set_table_properties({_GROWN: "true"}, raise_if_not_exists=False, commit_properties=_commit())
                self._open().alter.add_columns(lacking, commit_properties=_commit())

    def empty(self, writer: str) -> None:
        """Take every row out; readers of the moment keep their version."""
        with self._lock:
            self._open().delete(commit_properties=_commit(writer, 0))

    def append(self, rows: pa.Table, writer: str, upto: int) -> None:
        """Add rows and note, in the same commit, that `writer` has come to `upto`."""
        with self._lock:
            self._change(_files.write(self._place.files, self.layout, rows), _commit(writer, upto))

    def revise(self, dead: pa.Table, rows: pa.Table, writer: str, upto: int, *, overwrite: bool = False) -> None:
        """Take out the rows named by `dead` (key and folders) and add `rows`, in one commit that rewrites only files it must.

        A row that stands already is not added a second time; with `overwrite` it takes the new values.
        """
        key = self.layout.key
        new = rows[key].combine_chunks()
        out = dead[key].combine_chunks()
        out = pa.concat_arrays([out, new]) if overwrite else out.filter(pc.invert(pc.is_in(out, value_set=new)))
        folders = _files.folders(self.layout, dead) | _files.folders(self.layout, rows)
        with self._lock:
            files, changes, standing = self._place.files, list[_files.Change](), [new.slice(0, 0)]
            for file in _files.live(self._open(), self.layout):
                if file.folder not in folders:
                    continue
                keys = _files.read(files, self.layout, file, [key])[key]
                standing.append(new.filter(pc.is_in(new, value_set=keys.combine_chunks())))
                if pc.any(gone := pc.is_in(keys, value_set=out)).as_py():
                    changes += _files.without(files, self.layout, file, gone)
            added = rows if overwrite else rows.filter(pc.invert(pc.is_in(new, value_set=pa.concat_arrays(standing))))
            self._change([*changes, *_files.write(files, self.layout, added)], _commit(writer, upto))

    def erase(self, workspace: int, holders: Iterable[int], alive: Callable[[], None] = lambda: None) -> int:
        """Take the rows about these handles (or people) out of every live file; returns how many there were.

        A commit for each folder, and a call of `alive` before it: stopped half-way it can be called again. Files of earlier
        versions go with the next `clear` an hour later.
        """
        keys = pa.array(sorted(set(holders)) if self.layout.holders else [], pa.int64())
        with self._lock:
            live = _files.live(self._delta, self.layout) if len(keys) and self._newest(at_once=True) >= 0 and self._delta else []
        place = self.layout.partitions.index("workspace")
        return sum(self._erase(folder, keys, alive) for folder in sorted({file.folder for file in live}) if folder[place] == str(workspace))

    def _erase(self, folder: tuple[str, ...], keys: pa.Array, alive: Callable[[], None]) -> int:
        with self._lock:
            files, changes, count = self._place.files, list[_files.Change](), 0
            for file in _files.live(self._open(), self.layout):
                if file.folder != folder:
                    continue
                whose = _files.read(files, self.layout, file, self.layout.holders)
                gone = reduce(pc.or_, (pc.is_in(column, value_set=keys) for column in whose.columns))
                if found := pc.sum(gone).as_py():
                    changes += _files.without(files, self.layout, file, gone)
                    count += found
            alive()
            if changes:
                self._change(changes, _commit())
            return count

    def clear(self) -> None:
        """Remove files that no version of the last hour needs."""
        with self._lock:
            self._vacuum(self._open())

    def replace(self, workspace: int, rows: pa.Table, writer: str, upto: int) -> None:
        """All rows of a workspace anew."""
        with self._lock:
            place = self.layout.partitions.index("workspace")
            old = [file for file in _files.live(self._open(), self.layout) if file.folder[place] == str(workspace)]
            new = _files.write(self._place.files, self.layout, rows)
            self._change([*new, *(_files.remove(self.layout, file) for file in old)], _commit(writer, upto))

    def written_at(self) -> datetime | None:
        """When the newest version was committed."""
        with self._lock:
            version = self._newest()
            if self._delta is not None and self._written[0] != version:
                said = next(iter(self._delta.history(1)), {}).get("timestamp")
                self._written = (version, None if said is None else datetime.fromtimestamp(said / 1000, UTC))
            return self._written[1] if version >= 0 else None

    def read(self, among: Mapping[str, pa.Array] | None = None, **equal: Any) -> pa.Table:
        """Rows of the newest version where the named partition columns have these values.

        `among`: only rows where one of these columns has a value of its array.
        """
        with self._lock:
            self._newest(at_once=True)
            if self._delta is None:
                return self.layout.schema.empty_table()
            folders = [(name, "=", str(value)) for name, value in equal.items()]
            either = [pa.dataset.field(name).isin(values) for name, values in (among or {}).items()]
            rows = self._delta.to_pyarrow_dataset(file_pruning_predicate=folders or None)
            found = rows.to_table(filter=reduce(or_, either)) if either else rows.to_table()
            return found.select(self.layout.schema.names).cast(self.layout.schema)

    def drop_other_workspaces(self, living: Iterable[int]) -> None:
        """Take out what belongs to workspaces that are no more; touches no file of the others."""
        with self._lock:
            table = self._open()
            present = {int(part["workspace"]) for part in table.partitions()}
            if gone := present - set(living):
                table.delete(f"workspace IN ({', '.join(map(str, sorted(gone)))})", commit_properties=_commit())

    def tidy(self, few: int = FEW_FILES) -> int:
        """Join small files where a folder holds more than `few`; remove files that no version of the last hour needs.

        Returns how many folders were worked on. What is joined is no larger than what came: over its life a row is written a
        few times, not at every turn.
        """
        with self._lock:
            table = self._open()
            crowded = _files.crowded(_files.live(table, self.layout), self.layout, few)
            for bundles in crowded:
                self._change([change for found in bundles for change in _files.join(self._place.files, self.layout, found)], _commit())
            if crowded or table.version() % 50 == 49:
                self._vacuum(self._open())
            return len(crowded)

    def _vacuum(self, table: DeltaTable) -> None:
        # In full: also what a killed writer left behind, and what was replaced before the last checkpoint of the commits.
        table.vacuum(retention_hours=KEPT_HOURS, dry_run=False, enforce_retention_duration=False, full=True, commit_properties=_commit())

    def _change(self, changes: list[_files.Change], commit: CommitProperties) -> None:
        folders = list(self.layout.partitions)
        self._open().create_write_transaction(changes, "append", self.layout.schema, folders, commit_properties=commit)

    def _sizes(self) -> Mapping[str, int]:
        actions = pa.table(self._open().get_add_actions(flatten=True)).to_pydict()
        return dict(zip(actions["path"], actions["size_bytes"], strict=True))

    def _open(self) -> DeltaTable:
        self._newest(at_once=True)
        if self._delta is None:
            raise TableNotFoundError(self._place.uri)
        return self._delta

    def _lacking(self) -> list[Field] | None:
        """Columns that the table at hand has not yet; None when it cannot be made into one of this layout."""
        if self._delta is None or tuple(self._delta.metadata().partition_columns) != self.layout.partitions:
            return None
        wanted = {column.name: column for column in Schema.from_arrow(self.layout.schema).fields}
        present = {column.name: column.type for column in self._delta.schema().fields}
        if any(name not in wanted or wanted[name].type != kind for name, kind in present.items()):
            return None
        if not present.keys() >= set(self.layout.telling):
            return None
        return [column for name, column in wanted.items() if name not in present]

    def _newest(self, at_once: bool = False) -> int:
        """Number of the version at hand, after a look whether there is a newer one; -1 without a table."""
        if at_once or monotonic() - self._looked >= self._place.look_every:
            self._look()
            self._looked = monotonic()
        return -1 if self._delta is None else int(self._delta.version())

    def _look(self) -> None:
        if self._delta is not None:
            version = self._delta.version()
            if self._place.has_commit(version + 1):
                self._delta.update_incremental()
                return
            if self._place.has_commit(version):
                return
        there = self._place.is_table()
        self._delta = DeltaTable(self._place.uri, storage_options=self._place.options) if there else None


def lake(where: Where) -> dict[str, OpenTable]:
    """The tables of a lake, by name."""
    return {name: OpenTable(where, layout) for name, layout in LAYOUTS.items()}


def _commit(writer: str = "", upto: int = 0) -> CommitProperties:
    # No retries: a commit that finds another one in its way was made by a writer that has lost its lease, or against one.
    marks = [Transaction(writer, version=upto)] if writer else None
    return CommitProperties(app_transactions=marks, max_commit_retries=0)
