"""Spark: reads the live Parquet files of the open table in place, on this machine or on a cluster.

The address, VINCLE_ENGINE_URL: `local[2]`, or the master's, `spark://host:7077`. Spark's own settings follow as a query:
`spark://host:7077?spark.executor.memory=4g&spark.driver.host=10.0.0.5`. Every worker must see the lake's files under the same path.
"""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import pyarrow as pa
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from ._questions import WORKSPACE, Answers, Dialect, as_promised, compile_for, scoped
from .base import MOMENTS, EngineError, Options, Query, Value
from .table import OpenTable, Where
from .table import lake as open_lake

T = TypeVar("T")


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's, without the option that takes NaN for NULL, which only a connection of Ibis's own has."""

    __slots__ = ()

    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        if dtype.is_floating():
            return SQLGlotCompiler.visit_NonNullLiteral(self, op, value=value, dtype=dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Micros(self, op: Any, *, arg: Any) -> Any:
        return self.f.anon.unix_micros(arg)

    def visit_ExtractSecond(self, op: Any, *, arg: Any) -> Any:
        """Whole; Spark's EXTRACT has the fraction with it."""
        return self.f.anon.second(arg)


DIALECT = Dialect(Compiler(), lambda name, _kind: f":{name}", scoped)
_HOMES = ("/usr/lib/jvm/default-java", "/usr/lib/jvm/java-21-openjdk-amd64", "/usr/lib/jvm/java-17-openjdk-amd64")
_GONE = ("FILE_NOT_EXIST", "FileNotFoundException", "PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND")
_SETTINGS = {
    "spark.app.name": "vincle",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}


class Engine:
    """One session, begun at the first question. It answers in seconds what it is asked of; it is for logs no machine holds."""

    name = "spark"

    def __init__(self, lake: Where, options: Options) -> None:
        self._master, _ = read(options.url)
        self._options = options
        self._tables = open_lake(lake)
        self._versions: dict[str, int] = {}
        self._answers = Answers()
        self._lock = Lock()
        self._session: Any = None

    def version(self) -> str:
        return ".".join(str(table.version()) for table in self._tables.values())

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer; the same question to the same version of the table is answered from memory."""
        return self._answers.answer(self.version(), query, workspace, lambda: self._answer(query, workspace))

    def follow(self) -> None:
        """Nothing to do: it reads the open table in place."""

    def close(self) -> None:
        with self._lock:
            if self._session is not None:
                self._session.stop()
            self._session = None
            self._versions.clear()

    def _answer(self, query: Query, workspace: int) -> pa.Table:
        sql, promised, names = compile_for(DIALECT, query)
        values: dict[str, Value] = {**query.values, WORKSPACE: workspace}
        return as_promised(self._ask(sql, {name: values[name] for name in names}), promised)

    def _ask(self, sql: str, values: Mapping[str, Value], again: bool = True) -> pa.Table:
        from pyspark.errors import PySparkException

        try:
            # A question is bound to the files of its views when it is put; later views leave it alone.
            with self._lock:
                question = self._looked().sql(sql, args=dict(values))
            answer: pa.Table = question.toArrow()
            return answer
        except Exception as error:
            # Files of a version that was replaced may be gone by the time they are read. Py4J has errors of its own beside Spark's.
            if not again or not any(sign in str(error) for sign in _GONE):
                if isinstance(error, PySparkException) or type(error).__module__.startswith("py4j"):
                    raise EngineError(f"Spark could not answer: {str(error)[:500]}") from error
                raise
        with self._lock:
            self._versions.clear()
        return self._ask(sql, values, again=False)

    def _looked(self) -> Any:
        """The session, with views that show the newest version of each table."""
        if self._session is None:
            self._session = self._begun()
        for name, table in self._tables.items():
            if self._versions.get(name) != table.version():
                version, files = table.files()
                _rows(self._session, table, files).createOrReplaceTempView(name)
                self._versions[name] = version
        return self._session

    def _begun(self) -> Any:
        limits = {
            "spark.driver.memory": self._options.memory.lower().removesuffix("b"),
            "spark.sql.shuffle.partitions": str(max(2, self._options.threads)),
        }
        return begin(self._options.url, limits)


def begin(url: str, settings: Mapping[str, str]) -> Any:
    """A SparkSession at this address. `settings`: Spark's, where the address has none; EngineError when there can be none."""
    master, asked = read(url)
    os.environ.setdefault("JAVA_HOME", java_home())
    builder = _pyspark().builder.master(master)
    here: dict[str, str] = {}
    if master.startswith("local"):
        here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    # Spark itself looks at the variable alone, and takes whatever `python3` is without it.
    if python := asked.get("spark.pyspark.python", sys.executable if here else ""):
        os.environ.setdefault("PYSPARK_PYTHON", python)
    for name, value in {**_SETTINGS, **here, **settings, **asked}.items():
        builder = builder.config(name, value)
    return _begin(builder.getOrCreate, master)


