"""What readers of letters open: the letter in their browser, and the pictures in it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import public
from vincle.engage.outbox.models import Send

from . import addresses, sending
from .models import Picture

FRAME_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; font-src https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""A letter may show itself, and nothing in it may run."""


@public
@never_cache
@require_safe
def view(request: HttpRequest, token: str) -> HttpResponse:
    """A letter as its reader got it; without counting, for whoever has it may hand it on."""
    number, _signature = addresses.send_of(token)
    send = Send.objects.filter(pk=number, job__isnull=False).select_related("job__workspace").first() if number else None
    if send is None or not addresses.verified(bytes(send.workspace.secret), token):
        raise Http404("no such letter")
    made = sending.shown(send)
    if made is None:
        raise Http404("nothing to show")
    response = HttpResponse(made.html)
    response["Content-Security-Policy"] = FRAME_POLICY
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


@public
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """A picture of a letter; it never changes under its address."""
    found = Picture.objects.filter(token=token).only("content", "content_type", "sha256").first()
    if found is None:
        raise Http404("no such picture")
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
