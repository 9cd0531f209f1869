"""What the public pages share: who looks, in which language, and how often."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from vincle.accounts.sender import household
from vincle.identify.models import Wish
from vincle.listen.models import Handle
from vincle.store.buckets import Buckets

from . import links, stating

STRANGERS = Buckets(burst=30, rate=0.5)
"""Requests of one sender to addresses that lead nowhere."""
CHANGES = Buckets(burst=20, rate=0.1)
"""Changes at one address."""
Answer = TypeVar("Answer", bound=HttpResponseBase)
Page = Callable[[HttpRequest, links.Opened, Handle], HttpResponse]


def visited(request: HttpRequest, token: str, show: Page, kind: links.Kind = "letter") -> HttpResponse:
    """Open a signed address and show its page in the language of whose it is."""
    found = links.opened(token, kind)
    handle = stating.handle_of(found.workspace, found.handle) if found else None
    if found is None or handle is None:
        return sealed(nothing(request))
    with translation.override(_language(request, found.workspace.pk, found.handle)):
        if request.method == "POST" and not CHANGES.take(f"{found.workspace.pk} {found.handle}"):
            answer = said(request, "too_many", status=429)
            answer["Retry-After"] = "10"
            return sealed(answer)
        return sealed(show(request, found, handle))


def nothing(request: HttpRequest) -> HttpResponse:
    """For addresses that lead nowhere."""
    if not STRANGERS.take(household(request)):
        answer = said(request, "too_many", status=429)
        answer["Retry-After"] = "30"
        return answer
    return said(request, "none", status=404)


def said(request: HttpRequest, what: str, more: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page that only says something."""
    return render(request, "preferences/said.html", {"what": what, **(more or {})}, status=status)


def sealed(answer: Answer) -> Answer:
    """Nobody else is told of the address, and nothing of the page is kept on the way."""
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _language(request: HttpRequest, workspace: int, handle: int) -> str:
    """What they ask for in the address, else what they had chosen, else what their browser speaks."""
    spoken = dict(settings.LANGUAGES)
    asked = request.GET.get("l", "")
    if asked in spoken:
        return asked
    wished = Wish.objects.of(workspace).filter(handle=handle).values_list("language", flat=True).first()
    return wished if wished in spoken else translation.get_language_from_request(request)


def masked(value: str) -> str:
    """An address as someone knows their own in it, and nobody learns another's.

    >>> masked("ana.torres@example.org"), masked("+34600123456")
    ('a•••@example.org', '•••56')
    """
    name, at, domain = value.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"•••{value[-2:]}"
