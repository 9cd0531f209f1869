"""What people may choose from, when and how often they are written to, and how consent stands."""

from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.identify import consent_actions
from vincle.identify.consent_actions import Refused
from vincle.identify.models import ContactPolicy, Erasure, Suppression, Topic

from . import optin
from .models import Optin

CAPS = 2


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"preferences:{name}", kwargs={"workspace": request.workspace.slug, **more})


@allow(May.SEE)
@require_safe
def overview(request: WorkspaceRequest) -> HttpResponse:
    return _overview(request)


def _overview(request: WorkspaceRequest, wrong: str = "", kept: ContactPolicy | None = None, status: int = 200) -> HttpResponse:
    workspace, policy = request.workspace, kept or consent_actions.policy(request.workspace)
    caps = [*policy.caps, *([["", ""]] * CAPS)][:CAPS]
    topics = list(Topic.objects.of(workspace))
    context = {
        "tabs": speaking.tabs(workspace, "consent"), "topics": [each for each in topics if not each.archived_at],
        "archived": [each for each in topics if each.archived_at], "policy": policy, "wrong": wrong,
        "caps": [(number, most, days) for number, (most, days) in enumerate(caps)],
        "weekdays": [(number, name, number in policy.quiet_days) for number, name in WEEKDAYS.items()],
        "may_manage": request.may(May.MANAGE), "figures": _figures(request), **_waiting(request),
    }  # fmt: skip
    return render(request, "preferences/overview.html", context, status=status)


def _figures(request: WorkspaceRequest) -> dict[str, int]:
    listed = dict(Suppression.objects.of(request.workspace).values_list("reason").annotate(n=Count("handle", distinct=True)).order_by())
    asked = Optin.objects.of(request.workspace).filter(asked_at__gt=timezone.now() - timedelta(days=30))
    counts = asked.aggregate(asked=Count("pk"), confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)))
    return {
        "suppressed": sum(listed.values()), "bounced": listed.get("bounced", 0), "complained": listed.get("complained", 0),
        "asked": counts["asked"], "confirmed": counts["confirmed"],
    }  # fmt: skip


def _waiting(request: WorkspaceRequest) -> dict[str, int]:
    waiting = Optin.objects.of(request.workspace).filter(mailed_at=None, confirmed_at=None, expires_at__gt=timezone.now())
    return {"waiting": waiting.count(), "erasing": Erasure.objects.of(request.workspace).filter(done_at=None).count()}


@allow(May.MANAGE)
@require_POST
def limits(request: WorkspaceRequest) -> HttpResponse:
    """Keep when and how often is written."""
    try:
        values = _limits(request)
        consent_actions.save_policy(request.workspace, request.user, **values)
    except Refused as refused:
        return _overview(request, str(refused), status=422)
    messages.success(request, _("The limits are kept. They hold from now on."))
    return redirect(url(request, "overview"))


def _limits(request: WorkspaceRequest) -> dict[str, Any]:
    posted = request.POST
    address = posted.get("privacy_url", "").strip()
    if address:
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError as error:
            raise Refused(_("The address of the privacy notice is none: it begins with https://.")) from error
    days = [int(each) for each in posted.getlist("quiet_days") if each in "0123456" and len(each) == 1]
    return {
        "quiet_from": _clock(posted.get("quiet_from", "")), "quiet_until": _clock(posted.get("quiet_until", "")), "quiet_days": days,
        "caps": _caps(request), "soft_opt_in": posted.get("soft_opt_in") == "on", "privacy_url": address,
        "contact": posted.get("contact", "").replace("\x00", "").strip(),
    }  # fmt: skip


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise Refused(_("A time is written as 21:00.")) from error


def _caps(request: WorkspaceRequest) -> list[tuple[int, int]]:
    found = []
    for number in range(CAPS):
        most, days = (request.POST.get(f"{name}_{number}", "").strip() for name in ("most", "days"))
        if not most and not days:
            continue
        if not (most.isascii() and days.isascii() and most.isdigit() and days.isdigit() and len(most + days) < 8):
            raise Refused(_("A limit needs a number of messages and a number of days."))
        found.append((int(most), int(days)))
    return found


@allow(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: WorkspaceRequest, pk: int | None = None) -> HttpResponse:
    """Something people may choose: its name and what it is, in each language."""
    row = get_object_or_404(Topic.objects.of(request.workspace), pk=pk) if pk is not None else None
    names = {code: request.POST.get(f"name_{code}", "") for code, _name in settings.LANGUAGES}
    more = {code: request.POST.get(f"description_{code}", "") for code, _name in settings.LANGUAGES}
    wrong = ""
    if request.method == "POST":
        try:
            kept = consent_actions.save_topic(request.workspace, request.user, names, more, row)
        except Refused as refused:
            wrong = str(refused)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": kept.name})
            return redirect(url(request, "overview"))
    elif row:
        names, more = row.names, row.descriptions
    context = {
        "topic": row, "wrong": wrong, "tabs": speaking.tabs(request.workspace, "consent"),
        "texts": [(code, name, names.get(code, ""), more.get(code, "")) for code, name in settings.LANGUAGES],
    }  # fmt: skip
    return render(request, "preferences/topic.html", context, status=422 if wrong else 200)


@allow(May.MANAGE)
@require_POST
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Offer a topic no longer, or again."""
    row = get_object_or_404(Topic.objects.of(request.workspace), pk=pk)
    away = row.archived_at is None
    consent_actions.archive_topic(request.workspace, request.user, row, away)
    words = _("“%(name)s” is no longer offered.") if away else _("“%(name)s” is offered again.")
    undo = f"undo:{url(request, 'archive', pk=pk)}" if away else ""
    messages.success(request, words % {"name": row.name}, extra_tags=undo)
    return redirect(url(request, "overview"))


@allow(May.MANAGE)
@require_POST
def send_waiting(request: WorkspaceRequest) -> HttpResponse:
    """Confirmations that had no way out are sent now."""
    sent = optin.send_waiting(request.workspace)
    if sent:
        words = ngettext("%(n)d confirmation is on its way.", "%(n)d confirmations are on their way.", sent)
        messages.success(request, words % {"n": sent})
    else:
        messages.error(request, _("There is still no mailbox or provider connected by which they could leave."))
    return redirect(url(request, "overview"))
