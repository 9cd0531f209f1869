"""An answer's values for JSON, for a table on screen and for CSV."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds


def names(rows: pa.Table) -> list[str]:
    """Column names, each once: a second `n` is `n_1`.

    >>> names(pa.table([[1], [2]], names=["n", "n"]))
    ['n', 'n_1']
    """
    found: list[str] = []
    for name in rows.column_names:
        fresh, number = name, 0
        while fresh in found:
            number += 1
            fresh = f"{name}_{number}"
        found.append(fresh)
    return found


def lines(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Rows as tuples of values that JSON knows: moments as ISO 8601 (UTC ends in Z), binary as hex, what is no number as None."""
    for batch in rows.to_batches(max_chunksize=5000):
        yield from zip(*(plain(column) for column in batch.columns), strict=True)


def plain(column: pa.Array) -> list[Any]:
    """Values of a column as JSON knows them.

    >>> plain(pa.array([Decimal("20.5000"), None], pa.decimal128(18, 4)))
    [20.5, None]
    """
    if kinds.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    elif kinds.is_interval(column.type):
        return [None if value is None else _months(value) for value in column.to_pylist()]
    try:
        return [simple(value) for value in column.to_pylist()]
    except (ValueError, OverflowError, pa.ArrowException):
        return [_one(value) for value in column]  # a moment beyond the calendar, e.g. 'infinity'


def simple(value: Any) -> Any:
    """One value as JSON knows it."""
    said = _SAID.get(type(value))
    return said(value) if said else value if isinstance(value, str | int | bool | type(None)) else str(value)


def text(value: Any) -> str:
    """A value as a cell shows it.

    >>> text(None), text(["a", "b"]), text(True), text(20.0)
    ('', 'a, b', 'true', '20')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text(part)}" for name, part in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def column_text(column: pa.ChunkedArray) -> list[str]:
    """A column as cells of a table on screen: decimals as wide as the widest, moments to the second where that is all they say.

    >>> column_text(pa.chunked_array([pa.array([Decimal("2.5000"), Decimal("10.2500"), None], pa.decimal128(18, 4))]))
    ['2.50', '10.25', '']
    """
    if kinds.is_decimal(column.type) and column.type.scale > 0:
        values = column.to_pylist()
        places = max((-int(value.normalize().as_tuple().exponent) for value in values if value), default=0)
        return ["" if value is None else f"{value:.{max(places, 0)}f}" for value in values]
    said = [text(value) for chunk in column.chunks for value in plain(chunk)]
    return [_to_the_second(one) for one in said] if kinds.is_timestamp(column.type) else said


def _to_the_second(moment: str) -> str:
    return moment.partition(".")[0].removesuffix("Z").replace("T", " ")


def is_number(kind: pa.DataType) -> bool:
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def _one(value: Any) -> Any:
    try:
        return simple(value.as_py())
    except (ValueError, OverflowError, pa.ArrowException):
        return None


def _decimal(value: Decimal) -> Any:
    """A number where a number says it exactly; else its digits as text."""
    if value.as_tuple().exponent == 0:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _moment(value: datetime) -> str:
    said = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return said.isoformat() + ("Z" if value.tzinfo else "")


def _duration(value: timedelta) -> str:
    return f"PT{value.total_seconds():.15g}S"


def _months(value: Any) -> str:
    """ISO 8601, e.g. P1M3DT60S."""
    return f"P{value.months}M{value.days}DT{value.nanoseconds / 1e9:.15g}S"


def _each(values: Sequence[Any]) -> list[Any]:
    return [simple(value) for value in values]


_SAID: dict[type, Callable[[Any], Any]] = {
    float: lambda value: value if math.isfinite(value) else None,
    Decimal: _decimal,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
    bytes: bytes.hex,
    list: _each,
    tuple: _each,
    dict: lambda value: {str(name): simple(part) for name, part in value.items()},
}
