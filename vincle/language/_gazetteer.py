"""Places by their names: a small gazetteer of countries, regions and cities, and where a page or a profile names them."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from ._lexicons import folded, rows
from ._spoken import opens
from .page import EMOJI, HASHTAG, SIGN, WORD, Page

CITY, REGION, COUNTRY = "city", "region", "country"
_IN: Final = frozenset("in from near at around en desde a da des across throughout em à au aux per".split())
_LOOSE: Final = frozenset("to of de di d' para hacia vers do cap por pour through via visit visiting".split())
_NOT_ENGLISH: Final = frozenset({"a", "per", "da", "des"})
_FEW: Final = 4
"""Words of a profile up to which a name that is also something else is believed."""


class Place(NamedTuple):
    """`certain`: the name is nothing else. `people`: a word for people of the country, which names it in profiles only."""

    kind: str
    name: str
    country: str
    certain: bool
    people: bool


class Found(NamedTuple):
    first: int
    after: int
    place: Place
    located: bool


@cache
def gazetteer() -> dict[str, list[tuple[tuple[str, ...], Place]]]:
    """First word -> the further words of a name, and the place; longest names first, and the certain before others."""
    found: dict[str, list[tuple[tuple[str, ...], Place]]] = {}
    for kind, name, country, *others in rows("any", "places"):
        aliases = [alias.strip() for alias in others[0].split(";")] if others else []
        doubtful = {alias.lstrip("~") for alias in (name, *aliases) if alias.startswith("~")}
        for alias in dict.fromkeys((name, *aliases)):
            bare = alias.lstrip("~+")
            if not bare:
                continue
            words = folded(bare).split(" ")
            place = Place(kind, name.lstrip("~"), country, bare not in doubtful, alias.startswith("+"))
            found.setdefault(words[0], []).append((tuple(words[1:]), place))
    for entries in found.values():
        entries.sort(key=lambda entry: (-len(entry[0]), not entry[1].certain))
    return found


@cache
def countries() -> frozenset[str]:
    """Codes of the countries known."""
    return frozenset(country for _, _, country, *_ in rows("any", "places"))


def named(page: Page) -> Iterator[Found]:
    """Places a text names. Names that are also other words need a capital and a word such as `in` before them."""
    known, words, kinds, after = gazetteer(), page.folded, page.kinds, 0
    if known.keys().isdisjoint(words) and HASHTAG not in kinds:
        return
    for at, word in enumerate(words):
        entries = known.get(word[1:] if kinds[at] == HASHTAG else word)
        if entries is None or at < after or kinds[at] not in "wh":
            continue
        for rest, place in entries:
            end = at + 1 + len(rest)
            if (not rest or tuple(words[at + 1 : end]) == rest) and not place.people and _believed(page, at, end, place):
                after = end
                yield Found(at, end, place, _follows(page, at, _IN))
                break


def _follows(page: Page, at: int, before: frozenset[str]) -> bool:
    if not at or page.kinds[at - 1] != WORD:
        return False
    word = page.folded[at - 1]
    return word in before and not (word in _NOT_ENGLISH and page.reading.language == "en")


def _believed(page: Page, at: int, end: int, place: Place) -> bool:
    token = page.tokens[at]
    if page.kinds[at] == HASHTAG:
        return place.certain and len(token) > 4
    is_capital, is_code = token[0].isupper(), end == at + 1 and len(token) <= 3
    if is_code and not token.isupper():
        return False
    if place.certain:
        return is_capital or (len(token) > 4 and (_follows(page, at, _IN) or _follows(page, at, _LOOSE)))
    return is_capital and _follows(page, at, _IN) and not opens(page, at) and (not is_code or not page.text.isupper())


@lru_cache(maxsize=1 << 15)
def of_profile(text: str) -> tuple[str, str]:
    """Country and place that a profile states; empty where it states none.

    >>> of_profile("Barcelona, ES"), of_profile("NYC"), of_profile("🇮🇹 Milano"), of_profile("somewhere over the rainbow")
    (('ES', 'Barcelona'), ('US', 'New York'), ('IT', 'Milan'), ('', ''))
    """
    page = Page(text[:120])
    flags = [code for token, kind in zip(page.tokens, page.kinds, strict=True) if kind == EMOJI and (code := _flag(token))]
    found = list(_in_profile(page))
    stated = [place.country for place in found if place.kind == COUNTRY]
    local = next((place for kind in (CITY, REGION) for place in found if place.kind == kind), None)
    regions = [place.country for place in found if place.kind == REGION]
    country = next(iter(flags or stated), "")
    if local is None:
        return country, ""
    if not country and regions and local.kind == CITY and local.country not in regions:
        country = regions[0]
    return country or local.country, local.name


def _flag(token: str) -> str:
    letters = "".join(chr(ord(sign) - 0x1F1E6 + ord("A")) for sign in token if "\U0001f1e6" <= sign <= "\U0001f1ff")
    return letters if letters in countries() else ""


def _in_profile(page: Page) -> Iterator[Place]:
    known, words, kinds, after, last = gazetteer(), page.folded, page.kinds, 0, ""
    count = sum(kind == WORD for kind in kinds)
    for at, word in enumerate(words):
        if at < after or kinds[at] not in "wh":
            continue
        token = page.tokens[at].lstrip("#")
        if len(token) == 2 and (code := _code(page, at, token, last)):
            last = code.country
            yield code
            continue
        for rest, place in known.get(word.lstrip("#"), ()):
            is_plain = place.certain or count == 1 or (count <= _FEW and token[0].isupper())
            if tuple(words[at + 1 : at + 1 + len(rest)]) == rest and is_plain and (rest or len(token) > 2 or token.isupper()):
                after, last = at + 1 + len(rest), place.country
                yield place
                break


def _code(page: Page, at: int, token: str, last: str) -> Place | None:
    """A code of two letters behind a place or a comma: the country's own, else a state."""
    if not token.isupper() or not (last or (at and page.kinds[at - 1] == SIGN and page.folded[at - 1] in ",/-")):
        return None
    state = next((place for rest, place in gazetteer().get(token.lower(), ()) if not rest and place.kind == REGION), None)
    if state and last in ("", state.country):
        return state
    if token in countries() and (not last or last == token or state is None):
        return Place(COUNTRY, token, token, True, False)
    return state


__all__ = ["CITY", "COUNTRY", "REGION", "Found", "Place", "gazetteer", "named", "of_profile"]
