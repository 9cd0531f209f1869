"""ClickHouse: on a server or a cluster of them, or in this process through chdb. It keeps a copy of the open table.

The address, VINCLE_ENGINE_URL: `clickhouse://user:password@host:8123/database`, with `?secure=1` for TLS and `?cluster=name` for
replicated and distributed tables on the servers of that name; or `chdb:///folder`, with `?database=name`, for one process alone.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TypeVar

import pyarrow as pa

from . import _clickhouse_links as links
from ._clickhouse_copy import MISSING, TRIES, Copy
from ._clickhouse_sql import dialect, snapshot_of
from ._questions import WORKSPACE, Answers, as_promised, compile_for
from .base import EngineError, Options, Query, Value
from .table import Where
from .table import lake as open_lake

T = TypeVar("T")


class Engine:
    """Opened at the first question, which waits until the copy is the table's newest version."""

    name = "clickhouse"

    def __init__(self, lake: Where, options: Options) -> None:
        self._address, self._options = links.read(options.url), options
        self._dialect = dialect(self._address.database)
        self._tables = open_lake(lake)
        self._answers = Answers()
        self._opening = Lock()
        self._opened: tuple[links.Link, Copy] | None = None

    def version(self) -> str:
        return ".".join(str(table.version()) for table in self._tables.values())

    def run(self, query: Query, workspace: int) -> pa.Table:
        """The answer; the same question to the same version of the table is answered from memory."""
        return self._answers.answer(self.version(), query, workspace, lambda: _said(lambda: self._answer(query, workspace)))

    def follow(self) -> None:
        """Load what is new into a server. In process there is none: the folder is left to the process that asks."""
        if self._address.scheme == "clickhouse":
            _said(self._bring)

    def close(self) -> None:
        with self._opening:
            if self._opened:
                self._opened[0].close()
            self._opened = None

    def _answer(self, query: Query, workspace: int) -> pa.Table:
        sql, promised, names = compile_for(self._dialect, query)
        values: dict[str, Value] = {**query.values, WORKSPACE: workspace}
        for attempt in range(TRIES):
            snapshots = self._bring()
            values |= {snapshot_of(name): snapshot for name, snapshot in snapshots.items()}
            asked = [snapshots[name] for name in snapshots if snapshot_of(name) in names]
            answer = self._whole(sql, {name: values[name] for name in names}, asked, is_first=not attempt)
            if answer is not None:
                return as_promised(answer, promised)
            self._open()[1].forget()
        raise EngineError("ClickHouse's copy of the open table was taken away again and again while it was asked.")

    def _whole(self, sql: str, values: Mapping[str, Value], snapshots: list[str], is_first: bool) -> pa.Table | None:
        """The answer, if the snapshots stood until it was there."""
        link, copy = self._open()
        try:
            answer = link.ask(sql, values)
            return answer if copy.stands(snapshots) else None
        except links.Refusal as refusal:
            if is_first and refusal.code in MISSING:
                return None
            raise

    def _bring(self) -> dict[str, str]:
        copy = self._open()[1]
        snapshots = copy.bring()
        try:
            copy.tidy()
        except links.Refusal as refusal:
            if refusal.code not in MISSING:  # taken away meanwhile, which the question notices
                raise
        return snapshots

    def _open(self) -> tuple[links.Link, Copy]:
        with self._opening:
            if self._opened is None:
                link = links.connect(self._address, self._options)
                self._opened = (link, Copy(link, self._address, self._tables))
            return self._opened


def _said(work: Callable[[], T]) -> T:
    """Let no error of ClickHouse's pass but as a sentence."""
    try:
        return work()
    except links.Refusal as refusal:
        raise EngineError(f"ClickHouse refused: {str(refusal)[:500]}") from refusal
