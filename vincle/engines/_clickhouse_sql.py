"""ClickHouse's SQL from an expression, with the meaning it has elsewhere: exact counts, letters, moments before 1970."""

from typing import Any

import ibis
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.datatypes import ClickHouseType

from ._questions import WORKSPACE, Dialect, schema_of
from .table import LAYOUTS

# Sent with every statement. Without the first two ClickHouse says 0 and 1970-01-01 where SQL says NULL.
SETTINGS: dict[str, str | int] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "enable_extended_results_for_datetime_functions": 1,
    "session_timezone": "UTC",
    "output_format_arrow_string_as_string": 1,
    "async_insert": 0,
}
FILE = "_file"
TYPES = {int: "Int64", str: "String"}
_MILLION = 1_000_000


class _Types(ClickHouseType):  # type: ignore[misc]
    """Moments and days of every year, where ClickHouse's plain ones begin in 1970."""

    @classmethod
    def _from_ibis_Timestamp(cls, dtype: Any) -> Any:
        return super()._from_ibis_Timestamp(dtype if dtype.scale is not None else dtype.copy(scale=6))

    @classmethod
    def _from_ibis_Date(cls, dtype: Any) -> Any:
        return sge.DataType(this=sge.DataType.Type.DATE32)


class Compiler(ClickHouseCompiler):  # type: ignore[misc]
    """Ibis's, but for what would mean something else than on the other engines."""

    __slots__ = ()
    type_mapper = _Types

    SIMPLE_OPS = {
        ops.CountDistinct: "uniqExact",
        ops.StringLength: "lengthUTF8",
        ops.Lowercase: "lowerUTF8",
        ops.Uppercase: "upperUTF8",
        ops.Capitalize: "initcapUTF8",
        ops.Reverse: "reverseUTF8",
        ops.StrRight: "rightUTF8",
        ops.Median: "quantileExactInclusive",
    }

    def visit_Round(self, op: Any, *, arg: Any, digits: Any) -> Any:
        """Halves away from zero; ClickHouse would round floats to the even neighbour."""
        power = self.f.exp10(digits) if digits is not None else sge.convert(1)
        size = self.f.floor(self.f.abs(sge.paren(arg)) * power + sge.convert(0.5)) / power
        return self.cast(self.f.sign(arg) * size, op.dtype)

    def visit_Substring(self, op: Any, *, arg: Any, start: Any, length: Any) -> Any:
        first = self.if_(start >= 0, start + 1, start)
        return self.f.substringUTF8(arg, first) if length is None else self.f.substringUTF8(arg, first, length)

    def visit_StringFind(self, op: Any, *, arg: Any, substr: Any, start: Any, end: Any) -> Any:
        if start is not None or end is not None:
            raise ibis.common.exceptions.UnsupportedOperationError("ClickHouse finds a text only from the beginning of another")
        return self.f.positionUTF8(arg, substr)

    def _visit_quantile(self, func: str, arg: Any, quantile: Any, where: Any) -> Any:
        exact = {"quantile": "quantileExactInclusive", "quantiles": "quantilesExactInclusive"}.get(func, func)
        return super()._visit_quantile(exact, arg, quantile, where)

    def visit_StandardDevVariance(self, op: Any, *, how: str, where: Any, **kw: Any) -> Any:
        """NULL, not NaN, for what one row cannot tell."""
        found = super().visit_StandardDevVariance(op, how=how, where=where, **kw)
        return self.if_(self.f.isNaN(found), sge.null(), found)

    visit_StandardDev = visit_Variance = visit_Covariance = visit_StandardDevVariance

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        return self.cast(self.f.intDiv(self._whole_seconds(arg), _MILLION), op.dtype)

    def visit_Micros(self, op: Any, *, arg: Any) -> Any:
        return self.f.anon.toUnixTimestamp64Micro(arg)

    def visit_TimestampFromUNIX(self, op: Any, *, arg: Any, unit: Any) -> Any:
        scale = {"s": _MILLION, "ms": 1_000, "us": 1}.get(unit.short)
        if scale is None:
            return super().visit_TimestampFromUNIX(op, arg=arg, unit=unit)
        return self.f.fromUnixTimestamp64Micro(self.f.toInt64(arg) * scale, "UTC")

    def visit_TimestampTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:
        start = self.f.anon["toMonday" if unit.short == "W" else f"toStartOf{unit.singular.capitalize()}"]
        return self.f.toDateTime64(start(self._floored(op.arg, arg)), 6, "UTC")

    def visit_Date(self, op: Any, *, arg: Any) -> Any:
        return self.f.toDate32(self._floored(op.arg, arg))

    def _visit_extract(self, op: Any, *, arg: Any) -> Any:
        return self.cast(self.f[ClickHouseCompiler.SIMPLE_OPS[type(op)]](self._floored(op.arg, arg)), op.dtype)

    visit_ExtractYear = visit_ExtractQuarter = visit_ExtractMonth = visit_ExtractDay = _visit_extract
    visit_ExtractDayOfYear = visit_ExtractWeekOfYear = visit_ExtractHour = visit_ExtractMinute = visit_ExtractSecond = _visit_extract

    def visit_DayOfWeekIndex(self, op: Any, *, arg: Any) -> Any:
        return super().visit_DayOfWeekIndex(op, arg=self._floored(op.arg, arg))

    def _whole_seconds(self, arg: Any) -> Any:
        """Microseconds since 1970 at the beginning of a moment's second: ClickHouse cuts fractions before 1970 upwards."""
        micros = self.f.toUnixTimestamp64Micro(arg)
        return sge.paren(micros - self.f.positiveModulo(micros, _MILLION))

    def _floored(self, of: Any, arg: Any) -> Any:
        return self.f.fromUnixTimestamp64Micro(self._whole_seconds(arg), "UTC") if of.dtype.is_timestamp() else arg


def dialect(database: str) -> Dialect:
    """How questions are put to the tables of this database. Each names the snapshot of each table it reads."""

    def table(name: str, marks: Any) -> ibis.Table:
        rows = ibis.table({**schema_of(name), FILE: "string"}, name=name, database=database)
        live = ibis.table({"snapshot": "string", "label": "string"}, name="live", database=database)
        standing = live.filter(live.snapshot == marks[snapshot_of(name)]).label
        return rows.filter(rows.workspace == marks[WORKSPACE], rows[FILE].isin(standing)).drop(FILE)

    more = {snapshot_of(name): "" for name in LAYOUTS}
    return Dialect(Compiler(), lambda name, kind: f"{{{name}:{TYPES[kind]}}}", table, more)


def snapshot_of(name: str) -> str:
    """The name of the value that says which snapshot of a table is meant."""
    return f"{name}_snapshot"
