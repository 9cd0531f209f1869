"""Key figures in words: values, stretches of time, what is missing, whether a figure is where it should be."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from vincle.analyse import wording
from vincle.web.tags.formats import money, number, percent, signed

from .base import MONEY, PEOPLE, POINTS, UP, Kpi
from .facts import amount
from .lights import GOOD, NEAR, OFF
from .reading import Told
from .spans import Span

GROUPS: Final = {1: gettext_lazy("Money"), 2: gettext_lazy("Customers"), 3: gettext_lazy("Cost and return")}
KINDS: Final = {
    "month": gettext_lazy("This month"), "quarter": gettext_lazy("This quarter"), "year": gettext_lazy("This year"),
    "30": gettext_lazy("Last 30 days"), "90": gettext_lazy("Last 90 days"),
}  # fmt: skip
LIGHTS: Final = {GOOD: ("check", "pos"), NEAR: ("alert-triangle", "warn"), OFF: ("x", "attn")}
"""State -> icon and tone."""
Coming = list[tuple[Span, tuple[float, float, float]]]
"""Stretches to come with (mean, low, high)."""


class Lack(NamedTuple):
    """Why there is no value, and where that can be mended: label, and name of an address."""

    sentence: Any
    action: Any = ""
    place: str = ""


MISSING: Final[Mapping[str, Lack]] = {
    "no sales": Lack(gettext_lazy("No purchase is known yet."), gettext_lazy("Bring in orders"), "listen:imports"),
    "no margin": Lack(gettext_lazy("Nobody has said what stays of a sale."), gettext_lazy("Set the margin"), "value:terms"),
    "no campaign": Lack(gettext_lazy("No campaign began in these days.")),
    "no hold-out": Lack(gettext_lazy("Nobody was left out of the campaigns of these days, so what they changed cannot be known.")),
    "nobody": Lack(gettext_lazy("Nobody to count in these days.")),
    "nobody new": Lack(gettext_lazy("Nobody bought for the first time in these days.")),
    "too young": Lack(gettext_lazy("Your data do not reach far enough back yet.")),
    "no value": Lack(gettext_lazy("Expected values are not known yet; they are worked out once people have bought.")),
    "value later": Lack(gettext_lazy("It was not written down yet on these days.")),
    "no spend": Lack(gettext_lazy("Nobody has said what was spent in these months."), gettext_lazy("Type it in"), "kpi"),
    "no price": Lack(gettext_lazy("Nobody has said what an hour or a message costs."), gettext_lazy("Set the costs"), "value:terms"),
    "no leads": Lack(gettext_lazy("No form was sent yet."), gettext_lazy("Make a form"), "leads:forms"),
    "no revenue": Lack(gettext_lazy("Known people spent nothing in these days.")),
    "no answers": Lack(gettext_lazy("Nobody was asked for their satisfaction yet."), gettext_lazy("Make a survey"), "surveys:list"),
    "few answers": Lack(gettext_lazy("Too few answers to compare: it takes ten of the satisfied and ten of the others.")),
    "whole only": Lack(gettext_lazy("Known of everybody together only.")),
}


def lack(told: Told, workspace: str, kpi_url: str) -> dict[str, str]:
    """Sentence, and the way to mend it where there is one."""
    from django.urls import NoReverseMatch, reverse

    found = MISSING[told.figure.why]
    url = ""
    if found.place == "kpi":
        url = kpi_url
    elif found.place:
        try:
            url = reverse(found.place, kwargs={"workspace": workspace})
        except NoReverseMatch:
            url = ""
    return {"sentence": str(found.sentence), "action": str(found.action) if url else "", "url": url}


def shown(kpi: Kpi, value: float | None, currency: str) -> str:
    """A value as people read it; a dash where there is none."""
    if value is None:
        return "–"
    if kpi.unit == MONEY:
        found = amount(value)
        return money(round(found) if abs(found) >= 100 else found.quantize(Decimal("0.01")), currency)
    if kpi.unit == PEOPLE:
        return number(value)
    if kpi.unit == POINTS:
        return signed(100 * value, 1)
    return percent(value, 0 if 0.1 <= value <= 0.9 else 1)


def plain(kpi: Kpi, value: float | None) -> float | None:
    """For charts: whole units of money, percent of shares."""
    if value is None:
        return None
    return round(float(amount(value)), 2) if kpi.unit == MONEY else float(value) if kpi.unit == PEOPLE else round(100 * value, 2)


def unit(kpi: Kpi, currency: str) -> str:
    return {MONEY: currency, PEOPLE: _("people"), POINTS: _("points")}.get(kpi.unit, "%")


def between(told: Told, currency: str) -> str:
    """The interval in words; nothing where there is none."""
    if told.figure.parts.get("is_unsure"):
        return _("it may be chance: too few bought to tell")
    if told.figure.low is None or told.figure.high is None or told.figure.value is None:
        return ""
    ends = {"low": shown(told.kpi, told.figure.low, currency), "high": shown(told.kpi, told.figure.high, currency)}
    if told.kpi.unit == POINTS and told.figure.low < 0 < told.figure.high:
        return _("between %(low)s and %(high)s, so it may be chance") % ends
    return _("between %(low)s and %(high)s") % ends


def name(over: Span) -> str:
    """A stretch by its name: November 2026, 3rd quarter 2026, 2026, or its days."""
    day = over.begins
    if over.kind == "month":
        return date_format(day, pgettext("a month with its year", "F Y"))
    if over.kind == "quarter":
        return _("Q%(quarter)s %(year)s") % {"quarter": (day.month + 2) // 3, "year": day.year}
    if over.kind == "year":
        return str(day.year)
    return f"{wording.plain_day(over.begins)} – {wording.plain_day(over.ends)}"


def short(over: Span) -> str:
    """On an axis."""
    if over.kind == "month":
        return date_format(over.begins, pgettext("a month on an axis", "M Y"))
    return (
        name(over) if over.kind in ("quarter", "year") else date_format(over.ends, pgettext("the last day of a stretch on an axis", "j M"))
    )


def when(over: Span, is_past: bool) -> str:
    """The stretch, as it ends a sentence."""
    if over.kind in ("30", "90"):
        day = wording.full_day(over.ends)
        return (
            _("in the %(days)s days to %(day)s") % {"days": over.kind, "day": day}
            if is_past
            else _("in the last %(days)s days") % {"days": over.kind}
        )
    return _("in %(period)s") % {"period": name(over)} if over.is_whole else _("in %(period)s so far") % {"period": name(over)}


def against(over: Span) -> str:
    """What it is compared with."""
    before = over.before
    if over.kind in ("30", "90"):
        return _("the %(days)s days before") % {"days": over.kind}
    if over.is_whole:
        return name(before)
    return _("the first %(days)s days of %(period)s") % {"days": before.days, "period": name(before)}


def change(told: Told, currency: str) -> dict[str, str]:
    """Note and tone of a tile: by how much it differs from before, and what it was. Shares differ in points, small counts in numbers."""
    now, then = told.figure.value, told.before.value
    if now is None or then is None:
        return {"note": "", "tone": ""}
    was = shown(told.kpi, then, currency)
    if told.kpi.unit not in (MONEY, PEOPLE):
        share = now - then
        said = _("%(points)s points") % {"points": signed(100 * share, 1)}
    elif abs(then) >= (20 if told.kpi.unit == PEOPLE else 10_000):
        share = (now - then) / abs(then)
        said = ("+" if round(share, 2) > 0 else "") + percent(share)
    else:
        return {"note": _("before %(value)s") % {"value": was}, "tone": ""}
    good = share > 0 if told.kpi.good == UP else share < 0
    tone = "" if abs(share) < 0.02 else "pos" if good else "attn"
    return {"note": _("%(change)s, before %(value)s") % {"change": said, "value": was}, "tone": tone, "said": said}


def expected(told: Told, coming: Coming, currency: str) -> str:
    """The first of what comes next; nothing where too little is known."""
    if not coming or told.figure.value is None:
        return ""
    over, ends = coming[0]
    period = name(over)
    if over.kind in ("30", "90"):
        period = capfirst(_("in the next %(days)s days") % {"days": over.kind})
    if told.kpi.unit == MONEY and abs(amount(ends[0])) >= 100:
        mean, low, high = (money(round(amount(each)), currency) for each in ends)
    else:
        mean, low, high = (shown(told.kpi, each, currency) for each in ends)
    return _("%(period)s: about %(mean)s expected, %(low)s to %(high)s") % {"period": period, "mean": mean, "low": low, "high": high}


def light(told: Told, currency: str) -> dict[str, str]:
    """Icon, tone and reason of the light; empty without a target or a value."""
    state, target, due = told.light
    if not state or target is None or due is None:
        return {}
    icon, tone = LIGHTS[state]
    words = {"target": shown(told.kpi, target, currency), "due": shown(told.kpi, due, currency)}
    if due != target:
        said = {
            GOOD: _("On course: %(due)s would do by today, of %(target)s in all"),
            NEAR: _("Nearly on course: %(due)s were due by today, of %(target)s in all"),
            OFF: _("Behind: %(due)s were due by today, of %(target)s in all"),
        }
    else:
        said = {GOOD: _("Reached: the target is %(target)s"), NEAR: _("Missed by little: the target is %(target)s"),
                OFF: _("Missed: the target is %(target)s")}  # fmt: skip
    return {"state": state, "icon": icon, "tone": tone, "reason": said[state] % words}


def headline(found: Sequence[Told], currency: str, is_past: bool) -> tuple[str, str]:
    """Title and sentence of the board, from the figures alone."""
    by = {told.kpi.id: told for told in found}
    revenue, new, lost = by["revenue"], by["new_customers"], by["lost_customers"]
    period = when(revenue.span, is_past)
    if revenue.figure.value is None:
        title = _("Key figures %(when)s") % {"when": period}
    else:
        title = _("%(revenue)s of revenue %(when)s") % {"revenue": shown(revenue.kpi, revenue.figure.value, currency), "when": period}
    parts = []
    if said := change(revenue, currency).get("said"):
        parts.append(_("%(change)s on %(before)s") % {"change": said, "before": against(revenue.span)})
    if new.figure.value is not None:
        count = int(new.figure.value)
        parts.append(ngettext("%(count)s new customer", "%(count)s new customers", count) % {"count": number(count)})
    if lost.figure.value is not None:
        count = int(lost.figure.value)
        parts.append(ngettext("%(count)s lost", "%(count)s lost", count) % {"count": number(count)})
    return title, ", ".join(parts) + ("." if parts else "") + _targets(found)


def _targets(found: Sequence[Told]) -> str:
    lit = [told for told in found if told.light.state]
    if not lit:
        return ""
    reached = sum(told.light.state == GOOD for told in lit)
    words = {"reached": number(reached), "targets": number(len(lit))}
    return " " + ngettext("%(reached)s of %(targets)s target is reached or on course.",
                          "%(reached)s of %(targets)s targets are reached or on course.", len(lit)) % words  # fmt: skip
