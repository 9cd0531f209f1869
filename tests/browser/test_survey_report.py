"""The report of a survey as the team reads it, and as somebody with its address does: light and dark, wide and narrow."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, SLUG, Place, axe, overflow, prefer, settled, watched

READY = f"""
from tests.engage.surveys.report.data import survey
from vincle.accounts.models import Workspace
from vincle.organise.models import Profile
where = Workspace.objects.get(slug={SLUG!r})
people = list(Profile.objects.of(where).order_by("person").values_list("person", flat=True)[:40])
print(survey(where, 120, people=people, name="Report in a browser").pk)
"""


def test_from_what_to_mend_to_a_shared_address(visit: Visit, place: Place, browser: Browser) -> None:
    pk = place.installation.python(READY).splitlines()[-1]
    with visit("owner") as (page, _):
        page.goto(place.at(f"surveys/{pk}/report/"))
        settled(page)
        expect(page.locator("h1")).to_contain_text("Mend “Delivery on time” first")
        for theme in ("light", "dark"):
            prefer(page, theme)
            assert axe(page) == []
        page.locator("#compare select[name=by]").select_option(label="Way they were asked")
        page.locator("#compare").get_by_role("button", name="Compare").click()
        expect(page.locator("#compare table")).to_contain_text("Kiosk at the door")
        page.locator(".report-question a").first.click()
        expect(page.locator("h1")).to_contain_text("120 people")
        page.go_back()
        page.get_by_role("button", name="Share").click()
        page.get_by_label("For whom").fill("The board")
        page.get_by_role("button", name="Make an address").click()
        page.get_by_role("button", name="Share").click()
        address = page.get_by_label("Address").input_value()
        assert re.search(r"/s/r/[\w-]{32}/$", address)
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    shared, watch = watched(context)
    shared.goto(place.address + "/s/r/" + address.partition("/s/r/")[2])
    settled(shared)
    expect(shared.locator("h1")).to_contain_text("Mend “Delivery on time” first")
    assert axe(shared) == []
    assert overflow(shared) == ""
    watch.check()
    context.close()
    with visit("viewer", viewport=PHONE) as (page, _):
        page.goto(place.at(f"surveys/{pk}/report/"))
        settled(page)
        assert axe(page) == []
        assert overflow(page) == ""
        expect(page.get_by_role("button", name="Share")).to_have_count(0)
