"""Two ways to ClickHouse: a server over HTTP, or the same engine in this process through chdb."""

import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa

from ._clickhouse_sql import SETTINGS
from .base import EngineError, Options, Value

# Data on a cluster are written to most replicas before they count, and read from those that have them.
CLUSTER_SETTINGS: dict[str, str | int] = {
    "insert_quorum": "auto",
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
    "distributed_foreground_insert": 1,
    "distributed_product_mode": "global",
}
CONNECT_SECONDS = 5
_CODE = re.compile(r"Code: (\d+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_EXAMPLES = "clickhouse://user:password@host:8123/database, or chdb:///folder for ClickHouse in process"


class Refusal(Exception):
    """ClickHouse said no; `code` is its own number for why."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Address:
    """What an engine's URL says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    database: str
    cluster: str
    secure: bool

    @property
    def settings(self) -> dict[str, str | int]:
        return {**SETTINGS, **CLUSTER_SETTINGS} if self.cluster else SETTINGS


class Link(Protocol):
    """A connection; safe for several threads. All raise Refusal; EngineError when nobody answers."""

    def do(self, sql: str) -> None: ...

    def ask(self, sql: str, values: Mapping[str, Value]) -> pa.Table: ...

    def push(self, table: str, rows: pa.Table, token: str) -> None:
        """Add rows, once: a second push with one token changes nothing. An empty token: as often as it is called."""
        ...

    def close(self) -> None: ...


def read(url: str) -> Address:
    """An address from a URL; EngineError when it is none."""
    try:
        parts = urlsplit(url)
        port, asked = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise EngineError(f"VINCLE_ENGINE_URL cannot be read ({error}); it is written {_EXAMPLES}.") from error
    remote = parts.scheme == "clickhouse"
    if parts.scheme not in ("clickhouse", "chdb") or not (parts.hostname if remote else parts.path.strip("/") and not parts.netloc):
        raise EngineError(f"VINCLE_ENGINE_URL is {f'{parts.scheme}://…' if url else 'empty'}; ClickHouse is at {_EXAMPLES}.")
    if unknown := set(asked) - ({"secure", "cluster"} if remote else {"database"}):
        raise EngineError(f"VINCLE_ENGINE_URL says '{min(unknown)}', which ClickHouse's address does not know.")
    secure = asked.get("secure", "0") not in ("0", "false", "no")
    found = Address(
        parts.scheme,
        parts.hostname or "",
        port or (8443 if secure else 8123),
        unquote(parts.username or "default"),
        unquote(parts.password or ""),
        "" if remote else unquote(parts.path),
        (unquote(parts.path.strip("/")) if remote else asked.get("database", "")) or "vincle",
        asked.get("cluster", ""),
        secure,
    )
    for what, name in (("database", found.database), ("cluster", found.cluster)):
        if name and not _NAME.fullmatch(name):
            raise EngineError(f"VINCLE_ENGINE_URL names the {what} '{name}': letters, digits and _ only.")
    return found


def connect(address: Address, limits: Options | None = None) -> Link:
    """A connection to a database that exists from then on. `limits` are for an engine in this process."""
    link: Link | None = None
    try:
        link = Server(address) if address.scheme == "clickhouse" else InProcess(address, limits or Options())
        everywhere = f" ON CLUSTER {address.cluster}" if address.cluster else ""
        link.do(f"CREATE DATABASE IF NOT EXISTS {address.database}{everywhere}")
    except Refusal as refusal:
        if link:
            link.close()
        raise EngineError(f"ClickHouse does not let us use the database '{address.database}': {refusal}") from refusal
    return link


class Server:
    """A ClickHouse server, over HTTP."""

    def __init__(self, address: Address) -> None:
        try:
            import clickhouse_connect
            from clickhouse_connect.driver import exceptions
        except ImportError as error:
            raise EngineError("The engine 'clickhouse' needs a package: pip install vincle[clickhouse]") from error
        self._address, self._errors = address, exceptions
        self._client = self._try(
            lambda: clickhouse_connect.get_client(
                host=address.host,
                port=address.port,
                username=address.user,
                password=address.password,
                secure=address.secure,
                settings=dict(address.settings),
                connect_timeout=CONNECT_SECONDS,
                autogenerate_session_id=False,
                form_encode_query_params=True,
            )
        )

    def do(self, sql: str) -> None:
        self._try(lambda: self._client.command(sql))

    def ask(self, sql: str, values: Mapping[str, Value]) -> pa.Table:
        found: pa.Table = self._try(lambda: self._client.query_arrow(sql, parameters=dict(values) or None, use_strings=True))
        return found

    def push(self, table: str, rows: pa.Table, token: str) -> None:
        self._try(lambda: self._client.insert_arrow(table, rows, settings=_once(token)))

    def close(self) -> None:
        self._client.close()

    def _try(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except self._errors.Error as error:
            text = str(error)
            code = getattr(error, "code", None) or int((_CODE.search(text) or [0, 0])[1])
            if code:
                raise Refusal(text, code) from error
            where = f"{self._address.host}:{self._address.port}"
            raise EngineError(f"ClickHouse at {where} (VINCLE_ENGINE_URL) does not answer: {text[:300]}") from error


class InProcess:
    """ClickHouse in this process. Its folder belongs to one process at a time."""

    def __init__(self, address: Address, limits: Options) -> None:
        try:
            import chdb
        except ImportError as error:
            raise EngineError("An engine at chdb:// needs a package: pip install chdb") from error
        own = {"max_threads": limits.threads, "max_memory_usage": limits.memory.upper().removesuffix("B")}
        self._settings = ", ".join(f"{name} = {value!r}" for name, value in {**address.settings, **own}.items())
        self._lock = Lock()
        try:
            Path(address.folder).mkdir(parents=True, exist_ok=True)
            self._connection: Any = chdb.connect(address.folder)  # type: ignore[no-untyped-call]
        except (OSError, RuntimeError) as error:
            raise EngineError(f"ClickHouse cannot open {address.folder}; another process may have it open: {str(error)[:300]}") from error

    def do(self, sql: str) -> None:
        self._run(sql, "CSV", {})

    def ask(self, sql: str, values: Mapping[str, Value]) -> pa.Table:
        answer = self._run(f"{sql} SETTINGS {self._settings}", "ArrowStream", values)
        return pa.ipc.open_stream(answer).read_all()

    def push(self, table: str, rows: pa.Table, token: str) -> None:
        settings = ", ".join(f"{name} = '{value}'" for name, value in {**_once(token), "async_insert": 0}.items())
        columns = ", ".join(rows.column_names)
        with tempfile.NamedTemporaryFile(prefix="vincle-", suffix=".arrow") as file:
            with pa.OSFile(file.name, "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                writer.write_table(rows)
            self._run(f"INSERT INTO {table} ({columns}) FROM INFILE '{file.name}' SETTINGS {settings} FORMAT Arrow", "CSV", {})

    def close(self) -> None:
        with self._lock, suppress(RuntimeError):
            self._connection.close()

    def _run(self, sql: str, form: str, values: Mapping[str, Value]) -> bytes:
        params = {name: escaped(value) for name, value in values.items()}
        try:
            with self._lock:
                return bytes(self._connection.query(sql, form, params=params or None).bytes() or b"")
        except RuntimeError as error:
            text = str(error)
            raise Refusal(text, int((_CODE.search(text) or [0, 0])[1])) from error


def escaped(value: Value) -> str:
    """A parameter's value as ClickHouse reads it.

    >>> escaped("a\\tb")
    'a\\\\tb'
    """
    text = str(value)
    for plain, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"), ("\b", "\\b"), ("\f", "\\f")):
        text = text.replace(plain, written)
    return text


def _once(token: str) -> dict[str, str | int]:
    return {"insert_deduplicate": 1, "insert_deduplication_token": token} if token else {"insert_deduplicate": 0}
