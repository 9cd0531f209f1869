"""A form is filled in on a phone: step by step, by hand and by keyboard, with what is wrong said beside its field."""

from playwright.sync_api import Browser

from .tools import PHONE, Place, axe, overflow, watched

PHONES = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"
MAKE = """
from vincle.accounts.models import User, Workspace
from vincle.engage.leads import actions, ready_made
from vincle.engage.leads.models import Form
where = Workspace.objects.get(slug="cafe-lligam")
found = Form.objects.filter(name="Offer on a phone").first()
if found is None:
    user = User.objects.filter(memberships__workspace=where).first()
    found = actions.create(where, user, Form, "Offer on a phone", {**ready_made.quotation("en"), "is_confirmed": False})
    actions.publish(found, user)
print(found.slug)"""
SENT = """
from vincle.engage.leads.models import Submission
row = Submission.objects.get(form__name="Offer on a phone")
print(row.state, row.address, row.sent["traits"]["company"], row.touch.get("campaign"))"""


def test_a_form_on_a_phone(browser: Browser, place: Place) -> None:
    slug = place.installation.python(MAKE)
    context = browser.new_context(viewport=PHONE, user_agent=PHONES, has_touch=True, is_mobile=True, locale="en-GB")
    try:
        page, watch = watched(context)
        watch.expected = {422}
        page.goto(f"{place.address}/f/{slug}/?utm_campaign=Spring")
        assert not overflow(page)
        assert not axe(page)
        page.get_by_role("button", name="Next").click()
        page.get_by_label("What are you looking for?").fill("Forty kilos of beans a month, roasted dark.")
        page.get_by_text("10–49").tap()
        page.get_by_role("button", name="Next").tap()
        page.get_by_label("First name").fill("Núria")
        page.get_by_label("Last name").fill("Serra")
        page.get_by_label("E-mail address").fill("nuria@example.org")
        page.get_by_label("Company").fill("Forn Serra")
        page.get_by_label("Phone").fill("12")
        page.get_by_role("button", name="Ask for an offer").tap()
        page.get_by_text("This is no phone number").wait_for()
        assert page.get_by_label("Company").input_value() == "Forn Serra"
        assert not overflow(page)
        page.get_by_label("Phone").fill("+34 600 000 001")
        page.wait_for_timeout(2100)  # whoever is quicker than that is taken for a machine
        page.get_by_role("button", name="Ask for an offer").tap()
        done, doubted = page.get_by_text("We will come back to you with an offer."), page.get_by_text("This address takes no mail.")
        done.or_(doubted).wait_for()
        if doubted.is_visible():  # where there is a name service: it says so of example.org, and whoever is sure sends it once more
            page.wait_for_timeout(2100)
            page.get_by_role("button", name="Ask for an offer").tap()
            done.wait_for()
        watch.check()
    finally:
        context.close()
    assert place.installation.python(SENT) == "new nuria@example.org Forn Serra Spring"
