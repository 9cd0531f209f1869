"""Every text of a draft with its address, for the screen that translates. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from .editing import Draft

_WHOLE: Final = ("title", "covering", "welcome", "thanks")
_NAMES: Final = ("title", "text", "help", "low", "high", "low_text", "high_text", "unit", "placeholder", "words", "name")
_LISTS: Final = ("pages", "items", "choices", "rows", "scales", "areas", "subjects")
_LONG: Final = frozenset({"covering", "welcome", "thanks"})
LONGEST: Final = 8_000


class Place(Struct):
    """A text: its address, the part of the survey it stands in, the name of the property, and what it says in each language."""

    address: str
    part: str
    name: str
    texts: dict[str, str]
    is_long: bool = False


def places(draft: Draft) -> Iterator[Place]:
    """In the order they are met by who answers."""
    for name in _WHOLE:
        if isinstance(draft.get(name), dict):
            yield Place(name, "", name, draft[name], name in _LONG)
    for list_name in ("areas", "subjects", "pages"):
        for n, row in enumerate(draft.get(list_name, [])):
            yield from _of(row, f"{list_name}/{row.get('id', n)}", str(row.get("id", "")))


def _of(row: dict[str, Any], address: str, part: str) -> Iterator[Place]:
    for name in _NAMES:
        if isinstance(row.get(name), dict):
            texts = row[name]
            yield Place(f"{address}/{name}", part, name, texts, any(len(text) > 120 for text in texts.values()))
    if isinstance(row.get("scale"), dict):
        yield from _of(row["scale"], f"{address}/scale", part)
    if isinstance(row.get("validate"), dict):
        yield from _of(row["validate"], f"{address}/validate", part)
    for n, texts in enumerate(row.get("labels", [])):
        yield Place(f"{address}/labels/{n}", part, "labels", texts)
    for name in _LISTS:
        for n, below in enumerate(row.get(name, [])):
            key = below.get("id", n)
            yield from _of(below, f"{address}/{name}/{key}", str(key) if name == "items" else part)


def said(draft: Draft) -> list[Place]:
    """Texts that say something in the survey's own language: what there is to translate."""
    return [place for place in places(draft) if place.texts.get(draft["language"], "").strip()]


def missing(draft: Draft, code: str) -> int:
    return sum(1 for place in said(draft) if not place.texts.get(code, "").strip())


def put(draft: Draft, code: str, told: dict[str, str]) -> int:
    """Lays texts of one language into a draft (in place), by their addresses; returns how many are otherwise now."""
    changed = 0
    for place in places(draft):
        if place.address in told:
            text = told[place.address].replace("\x00", "").replace("\r\n", "\n").strip()[:LONGEST]
            if text != place.texts.get(code, ""):
                changed += 1
                if text:
                    place.texts[code] = text
                else:
                    place.texts.pop(code, None)
    return changed
