"""Screens of campaigns through HTTP: who may do what, what is offered, what is said, and that no number stands without its people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.engage.campaigns.conftest import buys, drawn, letter, mailbox, people, segment, sent
from vincle.accounts.models import Role, User, Workspace
from vincle.engage.campaigns import actions, fatigue, looks, plans
from vincle.engage.campaigns.models import Campaign
from vincle.engage.outbox.models import LinkHit, Send
from vincle.organise.models import Plan, Segment, Tagging

pytestmark = pytest.mark.django_db
For = Callable[..., Client]
BASE = "/w/cafe-lligam/campaigns/"


def _values(workspace: Workspace, **more: Any) -> dict[str, Any]:
    return {
        "name": "Spring",
        "goal": "purchase",
        "window_days": "14",
        "inside": [segment(workspace, people(workspace, 12)).public],
        "held_out": "10",
        "test_share": "100",
        "winner": "none",
        "winner_hours": "24",
        "topic": "",
        "letter-0": str(letter(workspace).pk),
        "share-0": "50",
        "connection": str(mailbox(workspace).pk),
        "timing": "now",
        **more,
    }


def test_from_the_form_to_approved(workspace: Workspace, client_for: For, member: Callable[..., User]) -> None:
    agent, admin, viewer = client_for(Role.AGENT), client_for(Role.ADMIN), client_for(Role.VIEWER)
    values = _values(workspace)
    assert viewer.get(f"{BASE}new/").status_code == 403
    assert "12" in agent.post(f"{BASE}reach/", values).content.decode()
    page = agent.post(f"{BASE}new/", values, follow=True).content.decode()
    campaign = Campaign.objects.get()
    here = f"{BASE}{campaign.public}/"
    assert page.count("<iframe") == 3
    assert "ask for approval" in page
    agent.post(f"{here}act/", {"do": "ask"})
    agent.post(f"{here}act/", {"do": "approve"})
    campaign.refresh_from_db()
    assert campaign.state == "asked", "an agent may prepare, not start"
    admin.post(f"{here}act/", {"do": "approve"})
    campaign.refresh_from_db()
    assert (campaign.state, campaign.outlook["members"]) == ("approved", 12)
    assert viewer.get(here).status_code == 200
    assert viewer.post(f"{here}act/", {"do": "stop"}, follow=True).status_code == 200
    campaign.refresh_from_db()
    assert campaign.state == "approved"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("held_out", "x", "not a whole number"),
        ("held_out", "99", "from 0 to 90"),
        ("on", "32/01/2026", "not a moment"),
        ("letter-0", "999999", "no such letter"),
        ("inside", "nothing", "no such segment"),
        ("goal", "world peace", "offered answers"),
        ("connection", "424242", "gone"),
        ("name", "\x00  ", "needs a name"),
    ],
)
def test_what_cannot_be_kept_is_said(workspace: Workspace, client_for: For, field: str, value: str, said: str) -> None:
    answer = client_for(Role.AGENT).post(f"{BASE}new/", _values(workspace) | {field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Campaign.objects.exists()


def test_words_are_shown_never_run(workspace: Workspace, client_for: For) -> None:
    evil = "<script>alert(1)</script>"
    client = client_for(Role.AGENT)
    client.post(f"{BASE}new/", _values(workspace, name=evil, note=evil))
    campaign = Campaign.objects.get()
    for address in (BASE, f"{BASE}{campaign.public}/", f"{BASE}{campaign.public}/edit/", f"{BASE}{campaign.public}/people/"):
        assert evil not in client.get(address).content.decode()


def test_each_letter_as_someone_gets_it(workspace: Workspace, owner: User, client_for: For, draft: Callable[..., Campaign]) -> None:
    campaign = draft(5, 2)
    page = client_for(Role.OWNER).get(f"{BASE}{campaign.public}/").content.decode()
    assert page.count("<iframe") == 6
    frame = client_for(Role.OWNER).get(f"{BASE}{campaign.public}/letter/1/")
    assert frame.status_code == 200
    assert "sandbox" in frame["Content-Security-Policy"]
    assert client_for(Role.OWNER).get(f"{BASE}{campaign.public}/letter/7/").status_code == 404


def test_a_test_goes_to_the_team_alone(workspace: Workspace, owner: User, client_for: For, draft: Callable[..., Campaign]) -> None:
    campaign = draft(5)
    client_for(Role.OWNER).post(f"{BASE}{campaign.public}/test/", {"to": [owner.pk, 99_999]})
    row = Send.objects.get()
    assert (row.purpose, row.person, row.job.kind) == ("service", None, "test")


@pytest.fixture
def over(workspace: Workspace, draft: Callable[..., Campaign], begin: Callable[[Campaign], Campaign]) -> Campaign:
    """Sent to 60 people in two letters; nine followed the link, seven bought."""
    campaign = begin(draft(60, 2, held_out=20))
    written, held = drawn(campaign)
    sent(campaign, opened=written[:20], clicked=written[:9])
    buys(workspace, [*written[:7], *held[:1]], "40", campaign.begun_at + timedelta(microseconds=1))
    send = Send.objects.filter(job=campaign.job, person=written[0]).get()
    url = f"https://lligam.example/new?utm_source={workspace.slug}&utm_medium=email&utm_campaign=Spring"
    LinkHit.objects.create(
        workspace=workspace, send=send, job=campaign.job, arm=send.arm, link=77, url=url, humans=2, machines=1, first_at=timezone.now()
    )
    Campaign.objects.filter(pk=campaign.pk).update(measured_at=None)
    return campaign


def test_the_report_and_the_people_behind_its_numbers(over: Campaign, client_for: For) -> None:
    client = client_for(Role.ADMIN)
    here = f"{BASE}{over.public}/"
    page = client.get(here).content.decode()
    assert "cannot be told yet" in page
    for of, count in (("clicked", 9), ("opened", 20), ("acted", 7), ("complained", 0)):
        people_page = client.get(f"{here}people/?of={of}")
        assert people_page.context["total"] == count, of
    assert client.get(f"{here}people/?of=clicked&link=77").context["total"] == 1
    lines = client.get(f"{here}people.csv?of=acted").getvalue().decode().splitlines()
    assert len(lines) == 8
    for bad in ("of=nonsense", "of=clicked&arm=x", "of=clicked&link=9999999999999999999999"):
        assert client.get(f"{here}people/?{bad}").status_code == 404


def test_the_letter_says_where_they_clicked(over: Campaign, client_for: For) -> None:
    arm = LinkHit.objects.get().arm
    page = client_for(Role.VIEWER).get(f"{BASE}{over.public}/letter/{arm}/?clicks=1").content.decode()
    assert "100 %" in page or "100\xa0%" in page or "100%" in page
    assert looks.marked('<a href="https://a.example/">x</a>', []) == '<a href="https://a.example/">x</a>'


def test_a_segment_of_them(over: Campaign, client_for: For) -> None:
    answer = client_for(Role.ADMIN).post(f"{BASE}{over.public}/people/segment/?of=clicked")
    assert answer.status_code == 302
    made = Segment.objects.order_by("-pk")[0]
    assert made.name in answer["Location"] or made.public in answer["Location"]
    assert Tagging.objects.filter(removed_at=None).count() == 9


def test_the_list_takes_as_many_queries_for_many_as_for_one(workspace: Workspace, owner: User, client_for: For, over: Campaign) -> None:
    client = client_for(Role.OWNER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(BASE).status_code == 200
        return len(seen)

    queries()
    before = queries()
    for _ in range(4):
        actions.copy(workspace, owner, over)
    assert queries() == before
    found = client.get(f"{BASE}campaigns.csv").getvalue().decode().splitlines()
    assert len(found) == 6
    assert client.get(f"{BASE}?q=sprin&state=sending").context["rows"][0]["campaign"] == over


def test_a_report_does_not_ask_by_person(client_for: For, over: Campaign) -> None:
    client = client_for(Role.OWNER)
    client.get(f"{BASE}{over.public}/")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"{BASE}{over.public}/")
    assert len(seen) < 70


def test_plans_become_drafts_with_segment_letter_and_the_teams_plan(workspace: Workspace, owner: User, client_for: For) -> None:
    client = client_for(Role.OWNER)
    assert client.get(f"{BASE}plans/").status_code == 200
    client.post(f"{BASE}plans/begin/", {"key": "winback"})
    campaign = Campaign.objects.get()
    assert (campaign.plan, len(campaign.arms), len(campaign.inside)) == ("winback", 1, 1)
    assert Plan.objects.get().every_days == 60
    again = plans.begin(workspace, owner, "winback")
    assert again.arms[0]["letter"] == campaign.arms[0]["letter"], "what was made one's own is kept"
    client.post(f"{BASE}plans/begin/", {"key": "renewal"})
    assert Campaign.objects.count() == 2, "nothing known here tells whose service ends"
    assert client.get(f"{BASE}{campaign.public}/").status_code == 200


def test_how_tired_people_are(workspace: Workspace, over: Campaign, client_for: For) -> None:
    found = fatigue.look(workspace)
    assert found.letters == found.people == len(drawn(over)[0])
    assert client_for(Role.VIEWER).get(f"{BASE}tired/").status_code == 200
