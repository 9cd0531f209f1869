"""The plain text of a letter, made of its blocks: what readers without pictures, screen readers and filters of mail look at. Pure."""

import html
import re
from typing import Any, Final

from . import look
from .blocks import Block
from .cleaning import Shelter
from .mjml import condition
from .phrases import phrase

_LINK: Final = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL | re.IGNORECASE)
_BREAKS: Final = (
    (re.compile(r"<br\s*/?>", re.IGNORECASE), "\n"),
    (re.compile(r"<li\b[^>]*>", re.IGNORECASE), "\n- "),
    (re.compile(r"</(?:p|div|h\d|tr|table|ul|ol|blockquote|dd|dt)>", re.IGNORECASE), "\n\n"),
    (re.compile(r"</t[dh]>", re.IGNORECASE), " "),
)


def text_of(content: dict[str, Any], colours: look.Look, language: str, *, has_way_out: bool) -> str:
    """A Liquid template: the team's own words, else the blocks'; with the foot beneath."""
    body = content["text"] if content["is_text_own"] else blocks_text(content["blocks"], colours, language)
    return f"{body}\n\n-- \n{_foot(colours, language, has_way_out)}\n"


def blocks_text(blocks: list[Block], colours: look.Look, language: str) -> str:
    parts = [part for block in blocks if (part := _conditional(block, colours, language))]
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)).strip()


def _conditional(block: Block, colours: look.Look, language: str) -> str:
    said = _said(block, colours, language)
    when = condition(block.get("when") or {})
    return f"{when}{said}{{% endif %}}" if when and said else said


def _said(block: Block, colours: look.Look, language: str) -> str:
    kind = block["kind"]
    if kind == "heading":
        return block["text"].upper() if block["level"] == "1" and "{" not in block["text"] else str(block["text"])
    if kind in ("text", "html"):
        return from_html(block["html"])
    if kind == "button":
        return _linked(block["label"], block["url"])
    if kind == "image":
        return _linked("" if block["decorative"] else block["alt"], block["url"])
    if kind == "columns":
        return "\n\n".join(said for column in block["columns"] for each in column if (said := _said(each, colours, language)))
    if kind == "divider":
        return "----------"
    if kind == "product":
        return _product(block, language)
    if kind == "quote":
        who = ", ".join(each for each in (block["name"], block["place"]) if each)
        return f"“{block['words']}”" + (f"\n— {who}" if who else "")
    return "\n".join(f"{name}: {url}" for name, url in colours["places"]) if kind == "social" else ""


def _product(block: Block, language: str) -> str:
    label = block["label"] or phrase(language, "more")
    if block["source"] == "last_bought":
        said = "{{ person.last_bought.name }}{% if person.last_bought.url %}\n" + label + ": {{ person.last_bought.url }}{% endif %}"
        return f"{{% if person.last_bought %}}{said}{{% endif %}}"
    linked = f"\n{_linked(label, block['url'])}" if block["url"] else ""
    if block["source"] == "goes_with":
        theirs = f"{{{{ person.goes_with.name }}}}\n{phrase(language, 'goes_with')} {{{{ person.goes_with.beside }}}}{linked}"
        rest = _product({**block, "source": "chosen"}, language) if block["name"] else ""
        # Conditions stand on lines of their own: what touches an address is taken for a part of it.
        return f"{{% if person.goes_with %}}{theirs}\n{{% else %}}{rest}\n{{% endif %}}"
    lines = [each for each in (block["name"], block["text"], block["price"]) if each]
    return "\n".join([*lines, _linked(label, block["url"])] if block["url"] else lines)


def _linked(words: str, url: str) -> str:
    return f"{words}: {url}" if words and url else words or url


def from_html(source: str) -> str:
    """Words of simple HTML; links stand behind theirs.

    >>> from_html('<p>See <a href="https://a.example">our menu</a> &amp; come</p><ul><li>one</li><li>two</li></ul>')
    'See our menu (https://a.example) & come\\n\\n- one\\n- two'
    """
    shelter = Shelter(source)
    text = " ".join(shelter.take(source).split())
    text = _LINK.sub(_link, text)
    for pattern, between in _BREAKS:
        text = pattern.sub(between, text)
    lines = [" ".join(line.split()) for line in html.unescape(re.sub(r"<[^>]*>", "", text)).splitlines()]
    return shelter.back(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())


_ELSE = re.compile(r"\{%-?\s*if\b[^%]*%\}(?:(?!\{%).)*\{%-?\s*else\s*-?%\}((?:(?!\{%).)*)\{%-?\s*endif\s*-?%\}")
_DEFAULT = re.compile(r"\{\{[^}]*\|\s*default:\s*([\"'])(.*?)\1\s*\}\}")


def without_liquid(text: str) -> str:
    """A line as people of the team read it in lists: as for someone of whom nothing is known, with … for what is filled in.

    >>> without_liquid("Hello{% if person.name %} {{ person.name }}{% endif %}, you")
    'Hello …, you'
    >>> without_liquid("{% if person.name %}{{ person.name }}, we{% else %}We{% endif %} miss {{ data.who | default: 'you' }}")
    'We miss you'
    """
    otherwise = _ELSE.sub(r"\1", text)
    filled = re.sub(r"\{\{.*?\}\}", "…", _DEFAULT.sub(r"\2", otherwise))
    return " ".join(re.sub(r"\{%.*?%\}", "", filled).split())


def _link(found: re.Match[str]) -> str:
    url, words = found[1], re.sub(r"<[^>]*>", "", found[2]).strip()
    bare = html.unescape(url)
    return words if html.unescape(words) in (bare, bare.removeprefix("mailto:"), bare.removeprefix("https://")) else f"{words} ({url})"


def _foot(colours: look.Look, language: str, has_way_out: bool) -> str:
    lines = [colours["company"], colours["address"]]
    if not has_way_out:
        lines += [f"{phrase(language, name)}: {{{{ {name}_url }}}}" for name in ("preferences", "unsubscribe")]
    lines.append(f"{phrase(language, 'view')}: {{{{ view_url }}}}")
    return "\n".join(line for line in lines if line)
