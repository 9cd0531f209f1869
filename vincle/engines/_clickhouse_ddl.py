"""The tables that ClickHouse keeps: copies of the lake's, and what says which of their rows stand."""

import pyarrow as pa

from ._clickhouse_sql import FILE
from .base import MOMENTS
from .table import LAYOUTS, Layout

# How many of the last inserts a table remembers by their tokens.
REMEMBERED = 10_000
REMOVED_KEPT = "2 DAY"
# Rows in these are few; they stand whole on every server of a cluster, so that joins need no journey.
EVERYWHERE = ("handle", "person", "match")
ORDER = {"activity": ("workspace", "actor", "happened_at"), "handle": ("workspace", "key"), "person": ("workspace", "id"),
         "match": ("workspace", "listening", "seq")}  # fmt: skip
BOOKS: dict[str, dict[str, str]] = {
    "live": {"name": "LowCardinality(String)", "snapshot": "String", "label": "String", "at": "DateTime64(6, 'UTC')"},
    "removed": {"name": "LowCardinality(String)", "file": "String", "label": "String", "at": "DateTime64(6, 'UTC')"},
    "loaded": {
        "name": "LowCardinality(String)",
        "snapshot": "String",
        "version": "Int64",
        "rows": "Int64",
        "at": "DateTime64(6, 'UTC')",
    },
}
_TYPES = {
    "int64": "Nullable(Int64)", "binary": "Nullable(String)", "string": "LowCardinality(Nullable(String))",
    "timestamp[us, tz=UTC]": "Nullable(DateTime64(6, 'UTC'))", "bool": "Nullable(Bool)", "double": "Nullable(Float64)",
    "decimal128(18, 4)": "Nullable(Decimal(18, 4))", "list<item: string>": "Array(String)",
    "list<item: double>": "Array(Float64)",
}  # fmt: skip
_MANY_VALUED = ("_id", "_key", "props", "place")


def columns(layout: Layout) -> dict[str, str]:
    """Columns of a table of the lake with ClickHouse's types; `at` and the file a row came from beside them."""
    found = {field.name: _type(field, layout) for field in layout.schema}
    moment = {"at": "Nullable(Int64)"} if layout.name in MOMENTS else {}
    return {**found, **moment, FILE: "LowCardinality(String)"}


def statements(database: str, cluster: str = "") -> list[str]:
    """What creates every table where there is none: on one server, or replicated and distributed over the servers of a cluster.

    A cluster's servers name themselves by the macros {shard} and {replica}.
    """
    found = []
    for layout in LAYOUTS.values():
        found += _table(database, layout, cluster)
    keys = {"live": "(snapshot, label)", "removed": "label", "loaded": "snapshot"}
    for name, kinds in BOOKS.items():
        engine = _engine(name, cluster, everywhere=True)
        found.append(
            f"CREATE TABLE IF NOT EXISTS {database}.{name}{on(cluster)} ({_listed(kinds)}) ENGINE = {engine} ORDER BY {keys[name]}"
        )
    return found


def rows_of(name: str, cluster: str = "") -> str:
    """The table in which the rows of a table of the lake lie."""
    return f"{name}_shard" if cluster and name not in EVERYWHERE else name


def on(cluster: str) -> str:
    return f" ON CLUSTER {cluster}" if cluster else ""


def _table(database: str, layout: Layout, cluster: str) -> list[str]:
    kinds, place = columns(layout), rows_of(layout.name, cluster)
    order = ORDER[layout.name]
    parts = " PARTITION BY month" if "month" in layout.partitions else ""
    window = "replicated_deduplication_window" if cluster else "non_replicated_deduplication_window"
    settings = f"allow_nullable_key = 1, {window} = {REMEMBERED}"
    engine = _engine(layout.name, cluster, layout.name in EVERYWHERE)
    found = [
        f"CREATE TABLE IF NOT EXISTS {database}.{place}{on(cluster)} ({_listed(kinds)}) "
        f"ENGINE = {engine}{parts} ORDER BY ({', '.join(order)}) SETTINGS {settings}"
    ]
    if place != layout.name:
        spread = f"cityHash64(workspace, ifNull({order[1]}, 0))"
        found.append(
            f"CREATE TABLE IF NOT EXISTS {database}.{layout.name}{on(cluster)} ({_listed(kinds)}) "
            f"ENGINE = Distributed('{cluster}', '{database}', '{place}', {spread})"
        )
    return found


def _engine(name: str, cluster: str, everywhere: bool) -> str:
    if not cluster:
        return "MergeTree"
    shard, replica = ("all", "{shard}-{replica}") if everywhere else ("{shard}", "{replica}")
    return f"ReplicatedMergeTree('/clickhouse/tables/{shard}/{{database}}/{name}', '{replica}')"


def _listed(kinds: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in kinds.items())


def _type(field: pa.Field, layout: Layout) -> str:
    kind = _TYPES[str(field.type)]
    if field.name in layout.partitions:
        return kind.removeprefix("LowCardinality(").removeprefix("Nullable(").rstrip(")")
    if kind.startswith("LowCardinality") and field.name.endswith(_MANY_VALUED):
        return "Nullable(String)"
    return kind
