"""Engagement: what people are worth with all they do, as a picture, lists and a table; what one person's worth rests on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.identify.actions import person_of
from vincle.organise import people, relations
from vincle.organise.models import Profile, ScoreRun
from vincle.store.export import csv_response
from vincle.web.tags.formats import money, number

from . import engagement_actions, engagement_due, engagement_open, engagement_page, engagement_terms, engagement_told, engagement_words
from .engagement_page import Line, Standing
from .models import EngagementRun


@allow(May.SEE)
@never_cache
@require_safe
def engagement(request: WorkspaceRequest) -> HttpResponse:
    """GET kind, q, sort, after: the table, filtered, searched and sorted."""
    workspace = request.workspace
    run = engagement_page.run_of(workspace)
    context: dict[str, Any] = {
        "run": run, "is_asked": engagement_due.is_asked(workspace), "currency": workspace.currency,
        "may_edit": request.may(May.EDIT_PEOPLE), "may_import": request.may(May.IMPORT),
        "sentence": engagement_words.sentence(None, None, workspace.currency),
    }  # fmt: skip
    if run is not None and run.at is not None and run.people:
        wanted = engagement_page.asked(request.GET)
        page = engagement_page.page(workspace, wanted)
        context |= {"page": page, "wanted": wanted, "sort": wanted.sort, "summary": _summary(page), "filters": _filters(run)}
        if request.headers.get("HX-Target") != "list":
            context |= _filled(request, run)
    is_list = request.headers.get("HX-Target") == "list" and "page" in context
    response = render(request, "value/_engagement_list.html" if is_list else "value/engagement.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _summary(page: engagement_page.Page) -> str:
    total = ngettext("%(total)s person", "%(total)s people", page.total) % {"total": number(page.total)}
    return _("%(shown)s of %(total)s") % {"shown": number(len(page.lines)), "total": total} if len(page.lines) < page.total else total


def _filters(run: EngagementRun) -> list[tuple[str, str, int | None]]:
    return [
        ("advocate", _("Buys little, brings much"), run.figures.get("advocates")),
        ("costly", _("Buys much, costs much"), run.figures.get("costly")), ("brought", _("Brought customers"), None),
        ("knows", _("Ideas, reviews, answers"), None),
    ]  # fmt: skip


def _filled(request: WorkspaceRequest, run: EngagementRun) -> dict[str, Any]:
    workspace = request.workspace
    advocates, costly = engagement_page.advocates(workspace), engagement_page.costly(workspace)
    best = engagement_page.lines(workspace, list(engagement_page.rows(workspace)[:1]))
    first = advocates[:1]
    sentence = engagement_words.sentence(_named(first), _named(best), workspace.currency)
    figures = _figures(run)
    return {
        "sentence": sentence, "figures": figures, "between": _between(request, figures),
        "hours": round(run.figures["counts"]["seconds"] / 3600), "left_out": engagement_words.left_out(run.figures.get("unpriced", ())),
        "advocates": [(line, engagement_words.why_much(line.value)) for line in advocates],
        "costly": [(line, ", ".join(engagement_words.behind(line.value).get("cost", ()))) for line in costly],
        "chart": _chart(request, run), "chart_title": _chart_title(run), "other_money": run.figures["counts"]["other_money"],
        "download": _address(request, "engagement_csv") if request.may(May.EXPORT) else "",
    }  # fmt: skip


def _named(lines: Sequence[Line]) -> Any:
    return (lines[0].who.name, lines[0].value) if lines else None


def _address(request: WorkspaceRequest, name: str, **values: str) -> str:
    return reverse(f"value:{name}", kwargs={"workspace": request.workspace.slug, **values})


def _figures(run: EngagementRun) -> dict[str, Any]:
    """Sums as amounts again."""
    names = ("own", "referral", "influence", "knowledge", "cost", "total", "saved", "new", "shifted")
    return {**run.figures, **{name: Decimal(run.figures[name]) for name in names}}


def _between(request: WorkspaceRequest, figures: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    """The interval of all own purchases together, as the score knows it, and with it that of what is expected in all."""
    quality = ScoreRun.objects.of(request.workspace).filter(name="value").values_list("quality", flat=True).first()
    whole = (quality or {}).get("total") or {}
    if not isinstance(whole.get("low"), int | float) or not isinstance(whole.get("high"), int | float):
        return None
    beside = figures["new"] - figures["own"]
    return round(Decimal(whole["low"]) + beside), round(Decimal(whole["high"]) + beside)


def _chart_title(run: EngagementRun) -> str:
    count = int(run.figures.get("advocates", 0))
    if not count:
        return _("Nobody yet buys little and brings much")
    said = ngettext(
        "%(n)s person buys little and brings more than a usual customer is worth",
        "%(n)s people buy little and bring more than a usual customer is worth", count,
    )  # fmt: skip
    return said % {"n": number(count)}


def _chart(request: WorkspaceRequest, run: EngagementRun) -> dict[str, Any]:
    """Bought across, brought beside it upwards; the middle buyer and the usual customer's worth as lines."""
    drawn = engagement_page.drawn(request.workspace)
    said = {"currency": request.workspace.currency}
    return {
        "columns": [_("Person"), _("Bought, %(currency)s") % said, _("Brings beside, %(currency)s") % said],
        "rows": [[line.who.name, float(line.value.bought), float(line.value.brings)] for line, _is_named in drawn],
        "hrefs": [_address(request, "engagement_person", pid=line.who.public) for line, _is_named in drawn],
        "labels": [line.who.name if is_named else "" for line, is_named in drawn],
        "marks": [line.value.kind for line, _is_named in drawn],
        "shapes": {"advocate": ["circle", "pos"], "costly": ["diamond", "neg"], "": ["circle", "neu"]},
        "logarithmic": True,
        "guides": [run.figures.get("line_bought", 0), run.figures.get("line_brings", 0)],
        "corners": [_("buys little, brings much"), _("buys much, brings much"), "", ""],
    }  # fmt: skip


