"""Plans that go on by themselves: made anew when they are due, by what was approved only, and never the same to the same people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.campaigns.conftest import drawn, mailbox, people, segment, work
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace
from vincle.engage.campaigns import actions, plans, repeating
from vincle.engage.campaigns.actions import Refused
from vincle.engage.campaigns.models import Campaign, PlanRun
from vincle.engage.journeys import actions as journeys
from vincle.engage.journeys.models import Journey
from vincle.engage.letters import actions as letters
from vincle.organise.models import Membership as InSegment
from vincle.organise.models import Segment

pytestmark = pytest.mark.django_db
Draft = Callable[..., Campaign]
Begin = Callable[[Campaign], Campaign]
State = Campaign.State


@pytest.fixture
def first(draft: Draft, begin: Begin) -> Campaign:
    """A win-back campaign that has left."""
    campaign = draft(10, held_out=20)
    Campaign.objects.filter(pk=campaign.pk).update(plan="winback")
    return begin(campaign)


def later(days: int) -> None:
    PlanRun.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    Campaign.objects.exclude(drawn_at=None).update(drawn_at=timezone.now() - timedelta(days=days))


def test_only_what_was_approved_repeats(workspace: Workspace, owner: User, member: Callable[..., User], draft: Draft) -> None:
    with pytest.raises(Refused, match="first campaign"):
        repeating.begin(workspace, owner, "winback")
    campaign = draft(3)
    Campaign.objects.filter(pk=campaign.pk).update(plan="winback")
    actions.approve(workspace, owner, actions.ask(workspace, owner, campaign))
    with pytest.raises(Refused, match="may approve"):
        repeating.begin(workspace, member(Role.AGENT), "winback")
    run = repeating.begin(workspace, owner, "winback")
    assert run.next_at is not None
    assert timedelta(days=59) < run.next_at - timezone.now() <= timedelta(days=60)
    assert repeating.turn() == 0
    assert repeating.end(workspace, owner, "winback")
    assert not repeating.end(workspace, owner, "winback")


def test_the_next_one_leaves_by_itself_to_those_who_have_not_had_it(workspace: Workspace, owner: User, first: Campaign) -> None:
    repeating.begin(workspace, owner, "winback")
    fresh = people(workspace, 4, start=50)
    InSegment.objects.bulk_create(
        [InSegment(workspace=workspace, segment=Segment.objects.get(), person=each, entered_at=timezone.now()) for each in fresh]
    )
    later(61)
    assert (repeating.turn(), repeating.turn()) == (1, 0)
    work()
    second = Campaign.objects.exclude(pk=first.pk).get()
    assert (second.plan, second.approved_by, second.asked_by) == ("winback", owner, None)
    assert second.arms[0]["version"] == first.arms[0]["version"]
    got, held = drawn(second)
    assert set(got) | set(held) == set(fresh)
    assert second.left_out == {"had_it_lately": 10}
    assert AuditEntry.objects.filter(verb="approved beforehand").count() == 1
    run = PlanRun.objects.get()
    assert (run.said, run.next_at is not None and run.next_at > timezone.now() + timedelta(days=25)) == ("", True)


def test_after_its_rest_they_hear_of_it_again(workspace: Workspace, owner: User, first: Campaign) -> None:
    repeating.begin(workspace, owner, "winback")
    later(61)
    repeating.turn()
    assert (Campaign.objects.count(), PlanRun.objects.get().said) == (1, "Nobody was to be written to this time.")
    later(181)
    repeating.turn()
    work()
    assert Campaign.objects.exclude(pk=first.pk).get().assignments.count() == 10


def test_a_letter_that_says_something_else_waits_for_approval(workspace: Workspace, owner: User, first: Campaign) -> None:
    repeating.begin(workspace, owner, "winback")
    row = letters.Letter.objects.get(pk=first.arms[0]["letter"])
    draft = {"en": {**row.draft["en"], "subject": "Another word"}}
    letters.save(workspace, owner, row, draft, row.revision)
    later(181)
    repeating.turn()
    made = Campaign.objects.exclude(pk=first.pk).get()
    assert (made.state, "says something else" in PlanRun.objects.get().said) == (State.ASKED, True)
    later(181)
    repeating.turn()
    assert Campaign.objects.count() == 2, "while one waits, no other is made"


def test_whoever_may_not_approve_any_more_lets_nothing_leave(workspace: Workspace, owner: User, first: Campaign) -> None:
    repeating.begin(workspace, owner, "winback")
    Membership.objects.filter(user=owner).update(role=Role.AGENT)
    later(181)
    repeating.turn()
    assert Campaign.objects.exclude(pk=first.pk).get().state == State.ASKED


def test_a_plan_becomes_a_journey_on_each_ones_own_day(workspace: Workspace, owner: User) -> None:
    mailbox(workspace)
    unhappy = segment(workspace, [], "Unhappy")
    Segment.objects.filter(pk=unhappy.pk).update(template="unhappy")
    plans.begin_journey(workspace, owner, "birthday")
    plans.begin_journey(workspace, owner, "winback")
    wishes, back = Journey.objects.order_by("pk")
    definition = journeys.versions(wishes)[0].definition
    assert definition["start"] == [{"date": "birthday", "days": 0, "time": "09:00", "yearly": True}]
    assert journeys.versions(back)[0].definition["start"] == [{"enters": Segment.objects.get(template="at_risk").public}]
    assert journeys.versions(back)[0].definition["steps"][0]["paths"][0]["if"] == {"segment": unhappy.public}
    assert journeys.start(workspace, owner, wishes).state == Journey.State.RUNNING


def test_on_screen(workspace: Workspace, first: Campaign, client_for: Callable[..., Client]) -> None:
    base, admin = f"/w/{workspace.slug}/campaigns/plans/", client_for(Role.ADMIN)
    assert client_for(Role.AGENT).post(f"{base}repeat/", {"key": "winback"}).status_code == 403
    admin.post(f"{base}repeat/", {"key": "winback"})
    assert "Stop repeating" in admin.get(base).content.decode()
    page = admin.post(f"{base}journey/", {"key": "winback"}, follow=True)
    assert (page.status_code, "The journey is made" in page.content.decode()) == (200, True)
    assert "Come back" in admin.get(base).content.decode()
    admin.post(f"{base}repeat/", {"key": "winback", "do": "stop"})
    assert PlanRun.objects.get().next_at is None
    for bad in ({"key": "nonsense"}, {}):
        assert admin.post(f"{base}journey/", bad, follow=True).status_code == 200
        assert admin.post(f"{base}repeat/", bad, follow=True).status_code == 200
