"""A moment as a whole number of microseconds since 1970: an operation of Ibis that each engine has under another name."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.rules as rlz


class Micros(ops.Value):  # type: ignore[misc]
    """Exact for every moment, before 1970 as well. Compilers write it by `visit_Micros`."""

    arg: ops.Value[dt.Timestamp]
    dtype = dt.int64
    shape = rlz.shape_like("arg")


def micros(moment: ibis.Value) -> ibis.Value:
    """Microseconds since 1970, UTC."""
    return Micros(moment).to_expr()