@allow(May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """Everybody of the filter with all parts, as CSV."""
    wanted = engagement_page.asked(request.GET)
    rows = engagement_page.every(request.workspace, wanted=wanted)
    return csv_response("engagement-value.csv", engagement_page.COLUMNS, rows)


@allow(May.EDIT_PEOPLE)
@require_POST
def again(request: WorkspaceRequest) -> HttpResponseBase:
    """Have the worker work it all out now."""
    engagement_actions.ask(request.workspace, request.user)
    messages.success(request, _("It is worked out anew; look again in a minute."))
    return redirect("value:engagement", workspace=request.workspace.slug)


def _found(request: WorkspaceRequest, pid: str) -> tuple[Profile, Standing | None]:
    """Whoever has this public id now, also when they were joined to somebody, and what they are worth."""
    key = people.person_id(pid)
    person = person_of(request.workspace, key) if key is not None else None
    profile = Profile.objects.of(request.workspace).filter(person=person.pk).first() if person is not None else None
    if profile is None:
        raise Http404
    return profile, engagement_page.of_person(request.workspace, profile.person)


@allow(May.SEE)
@never_cache
@require_safe
def person(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """Each part of someone's value, down to the people, words and conversations it rests on."""
    profile, standing = _found(request, pid)
    prices = engagement_terms.prices_of(request.workspace)
    context: dict[str, Any] = {"profile": profile, "standing": standing, "currency": request.workspace.currency, "prices": prices}
    if standing is not None:
        saved, parts = float(prices.acquisition or 0), _parts(standing)
        context |= _span(parts) | {
            "value": standing.value, "told": engagement_told.told(request.workspace, standing.evidence, saved), "parts": parts,
            "left_out": engagement_words.left_out(prices.unpriced(_counts(standing))),
            "has_interval": standing.value.low != standing.value.high,
            "minutes": round(standing.value.seconds / 60), "share": prices.share,
        }  # fmt: skip
    return render(request, "value/engagement_person.html", context)


def _counts(standing: Standing) -> dict[str, int]:
    return {name: getattr(standing.value, name) for name in engagement_terms.PRICED}


def _parts(standing: Standing) -> list[tuple[str, str, Decimal, float, float, str, str]]:
    """Label, what it rests on, amount, where its piece of the waterfall begins and ends, its tone, its name."""
    behind = engagement_words.behind(standing.value)
    at, found = 0.0, []
    for name, label in engagement_words.PARTS.items():
        amount = -getattr(standing.value, name) if name == "cost" else getattr(standing.value, name)
        if amount or name in behind:
            end = at + float(amount)
            found.append((str(label), ", ".join(behind.get(name, ())), amount, at, end, "neg" if amount < 0 else "pos", name))
            at = end
    return found


def _span(parts: list[tuple[str, str, Decimal, float, float, str, str]]) -> dict[str, float]:
    """Between what the waterfall is drawn."""
    ends = [0.0, *(each for part in parts for each in part[3:5])]
    return {"lowest": min(ends), "highest": max(ends), "total": ends[-1]}


@allow(May.SEE)
@never_cache
@require_safe
def card(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """What stands on the person's page; nothing where there is nothing to tell."""
    profile, standing = _found(request, pid)
    return render(request, "value/_engagement_card.html", _shown(request, profile, standing))


@allow(May.SEE)
@never_cache
@require_safe
def beside(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """What stands beside a conversation: worth with why, whether they are still a customer, codes and leads that are open."""
    profile, standing = _found(request, pid)
    ids = relations.ids_of(request.workspace, profile.person)
    scores = engagement_open.scores(request.workspace, profile.person)
    context = _shown(request, profile, standing) | {
        "scores": scores, "chance": round(100 * scores["alive"].value) if "alive" in scores else None,
        "codes": engagement_open.codes(request.workspace, ids, timezone.now()), "leads": engagement_open.leads(request.workspace, ids),
    }  # fmt: skip
    return render(request, "value/_engagement_beside.html", context)


def _shown(request: WorkspaceRequest, profile: Profile, standing: Standing | None) -> dict[str, Any]:
    currency = request.workspace.currency
    if standing is None:
        return {"profile": profile, "value": None, "currency": currency}
    value = standing.value
    note = _("What is expected of the next months with all they do, less what serving them costs.")
    if value.low != value.high:
        said = {"low": money(round(value.low), currency), "high": money(round(value.high), currency)}
        note = _("%(note)s Between %(low)s and %(high)s, 9 times out of 10.") % {"note": note, **said}
    return {
        "profile": profile, "value": value, "currency": currency, "reasons": engagement_words.reasons(value, currency), "note": note,
        "is_summed": standing.is_summed,
    }  # fmt: skip
