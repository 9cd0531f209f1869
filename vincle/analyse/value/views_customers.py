"""Customers: what they will bring together and one by one, who is worth acting on, and how it is known; the terms it is told by."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.inbox.models import ServiceSettings
from vincle.organise import value_terms, worth_words
from vincle.organise.models import ScoreRun
from vincle.organise.team import Refused
from vincle.store.export import csv_response
from vincle.web.tags.formats import number, percent

from . import customers_page, customers_words
from .customers_page import Sums


@allow(May.SEE)
@never_cache
@require_safe
def customers(request: WorkspaceRequest) -> HttpResponse:
    """GET kind, soon, q, sort, after: the list, filtered, searched and sorted."""
    workspace = request.workspace
    run, sums = customers_page.run_of(workspace), customers_page.sums(workspace)
    terms, currency = value_terms.terms_of(workspace), workspace.currency
    quality = run.quality if run else {}
    found = customers_words.whole(sums, quality)
    context: dict[str, Any] = {
        "run": run, "is_sample": bool(quality.get("share")),
        "is_due": run is None or run.at == value_terms.LONG_AGO, "currency": currency, "sums": sums, "terms": terms,
        "sentence": customers_words.sentence(sums, found, terms, currency), "whole": found, "has_money": sums.valued > 0,
        "months": customers_words.months(terms), "whole_said": customers_words.about(found.value, currency) if found else "",
        **{f"may_{each.value.replace(' ', '_')}": request.may(each) for each in (May.MANAGE, May.IMPORT, May.EXPORT, May.EDIT_PEOPLE)},
    }  # fmt: skip
    if sums.customers:
        wanted = customers_page.asked(request.GET, sums.valued > 0)
        page = customers_page.page(workspace, wanted)
        context |= {"page": page, "wanted": wanted, "sort": wanted.sort, "summary": _summary(page), **_filters(sums)}
        if request.headers.get("HX-Target") != "list":
            context |= _above(request, sums, quality, run)
    is_list = request.headers.get("HX-Target") == "list" and "page" in context
    response = render(request, "value/_customers_list.html" if is_list else "value/customers.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _summary(page: customers_page.Page) -> str:
    total = ngettext("%(total)s customer", "%(total)s customers", page.total) % {"total": number(page.total)}
    return _("%(shown)s of %(total)s") % {"shown": number(len(page.lines)), "total": total} if len(page.lines) < page.total else total


def _filters(sums: Sums) -> dict[str, Any]:
    kinds = [(code, customers_words.kind(code), sums.kinds[code][0]) for code in customers_page.KINDS if code in sums.kinds]
    soon = [("fortnight", _("Within 14 days"), sums.soon("fortnight")), ("month", _("Within 30 days"), sums.soon("month"))]
    return {"kinds": kinds, "soon": soon}


def _above(request: WorkspaceRequest, sums: Sums, quality: Mapping[str, Any], run: ScoreRun | None) -> dict[str, Any]:
    workspace, told = request.workspace, quality.get("told") or {}
    return {
        "groups": _groups(request, sums), "careful": customers_words.careful(quality),
        "left_out": [*filter(None, [customers_words.once(quality)]), *customers_words.left_out(quality, workspace.currency)],
        "leaving": sums.kinds.get("leaving", (0, 0.0)), "month": sums.soon("month"), "problem": run.problem if run else "",
        "details": _details(told, quality) if told else None,
    }  # fmt: skip


def _groups(request: WorkspaceRequest, sums: Sums) -> list[dict[str, Any]]:
    """Groups worth acting on: people and money, the list of people, a segment of the same question."""
    people, build = (reverse(name, kwargs={"workspace": request.workspace.slug}) for name in ("organise:people", "organise:segment_new"))
    found = []
    for code, (icon, todo) in customers_words.GROUPS.items():
        count, value = sums.kinds.get(code, (0, 0.0))
        found.append({
            "code": code, "icon": icon, "name": customers_words.kind(code), "todo": todo, "people": count, "value": round(value),
            "url": f"{people}?score=value:{code}", "build": f"{build}?template=value_{code}",
        })  # fmt: skip
    return found


def _details(told: Mapping[str, Any], quality: Mapping[str, Any]) -> dict[str, Any]:
    worked = quality.get("terms") or {}
    return {
        "model": worth_words.MODELS.get(told["model"], told["model"]), "why": worth_words.quality(quality), "told": told,
        "parameters": told["parameters"], "spend": told.get("spend"), "log_likelihood": told.get("log_likelihood"),
        "candidates": [_candidate(each, told["model"]) for each in told["candidates"]], "cover": customers_words.cover(told),
        "curve": _curve(told), "curve_title": customers_words.curve_title(told),
        "discount": percent(worked["yearly_discount"], 1) if worked else "", "margin": percent(worked["margin"], 1) if worked else "",
        "histogram": _histogram(told), "histogram_title": customers_words.histogram_title(told),
    }  # fmt: skip


def _candidate(found: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    error = found.get("error")
    return {
        "name": worth_words.MODELS.get(found["model"], found["model"]), "is_chosen": found["model"] == chosen, "score": found["score"],
        "error": "" if error is None else f"{'+' if error >= 0 else '−'}{percent(abs(error), 1)}", "cover": percent(found["cover"]),
        "log_likelihood": found.get("log_likelihood"),
    }  # fmt: skip


def _curve(told: Mapping[str, Any]) -> dict[str, Any]:
    points = told.get("curve") or []
    data: dict[str, Any] = {
        "columns": [_("Day"), _("came"), _("expected")],
        "rows": [[customers_words.day_of(each["day"]), round(each["actual"]), round(each["expected"], 1)] for each in points],
    }  # fmt: skip
    held = told.get("holdout")
    if held and points:
        at = min(range(len(points)), key=lambda place: abs(points[place]["day"] - held["from_day"]))
        data["events"] = [{"at": at, "label": _("not seen from here on"), "href": ""}]
    return data


def _histogram(told: Mapping[str, Any]) -> dict[str, Any]:
    rows = told.get("histogram") or []
    found = [[f"{each['purchases']}{'+' if each['is_last'] else ''}", round(each["actual"]), each["expected"]] for each in rows]
    if any(row[2] is None for row in found):
        return {"columns": [_("Repeat purchases"), _("came")], "upright": True, "rows": [row[:2] for row in found]}
    return {"columns": [_("Repeat purchases"), _("came"), _("expected")], "upright": True, "rows": [[*a, round(b, 1)] for *a, b in found]}


@allow(May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """Everybody of the list, as CSV."""
    has_money = customers_page.sums(request.workspace).valued > 0
    wanted = customers_page.asked(request.GET, has_money)
    audit.record(request.workspace, request.user, "exported", "customer value")
    return csv_response("customers.csv", customers_page.COLUMNS, customers_page.every(request.workspace, wanted))


@allow(May.EXPORT)
@require_safe
def model(request: WorkspaceRequest) -> HttpResponseBase:
    """What was learnt, as CSV: parameters, models compared, purchases by day, how many bought how often."""
    run = customers_page.run_of(request.workspace)
    told = (run.quality.get("told") if run else None) or {}
    return csv_response("customer-value-model.csv", ("part", "name", "value", "standard_error", "expected"), _model_rows(told))


def _model_rows(told: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name in ("model", "why", "customers", "repeaters", "purchases", "unit_days", "log_likelihood"):
        if told.get(name) is not None:
            yield ("model", name, told[name], None, None)
    spend = told.get("spend") or {}
    for part, found in (("parameters", told.get("parameters", ())), ("spend", spend.get("parameters", ()))):
        for each in found:
            yield (part, each["name"], each["value"], each["standard_error"], None)
    for name in ("model", "mean", "correlation"):
        if spend.get(name) is not None:
            yield ("spend", name, spend[name], None, None)
    for each in told.get("candidates", ()):
        for name in ("score", "error", "cover", "log_likelihood"):
            if each.get(name) is not None:
                yield (f"compared: {each['model']}", name, each[name], None, None)
    for name, value in (told.get("holdout") or {}).items():
        yield ("hold-out", name, value, None, None)
    for each in told.get("curve", ()):
        yield ("repeat purchases until", customers_words.iso_day(each["day"]), each["actual"], None, each["expected"])
    for each in told.get("histogram", ()):
        yield ("customers with repeat purchases", each["purchases"], each["actual"], None, each["expected"])


@allow(May.SEE)
@never_cache
@require_safe
def terms(request: WorkspaceRequest) -> HttpResponse:
    return _terms(request, value_terms.as_told(request.workspace))


@allow(May.MANAGE)
@require_POST
def set_terms(request: WorkspaceRequest) -> HttpResponseBase:
    """POST fields of `value_terms.FIELDS`; what is not sent stays."""
    told = {name: request.POST[name] for name in value_terms.FIELDS if name in request.POST}
    try:
        value_terms.set_terms(request.workspace, request.user, **told)
    except Refused as refused:
        return _terms(request, {**value_terms.as_told(request.workspace), **told}, str(refused), 422)
    messages.success(request, _("The terms are kept; who is worth what is worked out anew within minutes."))
    return redirect("value:terms", workspace=request.workspace.slug)


def _terms(request: WorkspaceRequest, told: Mapping[str, str], problem: str = "", status: int = 200) -> HttpResponse:
    hour = ServiceSettings.objects.of(request.workspace).values_list("hourly_cost", flat=True).first()
    context = {
        "told": told, "problem": problem, "currency": request.workspace.currency, "hour": hour, "may_manage": request.may(May.MANAGE),
    }  # fmt: skip
    return render(request, "value/terms.html", context, status=status)
