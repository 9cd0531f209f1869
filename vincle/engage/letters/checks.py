"""What is looked at before a letter leaves: what would stop it, what readers or filters of mail would stumble over. Pure.

Each finding is a code with its values; `check_words` makes sentences of them.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

from . import cleaning, compiling, look
from .blocks import Block, Content, walk
from .compiling import Broken, compiled
from .plain import blocks_text

Level = Literal["error", "warn", "hint"]
CLIPPED: Final = 102 * 1024
"""Bytes of HTML behind which Gmail cuts a letter off."""

LONG_SUBJECT: Final = 60
_LOUD: Final = re.compile(r"[!¡?¿]{2,}|\b[A-ZÀ-Ý]{4,}(?:\s+[A-ZÀ-Ý]{3,})+\b|[$€]{2,}")
_SPAM: Final = re.compile(
    r"\b(?:100 ?% (?:free|gratis|gratuito|gratuït)|act now|buy now|cash bonus|click here now|double your|earn money|free money|guaranteed"
    r"|limited time only|make money|no obligation|once in a lifetime|risk[- ]free|urgent(?:e|)?|winner|you have been selected"
    r"|act[uú]a ya|compra ya|dinero gratis|dinero f[aá]cil|gana dinero|oferta irrepetible|sin compromiso|has sido seleccionad[oa]"
    r"|agisci ora|compra subito|denaro gratis|guadagna(?:re)? (?:soldi|denaro)|offerta irripetibile|senza impegno|sei stato selezionato"
    r"|actua ara|compra ja|diners gratis|guanya diners|oferta irrepetible|sense compromís|has estat seleccionat)\b",
    re.IGNORECASE,
)
_VAGUE: Final = frozenset(
    (
        "click here|here|read more|more|link|haz clic aquí|aquí|pincha aquí|leer más|más|clicca qui|qui|leggi di più|clica aquí"
        "|fes clic aquí|més"
    ).split("|")
)
_NAMES: Final = re.compile(r"\{\{-?\s*(person\.(?:first_name|last_name|name|company|city))\s*-?\}\}")
_ANCHOR: Final = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL | re.IGNORECASE)
_FILE: Final = re.compile(r"\.(?:png|jpe?g|gif|webp)\s*\Z|^(?:img|dsc|image|screenshot)[\s_-]?\d*\Z", re.IGNORECASE)
_WEIGHT: Final[dict[Level, int]] = {"error": 0, "warn": 1, "hint": 2}


class Finding(NamedTuple):
    """`block`: where it is ("" for the letter itself); `values` are for the sentence."""

    level: Level
    code: str
    block: str = ""
    values: dict[str, Any] = {}


def check(content: Content, brand: look.Look, language: str) -> list[Finding]:
    """What there is to say, the worst first. An "error" keeps the letter from leaving."""
    found = [*_head(content), *_blocks(content["blocks"]), *_whole(content, brand, language), *_brand(brand)]
    return sorted(found, key=lambda each: _WEIGHT[each.level])


def _head(content: Content) -> Iterator[Finding]:
    subject, preheader = content["subject"], content["preheader"]
    shown = re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{.*?\}\}", "Maria", subject))
    if not subject:
        yield Finding("error", "no_subject")
    elif len(shown) > LONG_SUBJECT:
        yield Finding("hint", "long_subject", "", {"n": len(shown), "most": LONG_SUBJECT})
    if not preheader:
        yield Finding("hint", "no_preheader")
    for field, text in (("subject", subject), ("preheader", preheader)):
        if found := _LOUD.search(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text)):
            yield Finding("warn", "loud", "", {"field": field, "words": found[0]})
    if bare := _bare_name(subject):
        yield Finding("hint", "no_default", "", {"words": bare})


def _blocks(blocks: list[Block]) -> Iterator[Finding]:
    if not blocks:
        yield Finding("warn", "no_blocks")
    for block in walk(blocks):
        yield from _one(block)
        for field in ("text", "html", "label", "words", "name"):
            if isinstance(block.get(field), str) and (bare := _bare_name(block[field])):
                yield Finding("hint", "no_default", block["id"], {"words": bare})
                break


def _bare_name(text: str) -> str:
    """A variable of a person with nothing for those of whom it is not known, and not asked for before."""
    for found in _NAMES.finditer(text):
        if not re.search(rf"\{{%-?\s*(?:if|elsif|unless)\b[^%]*\b{re.escape(found[1])}\b", text[: found.start()]):
            return found[0]
    return ""


def _one(block: Block) -> Iterator[Finding]:
    kind, where = block["kind"], block["id"]
    needed = {"heading": "text", "text": "html", "html": "html", "image": "src", "quote": "words"}.get(kind)
    if needed and not cleaning.without_tags(block[needed]) and not (kind in ("html", "text") and "<img" in block[needed]):
        yield Finding("warn", f"empty_{kind}", where)
    if kind == "button":
        if not block["label"]:
            yield Finding("warn", "button_without_words", where)
        if not block["url"]:
            yield Finding("warn", "button_without_link", where)
    if kind == "image" and block["src"] and not block["decorative"]:
        if not block["alt"]:
            yield Finding("warn", "no_alt", where)
        elif _FILE.search(block["alt"]):
            yield Finding("warn", "alt_is_a_file", where, {"words": block["alt"]})
    if kind == "product" and block["source"] == "chosen" and not block["name"]:
        yield Finding("warn", "empty_product", where)
    if kind == "product" and block["source"] == "goes_with" and not block["name"]:
        yield Finding("hint", "no_other_product", where)
    for name in ("url", "src", "image"):
        url = block.get(name) or ""
        if url and "{" not in url:
            yield from _address(url, where)
    if kind in ("text", "html"):
        for url, words in _ANCHOR.findall(block["html"]):
            yield from _address(url, where) if "{" not in url else ()
            if cleaning.without_tags(words).casefold().strip(" .›»→") in _VAGUE:
                yield Finding("hint", "vague_link", where, {"words": cleaning.without_tags(words)})
        if "<img" in block["html"] and re.search(r"<img\b(?![^>]*\balt=)", block["html"]):
            yield Finding("warn", "no_alt", where)


def _address(url: str, where: str) -> Iterator[Finding]:
    if not cleaning.is_address(url):
        yield Finding("warn", "broken_link", where, {"words": url[:80]})
    elif re.match(r"https?://(?:www\.)?(?:example\.(?:com|org|net)|localhost|127\.|10\.|192\.168\.)", url):
        yield Finding("warn", "placeholder_link", where, {"words": url[:80]})
    elif url.startswith("http://"):
        yield Finding("hint", "open_link", where, {"words": url[:80]})


def _whole(content: Content, brand: look.Look, language: str) -> Iterator[Finding]:
    try:
        made = compiled(content, brand, language)
    except Broken:
        for fault in compiling.faults(content):
            yield Finding("error", "broken_liquid", fault.block, {"why": fault.why, "field": fault.field})
        return
    for name in sorted(made.unknown):
        yield Finding("warn", "unknown_name", _where(content, name), {"words": name})
    if made.size > CLIPPED:
        yield Finding("warn", "too_large", "", {"n": round(made.size / 1024), "most": CLIPPED // 1024})
    words = blocks_text(content["blocks"], brand, language)
    pictures = sum(1 for block in walk(content["blocks"]) if block["kind"] == "image" and block["src"])
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|https?://\S+", "", words)
    if pictures and len(bare.split()) < 15 * pictures and len(bare.split()) < 40:
        yield Finding("warn", "all_pictures")
    if found := _SPAM.search(f"{content['subject']}\n{content['preheader']}\n{bare}"):
        yield Finding("warn", "spam_words", "", {"words": found[0]})
    if content["is_text_own"] and not content["text"]:
        yield Finding("warn", "empty_plain")


def _where(content: Content, name: str) -> str:
    pattern = re.compile(rf"\b{re.escape(name)}\b")
    return next((block for block, _field, text in compiling.texts(content) if block and "{" in text and pattern.search(text)), "")


def _brand(brand: look.Look) -> Iterator[Finding]:
    if not brand["address"]:
        yield Finding("warn", "no_postal_address")
    for one, two, name in (("ink", "paper", "ink"), ("muted", "page", "muted"), ("accent", "paper", "accent")):
        if look.contrast(brand[one], brand[two]) < 4.5:
            yield Finding("warn", "low_contrast", "", {"name": name, "n": round(look.contrast(brand[one], brand[two]), 1)})
