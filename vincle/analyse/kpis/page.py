"""What the pages of key figures show: tiles, the series with what comes next, the parts behind a value."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from vincle.accounts.models import Workspace
from vincle.science.forecast import FEWEST, Forecast, forecast
from vincle.web.tags.formats import money, number, percent
from vincle.web.tags.people import mark_of, stage_name

from . import words
from .base import PEOPLE, POINTS, SHARE, Kpi
from .facts import amount
from .figures import retention
from .reading import Asked, Told
from .spans import A_YEAR
from .stored import Stored
from .words import Coming

AHEAD: Final = 3
LEVEL: Final = 0.8
POINTS_DRAWN: Final = 12
_PARTS: Final = (
    ("new", gettext_lazy("New customers"), "pos"), ("back", gettext_lazy("Came back"), "pos"),
    ("more", gettext_lazy("Spent more"), "pos"), ("less", gettext_lazy("Spent less"), "neg"),
    ("lost", gettext_lazy("Bought nothing this time"), "neg"),
)  # fmt: skip


def query(what: Asked, **more: Any) -> str:
    """The choice as the query of an address."""
    given = {"period": what.span.kind, "at": what.span.ends.isoformat(), "segment": what.segment.public if what.segment else "",
             "channel": what.channel, **more}  # fmt: skip
    return "?" + urlencode({name: value for name, value in given.items() if value})


def url(workspace: Workspace, kpi: Kpi, what: Asked, name: str = "figure") -> str:
    return reverse(f"kpis:{name}", kwargs={"workspace": workspace.slug, "kpi": kpi.id}) + query(what)


def tile(workspace: Workspace, told: Told, what: Asked) -> dict[str, Any]:
    currency, here = workspace.currency, url(workspace, told.kpi, what)
    values = [figure.value for _over, figure in told.series if figure.value is not None][-POINTS_DRAWN:]
    return {
        "kpi": told.kpi, "url": here, "value": words.shown(told.kpi, told.figure.value, currency),
        "unit": words.unit(told.kpi, currency) if told.kpi.unit in (PEOPLE, POINTS) and told.figure.value is not None else "",
        "points": values if len(values) > 2 else [], "between": words.between(told, currency),
        "lack": words.lack(told, workspace.slug, here) if told.figure.value is None else {},
        "light": words.light(told, currency), "next": words.expected(told, coming(told)[:1], currency), **words.change(told, currency),
    }  # fmt: skip


def groups(workspace: Workspace, found: Sequence[Told], what: Asked) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (str(title), [tile(workspace, told, what) for told in found if told.kpi.order // 100 == group])
        for group, title in words.GROUPS.items()
    ]


def others(workspace: Workspace, on: Stored, what: Asked) -> str:
    """Money of other currencies, told beside the figures and added to none."""
    rows = on.sales.others(what.span.first, what.span.last)
    if not rows:
        return ""
    sums = []
    for currency, count, sum_ in rows:
        plain = money(amount(sum_), currency) if currency else _("%(sum)s without a currency") % {"sum": number(amount(sum_), 2)}
        said = ngettext("%(money)s in %(count)s purchase", "%(money)s in %(count)s purchases", count)
        sums.append(said % {"money": plain, "count": number(count)})
    words_ = {"currency": workspace.currency, "sums": ", ".join(sums)}
    return _("Not counted, being in another currency than %(currency)s: %(sums)s.") % words_


# the page of one figure


def ahead(told: Told) -> Forecast | None:
    """What comes next, from the whole stretches; None where there are too few, or one is not known."""
    whole = [figure.value for over, figure in told.series if over.is_whole]
    begins = next((place for place, value in enumerate(whole) if value is not None), 0)
    known = [value for value in whole[begins:] if value is not None]
    if len(known) < FEWEST or len(known) < len(whole) - begins:
        return None
    least = 0.0 if told.kpi.unit in (PEOPLE, SHARE) else float("-inf")
    return _foretold(tuple(known), A_YEAR.get(told.span.kind, 0), least)


@lru_cache(2048)
def _foretold(known: tuple[float, ...], season: int, least: float) -> Forecast | None:
    """The same past is told on every opening of a board: a month's figures stay."""
    return forecast(known, AHEAD, season=season, level=LEVEL, least=least)


