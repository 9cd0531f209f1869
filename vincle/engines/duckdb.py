"""DuckDB, in process: reads the live Parquet files of the open table."""

import re
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from .base import MOMENTS, TYPES, Build, Options, Query, Tables, Value
from .table import LAYOUTS, OpenTable
from .table import lake as open_lake

ANSWERS = 512
_MARK = 7_700_000_000_000_000
_WORKSPACE = "workspace"
_GONE = re.compile(r"No files found|No such file|Cannot open file", re.IGNORECASE)


class Engine:
    """One database in memory that holds nothing but views; each call has a cursor of its own."""

    name = "duckdb"

    def __init__(self, lake: Path, options: Options) -> None:
        limits: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": options.memory,
            "threads": options.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._database = duckdb.connect(":memory:", config=limits)
        self._database.execute("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL parquet_metadata_cache = true")
        self._tables = open_lake(lake)
        self._versions: dict[str, int] = {}
        self._answers: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._lock = Lock()

    def version(self) -> str:
        return ".".join(str(table.version()) for table in self._tables.values())

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer; the same question to the same version of the table is answered from memory."""
        key = (self.version(), query.shape, tuple(sorted(query.values.items())), workspace)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        blank = tuple((name, type(value)()) for name, value in query.values.items())
        sql, promised = _compiled(query.shape, query.build, blank)
        # DuckDB sums whole numbers into wider ones than Ibis says.
        answer = self._ask(sql, {**query.values, _WORKSPACE: workspace}).cast(promised)
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def close(self) -> None:
        self._database.close()

    def _ask(self, sql: str, values: Mapping[str, Value], again: bool = True) -> pa.Table:
        self._look()
        cursor = self._database.cursor()
        try:
            return cursor.execute(sql, {name: value for name, value in values.items() if f"${name}" in sql}).to_arrow_table()
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


@lru_cache(maxsize=1024)
def _compiled(shape: tuple[Hashable, ...], build: Build, values: tuple[tuple[str, Value], ...]) -> tuple[str, pa.Schema]:
    return compiled(Query(shape, build, dict(values)))


def compiled(query: Query) -> tuple[str, pa.Schema]:
    """DuckDB's SQL for a query, with `$name` where its values go, and the columns the expression promises."""
    values = {**query.values, _WORKSPACE: 0}
    marks = {name: ibis.param(TYPES[type(value)]) for name, value in values.items()}
    tables = Tables(*(_scoped(name, marks[_WORKSPACE]) for name in ("activity", "handle", "person")))
    expression = query.build(tables, marks)
    # Ibis puts values into the text; unmistakable ones are put in and taken for the places of the true ones.
    stands = {name: (_MARK + place if isinstance(value, int) else f"\x02{name}\x03") for place, (name, value) in enumerate(values.items())}
    sql = DuckDBCompiler().to_sqlglot(expression, params={marks[name]: stands[name] for name in values}).sql("duckdb")
    for name, stand in stands.items():
        sql = sql.replace(f"'{stand}'" if isinstance(stand, str) else str(stand), f"${name}")
    return str(sql), expression.schema().to_pyarrow()


def schema_of(name: str) -> ibis.Schema:
    """Columns of a table of the lake as Ibis types, with `at` where it has a moment."""
    columns = dict(ibis.Schema.from_pyarrow(LAYOUTS[name].schema))
    return ibis.schema({**columns, "at": "int64"} if name in MOMENTS else columns)


def _scoped(name: str, workspace: Any) -> ibis.Table:
    table = ibis.table(schema_of(name), name=name)
    return table.filter(table.workspace == workspace)


def _source(table: OpenTable, files: tuple[str, ...]) -> str:
    columns = {field.name: _TYPE[str(field.type)] for field in table.layout.schema}
    moment = f", epoch_us({MOMENTS[table.layout.name]}) // 1000000 AS at" if table.layout.name in MOMENTS else ""
    if not files:
        nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items())
        return f"SELECT *{moment} FROM (SELECT {nothing} WHERE false)"
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    folders = ", ".join(f"'{name}': {columns[name]}" for name in table.layout.partitions)
    return f"SELECT {', '.join(columns)}{moment} FROM read_parquet([{paths}], hive_partitioning = true, hive_types = {{{folders}}})"


_TYPE = {
    "int64": "BIGINT", "binary": "BLOB", "string": "VARCHAR", "timestamp[us, tz=UTC]": "TIMESTAMPTZ", "bool": "BOOLEAN",
    "decimal128(18, 4)": "DECIMAL(18, 4)", "double": "DOUBLE", "list<item: string>": "VARCHAR[]",
}  # fmt: skip
