"""The board of key figures, and the same as files."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.listen import log
from vincle.organise import members
from vincle.store.export import csv_response, neutral
from vincle.web.tags.people import mark_of

from . import actions, page, reading, words
from .reading import Asked, Nothing
from .spans import KINDS, span

logger = structlog.get_logger(__name__)
MOST_SEGMENTS = 40


def answered(request: WorkspaceRequest, make: Callable[[Asked], HttpResponseBase]) -> HttpResponseBase:
    """The page of what is asked for; without data what to do first; without an engine, that."""
    try:
        return make(reading.asked(request.workspace, request.GET.dict()))
    except Nothing:
        return render(request, "kpis/nothing.html", {"is_loading": log.last_seq() > 0, "may_import": request.may(May.IMPORT)})
    except EngineError as error:
        logger.error("the engine does not answer", error=str(error))
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)


@allow(May.SEE)
@never_cache
@require_safe
def board(request: WorkspaceRequest) -> HttpResponseBase:
    """GET period (month, quarter, year, 30, 90), at (a day of it), segment, channel."""
    return answered(request, lambda what: _board(request, what))


def _board(request: WorkspaceRequest, what: Asked) -> HttpResponse:
    workspace = request.workspace
    on = reading.facts(workspace, what)
    found = reading.board(workspace, what, on=on)
    title, sentence = words.headline(found, workspace.currency, what.is_past)
    groups = page.groups(workspace, found, what)
    context = {
        "title": title, "sentence": sentence, "groups": groups, "others": page.others(workspace, on, what),
        "has_next": any(tile["next"] for _title, tiles in groups for tile in tiles),
        "query": page.query(what), "lost_after": on.lost_after,
        "may_export": request.may(May.EXPORT), "may_manage": request.may(May.MANAGE),
        "is_empty": on.sales.day.size == 0 and not what.segment and not what.channel, "may_import": request.may(May.IMPORT),
        "shortest": actions.SHORTEST, "longest": actions.LONGEST, **chips(request, what, on.all_channels),
    }  # fmt: skip
    return render(request, "kpis/board.html", context)


def chips(request: WorkspaceRequest, what: Asked, channels: Sequence[str]) -> dict[str, Any]:
    """What the filters above the figures show; `channels`: those on which something was ever bought."""
    segments = [(row.public, row.name, row.members) for row in members.listed(request.workspace, archived=False)[:MOST_SEGMENTS]]
    names = sorted({*channels, *([what.channel] if what.channel else [])})
    later = span(what.span.kind, what.span.earlier(-1).begins, what.today) if what.span.kind not in ("30", "90") else what.span.earlier(-1)
    return {
        "what": what, "period": words.name(what.span), "kinds": [(kind, words.KINDS[kind]) for kind in KINDS],
        "compared": words.against(what.span), "earlier": what.span.earlier(1).ends, "newest": what.newest,
        "later": later.ends if later.ends <= what.today and what.span.is_whole else None,
        "segments": segments, "channels": [(name, mark_of(name)[1]) for name in names],
    }  # fmt: skip


def _rows(request: WorkspaceRequest, what: Asked) -> list[list[Any]]:
    found = reading.board(request.workspace, what, with_series=False)
    return [list(reading.row(told, request.workspace.currency).values()) for told in found]


@allow(May.EXPORT)
@require_safe
def board_csv(request: WorkspaceRequest) -> HttpResponseBase:
    def made(what: Asked) -> HttpResponseBase:
        audit.record(request.workspace, request.user, "exported", "key figures", "", words.name(what.span))
        return csv_response(f"key-figures-{what.span.ends}.csv", reading.COLUMNS, _rows(request, what))

    return answered(request, made)


@allow(May.EXPORT)
@require_safe
def board_xlsx(request: WorkspaceRequest) -> HttpResponseBase:
    return answered(request, lambda what: _xlsx(request, what))


def _xlsx(request: WorkspaceRequest, what: Asked) -> HttpResponse:
    """Numbers as numbers, days as days; the series of each figure on a second sheet."""
    from openpyxl import Workbook  # at first use: it takes a while to load

    book = Workbook(write_only=True)
    found = reading.board(request.workspace, what)
    sheet = book.create_sheet(_("Key figures"))
    sheet.append(list(reading.COLUMNS))
    for told in found:
        sheet.append([neutral(value) for value in reading.row(told, request.workspace.currency).values()])
    series = book.create_sheet(_("Over time"))
    series.append(["id", "first", "last", "value", "low", "high"])
    for told in found:
        for over, figure in told.series:
            exact = (told.kpi.exact(each) for each in (figure.value, figure.low, figure.high))
            series.append([told.kpi.id, over.begins, over.ends, *exact])
    file = io.BytesIO()
    book.save(file)
    audit.record(request.workspace, request.user, "exported", "key figures", "", words.name(what.span))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(
        file.getvalue(), content_type=kind, headers={"Content-Disposition": f'attachment; filename="key-figures-{what.span.ends}.xlsx"'}
    )
