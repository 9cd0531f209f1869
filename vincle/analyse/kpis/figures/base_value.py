"""What the customers there are will bring."""

from django.utils.translation import gettext_lazy as _

from vincle.science.bridge import Bridge

from ..base import MONEY, UP, Figure, Kpi, missing
from ..facts import Base, Facts, Plain
from ..spans import Span, day_of


def value(facts: Facts, span: Span) -> Figure:
    days = [each for each in facts.base if each.day <= span.last]
    if not days:
        return missing("no value" if not facts.base else "value later", since=day_of(facts.base[0].day) if facts.base else None)
    last = days[-1]
    if last.day < span.first:
        return missing("value later", since=day_of(last.day))
    return Figure(last.value, of=last.customers, parts={"since": day_of(facts.base[0].day), **_changed(days, span)})


def _changed(days: list[Base], span: Span) -> dict[str, Bridge]:
    """The daily changes of the period together; nothing while the day before it is not known."""
    earlier = [each for each in days if each.day < span.first]
    inside = [each for each in days if each.day >= span.first]
    if not earlier:
        earlier, inside = inside[:1], inside[1:]
    if not inside:
        return {}
    new, back, more, less, lost = (sum(getattr(each, name) for each in inside) for name in ("new", "back", "more", "less", "lost"))
    return {"bridge": Bridge(earlier[-1].value, new, back, more, less, lost, inside[-1].value, (0, 0, 0, 0, 0))}


def reference(plain: Plain, span: Span) -> float | None:
    inside = [each for each in plain.base if span.first <= each.day <= span.last]
    return max(inside, key=lambda each: each.day).value if inside else None


kpi = Kpi(
    "base_value", _("Value of the customer base"), MONEY,
    _("What all customers together are expected to bring over the horizon set under Terms, after cost and discounted, as it stood on the "
      "last day of the period. It is written down once a day, from the day it was first known."),
    "sum over customers of expected value", ("score value",), UP, 140, value, reference, can_narrow=False, part="kpis/part_bridge.html",
)  # fmt: skip
