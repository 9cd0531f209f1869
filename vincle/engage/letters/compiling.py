"""A letter as templates that are filled in once a person: MJML becomes HTML, links are numbered, Liquid is parsed. Pure."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import mrml
import msgspec
from liquid import BoundTemplate as Template

from . import liquids, plain
from .blocks import FIELDS, Block, Content, walk
from .cleaning import Shelter
from .liquids import Broken
from .look import Look
from .mjml import Writer, condition

_HREF: Final = re.compile(r'(<a\b[^>]*?\shref=")([^"]*)(")', re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s<>()\"'{}]+", re.IGNORECASE)
_BEHIND: Final = ".,;:!?"
_WAY_OUT: Final = re.compile(r"\{\{-?\s*(?:unsubscribe_url|preferences_url)\b")
_OPTIONS: Final = mrml.RenderOptions(fonts={})
"""Nothing is fetched from a foundry when somebody reads a letter."""

_TEXTS: Final = frozenset({"line", "rich", "html", "url"})


class Fault(NamedTuple):
    """Liquid that cannot be read: in which block ("" for the letter's own fields), in which field, why, in which line of it."""

    block: str
    field: str
    why: str
    line: int = 0


class Link(NamedTuple):
    """A link of a letter: its number, and the address as it stands there (Liquid may be in it)."""

    number: int
    url: str

    @property
    def is_constant(self) -> bool:
        return liquids.is_constant(self.url)


@dataclass(frozen=True)
class Compiled:
    """`uses`: paths of the variables asked for; `size`: bytes of the HTML with nothing filled in."""

    subject: Template
    preheader: Template
    html: Template
    text: Template
    links: tuple[Link, ...] = ()
    uses: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    size: int = 0
    language: str = ""


@dataclass
class _Numbers:
    """Numbers of links, the same for the same address."""

    links: list[Link] = field(default_factory=list)

    def of(self, url: str) -> int:
        for link in self.links:
            if link.url == url:
                return link.number
        self.links.append(Link(len(self.links), url))
        return len(self.links) - 1


def compiled(content: Content, look: Look, language: str) -> Compiled:
    """The letter ready to be filled in. Raises Broken. What was compiled lately is at hand."""
    return _kept(msgspec.json.encode([content, look], order="deterministic"), language)


@lru_cache(maxsize=64)
def _kept(source: bytes, language: str) -> Compiled:
    content, look = msgspec.json.decode(source)
    return compile_letter(content, look, language)


def compile_letter(content: Content, look: Look, language: str, *, is_marked: bool = False) -> Compiled:
    """`compiled`, made anew; `is_marked`: with the ids of blocks as classes. Raises Broken."""
    if found := faults(content):
        raise Broken(found[0].why, found[0].line)
    out = has_way_out(content)
    shelter, numbers = Shelter(content["subject"] + language), _Numbers()
    try:
        written = Writer(look, shelter, language, is_marked=is_marked).letter(content, has_way_out=out)
        source = mrml.to_html(written, None, _OPTIONS).content
    except (OSError, ValueError) as error:
        raise Broken(liquids.said(error)) from error
    source = shelter.back(_HREF.sub(lambda found: _counted(found, shelter, numbers), source))
    page = liquids.parse(source, is_html=True)
    text = liquids.parse(_text(plain.text_of(content, look, language, has_way_out=out), numbers), is_html=False)
    subject, preheader = (liquids.parse(content[name], is_html=False) for name in ("subject", "preheader"))
    parts = (page, text, subject, preheader)
    return Compiled(
        subject=subject, preheader=preheader, html=page, text=text, links=tuple(numbers.links), size=len(source.encode()),
        language=language,
        uses=frozenset().union(*map(liquids.used, parts)), unknown=frozenset().union(*map(liquids.unknown_names, parts)),
    )  # fmt: skip


def has_way_out(content: Content) -> bool:
    """Whether what people wrote itself leads to leaving: then the foot need not."""
    return any(_WAY_OUT.search(text) for _, _, text in texts(content) if text)


def _counted(found: re.Match[str], shelter: Shelter, numbers: _Numbers) -> str:
    url = shelter.back(html.unescape(found[2]))
    if liquids.only_way_out(url):
        return found[0]
    opening, closing = shelter.mark(f"{{% link {numbers.of(url)} %}}"), shelter.mark("{% endlink %}")
    return f"{found[1]}{opening}{found[2]}{closing}{found[3]}"


def _text(source: str, numbers: _Numbers) -> str:
    shelter = Shelter(source[:100])

    def counted(found: re.Match[str]) -> str:
        url = found[0].rstrip(_BEHIND)
        number = numbers.of(shelter.back(url))
        return f"{{% link {number} %}}{url}{{% endlink %}}{found[0][len(url) :]}"

    return shelter.back(_URL.sub(counted, shelter.take(source)))


def texts(content: Content) -> Iterator[tuple[str, str, str]]:
    """(block, field, text) of everything people wrote, as Liquid reads it."""
    for name in ("subject", "preheader"):
        yield "", name, content[name]
    if content["is_text_own"]:
        yield "", "text", content["text"]
    for block in walk(content["blocks"]):
        yield from ((block["id"], name, text) for name, text in _texts_of(block))


def _texts_of(block: Block) -> Iterator[tuple[str, str]]:
    for name, kind in FIELDS[block["kind"]].items():
        if kind.type in _TEXTS and block[name]:
            shelter = Shelter(block[name])
            is_html = kind.type in ("rich", "html")
            yield name, shelter.back(shelter.take(block[name], is_html=True)) if is_html else block[name]
    if when := condition(block.get("when") or {}):
        yield "when", when + "{% endif %}"


def faults(content: Content) -> list[Fault]:
    """Every piece of Liquid that cannot be read. Each field stands for itself: what is opened in it is closed in it."""
    found = []
    for block, name, text in texts(content):
        if "{" in text or "}" in text:
            try:
                liquids.check(text)
            except Broken as broken:
                found.append(Fault(block, name, broken.why, broken.line))
    return found


def links_of(content: Content, look: Look, language: str) -> tuple[Link, ...]:
    """The links of a letter in their order; none where it cannot be read."""
    try:
        return compiled(content, look, language).links
    except Broken:
        return ()
