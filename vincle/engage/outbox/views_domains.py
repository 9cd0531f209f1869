"""Sending domains on screen: what their DNS lacks, as lines to copy; and what is counted of letters."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking

from . import domains as sending
from .models import Habits, SendingDomain
from .views import url


def _back(request: WorkspaceRequest) -> HttpResponseBase:
    return redirect("outbox:domains", workspace=request.workspace.slug)


def _one(request: WorkspaceRequest, domain: int) -> SendingDomain:
    row: SendingDomain | None = SendingDomain.objects.of(request.workspace).filter(pk=domain).select_related("workspace").first()
    if row is None:
        raise Http404
    return row


@allow(May.SEE)
@never_cache
@require_safe
def domains(request: WorkspaceRequest) -> HttpResponse:
    rows = [_row(request, row) for row in SendingDomain.objects.of(request.workspace).order_by("domain")]
    kept = {row["domain"].domain for row in rows}
    context = {
        "rows": rows, "others": [each for each in sending.senders(request.workspace) if each not in kept],
        "tabs": speaking.tabs(request.workspace, "outbox"), "may_manage": request.may(May.MANAGE), "back_url": url(request, "home"),
        "habits": Habits.objects.of(request.workspace).first() or Habits(workspace=request.workspace),
        "opens": Habits._meta.get_field("counts_opens").choices, "habits_url": url(request, "habits"),
        "add_url": url(request, "domain_add"),
    }  # fmt: skip
    return render(request, "outbox/domains.html", context)


def _row(request: WorkspaceRequest, row: SendingDomain) -> dict[str, Any]:
    found = [
        {"finding": each, "name": sending.NAMES[each.what], "words": sending.WORDS[each.code], "state": sending.STATES[each.state]}
        for each in sending.findings(row)
    ]
    wrong = sum(each["finding"].state in ("missing", "warning") for each in found)
    return {
        "domain": row, "findings": found, "wrong": wrong, "selectors": " ".join(row.selectors),
        "check_url": url(request, "domain_check", domain=row.pk), "remove_url": url(request, "domain_remove", domain=row.pk),
    }  # fmt: skip


@allow(May.MANAGE)
@require_POST
def add(request: WorkspaceRequest) -> HttpResponseBase:
    """Keep a domain, or name its keys anew, and look at once."""
    try:
        row = sending.add(request.workspace, request.user, request.POST.get("domain", "")[:300], request.POST.get("selectors", "")[:400])
    except sending.Refused as refused:
        messages.error(request, _("That is not a domain.") if str(refused) == "no_domain" else _("That is not the name of a key."))
        return _back(request)
    sending.check(row)
    return _back(request)


@allow(May.MANAGE)
@require_POST
def check(request: WorkspaceRequest, domain: int) -> HttpResponseBase:
    sending.check(_one(request, domain))
    messages.success(request, _("The DNS was asked again."))
    return _back(request)


@allow(May.MANAGE)
@require_POST
def remove(request: WorkspaceRequest, domain: int) -> HttpResponseBase:
    sending.remove(request.workspace, request.user, _one(request, domain))
    return _back(request)


@allow(May.MANAGE)
@require_POST
def habits(request: WorkspaceRequest) -> HttpResponseBase:
    """What is counted of letters that are begun from now on."""
    opens = request.POST.get("counts_opens", "never")
    if opens not in ("never", "agreed", "all"):
        raise Http404
    values: dict[str, Any] = {"counts_clicks": request.POST.get("counts_clicks") == "1", "counts_opens": opens}
    for name, fewest, most in (("soft_bounces", 0, 100), ("soft_days", 1, 365)):
        text = request.POST.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 4 and fewest <= int(text) <= most:
            values[name] = int(text)
        elif text:
            messages.error(request, _("Enter a number from %(fewest)d to %(most)d.") % {"fewest": fewest, "most": most})
            return _back(request)
    Habits.objects.update_or_create(workspace=request.workspace, defaults=values)
    audit.record(request.workspace, request.user, "changed", "counting of letters", "", "", **values)
    messages.success(request, _("It holds for what is begun from now on."))
    return _back(request)
