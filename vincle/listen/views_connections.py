"""Connections: how each is doing and what to do about it; test, give anew, pause, move and take off."""

import secrets as chance
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.rules import Refused
from vincle.store.secrets import Unreadable

from . import connect_form, connection_page, connection_state, connections, credentials, doctor_words, health, offers
from .connect_form import ConnectForm
from .connection_state import Seen
from .guides import guide_of
from .models import Connection
from .views_connect import TROUBLE, back_address, connection_of, test, to, url
from .views_hearing import can_replay
from .views_imports import tabs

REASONS = {
    "no_signature": gettext_lazy("It carried no signature: someone else than the service sent it, or the webhook has no secret there."),
    "wrong_signature": gettext_lazy("Its signature does not fit the secret kept here. Compare the two, and give it again."),
    "wrong_token": gettext_lazy("The verify token does not fit the one kept here. Compare the two, and give it again."),
    "too_old": gettext_lazy("It was signed more than five minutes before it came: the clock of this machine may be wrong."),
    "no_secret": gettext_lazy("The secret had not been given here yet."),
}
LITTLE = 0.1
MADE_UP = "verify_token"


@allow(May.SEE)
@never_cache
@require_safe
def listing(request: WorkspaceRequest) -> HttpResponse:
    rows = connection_state.of_workspace(request.workspace)
    context = {
        "tabs": tabs(request, "connections"), "rows": rows, "sentence": connection_state.sentence(rows),
        "may_manage": request.may(May.MANAGE),
    }  # fmt: skip
    return render(request, "listen/connections.html", context)


@allow(May.MANAGE)
@never_cache
@require_safe
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _page(request, connection_of(request, pk))


def _page(request: WorkspaceRequest, connection: Connection, wrong: str = "", form: ConnectForm | None = None) -> HttpResponse:
    seen = connection_state.look(request.workspace, connection)
    spec, row = seen.spec, seen.row
    context = {
        **seen._asdict(), "state_label": seen.label, "state_tone": seen.tone, "state_icon": seen.icon, "heard_at": seen.heard_at,
        **_consent(request, seen), **_deliveries(request, seen), **_hearing(request, seen),
        "is_new": seen.state in ("consent", "unset"), "sentence": _sentence(seen), **_told(request, seen),
        "wrong": wrong, "form": form or _form(seen),
        "can_check": offers.can_check(row.channel) and seen.has_token, "notes": [doctor_words.note(code) for code in row.notes],
        "stream": url(request, "stream") + f"?channel={row.channel}", "quota_tone": "neg" if (row.quota or 1) < LITTLE else "",
        "scopes": offers.scopes(spec, guide_of(row.channel), row.scopes_missing) if spec and spec.oauth else [],
    }  # fmt: skip
    return render(request, "listen/connection.html", context)


def _consent(request: WorkspaceRequest, seen: Seen) -> dict[str, Any]:
    """What concerns saying yes at the platform."""
    return {
        "can_allow": bool(seen.spec and seen.spec.oauth), "needs_consent": not seen.has_token and not seen.is_lost,
        "ends_soon": seen.exam.state == "ending", "back_address": back_address(request),
    }  # fmt: skip


def _deliveries(request: WorkspaceRequest, seen: Seen) -> dict[str, Any]:
    """What concerns the address the platform delivers to."""
    guide, takes = guide_of(seen.row.channel), bool(seen.spec and seen.spec.secrets)
    missing = takes and not seen.has_secrets and not seen.is_lost
    return {
        "guide": guide, "takes_deliveries": takes, "needs_secret": missing,
        "since": connections.secret_since(seen.row) if seen.has_secrets else None,
        "secrets": [(each, _suggested(request, each.name)) for each in connect_form.proofs(seen.spec)] if seen.spec else [],
        "address": connections.address(seen.row), "is_plain": takes and not settings.PUBLIC_URL.startswith("https://"),
        "refusals": [(REASONS.get(why, why), times, at) for why, times, at in health.why_refused(request.workspace, seen.row)],
    }  # fmt: skip


def _suggested(request: WorkspaceRequest, name: str) -> str:
    """A word for a secret that the team makes up; what was pasted at the service already stays."""
    return (request.POST.get(name) or chance.token_urlsafe(18)) if name == MADE_UP else ""


def _hearing(request: WorkspaceRequest, seen: Seen) -> dict[str, Any]:
    """What concerns the streams that are asked."""
    today = timezone.localdate()
    return {
        "lines": connection_page.lines(seen.spec, seen.row) if seen.is_asked else [], "past": connection_page.past(seen.row),
        "can_bring_past": seen.is_asked and connection_page.can_bring_past(seen.spec), "can_replay": can_replay(seen.row),
        "reaches": [(key, label) for key, (label, _days) in connection_page.REACHES.items()],
        "today": today.isoformat(), "yesterday": (today - timedelta(days=1)).isoformat(),
        "lag": connection_state.duration(seen.exam.lag) if seen.exam.lag is not None else None,
    }  # fmt: skip


