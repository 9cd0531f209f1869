"""Where: the place a text says it is about or written from, else the one in its author's profile."""

from collections.abc import Sequence
from typing import ClassVar

from ._gazetteer import CITY, COUNTRY, REGION, Found, named, of_profile
from .base import Context
from .page import Page


class PlacesReader:
    """Said with `in` or `from` comes first, then the profile, then what is only mentioned. A country alone has no `place`."""

    id: ClassVar[str] = "places"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"country", "place", "place_from"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)

    def read(self, pages: Sequence[Page], context: Context) -> None:
        for page in pages:
            _read(page)


def _read(page: Page) -> None:
    reading = page.reading
    found = list(named(page))
    located = [one for one in found if one.located]
    if not located and page.profile_place and any(answer := of_profile(page.profile_place.strip())):
        (reading.country, reading.place), reading.place_from = answer, "profile"
    elif found:
        reading.country, reading.place = _best(located or found, found)
        reading.place_from = "stated"


def _best(candidates: Sequence[Found], found: Sequence[Found]) -> tuple[str, str]:
    """The first city, else region, else country; a country named beside a city of that name elsewhere decides."""
    for kind in (CITY, REGION, COUNTRY):
        for one in candidates:
            if one.place.kind == kind:
                beside = next((other.place.country for other in found if 0 < other.first - one.after <= 1), one.place.country)
                return beside, "" if kind == COUNTRY else one.place.name
    return "", ""


reader = PlacesReader()
