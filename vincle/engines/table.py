"""The open table: Delta Lake folders that any tool may read in place. It holds keys, verbs, numbers and labels, never names or texts.

One writer at a time; a second one is refused by the commit. Any number of readers: each looks at one version.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

MOMENT = pa.timestamp("us", tz="UTC")
WORDS = pa.list_(pa.string())
ACTIVITY = pa.schema(
    [
        ("seq", pa.int64()), ("event_id", pa.binary()), ("root_id", pa.binary()), ("workspace", pa.int64()),
        ("connection", pa.int64()), ("channel", pa.string()), ("verb", pa.string()), ("object_type", pa.string()),
        ("reaction", pa.string()), ("event_name", pa.string()), ("actor", pa.int64()), ("target", pa.int64()),
        ("object_key", pa.string()), ("parent_key", pa.string()), ("thread_key", pa.string()), ("campaign_key", pa.string()),
        ("happened_at", MOMENT), ("observed_at", MOMENT), ("received_at", MOMENT), ("direction", pa.string()),
        ("is_machine", pa.bool_()), ("amount", pa.decimal128(18, 4)), ("currency", pa.string()), ("rating", pa.float64()),
        ("rating_max", pa.float64()), ("score", pa.float64()), ("language", pa.string()), ("sentiment", pa.string()),
        ("sentiment_confidence", pa.float64()), ("intents", WORDS), ("topics", WORDS), ("hashtags", WORDS), ("country", pa.string()),
        ("place", pa.string()), ("month", pa.string()),
    ]
)  # fmt: skip
HANDLE = pa.schema([("key", pa.int64()), ("workspace", pa.int64()), ("kind", pa.string()), ("person", pa.int64())])
PERSON = pa.schema(
    [("id", pa.int64()), ("workspace", pa.int64()), ("kind", pa.string()), ("is_identified", pa.bool_()), ("known_since", MOMENT)]
)
FEW_FILES = 12
KEPT_HOURS = 1
_CONFIGURATION = {"delta.logRetentionDuration": "interval 1 hours", "delta.checkpointInterval": "50"}


@dataclass(frozen=True)
class Layout:
    """What a table of the lake looks like: columns, folders (`partitions`), order of rows within a file."""

    name: str
    schema: pa.Schema
    partitions: tuple[str, ...]
    order: str


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("activity", ACTIVITY, ("workspace", "month"), "actor"),
        Layout("handle", HANDLE, ("workspace",), "key"),
        Layout("person", PERSON, ("workspace",), "id"),
    )
}


class OpenTable:
    """One table of the lake. Safe for several threads to read; written under the caller's lease."""

    def __init__(self, lake: Path, layout: Layout) -> None:
        self.path, self.layout = lake / layout.name, layout
        self._lock = Lock()
        self._delta: DeltaTable | None = None
        self._files: tuple[int, tuple[str, ...]] = (-1, ())

    def version(self) -> int:
        """Number of the newest commit; -1 when there is no table. Costs one look at a folder when nothing is new."""
        with self._lock:
            return self._newest()

    def files(self) -> tuple[int, tuple[str, ...]]:
        """(version, paths of the Parquet files that make it up)."""
        with self._lock:
            version = self._newest()
            if self._files[0] != version:
                self._files = (version, tuple(sorted(self._delta.file_uris())) if self._delta else ())
            return self._files

    def loaded(self, writer: str) -> int | None:
        """How far this writer has come: the number of its last commit that stands; None when it never wrote."""
        with self._lock:
            self._newest()
            return self._delta.transaction_version(writer) if self._delta else None

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

    def ensure(self) -> None:
        """Create the table; one with other columns, of another release, is replaced by an empty one."""
        with self._lock:
            self._newest()
            if self._delta is not None and _columns(self._delta) == _names(self.layout.schema):
                return
            self._delta = DeltaTable.create(
                str(self.path),
                schema=self.layout.schema,
                mode="overwrite",
                partition_by=list(self.layout.partitions),
                configuration=_CONFIGURATION,
            )

    def empty(self, writer: str) -> None:
        """Take every row out; readers of the moment keep their version."""
        with self._lock:
            self._open().delete(commit_properties=_commit(writer, 0))

    def append(self, rows: pa.Table, writer: str, upto: int) -> None:
        """Add rows and note, in the same commit, that `writer` has come to `upto`."""
        with self._lock:
            write_deltalake(self._open(), self._arranged(rows), mode="append", commit_properties=_commit(writer, upto))

    def revise(self, dead: pa.Table, rows: pa.Table, writer: str, upto: int) -> None:
        """Take out the rows named by `dead` (event_id, workspace, month) and add `rows`, in one commit.

        A row that stands already is not added a second time.
        """
        with self._lock:
            gone = pc.invert(pc.is_in(dead["event_id"], value_set=rows["event_id"].combine_chunks()))
            source = pa.concat_tables(
                [
                    dead.filter(gone).append_column("what", pa.array(["out"] * pc.sum(gone).as_py() if len(dead) else [], pa.string())),
                    self._arranged(rows).append_column("what", pa.array(["in"] * len(rows), pa.string())),
                ],
                promote_options="default",
            )
            merger = self._open().merge(
                source,
                "t.workspace = s.workspace AND t.month = s.month AND t.event_id = s.event_id",
                "s",
                "t",
                commit_properties=_commit(writer, upto),
            )
            values = {name: f"s.{name}" for name in self.layout.schema.names}
            merger.when_matched_delete("s.what = 'out'").when_not_matched_insert(values, "s.what = 'in'").execute()

    def replace(self, workspace: int, rows: pa.Table, writer: str, upto: int) -> None:
        """All rows of a workspace anew."""
        with self._lock:
            commit = _commit(writer, upto)
            if len(rows):
                write_deltalake(
                    self._open(),
                    self._arranged(rows),
                    mode="overwrite",
                    predicate=f"workspace = {int(workspace)}",
                    commit_properties=commit,
                )
            else:
                self._open().delete(f"workspace = {int(workspace)}", commit_properties=commit)

    def written_at(self) -> datetime | None:
        """When the newest version was committed."""
        version = self.version()
        entry = self.path / "_delta_log" / f"{version:020d}.json"
        return datetime.fromtimestamp(entry.stat().st_mtime, UTC) if version >= 0 and entry.exists() else None

    def read(self, **equal: Any) -> pa.Table:
        """Rows of the newest version where the named partition columns have these values."""
        with self._lock:
            self._newest()
            if self._delta is None:
                return self.layout.schema.empty_table()
            filters = [(name, "=", value) for name, value in equal.items()]
            return self._delta.to_pyarrow_table(filters=filters or None).select(self.layout.schema.names).cast(self.layout.schema)

    def drop_other_workspaces(self, living: Iterable[int]) -> None:
        """Take out what belongs to workspaces that are no more; touches no file of the others."""
        with self._lock:
            table = self._open()
            present = {int(part["workspace"]) for part in table.partitions()}
            if gone := present - set(living):
                table.delete(f"workspace IN ({', '.join(map(str, sorted(gone)))})", commit_properties=_commit())

    def tidy(self, few: int = FEW_FILES) -> int:
        """Join small files where a folder holds more than `few`; remove files that no version of the last hour needs.

        Returns how many folders were joined.
        """
        with self._lock:
            table = self._open()
            crowded = self._crowded(few)
            for partition in crowded:
                table.optimize.z_order([self.layout.order], partition_filters=list(partition), commit_properties=_commit())
            if crowded or table.version() % 50 == 49:
                table.vacuum(retention_hours=KEPT_HOURS, dry_run=False, enforce_retention_duration=False, commit_properties=_commit())
            return len(crowded)

    def _crowded(self, few: int) -> list[tuple[tuple[str, str, str], ...]]:
        actions = pa.table(self._open().get_add_actions(flatten=True))
        names = [f"partition.{name}" for name in self.layout.partitions]
        counts = (
            actions.select(names).append_column("n", pa.array([1] * len(actions), pa.int64())).group_by(names).aggregate([("n", "sum")])
        )
        return [
            tuple((name, "=", str(row[f"partition.{name}"])) for name in self.layout.partitions)
            for row in counts.to_pylist()
            if row["n_sum"] > few
        ]

    def _sizes(self) -> Mapping[str, int]:
        actions = pa.table(self._open().get_add_actions(flatten=True)).to_pydict()
        return dict(zip(actions["path"], actions["size_bytes"], strict=True))

    def _arranged(self, rows: pa.Table) -> pa.Table:
        keys = [(name, "ascending") for name in (*self.layout.partitions, self.layout.order)]
        return rows.select(self.layout.schema.names).cast(self.layout.schema).sort_by(keys)

    def _open(self) -> DeltaTable:
        self._newest()
        if self._delta is None:
            raise TableNotFoundError(str(self.path))
        return self._delta

    def _newest(self) -> int:
        if self._delta is None:
            if not (self.path / "_delta_log").is_dir() or not DeltaTable.is_deltatable(str(self.path)):
                return -1
            self._delta = DeltaTable(str(self.path))
        log = self.path / "_delta_log"
        if (log / f"{self._delta.version() + 1:020d}.json").exists():
            self._delta.update_incremental()
        elif not (log / f"{self._delta.version():020d}.json").exists():
            self._delta = DeltaTable(str(self.path)) if DeltaTable.is_deltatable(str(self.path)) else None
        return -1 if self._delta is None else int(self._delta.version())


