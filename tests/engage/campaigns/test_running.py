"""From draft to sent: asked, approved by another one, drawn, handed to the outbox, the better letter chosen, measured."""

from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from tests.engage.campaigns.conftest import buys, drawn, letter, mailbox, people, segment, sent, work
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.engage.campaigns import actions, measuring, reach, running
from vincle.engage.campaigns.actions import Refused
from vincle.engage.campaigns.models import Assignment, Campaign
from vincle.engage.outbox import jobs
from vincle.engage.outbox.models import Send
from vincle.listen.models import NoticeFor

pytestmark = pytest.mark.django_db
Draft = Callable[..., Campaign]
Begin = Callable[[Campaign], Campaign]
State = Campaign.State


def test_what_is_lacking_is_said_one_after_the_other(workspace: Workspace, owner: User) -> None:
    campaign = actions.create(workspace, owner, {"name": "Empty"})
    for values, said in (
        ({"inside": [segment(workspace, people(workspace, 3)).public]}, "segment"),
        ({"arms": [{"letter": letter(workspace).pk}]}, "letter"),
        ({"connection_id": mailbox(workspace).pk}, "sent"),
    ):
        with pytest.raises(Refused, match=said):
            actions.ask(workspace, owner, campaign)
        campaign = actions.change(workspace, owner, campaign, values)
    assert actions.ask(workspace, owner, campaign).state == State.ASKED


def test_a_second_one_approves_where_there_are_two(workspace: Workspace, owner: User, member: Callable[..., User], draft: Draft) -> None:
    admin, agent = member(Role.ADMIN), member(Role.AGENT)
    campaign = actions.ask(workspace, owner, draft())
    for who in (owner, agent):
        with pytest.raises(Refused, match="Someone else"):
            actions.approve(workspace, who, campaign)
    assert [row.user for row in NoticeFor.objects.filter(notice__code="campaign_waits")] == [admin]
    assert actions.approve(workspace, admin, campaign).approved_by == admin
    assert AuditEntry.objects.filter(object_type="campaign").values_list("verb", flat=True).distinct().count() == 3


def test_sent_back_it_is_a_draft_with_a_word_why(
    workspace: Workspace, owner: User, member: Callable[..., User], draft: Draft
) -> None:
    campaign = actions.ask(workspace, owner, draft())
    assert campaign.arms[0]["version"]
    with pytest.raises(Refused):
        actions.change(workspace, owner, campaign, {"name": "Other"})
    back = actions.send_back(workspace, member(Role.ADMIN), campaign, "Too  loud")
    assert NoticeFor.objects.get(notice__code="campaign_back").user == owner
    assert (back.state, back.problem, back.arms[0]["version"]) == (State.DRAFT, "Too loud", None)
    assert actions.change(workspace, owner, back, {"name": "Quiet"}).version == 2
    assert actions.back_to(workspace, owner, back, 1).name == "Spring"


def test_people_are_drawn_once_and_those_held_out_get_nothing(workspace: Workspace, draft: Draft, begin: Begin) -> None:
    nobody = segment(workspace, people(workspace, 5, agreed=False, start=100), "Silent")
    campaign = draft(40)
    actions.change(workspace, None, campaign, {"inside": [*campaign.inside, nobody.public]})
    campaign = begin(campaign)
    written, held = drawn(campaign)
    assert (campaign.state, len(written) + len(held), campaign.left_out) == (State.SENDING, 40, {"never_agreed": 5})
    assert held
    assert set(Send.objects.filter(job=campaign.job).values_list("person", flat=True)) == set(written)
    sent(campaign)
    work()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.done_at is not None) == (State.DONE, True)


def test_whoever_left_the_segment_is_out_and_whoever_is_in_the_other_too(workspace: Workspace, owner: User, draft: Draft) -> None:
    campaign = draft(10)
    outside = segment(workspace, reach.people(workspace, campaign.inside, [])[:4].tolist(), "Complained")
    campaign = actions.change(workspace, owner, campaign, {"outside": [outside.public]})
    assert reach.people(workspace, campaign.inside, campaign.outside).size == 6
    assert reach.outlook(workspace, campaign).reach == 6


def test_killed_at_any_step_it_goes_on_and_nobody_is_written_to_twice(workspace: Workspace, owner: User, draft: Draft) -> None:
    campaign = draft(30, held_out=10)
    actions.approve(workspace, owner, actions.ask(workspace, owner, campaign))
    with mock.patch.object(reach, "PIECE", 7):
        assert running.turn() == 7
        first = drawn(campaign)
        Campaign.objects.filter(pk=campaign.pk).update(drawn_to=-1)  # as if the place had not been kept
        work()
    written, held = drawn(campaign)
    assert set(first[0]) <= set(written)
    assert set(first[1]) <= set(held)
    Campaign.objects.filter(pk=campaign.pk).update(added_at=None, state=State.APPROVED)
    work()
    assert sorted(Send.objects.filter(job__source=campaign.source).values_list("person", flat=True)) == written
    assert len(jobs.of_source(workspace, campaign.source)) == 1


