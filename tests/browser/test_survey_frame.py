"""A site asks a visitor of a segment in a frame of its own page, and nobody else; the answer is theirs."""

import json

from playwright.sync_api import Browser, expect

from tests.browser.sites import Shop
from tests.browser.tools import PATIENCE, SLUG, Place, watched

MAKE = """
import json, time
from django.utils import timezone
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, collectors
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Survey
from vincle.identify.models import Belonging
from vincle.listen.models import Handle
from vincle.organise import members, segmenting
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key
where = Workspace.objects.get(slug={slug!r})
user = User.objects.filter(memberships__workspace=where).first()
who = Profile.objects.of(where).exclude(email="").order_by("person")[30]
key = handle_key(bytes(where.secret), "cookie", {cookie!r})
Handle.objects.get_or_create(workspace=where, key=key, defaults=dict(kind="cookie", value={cookie!r}, first_seen=timezone.now()))
Belonging.objects.get_or_create(workspace=where, handle=key, defaults=dict(person=who.person))
made = segmenting.create(where, None, "In a frame", {{"any": [{{"trait": "email", "is": who.email}}]}})
until = time.monotonic() + 120
while not len(members.members(made)) and time.monotonic() < until:
    time.sleep(0.2)
    made.refresh_from_db()
asked = dict(type="nps", id="nps", role="nps", text=dict(en="Would you recommend us?"))
why = dict(type="long_text", id="why", text=dict(en="Why?"))
told = model.load(dict(title=dict(en="How was it?"), pages=[dict(id="a", items=[asked]), dict(id="b", items=[why])]))
row = actions_builder.create(where, user, "In a frame", told)
actions_builder.open_(Survey.objects.select_related("workspace").get(pk=row.pk), user)
print(collectors.create(where, user, Survey.objects.get(pk=row.pk), "web", given=dict(segment=made.public)).token)"""
STORED = """
import json
from vincle.engage.surveys.models import Response
rows = Response.objects.filter(survey__name="In a frame")
print(json.dumps([[row.state, row.answers, row.person is not None, row.facts] for row in rows]))"""
COOKIE = "visitor-in-a-frame"


def test_a_visitor_of_the_segment_answers_in_the_page_they_are_on(browser: Browser, place: Place, shop: Shop) -> None:
    token = place.installation.python(MAKE.format(slug=SLUG, cookie=COOKIE)).strip()
    asks = 'data-mode="popup" data-after="0.1" data-title="How was it?" data-targeted="yes"'
    shop.late = f'<script async src="{place.address}/s/embed.js" data-survey="{token}" {asks}></script>'
    for cookie in ("", "visitor-of-nobody", COOKIE):
        context = browser.new_context(locale="en-GB")
        if cookie:
            context.add_cookies([{"name": "vincle_id", "value": cookie, "url": shop.address}])
        page, watch = watched(context)
        opened, frame = page.locator("[data-vincle-survey-open]"), page.frame_locator("[data-vincle-survey-open] iframe")
        if cookie == COOKIE:
            page.goto(f"{shop.address}/coffee")
            frame.locator("input[value='2']").check(force=True, timeout=PATIENCE)
            frame.get_by_role("button", name="Next").click()
            frame.get_by_label("Why?").fill("Too slow")
            frame.get_by_role("button", name="Send").click()
            expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()
            page.get_by_role("button", name="Close").click()
            expect(opened).to_have_count(0)
        else:
            with page.expect_response(lambda answer: "/for/" in answer.url) if cookie else page.expect_response("**/s/embed.js"):
                page.goto(f"{shop.address}/coffee")
            page.wait_for_timeout(300)
            expect(opened).to_have_count(0)
        watch.check()
        context.close()
    assert json.loads(place.installation.python(STORED)) == [["complete", {"nps": 2, "why": "Too slow"}, True, {}]]
