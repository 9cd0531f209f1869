"""What an analysis engine is. A metric says what is wanted as an Ibis expression; an engine says how."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import ibis
import pyarrow as pa

from .table import Where

if TYPE_CHECKING:
    from .mentions import Mentions

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
    match: ibis.Table


Build = Callable[[Tables, Mapping[str, Any]], ibis.Table]
Quick = Callable[["Mentions", Mapping[str, Any]], pa.Table]


@dataclass(frozen=True)
class Query:
    """A question: an expression with named parameters, and their values.

    `key` names the expression: two queries with one key and values of the same names and types are compiled once.
    `build` is handed the tables and, by name, an Ibis scalar for each value. `quick`, of questions about mentions alone, gives the
    same answer from those an engine holds in memory, and the values.
    """

    key: Hashable
    build: Build = field(compare=False)
    values: Mapping[str, Value]
    quick: Quick | None = field(default=None, compare=False)

    @property
    def shape(self) -> tuple[Hashable, ...]:
        return (self.key, *sorted((name, type(value).__name__) for name, value in self.values.items()))


@dataclass(frozen=True)
class Options:
    """Limits of an engine within our process: memory as '1GB', threads, mentions that are held in memory (some 150 bytes each).

    `url`: where it runs, if not in our process.
    """

    memory: str = "1GB"
    threads: int = 2
    url: str = ""
    mentions: int = 2_000_000


class EngineError(Exception):
    """The engine cannot be used: not installed, not reachable, wrongly named. A sentence that says what to do."""


class Engine(Protocol):
    """Answers from the open table. Safe for several threads.

    Questions mean the same to every engine: a list is never NULL, a sum of nothing is NULL, distinct values are counted exactly,
    whole numbers are divided downwards (exact to 2^53), texts have letters and not bytes. What they do not do alike is division
    by zero: guard it with `nullif(0)`.
    """

    name: str

    def __init__(self, lake: Where, options: Options) -> None: ...

    def version(self) -> str:
        """Changes whenever an answer may change."""
        ...

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer for one workspace; rows of others are out of reach of the expression. EngineError when it cannot be had."""
        ...

    def follow(self) -> None:
        """Bring an engine that keeps rows of its own up to the open table, so that the next question need not. EngineError as above."""
        ...

    def close(self) -> None: ...
