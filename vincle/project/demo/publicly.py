"""What people show of themselves on the networks: a picture, a town, a page of their own, the same words about themselves, or not.

Namesakes each show their own; someone's accounts show the same on some networks and something else on others. Each person's choices
depend on nobody else's, so that what one shows stays as it is when another is added.
"""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from .identities import Identity
from .names import plain

_HAS_PICTURE, _SAME_PICTURE = 0.75, 0.8
_HAS_PAGE, _NAMES_TOWN, _SAME_WORDS = 0.25, 0.45, 0.35
_PAGES: Final = ("{first}{last}.example.com", "{last}.example.net", "{first}-{last}.example.org", "www.{first}{last}.example.net")
_YOUNGEST, _DAYS = date(2006, 1, 1), 16_000


def shown(who: Identity, channel: int) -> dict[str, Any]:
    """Traits of the public profile but for the words."""
    person, place = Random(f"shown {who.code}"), Random(f"shown {who.code} {channel}")
    picture, has_picture = person.getrandbits(64), person.random() < _HAS_PICTURE
    page, says_page = _page(who, person), person.random() < _HAS_PAGE
    traits: dict[str, Any] = {}
    if has_picture:
        traits["avatar_hash"] = f"{_scaled(picture, place) if place.random() < _SAME_PICTURE else place.getrandbits(64):016x}"
    if says_page and place.random() < 0.8:
        traits["website"] = page
    if place.random() < _NAMES_TOWN:
        traits["city"] = who.town
    return traits


def same_words(who: Identity) -> bool:
    """Whether they write the same about themselves wherever they are."""
    return Random(f"words {who.code}").random() < _SAME_WORDS


def birthday(who: Identity) -> str:
    """The birthday that some leave with the shop, for the coffee on the house; "" for the others and for organisations."""
    person = Random(f"birthday {who.code}")
    day = _YOUNGEST - timedelta(days=person.randrange(_DAYS))
    return day.isoformat() if person.random() < 0.5 and not who.company else ""


def _scaled(picture: int, place: Random) -> int:
    """A network scales and presses pictures in its own way: a few bits of the hash turn."""
    for _ in range(place.choice((0, 0, 1, 2, 4))):
        picture ^= 1 << place.randrange(64)
    return picture


def _page(who: Identity, person: Random) -> str:
    names = {"first": plain(who.first), "last": plain(who.last.split()[0])}
    return "https://" + (f"{plain(who.company)}.example.com" if who.company else person.choice(_PAGES).format(**names)) + "/"
