"""Who is what to whom: said, shown on both pages, taken back, and carried along as people are joined and parted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.organise.community import NOW, bring, fact
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify import actions as identity
from vincle.organise import relations, team
from vincle.organise.models import Profile, Relation
from vincle.project import pipeline
from vincle.vocabulary import PersonKind

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def people(workspace: Workspace) -> dict[str, Profile]:
    names = {"ana": "Ana Torres", "bea": "Bea Mas", "carla": "Carla Puig"}
    bring(
        workspace,
        [fact(f"{key}@example.org", name, traits={"company": "Forn Mas SL"} if key != "carla" else {}) for key, name in names.items()],
    )
    bring(workspace, [fact("hola@fornmas.example", "Forn Mas, S.L.", kind=PersonKind.ORGANISATION)])
    emails = {key: f"{key}@example.org" for key in names} | {"forn": "hola@fornmas.example"}
    return {key: Profile.objects.get(email=email) for key, email in emails.items()}


def said(workspace: Workspace, person: int) -> list[tuple[str, bool, str]]:
    return [(each.kind, each.outward, each.profile.name) for each in relations.related(workspace, person)]


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def test_both_pages_show_it_each_from_its_own_side(workspace: Workspace, owner: User, people: dict[str, Profile]) -> None:
    ana, bea, forn = people["ana"].person, people["bea"].person, people["forn"].person
    relations.relate(workspace, owner, ana, bea, "recommended", "at the fair")
    relations.relate(workspace, owner, bea, ana, "family")
    relations.relate(workspace, owner, ana, forn, "works for")
    assert said(workspace, ana) == [
        ("works for", True, "Forn Mas, S.L."), ("recommended", True, "Bea Mas"), ("family", True, "Bea Mas")
    ]  # fmt: skip
    assert said(workspace, bea) == [("recommended", False, "Ana Torres"), ("family", True, "Ana Torres")]
    assert said(workspace, forn) == [("works for", False, "Ana Torres")]


def test_saying_it_again_or_the_other_way_round_says_nothing_new(workspace: Workspace, owner: User, people: dict[str, Profile]) -> None:
    ana, bea = people["ana"].person, people["bea"].person
    assert relations.relate(workspace, owner, ana, bea, "friend").people == 1
    assert relations.relate(workspace, owner, ana, bea, "friend").people == 0
    assert relations.relate(workspace, owner, bea, ana, "friend").people == 0
    assert relations.relate(workspace, owner, bea, ana, "recommended").people == 1
    assert Relation.objects.count() == 2


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("ana", "ana", "friend"),
        ("ana", "bea", "works for"),
        ("forn", "ana", "works for"),
        ("ana", "forn", "family"),
        ("ana", "bea", "boss"),
    ],
)
def test_what_cannot_be_is_refused(workspace: Workspace, owner: User, people: dict[str, Profile], one: str, other: str, kind: str) -> None:
    with pytest.raises(team.Refused):
        relations.relate(workspace, owner, people[one].person, people[other].person, kind)
    assert not Relation.objects.exists()


def test_nothing_crosses_to_another_workspace(
    workspace: Workspace, other_workspace: Workspace, owner: User, people: dict[str, Profile]
) -> None:
    bring(other_workspace, [fact("eva@example.org", "Eva")])
    eva = Profile.objects.get(email="eva@example.org")
    with pytest.raises(team.Refused):
        relations.relate(workspace, owner, people["ana"].person, eva.person, "friend")
    relations.relate(workspace, owner, people["ana"].person, people["bea"].person, "friend")
    assert relations.related(other_workspace, people["ana"].person) == []


def test_it_follows_who_is_who(workspace: Workspace, owner: User, people: dict[str, Profile]) -> None:
    ana, bea, carla = (people[key].person for key in ("ana", "bea", "carla"))
    relations.relate(workspace, owner, ana, bea, "friend")
    relations.relate(workspace, owner, carla, bea, "friend")
    stands = identity.merge(workspace, ana, carla, owner)
    pipeline.catch_up()
    assert said(workspace, stands) == [("friend", True, "Bea Mas")]
    assert [kind for kind, _outward, _name in said(workspace, bea)] == ["friend"]
    both = relations.related(workspace, stands)[0]
    undo = relations.part(workspace, owner, stands, Relation.objects.get(pk=both.pk)).undo
    assert said(workspace, stands) == said(workspace, bea) == []
    what = team.read_undo(workspace, undo)
    assert what
    team.take_back(workspace, owner, what)
    assert len(said(workspace, stands)) == 1
    joined = identity.merge(workspace, stands, bea, owner)
    pipeline.catch_up()
    assert said(workspace, joined) == []


def test_who_is_parted_takes_their_own_along(workspace: Workspace, owner: User, people: dict[str, Profile]) -> None:
    ana, bea, carla = (people[key].person for key in ("ana", "bea", "carla"))
    relations.relate(workspace, owner, carla, bea, "colleague")
    stands = identity.merge(workspace, ana, carla, owner)
    pipeline.catch_up()
    identity.split(workspace, stands, [ana if stands == carla else carla], owner)
    pipeline.catch_up()
    assert (said(workspace, ana), said(workspace, carla)) == ([], [("colleague", True, "Bea Mas")])


def test_the_data_proposes_and_the_team_decides(workspace: Workspace, client_for: ClientFor, people: dict[str, Profile]) -> None:
    ana, bea, forn = people["ana"], people["bea"], people["forn"]
    assert [(each.kind, each.profile.name) for each in relations.proposals(workspace, ana)] == [
        ("works for", "Forn Mas, S.L."), ("colleague", "Bea Mas")
    ]  # fmt: skip
    assert said(workspace, ana.person) == []
    client, add = client_for(Role.AGENT), place(workspace, "add_relation", pid=ana.public)
    client.post(add, {"other": forn.public, "kind": "works for", "proposed": "1"})
    client.post(add, {"other": bea.public, "kind": "colleague", "proposed": "1", "decline": "1"})
    row = Relation.objects.get(removed_at=None)
    assert (row.kind, row.source, row.evidence) == ("works for", "traits", "Forn Mas SL")
    assert relations.proposals(workspace, ana) == []
    assert [each.kind for each in relations.proposals(workspace, bea)] == ["works for"]
    assert said(workspace, bea.person) == []


def test_the_page_looks_up_says_and_takes_back(
    workspace: Workspace, client_for: ClientFor, people: dict[str, Profile], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    ana, bea, client = people["ana"], people["bea"], client_for(Role.AGENT)
    looked = client.get(place(workspace, "relate", pid=ana.public), {"q": "bea"}).content.decode()
    assert f"other={bea.public}" in looked
    asked = client.get(place(workspace, "relate", pid=ana.public), {"other": bea.public}).content.decode()
    assert "is family of" in asked
    assert ">works for<" not in asked
    answer = client.post(
        place(workspace, "add_relation", pid=ana.public), {"other": bea.public, "kind": "recommended of them", "note": "<b>hm</b>"}
    )
    assert answer.status_code == 302
    with django_assert_max_num_queries(14):
        page = client.get(place(workspace, "relations", pid=ana.public)).content.decode()
    assert "Was recommended by" in page
    assert "&lt;b&gt;hm" in page
    row = Relation.objects.get()
    assert (row.person, row.other) == (bea.person, ana.person)
    client.post(place(workspace, "remove_relation", pid=ana.public, relation=row.pk))
    assert said(workspace, bea.person) == []
    assert set(AuditEntry.objects.filter(object_type="person").values_list("verb", flat=True)) >= {"related", "unrelated"}
    assert client.post(place(workspace, "remove_relation", pid=people["carla"].public, relation=row.pk)).status_code == 404


def test_who_may_only_look_is_offered_nothing(workspace: Workspace, client_for: ClientFor, people: dict[str, Profile]) -> None:
    page = client_for(Role.VIEWER).get(place(workspace, "relations", pid=people["ana"].public)).content.decode()
    assert "Perhaps" not in page
    assert "<form" not in page


def test_many_relations_take_no_more_questions(
    workspace: Workspace,
    owner: User,
    client_for: ClientFor,
    people: dict[str, Profile],
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    bring(workspace, [fact(f"f{n}@example.org", f"Friend {n:02}", at=NOW) for n in range(30)])
    for friend in Profile.objects.filter(name__startswith="Friend"):
        relations.relate(workspace, owner, people["ana"].person, friend.person, "friend")
    with django_assert_max_num_queries(4):
        assert len(relations.related(workspace, people["ana"].person)) == 30
