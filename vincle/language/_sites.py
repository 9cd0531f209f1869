"""Sites a text stands on and leads to: hosts without what varies, no shorteners and no names of persons."""

from typing import Final

from ._atoms import host
from .page import LINK, Page

MOST: Final = 5
LONGEST: Final = 100
SITES_OF: Final = frozenset({"feed", "web", "posts"})
"""Channels whose acts stand on sites of all sorts: of the others the channel itself says where."""
_SHORT: Final = frozenset(
    """t.co bit.ly ow.ly buff.ly goo.gl tinyurl.com lnkd.in fb.me dlvr.it is.gd ift.tt trib.al youtu.be amzn.to spr.ly t.me wp.me j.mp
    cutt.ly rebrand.ly shorturl.at rb.gy instagr.am pic.twitter.com""".split()
)
_VARIES: Final = ("m.", "mobile.", "amp.", "old.", "web.")


def site(link: str) -> str:
    """The site of a link; "" where it tells none: a shortener, a machine of the own network, no host at all.

    >>> site("https://www.Roast.example/blog?x=1"), site("m.news.example"), site("https://t.co/abc"), site("http://127.0.0.1:8000")
    ('roast.example', 'news.example', '', '')
    """
    found = host(link).lower()
    for each in _VARIES:
        if found.count(".") > 1:
            found = found.removeprefix(each)
    parts = found.split(".")
    if found in _SHORT or len(parts) < 2 or len(found) > LONGEST or not all(parts) or not parts[-1][0].isalpha():
        return ""
    return "" if any(sign in found for sign in "|:@ ") else found


def sites(page: Page, url: str = "", channel: str = "") -> tuple[str, ...]:
    """Where a text stands, where its channel leaves that open, and where its links lead; each once."""
    found = [site(url)] if url and channel in SITES_OF else []
    found += [site(page.tokens[at]) for at, kind in enumerate(page.kinds) if kind == LINK]
    return tuple(dict.fromkeys(filter(None, found)))[:MOST]
