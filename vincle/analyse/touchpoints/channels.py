"""How far touchpoints are told apart: by kind, by source (of an advertisement: its utm_source; else the channel), or by campaign.

A touchpoint's key is its kind, and behind colons its source and campaign: `ad`, `ad:google`, `ad:google:spring sale`. `ad:*` are those of
the kind that are met too seldom to stand by themselves.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LEVELS: Final = ("kind", "source", "campaign")
PAID: Final = "ad"
MOST: Final = 16
"""Sources or campaigns that stand by themselves, those met most often."""
LONGEST: Final = 60
USUAL: Final = {
    "visit": ("web",), "deed": ("web",), "form": ("forms", "web"), "link": ("links",),
    "mail_click": ("email", "mail"), "mail_open": ("email", "mail"), "survey": ("survey", "surveys"), "review": ("reviews",),
}  # fmt: skip
"""Sources that say no more than the kind."""
REST: Final = "*"
PARTS: Final = "\x1f"


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def key_of(kind: str, source: str, campaign: str, level: str) -> str:
    """The key of a touch, of names as JSON has them. By campaign, what is of none stays with its kind; an advertisement with its source.

    >>> key_of("ad", "Google ", "Spring: a > b", "campaign"), key_of("visit", "web", "", "campaign"), key_of("visit", "web", "", "source")
    ('ad:google:spring- a - b', 'visit', 'visit')
    """
    if level == "kind" or (level == "campaign" and kind != PAID and not campaign):
        return kind
    if source in USUAL.get(kind, ()) and (level == "source" or not campaign):
        return kind
    parts = [kind, plain(source)] + ([plain(campaign)] if level == "campaign" and plain(campaign) else [])
    return ":".join(parts)


def plain(text: str) -> str:
    """A name as keys have it: one case, one blank, nothing that parts keys or paths.

    >>> plain("Caf\\\\u00e9  BAR\\\\n"), plain("\\\\ud800"), plain("*")
    ('café bar', '-', '-')
    """
    try:
        said = str(json.loads(f'"{text}"')) if "\\" in text else text
    except ValueError:
        said = text
    return " ".join("".join(map(_letter, said.casefold())).split())[:LONGEST].strip()


def _letter(each: str) -> str:
    if each in ":>,*" or "\ud800" <= each <= "\udfff":
        return "-"
    return each if each.isprintable() else " "


def coded(kinds: Any, sources: Any, campaigns: Any, counted: Sequence[str], level: str) -> tuple[tuple[str, ...], Ints]:
    """(keys of touchpoints, the place of each touch among them, -1 for a kind that does not count); Arrow columns in.

    All kinds that count are among the keys, in their order. Of more than `MOST` sources or campaigns the rest of each kind is one.
    """
    if level == "kind":
        names, codes = _dictionary(kinds)
        place = {name: at for at, name in enumerate(counted)}
        return tuple(counted), np.array([*(place.get(name, -1) for name in names), -1], np.int64)[codes]
    names, codes = _dictionary(pc.binary_join_element_wise(kinds, sources, campaigns, PARTS, null_handling="replace"))
    split = [name.split(PARTS, 2) for name in names]
    keys = [key_of(each[0], each[1], each[2], level) if each[0] in counted else "" for each in split]
    seen = np.bincount(codes, minlength=len(names))
    known = _named(keys, seen.tolist(), counted)
    place = {key: at for at, key in enumerate(known)}
    at = [place.get(key, place.get(f"{kind_of(key)}:{REST}", -1)) if key else -1 for key in keys]
    return known, np.array([*at, -1], np.int64)[codes]


def _named(keys: Sequence[str], seen: Sequence[int], counted: Sequence[str]) -> tuple[str, ...]:
    """Kinds, each followed by its own that stand by themselves, and by those that do not where there are any."""
    often: dict[str, int] = {}
    for key, n in zip(keys, seen, strict=True):
        if ":" in key:
            often[key] = often.get(key, 0) + n
    ordered = sorted(often, key=lambda key: (-often[key], key))
    by_kind: dict[str, list[str]] = {}
    for key in ordered[:MOST]:
        by_kind.setdefault(kind_of(key), []).append(key)
    for kind in dict.fromkeys(map(kind_of, ordered[MOST:])):
        by_kind.setdefault(kind, []).append(f"{kind}:{REST}")
    return tuple(name for kind in counted for name in (kind, *by_kind.get(kind, ())))


def _dictionary(column: Any) -> tuple[list[str], Ints]:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found = pc.dictionary_encode(whole)
    names = [name or "" for name in found.dictionary.to_pylist()]
    codes: Ints = pc.fill_null(found.indices, len(names)).to_numpy(zero_copy_only=False).astype(np.int64)
    return names, codes
