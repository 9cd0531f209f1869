"""The screen of the network: what it shows, to whom, and what it costs."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify import actions as identify
from vincle.organise import influence_due, influence_rounds
from vincle.organise.models import Community, Profile, Relation, Score
from vincle.vocabulary import public_id

from .community import bring
from .town import FIRST, SECOND, answer, looked, person, post, share, town

pytestmark = pytest.mark.django_db(transaction=True)


def address(workspace: Workspace, name: str = "network", **more: object) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def test_before_anybody_spoke_the_page_says_what_will_come(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    page = client_for().get(address(workspace)).content.decode()
    assert "for the first time within minutes" in page
    assert "<canvas" not in page


def test_the_page_names_leaders_bridges_and_communities_with_reasons(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    Relation.objects.create(workspace=workspace, person=person(workspace, "marta"), other=person(workspace, "ana"), kind="recommended")
    looked(workspace)
    page = client_for().get(address(workspace)).content.decode()
    assert "Marta" in page
    assert "4 people shared their words" in page
    assert "1 person came because of them" in page
    assert "the team said so" in page
    assert "2 communities" in page
    assert "Look again now" not in page  # a viewer looks on


def test_the_picture_has_everybody_once_where_they_stay_apart(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    drawn = json.loads(client_for().get(address(workspace, "network_picture")).content)
    ids = [each[0] for each in drawn["people"]]
    assert sorted(ids) == sorted(public_id(person(workspace, name)) for name in ("marta", "rob", "lea", *FIRST, *SECOND))
    assert len({(each[2], each[3]) for each in drawn["people"]}) == len(ids)
    assert {place["label"] for place in drawn["places"]} == {"Coffee", "Cups"}
    assert all(0 <= one < len(ids) and 0 <= other < len(ids) for one, other, _weight in drawn["ties"])
    pairs = {frozenset((drawn["people"][one][1], drawn["people"][other][1])) for one, other, _weight in drawn["ties"]}
    assert frozenset(("Ana", "Marta")) in pairs


def test_whoever_was_forgotten_or_joined_since_is_not_drawn(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    gone = person(workspace, "lea")
    Profile.objects.filter(person=gone).delete()
    drawn = json.loads(client_for().get(address(workspace, "network_picture")).content)
    assert public_id(gone) not in {each[0] for each in drawn["people"]}
    assert len(drawn["people"]) == 10
    assert public_id(gone) not in client_for().get(address(workspace)).content.decode()


def test_the_lists_of_one_community_hold_only_its_people(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    number = int(Score.objects.of(workspace).get(name="community", person=person(workspace, "rob")).value)
    page = client_for().get(address(workspace), {"community": number}).context
    assert {line.who.name for line in page["leaders"]} <= {"Rob", "Lea", *(name.title() for name in SECOND)}
    assert page["leaders"]
    for wrong in ("x", "99", "-1", "9" * 30):
        assert client_for().get(address(workspace), {"community": wrong}).context["chosen"] is None


def test_a_community_gets_a_name_that_stays(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    number = int(Score.objects.of(workspace).get(name="community", person=person(workspace, "marta")).value)
    agent = client_for(Role.AGENT)
    agent.post(address(workspace, "name_community", number=number), {"name": "  The  regulars "})
    looked(workspace)
    assert Community.objects.of(workspace).get(number=number).name == "The regulars"
    assert "The regulars" in agent.get(address(workspace)).content.decode()
    assert AuditEntry.objects.filter(workspace=workspace, object_type="community", verb="changed").count() == 1
    assert agent.post(address(workspace, "name_community", number=77), {"name": "x"}).status_code == 404


def test_the_download_has_a_line_for_everybody(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    answered = client_for(Role.ANALYST).get(address(workspace, "network_people"))
    lines = list(csv.DictReader(io.StringIO(b"".join(answered.streaming_content).decode().lstrip("\ufeff"))))
    assert len(lines) == 11
    best = {line["name"]: line for line in lines}
    assert lines[0]["influence"] == max((line["influence"] for line in lines if line["influence"]), key=float)
    assert best["Rob"]["community"] == best["Eva"]["community"] != best["Marta"]["community"]


def test_asking_has_the_worker_look(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    assert not influence_due.is_due(workspace)
    client_for(Role.AGENT).post(address(workspace, "network_look"))
    assert influence_due.is_due(workspace)
    assert "Being looked at again" in client_for(Role.AGENT).get(address(workspace)).content.decode()
    assert influence_rounds.turn()
    assert not influence_due.is_due(workspace)


def test_a_look_that_fails_says_so_and_leaves_what_stood(
    workspace: Workspace, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    town(workspace)
    looked(workspace)

    def fail(*_anything: object) -> None:
        raise RuntimeError("the lake is on fire")

    monkeypatch.setattr("vincle.organise.influence_ties.read", fail)
    with pytest.raises(RuntimeError):
        influence_rounds.run(workspace)
    page = client_for().get(address(workspace)).content.decode()
    assert "the lake is on fire" in page
    assert "Marta" in page
    assert not influence_due.is_due(workspace)


def test_the_page_asks_no_more_for_more_people(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town(workspace)
    looked(workspace)
    viewer = client_for()
    counts = []
    for name in ("network", "network_picture"):
        viewer.get(address(workspace, name))
        with CaptureQueriesContext(connection) as asked:
            viewer.get(address(workspace, name))
        counts.append(len(asked))
    many = [f"guest{number}" for number in range(30)]
    bring(workspace, [post(name) for name in many], channel="mastodon")
    bring(workspace, [act_ for name in many for act_ in (answer(name, "marta"), share(name, "rob"))], channel="mastodon")
    looked(workspace)
    for name, before in zip(("network", "network_picture"), counts, strict=True):
        with CaptureQueriesContext(connection) as asked:
            viewer.get(address(workspace, name))
        assert len(asked) <= before
    assert counts[0] <= 20


def test_people_who_became_one_are_one_in_the_network(workspace: Workspace, owner: User) -> None:
    town(workspace)
    looked(workspace)
    identify.merge(workspace, person(workspace, "ana"), person(workspace, "bea"), owner)
    bring(workspace, [post("zoe")], channel="mastodon")
    looked(workspace)
    marta = Score.objects.of(workspace).get(name="influence", person=person(workspace, "marta"))
    assert next(said for code, said, _weight in marta.reasons if code == "shared")["people"] == 3