def _told(request: WorkspaceRequest, seen: Seen) -> dict[str, Any]:
    """What went wrong just now, else what is wrong."""
    pk, *problem = request.session.get(TROUBLE) or (None,)
    if pk != seen.row.pk:
        return {"ails": seen.ails, "ails_kind": "error" if seen.state == "stopped" else "caution"}
    del request.session[TROUBLE]
    return {"ails": doctor_words.said(*problem), "ails_kind": "error" if problem[0] in connection_state.LASTING else "caution"}


def _sentence(seen: Seen) -> str:
    told = {"service": seen.service, "account": seen.row.account}
    if seen.state in ("consent", "unset"):
        return _("One thing is left to do; then what is said at %(service)s comes here by itself.") % told
    return _("What %(service)s brings for %(account)s, and how it is doing.") % told if seen.row.account else (
        _("What %(service)s brings, and how it is doing.") % told
    )  # fmt: skip


def _form(seen: Seen, data: Any = None) -> ConnectForm | None:
    """What it was given, to be put right; nothing where it takes nothing."""
    if seen.spec is None:
        return None
    try:
        kept = credentials.given(seen.row)
    except Unreadable:
        kept = {}
    form = ConnectForm(seen.spec, data, seen.row.settings, kept, with_name=False)
    return form if form.fields else None


@allow(May.MANAGE)
@require_POST
def check(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask the service who we are there, what is missing, and until when."""
    connection = connection_of(request, pk)
    test(request, connection)
    return to(request, connection)


@allow(May.MANAGE)
@never_cache
@require_POST
def change(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put right what it was given; secrets left empty stay."""
    connection = connection_of(request, pk)
    form = _form(connection_state.look(request.workspace, connection), request.POST)
    if form is None:
        return to(request, connection)
    if not form.is_valid():
        return _page(request, connection, form=form)
    plain, sealed = form.given()
    try:
        connections.set_settings(connection, request.user, plain, sealed)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, connection, form=form)
    if not offers.can_check(connection.channel) or test(request, connection):
        messages.success(request, _("It is kept."))
    return to(request, connection)


@allow(May.MANAGE)
@never_cache
@require_POST
def secret(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give or replace what proves deliveries. It is never shown again."""
    connection = connection_of(request, pk)
    before = connection_state.look(request.workspace, connection)
    given = {each.name: request.POST.get(each.name, "") for each in connect_form.proofs(before.spec)} if before.spec else {}
    try:
        if before.spec and len(given) < len(before.spec.secrets):
            connections.set_settings(connection, request.user, connection.settings, given)
        else:
            connections.set_secrets(connection, request.user, given)
    except Refused as refused:
        return _page(request, connection, str(refused))
    said = _("The secret is replaced. The one before stays good for a day.")
    if not before.has_secrets:
        said = _("The secret is kept. %(name)s can deliver now.") % {"name": connection.name}
    messages.success(request, said)
    return to(request, connection)


@allow(May.MANAGE)
@require_POST
def turn(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """`on` = 1 to go on, else pause."""
    connection, on = connection_of(request, pk), request.POST.get("on") == "1"
    connections.turn(connection, request.user, on)
    said = _("%(name)s delivers again.") if on else _paused(connection)
    messages.success(request, said % {"name": connection.name})
    return to(request, connection)


def _paused(connection: Connection) -> str:
    if connection.pulls.exists():
        return _("%(name)s is paused. Nothing is asked until you go on; then it begins where it stopped.")
    return _("%(name)s is paused. What it sends now is refused; most services try again later.")


@allow(May.MANAGE)
@require_POST
def move(request: WorkspaceRequest, pk: int) -> HttpResponse:
    connection = connection_of(request, pk)
    connections.move(connection, request.user)
    said = _("%(name)s has a new address. Paste it at the service; the one before no longer works.")
    messages.success(request, said % {"name": connection.name})
    return to(request, connection)


@allow(May.MANAGE)
@require_POST
def disconnect(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """What it takes to undo it is kept in this very session, the secrets as sealed as they were."""
    connection = connection_of(request, pk)
    sealed = b64encode(bytes(connection.credentials)).decode() if connection.credentials else ""
    off = {**request.session.get("disconnected", {}), str(pk): [connection.token, sealed]}
    connections.disconnect(connection, request.user)
    request.session["disconnected"] = off
    said = _("%(name)s is disconnected. Everything it brought stays.") % {"name": connection.name}
    messages.success(request, said, extra_tags=f"undo:{url(request, 'restore_connection', pk=pk)}")
    return to(request)


@allow(May.MANAGE)
@require_POST
def restore(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Undo of a disconnection that this very session made."""
    connection = get_object_or_404(Connection.objects.of(request.workspace), pk=pk)
    off = request.session.get("disconnected", {})
    token, sealed = off.pop(str(pk), (None, ""))
    if token is None:
        messages.error(request, _("This can no longer be undone. Connect the service anew under the same name."))
        return to(request)
    request.session["disconnected"] = off
    try:
        connections.restore(connection, request.user, token, b64decode(sealed) if sealed else None)
    except Refused as refused:
        messages.error(request, str(refused))
        return to(request)
    messages.success(request, _("%(name)s is connected again.") % {"name": connection.name})
    return to(request, connection)
