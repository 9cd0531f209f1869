"""Many business cards, one after the other: a short form that is filled in by keyboard alone."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import card_taking, listing
from .actions import Refused
from .models import CardPhoto, Submission
from .views_forms import framed

_KEPT = ("where", "tags", "agreed")
"""What stays in its field for the next card: all cards of an evening come from one place."""


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: WorkspaceRequest) -> HttpResponseBase:
    given, wrong = {name: request.GET.get(name, "")[:300] for name in _KEPT}, ""
    if request.method == "POST":
        try:
            row = card_taking.take(request.workspace, request.user, request.POST.dict(), request.FILES.get("photo"))
            messages.success(request, _("%(name)s is kept. Next card.") % {"name": row.who})
            kept = request.GET.copy()
            for name in _KEPT:
                kept[name] = request.POST.get(name, "")[:300]
            answer = redirect("leads:cards", workspace=request.workspace.slug)
            answer["Location"] += f"?{kept.urlencode()}"
            return answer
        except Refused as refused:
            given, wrong = {name: value[:2000] for name, value in request.POST.dict().items()}, str(refused)
    rows = Submission.objects.of(request.workspace).filter(origin="card").select_related("owner").order_by("-at")[:30]
    photos = set(
        CardPhoto.objects.of(request.workspace).filter(submission__in=[row.pk for row in rows]).values_list("submission", flat=True)
    )
    context = {
        "given": given, "wrong": wrong, "rows": [(row, row.lead.pk in photos) for row in listing.with_people(request.workspace,
        list(rows))],
        "card": given.get("card") if wrong else secrets.token_hex(12),
    }  # fmt: skip
    return render(request, "leads/cards.html", framed(request, "cards", context), status=422 if wrong else 200)


@allow(May.SEE)
@require_safe
def photo(request: WorkspaceRequest, submission: int) -> HttpResponse:
    row = CardPhoto.objects.of(request.workspace).filter(submission=submission).first()
    if row is None:
        raise Http404("no such photo")
    answer = HttpResponse(bytes(row.content), content_type=row.content_type)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