def test_it_waits_for_its_time_and_can_be_paused_and_stopped(workspace: Workspace, owner: User, draft: Draft) -> None:
    at = timezone.now() + timedelta(days=1)
    campaign = draft(6, timing="at", starts_at=at)
    actions.approve(workspace, owner, actions.ask(workspace, owner, campaign))
    assert running.turn() == 0
    actions.pause(workspace, owner, campaign)
    assert running.turn(at) == 0
    actions.resume(workspace, owner, campaign)
    work(at)
    campaign.refresh_from_db()
    assert campaign.state == State.SENDING
    campaign = actions.stop(workspace, owner, campaign)
    assert (campaign.state, campaign.job.state) == (State.STOPPED, "stopped")
    assert set(Send.objects.filter(job=campaign.job).values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(Refused):
        actions.resume(workspace, owner, campaign)


def test_nobody_to_write_to_ends_it(workspace: Workspace, owner: User, draft: Draft, begin: Begin) -> None:
    campaign = draft(2)
    empty = segment(workspace, people(workspace, 2, agreed=False, start=50), "Nobody")
    campaign = begin(actions.change(workspace, owner, campaign, {"inside": [empty.public]}))
    assert (campaign.state, campaign.job, bool(campaign.problem)) == (State.DONE, None, True)


def test_the_better_letter_goes_to_those_who_wait(workspace: Workspace, owner: User, draft: Draft, begin: Begin) -> None:
    campaign = begin(draft(120, 2, winner="best", test_share=60, winner_hours=1, goal="click", held_out=10))
    waiting = Assignment.objects.filter(campaign=campaign, starts_at=None)
    waits, held = waiting.filter(is_held=False).count(), waiting.filter(is_held=True).count()
    assert waits > 20
    second = list(Send.objects.filter(job=campaign.job, arm=1).values_list("person", flat=True))
    sent(campaign, clicked=second[:9], opened=second)
    work()
    campaign.refresh_from_db()
    assert campaign.best_arm is None, "too early to say, and its hour is not over"
    later = timezone.now() + timedelta(hours=2)
    work(later)
    campaign.refresh_from_db()
    assert (campaign.best_arm, waiting.count()) == (1, 0)
    assert Send.objects.filter(job=campaign.job, state="waiting", arm=1).count() == waits
    assert Assignment.objects.filter(campaign=campaign, is_held=True, starts_at=campaign.last_at).count() == held
    assert not actions.choose(workspace, owner, campaign, 0)


def test_a_sure_winner_is_not_waited_for(workspace: Workspace, draft: Draft, begin: Begin) -> None:
    campaign = begin(draft(200, 2, winner="sure", test_share=90, goal="click", held_out=0))
    second = list(Send.objects.filter(job=campaign.job, arm=1).values_list("person", flat=True))
    sent(campaign, clicked=second[:60])
    work(timezone.now() + timedelta(minutes=5))
    campaign.refresh_from_db()
    assert (campaign.best_arm, campaign.is_best_sure) == (1, True)


def test_what_they_did_is_measured_beside_those_who_got_nothing(workspace: Workspace, draft: Draft, begin: Begin) -> None:
    campaign = begin(draft(60, held_out=30))
    written, held = drawn(campaign)
    sent(campaign)
    buys(workspace, [*written[:12], held[0]], "30", campaign.begun_at + timedelta(hours=1))
    buys(workspace, written[:1], "5", campaign.begun_at + timedelta(days=20))
    buys(workspace, written[1:2], "7", campaign.begun_at + timedelta(hours=3), currency="USD")
    assert measuring.measure(campaign, campaign.begun_at + timedelta(days=30)) == 13
    assert measuring.measure(campaign, campaign.begun_at + timedelta(days=30)) == 0
    found = measuring.counted(campaign, timezone.now() + timedelta(days=1))
    lift = measuring.against_held(campaign, found)
    assert lift is not None
    assert found.money.sum() == 13 * 30
    assert lift.each.value == pytest.approx(12 * 30 / len(written) - 30 / len(held))


def test_a_code_for_each(workspace: Workspace, owner: User, draft: Draft, begin: Begin) -> None:
    from vincle.engage.campaigns import promotions

    spring = promotions.save(workspace, owner, promotions.Terms(name="Spring"))
    campaign = begin(draft(8, promotion_id=spring.pk, held_out=0))
    codes = [row.data["code"] for row in Send.objects.filter(job=campaign.job)]
    assert len(set(codes)) == 8
    few = promotions.save(workspace, owner, promotions.Terms(name="Few", draws=False))
    again = actions.change(workspace, owner, actions.copy(workspace, owner, campaign), {"promotion_id": few.pk})
    again = begin(again)
    assert again.state == State.PAUSED
    assert "codes" in again.problem


def test_what_the_outbox_pauses_and_wakes_the_campaign_follows(workspace: Workspace, owner: User, draft: Draft, begin: Begin) -> None:
    campaign = begin(draft(6))
    jobs.pause(campaign.job, None, "bounces")
    work()
    campaign.refresh_from_db()
    assert campaign.state == State.PAUSED
    jobs.resume(campaign.job, owner)
    work()
    campaign.refresh_from_db()
    assert campaign.state == State.SENDING
    actions.pause(workspace, owner, campaign)
    work()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.job.state) == (State.PAUSED, "paused")