def coming(told: Told) -> Coming:
    """The next stretches with (mean, low, high); the one that is not over is the first of them. Nothing where too little is known."""
    found = ahead(told)
    if found is None:
        return []
    last, first = told.series[-1][0], 1 if told.span.is_whole else 0
    return [(last.earlier(-first - step), (found.mean[step], found.low[step], found.high[step])) for step in range(AHEAD)]


def series(told: Told, currency: str) -> dict[str, Any]:
    """Chart of the stretches and what comes next, with the finding as title."""
    kpi, after = told.kpi, coming(told)
    rows: list[list[Any]] = [[words.short(over), words.plain(kpi, figure.value)] for over, figure in told.series]
    if not told.span.is_whole:
        rows[-1][0] = _("%(period)s so far") % {"period": rows[-1][0]}
    data: dict[str, Any] = {"columns": [_("Period"), str(kpi.name)], "rows": rows, "unit": words.unit(kpi, currency)}
    said = _("What comes next is told from %(fewest)s whole periods on.") % {"fewest": FEWEST}
    if after:
        said = _("Grey: where the next ones will lie, 8 times out of 10, if things go on as they did.")
        data |= _with_coming(kpi, rows, after, is_whole=told.span.is_whole)
    return {"data": data, "title": _title(told), "sentence": said}


def _with_coming(kpi: Kpi, rows: list[list[Any]], after: Coming, *, is_whole: bool) -> dict[str, Any]:
    """A second line for what is expected; it begins where the first one ends, or beside the stretch that is not over."""
    drawn, band = [[*row, None] for row in rows], list[Any]([None] * len(rows))
    if is_whole:
        drawn[-1][2] = drawn[-1][1]
    for place, (over, ends) in enumerate(after):
        if not place and not is_whole:
            drawn[-1][2], band[-1] = words.plain(kpi, ends[0]), _pair(kpi, ends)
            continue
        drawn.append([words.short(over), None, words.plain(kpi, ends[0])])
        band.append(_pair(kpi, ends))
    return {"columns": [_("Period"), str(kpi.name), _("Expected")], "rows": drawn, "band": band}


def _pair(kpi: Kpi, of: tuple[float, float, float]) -> list[float | None]:
    return [words.plain(kpi, of[1]), words.plain(kpi, of[2])]


def _title(told: Told) -> str:
    known = [(over, figure.value) for over, figure in told.series if figure.value is not None and over.is_whole]
    if len(known) < 3:
        return str(told.kpi.name)
    top = max(known, key=lambda each: each[1])[0]
    return _("%(name)s: highest in %(period)s") % {"name": told.kpi.name, "period": words.name(top)}


def parts(workspace: Workspace, told: Told, on: Stored, what: Asked) -> dict[str, Any]:
    """What the figure's own part shows."""
    makers = {
        "kpis/part_bridge.html": _bridge, "kpis/part_campaigns.html": _campaigns, "kpis/part_cohorts.html": _cohorts,
        "kpis/part_spend.html": _spend, "kpis/part_serve.html": _serve, "kpis/part_stages.html": _stages,
        "kpis/part_satisfied.html": _satisfied,
    }  # fmt: skip
    return makers[told.kpi.part](workspace, told, on) if told.kpi.part in makers else {}


