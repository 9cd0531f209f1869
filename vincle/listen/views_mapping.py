"""Which field of a webhook's JSON means what: chosen on screen, tried on what came last, kept, and what came before read anew."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.rules import Refused
from vincle.channels import webhook
from vincle.channels.base import FileError

from . import connections, mapped
from .messages import field_name, sentence
from .models import Connection
from .views_connect import connection_of, to

_MOST, _LONGEST_SAMPLE = 400, 200_000
KINDS: dict[str, Any] = {
    "event": gettext_lazy("Something that happened"), "message": gettext_lazy("Messages"), "note": gettext_lazy("Comments"),
    "mention": gettext_lazy("Mentions"), "review": gettext_lazy("Reviews"), "form": gettext_lazy("Forms that were filled in"),
    "order": gettext_lazy("Orders"), "contact": gettext_lazy("People"),
}  # fmt: skip


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """GET shows; POST with `act` = keep keeps, else tries what was chosen without keeping anything."""
    connection = connection_of(request, pk)
    if not mapped.is_mapped(connection):
        raise Http404
    chosen = _posted(request) if request.method == "POST" else _standing(connection)
    wrong = ""
    if request.method == "POST" and request.POST.get("act") == "keep":
        try:
            return _kept(request, connection, chosen)
        except Refused as refused:
            wrong = str(refused)
    return render(request, "listen/connection_mapping.html", _shown(connection, chosen, wrong), status=422 if wrong else 200)


def _standing(connection: Connection) -> dict[str, Any]:
    known = connection.settings
    fields = webhook.mapping_of(known.get("mapping", ""))
    return {"fields": fields, "kind": known.get("kind") or "event", "each": known.get("each", ""), "sample": ""}


def _posted(request: WorkspaceRequest) -> dict[str, Any]:
    said = request.POST
    pairs = ((said.get(f"path-{n}", ""), said.get(f"field-{n}", "")) for n in range(_MOST) if f"path-{n}" in said)
    fields = {path: field for path, field in pairs if path and field in webhook.FIELDS}
    kind = said.get("kind", "") if said.get("kind", "") in KINDS else "event"
    return {"fields": fields, "kind": kind, "each": said.get("each", "").strip()[:200], "sample": said.get("sample", "")[:_LONGEST_SAMPLE]}


def _kept(request: WorkspaceRequest, connection: Connection, chosen: dict[str, Any]) -> HttpResponse:
    """Raises Refused."""
    if not chosen["fields"]:
        raise Refused(_("Say of one field at least what it is."))
    lines = "; ".join(f"{path} = {field}" for path, field in chosen["fields"].items())
    new = {**connection.settings, "mapping": lines, "kind": chosen["kind"], "each": chosen["each"]}
    connections.set_settings(connection, request.user, new)
    connection.refresh_from_db()
    said = _("From now on %(name)s is read so.") % {"name": connection.name}
    if request.POST.get("again") == "1" and (done := mapped.read_again(connection, request.user)):
        told = ngettext("%(n)d delivery that came before is read anew.", "%(n)d deliveries that came before are read anew.", done)
        said = f"{said} {told % {'n': done}}"
    messages.success(request, said)
    return to(request, connection)


def _shown(connection: Connection, chosen: dict[str, Any], wrong: str) -> dict[str, Any]:
    found = mapped.bodies(connection, chosen["sample"])
    shown = mapped.columns(found, chosen["each"])
    fields = chosen["fields"] or {column.heading: column.guess for column in shown if column.guess}
    choices = [("", field_name("")), *sorted(((name, field_name(name)) for name in webhook.FIELDS), key=lambda each: each[1].casefold())]
    tried: tuple[tuple[str, ...], ...] = ()
    if found and fields:
        try:
            tried = mapped.tried(found[0], fields, chosen["each"], chosen["kind"])
        except FileError as fault:
            wrong = wrong or sentence(fault.code)
    elif chosen["sample"] and not shown:
        wrong = wrong or sentence("broken_json")
    return {
        "row": connection, "rows": [(column, fields.get(column.heading, ""), not chosen["fields"] and column.guess) for column in shown],
        "choices": choices, "kinds": KINDS.items(), "chosen": chosen, "tried": [_in_words(each, chosen["kind"]) for each in tried],
        "wrong": wrong, "has_come": bool(found), "is_pasted": bool(chosen["sample"].strip()),
    }  # fmt: skip


def _in_words(told: tuple[str, ...], kind: str) -> dict[str, Any]:
    """What it is, who, when and the words."""
    known = {"Fact": _("What is known of someone"), "Unknown": _("Nothing that is known: kept as it came")}
    return {
        "what": known.get(told[0], KINDS[kind]),
        "who": told[1],
        "at": datetime.fromisoformat(told[2]) if told[2] else None,
        "words": told[3],
    }