def read(url: str) -> tuple[str, dict[str, str]]:
    """A master and Spark's own settings from a URL; EngineError when it is none."""
    master, _, query = url.partition("?")
    if not master.startswith(("spark://", "local")):
        raise EngineError(f"VINCLE_ENGINE_URL is {f'“{master}”' if master else 'empty'}; Spark is at spark://host:7077, or local[2].")
    asked = dict(parse_qsl(query))
    if unknown := [name for name in asked if not name.startswith("spark.")]:
        raise EngineError(f"VINCLE_ENGINE_URL says '{unknown[0]}'; Spark's settings begin with 'spark.'.")
    return master, asked


def java_home() -> str:
    """The folder of a Java on this machine; EngineError when there is none."""
    if found := os.environ.get("JAVA_HOME"):
        return found
    if program := shutil.which("java"):
        return str(Path(os.path.realpath(program)).parent.parent)
    for home in _HOMES:
        if (Path(home) / "bin" / "java").exists():
            return home
    raise EngineError("Spark needs Java 17 or newer: install one (on Debian: default-jre-headless) or set JAVA_HOME.")


def _pyspark() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError("The engine 'spark' needs a package: pip install vincle[spark]") from error
    return SparkSession


def _begin(begin: Callable[[], T], master: str) -> T:
    try:
        return begin()
    except Exception as error:  # Java's errors come as Py4J's, a Java that does not start as RuntimeError
        raise EngineError(f"Spark at {master} (VINCLE_ENGINE_URL) does not answer: {str(error)[:300]}") from error


def _rows(session: Any, table: OpenTable, files: tuple[str, ...]) -> Any:
    """The rows of these files; columns of their folders, and `at`, beside their own."""
    layout = table.layout
    columns = ", ".join(f"`{field.name}` {_TYPE[str(field.type)]}" for field in layout.schema)
    if files:
        # Files lie under <table>/<one folder for each partition>/.
        root = Path(files[0]).parents[len(layout.partitions)]
        found = session.read.schema(columns).option("basePath", str(root)).parquet(*files)
    else:
        found = session.createDataFrame([], columns)
    shown = [
        f"coalesce(`{field.name}`, array()) AS `{field.name}`" if pa.types.is_list(field.type) else f"`{field.name}`"
        for field in layout.schema
    ]
    moment = [f"unix_seconds(`{MOMENTS[layout.name]}`) AS at"] if layout.name in MOMENTS else []
    return found.selectExpr(*shown, *moment)


_TYPE = {
    "int64": "BIGINT", "binary": "BINARY", "string": "STRING", "timestamp[us, tz=UTC]": "TIMESTAMP", "bool": "BOOLEAN",
    "decimal128(18, 4)": "DECIMAL(18, 4)", "double": "DOUBLE", "list<item: string>": "ARRAY<STRING>",
    "list<item: double>": "ARRAY<DOUBLE>",
}  # fmt: skip
