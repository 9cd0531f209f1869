"""The preference centre behind the link of a letter. To look at it changes nothing: programs that follow links unsubscribe nobody."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import public
from vincle.accounts.sender import sender
from vincle.engage.outbox.models import Send
from vincle.identify import consent_actions
from vincle.identify.consent_rules import MARKETING
from vincle.listen.models import Handle
from vincle.store.buckets import Buckets

from . import choices, links, optin, visiting
from .asking import send_own_link
from .visiting import masked, said, visited

LINKS = Buckets(burst=3, rate=1 / 600)
"""Mails with a link that one address is sent."""


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What they get, how often, where from; posted to, their choices. The address itself is the key: no cookie is needed."""
    return visited(request, token, _saved if request.method == "POST" else _shown)


def _shown(request: HttpRequest, found: links.Opened, handle: Handle, more: dict[str, Any] | None = None) -> HttpResponse:
    now = timezone.now()
    context = {
        "workspace": found.workspace, "address": masked(handle.value), "choices": choices.current(found.workspace, handle, now),
        "every": choices.EVERY, "pauses": choices.PAUSES, "post_to": request.path,
        "token": links.token(found.workspace, handle.key, found.send),
        "policy": consent_actions.policy(found.workspace), "languages": settings.LANGUAGES, "language": translation.get_language(),
        "is_saved": request.GET.get("saved") == "1", **(more or {}),
    }  # fmt: skip
    return render(request, "preferences/page.html", context)


def _saved(request: HttpRequest, found: links.Opened, handle: Handle) -> HttpResponse:
    ip = sender(request)
    if "leave" in request.POST:
        choices.leave(found.workspace, handle, send=found.send, ip=ip)
    else:
        posted = {**request.POST.dict(), "stop": " ".join(request.POST.getlist("stop"))}
        choices.save(found.workspace, handle, posted, request.POST.getlist("topic"), send=found.send, ip=ip)
    language = request.GET.get("l", "")
    place = redirect("preferences_public:page", token=links.token(found.workspace, handle.key, found.send))
    place["Location"] += "?saved=1" + (f"&l={language}" if language in dict(settings.LANGUAGES) else "")
    return place


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a mail program posts here when its reader presses Unsubscribe. Opened in a browser it asks first."""
    return visited(request, token, _unsubscribed if request.method == "POST" else _asked)


def _topic(found: links.Opened) -> str:
    topic = Send.objects.of(found.workspace).filter(pk=found.send).values_list("topic", flat=True).first() if found.send else ""
    return topic if topic and topic not in ("service", "answer", "confirmation") else MARKETING


def _asked(request: HttpRequest, found: links.Opened, handle: Handle) -> HttpResponse:
    topic = _topic(found)
    name = next((name for key, name, _more in choices.offered(found.workspace) if key == topic), "")
    more = {"is_asked": True, "asked": "" if topic == MARKETING else name, "post_to": request.path}
    return _shown(request, found, handle, more)


def _unsubscribed(request: HttpRequest, found: links.Opened, handle: Handle) -> HttpResponse:
    choices.unsubscribe(found.workspace, handle, _topic(found), send=found.send, ip=sender(request))
    link = links.token(found.workspace, handle.key, found.send)
    return said(request, "unsubscribed", {"workspace": found.workspace, "address": masked(handle.value), "token": link})


@public
@csrf_exempt
@require_http_methods(["POST"])
def send_link(request: HttpRequest, token: str) -> HttpResponse:
    """Send the way to what is held about them to their address: a letter may have been handed on, a mail reaches its owner."""
    return visited(request, token, _link_sent)


def _link_sent(request: HttpRequest, found: links.Opened, handle: Handle) -> HttpResponse:
    more = {"workspace": found.workspace, "address": masked(handle.value), "policy": consent_actions.policy(found.workspace)}
    if not LINKS.take(f"{found.workspace.pk} {handle.key}"):
        return said(request, "too_many", more, status=429)
    is_sent = send_own_link(found.workspace, handle, translation.get_language())
    return said(request, "link_sent" if is_sent else "no_way", {**more, "token": links.token(found.workspace, handle.key, found.send)})


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Double opt-in: the link asks, the button confirms."""
    try:
        row = optin.found(token)
    except optin.TooLate:
        return visiting.sealed(visiting.nothing(request))
    with translation.override(row.language):
        if request.method == "POST":
            row = optin.confirm(row, sender(request))
            if row.then:
                place = HttpResponse(status=303)
                place["Location"] = row.then
                return visiting.sealed(place)
        link = links.token(row.workspace, row.handle)
        return visiting.sealed(render(request, "preferences/confirm.html", {"row": row, "workspace": row.workspace, "token": link}))
