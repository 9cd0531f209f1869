"""What a question in SQL may contain. Pure: works on the tree that DuckDB's own parser makes of the text (`json_serialize_sql`), so
what is looked at is what would run.

A question is one SELECT (WITH, VALUES, UNION ...) over the tables it is told of. Tables cannot be named with a schema, nothing may be
called in the place of a table but `unnest`, and functions that look beyond the rows are refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

NOWHERE = 2**64 - 1
"""DuckDB's word for 'no place in the text'."""

SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "EMPTY", "TABLE_FUNCTION", "PIVOT"})
NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
PLACES = frozenset({"from_table", "left", "right", "source"})
IN_PLACE_OF_A_TABLE = frozenset({"unnest"})
# They do nothing to rows: they tell of the machine, of settings, or run text as SQL.
REFUSED = frozenset(
    """
    current_setting getvariable getenv version current_catalog current_database current_schema current_schemas current_user
    user session_user current_role current_query current_query_id current_connection_id current_transaction_id txid_current
    in_search_path nextval currval
    setseed write_log query query_table add_parquet_key enable_logging disable_logging force_checkpoint checkpoint
    sleep_ms get_block_size
    """.split()
)
REFUSED_BEGINNINGS = ("duckdb_", "pragma_", "read_", "parquet_", "json_execute", "sniff_", "pg_", "has_", "dbgen", "glob", "scan_")


class NotAllowed(Exception):
    """`code` says why, `name` of what, `place` where: bytes from the beginning of the text, None when unknown."""

    def __init__(self, code: str, name: str = "", place: int | None = None) -> None:
        super().__init__(code, name)
        self.code, self.name, self.place = code, name, place


def check(parsed: Mapping[str, Any], tables: frozenset[str]) -> None:
    """Raise NotAllowed unless the parser's answer is one question over `tables` (names in lower case)."""
    if parsed["error"]:
        if parsed["error_type"] == "parser" and parsed.get("error_message") != "A CTE needs a SELECT":
            raise NotAllowed("syntax", str(parsed["error_message"]), _whole(parsed.get("position")))
        raise NotAllowed("not_select")
    statements = parsed.get("statements", [])
    if len(statements) != 1:
        raise NotAllowed("several" if statements else "empty", str(len(statements)))
    try:
        _walk(statements[0], tables)
    except RecursionError:
        raise NotAllowed("too_deep") from None


def _query(node: Mapping[str, Any], known: frozenset[str]) -> None:
    """A query and all within it; `known` are the tables and the names that WITH has given around it."""
    named = [entry["key"].lower() for entry in node.get("cte_map", {}).get("map", ())]
    if node.get("cte_name"):
        named.append(node["cte_name"].lower())
    _walk(node, known | frozenset(named))


def _walk(value: Mapping[str, Any], known: frozenset[str]) -> None:
    for key, part in _parts(value):
        kind = part.get("type")
        is_query = isinstance(kind, str) and kind in NODES
        if "class" not in part and not is_query and (key in PLACES or kind in ("BASE_TABLE", "TABLE_FUNCTION")):
            _source(part, known)
        if "function_name" in part:
            _function(part)
        if key == "node" and not is_query:
            raise NotAllowed("not_select", str(kind))
        (_query if is_query else _walk)(part, known)


def _parts(value: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The dicts right below, with the key that leads to them; lists are looked through."""
    for key, each in value.items():
        yield from ((key, part) for part in _dicts(each))


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _dicts(each)


def _source(source: Mapping[str, Any], known: frozenset[str]) -> None:
    kind, place = source.get("type", ""), _whole(source.get("query_location"))
    if kind == "BASE_TABLE":
        _table(source, known, place)
    elif kind == "TABLE_FUNCTION":
        name = source.get("function", {}).get("function_name", "")
        if name.lower() not in IN_PLACE_OF_A_TABLE:
            raise NotAllowed("table_function", name, place)
    elif kind not in SOURCES:
        raise NotAllowed("not_select", kind, place)


def _table(source: Mapping[str, Any], known: frozenset[str], place: int | None) -> None:
    name = source.get("table_name", "")
    if source.get("schema_name") or source.get("catalog_name"):
        full = ".".join(part for part in (source.get("catalog_name"), source.get("schema_name"), name) if part)
        raise NotAllowed("schema", full, place)
    if name.lower() not in known:
        raise NotAllowed("file" if any(sign in name for sign in "/\\.*:") else "unknown_table", name, place)


def _function(call: Mapping[str, Any]) -> None:
    name = call["function_name"].lower()
    if name in REFUSED or name.startswith(REFUSED_BEGINNINGS):
        raise NotAllowed("function", call["function_name"], _whole(call.get("query_location")))
    if call.get("schema") not in (None, "", "main", "pg_catalog") or call.get("catalog") not in (None, "", "system"):
        raise NotAllowed("schema", f"{call.get('schema')}.{call['function_name']}", _whole(call.get("query_location")))


def _whole(place: Any) -> int | None:
    number = NOWHERE if place is None else int(place)
    return None if number >= NOWHERE else number
