"""Stopping letters from a link in them, with one click and without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import public

from . import digests


@public
@csrf_exempt  # a mail program posts here by itself (RFC 8058); the signed token says who it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; posted to, the letters stop (`again`: they come again)."""
    row = digests.by_token(token)
    if row is None:
        raise Http404("no such letters")
    if request.method == "POST":
        digests.turn_off(row, is_off="again" not in request.POST)
        row.refresh_from_db()
    with translation.override(row.user.language or translation.get_language()):
        return render(request, "listen/mail/off.html", {"row": row, "is_weekly": row.every == "weekly"})
