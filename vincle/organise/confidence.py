"""How sure a trait is: by who said it, how long ago, and who says otherwise. Pure.

A source is believed as far as its kind (`BELIEF`), which halves with each half-life of the trait (`HALF_LIFE`, years; a name or a
birthday does not age). Sources that say the same add up as independent ones do: 1 - (1 - a)(1 - b). Values that contradict each other
share what is sure by their odds, a / (1 - a), beside 1 for "none of them": one source alone is believed as far as it is, two that
differ less than either.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import prod
from typing import Final, Literal, NamedTuple

from .survivors import TEAM

Kind = Literal["team", "order", "site", "list", "message", "network"]
BELIEF: Final[dict[Kind, float]] = {"team": 0.97, "order": 0.9, "site": 0.85, "list": 0.75, "message": 0.7, "network": 0.6}
"""team: someone of the team wrote it. order: told to get goods. site: told on the own site. list: a file or a system the company keeps.
message: of a mail or a chat. network: as they call themselves in public."""
HALF_LIFE: Final[dict[str, float]] = {
    "followers": 0.5, "lifecycle": 1, "job_title": 3, "department": 3, "company": 3, "industry": 4, "bio": 3, "website": 4, "avatar": 3,
    "street": 5, "postcode": 5, "city": 5, "region": 8, "country": 10, "timezone": 5, "language": 15, "title": 10, "last_name": 30,
}  # fmt: skip
UNAGEING: Final = frozenset({"name", "first_name", "middle_name", "nickname", "birthday", "gender", "first_contact"})
USUAL: Final = 4.0
"""Half-life of any other trait, in years."""
MOST: Final = 0.99
_OF_FAMILY: Final[dict[str, Kind]] = {"contacts": "list", "orders": "order", "messages": "message"}
_OF_CHANNEL: Final[dict[str, Kind]] = {
    TEAM: "team", "shopify": "order", "stripe": "order", "woocommerce": "order", "web": "site", "webhook": "list", "whatsapp": "message",
    "telegram": "message", "vincle": "list",
}  # fmt: skip


class Witness(NamedTuple):
    """A source with the last it said of a trait: `value` as text that compares, `age` in days."""

    value: str
    kind: Kind
    age: float


def kind_of(channel: str, family: str = "") -> Kind:
    """What kind of source a channel is; one that says nothing else of itself is a public network.

    >>> kind_of("shopify", "webhook"), kind_of("contacts", "contacts"), kind_of("mastodon", "webhook")
    ('order', 'list', 'network')
    """
    return _OF_CHANNEL.get(channel) or _OF_FAMILY.get(family, "network")


def belief(trait: str, kind: Kind, age: float) -> float:
    """How far one source is believed, 0 to 1.

    >>> round(belief("city", "list", 0), 2), round(belief("city", "list", 5 * 365.25), 3), belief("birthday", "list", 9000)
    (0.75, 0.375, 0.75)
    """
    if trait in UNAGEING:
        return BELIEF[kind]
    return float(BELIEF[kind] * 0.5 ** (max(age, 0.0) / 365.25 / HALF_LIFE.get(trait, USUAL)))


def weigh(trait: str, witnesses: Iterable[Witness]) -> dict[str, float]:
    """Value -> how sure it is, 0 to 1; together at most 1.

    >>> said = [Witness("vic", "order", 0), Witness("girona", "network", 0)]
    >>> {value: round(sure, 2) for value, sure in weigh("nickname", said).items()}
    {'girona': 0.13, 'vic': 0.78}
    """
    ordered = sorted(witnesses, key=lambda each: each.value)
    odds = {value: _odds(trait, list(same)) for value, same in groupby(ordered, key=lambda each: each.value)}
    whole = 1 + sum(odds.values())
    return {value: each / whole for value, each in odds.items()}


def _odds(trait: str, same: Sequence[Witness]) -> float:
    sure = min(1 - prod(1 - belief(trait, each.kind, each.age) for each in same), MOST)
    return sure / (1 - sure)
