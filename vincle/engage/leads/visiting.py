"""Who looks at a public page: the language, where they came from, whom a signed link is for; and how fast they may send."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vincle.accounts.sender import sender
from vincle.channels._surroundings import address, host
from vincle.store.buckets import Buckets

from . import tokens
from .definition import Definition
from .models import Form, Page
from .receiving import Visit

SENDERS = Buckets(burst=20, rate=1 / 15)
"""Submissions of one address of the network: a whole office may send at once, a program not for long."""

CROWDS = Buckets(burst=400, rate=5)
"""Submissions of one form."""

STANDS = Buckets(burst=200, rate=0.2)
"""Entries of one address of the network: what a tablet took in a day without a network comes at once."""

LOOKS = Buckets(burst=120, rate=2)
"""Looks and signs of life of one address of the network that are counted."""

_COOKIE = re.compile(r"[\w-]{8,64}").fullmatch
_UTM = ("source", "medium", "campaign", "term", "content")
_CLICKS = ("gclid", "fbclid", "msclkid")
_FIRST = {"source": "first_source", "medium": "first_medium", "name": "first_campaign", "landing": "first_landing",
          "referrer": "first_referrer", "at": "first_at"}  # fmt: skip


def visit_of(request: HttpRequest, form: Form, language: str, page: Page | None = None) -> Visit:
    """As far as it can be told; a cookie only where the site says that there is consent to it."""
    query, post = request.GET, request.POST
    cookie = (post.get("vid") or query.get("vid") or "") if request.headers.get("Sec-GPC") != "1" else ""
    link = post.get("p") or query.get("p", "")
    return Visit(
        language=language, posted={name: post.getlist(name)[:100] for name in list(post)[:300]},
        agent=request.headers.get("User-Agent", "")[:400], sender=sender(request), page=page, handle=tokens.person_of(form.workspace, link),
        cookie=cookie if _COOKIE(cookie) else "", touch=touch_of(post if post.get("t.url") else query, request),
    )  # fmt: skip


def touch_of(said: Mapping[str, Any], request: HttpRequest) -> dict[str, str]:
    """Where they came from: the campaign of the address, the page it stands on, and their first visit where the site remembers it."""
    embedding = str(said.get("t.url", ""))[:2000]
    whole = embedding or request.build_absolute_uri()
    found = {"url": address(whole[:3900]).url}
    for name in _UTM:
        found[name] = str(said.get(f"utm_{name}", ""))
    found["click"] = next((click for click in _CLICKS if said.get(click)), "")
    referrer = str(said.get("t.ref", "")) or ("" if embedding else request.headers.get("Referer", ""))
    found["referrer"] = host(referrer) if host(referrer) != host(whole) else ""
    found["landing"] = urlsplit(whole[:2000]).path if _is_address(whole) else ""
    for name, told in _FIRST.items():
        found[told] = str(said.get(f"f.{name}", ""))
    found["way"] = "qr" if said.get("src") == "qr" else "embedded" if embedding else ""
    return {name: value[:300] for name, value in found.items() if value}


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).path)
    except ValueError:
        return False


def carried(request: HttpRequest, visit: Visit) -> list[tuple[str, str]]:
    """What the form carries along in hidden fields, so that it is still known when it is sent."""
    said = request.POST if request.method == "POST" and request.POST.get("t.url") else request.GET
    names = [f"utm_{name}" for name in _UTM] + list(_CLICKS) + [f"f.{name}" for name in _FIRST] + ["vid", "p", "src", "embed", "lang"]
    found = [(name, str(said.get(name, ""))[:500]) for name in names if said.get(name)]
    url = str(said.get("t.url", "")) or request.build_absolute_uri()
    referrer = str(said.get("t.ref", "")) or ("" if said.get("t.url") else request.headers.get("Referer", ""))
    return [*found, ("t.url", url[:2000]), *([("t.ref", referrer[:500])] if referrer else [])]


def policy(answer: HttpResponseBase, asked: Definition, *, is_embedded: bool, targets: tuple[str, ...] = ()) -> HttpResponseBase:
    """The content policy of a public page: which sites may show it in a frame, and where sending it may lead."""
    frames = " ".join(asked.origins) if asked.origins else "*"
    framed = frames if is_embedded else "'none'"
    sent_to = " ".join(("'self'", *filter(None, (origin_of(each) for each in targets))))
    answer.headers["Content-Security-Policy"] = "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
        f"form-action {sent_to}", "base-uri 'none'", f"frame-ancestors {framed}", "manifest-src 'self'",
    ))  # fmt: skip
    if is_embedded:
        answer.headers.pop("X-Frame-Options", None)
        answer.xframe_options_exempt = True  # type: ignore[attr-defined]
        answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer


def origin_of(url: str) -> str:
    """The origin of a web address, as a content policy names it; '' when it is none.

    >>> origin_of("https://shop.example/thanks?x=1"), origin_of("javascript:alert(1)"), origin_of("https://a b/")
    ('https://shop.example', '', '')
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    name = parts.hostname or ""
    is_good = parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.-]+", name)
    return f"{parts.scheme}://{name}{port}" if is_good else ""
