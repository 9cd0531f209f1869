"""What a letter is made of: kinds of blocks, their fields, and how what a browser sends becomes content that can be kept. Pure."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from . import cleaning

Block = dict[str, Any]
Content = dict[str, Any]
MOST_BLOCKS: Final = 120
MOST_COLUMNS: Final = 3
LONGEST: Final = {"line": 300, "url": 2_000, "rich": 20_000, "html": 60_000, "liquid": 500}
ALIGNED: Final = ("left", "center", "right")
_ID: Final = re.compile(r"[a-z0-9]{4,12}\Z")


class Field(NamedTuple):
    """`type`: "line", "rich", "html", "url", "choice" (of `choices`), "whole" (from `least` to `most`) or "flag". `usual` when not said."""

    type: str
    usual: Any = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0


def _line(usual: str = "") -> Field:
    return Field("line", usual)


def _choice(*choices: str) -> Field:
    return Field("choice", choices[0], choices)


FIELDS: Final[dict[str, dict[str, Field]]] = {
    "heading": {"text": _line(), "level": Field("choice", "1", ("1", "2", "3")), "align": _choice(*ALIGNED)},
    "text": {"html": Field("rich"), "align": _choice(*ALIGNED)},
    "button": {"label": _line(), "url": Field("url"), "align": _choice("center", "left", "right"), "style": _choice("filled", "outline"),
               "full": Field("flag", False)},
    "image": {"src": Field("url"), "alt": _line(), "decorative": Field("flag", False), "url": Field("url"),
              "width": Field("whole", 100, (), 10, 100), "align": _choice("center", "left", "right")},
    "columns": {"ratio": _choice("equal", "narrow_left", "narrow_right"), "stacked": Field("flag", True)},
    "divider": {},
    "spacer": {"height": Field("whole", 24, (), 4, 120)},
    "product": {"source": _choice("chosen", "last_bought", "goes_with"), "name": _line(),
                "text": _line(), "price": _line(), "image": Field("url"),
                "url": Field("url"), "label": _line()},
    "quote": {"words": Field("line"), "name": _line(), "place": _line(), "url": Field("url")},
    "social": {"align": _choice("center", "left", "right")},
    "html": {"html": Field("html")},
}  # fmt: skip
SIMPLE: Final = tuple(kind for kind in FIELDS if kind != "columns")
"""Kinds that may stand in a column."""

BACKGROUNDS: Final = ("", "soft", "accent")


def content(raw: Any) -> Content:
    """What is said in one language: subject, preheader, blocks, text, is_text_own; cleaned, and as long as it may be.

    >>> content({"subject": " Hello\\n{{ person.name }} "})["subject"]
    'Hello {{ person.name }}'
    """
    given = raw if isinstance(raw, dict) else {}
    return {
        "subject": line(given.get("subject")),
        "preheader": line(given.get("preheader")),
        "blocks": read(given.get("blocks")),
        "text": _text(given.get("text")),
        "is_text_own": given.get("is_text_own") is True,
    }


def read(raw: Any) -> list[Block]:
    """Blocks from what a browser sent: unknown kinds and fields fall away, ids are made unique, HTML is cleaned."""
    taken: set[str] = set()
    return _many(raw, taken, tuple(FIELDS), [MOST_BLOCKS])


def _many(raw: Any, taken: set[str], kinds: tuple[str, ...], left: list[int]) -> list[Block]:
    found = []
    for each in raw if isinstance(raw, list) else []:
        if left[0] <= 0:
            break
        if isinstance(each, dict) and each.get("kind") in kinds:
            left[0] -= 1
            found.append(_one(each, taken, left, "columns" in kinds))
    return found


def _one(raw: Block, taken: set[str], left: list[int], is_outer: bool) -> Block:
    kind = str(raw["kind"])
    name = str(raw.get("id", ""))
    if not _ID.match(name) or name in taken:
        name = fresh_id()
    taken.add(name)
    made: Block = {"id": name, "kind": kind}
    made |= {each: READERS[field.type](raw.get(each), field) for each, field in FIELDS[kind].items()}
    if is_outer:
        made["when"] = _when(raw.get("when"))
        made["background"] = raw["background"] if raw.get("background") in BACKGROUNDS else ""
    if kind == "columns":
        columns = raw.get("columns")
        made["columns"] = [_many(each, taken, SIMPLE, left) for each in columns[:MOST_COLUMNS]] if isinstance(columns, list) else []
        made["columns"] += [[] for _ in range(2 - len(made["columns"]))]
    return made


def fresh_id() -> str:
    return secrets.token_hex(3)


def blank(kind: str) -> Block:
    """A block of this kind with nothing in it yet."""
    return _one({"kind": kind}, set(), [MOST_BLOCKS], True)


def walk(blocks: list[Block]) -> Iterator[Block]:
    """Every block, those in columns behind theirs."""
    for block in blocks:
        yield block
        for column in block.get("columns", ()):
            yield from walk(column)


def _when(raw: Any) -> dict[str, Any]:
    """To whom a block is shown: {} everybody, {"segment": public id, "is_in"}, or {"expression": Liquid}."""
    if not isinstance(raw, dict):
        return {}
    if re.fullmatch(r"[0-9a-z]{6,16}", str(raw.get("segment", ""))):
        return {"segment": raw["segment"], "is_in": raw.get("is_in") is not False}
    expression = " ".join(str(raw.get("expression", "")).replace("\x00", "").split())[: LONGEST["liquid"]]
    return {"expression": expression} if expression and "%}" not in expression and "{{" not in expression else {}


def line(value: Any, field: Field | None = None) -> str:
    """Words on one line."""
    return " ".join(_whole_text(value).split())[: LONGEST["line"]]


def _text(value: Any) -> str:
    return _whole_text(value).replace("\r\n", "\n").replace("\r", "\n").strip()[: LONGEST["html"]]


def _whole_text(value: Any) -> str:
    return cleaning.printable(value) if isinstance(value, str) else ""


def _rich(value: Any, field: Field) -> str:
    """Cut before it is cleaned, so that no tag is left open."""
    return cleaning.rich(_whole_text(value)[: LONGEST[field.type]], field.type).strip()


def _url(value: Any, field: Field) -> str:
    found = "".join(_whole_text(value).split()) if "{" not in _whole_text(value) else _whole_text(value).strip()
    found = found[: LONGEST["url"]]
    if found and "{" not in found and not cleaning.is_address(found):
        bare = "mailto:" + found if re.fullmatch(r"[^@/\s]+@[^@/\s]+\.[^@/\s]+", found) else "https://" + found
        return bare if ":" not in found.split("/")[0].split("?")[0] and "." in found and cleaning.is_address(bare) else ""
    return found


def _chosen(value: Any, field: Field) -> str:
    return value if value in field.choices else field.usual


def _number(value: Any, field: Field) -> int:
    try:
        return min(max(int(value), field.least), field.most)
    except (TypeError, ValueError, OverflowError):
        return int(field.usual)


def _flag(value: Any, field: Field) -> bool:
    return value if isinstance(value, bool) else bool(field.usual)


READERS: Final[dict[str, Callable[[Any, Field], Any]]] = {
    "line": line, "rich": _rich, "html": _rich, "url": _url, "choice": _chosen, "whole": _number, "flag": _flag,
}  # fmt: skip
