"""Names in a text: hashtags, links, accounts, e-mails, phones, the workspace's brands and products, places and people."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import ClassVar, Final

from ._gazetteer import gazetteer, named
from ._lexicons import rows
from ._spoken import Names, is_name
from .base import Context
from .page import ACCOUNT, HASHTAG, LINK, MAIL, NUMBER, SIGN, WORD, Page, fold
from .reading import Entity

_PHONE: Final = re.compile(r"(?<![\w.,:/€$£#@-])(?:\+|00)?\(?\d(?:[\s().-]{0,2}\d){7,14}(?![\w%€$£/:]|[.,]\d)")
_DATE: Final = re.compile(r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?|\d\d?[-. ]\d\d?[-. ](?:19|20)\d\d")
_FEWEST, _MOST, _MOST_AT_HOME = 9, 15, 11
_HOST: Final = re.compile(r"(?:[a-z]+://)?(?:[^/@\s]*@)?(?:www\.)?([^/:?#\s]+)(?::\d+)?([^?#\s]*)", re.IGNORECASE)
_TRAILING: Final = ".,;:!?)]}'\"»”’…"
_THANKED: Final = frozenset(
    """thanks thank hi hello dear mr mrs ms miss dr gracias hola senor senora sr sra don dona grazie ciao signor signora sig gracies senyor
    senyora obrigado obrigada ola merci bonjour monsieur madame by amb con with""".split()
)


class EntitiesReader:
    id: ClassVar[str] = "entities"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"entities"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)

    def read(self, pages: Sequence[Page], context: Context) -> None:
        brands, products = Names(context.brands), Names(context.products)
        for page in pages:
            page.reading.entities = _entities(page, brands, products)


def _entities(page: Page, brands: Names, products: Names) -> tuple[Entity, ...]:
    found = list(_by_sign(page))
    taken: set[int] = set()
    for kind, names in (("brand", brands), ("product", products)):
        for first, after, name in names.find(page) if names else ():
            if taken.isdisjoint(range(first, after)):
                taken.update(range(first, after))
                found.append(Entity(kind, name, page.starts[first], page.end(after - 1)))
    for one in named(page):
        if taken.isdisjoint(range(one.first, one.after)):
            taken.update(range(one.first, one.after))
            found.append(Entity("place", one.place.name, page.starts[one.first], page.end(one.after - 1)))
    found += _people(page, taken)
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.kind)))


def _by_sign(page: Page) -> Iterator[Entity]:
    digits = 0
    for at, kind in [(at, kind) for at, kind in enumerate(page.kinds) if kind not in "wpes"]:
        token, start = page.tokens[at], page.starts[at]
        if kind == NUMBER:
            digits += len(token)
        elif kind == HASHTAG:
            yield Entity("hashtag", fold(token[1:]), start, start + len(token))
        elif kind == ACCOUNT:
            yield Entity("account", token[1:].lower(), start, start + len(token))
        elif kind == MAIL:
            yield Entity("email", token.lower(), start, start + len(token))
        elif kind == LINK:
            bare = token.rstrip(_TRAILING)
            yield Entity("link", canonical(bare), start, start + len(bare))
    if digits >= _FEWEST - 1:
        yield from _phones(page)


def canonical(link: str) -> str:
    """A link without what varies: no scheme, `www.`, port, query or closing stroke; the host in lower case.

    >>> canonical("https://www.Cafe.example/Menu/?utm_source=x"), canonical("HTTP://CAFE.example:8080")
    ('cafe.example/Menu', 'cafe.example')
    """
    found = _HOST.match(link)
    return found[1].lower() + found[2].rstrip("/") if found else link.lower()


def _phones(page: Page) -> Iterator[Entity]:
    for found in _PHONE.finditer(page.text):
        number = ("+" if found[0].startswith("+") else "") + "".join(sign for sign in found[0] if sign.isdigit())
        most = _MOST if number[0] == "+" or number[:2] == "00" else _MOST_AT_HOME
        if _FEWEST <= len(number.lstrip("+")) <= most and not _DATE.fullmatch(found[0]):
            yield Entity("phone", number, found.start(), found.end())


@cache
def given_names() -> frozenset[str]:
    """Given names, folded."""
    return frozenset(fold(name) for _, names in rows("any", "names") for name in names.split())


def _people(page: Page, taken: set[int]) -> list[Entity]:
    """A given name with a family name behind it, or alone where it is thanked, greeted or stands within a sentence."""
    names = given_names()
    if names.isdisjoint(page.folded):
        return []
    found: list[Entity] = []
    after = 0
    for at, word in enumerate(page.folded):
        if at < after or page.kinds[at] != WORD or word not in names or at in taken:
            continue
        if not page.tokens[at][0].isupper() or (page.tokens[at].isupper() and page.text.isupper()):
            continue
        end = at + 1
        while end < len(page.tokens) and end - at < 3 and is_name(page, end) and end not in taken and page.folded[end] not in gazetteer():
            end += 1
        if end > at + 1 or is_name(page, at) or (at and page.folded[at - 1] in _THANKED) or _greeted(page, at):
            after = end
            found.append(Entity("person", " ".join(page.tokens[at:end]), page.starts[at], page.end(end - 1)))
    return found


def _greeted(page: Page, at: int) -> bool:
    """`Marta, ...`: a name that opens the text and is followed by a comma."""
    return at == 0 and len(page.tokens) > 1 and page.kinds[1] == SIGN and page.folded[1] == ","


reader = EntitiesReader()
