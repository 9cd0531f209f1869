"""The pages of letters on a phone."""

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, overflow, settled


def test_on_a_phone_it_can_be_read(place: Place, visit: Visit) -> None:
    with visit(viewport=PHONE) as (page, _watch):
        for path in ("letters/", "letters/new/", "letters/brand/"):
            page.goto(place.at(path))
            settled(page)
            assert overflow(page) == "", path
