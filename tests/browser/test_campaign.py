"""A campaign as the team makes it: from a segment, looked at as three people, tested, approved, sent, followed, and its report read."""

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import PATIENCE, SLUG, Place, axe
from tests.engage.outbox.smtp import Place as Server
from tests.engage.outbox.smtp import smtp

READY = """
import json
from django.utils import timezone
from vincle.accounts.models import Membership, Workspace
from vincle.engage.letters import actions as letters
from vincle.identify.models import Consent, ContactPolicy
from vincle.listen import connections
from vincle.organise import members, segmenting
from vincle.organise.models import Profile, Segment, Membership as Inside
where = Workspace.objects.get(slug={slug!r})
ContactPolicy.objects.of(where).delete()
given = dict(address="news@lligam.example", sender="Cafè", smtp_host="127.0.0.1", smtp_port="{port}", smtp_security="none")
connections.connect(where, None, "mail", "Letters {port}", given, {{"password": "secret"}})
blocks = [dict(kind="heading", text="New beans"), dict(kind="button", label="Look at them", url="https://lligam.example/beans")]
letters.create(where, None, "Beans", draft=dict(en=dict(subject="{{{{ person.first_name }}}}, new beans", blocks=blocks)))
people = list(Profile.objects.of(where).exclude(email="").order_by("person")[:20])
from vincle.listen.models import Handle
for row in people:
    for handle in Handle.objects.of(where).filter(kind="email", value=row.email):
        said = dict(source="person", at=timezone.now(), basis="consent")
        Consent.objects.get_or_create(workspace=where, handle=handle.key, channel="email", purpose="marketing", permit="granted",
                                      event_id=("c%015d" % (handle.key % 10**15)).encode(), defaults=said)
made = segmenting.create(where, None, "Beans lovers {port}", {{"any": [{{"trait": "email", "is": row.email}} for row in people]}})
print(made.public)
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with smtp() as made:
        yield made


def until(what: Callable[[], bool], patience: float = PATIENCE / 1000) -> None:
    deadline = time.monotonic() + patience
    while not what():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.2)


def test_from_a_segment_to_its_report(visit: Visit, place: Place, server: Server) -> None:
    segment = place.installation.python(READY.format(slug=SLUG, port=server.port)).splitlines()[-1]
    asked: dict[str, str] = {}
    with visit("agent") as (page, _):
        page.goto(place.at(f"people/segments/{segment}/"))
        page.get_by_role("link", name="Write to them").click()
        page.locator("#c-name").fill("New beans")
        expect(page.locator(".reach-count b")).not_to_have_text("0")
        page.locator("#letter-0").select_option(page.locator("#letter-0 option", has_text="Beans").first.get_attribute("value"))
        expect(page.locator("#letter-1")).to_be_visible()
        page.locator("#c-held").fill("20")
        page.locator("#c-from").select_option(label=f"Letters {server.port}")
        expect(page.locator(".reach")).to_contain_text("What can be told afterwards")
        assert axe(page) == []
        page.get_by_role("button", name="Keep the draft").click()
        page.wait_for_url(re.compile(r"/campaigns/[0-9a-z]{13}/$"))
        asked["url"] = page.url
        expect(page.locator(".eyes iframe")).to_have_count(3)
        expect(page.frame_locator(".eyes iframe").first.get_by_role("heading", name="New beans")).to_be_visible()
        page.get_by_role("button", name="Send the test").click()
        until(lambda: len(server.taken) == 1)
        page.get_by_role("button", name="Ready: ask for approval").click()
        expect(page.locator(".tag", has_text="Waits for approval")).to_be_visible()
    server.taken.clear()
    with visit("owner") as (page, _):
        page.goto(asked["url"])
        assert axe(page) == []
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("dialog").get_by_role("button", name="Approve").click()
        until(lambda: len(server.taken) > 8)
        message = message_from_bytes(server.taken[0][2])
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        until(lambda: bool(page.reload()) and page.locator(".tiles").count() == 1 and page.locator("#progress .card").count() == 0)
        expect(page.locator("h1")).to_contain_text("New beans")
        expect(page.get_by_role("row", name=re.compile("^Sent"))).to_contain_text(re.compile(r"\d"))
        assert len({recipient for _, recipient, _ in server.taken}) == len(server.taken) < 20, "some are held out, nobody had it twice"
        assert axe(page) == []
        held = page.get_by_role("link", name="held out by lot")
        people = int(page.locator("dt", has=held).locator("xpath=following-sibling::dd[1]").inner_text())
        assert 0 < people <= 20 - len(server.taken)
        held.click()
        expect(page.locator("tbody tr")).to_have_count(people)
