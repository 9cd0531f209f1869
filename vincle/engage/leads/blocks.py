"""What a landing page is made of, as it is stored: blocks one under the other, each text in several languages. Pure."""

from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from .definition import Broken, Fault, Texts, say

BlockKind = Literal["hero", "text", "picture", "points", "quote", "questions", "form", "divider"]
BLOCKS: Final[tuple[str, ...]] = BlockKind.__args__  # type: ignore[attr-defined]
MOST_BLOCKS = 40


class Block(Struct, omit_defaults=True):
    """`text` of points is a point a line; of questions, paragraphs whose first line is the question."""

    id: str
    kind: BlockKind
    heading: Texts = {}
    text: Texts = {}
    button: Texts = {}
    author: str = ""
    picture: int = 0
    alt: Texts = {}
    is_wide: bool = False


class Layout(Struct, omit_defaults=True):
    """A page as a whole. `title` and `description` are what search engines and shared links show."""

    languages: list[str] = msgspec.field(default_factory=lambda: ["en"])
    title: Texts = {}
    description: Texts = {}
    items: list[Block] = []
    picture: int = 0
    colour: str = ""
    is_hidden: bool = False


def load(data: Any) -> Layout:
    """A page of what is stored. Raises Broken."""
    try:
        found = msgspec.convert(data, Layout)
    except msgspec.ValidationError as error:
        raise Broken(str(error)) from error
    ids = [block.id for block in found.items]
    if len(ids) != len(set(ids)) or len(ids) > MOST_BLOCKS or not found.languages:
        raise Broken("blocks need ids of their own, at most 40 of them, and a language")
    return found


def dump(layout: Layout) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(layout)
    return data


def lines(text: str) -> list[str]:
    """The points of a list.

    >>> lines("Fresh\\n\\n  Fair ")
    ['Fresh', 'Fair']
    """
    return [line.strip(" -•\t") for line in text.split("\n") if line.strip(" -•\t")]


def questions(text: str) -> list[tuple[str, str]]:
    """(question, answer) of paragraphs.

    >>> questions("How long?\\nTwo days.\\n\\nWhere?\\nEverywhere.")
    [('How long?', 'Two days.'), ('Where?', 'Everywhere.')]
    """
    found = []
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        question, _, answer = paragraph.strip().partition("\n")
        if question:
            found.append((question.strip(), answer.strip()))
    return found


def faults(layout: Layout, *, has_form: bool) -> list[Fault]:
    """What has to be mended before anyone can see it."""
    first = layout.languages[0]
    found = [] if layout.items else [Fault("empty_page")]
    if not say(layout.title, first):
        found.append(Fault("no_title"))
    for block in layout.items:
        if block.kind == "form" and not has_form:
            found.append(Fault("no_form", block.id))
        if block.kind == "picture" and not block.picture:
            found.append(Fault("no_picture", block.id))
        if block.picture and not say(block.alt, first):
            found.append(Fault("no_alt", block.id))
    return found
