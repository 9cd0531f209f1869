"""Attribution: which touchpoints purchases are owed to, by every way of counting, as the page shows it."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engines.base import EngineError

from .endpoint import Call, endpoint
from .faults import Fault, invalid

if TYPE_CHECKING:
    from vincle.analyse.touchpoints.asking import Asked
    from vincle.analyse.touchpoints.reading import Found


class AttributionAsked(Struct, forbid_unknown_fields=True):
    days: Annotated[Literal["28", "90", "365"], Meta(description="The last days of the data, unless `first` or `last` is said.")] = "90"
    first: Annotated[date | None, Meta(description="The first day that is looked at.")] = None
    last: Annotated[date | None, Meta(description="The last one.")] = None
    by: Annotated[Literal["kind", "source", "campaign"], Meta(description="How far touchpoints are told apart.")] = "kind"
    order: Annotated[Literal["1", "2", "3"], Meta(description="Touches the Markov chain remembers.")] = "1"
    segment: Annotated[str, Meta(max_length=16, description="Public id: only people who are in it now.")] = ""
    product: Annotated[str, Meta(max_length=80, description="Only purchases of it.")] = ""


class Credit(Struct, kw_only=True):
    """What one way of counting gives a touchpoint."""

    model: Annotated[str, Meta(description="first, last, linear, position, time_decay, markov or shapley.")]
    purchases: float
    low: Annotated[float | None, Meta(description="With `high`: in 90 cases of 100 it lies between; null where that is not worked out.")]
    high: float | None
    value: Annotated[Decimal | None, Meta(description="In `currency`; null where no purchase has an amount.")]


class Touchpoint(Struct, kw_only=True):
    id: Annotated[str, Meta(description="Its kind, and behind colons its source and campaign.")]
    name: str
    ways: Annotated[int, Meta(description="Ways that met it, whether they ended in a purchase or not.")]
    removal_effect: Annotated[float, Meta(description="The share of purchases that would be missing without it, 0 to 1.")]
    credits: list[Credit]


class AttributionFound(Struct, kw_only=True):
    """Every way of counting shares all `purchases`; `untouched` more had no touchpoint before them."""

    first: date | None
    last: date | None
    currency: str
    purchases: int
    ways: int
    untouched: int
    agreement: Annotated[float | None, Meta(description="The share of purchases on which all ways of counting agree.")]
    other_currencies: Annotated[int, Meta(description="Purchases that count without their amount.")]
    refunded: Annotated[int, Meta(description="Purchases that were wholly given back, which do not count.")]
    data: list[Touchpoint]


@endpoint("GET", "attribution", May.SEE, asks=AttributionAsked, answers=AttributionFound)
def attribution(call: Call[AttributionAsked]) -> AttributionFound:
    """Which touchpoints purchases are owed to."""
    from vincle.analyse.touchpoints import reading  # at first use, as below: it brings the columnar libraries

    currency = call.workspace.currency
    try:
        what = _asked(call)
        if what is None:
            return AttributionFound(
                first=None, last=None, currency=currency, purchases=0, ways=0, untouched=0, agreement=None, other_currencies=0, refunded=0,
                data=[],
            )  # fmt: skip
        found = reading.read(call.workspace, what.wanted)
    except EngineError as error:
        raise Fault(500, "internal_error", f"The analysis engine does not answer: {error}") from error
    return AttributionFound(
        first=what.wanted.first, last=what.wanted.last, currency=currency, purchases=round(found.told.conversions),
        ways=round(found.told.journeys), untouched=round(found.told.untouched),
        agreement=found.told.agreement if found.told.conversions else None, other_currencies=found.foreign, refunded=found.returned,
        data=_touchpoints(found),
    )  # fmt: skip


def _asked(call: Call[AttributionAsked]) -> "Asked | None":
    from vincle.analyse.touchpoints import asking

    asked = call.asked
    days = {"from": asked.first, "to": asked.last}
    given = {"days": asked.days, "by": asked.by, "order": asked.order, "segment": asked.segment, "product": asked.product}
    what = asking.asked(call.workspace, given | {name: day.isoformat() for name, day in days.items() if day})
    if what and asked.segment and what.segment is None:
        raise invalid("segment", "There is no such segment.")
    if what and what.choice.problem:
        raise invalid("first" if asked.first else "last", what.choice.problem)
    return what


def _touchpoints(found: "Found") -> list[Touchpoint]:
    from vincle.analyse.touchpoints import exporting, words
    from vincle.science.attribution import MODELS

    rows = [row for row in found.told.rows() if row.touched]
    return [
        Touchpoint(
            id=row.channel, name=words.name(row.channel), ways=round(row.touched), removal_effect=row.removal_effect,
            credits=[
                Credit(
                    model=model, purchases=getattr(row, model), value=exporting.money(row.values.get(model)),
                    **dict(zip(("low", "high"), found.sure.of(row.channel, model) if found.sure else (None, None), strict=True)),
                )
                for model in MODELS
            ],
        )
        for row in rows
    ]  # fmt: skip
