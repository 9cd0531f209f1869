"""How fast mail may leave by each connection, as the team wants it: a new domain is warmed up, a provider's tariff is kept to."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.listen.models import Connection

from . import carrying, composing, lanes, limits, words_state
from .models import Lane
from .views import url

MOST = 100_000_000
FIELDS = ("per_minute", "per_hour", "per_day")


def _connections(request: WorkspaceRequest) -> Any:
    """Those by which something can leave to many."""
    used = Lane.objects.of(request.workspace).values("connection")
    known = Connection.objects.of(request.workspace).filter(Q(channel__in=[*carrying.MAIL, composing.PROVIDER]) | Q(pk__in=used))
    return known.filter(token__isnull=False).order_by("name", "account", "pk")


@allow(May.SEE)
@never_cache
@require_safe
def home(request: WorkspaceRequest) -> HttpResponse:
    known = {lane.connection_id: lane for lane in Lane.objects.of(request.workspace)}
    context = {
        "rows": [_row(request, each, known.get(each.pk) or Lane(connection=each)) for each in _connections(request)],
        "tabs": speaking.tabs(request.workspace, "outbox"), "may_manage": request.may(May.MANAGE), "back_url": url(request, "home"),
        "most": MOST,
    }  # fmt: skip
    return render(request, "outbox/limits.html", context)


def _row(request: WorkspaceRequest, connection: Connection, lane: Lane) -> dict[str, Any]:
    now = timezone.now()
    names = {"per_minute": _("Most a minute"), "per_hour": _("Most an hour"), "per_day": _("Most a day")}
    is_held = lane.not_before is not None and lane.not_before > now
    return {
        "connection": connection, "lane": lane, "hour": limits.within(lane.gone, limits.HOUR, now), "why": words_state.sentence(lane.code),
        "day": limits.within(lane.gone, limits.DAY, now), "fields": [(name, names[name], getattr(lane, name)) for name in FIELDS],
        "save_url": url(request, "limit", connection=connection.pk), "is_held": is_held,
    }  # fmt: skip


@allow(May.MANAGE)
@require_POST
def save(request: WorkspaceRequest, connection: int) -> HttpResponseBase:
    row: Connection | None = Connection.objects.of(request.workspace).filter(pk=connection).first()
    if row is None:
        raise Http404
    try:
        most = {name: number_of(request.POST.get(name, "")) for name in FIELDS}
    except ValueError:
        messages.error(request, _("Enter whole numbers, or leave a field empty where there is no limit."))
    else:
        lanes.limit(request.workspace, request.user, row, most)
        messages.success(request, _("It holds at once, also for what is being sent."))
    return redirect("outbox:limits", workspace=request.workspace.slug)


def number_of(text: str) -> int | None:
    """A number people wrote, from 1 on; None for none. Raises ValueError.

    >>> number_of(" 200 "), number_of("")
    (200, None)
    """
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= MOST):
        raise ValueError(text)
    return int(text)
