"""Who must not be written to: looked up, added, taken off with a written reason, taken out as CSV."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels._identifiers import email, phone
from vincle.engage import speaking
from vincle.identify import consent_actions
from vincle.identify.consent_actions import Refused
from vincle.identify.consent_rules import can_team_lift
from vincle.identify.models import Suppression
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.store.export import csv_response
from vincle.vocabulary import handle_key, public_id

from .views import url

PAGE = 50
MOST_BYTES = 10 * 1024**2
MOST = 200_000
_BREAKS = re.compile(r"[\s,;\"'<>|]+")
REASONS: dict[str, Any] = {
    "withdrawn": gettext_lazy("took their permission back"), "denied": gettext_lazy("said no"), "bounced": gettext_lazy("mails come back"),
    "complained": gettext_lazy("complained"), "team": gettext_lazy("put here by the team"), "forgotten": gettext_lazy("forgotten"),
}  # fmt: skip


@allow(May.SEE)
@require_safe
def listed(request: WorkspaceRequest) -> HttpResponse:
    rows = _asked(request)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.select_related("by")[: PAGE + 1])
    context = {
        "tabs": speaking.tabs(request.workspace, "consent"), "rows": _rows(request, found[:PAGE]), "may_manage": request.may(May.MANAGE),
        "after": str(found[PAGE - 1].pk) if len(found) > PAGE else None, "reasons": list(REASONS.items()),
        "may_edit": request.may(May.EDIT_PEOPLE), "may_export": request.may(May.EXPORT), "asked": request.GET.urlencode(),
        "is_filtered": bool(request.GET.get("q") or request.GET.get("reason")),
    }  # fmt: skip
    return render(request, "preferences/suppressed.html", context)


def _asked(request: WorkspaceRequest) -> Any:
    """By an address, also one we no longer know: its mark is worked out anew."""
    rows = Suppression.objects.of(request.workspace).order_by("-pk")
    if (reason := request.GET.get("reason", "")) in REASONS:
        rows = rows.filter(reason=reason)
    if words := request.GET.get("q", "").replace("\x00", "").strip()[:320]:
        secret = bytes(request.workspace.secret)
        keys = {handle_key(secret, kind, value) for kind, value in addresses(words, request.workspace.country)[0]}
        rows = rows.filter(handle__in=keys or Handle.objects.of(request.workspace).filter(value__icontains=words).values("key")[:1000])
    return rows


def _rows(request: WorkspaceRequest, found: list[Suppression]) -> list[dict[str, Any]]:
    keys = [row.handle for row in found]
    named = {each.key: each for each in Handle.objects.of(request.workspace).filter(key__in=keys).exclude(value="")}
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", keys))
    return [
        {
            "row": row, "handle": named.get(row.handle), "mark": public_id(row.handle), "reason": REASONS.get(row.reason, row.reason),
            "pid": public_id(owners[row.handle]) if row.handle in owners and row.handle in named else "",
            "can_lift": can_team_lift(row.reason, row.source),
        }
        for row in found
    ]  # fmt: skip


def addresses(text: str, country: str) -> tuple[list[tuple[str, str]], int]:
    """(kind, normalised value) of every address and phone in a text, and how many words were neither."""
    found: dict[tuple[str, str], None] = {}
    unread = 0
    for word in _BREAKS.split(text):
        if not word:
            continue
        if "@" in word and (address := email(word)):
            found["email", address] = None
        elif word.lstrip("+").replace("-", "").isdigit() and (number := phone(word, country)):
            found["phone", number] = None
        else:
            unread += 1
    return list(found), unread


@allow(May.EDIT_PEOPLE)
@require_POST
def add(request: WorkspaceRequest) -> HttpResponse:
    """Put addresses on the list: typed, pasted, or out of a file of any kind of rows."""
    text = request.POST.get("addresses", "")
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > MOST_BYTES:
            messages.error(request, _("The file is larger than 10 MB. Split it."))
            return redirect(url(request, "suppressed"))
        text += "\n" + file.read().decode("utf-8", "replace")
    found, unread = addresses(text.replace("\x00", " "), request.workspace.country)
    if not found or len(found) > MOST:
        messages.error(request, _("No address was found in it.") if not found else _("These are too many at once. Split them."))
        return redirect(url(request, "suppressed"))
    new = consent_actions.suppress(request.workspace, request.user, found, request.POST.get("note", "").replace("\x00", "").strip())
    words = ngettext("%(n)d address was added.", "%(n)d addresses were added.", new) % {"n": new}
    if len(found) > new:
        there = len(found) - new
        words += " " + ngettext("%(n)d was on the list already.", "%(n)d were on the list already.", there) % {"n": there}
    if unread and file is None:
        words += " " + ngettext("%(n)d word is no address.", "%(n)d words are no address.", unread) % {"n": unread}
    messages.success(request, words)
    return redirect(url(request, "suppressed"))


@allow(May.MANAGE)
@require_POST
def lift(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take one off the list, with a reason in writing."""
    row = get_object_or_404(Suppression.objects.of(request.workspace), pk=pk)
    try:
        consent_actions.lift(request.workspace, request.user, row, request.POST.get("why", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is off the list. Whether we may write is for what they agreed to."))
    return redirect(url(request, "suppressed"))


@allow(May.SEE, May.EXPORT)
@require_safe
def export(request: WorkspaceRequest) -> HttpResponseBase:
    """The list as it is filtered. Whoever is forgotten stands in it by their mark alone."""
    audit.record(request.workspace, request.user, "exported", "suppression", "", "")
    headings = [_("Address"), _("Mark"), _("Channel"), _("Reason"), _("Since"), _("Stated by"), _("Note")]
    return csv_response("suppressed.csv", headings, _lines(request))


def _lines(request: WorkspaceRequest) -> Iterator[tuple[Any, ...]]:
    rows, last = _asked(request), None
    while part := list((rows.filter(pk__lt=last) if last else rows)[:1000]):
        named = dict(Handle.objects.of(request.workspace).filter(key__in=[row.handle for row in part]).values_list("key", "value"))
        for row in part:
            yield named.get(row.handle, ""), public_id(row.handle), row.channel, row.reason, row.since.isoformat(), row.source, row.note
        last = part[-1].pk
