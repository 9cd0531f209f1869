"""Key figures: what the board shows, figure by figure, with what they are and how they went."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engines.base import EngineError

from .endpoint import Call, endpoint
from .faults import Fault, invalid

if TYPE_CHECKING:
    from vincle.analyse.kpis.reading import Asked, Told
    from vincle.analyse.kpis.stored import Stored


class KpisAsked(Struct, forbid_unknown_fields=True):
    period: Annotated[Literal["month", "quarter", "year", "30", "90"], Meta(description="A calendar period, or so many days.")] = "30"
    at: Annotated[date | None, Meta(description="A day of the calendar period, or the last of the days; none: today.")] = None
    segment: Annotated[str, Meta(max_length=16, description="Public id: only people who are in it now.")] = ""
    channel: Annotated[str, Meta(max_length=40, description="Only purchases and forms of this channel.")] = ""
    id: Annotated[str, Meta(max_length=40, description="Only this figure.")] = ""
    details: Annotated[bool, Meta(description="Also what each is, how it went, and what comes next.")] = False


class KpiPoint(Struct):
    first: date
    last: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None


class KpiDetails(Struct, kw_only=True):
    definition: str
    formula: str
    stands_on: list[str]
    good: Annotated[str, Meta(description="The direction that is wished for: up or down.")]
    people: Annotated[int, Meta(description="How many people are behind it.")]
    series: Annotated[list[KpiPoint], Meta(description="Whole periods, oldest first, and this one last.")]
    expected: Annotated[list[KpiPoint], Meta(description="The next periods: in 8 cases of 10 between; none where too little is known.")]


class KpiLine(Struct, kw_only=True):
    """A figure. `value` is null where there is none: `missing` says why. Shares are 0 to 1, money is in `currency`."""

    id: str
    name: str
    unit: Annotated[str, Meta(description="money, people, share or points (hundredths of a share).")]
    currency: str
    first: date
    last: date
    value: Decimal | None
    low: Annotated[Decimal | None, Meta(description="With `high`: in 95 cases of 100 the truth lies between.")]
    high: Decimal | None
    before: Annotated[Decimal | None, Meta(description="In the period before; of one that goes on, in as many of its days.")]
    target: Decimal | None
    light: Annotated[str, Meta(description="good, near (missed by a tenth at most), off; empty without a target.")]
    missing: str
    details: KpiDetails | None = None


class Foreign(Struct):
    """Money that is in no figure, being in another currency."""

    currency: str
    purchases: int
    amount: Decimal


class Kpis(Struct):
    data: list[KpiLine]
    other_currencies: list[Foreign]


@endpoint("GET", "kpis", May.SEE, asks=KpisAsked, answers=Kpis)
def list_kpis(call: Call[KpisAsked]) -> Kpis:
    """The key figures of a period, as the board shows them."""
    from vincle.analyse.kpis import reading  # at first use, as below: it brings the columnar libraries
    from vincle.analyse.kpis.facts import amount
    from vincle.analyse.kpis.registry import kpis

    only, details = call.asked.id, call.asked.details
    if only and only not in kpis():
        raise invalid("id", "There is no such figure.")
    try:
        what = _asked(call)
        on = reading.facts(call.workspace, what)
        found = reading.board(call.workspace, what, only=[only] if only else (), with_series=details, on=on)
        others = [Foreign(currency, count, amount(sum_)) for currency, count, sum_ in on.sales.others(what.span.first, what.span.last)]
        return Kpis([_line(told, call, on) for told in found], others)
    except reading.Nothing:
        return Kpis([], [])
    except EngineError as error:
        raise Fault(500, "internal_error", f"The analysis engine does not answer: {error}") from error


def _asked(call: Call[KpisAsked]) -> "Asked":
    from vincle.analyse.kpis import reading

    asked = call.asked
    given = {"period": asked.period, "at": asked.at.isoformat() if asked.at else "", "segment": asked.segment, "channel": asked.channel}
    what = reading.asked(call.workspace, given)
    if what.problem:
        raise invalid("segment" if asked.segment and what.segment is None else "at", what.problem)
    return what


def _line(told: "Told", call: Call[KpisAsked], on: "Stored") -> KpiLine:
    from vincle.analyse.kpis import page, reading

    row = reading.row(told, call.workspace.currency)
    if not call.asked.details:
        return KpiLine(**row)
    kpi = told.kpi
    series = [KpiPoint(over.begins, over.ends, *map(kpi.exact, (each.value, each.low, each.high))) for over, each in told.series]
    expected = [KpiPoint(over.begins, over.ends, *map(kpi.exact, ends)) for over, ends in page.coming(told)]
    details = KpiDetails(
        definition=str(kpi.definition), formula=kpi.formula, stands_on=list(kpi.stands_on), good=kpi.good,
        people=int(kpi.people(on, told.span).size) if told.value is not None else 0, series=series, expected=expected,
    )  # fmt: skip
    return KpiLine(**row, details=details)
