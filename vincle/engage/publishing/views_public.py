"""What everyone may open: short links, and pictures by the signed address a platform was given."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import public
from vincle.accounts.sender import household
from vincle.store.buckets import Buckets

from . import links, sharing, visiting
from .models import ShortLink

_LONGEST_CODE = 40
STRANGERS = Buckets(burst=60, rate=0.5)
"""Requests of one sender for codes that are none: nobody shall find those of others by trying."""


@public
@never_cache
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead on to what is stored for this code, and nowhere else."""
    who = household(request)
    if not STRANGERS.has(who):
        response = render(request, "publishing/gone.html", status=429)
        response["Retry-After"] = "30"
        return response
    link = None
    if len(code) <= _LONGEST_CODE and code.isascii() and code.isprintable():
        link = ShortLink.objects.select_related("workspace", "post").filter(code=code.lower()).first()
    if link is None or link.retired_at is not None:
        STRANGERS.take(who)
        return render(request, "publishing/gone.html", status=404 if link is None else 410)
    visiting.note(request, link, timezone.now())
    response = HttpResponse(status=302)
    response["Location"] = iri_to_uri(links.destination(link))
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@public
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """A picture that a platform fetches to post it."""
    found = sharing.picture_at(token)
    if found is None:
        return HttpResponse(status=404)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
