"""A form is filled in on a phone: step by step, with what is wrong said beside its field; and at a stand, without a network."""

from playwright.sync_api import Browser, expect

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


STAND = """
from vincle.accounts.models import User, Workspace
from vincle.engage.leads import actions, ready_made
from vincle.engage.leads.models import Form
where = Workspace.objects.get(slug="cafe-lligam")
user = User.objects.filter(memberships__workspace=where).first()
made = actions.create(where, user, Form, "Stand at the fair", {**ready_made.event("en"), "is_confirmed": False})
actions.publish(made, user)
print(made.slug)"""
ENTRIES = """
from vincle.engage.leads.models import Submission
print([(row.name, row.state, row.touch["way"]) for row in Submission.objects.filter(form__name="Stand at the fair").order_by("name")])"""


def test_a_stand_without_a_network(browser: Browser, place: Place) -> None:
    slug = place.installation.python(STAND)
    context = browser.new_context(viewport={"width": 820, "height": 1180}, has_touch=True, locale="en-GB")
    try:
        page, watch = watched(context)
        page.goto(f"{place.address}/f/{slug}/stand/")
        assert not axe(page)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => 1)")
        page.wait_for_function("() => caches.keys().then(names => names.length)")
        context.set_offline(True)
        page.reload()  # the page itself is there without a network
        waiting = page.locator("[data-waiting]")
        for number, name in enumerate(("Ana Torres", "Pol Vila"), start=1):
            page.get_by_label("Name").fill(name)
            page.get_by_label("E-mail address").fill(f"stand{number}@example.org")
            page.get_by_label("How many of you are coming?").fill(str(number))
            page.get_by_role("button", name="I am coming").tap()
            expect(page.locator("[data-thanks]")).to_be_visible()
            expect(waiting).to_have_text(f"{number} waiting for a network; nothing is lost.")
            expect(page.get_by_label("Name")).to_be_focused()  # the next one can begin
            expect(page.get_by_label("Name")).to_have_value("")
        page.reload()
        expect(waiting).to_contain_text("2 waiting")
        context.set_offline(False)
        page.evaluate("() => dispatchEvent(new Event('online'))")
        expect(waiting).to_have_text("Everything has been sent.")
        watch.trouble = [one for one in watch.trouble if "ERR_INTERNET_DISCONNECTED" not in one]
        watch.check()
    finally:
        context.close()
    assert place.installation.python(ENTRIES) == "[('Ana Torres', 'new', 'stand'), ('Pol Vila', 'new', 'stand')]"
