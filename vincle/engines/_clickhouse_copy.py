"""ClickHouse's copy of the open table: each of its files once, and every question answered from one version.

A file's rows carry a label, its name. The book `live` says which labels make up a snapshot, `loaded` that a snapshot is whole,
`removed` which labels are gone for good. A label is written into `removed` before its rows go, and a question looks there after
it was answered: so whoever loads, removes or asks at the same time, an answer that stands is whole. A file that comes back, or was
loaded by halves by a process that died, is loaded under a new label.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ._clickhouse_ddl import BOOKS, columns, on, rows_of, statements
from ._clickhouse_links import Address, Link, Refusal
from ._clickhouse_sql import FILE
from .base import MOMENTS, EngineError
from .table import LAYOUTS, Layout, OpenTable

PIECE = 250_000
# Rows that left the table stay so long for questions that began before, and are looked for so often; in seconds.
KEPT = 900
TIDY_EVERY = 300
LONGEST_LOAD = timedelta(days=1)
TRIES = 6
MISSING = {60, 81, 16, 47}  # table, database, column (of a table, of a question)
_AT_ONCE = 500


class Changed(Exception):
    """What was being loaded is no longer what is wanted."""


class Copy:
    """Safe for several threads and processes."""

    def __init__(self, link: Link, address: Address, tables: Mapping[str, OpenTable]) -> None:
        self._link, self._tables = link, tables
        self._database, self._cluster = address.database, address.cluster
        self._lock = Lock()
        self._ready = False
        self._known: dict[str, tuple[int, str]] = {}
        self._tidied = monotonic()

    def bring(self) -> dict[str, str]:
        """The snapshot of each table that is its newest version, loaded if it was not yet."""
        with self._lock:
            why: Exception | None = None
            for _ in range(TRIES):
                try:
                    self._ensure()
                    return {name: self._brought(table) for name, table in self._tables.items()}
                except (Changed, FileNotFoundError, Refusal) as error:
                    why = error
                    if isinstance(error, Refusal) and error.code not in MISSING:
                        raise
                self._ready = False
                self._known.clear()
        raise EngineError(
            f"ClickHouse cannot be brought up to the open table, which changes faster or is emptied meanwhile: {why}"
        ) from why

    def stands(self, snapshots: Iterable[str]) -> bool:
        """Whether these are whole still."""
        names = _texts(snapshots)
        burnt = (
            f"SELECT snapshot FROM {self._of('live')} WHERE snapshot IN ({names}) AND label IN (SELECT label FROM {self._of('removed')})"
        )
        whole = f"SELECT DISTINCT snapshot FROM {self._of('loaded')} WHERE snapshot IN ({names}) AND snapshot NOT IN ({burnt})"
        return len(self._link.ask(whole, {})) == len(set(snapshots))

    def forget(self) -> None:
        """Believe nothing any more; look anew."""
        with self._lock:
            self._ready = False
            self._known.clear()

    def tidy(self, kept: float = KEPT, every: float = TIDY_EVERY) -> int:
        """Remove rows that no snapshot of the last `kept` seconds needs; returns how many labels go. Their rows follow by and by."""
        with self._lock:
            if not self._known or monotonic() - self._tidied < every:
                return 0
            self._tidied = monotonic()
            return sum(self._tidy(name, datetime.now(UTC) - timedelta(seconds=kept)) for name in self._tables)

    def _ensure(self) -> None:
        """Create what is missing and add new columns; tables of another make are replaced by empty ones."""
        if self._ready:
            return
        present: dict[str, dict[str, str]] = {}
        found = self._link.ask(f"SELECT table, name, type FROM system.columns WHERE database = '{self._database}'", {})
        for row in found.to_pylist():
            present.setdefault(row["table"], {})[row["name"]] = row["type"]
        wanted = {name: columns(layout) for name, layout in LAYOUTS.items()} | BOOKS
        shards = {rows_of(name, self._cluster): kinds for name, kinds in wanted.items()}
        ours = [name for name in (wanted | shards) if name in present]
        is_other = any(present[name].get(column, kind) != kind for name in ours for column, kind in (wanted | shards)[name].items())
        if ours and (is_other or len(ours) < len(wanted | shards)):
            self._drop([*BOOKS, *wanted, *shards])
            present = {}
        for sql in statements(self._database, self._cluster):
            self._link.do(sql)
        self._grow(present, wanted | shards)
        self._ready = True

    def _drop(self, names: Iterable[str]) -> None:
        for name in dict.fromkeys(names):
            self._link.do(f"DROP TABLE IF EXISTS {self._of(name)}{on(self._cluster)} SYNC")

    def _grow(self, present: Mapping[str, Mapping[str, str]], wanted: Mapping[str, Mapping[str, str]]) -> None:
        for name, kinds in wanted.items():
            for column, kind in kinds.items():
                if name in present and column not in present[name]:
                    self._link.do(f"ALTER TABLE {self._of(name)}{on(self._cluster)} ADD COLUMN IF NOT EXISTS {column} {kind}")

    def _brought(self, table: OpenTable) -> str:
        version, files = table.files()
        name = table.layout.name
        if self._known.get(name, (-2, ""))[0] == version:
            return self._known[name][1]
        labels = self._labels(name, files)
        snapshot = hashlib.sha256("\n".join((name, *sorted(labels))).encode()).hexdigest()[:32]
        if not self.stands([snapshot]):
            self._load(table, snapshot, version, labels)
        self._known[name] = (version, snapshot)
        return snapshot

    def _labels(self, name: str, files: Sequence[str]) -> dict[str, str]:
        """Label -> path. A file whose label is gone has one that says how often."""
        sql = f"SELECT file, toInt64(uniqExact(label)) AS times FROM {self._of('removed')} WHERE name = '{name}' GROUP BY file"
        gone = {row["file"]: row["times"] for row in self._link.ask(sql, {}).to_pylist()}
        names = {Path(path).name: path for path in files}
        return {f"{file}~{gone[file]}" if file in gone else file: path for file, path in names.items()}

    def _load(self, table: OpenTable, snapshot: str, version: int, labels: Mapping[str, str]) -> None:
        name = table.layout.name
        self._note("live", name, [{"snapshot": snapshot, "label": label} for label in sorted(labels)])
        sizes = {label: pq.read_metadata(path).num_rows for label, path in labels.items()}
        if missing := sorted(set(labels) - self._whole(name)):
            present = self._counts(name, snapshot)
            for label in missing:
                if present.get(label, 0) < sizes[label]:
                    self._put(table.layout, label, labels[label])
            present = self._counts(name, snapshot)
            if wrong := [label for label in missing if present.get(label, 0) != sizes[label]]:
                self._remove(name, wrong)
                raise Changed(f"{wrong[0]} has {present.get(wrong[0], 0)} rows in place of {sizes[wrong[0]]}")
        self._note("loaded", name, [{"snapshot": snapshot, "version": version, "rows": sum(sizes.values())}])

    def _whole(self, name: str) -> set[str]:
        """Labels that a whole snapshot has, and that are not gone."""
        live, loaded, removed = map(self._of, ("live", "loaded", "removed"))
        sql = (
            f"SELECT DISTINCT label FROM {live} WHERE name = '{name}' AND snapshot IN (SELECT snapshot FROM {loaded}) "
            f"AND label NOT IN (SELECT label FROM {removed})"
        )
        return set(self._link.ask(sql, {})["label"].to_pylist())

    def _counts(self, name: str, snapshot: str) -> dict[str, int]:
        """Rows by label that are there. Before loading: another process put them there and died, or is just about it."""
        live = f"SELECT label FROM {self._of('live')} WHERE snapshot = '{snapshot}'"
        sql = f"SELECT {FILE}, toInt64(count()) AS n FROM {self._of(name)} WHERE {FILE} IN ({live}) GROUP BY {FILE}"
        return {row[FILE]: row["n"] for row in self._link.ask(sql, {}).to_pylist()}

    def _put(self, layout: Layout, label: str, path: str) -> None:
        for place, rows in enumerate(pieces(layout, path)):
            self._link.push(self._of(layout.name), rows.append_column(FILE, pa.repeat(pa.scalar(label), len(rows))), f"{label}:{place}")

    def _remove(self, name: str, labels: Sequence[str]) -> None:
        self._note("removed", name, [{"file": label.partition("~")[0], "label": label} for label in labels])
        place = f"{self._of(rows_of(name, self._cluster))}{on(self._cluster)}"
        for start in range(0, len(labels), _AT_ONCE):
            self._link.do(f"ALTER TABLE {place} DELETE WHERE {FILE} IN ({_texts(labels[start : start + _AT_ONCE])})")

    def _tidy(self, name: str, since: datetime) -> int:
        live, loaded = self._of("live"), self._of("loaded")
        sql = f"SELECT snapshot, max(at) AS at FROM {{}} WHERE name = '{name}' GROUP BY snapshot ORDER BY at, snapshot"
        whole = {row["snapshot"]: row["at"] for row in self._link.ask(sql.format(loaded), {}).to_pylist()}
        begun = {row["snapshot"]: row["at"] for row in self._link.ask(sql.format(live), {}).to_pylist()}
        # The last one before stood until the first one after came; without any after, it stands.
        kept = {[*(each for each, at in whole.items() if at < since), ""][-2:][0], self._known.get(name, (0, ""))[1]}
        kept |= {each for each, at in (whole | begun).items() if at >= since}
        kept |= {each for each, at in begun.items() if each not in whole and at >= since - LONGEST_LOAD}
        needed = f"SELECT label FROM {live} WHERE snapshot IN ({_texts(kept)})"
        unneeded = f"SELECT DISTINCT label FROM {live} WHERE name = '{name}' AND label NOT IN ({needed})"
        labels = sorted(self._link.ask(unneeded, {})["label"].to_pylist())
        if labels:
            self._remove(name, labels)
        gone = (whole.keys() | begun.keys()) - kept
        for book in ("loaded", "live") if gone else ():
            self._link.do(f"ALTER TABLE {self._of(book)}{on(self._cluster)} DELETE WHERE snapshot IN ({_texts(gone)})")
        return len(labels)

    def _note(self, book: str, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        at = datetime.now(UTC)
        if rows:
            self._link.push(self._of(book), pa.Table.from_pylist([{"name": name, "at": at, **row} for row in rows]), "")

    def _of(self, table: str) -> str:
        return f"{self._database}.{table}"


def pieces(layout: Layout, path: str) -> Iterator[pa.Table]:
    """Rows of a file of the open table, always cut in the same places: its own columns, those of its folders, and `at`."""
    folders = dict(part.split("=", 1) for part in Path(path).parts if "=" in part)
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(PIECE):
            yield _piece(layout, pa.Table.from_batches([batch]), {name: unquote(value) for name, value in folders.items()})


def _piece(layout: Layout, rows: pa.Table, folders: Mapping[str, str]) -> pa.Table:
    found = {}
    for field in layout.schema:
        if field.name in layout.partitions:
            found[field.name] = pa.repeat(pa.scalar(folders[field.name]).cast(field.type), len(rows))
        elif field.name in rows.column_names:
            found[field.name] = rows[field.name].cast(field.type)
        else:
            found[field.name] = pa.nulls(len(rows), field.type)
    if moment := MOMENTS.get(layout.name):
        found["at"] = _seconds(found[moment])
    return pa.table(found)


def _seconds(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole seconds since 1970, downwards.

    >>> _seconds(pa.chunked_array([pa.array([-1, 1_500_000], pa.timestamp("us", "UTC"))])).to_pylist()
    [-1, 1]
    """
    micros = moments.cast(pa.int64())
    cut = pc.divide(micros, 1_000_000)
    return pc.if_else(pc.less(micros, pc.multiply(cut, 1_000_000)), pc.subtract(cut, 1), cut)


def _texts(names: Iterable[str]) -> str:
    quoted = ("'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" for name in names)
    return ", ".join(sorted(set(quoted))) or "''"
