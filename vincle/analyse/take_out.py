"""Tables of the lake as files of a company's own: Parquet as they lie, or CSV that a spreadsheet can open safely."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pyarrow.types as kinds

from vincle.accounts.models import Workspace
from vincle.engines.table import LAYOUTS, OpenTable
from vincle.organise import warehouse

ROWS = 32_768
"""Rows that are held at once."""

FORMATS = ("parquet", "csv")
_RISKY, _PLAIN_NUMBER = r"^[=+\-@\t\r]", r"^[+\-]+[0-9 .]*[0-9][0-9 .]*$"


def names() -> list[str]:
    """Tables that are kept apart by workspace."""
    return [layout.name for layout in LAYOUTS.values() if "workspace" in layout.partitions]


def write(workspace: Workspace, name: str, kind: str, path: Path) -> int:
    """Write a workspace's rows of a table; returns how many. The file appears whole, or not at all."""
    table = warehouse.tables()[name]
    with _whole(path) as part:
        return _WRITERS[kind](part, table.layout.schema, _batches(table, workspace.pk))


def live_files(table: OpenTable, workspace: int) -> list[str]:
    """A workspace's Parquet files of the newest version of a table."""
    folders = table.layout.partitions
    place = 1 + folders.index("workspace")
    return [path for path in table.files()[1] if path.rsplit("/", len(folders) + 1)[place] == f"workspace={workspace}"]


def _batches(table: OpenTable, workspace: int) -> Iterator[pa.RecordBatch]:
    """Rows in the columns of the layout, `ROWS` at a time; what an older file lacks is null."""
    schema, folders = table.layout.schema, table.layout.partitions
    for path in live_files(table, workspace):
        held = dict(part.split("=", 1) for part in path.rsplit("/", len(folders) + 1)[1:-1])
        with pyarrow.parquet.ParquetFile(path, memory_map=True) as file:
            for batch in file.iter_batches(ROWS, use_threads=False):
                yield pa.RecordBatch.from_arrays([_column(batch, field, held) for field in schema], schema=schema)


def _column(batch: pa.RecordBatch, field: pa.Field, held: dict[str, str]) -> pa.Array:
    if field.name in held:
        return pa.repeat(pa.scalar(held[field.name]).cast(field.type), len(batch))
    place = batch.schema.get_field_index(field.name)
    return pa.nulls(len(batch), field.type) if place < 0 else batch.column(place).cast(field.type)


def _parquet(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    written = 0
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as out:
        for batch in batches:
            out.write_batch(batch)
            written += batch.num_rows
    return written


def _csv(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    written = 0
    texts = pa.schema([(field.name, _cell_type(field.type)) for field in schema])
    with pyarrow.csv.CSVWriter(path, texts) as out:
        for batch in batches:
            out.write_batch(pa.RecordBatch.from_arrays([cells(column) for column in batch.columns], schema=texts))
            written += batch.num_rows
    return written


_WRITERS: dict[str, Callable[[Path, pa.Schema, Iterator[pa.RecordBatch]], int]] = {"parquet": _parquet, "csv": _csv}


def cells(column: pa.Array) -> pa.Array:
    """A column as cells of a CSV file: moments as ISO 8601 in UTC, binary as hex, lists joined by |, no text a formula.

    >>> cells(pa.array(["=cmd()", "+34600000001", "-", None])).to_pylist()
    ["'=cmd()", '+34600000001', "'-", None]
    """
    kind = column.type
    if kinds.is_timestamp(kind):
        return pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
    if kinds.is_binary(kind):
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    if kinds.is_list(kind):
        return _neutral(pc.binary_join(column.cast(pa.list_(pa.string())), "|"))
    return _neutral(column) if kinds.is_string(kind) else column


def _neutral(texts: pa.Array) -> pa.Array:
    """As `store.export.neutral`, a column at once."""
    risky = pc.and_(pc.match_substring_regex(texts, _RISKY), pc.invert(pc.match_substring_regex(texts, _PLAIN_NUMBER)))
    return pc.if_else(risky, pc.binary_join_element_wise(pa.scalar("'"), texts, ""), texts)


def _cell_type(kind: pa.DataType) -> pa.DataType:
    return kind if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind) or kinds.is_boolean(kind) else pa.string()


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place when all went well, and is removed when not."""
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        yield part
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
