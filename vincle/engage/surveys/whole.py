"""Reading what the builder's screen sets of a page and of the whole survey. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from .editing import Draft, change
from .properties import lines

Post = Mapping[str, str]


def _texts(texts: Any, code: str, text: str, most: int = 4_000) -> dict[str, str]:
    found = {key: said for key, said in (texts or {}).items() if key != code}
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()[:most]
    return {**found, code: text} if text else found


def read_page(page: Draft, post: Post, code: str) -> Draft:
    """Only what was sent, told by `has`."""
    has = set(post.get("has", "").split())
    values: Draft = {}
    for name in ("title", "text"):
        if name in has:
            values[name] = _texts(page.get(name), code, post.get(name, ""))
    for name in ("area", "by_subject", "show_if"):
        if name in has:
            values[name] = post.get(name, "").replace("\x00", "").strip()[:4_000]
    if "randomise" in has:
        values["randomise"] = bool(post.get("randomise"))
    return values


def read_whole(draft: Draft, post: Post, code: str) -> Draft:
    has = set(post.get("has", "").split())
    values: Draft = {
        name: _texts(draft.get(name), code, post.get(name, ""), 8_000) for name in ("title", "welcome", "thanks", "covering") if name in has
    }
    if "settings" in has:
        kept = dict(draft.get("settings", {}))
        kept |= {name: bool(post.get(name)) for name in ("progress", "back", "resume", "numbers", "randomise_pages")}
        values["settings"] = {**kept, "main": post.get("main", "")[:40], "after": post.get("after", "").strip()[:1_000]}
    if "theme" in has:
        accent = post.get("accent", "").strip().lower()
        values["theme"] = {
            **draft.get("theme", {}), "accent": accent if post.get("own_accent") and re.fullmatch(r"#[0-9a-f]{6}", accent) else "",
            "corners": _one_of(post.get("corners", ""), ("", "square", "soft", "round")), "ground": _one_of(post.get("ground", ""), ("",
            "plain", "tint")),
        }  # fmt: skip
    for name in ("areas", "subjects"):
        if name in has:
            values[name] = _listed(draft.get(name, []), post.get(name, ""), code, draft["language"])
    return change(draft, "", values)


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else ""


def _listed(rows: list[Draft], text: str, code: str, main: str) -> list[Draft]:
    """Areas and products, a line each, as choices are."""
    as_choices = [{**row, "text": row.get("name", {})} for row in rows]
    return [
        {**{key: value for key, value in row.items() if key != "text"}, "name": row["text"]} for row in lines(as_choices, text, code, main)
    ]
