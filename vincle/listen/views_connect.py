"""Connecting a service: choose it, do what its guide says, bring what it asks for, say yes there and come back."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.rules import Refused
from vincle.channels.live import Problem

from . import connections, doctor_words, oauth, offers
from . import standing as standing_of
from .connect_form import ConnectForm
from .models import Connection
from .offers import Offer

TROUBLE = "connect_trouble"


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"listen:{name}", kwargs={"workspace": request.workspace.slug, **more})


def to(request: WorkspaceRequest, connection: Connection | None = None) -> HttpResponse:
    return redirect(url(request, "connection", pk=connection.pk) if connection else url(request, "connections"))


def connection_of(request: WorkspaceRequest, pk: int) -> Connection:
    found: Connection = get_object_or_404(Connection.objects.of(request.workspace).filter(token__isnull=False), pk=pk)
    found.workspace = request.workspace
    return found


def back_address(request: WorkspaceRequest) -> str:
    """Where platforms send whoever has said yes; the same for every service of a workspace."""
    return settings.PUBLIC_URL + url(request, "connection_back")


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """Which service; with `?service=` how it is connected, and by POST the connection."""
    if "service" not in request.GET:
        return _choose(request)
    offer = offers.offer(request.GET["service"])
    if offer is None:
        raise Http404("no such service")
    if request.method != "POST":
        return _set_up(request, offer, ConnectForm(offer.spec, values=offer.guide.preset))
    form = ConnectForm(offer.spec, request.POST)
    connection = _connected(request, offer, form) if form.is_valid() else None
    if connection is None:
        return _set_up(request, offer, form)
    if offer.spec.oauth and not _has_token(form):
        return _there(request, connection)
    if offers.can_check(offer.spec.id):
        test(request, connection)
    return to(request, connection)


def _has_token(form: ConnectForm) -> bool:
    """Whether a token was given by hand, so that nobody has to say yes."""
    return bool(form.given()[1].get("access_token"))


def _connected(request: WorkspaceRequest, offer: Offer, form: ConnectForm) -> Connection | None:
    """The connection, or None with the reason in the form."""
    plain, sealed = form.given()
    name = form.cleaned_data["name"]
    try:
        return connections.connect(request.workspace, request.user, offer.spec.id, name, settings=plain, secrets=sealed)
    except Refused as refused:
        form.refuse(refused)
        return None


def _choose(request: WorkspaceRequest) -> HttpResponse:
    today = request.GET.get("today") == "1"
    found = offers.offers(request.workspace, request.GET.get("q", ""), today)
    return render(request, "listen/connection_new.html", {"groups": found, "today": today})


def _set_up(request: WorkspaceRequest, offer: Offer, form: ConnectForm) -> HttpResponse:
    context = {
        "offer": offer, "form": form, "scopes": offers.scopes(offer.spec, offer.guide), "last": len(offer.steps) + 1,
        "head": _("Connect %(name)s") % {"name": offer.name}, "is_plain": needs_tls(offer), "back_address": back_address(request),
    }  # fmt: skip
    return render(request, "listen/connection_set_up.html", context)


def needs_tls(offer: Offer) -> bool:
    """Whether this service could not reach this installation."""
    return bool(offer.spec.secrets) and not settings.PUBLIC_URL.startswith("https://")


def test(request: WorkspaceRequest, connection: Connection) -> bool:
    """Ask the service who we are there and say what came of it; what is wrong stands on the page of the connection."""
    try:
        standing = connections.check(connection)
    except Problem as problem:
        trouble(request, connection, problem)
        return False
    if not standing_of.is_asked(connection):
        return True  # nobody was asked: it only delivers
    told = {"service": offers.name_of(connection.channel), "account": standing.account}
    said = _("%(service)s knows you as %(account)s.") if standing.account else _("%(service)s answers.")
    messages.success(request, said % told)
    return True


def trouble(request: WorkspaceRequest, connection: Connection, problem: Problem) -> None:
    """To be told on the next page, once."""
    request.session[TROUBLE] = [connection.pk, problem.kind, problem.code, problem.detail]


@allow(May.MANAGE)
@never_cache
@require_POST
def there(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """To the platform, where someone says yes."""
    return _there(request, connection_of(request, pk))


def _there(request: WorkspaceRequest, connection: Connection) -> HttpResponse:
    """By a page of our own: what a form is answered with may not lead elsewhere (`form-action` of the content policy)."""
    try:
        target = oauth.start(request.session, connection, back_address(request))
        host = urlsplit(target).hostname or ""
        context = {
            "row": connection, "target": target, "head": _("On to %(host)s") % {"host": host},
            "sentence": _("You say yes there and come back here by yourself. If nothing happens, go on by the button."),
        }  # fmt: skip
        return render(request, "listen/connection_there.html", context)
    except Refused as refused:
        messages.error(request, str(refused))
    except Problem as problem:
        trouble(request, connection, problem)
    return to(request, connection)


@allow(May.MANAGE)
@never_cache
@require_safe
def back(request: WorkspaceRequest) -> HttpResponse:
    """From the platform, with a yes, a no, or what went wrong there."""
    given = {name: request.GET.get(name, "")[:2000] for name in ("state", "code", "error", "error_description")}
    begun = _begun(request, given["state"])
    try:
        connection = oauth.finish(request.session, request.workspace, request.user, given)
    except Problem as problem:
        if begun is None:
            found = doctor_words.said(problem.kind, problem.code)
            messages.error(request, f"{found.what}. {found.do}")
        else:
            trouble(request, begun, problem)
        return to(request, begun)
    if test(request, connection):
        return redirect(url(request, "connection", pk=connection.pk) + "#past")
    return to(request, connection)


def _begun(request: WorkspaceRequest, state: str) -> Connection | None:
    """The connection that this browser went to the platform for, when it was not too long ago."""
    try:
        kept = request.session.get(oauth.SESSION, {}).get(state, "")
        pk = signing.loads(kept, salt=oauth.SALT, max_age=oauth.VALID)[1]
    except signing.BadSignature:
        return None
    return Connection.objects.of(request.workspace).filter(pk=pk, token__isnull=False).first()
