"""Whether the links of a letter lead somewhere: each address is asked once, on demand, through the guarded way out."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from html import unescape
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from vincle.channels.live import Problem
from vincle.listen.line import OutLine

from .blocks import Content, walk
from .checks import Level

MOST: Final = 30
"""More addresses than these are not asked at a time."""

EACH, ALL = 6.0, 20.0
"""Seconds for one address, and for all of them."""

AT_ONCE: Final = 6
_NO_HEAD: Final = (400, 403, 404, 405, 501)
"""What servers say that do not like to be asked for the head alone: they are asked for the page."""


_HREF: Final = re.compile(r'<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]*)"', re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s<>()\"'{}]+", re.IGNORECASE)


class Found(NamedTuple):
    """`words` say what is the matter with `url`, in `block` ("" for the letter's own text)."""

    url: str
    block: str
    level: Level
    words: str


class Looked(NamedTuple):
    """How many addresses were `asked`, how many were `left` for there were too many, and those that do not lead where they should."""

    asked: int
    left: int
    found: list[Found]


def look(content: Content) -> Looked:
    """Ask every address that stands in a letter as it is: those with Liquid in them are another for each reader. Blocks for seconds."""
    places: dict[str, str] = {}
    for url, block in addresses(content):
        places.setdefault(url, block)
    urls = list(places)[:MOST]
    found = [Found(url, places[url], *told) for url, told in _asked(urls).items() if told]
    return Looked(len(urls), len(places) - len(urls), found)


def addresses(content: Content) -> Iterator[tuple[str, str]]:
    """(address, block) of everything that leads out over http, pictures of ours left out."""
    for block in walk(content["blocks"]):
        named = [block.get(name) or "" for name in ("url", "src", "image")]
        inside = [unescape(url) for url in _HREF.findall(block["html"])] if block["kind"] in ("text", "html") else []
        yield from ((url, block["id"]) for url in (*named, *inside) if _is_asked(url))
    if content["is_text_own"]:
        yield from ((url, "") for url in (each.rstrip(".,;:!?") for each in _URL.findall(content["text"])) if _is_asked(url))


def _is_asked(url: str) -> bool:
    return url.startswith(("https://", "http://")) and "{" not in url and not url.startswith(f"{settings.PUBLIC_URL}/")


def _asked(urls: list[str]) -> dict[str, tuple[Level, str] | None]:
    pool = ThreadPoolExecutor(AT_ONCE, "links")
    try:
        asking = {url: pool.submit(_one, url) for url in urls}
        answered = wait(asking.values(), ALL).done
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return {url: _said(url, each.result() if each in answered else "no_answer_in_time") for url, each in asking.items()}


def _one(url: str) -> int | str:
    """The status, or the code of what went wrong."""
    with OutLine({}, {}) as line:
        try:
            status = line.send("HEAD", url, timeout=EACH).status
            return line.send("GET", url, timeout=EACH).status if status in _NO_HEAD else status
        except Problem as problem:
            return problem.code


def _said(url: str, answer: int | str) -> tuple[Level, str] | None:
    """(how bad, words); None where it leads somewhere."""
    values: dict[str, Any] = {"url": url if len(url) < 90 else url[:87] + "…", "status": answer}
    if isinstance(answer, str):
        words = {
            "not_allowed_there": _("“%(url)s” leads into your own network: readers cannot get there."),
            "no_answer_in_time": _("“%(url)s” did not answer in time."),
            "certificate_refused": _("“%(url)s” has a certificate that browsers refuse."),
            "too_many_redirects": _("“%(url)s” leads in a circle."),
            "not_an_address": _("“%(url)s” is no address that can be asked."),
        }.get(answer, _("Nobody answers at “%(url)s”."))
        return "warn", words % values
    if answer in (401, 403, 429):
        return "hint", _("“%(url)s” lets no machine in (%(status)s): open it yourself.") % values
    if answer in (404, 410):
        return "warn", _("“%(url)s” is not there (%(status)s).") % values
    return ("warn", _("“%(url)s” answers with an error (%(status)s).") % values) if answer >= 400 else None
