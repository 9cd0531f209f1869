"""The table of what touchpoints cost, month by month."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import asking, costs, reading, words
from .channels import REST
from .rules import Refused
from .spending import months

SHOWN: Final = 6
"""Months of the table, the newest last."""
FIELD: Final = "cost|"


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: WorkspaceRequest) -> HttpResponseBase:
    """GET as the page; POST cost|TOUCHPOINT|MONTH (empty: each month) for each cell, or file: CSV with touchpoint, month and cost."""
    if request.method != "POST":
        return _shown(request)
    try:
        if given := request.FILES.get("file"):
            changed = costs.bring(request.workspace, request.user, given.read(costs.MOST_BYTES + 1))
        else:
            changed = costs.set_costs(request.workspace, request.user, dict(_typed(request)))
        said = ngettext("%(n)s sum was changed.", "%(n)s sums were changed.", changed)
        messages.success(request, said % {"n": number(changed)} if changed else _("Nothing was changed."))
    except Refused as refused:
        messages.error(request, str(refused))
        return _shown(request)
    return redirect(request.get_full_path())


def _typed(request: WorkspaceRequest) -> Iterator[tuple[costs.Key, str]]:
    for name, text in request.POST.items():
        if name.startswith(FIELD):
            key, _bar, month = name.removeprefix(FIELD).rpartition("|")
            yield costs.key_of(key, month), str(text)


def _shown(request: WorkspaceRequest) -> HttpResponseBase:
    try:
        asked = asking.asked(request.workspace, request.GET.dict())
        met = [] if asked is None else _met(request, asked)
    except EngineError as error:
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)
    known, last = costs.costs_of(request.workspace), asked.wanted.last if asked else date.today()
    columns: list[date | None] = [None, *_newest(last)]
    context = {
        "months": columns[1:], "rows": [_row(request, key, known.get(key, {}), columns) for key in dict.fromkeys([*met, *known])],
        "levels": [(key, label) for key, label in words.LEVELS.items() if key != "kind"],
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }  # fmt: skip
    return render(request, "touchpoints/costs.html", context)


def _met(request: WorkspaceRequest, asked: asking.Asked) -> list[str]:
    """Touchpoints of these days, those of most credit first; by kind all that count."""
    found = reading.read(request.workspace, asked.wanted)
    rows = [row.channel for row in found.told.rows() if row.touched]
    return [*rows, *(asked.wanted.rules.counted if asked.wanted.level == "kind" else [])]


def _newest(last: date) -> list[date]:
    first = date(last.year - 1, last.month, 1) if last.year > 1 else last
    return [month for month, _share in months(first, last)][-SHOWN:]


def _row(request: WorkspaceRequest, key: str, known: Any, columns: list[date | None]) -> dict[str, Any]:
    """What was typed and not taken stands there again."""
    cells = []
    for month in columns:
        field = f"{FIELD}{key}|{month.strftime('%Y-%m') if month else ''}"
        cells.append({"name": field, "month": month, "value": request.POST.get(field, known.get(month, ""))})
    return {"name": words.name(key), "cells": cells, "is_rest": key.endswith(f":{REST}")}


@allow(May.EXPORT)
@require_safe
def costs_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Every sum there is, as the file that can be brought in."""
    audit.record(request.workspace, request.user, "exported", "touchpoint cost")
    rows = (
        [key, month.strftime("%Y-%m") if month else "", amount, request.workspace.currency]
        for key, sums in costs.costs_of(request.workspace).items()
        for month, amount in sums.items()
    )
    return csv_response("touchpoint-costs.csv", costs.COLUMNS, rows)
