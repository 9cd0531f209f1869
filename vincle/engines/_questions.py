"""What engines share: an expression becomes their SQL with places for its values, and answers are remembered."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import ibis
import pyarrow as pa

from .base import MOMENTS, TYPES, Build, Query, Tables, Value
from .table import LAYOUTS

WORKSPACE = "workspace"
ANSWERS = 512
_MARK = 7_700_000_000_000_000


@dataclass(frozen=True, eq=False)
class Dialect:
    """How an engine writes SQL.

    `mark` writes the place of a value of this type; `table` is a table of the lake as one workspace sees it, from its name and
    the places of values; `more`: names of values beside those of the question and the workspace, with a value of their type.
    """

    compiler: Any
    mark: Callable[[str, type], str]
    table: Callable[[str, Mapping[str, Any]], ibis.Table]
    more: Mapping[str, Value] = field(default_factory=dict)


class Compiled(NamedTuple):
    """SQL, the columns that the expression promises, and the names of the values that stand in the SQL."""

    sql: str
    promised: pa.Schema
    names: frozenset[str]


def compile_for(dialect: Dialect, query: Query) -> Compiled:
    """A question's SQL; two of one shape are compiled once."""
    blank = tuple((name, type(value)()) for name, value in query.values.items())
    return compiled(dialect, query.shape, query.build, blank)


@lru_cache(maxsize=1024)
def compiled(dialect: Dialect, shape: tuple[Hashable, ...], build: Build, values: tuple[tuple[str, Value], ...]) -> Compiled:
    """As `compile_for`, from the parts by which it is remembered."""
    every = {**dict(values), WORKSPACE: 0, **dialect.more}
    marks = {name: ibis.param(TYPES[type(value)]) for name, value in every.items()}
    expression = build(Tables(**{name: dialect.table(name, marks) for name in LAYOUTS}), marks)
    # Ibis puts values into the text; unmistakable ones are put in and taken for the places of the true ones.
    stands = {name: _MARK + place if isinstance(every[name], int) else f"\ue000{name}\ue001" for place, name in enumerate(every)}
    sql = str(dialect.compiler.to_sqlglot(expression, params={marks[name]: stands[name] for name in every}).sql(dialect.compiler.dialect))
    texts = {name: f"'{stand}'" if isinstance(stand, str) else str(stand) for name, stand in stands.items()}
    used = frozenset(name for name, text in texts.items() if text in sql)
    for name in used:
        sql = sql.replace(texts[name], dialect.mark(name, type(every[name])))
    return Compiled(sql, expression.schema().to_pyarrow(), used)


def schema_of(name: str) -> ibis.Schema:
    """Columns of a table of the lake as Ibis types, with `at` where it has a moment."""
    columns = dict(ibis.Schema.from_pyarrow(LAYOUTS[name].schema))
    return ibis.schema({**columns, "at": "int64"} if name in MOMENTS else columns)


def scoped(name: str, marks: Mapping[str, Any]) -> ibis.Table:
    """A table of the lake with the rows of one workspace."""
    table = ibis.table(schema_of(name), name=name)
    return table.filter(table.workspace == marks[WORKSPACE])


def as_promised(answer: pa.Table, promised: pa.Schema) -> pa.Table:
    """The answer in the types the expression names: engines sum whole numbers into wider ones, or into unsigned ones."""
    return answer.rename_columns(promised.names).cast(promised)


class Answers:
    """The last answers, by question and version. Safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._lock = Lock()

    def answer(self, version: str, query: Query, workspace: int, ask: Callable[[], pa.Table]) -> pa.Table:
        """The answer from memory, or that of `ask`."""
        key = (version, query.shape, tuple(sorted(query.values.items())), workspace)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = ask()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > ANSWERS:
                self._kept.popitem(last=False)
        return found
