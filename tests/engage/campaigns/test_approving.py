"""What whoever approves is shown: how letters and settings differ from what was approved last."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from vincle.accounts.models import Role, User, Workspace
from vincle.engage.campaigns import actions, approving
from vincle.engage.campaigns.models import Campaign
from vincle.engage.letters import actions as letters
from vincle.engage.letters import comparing
from vincle.engage.letters.models import Letter

Draft = Callable[..., Campaign]
LINES = st.lists(st.sampled_from("abcd"), max_size=12)


@given(LINES, LINES, st.none() | st.integers(0, 2))
def test_nothing_that_changed_is_left_out(old: list[str], new: list[str], around: int | None) -> None:
    found = comparing.changes(old, new, around)
    if around is None:
        assert [line for kind, line in found if kind in ("same", "out")] == old
        assert [line for kind, line in found if kind in ("same", "in")] == new
    whole = comparing.changes(old, new)
    assert [each for each in found if each[0] in ("in", "out")] == [each for each in whole if each[0] in ("in", "out")]


def say(workspace: Workspace, owner: User, campaign: Campaign, heading: str) -> None:
    row = Letter.objects.get(pk=campaign.arms[0]["letter"])
    content = row.draft["en"]
    content["blocks"][0]["text"] = heading
    letters.save(workspace, owner, row, {"en": content}, row.revision)


@pytest.mark.django_db
def test_the_first_time_there_is_nothing_to_compare(workspace: Workspace, owner: User, draft: Draft) -> None:
    found = approving.seen(actions.ask(workspace, owner, draft()))
    assert ([each.since for each in found.letters], found.settings, found.since) == ([None], [], None)


@pytest.mark.django_db
def test_what_was_changed_after_it_was_taken_back_is_shown(
    workspace: Workspace, owner: User, draft: Draft, client_for: Callable[..., Client]
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    campaign = draft(timing="at", starts_at=tomorrow)
    actions.approve(workspace, owner, actions.ask(workspace, owner, campaign))
    campaign = actions.to_draft(workspace, owner, Campaign.objects.get())
    say(workspace, owner, campaign, "Other <b>news")
    campaign = actions.change(workspace, owner, campaign, {"held_out": 30, "outside": campaign.inside, "name": "Spring 2"})
    campaign = actions.ask(workspace, owner, campaign)
    found = approving.seen(campaign)
    assert [each for each in found.letters[0].lines["en"] if each[0] in ("in", "out")] == [("out", "NEWS"), ("in", "OTHER <B>NEWS")]
    assert [each[1:] for each in found.settings] == [("nothing", "Regulars"), ("20", "30")]
    page = client_for(Role.ADMIN).get(f"/w/{workspace.slug}/campaigns/{campaign.public}/").content.decode()
    assert "OTHER &lt;B&gt;NEWS" in page
    assert "Held out, %" in page


@pytest.mark.django_db
def test_a_letter_is_compared_with_what_another_campaign_was_approved_with(workspace: Workspace, owner: User, draft: Draft) -> None:
    first = actions.approve(workspace, owner, actions.ask(workspace, owner, draft()))
    again = actions.ask(workspace, owner, actions.copy(workspace, owner, first))
    [same] = approving.seen(again).letters
    assert (same.since, same.lines) == (first.approved_at, {})
    say(workspace, owner, first, "Later")
    other = actions.ask(workspace, owner, actions.copy(workspace, owner, first))
    assert ("in", "LATER") in approving.seen(other).letters[0].lines["en"]
