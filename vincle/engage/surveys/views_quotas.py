"""Quotas of a survey, one by one or as a table of two questions; and its raffle or gift."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import asked_words, conditions, quotas, raffles
from .asking_pages import framed, survey_of, tried, url, whole
from .models import Quota, Raffle, RaffleDraw, RaffleEntry

PAGE = 50


@allow(May.SEE)
@never_cache
@require_safe
def list_quotas(request: WorkspaceRequest, survey: int) -> HttpResponse:
    row = survey_of(request, survey)
    found = quotas.of_survey(row)
    full = sum(each.count >= each.limit for each in found)
    title = ngettext("%(n)s quota is full", "%(n)s quotas are full", full) % {"n": number(full)} if full else _("Quotas")
    context = {
        "title": title, "rows": found, "choosable": conditions.choosable(row), "save_url": url(request, "quotas_save", survey=row.pk),
        "names": conditions.names(row),
    }  # fmt: skip
    return render(request, "surveys/asking/quotas.html", framed(request, row, context))


@allow(May.SPEAK)
@require_POST
def save_quotas(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """One more, a table of two questions, another limit, or one less."""
    row, post = survey_of(request, survey), request.POST
    do, limit = post.get("do", ""), whole(post.get("limit", ""), -1)
    if do == "one":
        condition = post.get("condition", "").strip() or conditions.chosen(post.get("cell", ""))
        name = post.get("name", "").strip() or conditions.words(row, condition)
        action = post.get("action", Quota.Action.SCREEN)
        tried(request, lambda: quotas.create(request.workspace, request.user, row, name, condition, limit, action), _("Kept."))
    elif do == "table":
        tables = [conditions.cells(row, post.get(name, "")) for name in ("first", "second")]
        group = " × ".join(filter(None, (conditions.title(row, post.get(name, "")) for name in ("first", "second"))))
        tried(request, lambda: quotas.interlock(request.workspace, request.user, row, tables, limit, group), _("Kept."))
    else:
        if do not in ("change", "remove"):
            return HttpResponseBadRequest("no such deed")
        standing = Quota.objects.of(request.workspace).filter(survey=row, pk=whole(post.get("quota", ""), 0)).first()
        if standing is None:
            raise Http404("no such quota")
        if do == "change":
            action = post.get("action", standing.action)
            tried(request, lambda: quotas.change(request.workspace, request.user, standing, limit, action), _("Kept."))
        else:
            quotas.remove(request.workspace, request.user, standing)
            messages.success(request, _("Taken away."))
    return redirect(url(request, "quotas", survey=row.pk))


# The raffle


@allow(May.SEE)
@never_cache
@require_safe
def raffle(request: WorkspaceRequest, survey: int) -> HttpResponse:
    row = survey_of(request, survey)
    found = raffles.of_survey(row)
    context: dict[str, Any] = {
        "raffle": found, "texts": _texts(found, asked_words.languages(row)), "names": conditions.names(row),
        "save_url": url(request, "raffle_save", survey=row.pk), "draw_url": url(request, "raffle_draw", survey=row.pk),
        "entries": 0, "may_see_winners": request.may(May.APPROVE), "winners_url": url(request, "raffle_winners", survey=row.pk),
        "proof_url": url(request, "raffle_proof", survey=row.pk),
    }  # fmt: skip
    if found is not None:
        entries = RaffleEntry.objects.of(request.workspace).filter(raffle=found)
        draws = list(RaffleDraw.objects.of(request.workspace).filter(raffle=found).select_related("by", "raffle").order_by("number"))
        context |= {
            "entries": entries.count(),
            "draws": [{"draw": each, "again": raffles.again(each)} for each in draws],
            "winners": list(entries.exclude(rank=None).order_by("rank")[:PAGE]) if request.may(May.APPROVE) else [],
        }
    return render(request, "surveys/asking/raffle.html", framed(request, row, context))


def _texts(found: Raffle | None, languages: list[str]) -> list[dict[str, str]]:
    prize, terms = (found.prize, found.terms) if found is not None else ({}, {})
    return [{"language": each, "prize": prize.get(each, ""), "terms": terms.get(each, "")} for each in languages]


@allow(May.SPEAK)
@require_POST
def save_raffle(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row, post = survey_of(request, survey), request.POST
    if post.get("do") == "remove":
        standing = raffles.of_survey(row)
        if standing is not None:
            tried(request, lambda: raffles.remove(request.workspace, request.user, standing), _("There is no raffle any more."))
        return redirect(url(request, "raffle", survey=row.pk))
    languages = asked_words.languages(row)
    values = {
        "kind": post.get("kind", ""), "winners": whole(post.get("winners", ""), 0), "reserves": whole(post.get("reserves", ""), 0),
        "contact": post.get("contact", ""), "condition": post.get("condition", ""),
        "prize": {each: post.get(f"prize-{each}", "").strip()[:300] for each in languages},
        "terms": {each: post.get(f"terms-{each}", "").strip()[:2000] for each in languages},
    }  # fmt: skip
    tried(request, lambda: raffles.save(request.workspace, request.user, row, values), _("Kept."))
    return redirect(url(request, "raffle", survey=row.pk))


@allow(May.APPROVE)
@require_POST
def draw_raffle(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row = survey_of(request, survey)
    standing = raffles.of_survey(row)
    if standing is None:
        raise Http404("no raffle")
    beacon, reason = request.POST.get("beacon", ""), request.POST.get("reason", "")
    made = tried(request, lambda: raffles.draw(request.workspace, request.user, standing, beacon, reason))
    if made:
        drawn = min(len(made.result), made.winners)
        messages.success(request, ngettext("%(n)s winner is drawn.", "%(n)s winners are drawn.", drawn) % {"n": number(drawn)})
    return redirect(url(request, "raffle", survey=row.pk))


@allow(May.APPROVE, May.EXPORT)
@require_safe
def winners_csv(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Winners and reserves in their order, with how to reach them."""
    found = _raffle(request, survey)
    last = RaffleDraw.objects.of(request.workspace).filter(raffle=found).order_by("-number").first()
    reserves = [int(entry) for entry in last.result[last.winners :]] if last else []

    def lines() -> Iterator[tuple[Any, ...]]:
        rows = RaffleEntry.objects.of(request.workspace).filter(raffle=found)
        for each in rows.exclude(rank=None).order_by("rank").iterator():
            yield "winner", each.rank, each.name, each.contact, each.language, str(each.pk)
        standing = {each.pk: each for each in rows.filter(pk__in=reserves, rank=None)}
        for place, each in enumerate((standing[pk] for pk in reserves if pk in standing), 1):
            yield "reserve", place, each.name, each.contact, each.language, str(each.pk)

    return csv_response("winners.csv", ("what", "place", "name", "contact", "language", "entry"), lines())


@allow(May.SEE)
@require_safe
def proof(request: WorkspaceRequest, survey: int) -> JsonResponse:
    """Everything it takes to draw it again; shows nobody's address."""
    found = _raffle(request, survey)
    draws = RaffleDraw.objects.of(request.workspace).filter(raffle=found).select_related("raffle").order_by("number")
    answer = JsonResponse({"draws": [raffles.published(each) for each in draws]}, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="raffle.json"'
    return answer


def _raffle(request: WorkspaceRequest, survey: int) -> Raffle:
    found = raffles.of_survey(survey_of(request, survey))
    if found is None:
        raise Http404("no raffle")
    return found
