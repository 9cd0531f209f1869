"""One key figure: over time and what comes next, what is behind it, by segment and channel, and its people."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.store import bulk
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.people import mark_of

from . import page, reading, words
from .base import MONEY, SHARE, Kpi
from .facts import amount
from .reading import Asked, Told
from .registry import kpis
from .stored import Stored
from .views import answered, chips

SIZE = 50
SPLIT = 8
"""Segments and channels a figure is told by, the largest first."""


def _found(kpi: str) -> Kpi:
    if kpi not in kpis():
        raise Http404("no such figure")
    return kpis()[kpi]


def _of(request: WorkspaceRequest, kpi: str, make: Callable[[Kpi, Asked, Stored], HttpResponseBase]) -> HttpResponseBase:
    found = _found(kpi)
    return answered(request, lambda what: make(found, what, reading.facts(request.workspace, what)))


def _told(request: WorkspaceRequest, kpi: Kpi, what: Asked, on: Stored, *, with_series: bool = False) -> Told:
    return reading.board(request.workspace, what, only=[kpi.id], with_series=with_series, on=on)[0]


@allow(May.SEE)
@never_cache
@require_safe
def figure(request: WorkspaceRequest, kpi: str) -> HttpResponseBase:
    """GET as the board."""
    return _of(request, kpi, lambda found, what, on: _figure(request, found, what, on))


def _figure(request: WorkspaceRequest, kpi: Kpi, what: Asked, on: Stored) -> HttpResponseBase:
    workspace = request.workspace
    told = _told(request, kpi, what, on, with_series=True)
    behind = int(kpi.people(on, what.span).size) if told.figure.value is not None else 0
    target = "" if told.target is None else f"{told.target * (100 if kpi.unit == SHARE else 1):.2f}".rstrip("0").rstrip(".")
    context = {
        "kpi": kpi, "tile": page.tile(workspace, told, what), "told": told, "behind": behind, "query": page.query(what),
        "when": words.when(what.span, what.is_past), "between": words.between(told, workspace.currency), "target": target,
        "target_unit": words.unit(kpi, workspace.currency), "kind_name": words.KINDS[what.span.kind],
        "series": page.series(told, workspace.currency) if len(told.series) > 1 else None, "part": page.parts(workspace, told, on, what),
        "others": page.others(workspace, on, what) if kpi.unit == MONEY else "", "may_manage": request.may(May.MANAGE),
        "may_export": request.may(May.EXPORT), "can_split": kpi.can_narrow and told.figure.value is not None,
        **chips(request, what, on.all_channels if kpi.can_narrow else ()),
    }  # fmt: skip
    return render(request, "kpis/figure.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def split(request: WorkspaceRequest, kpi: str) -> HttpResponseBase:
    """A part of the page: the figure of each channel and of the largest segments."""

    def made(found: Kpi, what: Asked, on: Stored) -> HttpResponseBase:
        tables = [(_("By channel"), _by_channel(request, found, what, on)), (_("By segment"), _by_segment(request, found, what, on))]
        return render(request, "kpis/split.html", {"tables": [(title, rows) for title, rows in tables if len(rows) > 1], "kpi": found})

    return _of(request, kpi, made)


def _by_channel(request: WorkspaceRequest, kpi: Kpi, what: Asked, on: Stored) -> list[dict[str, Any]]:
    if what.channel or not kpi.can_narrow:
        return []
    names = [name for name, _n, _sum in on.sales.by_channel(what.span.first, what.span.last)][:SPLIT]
    rows = [(mark_of(name)[1], kpi.told(on.narrowed(channel=name), what.span), page.query(what, channel=name)) for name in names]
    return _drawn(request, kpi, rows)


def _by_segment(request: WorkspaceRequest, kpi: Kpi, what: Asked, on: Stored) -> list[dict[str, Any]]:
    if what.segment or not kpi.can_narrow:
        return []
    listed = sorted(members.listed(request.workspace, archived=False), key=lambda row: (-row.members, row.name))[:SPLIT]
    rows = [(row.name, kpi.told(on.narrowed(segment=row.pk), what.span), page.query(what, segment=row.public)) for row in listed]
    return _drawn(request, kpi, rows)


def _drawn(request: WorkspaceRequest, kpi: Kpi, rows: list[tuple[str, Any, str]]) -> list[dict[str, Any]]:
    largest = max((abs(found.value) for _name, found, _query in rows if found.value is not None), default=0) or 1
    return [
        {"name": name, "value": words.shown(kpi, found.value, request.workspace.currency), "bar": max(0.0, (found.value or 0) / largest),
         "query": query, "why": str(words.MISSING[found.why].sentence) if found.why else ""}
        for name, found, query in rows
    ]  # fmt: skip


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, kpi: str) -> HttpResponseBase:
    """GET as the board, and page: who is behind a figure, those who spent most in the period first."""
    return _of(request, kpi, lambda found, what, on: _people(request, found, what, on))


def _people(request: WorkspaceRequest, kpi: Kpi, what: Asked, on: Stored) -> HttpResponseBase:
    rows = _spent(kpi, what, on)
    at = request.GET.get("page", "1")
    place = min(max(int(at) if at.isdecimal() and len(at) < 9 else 1, 1), max(1, -(-len(rows) // SIZE)))
    shown = rows[(place - 1) * SIZE : place * SIZE]
    known = Profile.objects.of(request.workspace).in_bulk([person for person, _money, _last in shown], field_name="person")
    context = {
        "kpi": kpi, "back": page.url(request.workspace, kpi, what), "total": len(rows), "query": page.query(what), "page": place,
        "pages": max(1, -(-len(rows) // SIZE)), "may_export": request.may(May.EXPORT), "when": words.when(what.span, what.is_past),
        "rows": [{"key": person, "profile": known.get(person), "money": amount(money), "last": last,
                  "url": reverse("organise:person", kwargs={"workspace": request.workspace.slug, "pid": public_id(person)})}
                 for person, money, last in shown], **chips(request, what, on.all_channels if kpi.can_narrow else ()),
    }  # fmt: skip
    return render(request, "kpis/people.html", context)


def _spent(kpi: Kpi, what: Asked, on: Stored) -> list[tuple[int, int, Any]]:
    """(person, money of the period, day of the last purchase) of those behind a figure, most money first."""
    import numpy as np

    from .spans import day_of

    sales, span = on.sales, what.span
    money = sales.by_person(span.first, span.last)
    last = np.zeros(sales.people.size, np.int64)
    cut = sales.day <= span.last
    np.maximum.at(last, sales.who[cut], sales.day[cut])
    rows = []
    for person in kpi.people(on, span).tolist():
        place = int(np.searchsorted(sales.people, person))
        is_buyer = place < sales.people.size and int(sales.people[place]) == person
        rows.append((person, int(money[place]) if is_buyer else 0, day_of(int(last[place])) if is_buyer and last[place] else None))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


@allow(May.EXPORT)
@require_safe
def people_csv(request: WorkspaceRequest, kpi: str) -> HttpResponseBase:
    def made(found: Kpi, what: Asked, on: Stored) -> HttpResponseBase:
        rows = _spent(found, what, on)
        audit.record(request.workspace, request.user, "exported", "key figures", found.id, str(found.name), people=len(rows))
        names: dict[int, tuple[str, str]] = {}
        for some in bulk.chunks([person for person, _money, _last in rows], 500):
            for person, name, email in Profile.objects.of(request.workspace).filter(person__in=some).values_list("person", "name", "email"):
                names[person] = (name, email)
        lines = ([public_id(person), *names.get(person, ("", "")), amount(money), last or ""] for person, money, last in rows)
        return csv_response(f"{found.id}-people-{what.span.ends}.csv", ["id", "name", "email", "spent", "last_purchase"], lines)

    return _of(request, kpi, made)


@allow(May.EXPORT)
@require_safe
def series_csv(request: WorkspaceRequest, kpi: str) -> HttpResponseBase:
    def made(found: Kpi, what: Asked, on: Stored) -> HttpResponseBase:
        told = _told(request, found, what, on, with_series=True)
        lines = (
            [over.begins, over.ends, *("" if each is None else each for each in map(found.exact, (value.value, value.low, value.high)))]
            for over, value in told.series or ((told.span, told.figure),)
        )
        audit.record(request.workspace, request.user, "exported", "key figures", found.id, str(found.name))
        return csv_response(f"{found.id}-{what.span.ends}.csv", ["first", "last", "value", "low", "high"], lines)

    return _of(request, kpi, made)
