"""Paper: ballots and codes to print, and the screen on which answers are typed in; and the call list of a telephone survey."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import asked_words, ballot, codes, codes_kept, collector_kinds, paper, typed, typing_in
from .asking_pages import collector_of, framed, url, whole
from .models import Collector


def _coded(request: WorkspaceRequest, collector: str) -> Collector:
    row = collector_of(request, collector)
    if not collector_kinds.KINDS[row.kind].coded:
        raise Http404("no codes here")
    return row


@allow(May.SPEAK)
@require_safe
def ballots(request: WorkspaceRequest, collector: str) -> HttpResponse:
    """Ballots of the numbers asked for, at most 500 in one file."""
    row = _coded(request, collector)
    first = whole(request.GET.get("first", ""), 1, 1)
    last = min(whole(request.GET.get("last", ""), first + ballot.MOST - 1, first), first + ballot.MOST - 1)
    found = codes_kept.listed(row, first, last)
    if not found:
        raise Http404("no such codes")
    made = ballot.printed(paper.sheet(row.survey, request.GET.get("lang", "")), [(each.code, each.url) for each in found])
    audit.record(request.workspace, request.user, "printed", "survey ballots", row.public_id, row.name, first=first, count=len(found))
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="ballots-{row.public_id}-{first}.pdf"'
    return answer


@allow(May.SPEAK)
@require_safe
def codes_csv(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    """All codes with where they lead, for labels and printers."""
    row = _coded(request, collector)
    audit.record(request.workspace, request.user, "exported", "survey codes", row.public_id, row.name)

    def lines() -> Iterator[tuple[Any, ...]]:
        for each in codes_kept.listed(row):
            yield each.number, each.label, codes.shown(each.code), each.url

    return csv_response(f"codes-{row.public_id}.csv", ("number", "label", "code", "url"), lines())


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def typing(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    """A ballot typed in: its code, then a key an answer. Sent, the next one may come."""
    row = _coded(request, collector)
    form = typing_in.form(row.survey, request.POST.get("lang", "") or request.GET.get("lang", ""))
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = typing_in.tell(request, lambda: typing_in.keep_ballot(request.user, row, form, request.POST))
        if not problems:
            messages.success(request, _("Kept. The next one."))
            return redirect(url(request, "typing", collector=row.public_id))
    made, used = codes_kept.counts(row)
    context = {
        "way": row,
        "asked": typed.shown(form, request.POST if problems else {}, problems),
        "code": request.POST.get("code", "") if problems else "",
        "code_problem": problems.get("", ""),
        "title": _("%(used)s of %(made)s typed in") % {"used": number(used), "made": number(made)},
        "back_url": url(request, "collector", collector=row.public_id),
        "languages": asked_words.languages(row.survey),
        "language": form.language,
    }
    return render(request, "surveys/asking/typing.html", framed(request, row.survey, context), status=422 if problems else 200)
