"""What is held about someone, on a page whose address was sent to them alone: to see, correct, take away, and have deleted."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from vincle.accounts.access import public
from vincle.accounts.models import Workspace
from vincle.identify import consent_actions, forgetting
from vincle.listen.models import Handle
from vincle.store.buckets import Buckets

from . import holdings, links, stating
from .visiting import nothing, said, sealed, visited

LONGEST = 160
DOWNLOADS = Buckets(burst=5, rate=1 / 60)
"""Everything held about one person, written out."""


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Seen; posted to, corrected or forgotten."""

    def show(request: HttpRequest, found: links.Opened, handle: Handle) -> HttpResponse:
        if request.method != "POST":
            return _shown(request, found, handle, token)
        return (_forgotten if "forget" in request.POST else _corrected)(request, found, handle, token)

    return visited(request, token, show, "own")


def _shown(request: HttpRequest, found: links.Opened, handle: Handle, token: str, wrong: str = "", status: int = 200) -> HttpResponse:
    held = holdings.of(found.workspace, handle)
    known = {name: value for name, value, _day in held.traits}
    labels = {
        "first_name": gettext("First name"), "last_name": gettext("Last name"), "company": gettext("Company"), "city": gettext("City"),
        "language": gettext("Language"),
    }  # fmt: skip
    context = {
        "workspace": found.workspace, "held": held, "token": token, "wrong": wrong, "is_saved": request.GET.get("saved") == "1",
        "fields": [(name, labels[name], known.get(name, "")) for name in holdings.SHOWN],
        "more": [each for each in held.traits if each[0] not in holdings.SHOWN], "letter": links.token(found.workspace, handle.key),
        "policy": consent_actions.policy(found.workspace),
    }  # fmt: skip
    return render(request, "preferences/own.html", context, status=status)


def _corrected(request: HttpRequest, found: links.Opened, handle: Handle, token: str) -> HttpResponse:
    held = holdings.of(found.workspace, handle)
    known = {name: str(value) for name, value, _day in held.traits}
    given = {name: " ".join(request.POST.get(name, "").replace("\x00", "").split())[:LONGEST] for name in holdings.SHOWN}
    changed = {name: value for name, value in given.items() if name in request.POST and value != known.get(name, "")}
    if changed:
        full = " ".join(filter(None, (given["first_name"], given["last_name"]))) if {"first_name", "last_name"} & changed.keys() else ""
        stating.state(found.workspace, handle, [], way="page", traits=changed, name=full)
    place = redirect("preferences_public:own", token=token)
    place["Location"] += "?saved=1"
    return place


def _forgotten(request: HttpRequest, found: links.Opened, handle: Handle, token: str) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        return _shown(request, found, handle, token, gettext("Tick the box first: this cannot be taken back."), 422)
    held = holdings.of(found.workspace, handle)
    forgetting.forget(found.workspace, held.keys, reason="asked", actor=stating.ACTOR)
    return said(request, "forgotten", {"workspace": found.workspace})


@public
@require_GET
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """All of it as JSON, streamed."""
    found = links.opened(token, "own")
    handle = stating.handle_of(found.workspace, found.handle) if found else None
    if found is None or handle is None:
        return sealed(nothing(request))
    if not DOWNLOADS.take(f"{found.workspace.pk} {handle.key}"):
        refused = said(request, "too_many", status=429)
        refused["Retry-After"] = "60"
        return sealed(refused)
    answer = StreamingHttpResponse(_written(found.workspace, handle), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="about-me.json"'
    return sealed(answer)


def _written(workspace: Workspace, handle: Handle) -> Iterator[bytes]:
    everything = holdings.everything(workspace, handle)
    keys = holdings.of(workspace, handle).keys
    yield _encode(everything)[:-1] + b',"activities":['
    first = True
    for act in holdings.acts(workspace, keys):
        yield (b"" if first else b",") + _encode(act)
        first = False
    yield b"]}"


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)
