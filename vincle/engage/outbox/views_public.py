"""Addresses that stand in mails of ours: a link that counts and leads on, a picture that is fetched when a mail is opened."""

from base64 import b64decode
from contextlib import suppress

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vincle.accounts.access import public

from . import hits, naming, tracking

_PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NEVER_KEPT = {"Cache-Control": "no-store, max-age=0", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@public
@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on, only to what was signed here; a visit that cannot be noted leads on all the same."""
    found = naming.followed(tracking.secret(), token)
    if found is None or not tracking.is_countable(found.url):
        raise Http404("no such link")
    with suppress(DatabaseError):
        hits.note(found.send, found.url, request.headers.get("User-Agent", ""), request.method or "")
    return HttpResponse(status=302, headers={"Location": found.url, **_NEVER_KEPT})


@public
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The same dot for everybody; a token of ours is noted."""
    found = naming.followed(tracking.secret(), token)
    if found is not None and not found.url:
        with suppress(DatabaseError):
            hits.note(found.send, "", request.headers.get("User-Agent", ""), request.method or "")
    return HttpResponse(_PICTURE, content_type="image/gif", headers=_NEVER_KEPT)
