"""Rows of the lake as Parquet files: by folder, in the order of the layout, words as dictionaries."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from ._layouts import Layout

# A file of less than this part of the size wanted is small.
SMALL = 8
Change = AddAction | RemoveAction
# So many rows stand together with the least and the most of each column, by which readers pass over them.
ROWS_TOGETHER = 1 << 15
# Columns whose values hardly ever come twice: a dictionary of them costs time and room.
_MANIFOLD = frozenset({"event_id", "root_id", "native_id", "object_key", "parent_key", "thread_key", "props"})


class File(NamedTuple):
    """`path` within the table, `size` in bytes, values of the folder it lies in."""

    path: str
    size: int
    folder: tuple[str, ...] = ()


def live(table: DeltaTable, layout: Layout) -> list[File]:
    """The files that make up this version."""
    names = [f"partition.{name}" for name in layout.partitions]
    actions = pa.table(table.get_add_actions(flatten=True)).select(["path", "size_bytes", *names]).to_pylist()
    return [File(action["path"], action["size_bytes"], tuple(str(action[name]) for name in names)) for action in actions]


def folders(layout: Layout, rows: pa.Table) -> set[tuple[str, ...]]:
    """The folders that these rows belong to."""
    names = list(layout.partitions)
    return {tuple(str(row[name]) for name in names) for row in rows.select(names).group_by(names).aggregate([]).to_pylist()}


def write(files: pyarrow.fs.FileSystem, layout: Layout, rows: pa.Table, moved: bool = False) -> list[Change]:
    """Write rows, one file for each folder; returns what a commit must say of them. Three times as quick as `write_deltalake`.

    `moved`: the table has these rows already, in files that the same commit takes out.
    """
    return [_write(files, layout, folder, part, moved) for folder, part in _parts(layout, rows)]


def _write(files: pyarrow.fs.FileSystem, layout: Layout, folder: dict[str, str], part: pa.Table, moved: bool) -> AddAction:
    path = "/".join([*(f"{name}={value}" for name, value in folder.items()), f"part-{uuid4()}.parquet"])
    files.create_dir(path.rpartition("/")[0])
    whole = [field.name for field in part.schema if pa.types.is_int64(field.type)]
    words = [name for name in layout.order if name not in whole]
    with files.open_output_stream(path) as stream:
        pq.write_table(
            part,
            stream,
            use_dictionary=[field.name for field in part.schema if pa.types.is_dictionary(field.type) or pa.types.is_list(field.type)],
            write_statistics=[*whole, *(field.name for field in part.schema if pa.types.is_timestamp(field.type)), *words],
            row_group_size=ROWS_TOGETHER,
            store_schema=False,
        )
        size = stream.tell()
    return AddAction(path, size, folder, int(time.time() * 1000), not moved, json.dumps(_statistics(part, whole)))


def _parts(layout: Layout, rows: pa.Table) -> Iterator[tuple[dict[str, str], pa.Table]]:
    if not len(rows):
        return
    columns = {name: _compact(rows[name], layout, name) for name in layout.schema.names}
    codes: npt.NDArray[np.int64] = np.zeros(len(rows), np.int64)
    for name in layout.partitions:
        columns[name] = _encoded(columns[name])
        codes = codes * len(columns[name].dictionary) + columns[name].indices.to_numpy()
    order = np.lexsort((*(_ranks(columns[name]) for name in reversed(layout.order)), codes))
    bounds = np.flatnonzero(np.diff(codes[order])) + 1
    for places in np.split(order, bounds):
        folder = {name: str(columns[name][int(places[0])].as_py()) for name in layout.partitions}
        kept = {name: column for name, column in columns.items() if name not in folder}
        fields = [pa.field(name, column.type) for name, column in kept.items()]
        indices = pa.array(places)
        taken = [pa.nulls(len(places), c.type) if c.null_count == len(rows) else c.take(indices) for c in kept.values()]
        yield folder, pa.Table.from_arrays(taken, schema=pa.schema(fields))


def crowded(found: Iterable[File], layout: Layout, few: int) -> list[list[list[File]]]:
    """For each folder with more than `few` small files: which of its files are to be joined."""
    by_folder: dict[tuple[str, ...], list[File]] = {}
    for file in found:
        by_folder.setdefault(file.folder, []).append(file)
    small = layout.file_size // SMALL
    return [bundles(files, layout.file_size) for files in by_folder.values() if sum(file.size < small for file in files) > few]


def bundles(files: Sequence[File], largest: int) -> list[list[File]]:
    """Which files to join: the small ones, and larger ones while they are no larger than what they are joined to.

    >>> sizes = [900, 100, 20, 10, 10, 10, 5]
    >>> [[file.size for file in bundle] for bundle in bundles([File("", size) for size in sizes], 1000)]
    [[5, 10, 10, 10, 20, 100]]
    >>> [len(bundle) for bundle in bundles([File("", 10)] * 25, 100)]
    [10, 10, 5]
    """
    done: list[list[File]] = []
    bundle: list[File] = []
    for file in sorted(files, key=lambda file: file.size):
        total = sum(one.size for one in bundle)
        if file.size >= max(largest // SMALL, total):
            break
        if total + file.size > largest:
            done, bundle = [*done, bundle], []
        bundle.append(file)
    return [bundle for bundle in [*done, bundle] if len(bundle) > 1]


def join(files: pyarrow.fs.FileSystem, layout: Layout, found: Sequence[File]) -> list[Change]:
    """Write the rows of some files of a folder into one; returns what a commit must say of it."""
    rows = pa.concat_tables([read(files, layout, file) for file in found])
    return [*write(files, layout, rows, moved=True), *(remove(layout, file, moved=True) for file in found)]


def without(files: pyarrow.fs.FileSystem, layout: Layout, file: File, gone: pa.ChunkedArray) -> list[Change]:
    """Write a file anew without the rows marked in `gone`."""
    return [*write(files, layout, read(files, layout, file).filter(pc.invert(gone))), remove(layout, file)]


def remove(layout: Layout, file: File, moved: bool = False) -> RemoveAction:
    folder: dict[str, str | None] = {**dict(zip(layout.partitions, file.folder, strict=True))}
    return RemoveAction(file.path, not moved, int(time.time() * 1000), file.size, folder)


def read(files: pyarrow.fs.FileSystem, layout: Layout, file: File, columns: Sequence[str] | None = None) -> pa.Table:
    """Rows of a file, in its order; columns that it has not yet are empty."""
    fields = pa.schema([field for field in layout.schema if field.name not in layout.partitions])
    rows = pyarrow.dataset.dataset([file.path], fields, format="parquet", filesystem=files).to_table(columns=columns and list(columns))
    if columns is not None:
        return rows
    for name, value in zip(layout.partitions, file.folder, strict=True):
        rows = rows.append_column(name, pa.repeat(pa.scalar(value).cast(layout.schema.field(name).type), len(rows)))
    return rows.select(layout.schema.names)


def _ranks(column: Any) -> npt.NDArray[np.int64]:
    numbers = column.indices if pa.types.is_dictionary(column.type) else column
    found: npt.NDArray[np.int64] = pc.fill_null(numbers, -1).to_numpy()
    return found


def _compact(values: pa.ChunkedArray, layout: Layout, name: str) -> pa.Array:
    """One array; words that come again and again as numbers into a list of them, which is quick to put in order and to write."""
    column = pa.concat_arrays(values.cast(layout.schema.field(name).type).chunks)
    return _encoded(column) if pa.types.is_string(column.type) and name not in _MANIFOLD else column


def _encoded(column: pa.Array) -> Any:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _statistics(part: pa.Table, columns: list[str]) -> dict[str, Any]:
    """What readers skip files by, as Delta has it."""
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    for name in columns:
        ends = pc.min_max(part[name]).as_py()
        if ends["min"] is not None:
            least[name], most[name] = ends["min"], ends["max"]
    nulls = {name: part[name].null_count for name in columns}
    return {"numRecords": len(part), "minValues": least, "maxValues": most, "nullCount": nulls}
