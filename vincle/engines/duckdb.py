"""DuckDB, in process: reads the live Parquet files of the open table. Mentions are held in memory besides, as far as there is room."""

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from ._questions import WORKSPACE, Answers, Dialect, as_promised, compile_for, compiled, scoped
from .base import MOMENTS, Options, Query, Value
from .mentions import Memory, TooMany
from .table import OpenTable, Where
from .table import lake as open_lake


class Compiler(DuckDBCompiler):  # type: ignore[misc]
    """Ibis's, with moments as microseconds."""

    __slots__ = ()

    def visit_Micros(self, op: Any, *, arg: Any) -> Any:
        return self.f.anon.epoch_us(arg)


DIALECT = Dialect(Compiler(), lambda name, _kind: f"${name}", scoped)
_compiled = compiled
_YEAR_1 = 62_135_596_800
_GONE = re.compile(r"No files found|No such file|Cannot open file", re.IGNORECASE)


class Engine:
    """One database in memory that holds nothing but views; each call has a cursor of its own."""

    name = "duckdb"

    def __init__(self, lake: Where, options: Options) -> None:
        limits: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": options.memory,
            "threads": options.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._database = duckdb.connect(":memory:", config=limits)
        self._database.execute("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL parquet_metadata_cache = true")
        self._tables = open_lake(lake)
        self._mentions = Memory(self._tables, options.mentions)
        self._versions: dict[str, int] = {}
        self._answers = Answers()
        self._lock = Lock()

    def version(self) -> str:
        return ".".join(str(table.version()) for table in self._tables.values())

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer; the same question to the same version of the table is answered from memory."""
        return self._answers.answer(self.version(), query, workspace, lambda: self._answer(query, workspace))

    def follow(self) -> None:
        """Nothing to do: it reads the open table in place."""

    def close(self) -> None:
        self._database.close()

    def _answer(self, query: Query, workspace: int) -> pa.Table:
        if (quick := self._quick(query, workspace)) is not None:
            return quick
        sql, promised, names = compile_for(DIALECT, query)
        values = {**query.values, WORKSPACE: workspace}
        return as_promised(self._ask(sql, {name: values[name] for name in names}), promised)

    def _quick(self, query: Query, workspace: int) -> pa.Table | None:
        """The answer out of memory; None where it is not to be had there."""
        if query.quick is None:
            return None
        try:
            mentions = self._mentions.of(workspace)
            return None if mentions is None else query.quick(mentions, query.values)
        except (FileNotFoundError, TooMany):
            return None  # files of a version that was replaced just now, or more acts than may be held

    def _ask(self, sql: str, values: Mapping[str, Value], again: bool = True) -> pa.Table:
        self._look()
        cursor = self._database.cursor()
        try:
            return cursor.execute(sql, dict(values)).to_arrow_table()
        except (duckdb.IOException, duckdb.CatalogException) as error:
            # Files of a version that was replaced may be gone by the time they are read.
            if not again or (isinstance(error, duckdb.IOException) and not _GONE.search(str(error))):
                raise
            with self._lock:
                self._versions.clear()
            return self._ask(sql, values, again=False)
        finally:
            cursor.close()

    def _look(self) -> None:
        """Let the views show the newest version of each table."""
        for name, table in self._tables.items():
            if self._versions.get(name) != table.version():
                with self._lock:
                    version, files = table.files()
                    self._database.execute(f"CREATE OR REPLACE VIEW {name} AS {_source(table, files)}")
                    self._versions[name] = version


def _source(table: OpenTable, files: tuple[str, ...]) -> str:
    columns = {field.name: _TYPE[str(field.type)] for field in table.layout.schema}
    # Counted from the year 1, as division cuts towards zero: a moment before 1970 belongs to the second that had begun.
    moment = (
        f", (epoch_us({MOMENTS[table.layout.name]}) + {_YEAR_1 * 1_000_000}) // 1000000 - {_YEAR_1} AS at"
        if table.layout.name in MOMENTS
        else ""
    )
    nothing = "SELECT " + ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items()) + " WHERE false"
    if not files:
        return f"SELECT *{moment} FROM ({nothing})"
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    folders = ", ".join(f"'{name}': {columns[name]}" for name in table.layout.partitions)
    rows = f"read_parquet([{paths}], hive_partitioning = true, hive_types = {{{folders}}}"
    shown = ", ".join(f"coalesce({name}, []) AS {name}" if kind.endswith("[]") else name for name, kind in columns.items())
    if table.grown():
        # Only then: it opens every file, while otherwise folders that are not asked for stay unread.
        return f"SELECT {shown}{moment} FROM ({nothing} UNION ALL BY NAME SELECT * FROM {rows}, union_by_name = true))"
    return f"SELECT {shown}{moment} FROM {rows})"


_TYPE = {
    "int64": "BIGINT", "binary": "BLOB", "string": "VARCHAR", "timestamp[us, tz=UTC]": "TIMESTAMPTZ", "bool": "BOOLEAN",
    "decimal128(18, 4)": "DECIMAL(18, 4)", "double": "DOUBLE", "list<item: string>": "VARCHAR[]",
    "list<item: double>": "DOUBLE[]",
}  # fmt: skip
