"""Leads: the list, one of them with what they said and where they came from, the box of spam, the download."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.inbox import teams
from vincle.store.export import csv_response

from . import leads_actions, listing, reporting, wording
from .actions import Refused
from .models import CardPhoto, Form, Submission
from .views_forms import framed


@allow(May.SEE)
@never_cache
@require_safe
def list_submissions(request: WorkspaceRequest) -> HttpResponse:
    rows = listing.chosen(request.workspace, request.GET, request.user)
    found, after, before = listing.page(rows, request.GET.get("after", ""), request.GET.get("before", ""))
    forms = Form.objects.of(request.workspace).order_by("name").values_list("pk", "name")
    spam = Submission.objects.of(request.workspace).filter(state="spam").count()
    context = {
        "rows": [(row, reporting.source_of(row.lead.touch),
        wording.marks(row.lead.marks)) for row in listing.with_people(request.workspace, found)],
        "after": after, "before": before, "total": rows.count(), "spam": spam, "is_spam": request.GET.get("box") == "spam",
        "forms": [("", _("Every form")), *((str(pk), name) for pk, name in forms)], "people": teams.answerers(request.workspace),
        "states": [("", _("Every state")), *[each for each in Submission.State.choices if each[0] != "spam"]],
        "stages": [("", _("Every stage")), *Submission.Stage.choices], "may_export": request.may(May.EXPORT),
        "owners": [("", _("Everybody's")), ("mine", _("Mine")), ("none", _("Nobody's"))], "stage_choices": Submission.Stage.choices,
        "query": request.GET.urlencode(), "is_filtered": any(request.GET.get(name) for name in ("q", "form", "state", "stage", "owner")),
    }  # fmt: skip
    return render(request, "leads/submissions.html", framed(request, "submissions", context))


@allow(May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """What the list shows, all of it, with every answer."""
    rows = listing.chosen(request.workspace, request.GET, request.user)
    audit.record(request.workspace, request.user, "exported", "lead", "", "", rows=rows.count())
    headings, lines = listing.table(rows)
    return csv_response("leads.csv", headings, lines)


@allow(May.SPEAK)
@require_POST
def bulk(request: WorkspaceRequest) -> HttpResponseBase:
    """One deed on many."""
    ids = [int(each) for each in request.POST.getlist("ids")[:1000] if each.isascii() and each.isdigit() and len(each) < 18]
    _do(request, ids)
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect("leads:submissions", workspace=request.workspace.slug)


def _do(request: WorkspaceRequest, ids: list[int]) -> None:
    deed, who = request.POST.get("do", ""), (request.workspace, request.user, ids)
    try:
        if deed.startswith("stage:"):
            moved = leads_actions.set_stage(*who, deed.removeprefix("stage:"))
        elif deed == "owner":
            owner = request.POST.get("owner", "")
            moved = leads_actions.hand_over(*who, int(owner) if owner.isascii() and owner.isdigit() and len(owner) < 18 else None)
        elif deed in ("spam", "no_spam", "throw_away"):
            moved = {"spam": leads_actions.is_spam, "no_spam": leads_actions.no_spam, "throw_away": leads_actions.throw_away}[deed](*who)
        else:
            raise Refused(_("That is not known here."))
    except Refused as refused:
        messages.error(request, str(refused))
        return
    messages.success(request, ngettext("%(n)d lead changed.", "%(n)d leads changed.", moved) % {"n": moved})


@allow(May.SEE)
@never_cache
@require_safe
def submission(request: WorkspaceRequest, submission: int) -> HttpResponse:
    rows = Submission.objects.of(request.workspace).select_related("form", "page", "owner", "mapping", "workspace")
    row: Submission = get_object_or_404(rows, pk=submission)
    context: dict[str, Any] = {
        "found": listing.with_people(request.workspace, [row])[0], "row": row, "marks": wording.marks(row.marks),
        "source": reporting.source_of(row.touch), "touch": _touch(row), "sent": row.sent, "stages": Submission.Stage.choices,
        "people": teams.answerers(request.workspace), "has_photo": CardPhoto.objects.of(request.workspace).filter(submission=row).exists(),
        "earlier": _others(row),
    }  # fmt: skip
    return render(request, "leads/submission.html", framed(request, "submissions", context))


def _touch(row: Submission) -> list[tuple[Any, str]]:
    names = {
        "campaign": _("Campaign"), "source": _("Source"), "medium": _("Medium"), "term": _("Term"), "content": _("Content"),
        "referrer": _("Came from"), "url": _("On the page"), "first_campaign": _("First campaign"), "first_source": _("First source"),
        "first_referrer": _("First came from"), "first_landing": _("First page"), "first_at": _("First visit"),
        "click": _("Click of an advertisement"),
    }  # fmt: skip
    return [(label, str(row.touch[name])) for name, label in names.items() if row.touch.get(name)]


def _others(row: Submission) -> list[Submission]:
    if row.handle is None:
        return []
    return list(
        Submission.objects.of(row.workspace_id).filter(handle=row.handle).exclude(pk=row.pk).select_related("form").order_by("-at")[:20]
    )


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, submission: int) -> HttpResponseBase:
    row: Submission = get_object_or_404(Submission.objects.of(request.workspace), pk=submission)
    _do(request, [row.pk])
    if request.POST.get("do") == "throw_away":
        return redirect("leads:submissions", workspace=request.workspace.slug)
    return redirect("leads:submission", workspace=request.workspace.slug, submission=row.pk)