def lake(folder: Path) -> dict[str, OpenTable]:
    """The tables under a folder, by name."""
    return {name: OpenTable(folder, layout) for name, layout in LAYOUTS.items()}


def months(moments: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The folder a row belongs to: yyyy-mm in UTC.

    >>> from datetime import UTC, datetime
    >>> months(pa.array([datetime(2026, 3, 31, 23, 59, tzinfo=UTC)], MOMENT)).to_pylist()
    ['2026-03']
    """
    plain = moments.combine_chunks() if isinstance(moments, pa.ChunkedArray) else moments
    codes = pc.add(pc.multiply(pc.year(plain), 12), pc.subtract(pc.month(plain), 1)).dictionary_encode()
    labels = pa.array([f"{code // 12:04d}-{code % 12 + 1:02d}" for code in codes.dictionary.to_pylist()], pa.string())
    return labels.take(codes.indices)


def _commit(writer: str = "", upto: int = 0) -> CommitProperties:
    # No retries: a commit that finds another one in its way was made by a writer that has lost its lease, or against one.
    marks = [Transaction(writer, version=upto)] if writer else None
    return CommitProperties(app_transactions=marks, max_commit_retries=0)


def _columns(table: DeltaTable) -> Sequence[str]:
    return [field.name for field in table.schema().fields]


def _names(schema: pa.Schema) -> Sequence[str]:
    return list(schema.names)
