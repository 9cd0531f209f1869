"""The circumstances of an event: page, campaign, language, country, whether a machine acted."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from . import _json as js
from ._identifiers import country
from ._labels import is_label

_MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|phantomjs|lighthouse|pagespeed|preview|facebookexternalhit|embedly|pingdom|uptime|"
    r"statuscake|gtmetrix|scanner|barracuda|mimecast|proofpoint|googleimageproxy|scrapy",
    re.IGNORECASE,
)
_LOCALE = re.compile(r"([a-zA-Z]{2,3})(?:[-_.@].*)?")
_MAIL = re.compile(r"[^/@\s]+(?:@|%40)[^/@\s]+\.[^/@\s]+", re.IGNORECASE)
_UTM = ("source", "medium", "term", "content")
_FIRST = {"name": "campaign", "source": "source", "medium": "medium", "landing": "landing", "referrer": "referrer", "at": "at"}
LONGEST_KEY = 300
LONGEST_NAME = 120
_SMALL, _MEDIUM = 768, 1200


class Surroundings(Struct, frozen=True):
    """What the context of an event says. `props` may be counted; `page` and `traits` are as they were sent."""

    cookieless: bool = False
    is_machine: bool = False
    language: str = ""
    country: str = ""
    place: str = ""
    campaign: str = ""
    props: dict[str, Any] = {}
    page: dict[str, Any] = {}
    traits: dict[str, Any] = {}


class Address(Struct, frozen=True):
    """A web address without what follows the page: `url`, its path, the campaign its query names."""

    url: str = ""
    path: str = ""
    campaign: str = ""
    utm: tuple[tuple[str, str], ...] = ()


def surroundings(context: dict[str, Any], agent: str) -> Surroundings:
    """Read a context. `agent` is the browser's or client's own name, used when the context gives none."""
    said, place = js.obj(context.get("campaign")), js.obj(context.get("location"))
    locale, city = js.text(context.get("locale")), js.text(place.get("city"))[:120]
    props: dict[str, Any] = {f"utm_{name}": value for name in _UTM if (value := label(said.get(name)))}
    if click := label(said.get("click")):
        props["click"] = click
    first = js.obj(context.get("first"))
    props |= {f"first_{told}": value for name, told in _FIRST.items() if (value := label(first.get(name)))} if first else {}
    library = label(js.at(context, "library", "name"))
    if library:
        props["library"] = library
    if locale and is_label(locale):
        props["locale"] = locale
    if size := _size(js.number(js.at(context, "screen", "width"))):
        props["screen"] = size
    return Surroundings(
        cookieless=context.get("cookieless") is True, is_machine=is_machine(js.text(context.get("userAgent")) or agent),
        language=language(locale), country=country(js.text(place.get("country"))) if place else "", place=city,
        campaign=label(said.get("name")), props=props, page=js.obj(context.get("page")), traits=js.obj(context.get("traits")),
    )  # fmt: skip


def label(value: Any) -> str:
    """A name someone of ours gave, such as that of a campaign; '' when it is none or holds an e-mail address."""
    text = js.text(value).strip()
    return text if len(text) <= LONGEST_NAME and "@" not in text and text.isprintable() else ""


@lru_cache(maxsize=4096)
def is_machine(agent: str) -> bool:
    """Whether a user agent is that of a robot. The programs by which servers send are none: they speak for people.

    >>> is_machine("Mozilla/5.0 (compatible; Googlebot/2.1)"), is_machine("analytics-python/2.4.0"), is_machine("curl/8.5.0")
    (True, False, False)
    """
    return _MACHINES.search(agent) is not None


@lru_cache(maxsize=1024)
def language(locale: str) -> str:
    """The language of a locale: "es" of "es-ES"."""
    found = _LOCALE.fullmatch(locale.strip()) if len(locale) < 40 else None
    return found[1].lower() if found else ""


def _size(width: float | None) -> str:
    if not width or width <= 0:
        return ""
    return "small" if width < _SMALL else "medium" if width < _MEDIUM else "large"


@lru_cache(maxsize=8192)
def address(url: str) -> Address:
    """A web address without query, fragment, credentials and e-mail addresses; an empty one when it is none.

    >>> found = address("https://shop.example/a/ana@x.org?utm_campaign=May&utm_source=x&q=me#top")
    >>> found.url, found.path, found.campaign, found.utm
    ('https://shop.example/a/*', '/a/*', 'May', (('utm_source', 'x'),))
    """
    if not url or len(url) > 4000 or not url.isprintable():
        return Address()
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return Address()
    path = without_mail(parts.path)
    whole = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}" if host and parts.scheme in ("http", "https") else ""
    if "utm_" not in parts.query:
        return Address(whole[:2000], path[:LONGEST_KEY])
    said = {name: value for name, value in parse_qsl(parts.query) if name.startswith("utm_")}
    utm = tuple((name, value) for name in (f"utm_{each}" for each in _UTM) if (value := label(said.get(name))))
    return Address(whole[:2000], path[:LONGEST_KEY], label(said.get("utm_campaign")), utm)


def without_mail(path: str) -> str:
    """A path in which no part is an e-mail address."""
    return _MAIL.sub("*", path) if "@" in path or "%40" in path else path


@lru_cache(maxsize=8192)
def host(url: str) -> str:
    """The host of an address, or ''."""
    try:
        return (urlsplit(url).hostname or "")[:120] if len(url) < 4000 else ""
    except ValueError:
        return ""
