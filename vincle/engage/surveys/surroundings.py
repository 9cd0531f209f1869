"""What surrounds a public page of a survey: who sends, where from, which cookies it keeps, which sites may show it."""

import re
from collections.abc import Container
from http.cookies import Morsel
from secrets import token_urlsafe
from typing import Final
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vincle.channels._surroundings import host, label

from . import targeting
from .definition.answers import Form
from .models import Collector, Response, Survey

ANSWER, DEVICE = "vincle_answer", "vincle_device"
LASTS: Final = 30 * 86400
MOST_FIELDS, MOST_VALUES, LONGEST = 3_000, 500, 20_000
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_ORIGIN = re.compile(r"https?://[a-zA-Z0-9.-]+(?::\d{1,5})?$")


def sender(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def zone(survey: Survey) -> ZoneInfo:
    return ZoneInfo(survey.timezone or survey.workspace.timezone)


def form(request: HttpRequest) -> Form:
    """What was sent, within limits."""
    return {name: [str(value)[:LONGEST] for value in request.POST.getlist(name)[:MOST_VALUES]] for name in list(request.POST)[:MOST_FIELDS]}


def touch(request: HttpRequest) -> dict[str, str]:
    """Campaign and site they came from; no address of a page, no more than a name."""
    found = {name: str(request.GET.get(name, "")) for name in _UTM}
    found["referrer"] = host(request.headers.get("Referer", ""))
    return {name: value[:120] for name, value in found.items() if value and label(value)}


def device(request: HttpRequest, collector: Collector) -> str:
    """The browser, where the survey wants one answer a browser; no cookie is asked for otherwise. Kiosks are everybody's."""
    if collector.kind == "kiosk" or collector.survey.one_answer_per not in ("device", "person"):
        return ""
    return request.COOKIES.get(DEVICE, "")[:64]


def is_embedded(request: HttpRequest) -> bool:
    """Whether it stands in a frame of a site."""
    return bool(request.GET.get("embed") or request.POST.get("_embed"))


def visitor(request: HttpRequest, collector: Collector) -> int | None:
    """The handle by which a site knows whom it asks: the answer is theirs by it, and nothing we know of them is shown."""
    if collector.kind != "web" or collector.survey.is_anonymous:
        return None
    found = targeting.known(collector, request.GET.get("visitor", ""))
    return found[0] if found else None


def remember(answer: HttpResponseBase, request: HttpRequest, response: Response) -> HttpResponseBase:
    """So that this browser goes on where it was."""
    if response.collector.kind != "kiosk":
        _cookie(answer, request, ANSWER, response.public_id, f"/s/{response.collector.token}/")
    return answer


def forget(answer: HttpResponseBase, request: HttpRequest, response: Response) -> HttpResponseBase:
    _cookie(answer, request, ANSWER, "", f"/s/{response.collector.token}/", 0)
    return answer


def known(answer: HttpResponseBase, request: HttpRequest, collector: Collector) -> HttpResponseBase:
    """Give the browser a name of its own, where the survey takes one answer from each."""
    wants = collector.kind != "kiosk" and collector.survey.one_answer_per in ("device", "person")
    if wants and not request.COOKIES.get(DEVICE):
        _cookie(answer, request, DEVICE, token_urlsafe(16), "/s/")
    return answer


class _Partitioned(Morsel[str]):
    """A cookie that holds in frames of one site only: on every site the same browser is another."""

    def OutputString(self, attrs: Container[str] | None = None) -> str:
        return f"{super().OutputString(attrs)}; Partitioned"


def _cookie(answer: HttpResponseBase, request: HttpRequest, name: str, value: str, path: str, age: int = LASTS) -> None:
    """In a frame of another site browsers take no cookie that is not said to be meant for it, and that only over https."""
    secure = settings.PUBLIC_URL.startswith("https:")
    is_framed = secure and is_embedded(request)
    answer.set_cookie(name, value, max_age=age, path=path, httponly=True, samesite="None" if is_framed else "Lax", secure=secure)
    if is_framed:
        plain, made = answer.cookies[name], _Partitioned()
        made.set(name, plain.value, plain.coded_value)
        made.update(plain)
        dict.__setitem__(answer.cookies, name, made)


def policy(answer: HttpResponseBase, collector: Collector, *, is_embedded: bool, after: str = "") -> HttpResponseBase:
    """The content policy: nothing of others, and only sites that were named may show it in a frame."""
    origins = [each for each in collector.settings.get("origins", []) if isinstance(each, str) and _ORIGIN.match(each)]
    framed = (" ".join(origins) or "*") if is_embedded and collector.kind == "web" else "'self'"
    target = re.match(r"https?://[a-zA-Z0-9.-]+(?::\d{1,5})?", after)
    answer.headers["Content-Security-Policy"] = "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        f"form-action 'self'{' ' + target[0] if target else ''}", "base-uri 'none'", f"frame-ancestors {framed}",
    ))  # fmt: skip
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers.pop("X-Frame-Options", None)
    answer.xframe_options_exempt = True  # type: ignore[attr-defined]
    return answer
