"""What an analysis engine is. A metric says what is wanted as an Ibis expression; an engine says how."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import ibis
import pyarrow as pa

Value = int | str
# Tables with a moment have a column `at` beside it: whole seconds since 1970, UTC. Counting by days and hours of any time
# zone is then whole-number arithmetic, the same and quick on every engine.
MOMENTS: Mapping[str, str] = MappingProxyType({"activity": "happened_at", "person": "known_since"})
TYPES: Mapping[type, str] = MappingProxyType({int: "int64", str: "string"})


@dataclass(frozen=True)
class Tables:
    """The lake as one workspace sees it. Columns: `engines.table`, and `at` (see MOMENTS)."""

    activity: ibis.Table
    handle: ibis.Table
    person: ibis.Table


Build = Callable[[Tables, Mapping[str, Any]], ibis.Table]


@dataclass(frozen=True)
class Query:
    """A question: an expression with named parameters, and their values.

    `key` names the expression: two queries with one key and values of the same names and types are compiled once.
    `build` is handed the tables and, by name, an Ibis scalar for each value.
    """

    key: Hashable
    build: Build = field(compare=False)
    values: Mapping[str, Value]

    @property
    def shape(self) -> tuple[Hashable, ...]:
        return (self.key, *sorted((name, type(value).__name__) for name, value in self.values.items()))


@dataclass(frozen=True)
class Options:
    """Limits of an engine: memory as '1GB', threads."""

    memory: str = "1GB"
    threads: int = 2


class Engine(Protocol):
    """Reads the open table. Safe for several threads."""

    name: str

    def __init__(self, lake: Path, options: Options) -> None: ...

    def version(self) -> str:
        """Changes whenever an answer may change."""
        ...

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer for one workspace; rows of others are out of reach of the expression."""
        ...

    def close(self) -> None: ...
