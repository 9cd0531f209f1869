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
from django.utils import formats
from django.views.decorators.http import require_safe

from vincle.store.export import csv_response

from .access import May, WorkspaceRequest, allow
from .audit import record
from .audit_words import details, word
from .forms import AuditFilter
from .models import AuditEntry

LINES = 50


def _choices(request: WorkspaceRequest, column: str) -> list[tuple[str, Any]]:
    """What stands in this column of the workspace's log, in the reader's words."""
    values = AuditEntry.objects.of(request.workspace).order_by().values_list(column, flat=True).distinct()
    return sorted(((value, str(word(value))) for value in values), key=lambda pair: pair[1].casefold())


def _chosen(request: WorkspaceRequest, form: AuditFilter) -> Any:
    return AuditEntry.objects.of(request.workspace).filter(**form.lookups()).order_by("-at", "-id")


def _after(rows: Any, cursor: str) -> Any:
    """Rows older than the cursor '<time>_<id>'; one that cannot be read starts from the top."""
    stamp, _sep, number = cursor.rpartition("_")
    try:
        at, pk = datetime.fromisoformat(stamp), int(number)
    except ValueError:
        return rows
    if at.tzinfo is None:
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=pk))


def _line(entry: AuditEntry) -> dict[str, Any]:
    about_oneself = entry.user is not None and entry.label in {str(entry.user), entry.user.email}
    return {
        "entry": entry,
        "actor": word(entry.actor),
        "verb": word(entry.verb),
        "kind": word(entry.object_type),
        "label": "" if about_oneself else entry.label,
        "details": details(entry),
    }


def _period(form: AuditFilter) -> str:
    since, until = (formats.date_format(day, "SHORT_DATE_FORMAT") if day else "…" for day in map(form.cleaned_data.get, ("since", "until")))
    return "" if since == until == "…" else f"{since} – {until}"


@allow(May.MANAGE)
@require_safe
def audit(request: WorkspaceRequest) -> HttpResponse:
    form = AuditFilter(request.GET)
    form.is_valid()
    period = _period(form)
    cursor = request.GET.get("after", "")
    rows = list(_after(_chosen(request, form), cursor).select_related("user")[: LINES + 1])
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    last = rows[LINES - 1] if len(rows) > LINES else None
    context = {
        "form": form,
        "people": _choices(request, "actor"),
        "verbs": _choices(request, "verb"),
        "period": period,
        "period_css": "chip on" if period else "chip",
        "kept": [(name, asked[name]) for name in ("person", "verb") if name in asked],
        "lines": [_line(row) for row in rows[:LINES]],
        "asked": urlencode(asked),
        "after": f"{last.at.isoformat()}_{last.pk}" if last else None,
        "is_first": not cursor,
    }
    return render(request, "accounts/audit.html", context)


def _cells(rows: Any) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=2000):
        yield row.at.isoformat(), row.actor, row.verb, row.object_type, row.object_id, row.label, "; ".join(details(row))


@allow(May.MANAGE, May.EXPORT)
@require_safe
def audit_csv(request: WorkspaceRequest) -> HttpResponseBase:
    rows = _chosen(request, AuditFilter(request.GET))
    with transaction.atomic():
        record(request.workspace, request.user, "exported", "audit log")
    name = f"audit-{request.workspace.slug}.csv"
    return csv_response(name, ("at", "who", "verb", "object", "id", "label", "details"), _cells(rows))
