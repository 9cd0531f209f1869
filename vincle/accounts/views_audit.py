"""Who changed what, when: read page by page, or taken out as CSV."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vincle.store.export import csv_response

from .access import May, WorkspaceRequest, allow
from .audit import record
from .audit_words import details, word
from .forms import AuditFilter
from .models import AuditEntry

LINES = 50


def _filter(request: WorkspaceRequest) -> AuditFilter:
    rows = AuditEntry.objects.of(request.workspace).order_by()
    people = sorted(rows.values_list("actor", flat=True).distinct())
    verbs = sorted(rows.values_list("verb", flat=True).distinct())
    return AuditFilter(request.GET, people=[(each, word(each)) for each in people], verbs=[(each, word(each)) for each in verbs])


def _chosen(request: WorkspaceRequest, form: AuditFilter) -> Any:
    return AuditEntry.objects.of(request.workspace).filter(**form.lookups()).order_by("-at", "-id")


def _before(rows: Any, cursor: str) -> Any:
    """Rows older than the cursor '<time>_<id>'; one that cannot be read starts from the top."""
    stamp, _sep, number = cursor.rpartition("_")
    try:
        at, pk = datetime.fromisoformat(stamp), int(number)
    except ValueError:
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=pk))


def _line(entry: AuditEntry) -> dict[str, Any]:
    return {"entry": entry, "verb": word(entry.verb), "kind": word(entry.object_type), "details": details(entry)}


@allow(May.MANAGE)
@require_safe
def audit(request: WorkspaceRequest) -> HttpResponse:
    form = _filter(request)
    cursor = request.GET.get("before", "")
    rows = list(_before(_chosen(request, form), cursor)[: LINES + 1])
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    last = rows[LINES - 1] if len(rows) > LINES else None
    context = {
        "form": form,
        "lines": [_line(row) for row in rows[:LINES]],
        "asked": urlencode(asked),
        "older": urlencode({**asked, "before": f"{last.at.isoformat()}_{last.pk}"}) if last else "",
        "is_first": not cursor,
    }
    return render(request, "accounts/audit.html", context)


def _cells(rows: Any) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=2000):
        yield row.at.isoformat(), row.actor, row.verb, row.object_type, row.object_id, row.label, "; ".join(details(row))


@allow(May.MANAGE, May.EXPORT)
@require_safe
def audit_csv(request: WorkspaceRequest) -> HttpResponseBase:
    rows = _chosen(request, _filter(request))
    with transaction.atomic():
        record(request.workspace, request.user, "exported", "audit log")
    name = f"audit-{request.workspace.slug}.csv"
    return csv_response(name, ("at", "who", "verb", "object", "id", "label", "details"), _cells(rows))
