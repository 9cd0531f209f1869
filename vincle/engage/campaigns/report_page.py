"""The report of a campaign as its page shows it: each number leads to its people."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.access import May, WorkspaceRequest
from vincle.engage.outbox import jobs
from vincle.web.tags.formats import money, number

from . import looks, measuring, report, texts
from .models import Campaign
from .report import ALL, Compared, Figures
from .views_list import url
from .who import FIGURES

SHOWN = (
    "sent",
    "delivered",
    "opened",
    "machine_opened",
    "clicked",
    "machine_clicked",
    "replied",
    "bought",
    "unsubscribed",
    "complained",
    "bounced",
    "skipped",
    "failed",
)


def context(request: WorkspaceRequest, row: Campaign) -> dict[str, Any]:
    now = timezone.now()
    measuring.freshen(row, now)
    found, counted = report.figures(row), measuring.counted(row, now)
    letters = looks.letters(row)
    lift = measuring.against_held(row, counted)
    counts = jobs.progress(row.job) if row.job else jobs.Counts()
    arm = _arm(request, len(row.arms))
    return {
        "figures": found,
        "counts": counts,
        "moves": row.state in (Campaign.State.APPROVED, Campaign.State.SENDING),
        "finding": texts.finding(row, lift, found.count("acted")),
        "sentence": _sentence(row, found),
        "tiles": _tiles(request, row, found, lift),
        "table": _table(request, row, found, letters),
        "columns": _columns(letters),
        "goal": texts.GOALS[row.goal],
        "compared": [_comparison(row, each) for each in report.by_arm(row, counted, [each["name"] for each in letters])]
        if row.held_out
        else [],
        "by_segment": [_comparison(row, each) for each in report.by_segment(row, counted)] if row.held_out else [],
        "over_time": _over_time(row, counted),
        "skips": _skips(request, row, found),
        "left_out": texts.reasons(row.left_out),
        "links": _links(request, row, arm),
        "arm": arm,
        "frame_url": url(request, "frame", campaign=row.public, arm=arm) + "?clicks=1",
        "said_before": texts.outlook_said(row, row.outlook) if row.outlook else [],
        "standing": _standing(row, counted, found),
        "may_choose": request.may(May.APPROVE),
        "may_export": request.may(May.EXPORT),
        "held_url": _people(request, row, "held"),
    }


def _arm(request: WorkspaceRequest, arms: int) -> int:
    text = request.GET.get("arm", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) < arms else 0


def _people(request: WorkspaceRequest, row: Campaign, key: str, **more: Any) -> str:
    return f"{url(request, 'people', campaign=row.public)}?{urlencode({'of': key, **more})}"


def _sentence(row: Campaign, found: Figures) -> str:
    words = {"sent": number(found.count("sent")), "held": number(found.held), "days": row.window_days}
    if not found.held:
        return _("%(sent)s letters sent; what people do counts for %(days)s days. Nobody was held out to compare with.") % words
    return _("%(sent)s letters sent, %(held)s people held out; what people do counts for %(days)s days.") % words


def _tiles(request: WorkspaceRequest, row: Campaign, found: Figures, lift: Any) -> list[dict[str, str]]:
    revenue = money(round(found.money.get(ALL, 0.0)), row.workspace.currency)
    tiles = [
        {
            "label": _("Delivered"),
            "value": number(found.count("delivered")),
            "note": _("of %(n)s sent") % {"n": number(found.count("sent"))},
            "url": _people(request, row, "delivered"),
        },
        {
            "label": _("Followed a link"),
            "value": number(found.count("clicked")),
            "note": _("%(share)s of delivered; machines: %(n)s")
            % {"share": texts.share(found.share("clicked")), "n": number(found.count("machine_clicked"))},
            "url": _people(request, row, "clicked"),
        },
        {
            "label": _("Did what was wanted"),
            "value": number(found.count("acted")),
            "note": str(texts.GOALS[row.goal]),
            "url": _people(request, row, "acted"),
        },
        {
            "label": _("Revenue"),
            "value": revenue,
            "note": _("of those written to, in %(days)s days") % {"days": row.window_days},
            "url": _people(request, row, "bought"),
        },
    ]
    if lift is not None:
        span = texts.between(lift.money, row.workspace.currency)
        tiles.append(
            {
                "label": _("Revenue because of it"),
                "value": money(round(lift.money.value), row.workspace.currency),
                "note": span or _("too early for a range"),
                "url": "",
            }
        )
    return tiles


def _columns(letters: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in letters] if len(letters) > 1 else []


def _table(request: WorkspaceRequest, row: Campaign, found: Figures, letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a figure: all letters together, then each; with the share of those delivered."""
    arms = [ALL, *(each["arm"] for each in letters)] if len(letters) > 1 else [ALL]
    rows = []
    for figure in FIGURES:
        if figure.key not in SHOWN or (figure.key in ("failed", "skipped") and not found.count(figure.key)):
            continue
        cells = [
            {
                "count": found.count(figure.key, arm),
                "url": _people(request, row, figure.key, **({} if arm == ALL else {"arm": arm})),
                "share": texts.share(found.share(figure.key, arm)) if figure.of == "outcome" or figure.key == "bought" else "",
            }
            for arm in arms
        ]
        rows.append({"label": figure.label, "note": figure.note, "cells": cells})
    return rows


