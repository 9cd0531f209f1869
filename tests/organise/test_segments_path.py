"""From a predicate to members that stay true: created, entered, left, told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.organise.community import NOW, act, bring, fact
from vincle.accounts.models import User, Workspace
from vincle.listen.models import Activity
from vincle.organise import members, segmenting, team
from vincle.organise.models import Membership, Profile, Segment
from vincle.organise.people import chosen
from vincle.project import pipeline
from vincle.vocabulary import HandleRef, ObjectType, Verb, public_id

pytestmark = pytest.mark.django_db
BUYERS = {"did": {"verb": "Purchase"}, "within": {"days": 30}}


def names(segment: Segment) -> list[str]:
    return sorted(Profile.objects.filter(person__in=members.members(segment)).values_list("name", flat=True))


def made(workspace: Workspace, predicate: Any, name: str = "Some") -> Segment:
    segment = segmenting.create(workspace, None, name, predicate)
    pipeline.catch_up()
    segment.refresh_from_db()
    assert segment.state == Segment.State.LIVE, segment.problem
    return segment


def bought(email: str, days: float = 1, amount: str = "10") -> Any:
    return act(HandleRef("email", email), Verb.PURCHASE, ObjectType.ORDER, days, amount=Decimal(amount), currency="EUR")


@pytest.fixture
def people(workspace: Workspace) -> None:
    bring(workspace, [fact("ana@example.org", "Ana", traits={"city": "Girona"}, tags=("vip",)), fact("bea@example.org", "Bea")])
    bring(workspace, [bought("ana@example.org"), bought("bea@example.org", 100)], "orders")


@pytest.mark.usefixtures("people")
class TestLife:
    @pytest.mark.parametrize(
        ("predicate", "found"),
        [
            ({"all": []}, ["Ana", "Bea"]), ({"trait": "city", "is": "girona"}, ["Ana"]), ({"tag": "VIP"}, ["Ana"]),
            (BUYERS, ["Ana"]), ({"not": BUYERS}, ["Bea"]), ({"did": {"verb": "Purchase"}, "count": {"at_least": 1}}, ["Ana", "Bea"]),
        ],
    )  # fmt: skip
    def test_who_is_there_when_it_is_made(self, workspace: Workspace, predicate: Any, found: list[str]) -> None:
        segment = made(workspace, predicate)
        assert names(segment) == found
        assert segment.members == len(found)
        assert members.members(segment, timezone.now() - timedelta(days=400)) == []

    def test_who_does_something_enters_and_is_told_of(self, workspace: Workspace) -> None:
        segment = made(workspace, BUYERS)
        bring(workspace, [bought("bea@example.org", 0.5)], "orders")
        assert names(segment) == ["Ana", "Bea"]
        told = Activity.objects.get(channel="vincle")
        assert (told.verb, told.object_type, told.object_key, told.is_machine) == ("Join", "Group", segment.public, True)
        bea = Profile.objects.get(name="Bea")
        assert told.actor == bea.person
        assert (bea.activities, bea.channels.split()) == (2, ["contacts", "orders"])
        assert [stay.segment for stay in members.of_person(workspace, bea.person)] == [segment]

    def test_a_tag_by_the_team_is_enough(self, workspace: Workspace, owner: User) -> None:
        segment = made(workspace, {"tag": "loyal"})
        bea = Profile.objects.get(name="Bea")
        done = team.tag(workspace, owner, chosen(workspace, [public_id(bea.person)]), "Loyal")
        pipeline.catch_up()
        assert names(segment) == ["Bea"]
        what = team.read_undo(workspace, done.undo)
        assert what
        team.take_back(workspace, owner, what)
        pipeline.catch_up()
        assert names(segment) == []
        assert Activity.objects.filter(channel="vincle").count() == 2
        assert Membership.objects.get(segment=segment).left_at is not None
        assert NOW
