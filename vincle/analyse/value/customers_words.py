"""Customers' value in words: the sentence on top, what the figures leave out, what to do about each group, what the model is."""

from collections.abc import Mapping
from datetime import date
from math import floor, log10
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.organise import score_words, worth_words
from vincle.organise.value_terms import Terms
from vincle.web.tags.formats import day, money, number, percent

from .customers_page import Sums

GROUPS: dict[str, tuple[str, Any]] = {
    "leaving": ("door-exit", gettext_lazy("Worth more than most, and more likely gone than not: write to them in person.")),
    "promising": ("user-plus", gettext_lazy("Bought for the first time lately: the second purchase decides whether they stay.")),
    "best": ("diamond", gettext_lazy("The fifth that will bring most: let them feel that you know them.")),
}  # fmt: skip
EPOCH = date(1970, 1, 1).toordinal()


class Whole(NamedTuple):
    """What all customers together will bring, with the interval of the sum."""

    value: float
    low: float
    high: float


def whole(sums: Sums, quality: Mapping[str, Any]) -> Whole | None:
    """As they stand now. The interval is as wide, for its middle, as the last round found that of the sum to be."""
    told = quality.get("total") or {}
    if not sums.valued or not told or not told.get("value"):
        return None
    times = sums.value / float(told["value"])
    return Whole(sums.value, float(told["low"]) * times, float(told["high"]) * times)


def about(amount: float, currency: str) -> str:
    """Three digits say it.

    >>> about(41234.5, "EUR").replace("\\xa0", " "), about(7.123, "EUR").replace("\\xa0", " ")
    ('€ 41,200', '€ 7')
    """
    if not amount:
        return str(money(0, currency))
    return str(money(round(amount, min(0, 2 - floor(log10(abs(amount))))), currency))


def months(terms: Terms) -> str:
    return ngettext("the next %(n)s month", "the next %(n)s months", terms.months) % {"n": number(terms.months)}


def sentence(sums: Sums, found: Whole | None, terms: Terms, currency: str) -> str:
    if not sums.customers:
        return _("What your customers will bring, who is about to leave, and how sure that is.")
    said = {"n": number(sums.customers), "months": months(terms)}
    if found is None:
        return ngettext(
            "%(here)s of your %(n)s customer is likely still one.", "%(here)s of your %(n)s customers are likely still ones.",
            sums.customers,
        ) % {**said, "here": number(round(sums.here))}  # fmt: skip
    said |= {"value": about(found.value, currency), "low": about(found.low, currency), "high": about(found.high, currency)}
    if terms.has_margin:
        text = ngettext(
            "Your %(n)s customer will bring about %(value)s in %(months)s; 9 times out of 10 between %(low)s and %(high)s.",
            "Your %(n)s customers will bring about %(value)s in %(months)s; 9 times out of 10 between %(low)s and %(high)s.",
            sums.customers,
        )  # fmt: skip
    else:
        text = ngettext(
            "Your %(n)s customer will spend about %(value)s in %(months)s; 9 times out of 10 between %(low)s and %(high)s.",
            "Your %(n)s customers will spend about %(value)s in %(months)s; 9 times out of 10 between %(low)s and %(high)s.",
            sums.customers,
        )  # fmt: skip
    return text % said


def careful(quality: Mapping[str, Any]) -> str:
    """Why averages are used and no model; "" where one is."""
    return worth_words.quality(quality) if quality.get("state") == "rule" and quality.get("why") else ""


def left_out(quality: Mapping[str, Any], currency: str) -> list[str]:
    """Purchases that count as purchases, and whose money is in no amount; where a sample was learnt from, of all by its share."""
    found, share = [], float(quality.get("share") or 1.0)
    if other := round(quality.get("other_currency", 0) / share):
        found.append(ngettext(
            "%(n)s purchase is in another currency than %(currency)s: it counts as a purchase, its money does not.",
            "%(n)s purchases are in other currencies than %(currency)s: they count as purchases, their money does not.", other,
        ) % {"n": number(other), "currency": currency})  # fmt: skip
    if silent := round(quality.get("without_amount", 0) / share):
        found.append(ngettext(
            "Of %(n)s purchase no amount is known.", "Of %(n)s purchases no amount is known.", silent) % {"n": number(silent)})  # fmt: skip
    return found


def once(quality: Mapping[str, Any]) -> str:
    """What "still customers" means of those who bought once, where the model cannot tell; "" where it can."""
    if quality.get("model") != "bgnbd":
        return ""
    told = quality.get("told") or {}
    count = round((int(told.get("customers") or 0) - int(told.get("repeaters") or 0)) / float(quality.get("share") or 1.0))
    if not count:
        return ""
    return ngettext(
        "%(n)s of them bought once so far and counts as a customer still: the model here can only tell of those who came back.",
        "%(n)s of them bought once so far and count as customers still: the model here can only tell of those who came back.", count,
    ) % {"n": number(count)}  # fmt: skip


def kind(code: str) -> str:
    return score_words.label("value", code) if code else ""


def curve_title(told: Mapping[str, Any]) -> str:
    """How the forecast did over the part of time it had not seen."""
    held = told.get("holdout")
    if not held or held.get("error") is None:
        return _("Purchases as they came, and as expected")
    said = {"days": number(round(held["days"])), "error": percent(abs(held["error"]), 1), "day": day_of(held["from_day"])}
    if held["error"] < 0:
        return _("%(error)s fewer repeat purchases were foretold than came in the %(days)s days after %(day)s") % said
    return _("%(error)s more repeat purchases were foretold than came in the %(days)s days after %(day)s") % said


def day_of(number_of_day: float) -> str:
    """A day counted from 1970."""
    return str(day(date.fromordinal(EPOCH + int(number_of_day))))


def cover(told: Mapping[str, Any]) -> str:
    held = told.get("holdout")
    if not held:
        return ""
    return _("Of %(n)s customers, %(share)s bought as often as their interval of 90%% said.") % {
        "n": number(held["customers"]), "share": percent(held["cover"])}  # fmt: skip


def histogram_title(told: Mapping[str, Any]) -> str:
    people = int(told.get("customers") or 0)
    share = int(told.get("repeaters") or 0) / people if people else 0.0
    return _("%(share)s of customers came back at least once") % {"share": percent(share)}


def iso_day(number_of_day: float) -> str:
    return date.fromordinal(EPOCH + int(number_of_day)).isoformat()
