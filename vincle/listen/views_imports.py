"""Imports: the list, one import while it runs and afterwards, what was rejected, cancel and undo."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels.registry import channels
from vincle.store.export import csv_response

from . import actions, pending, rejects
from .messages import sentence
from .models import Delivery
from .pages import page

ROWS = 20
REJECTS = 50
State = Delivery.State
AT_WORK = (State.WAITING, State.RUNNING, State.UNDOING)
CAN_CANCEL = (State.WAITING, State.RUNNING)
CAN_UNDO = (State.DONE, State.CANCELLED, State.FAILED)


def tabs(request: WorkspaceRequest, active: str) -> list[tuple[str, str, bool]]:
    """The tabs of Listen."""
    places = (
        ("stream", _("Stream")), ("search", _("Search")), ("queries", _("Queries")), ("alerts", _("Alerts")),
        ("imports", _("Imports")), ("connections", _("Connections")), ("sources", _("Sources")),
    )  # fmt: skip
    return [(label, reverse(f"listen:{name}", kwargs={"workspace": request.workspace.slug}), name == active) for name, label in places]


def kind_of(channel: str) -> str:
    """How a channel is called; one that is no longer installed by its id."""
    return channels()[channel].spec.name if channel in channels() else channel


@allow(May.SEE)
@never_cache
@require_safe
def imports(request: WorkspaceRequest) -> HttpResponse:
    rows = Delivery.objects.of(request.workspace).filter(is_import=True).select_related("created_by").defer("body")
    found = page(rows, ["-id"], request.GET, ROWS)
    context = {
        "tabs": tabs(request, "imports"),
        "page": found,
        "is_at_work": any(row.state in AT_WORK for row in found.rows),
        "waiting": pending.waiting(request) if request.may(May.IMPORT) else [],
        "may_import": request.may(May.IMPORT),
        "largest": settings.OPTIONS.import_max_bytes,
        "most": pending.MOST,
        "at_work": AT_WORK,
        "people_of": "&".join(f"delivery={row.pk}" for row in found.rows if row.state not in (State.WAITING, State.UNDONE)),
    }
    return render(request, "listen/imports.html", context)


def _delivery(request: WorkspaceRequest, pk: int) -> Delivery:
    rows = Delivery.objects.of(request.workspace).filter(is_import=True).select_related("created_by", "workspace").defer("body")
    found: Delivery = get_object_or_404(rows, pk=pk)
    return found


@allow(May.SEE)
@never_cache
@require_safe
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """`?show=warnings` for the values that were left out; else the rows that were."""
    delivery = _delivery(request, pk)
    wants_warnings = request.GET.get("show") == "warnings" or (
        "show" not in request.GET and not delivery.rejected and bool(delivery.warned)
    )
    found = page(delivery.rejections.filter(is_warning=wants_warnings), ["line", "id"], request.GET, REJECTS)
    here = reverse("listen:import", kwargs={"workspace": request.workspace.slug, "pk": pk})
    context = {
        "delivery": delivery,
        "kind": kind_of(delivery.channel),
        "page": found,
        "wants_warnings": wants_warnings,
        "problems": [(row, sentence(row.code, row.detail)) for row in found.rows],
        "views": [
            (_("Rejected rows"), f"{here}?show=rejected", not wants_warnings, delivery.rejected),
            (_("Values left out"), f"{here}?show=warnings", wants_warnings, delivery.warned),
        ],
        "error": sentence(delivery.error_code, delivery.error_detail) if delivery.error_code else "",
        "can_try_again": delivery.error_code in actions.OUR_FAULT and request.may(May.IMPORT),
        "twins": _twins(delivery),
        "is_at_work": delivery.state in AT_WORK,
        "can_cancel": delivery.state in CAN_CANCEL and request.may(May.IMPORT),
        "can_undo": delivery.state in CAN_UNDO and request.may(May.IMPORT),
        "may_export": request.may(May.EXPORT),
        "read": delivery.accepted + delivery.duplicates + delivery.rejected,
        **_progress(request, delivery),
    }
    return render(request, "listen/import.html", context)


def _twins(delivery: Delivery) -> list[Delivery]:
    """Earlier imports of the same content, newest first."""
    rows = Delivery.objects.of(delivery.workspace_id).filter(sha256=delivery.sha256, is_import=True, pk__lt=delivery.pk)
    return list(rows.select_related("created_by").defer("body").order_by("-pk")[:3])


def _progress(request: WorkspaceRequest, delivery: Delivery) -> dict[str, Any]:
    """Rows done and rows a second since the last look, whose figures come along in the address."""
    now, rate = timezone.now(), None
    try:
        since, stood = float(request.GET["at"]), int(request.GET["stood"])
        if now.timestamp() > since and delivery.position >= stood:
            rate = (delivery.position - stood) / (now.timestamp() - since)
    except (KeyError, ValueError):
        pass
    done = min(delivery.position, delivery.total) if delivery.total else delivery.position
    left = (delivery.total - done) / rate if delivery.total and rate else None
    return {"done": done, "rate": rate, "left": left, "look": f"at={now.timestamp():.2f}&stood={delivery.position}"}


@allow(May.SEE)
@never_cache
@require_safe
def progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Asked every second while an import is at work; when it is over the whole page is asked for anew."""
    delivery = _delivery(request, pk)
    if delivery.state not in AT_WORK:
        return HttpResponse(headers={"HX-Refresh": "true"})
    can_cancel = delivery.state in CAN_CANCEL and request.may(May.IMPORT)
    return render(
        request, "listen/progress.html", {"delivery": delivery, "can_cancel": can_cancel, "is_part": True, **_progress(request, delivery)}
    )


@allow(May.IMPORT)
@require_POST
def cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    delivery = _delivery(request, pk)
    if actions.cancel(delivery, request.user):
        undo_url = reverse("listen:undo_import", kwargs={"workspace": request.workspace.slug, "pk": pk})
        messages.success(request, _("The import is stopped. What came in until now stays."), extra_tags=f"undo:{undo_url}")
    else:
        messages.warning(request, _("There is nothing to stop: this import was over already."))
    return redirect("listen:import", workspace=request.workspace.slug, pk=pk)


@allow(May.IMPORT)
@require_POST
def undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    delivery = _delivery(request, pk)
    if actions.undo(delivery, request.user):
        messages.success(request, _("The import of %(file)s is being undone.") % {"file": delivery.name})
    elif delivery.state in CAN_CANCEL:
        messages.warning(request, _("This import is still running. Cancel it first, then undo it."))
    else:
        messages.warning(request, _("This import is undone already, or about to be."))
    return redirect("listen:import", workspace=request.workspace.slug, pk=pk)


@allow(May.SEE, May.EXPORT)
@require_safe
def rejected_csv(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """The rejected rows in the columns they came in, with the reason: to be mended and imported again."""
    delivery = _delivery(request, pk)
    headings, rows = rejects.table(delivery)
    with transaction.atomic():
        audit.record(request.workspace, request.user, "exported", "import", delivery.pk, delivery.name, rows=delivery.rejected)
    stem = "".join(letter if letter.isalnum() else "-" for letter in delivery.name.rpartition(".")[0] or delivery.name).strip("-")
    return csv_response(f"{stem.encode('ascii', 'ignore').decode() or 'import'}-rejected.csv", headings, rows)
