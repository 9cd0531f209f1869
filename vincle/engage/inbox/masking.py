"""Words that were written to one person, made fit for another: names, numbers and addresses are taken out and seen to be."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from vincle.language import entities
from vincle.language.base import NOTHING_KNOWN, Context
from vincle.language.page import WORD, Page, fold

_NUMBERS: Final = re.compile(
    r"[A-Z]{2}\d{2}(?:[ ]?[A-Z\d]{4}){3,7}(?:[ ]?[A-Z\d]{1,3})?"  # accounts of banks
    r"|(?<!\w)#?[A-Za-z]{0,6}[-/]?\d{4,}[\w-]*(?:[ -]\d{3,})*"  # orders, invoices, cards
    r"|(?<![\w@.])(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Z\d][A-Z\d-]{5,}(?!\w)"  # codes of parcels and vouchers
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_KINDS: Final = {"person": "name", "email": "address", "phone": "number", "account": "name", "link": "link"}
_SHORTEST: Final = 3


class Part(NamedTuple):
    """A stretch of the words: as it was written, or (`is_out`) what stands for what was taken out."""

    text: str
    is_out: bool


class _Span(NamedTuple):
    start: int
    end: int
    kind: str
    is_theirs: bool


def signs() -> dict[str, str]:
    """What stands for what was taken out, in the reader's language."""
    return {"name": _("‹name›"), "number": _("‹number›"), "address": _("‹address›"), "link": _("‹link›")}


def masked(text: str, theirs: Collection[str], others: Sequence[str] = (), context: Context = NOTHING_KNOWN) -> list[Part]:
    """`theirs`: what is known of the one it was written to (names, street, e-mail ...). `others`: what was written to others: names and
    numbers that stand there too are ours, and stay. `context`: what the workspace calls its brands and products."""
    page = Page(text)
    text = page.text
    entities.reader.read([page], context)
    folded = [fold(other) for other in others]
    spans = [*_known(page, theirs), *_read(page), *_numbered(text)]
    parts, at = list[Part](), 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.end <= at or (not span.is_theirs and _stands(text[span.start : span.end], folded)):
            continue
        if span.start > at:
            parts.append(Part(text[at : span.start], False))
        if span.start >= at:
            parts.append(Part(signs()[span.kind], True))
        at = span.end
    return [*parts, Part(text[at:], False)] if at < len(text) else parts


def _stands(words: str, others: Iterable[str]) -> bool:
    wanted = re.compile(rf"(?<!\w){re.escape(fold(words))}(?!\w)")
    return any(wanted.search(other) for other in others)


def _known(page: Page, theirs: Collection[str]) -> list[_Span]:
    """What is known of them: each of their names where it is written as a name; all else as a whole."""
    names = {word for value in theirs for word in re.findall(r"\w+", fold(value)) if len(word) >= _SHORTEST and not word.isdigit()}
    found = [
        _Span(page.starts[at], page.end(at), "name", True)
        for at, word in enumerate(page.folded)
        if page.kinds[at] == WORD and page.tokens[at][0].isupper() and word.removesuffix("'s") in names
    ]
    for value in {each.strip() for each in theirs if len(each.strip()) > _SHORTEST}:
        for one in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", page.text, re.IGNORECASE):
            found.append(_Span(one.start(), one.end(), "address" if any(map(str.isdigit, value)) or "@" in value else "name", True))
    return found


def _read(page: Page) -> list[_Span]:
    return [_Span(each.start, each.end, _KINDS[each.kind], False) for each in page.reading.entities if each.kind in _KINDS]


def _numbered(text: str) -> list[_Span]:
    return [_Span(one.start(), one.end(), "number", False) for one in _NUMBERS.finditer(text) if not _YEAR.fullmatch(one[0])]


def in_one(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def unfilled(text: str) -> list[str]:
    """What was taken out and nobody has put anything in its place."""
    return [sign for sign in signs().values() if sign in text]
