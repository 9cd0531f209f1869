"""What is known of a text besides its words, as queries ask for it: fields with their values, numbers, the day."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from vincle.vocabulary import ObjectType

from ._atoms import above, accounts, atom, fact, hosts, tags
from .page import EMOJI, Page, fold
from .reading import EMOTIONS, INTENTS, SENTIMENTS

IS: Final = ("reply", "ours")
HAS: Final = ("link", "hashtag", "account", "emoji", "rating", "place", "number")
LONGEST_VALUE: Final = 80


@dataclass(frozen=True)
class FieldSpec:
    """A field: the code its atoms begin with, what it may be (empty: anything), and other words for its values."""

    code: str
    values: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)


FIELDS: Final[Mapping[str, FieldSpec]] = {
    "from": FieldSpec("fr"),
    "to": FieldSpec("to"),
    "lang": FieldSpec("lg"),
    "channel": FieldSpec("ch"),
    "place": FieldSpec("pl"),
    "country": FieldSpec("co"),
    "sentiment": FieldSpec("se", SENTIMENTS, {"pos": "positive", "neg": "negative", "neu": "neutral"}),
    "intent": FieldSpec("in", INTENTS, {"purchase": "purchase_intent", "churn": "churn_threat", "contact": "contact_request"}),
    "emotion": FieldSpec("em", EMOTIONS),
    "topic": FieldSpec("tp"),
    "aspect": FieldSpec("as"),
    "kind": FieldSpec("ki", tuple(kind.lower() for kind in ObjectType), {"post": "note", "comment": "note"}),
    "is": FieldSpec("is", IS),
    "has": FieldSpec("ha", HAS, {"mention": "account", "tag": "hashtag"}),
    "link": FieldSpec("li"),
}
ALIASES: Final = {"language": "lang", "author": "from", "by": "from", "site": "link", "since": "after", "until": "before", "type": "kind"}
TAG: Final = "ht"


@dataclass(frozen=True)
class NumberSpec:
    """A number: the code of its atoms, the digits it is written with, and how many of them stand behind the point."""

    code: str
    digits: int
    decimals: int
    most: float


NUMBERS: Final[Mapping[str, NumberSpec]] = {"reach": NumberSpec("re", 10, 0, 9_999_999_999), "rating": NumberSpec("ra", 2, 1, 5)}
"""`reach`: followers of the author; `rating`: stars of five."""


@lru_cache(maxsize=1 << 15)
def value_of(name: str, text: str) -> str:
    """A value of a field in the form in which it is compared."""
    found = " ".join(fold(text).lower().split())
    if name in ("from", "to"):
        found = found.lstrip("@").strip()
    if name == "link":
        found = found.removeprefix("https://").removeprefix("http://").removeprefix("www.").partition("/")[0]
    if name in ("intent", "topic", "aspect"):
        found = found.replace(" ", "_")
    return FIELDS[name].also.get(found, found)[:LONGEST_VALUE]


@dataclass(frozen=True)
class Facts:
    """What is known of a text: `values` of its fields (`lang`, `sentiment` ...), `numbers` (`reach`, `rating`; absent: not known), its
    hashtags, the day it was said (in its workspace's zone), and whether we said it ourselves."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    day: date = date(1970, 1, 1)
    is_ours: bool = False


def facts_of(
    page: Page, day: date, *, channel: str = "", kind: str = "", authors: Iterable[str] = (), addressed: Iterable[str] = (),
    reach: int | None = None, country: str = "", place: str = "", is_ours: bool = False, sites: Iterable[str] = (),
) -> Facts:  # fmt: skip
    """Facts of a page that was read, with what stands beside it: names of who said it and to whom, the author's followers.

    `country`, `place`: as its source says, used where the text itself says nothing. `sites`: where it stands, and where it leads.
    """
    reading = page.reading
    found: dict[str, Iterable[str]] = {
        "from": authors, "to": (*addressed, *accounts(page)), "lang": (reading.language or page.stated_language, *reading.also),
        "channel": (channel,), "kind": (kind,), "country": (reading.country or country,), "place": (reading.place or place,),
        "sentiment": (reading.sentiment,), "intent": reading.intents, "emotion": reading.emotions, "topic": reading.topics,
        "aspect": [aspect.id for aspect in reading.aspects], "link": [*hosts(page), *(each for site in sites for each in above(site))],
        "is": [name for name, holds in (("reply", page.is_reply), ("ours", is_ours)) if holds], "has": _has(page, reading.place or place),
    }  # fmt: skip
    values = {name: frozenset(value_of(name, each) for each in many if each) for name, many in found.items()}
    numbers: dict[str, float] = {}
    if reach is not None:
        numbers["reach"] = min(max(reach, 0), int(NUMBERS["reach"].most))
    if page.rating is not None:
        numbers["rating"] = round(page.rating * 5, 1)
    return Facts({name: each for name, each in values.items() if each}, numbers, frozenset(tags(page)), day, is_ours)


_KINDS: Final[Mapping[str, str]] = {"u": "link", "h": "hashtag", "a": "account", EMOJI: "emoji", "n": "number"}


def _has(page: Page, place: str) -> list[str]:
    found = {_KINDS[kind] for kind in page.kinds if kind in _KINDS}
    return [*sorted(found), *(["rating"] if page.rating is not None else []), *(["place"] if place else [])]


def fact_atoms(facts: Facts) -> list[str]:
    """The facts as atoms of an index."""
    found = [fact(FIELDS[name].code, value) for name, values in facts.values.items() for value in sorted(values)]
    found += [fact(TAG, name) for name in sorted(facts.tags)]
    return found + [text for name, number in facts.numbers.items() for text in number_atoms(name, number)]


def number_atoms(name: str, number: float) -> list[str]:
    """A number with leading noughts, and each of its beginnings: so that a range is a few atoms.

    >>> number_atoms("rating", 4.5)
    ['_ra_45', '_ra_4']
    """
    spec = NUMBERS[name]
    text = f"{whole(name, number):0{spec.digits}d}"
    return [f"_{spec.code}_{text[:length]}" for length in range(spec.digits, 0, -1)]


def whole(name: str, number: float) -> int:
    """A number without its point.

    >>> whole("rating", 4.5), whole("reach", 1200)
    (45, 1200)
    """
    return round(number * 10.0 ** NUMBERS[name].decimals)


def range_atoms(name: str, sign: str, number: float) -> list[str]:
    """Atoms of which the numbers asked for have one.

    >>> range_atoms("rating", ">=", 4.8)
    ['_ra_48', '_ra_49', '_ra_5', '_ra_6', '_ra_7', '_ra_8', '_ra_9']
    """
    spec, at = NUMBERS[name], whole(name, number)
    low, high = _BOUNDS[sign](at, 10**spec.digits - 1)
    return [f"_{spec.code}_{text}" for text in _beginnings(low, high, spec.digits)]


_BOUNDS: Final[Mapping[str, Callable[[int, int], tuple[int, int]]]] = {
    ">": lambda at, last: (at + 1, last),
    ">=": lambda at, last: (at, last),
    "<": lambda at, _: (0, at - 1),
    "<=": lambda at, _: (0, at),
    "=": lambda at, _: (at, at),
}
COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": lambda found, asked: found > asked,
    ">=": lambda found, asked: found >= asked,
    "<": lambda found, asked: found < asked,
    "<=": lambda found, asked: found <= asked,
    "=": lambda found, asked: found == asked,
}


def _beginnings(low: int, high: int, digits: int) -> list[str]:
    """The fewest beginnings of numbers of so many digits that together are low to high."""
    found: list[str] = []
    while low <= high:
        size = 1
        while low % (size * 10) == 0 and low + size * 10 - 1 <= high and size * 10 < 10**digits:
            size *= 10
        found.append(f"{low:0{digits}d}"[: digits - len(str(size)) + 1])
        low += size
    return found


def value_atom(name: str, value: str) -> str:
    return f"_{FIELDS[name].code}_{atom(value)}"
