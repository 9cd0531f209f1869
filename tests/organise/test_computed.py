"""Traits counted from what people did: kept true as things happen and as time passes, asked for by segments, tried before they are kept."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.organise.community import act, bring, fact
from vincle.accounts.models import Role, User, Workspace
from vincle.identify import actions as identity
from vincle.organise import computed, computing, defining, frames, members, membership, segmenting, team
from vincle.organise.models import ComputedTrait, ComputedValue, Due, Profile, Segment
from vincle.organise.segments.reading import BadPredicate
from vincle.project import pipeline
from vincle.store import lease
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
RECENT = {"did": {"verb": "Purchase"}, "count": {"at_least": 0}, "within": {"days": 90}}
SPENT = {"did": {"verb": "Purchase"}, "sum": {"at_least": 0}}
LAST = {"did": {"verb": "Purchase"}, "last": {"at_least": 0}}
LARGEST = {"did": {"verb": "Purchase"}, "largest": {"at_least": 0}}


def bought(email: str, days: float = 1, amount: str = "10") -> Any:
    return act(HandleRef("email", email), Verb.PURCHASE, ObjectType.ORDER, days, amount=Decimal(amount), currency="EUR")


def value(workspace: Workspace, email: str, name: str) -> Any:
    now = frames.now_of(workspace, timezone.now())
    rows = computed.of_person(workspace, Profile.objects.get(email=email).person, now)
    return {each.name: value for each, value in rows}[name]


@pytest.fixture
def people(workspace: Workspace) -> None:
    bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea"), fact("carla@example.org", "Carla")])
    bring(workspace, [bought("ana@example.org", 2, "30"), bought("ana@example.org", 40, "12.5"), bought("bea@example.org", 100)], "orders")


@pytest.mark.usefixtures("people")
class TestKept:
    def test_everybody_is_counted_when_it_is_defined(self, workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(computing, "PIECE", 2)
        defining.define(workspace, owner, "Recent", RECENT)
        assert value(workspace, "ana@example.org", "Recent") is None
        pipeline.catch_up()
        assert ComputedTrait.objects.get().reached is None
        assert [value(workspace, f"{name}@example.org", "Recent") for name in ("ana", "bea", "carla")] == [2, 0, 0]

    def test_measures(self, workspace: Workspace, owner: User) -> None:
        for name, expression in (("Spent", SPENT), ("Last bought", LAST), ("Largest", LARGEST)):
            defining.define(workspace, owner, name, expression)
        pipeline.catch_up()
        day = (timezone.localtime(timezone.now() - timedelta(days=2), frames.now_of(workspace, timezone.now()).zone)).date()
        assert value(workspace, "ana@example.org", "Spent") == 42.5
        assert abs((day - day.fromisoformat(value(workspace, "ana@example.org", "Last bought"))).days) <= 1
        assert [value(workspace, "ana@example.org", "Largest"), value(workspace, "carla@example.org", "Largest")] == [30, None]
        assert (value(workspace, "carla@example.org", "Spent"), value(workspace, "carla@example.org", "Last bought")) == (0, None)

    def test_it_follows_what_happens(self, workspace: Workspace, owner: User) -> None:
        defining.define(workspace, owner, "Recent", RECENT)
        pipeline.catch_up()
        bring(workspace, [bought("carla@example.org", 0.5), bought("bea@example.org", 0.5)], "orders")
        assert [value(workspace, f"{name}@example.org", "Recent") for name in ("ana", "bea", "carla")] == [2, 1, 1]

    def test_it_follows_time(self, workspace: Workspace, owner: User) -> None:
        defining.define(workspace, owner, "Recent", RECENT)
        pipeline.catch_up()
        ana = Profile.objects.get(name="Ana").person
        due = Due.objects.get(person=ana).at
        assert abs((due - timezone.now()) - timedelta(days=50)) < timedelta(hours=1)
        with lease.held("segments") as cursor:
            assert cursor
            membership.step(cursor, at=due + timedelta(seconds=1))
            assert ComputedValue.objects.get(person=ana).value == 1
            membership.step(cursor, at=Due.objects.get(person=ana).at + timedelta(seconds=1))
        assert not ComputedValue.objects.filter(person=ana).exists()

    def test_segments_ask_for_it_and_are_as_true(self, workspace: Workspace, owner: User) -> None:
        defining.define(workspace, owner, "Recent", RECENT)
        pipeline.catch_up()
        often = segmenting.create(workspace, owner, "Often", {"trait": "Recent", "at_least": 2})
        pipeline.catch_up()
        assert [Profile.objects.get(person=each).name for each in members.members(often)] == ["Ana"]
        bring(workspace, [bought("bea@example.org", 0.1), bought("bea@example.org", 0.2)], "orders")
        assert sorted(Profile.objects.get(person=each).name for each in members.members(often)) == ["Ana", "Bea"]

    def test_a_segment_from_before_finds_it(self, workspace: Workspace, owner: User) -> None:
        often = segmenting.create(workspace, owner, "Often", {"trait": "Recent", "at_least": 2})
        pipeline.catch_up()
        assert members.members(often) == []
        defining.define(workspace, owner, "Recent", RECENT)
        pipeline.catch_up()
        assert len(members.members(Segment.objects.get(pk=often.pk))) == 1

    def test_who_is_joined_counts_as_one(self, workspace: Workspace, owner: User) -> None:
        defining.define(workspace, owner, "Spent", SPENT)
        pipeline.catch_up()
        ana, bea = Profile.objects.get(name="Ana").person, Profile.objects.get(name="Bea").person
        stands = identity.merge(workspace, ana, bea, owner)
        pipeline.catch_up()
        rows = list(ComputedValue.objects.values_list("person", "value"))
        assert rows == [(stands, 52.5)]
        identity.split(workspace, stands, [bea if stands == ana else ana], owner)
        pipeline.catch_up()
        assert dict(ComputedValue.objects.values_list("person", "value")) == {ana: 42.5, bea: 10.0}

    def test_what_is_asked_otherwise_is_counted_anew_and_can_be_taken_back(self, workspace: Workspace, owner: User) -> None:
        made = defining.define(workspace, owner, "Bought", RECENT)
        pipeline.catch_up()
        done = defining.change(workspace, owner, made, "Money", SPENT)
        pipeline.catch_up()
        made.refresh_from_db()
        assert (str(made), value(workspace, "bea@example.org", "Bought")) == ("Money", 10)
        what = team.read_undo(workspace, done.undo)
        assert what
        team.take_back(workspace, owner, what)
        pipeline.catch_up()
        made.refresh_from_db()
        assert (str(made), value(workspace, "bea@example.org", "Bought")) == ("Bought", 0)

    def test_what_is_hidden_is_gone_until_it_is_back(self, workspace: Workspace, owner: User) -> None:
        made = defining.define(workspace, owner, "Bought", RECENT)
        pipeline.catch_up()
        undo = defining.hide(workspace, owner, made).undo
        assert not ComputedValue.objects.exists()
        team.take_back(workspace, owner, team.read_undo(workspace, undo) or {})
        pipeline.catch_up()
        assert value(workspace, "ana@example.org", "Bought") == 2
        defining.hide(workspace, owner, made)
        assert defining.define(workspace, owner, "Bought", SPENT).pk != made.pk


def test_what_is_no_count_or_has_a_name_already_is_refused(workspace: Workspace, owner: User) -> None:
    bad: list[Any] = [{"tag": "vip"}, {"did": {"verb": "Flies"}}, {"sequence": []}, 3]
    for wrong in bad:
        with pytest.raises(BadPredicate):
            defining.define(workspace, owner, "x", wrong)
    defining.define(workspace, owner, "Bought", RECENT)
    for name in ("", "city", "BOUGHT", "last_at"):
        with pytest.raises(team.Refused):
            defining.define(workspace, owner, name, RECENT)
    assert ComputedTrait.objects.count() == 1


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.mark.usefixtures("people")
def test_it_is_tried_on_someone_then_kept_and_shown(workspace: Workspace, client_for: ClientFor) -> None:
    client, ana = client_for(Role.AGENT), Profile.objects.get(name="Ana")
    typed = {"name": "Bought lately", "did-verb": "Purchase", "did-measure": "count", "did-window": "days", "did-days": "30"}
    tried = client.post(place(workspace, "new_computed"), {**typed, "try": "1", "example": ana.public}, headers={"HX-Target": "tried"})
    assert "Ana: <b>1</b>" in tried.content.decode()
    assert not ComputedTrait.objects.exists()
    bad = client.post(place(workspace, "new_computed"), {**typed, "did-days": "many"})
    assert bad.status_code == 200
    assert "Not kept" in bad.content.decode()
    assert client.post(place(workspace, "new_computed"), typed).status_code == 302
    pipeline.catch_up()
    page = client.get(place(workspace, "person", pid=ana.public)).content.decode()
    assert "Bought lately" in page
    listed = client.get(place(workspace, "computed")).content.decode()
    assert "in the last 30 days" in listed
    made = ComputedTrait.objects.get()
    form = client.get(place(workspace, "edit_computed", trait=made.pk)).content.decode()
    assert 'value="30"' in form


def test_what_the_form_has_no_field_for_stays(workspace: Workspace, owner: User, client_for: ClientFor) -> None:
    asked = {"did": {"verb": ["Purchase", "Refund"], "hashtag": ["cafe"], "channel": ["web"]}, "kinds": {"at_least": 0}, "of": "product"}
    made, client = defining.define(workspace, owner, "Kinds", asked), client_for(Role.AGENT)
    page = client.get(place(workspace, "edit_computed", trait=made.pk))
    did = page.context["did"]
    assert "hashtag, verb" in page.content.decode()
    client.post(
        place(workspace, "edit_computed", trait=made.pk),
        {"name": "Kinds", "did-rest": did["rest"], "did-measure": "kinds", "did-of": "product", "did-channel": "web"},
    )
    made.refresh_from_db()
    assert made.expression["did"] == asked["did"]