def _bridge(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    found = told.figure.parts.get("bridge")
    if found is None:
        return {"steps": []}
    at, steps = found.start, []
    for (name, label, tone), part, people in zip(_PARTS, found.parts, found.people, strict=True):
        steps.append({"id": name, "label": str(label), "part": part, "start": at, "end": at + part, "tone": tone, "people": people})
        at += part
    return _drawn(workspace, steps, found.start, found.end, told.figure.parts)


def _drawn(workspace: Workspace, steps: list[dict[str, Any]], start: int, end: int, more: Mapping[str, Any]) -> dict[str, Any]:
    ends = [0, start, end, *(step["end"] for step in steps)]
    currency = workspace.currency
    for step in steps:
        step["money"] = ("+" if step["part"] > 0 else "") + money(round(amount(step["part"])), currency)
    return {
        "steps": steps, "low": min(ends), "high": max(ends), "start": start, "end": end,
        "start_money": money(round(amount(start)), currency), "end_money": money(round(amount(end)), currency),
        "unknown": money(round(amount(more["unknown"])), currency) if more.get("unknown") else "",
    }  # fmt: skip


def _campaigns(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    def paid(money_: float) -> str:
        return money(round(amount(money_)), workspace.currency)

    rows = []
    for each in told.figure.parts.get("campaigns", ()):
        said = _("too few bought to tell") if each.held else _("nobody was left out")
        if each.low is not None and each.high is not None:
            said = _("between %(low)s and %(high)s") % {"low": paid(each.low), "high": paid(each.high)}
        value = paid(each.value) if each.held else "–"
        rows.append({"name": each.name, "url": each.url, "held": each.held, "value": value, "between": said})
    return {"rows": rows, "is_revenue": told.figure.parts.get("is_revenue", False)}


def _cohorts(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    """A triangle whose cells say their share; how dark they are only repeats it."""
    found = retention.cohorts(on, told.span)
    cohorts, months = found["cohorts"], found["months"]
    rows: list[dict[str, Any]] = []
    for place, month in enumerate(months):
        cells: list[dict[str, Any] | None] = []
        for age in range(1, len(months)):
            share = cohorts.share(place, age)
            count = int(cohorts.counts[place, age])
            cells.append(None if share is None else {"share": percent(share), "step": min(5, round(share * 10)), "n": number(count)})
        label = date_format(month, pgettext("a month on an axis", "M Y"))
        rows.append({"label": label, "size": int(cohorts.sizes[place]), "cells": cells[: len(months) - 1 - place]})
    curve = [point for point in found["curve"] if point.age]
    data = {
        "columns": [_("Months since the first purchase"), _("Bought again")],
        "rows": [[str(point.age), round(100 * point.share, 1)] for point in curve],
        "band": [[round(100 * point.low, 1), round(100 * point.high, 1)] for point in curve], "unit": "%",
    }  # fmt: skip
    first = curve[0] if curve else None
    title = _("%(share)s buy again in the month after their first") % {"share": percent(first.share)} if first else _("How many buy again")
    some = [row for row in rows if row["size"]]
    longest = max((len(row["cells"]) for row in some), default=0)
    return {"rows": some, "ages": range(1, longest + 1), "curve": data, "curve_title": title}


def _spend(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    """The last months with what was typed in for each, newest first."""
    at = told.span.ends.year * 12 + told.span.ends.month - 1
    rows = []
    for month in range(at, at - 12, -1):
        year, which = month // 12, month % 12 + 1
        spent = on.spent(year, which)
        plain = "" if spent is None else f"{amount(spent):.2f}"
        label = date_format(told.span.ends.replace(year=year, month=which, day=1), pgettext("a month with its year", "F Y"))
        rows.append({"month": f"{year}-{which:02d}", "label": label, "amount": plain})
    return {"months": rows}


def _serve(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    rows = []
    for row in told.figure.parts.get("channels", ()):
        each = money(round(amount(row["cost"] / row["served"]), 2), workspace.currency) if row["served"] and row["cost"] else "–"
        hours = number(row["seconds"] / 3600, 1)
        rows.append(
            {
                **row,
                "name": mark_of(row["channel"])[1],
                "hours": hours,
                "cost": money(round(amount(row["cost"]), 2), workspace.currency),
                "each": each,
            }
        )
    unpriced = [label for label, price in ((_("time"), on.hourly), (_("messages"), on.per_send)) if price is None]
    return {"rows": rows, "unpriced": ", ".join(unpriced)}


def _stages(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    found = told.figure.parts.get("stages", {})
    total = sum(row[2] for row in found.values()) or 1
    rows = [
        {"stage": stage, "name": stage_name(stage), "people": people, "buyers": buyers, "share": buyers / people if people else None,
         "money": money(round(amount(sum_)), workspace.currency), "part": max(0.0, sum_ / total),
         "each": money(round(amount(sum_ / buyers), 2), workspace.currency) if buyers else "–"}
        for stage, (people, buyers, sum_) in reversed(found.items())
    ]  # fmt: skip
    return {"rows": [row for row in rows if row["people"] or row["buyers"]]}


def _satisfied(workspace: Workspace, told: Told, on: Stored) -> dict[str, Any]:
    labels = {"happy": _("Satisfied (from 8 of 10)"), "between": _("In between"), "unhappy": _("Dissatisfied (to 5 of 10)")}
    rows = []
    for band in reversed(told.figure.parts.get("bands", ())):
        low, high = band.interval
        rows.append({"name": labels[band.name], "people": band.people, "again": band.again, "share": band.share, "low": low, "high": high})
    return {"rows": rows, "within": told.figure.parts.get("within", 0)}
