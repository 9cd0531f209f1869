"""What puts a form on another site, and on a tablet at an event where the network comes and goes."""

import gzip
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import public
from vincle.accounts.sender import household

from . import receiving, showing, views_public, visiting, wording
from .models import State

SCRIPT = Path(__file__).parent / "static" / "leads" / "forms.js"
WORKER = Path(__file__).parent / "static" / "leads" / "worker.js"
LATEST = timedelta(days=14)
"""A tablet may be without a network for so long."""


@lru_cache(maxsize=2)
def _script() -> tuple[bytes, bytes, str]:
    raw = SCRIPT.read_bytes()
    return raw, gzip.compress(raw, 9, mtime=0), f'"{blake2b(raw, digest_size=8).hexdigest()}"'


@public
@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    """The script that sites load to show our forms."""
    raw, packed, etag = _script()
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(packed if is_packed else raw, content_type="text/javascript; charset=utf-8")
    if is_packed:
        answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"], answer["Vary"] = "public, max-age=3600, stale-while-revalidate=86400", "Accept-Encoding"
    answer["Access-Control-Allow-Origin"], answer["Cross-Origin-Resource-Policy"] = "*", "cross-origin"
    answer["ETag"] = etag
    return get_conditional_response(request, etag, response=answer) or answer


@public
@never_cache
@require_safe
def stand(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A form for many people one after another: it goes on without a network, and sends when there is one again."""
    found = views_public.live(slug)
    _number, asked = receiving.version_of(found)
    language = showing.language_for(request, asked.languages, request.GET.get("lang", ""))
    with translation.override(language):
        visit = visiting.visit_of(request, found, language)
        visit.cookie, visit.handle, visit.is_stand = "", None, True
        context = {
            **views_public.context_of(request, found, asked, visit), "brand": showing.colours(found.workspace, asked.colour),
            "company": views_public.company(found.workspace), "is_closed": found.state != State.LIVE,
            "action": reverse("leads_public:stand_send", kwargs={"slug": slug}),
            "worker": reverse("leads_public:stand_worker", kwargs={"slug": slug}), "after": asked.after.title.get(language, ""),
        }  # fmt: skip
        answer = visiting.policy(render(request, "leads/stand.html", context), asked, is_embedded=False)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@csrf_exempt
@public
@never_cache
@require_POST
def stand_send(request: HttpRequest, slug: str) -> JsonResponse:
    """One entry of the tablet; sent twice, it is one. 200 kept, 422 what is wrong with which field, 409 closed, 429 later."""
    found = views_public.live(slug)
    if found.state != State.LIVE:
        return JsonResponse({"code": "closed"}, status=409)
    if not (visiting.STANDS.take(household(request)) and visiting.CROWDS.take(f"stand:{found.pk}")):
        return JsonResponse({"code": "later"}, status=429, headers={"Retry-After": "30"})
    _number, asked = receiving.version_of(found)
    language = showing.language_for(request, asked.languages, request.POST.get("lang", ""))
    with translation.override(language):
        visit = visiting.visit_of(request, found, language)
        visit.cookie, visit.handle, visit.is_stand = "", None, True
        visit.touch = {**visit.touch, "way": "stand"}
        received = receiving.submit(found, visit, _moment(request.POST.get("at", "")), request.POST.get("entry", "")[:40])
        if received.submission is not None:
            return JsonResponse({"code": "kept"})
        if received.is_anew:
            return JsonResponse({"code": "anew"}, status=410)
        kinds = {item.id: item.kind for item in asked.items}
        return JsonResponse(
            {"wrong": {each.item: wording.wrong(each.code, kinds.get(each.item, "")) for each in received.given.wrong}}, status=422
        )


def _moment(text: str) -> datetime | None:
    """When the tablet took it, by its own clock; a clock that cannot be right is not believed."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    now = timezone.now()
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if now - LATEST <= at <= now else None


@public
@require_safe
def stand_worker(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the page at hand; its reach ends with the address of the form."""
    views_public.live(slug)
    kept = [reverse("leads_public:stand", kwargs={"slug": slug}), reverse("leads_public:theme", kwargs={"slug": slug})]
    kept += [static("leads/public.css"), static("leads/stand.js")]
    body = f"const PAGES = {kept!r};\n".encode() + WORKER.read_bytes()
    answer = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = reverse("leads_public:form", kwargs={"slug": slug})
    return answer
