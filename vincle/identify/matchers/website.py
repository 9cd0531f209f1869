"""Web links: given as one's site or within the bio; the whole address, or the site where it is nobody's platform."""

import re
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records, column

from ._pairs import levels_of_cells
from .base import ANYONE, Key, Level, Levels, Said, coded, ragged

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_ENDS = "cat|com|es|it|org|net|info|eu|io|me|ee|bio|blog|shop|studio|photo"
_BARE = re.compile(rf"(?<![@\w.])(?:[a-z0-9-]+\.)+(?:{_ENDS})(?:/[^\s<>\"')\]]*)?(?![\w@])", re.IGNORECASE)
_PLATFORMS = frozenset(
    "facebook.com instagram.com twitter.com x.com tiktok.com youtube.com youtu.be linkedin.com t.me wa.me linktr.ee "
    "beacons.ai bio.link carrd.co "
    "about.me medium.com substack.com github.com threads.net bsky.app pinterest.com flickr.com tumblr.com etsy.com patreon.com ko-fi.com "
    "spotify.com google.com goo.gl bit.ly wordpress.com blogspot.com wixsite.com sites.google.com gmail.com t.co lnk.bio "
    "solo.to snapchat.com "
    "twitch.tv vimeo.com".split()
)
_MOST_SHARED = 20


class Links(Struct, eq=False):
    column: Column
    common: frozenset[str]


class Website:
    id: ClassVar[str] = "website"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (Level("differs", 0.50, 0.997), Level("same_site", 0.10, 0.001), Level("same", 0.40, 0.002))

    def fields(self, records: Records) -> tuple[str, ...]:
        found = tuple(field for field in ("website", "bio") if field in records.columns)
        if "website" in found:
            return found
        has_links = bool(found) and any(links_in(text) for cell in records.columns["bio"].values for text in cell)
        return found if has_links else ()

    def prepare(self, records: Records) -> Links:
        made = column(_cells(records))
        hosts = np.bincount(made.codes[made.codes >= 0], minlength=len(made.values)) if made.values else np.zeros(0, np.int64)
        return Links(made, _common(made, hosts))

    def compare(self, prepared: Links, left: Ints, right: Ints) -> Levels:
        common = prepared.common
        return levels_of_cells(prepared.column, left, right, lambda one, other: _level(common, one, other))

    def keys(self, prepared: Links) -> Iterable[Key]:
        yield ragged(prepared.column, lambda cell: cell, "website")
        yield ragged(prepared.column, lambda cell: [host for text in cell if (host := _host(text)) not in prepared.common], "website host")

    def terms(self, prepared: Links) -> Ints | None:
        return coded(prepared.column, lambda cell: cell[0] if len(cell) == 1 else "")

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        ones, others = (_cells(records.take(np.asarray([index], np.int32)))[0] for index in (left, right))
        hosts = {_host(text) for text in others}
        one = next((text for text in ones if text in others), "") or next((text for text in ones if _host(text) in hosts), ones[0])
        other = one if one in others else next((text for text in others if _host(text) == _host(one)), others[0])
        return Said(f"website_{self.levels[level].id}", {"left": one, "right": other})


def links_in(text: str) -> list[str]:
    """Links in running text, plain: "see https://www.Anna.example/Blog/" holds "anna.example/blog"."""
    rest = _LINK.sub(" ", text)
    return [plain for found in (*_LINK.findall(text), *_BARE.findall(rest)) if (plain := plain_link(found))]


def plain_link(text: str) -> str:
    """An address without scheme, "www.", query and last slash, in lower case; "" for a platform's own front page or no address."""
    bare = re.sub(r"^[a-z]+://", "", text.strip().lower()).removeprefix("www.").removeprefix("m.")
    bare = re.split(r"[?#]", bare)[0].rstrip("/.,;:!")
    host = bare.partition("/")[0]
    return "" if "." not in host or " " in bare or "@" in host or bare in _PLATFORMS else bare


def _cells(records: Records) -> list[Cell]:
    site, bio = records.columns.get("website"), records.columns.get("bio")
    sites = [tuple(plain for text in cell if (plain := plain_link(text))) for cell in site.values] if site else []
    bios = [tuple(link for text in cell for link in links_in(text)) for cell in bio.values] if bio else []
    found = []
    for at in range(records.size):
        own = sites[site.codes[at]] if site and site.codes[at] >= 0 else ()
        told = bios[bio.codes[at]] if bio and bio.codes[at] >= 0 else ()
        found.append(tuple(dict.fromkeys(own + told)))
    return found


def _host(text: str) -> str:
    return text.partition("/")[0]


def _common(made: Column, times: NDArray[np.int64]) -> frozenset[str]:
    """Hosts that are a platform, or on which too many have something."""
    counts: dict[str, int] = {}
    for cell, count in zip(made.values, times.tolist(), strict=True):
        for host in {_host(text) for text in cell}:
            counts[host] = counts.get(host, 0) + count
    return _PLATFORMS | {host for host, count in counts.items() if count > _MOST_SHARED}


def _level(common: frozenset[str], one: Cell, other: Cell) -> int:
    if set(one) & set(other):
        return 2
    return int(bool({_host(text) for text in one} & {_host(text) for text in other} - common))


matcher = Website()