def _comparison(row: Campaign, each: Compared) -> dict[str, Any]:
    lift, currency = each.lift, row.workspace.currency
    return {
        "name": each.name,
        "people": each.people,
        "share": texts.share(each.share),
        "held": each.held,
        "held_share": texts.share(each.held_share),
        "times": texts.times(lift.times) if lift else "",
        "is_sure": bool(lift and lift.is_sure),
        "money": money(round(lift.money.value), currency) if lift and lift.money.value == lift.money.value else "–",
        "between": texts.between(lift.money, currency) if lift else "",
    }


def _over_time(row: Campaign, counted: measuring.Counted) -> dict[str, Any] | None:
    rows = report.over_time(row, counted)
    if len(rows) < 2:
        return None
    last = rows[-1]
    title = _("%(written)s %% of those written to, %(held)s %% of those held out") % {
        "written": number(last[1], 1),
        "held": number(last[2] or 0, 1),
    }
    if last[2] is None:
        return {
            "title": _("%(written)s %% after %(days)s days") % {"written": number(last[1], 1), "days": last[0]},
            "data": {"columns": [_("Day"), _("Written to, %")], "rows": [[str(day), written] for day, written, _held in rows], "unit": "%"},
        }
    data = {
        "columns": [_("Day"), _("Written to, %"), _("Held out, %")],
        "rows": [[str(day), written, held] for day, written, held in rows],
        "unit": "%",
    }
    return {"title": title, "data": data}


def _skips(request: WorkspaceRequest, row: Campaign, found: Figures) -> list[dict[str, Any]]:
    return [
        {"why": texts.CODES.get(code, code.replace("_", " ")), "count": n, "url": _people(request, row, "skipped", code=code)}
        for code, n in found.skips.items()
    ]


def _links(request: WorkspaceRequest, row: Campaign, arm: int) -> list[dict[str, Any]]:
    return [{"link": each, "url": _people(request, row, "clicked", arm=arm, link=each.link)} for each in report.links(row, arm)]


def _standing(row: Campaign, counted: measuring.Counted, found: Figures) -> dict[str, Any] | None:
    """Which letter leads, and what is done with that."""
    if len(row.arms) < 2:
        return None
    leader = measuring.leads(row, counted)
    chosen = row.best_arm
    return {
        "leader": chr(65 + leader.arm) if leader else "",
        "is_sure": bool(leader and leader.is_sure),
        "waiting": found.waiting,
        "chosen": chr(65 + chosen) if chosen is not None else "",
        "tests": row.winner != Campaign.Winner.NONE,
        "arms": [(at, chr(65 + at)) for at in range(len(row.arms))],
    }
