"""A short link is opened: where it leads is found, the visit is kept, and nobody is held up by either."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from vincle.accounts.sender import household
from vincle.channels import links as channel
from vincle.channels._surroundings import is_machine
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.store.blame import said
from vincle.store.buckets import Buckets

from . import links
from .models import ShortLink

MOST: Final = Buckets(30, 0.5)
"""Visits counted of one visitor to one link: so many at once, so many a second. Beyond that they are led on all the same."""
MOST_OF_LINK: Final = Buckets(500, 50)
_PREVIEWS: Final = ("slackbot", "whatsapp", "telegrambot", "discordbot", "twitterbot", "skypeuripreview", "curl/", "wget/", "python-",
                    "go-http", "java/", "okhttp", "libwww", "httpclient", "node-fetch", "axios/")  # fmt: skip
logger = structlog.get_logger(__name__)


def visitor(request: HttpRequest, now: datetime) -> str:
    """Tells visitors of one day apart, and says nothing of who they are: no cookie, and another day it is another name."""
    text = "\x1f".join((now.date().isoformat(), household(request), request.headers.get("User-Agent", "")))
    return hmac.new(settings.SECRET_KEY.encode(), b"visit" + text.encode("utf-8", "replace"), sha256).hexdigest()[:24]


def looks_automatic(request: HttpRequest) -> bool:
    """Whether a program asks: previews, scanners, what only looks at the heads, what a browser fetches ahead of its reader."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")).lower()
    return (
        request.method != "GET" or not agent or "prefetch" in ahead or is_machine(agent) or any(each in agent.lower() for each in _PREVIEWS)
    )


def note(request: HttpRequest, link: ShortLink, now: datetime) -> bool:
    """Keep the visit; False when it is not counted. It never raises: the visitor is led on whatever happens here."""
    who = visitor(request, now)
    if not (MOST.take(f"{link.pk}:{who}") and MOST_OF_LINK.take(str(link.pk))):
        return False
    sharer = Handle.objects.filter(key=link.handle).values_list("kind", "value").first() if link.handle else None
    visit = channel.Visit(
        id=uuid4().hex, at=now, code=link.code, url=link.target, campaign=links.campaign_key(link), machine=looks_automatic(request),
        visitor=who, source=_host(request), sharer=channel.Who(*sharer) if sharer else None,
    )  # fmt: skip
    try:
        listen.take_in(listen.connection_for(link.workspace, "links"), channel.write(visit), now)
    except DatabaseError as error:
        logger.warning("a visit to a short link was not counted", link=link.code, error=said(error))
        return False
    return True


def _host(request: HttpRequest) -> str:
    try:
        found = urlsplit(request.headers.get("Referer", "")[:2000]).hostname or ""
    except ValueError:
        return ""
    return found[:120] if found.isprintable() else ""
