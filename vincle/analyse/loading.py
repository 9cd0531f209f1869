"""Rows of the log as Arrow columns: whole columns at a time, from SQLite's text and PostgreSQL's values alike."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vincle.engines.table import ACTIVITY, MOMENT, PERSON, months

LARGEST = 10.0**14
# How columns of the log are called where the table's name differs.
_RENAMED = {"workspace": "workspace_id", "connection": "connection_id"}
COLUMNS = tuple(_RENAMED.get(name, name) for name in ACTIVITY.names if name not in ("seq", "month"))


def activities(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows given as (seq, *COLUMNS) -> the open table's columns."""
    if not rows:
        return ACTIVITY.empty_table()
    columns = [_column(values, field) for values, field in zip(zip(*rows, strict=True), ACTIVITY, strict=False)]
    happened = columns[ACTIVITY.get_field_index("happened_at")]
    return pa.Table.from_arrays([*columns, months(happened)], schema=ACTIVITY)


def people(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows given in the order of `engines.table.PERSON`."""
    if not rows:
        return PERSON.empty_table()
    return pa.Table.from_arrays(
        [_column(values, field) for values, field in zip(zip(*rows, strict=True), PERSON, strict=True)], schema=PERSON
    )


def dead(rows: Sequence[tuple[bytes, int, Any]]) -> pa.Table:
    """Rows to be taken out, given as (event_id, workspace, happened_at), with the folder they lie in."""
    ids, workspaces, moments = zip(*rows, strict=True) if rows else ((), (), ())
    happened = _moments(moments)
    return pa.table({"event_id": pa.array(ids, pa.binary()), "workspace": pa.array(workspaces, pa.int64()), "month": months(happened)})


def _column(values: Sequence[Any], field: pa.Field) -> pa.Array:
    read = _READ.get(field.name) or _READ.get(str(field.type))
    return read(values) if read else pa.array(values, field.type)


def _moments(values: Sequence[Any]) -> pa.Array:
    if any(isinstance(value, str) for value in values[:1]):
        return pc.assume_timezone(pa.array(values, pa.string()).cast(pa.timestamp("us")), "UTC")
    return pa.array(values, MOMENT)


def _flags(values: Sequence[Any]) -> pa.Array:
    return pa.array([bool(value) for value in values], pa.bool_())


def _binary(values: Sequence[Any]) -> pa.Array:
    return pa.array([bytes(value) if isinstance(value, memoryview) else value for value in values], pa.binary())


def _amounts(values: Sequence[Any]) -> pa.Array:
    """Decimals; an amount beyond the column's 14 digits is nobody's and is left out."""
    numbers = pa.array([None if value is None else float(value) for value in values], pa.float64())
    usable = pc.if_else(pc.less(pc.abs(numbers), LARGEST), numbers, None)
    return pc.round(usable, ndigits=4).cast(pa.decimal128(18, 4), safe=False)


def _labels(separator: str) -> Callable[[Sequence[str]], pa.Array]:
    """A reader of 'a|b' -> [a, b]; an empty text has no labels."""

    def read(values: Sequence[str]) -> pa.Array:
        column = pa.array(values, pa.string())
        return pc.split_pattern(pc.if_else(pc.equal(column, ""), None, column), separator)

    return read


_READ: dict[str, Callable[[Sequence[Any]], pa.Array]] = {
    str(MOMENT): _moments, "bool": _flags, "binary": _binary, "decimal128(18, 4)": _amounts, "list<item: string>": _labels("|"),
    "hashtags": _labels(" "),
}  # fmt: skip
