"""Companies with their people: by what people say, by what the team says, and by domain as a suggestion only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.migrations import Migration
from django.test import Client
from django.urls import reverse

from tests.organise.community import act, bring, fact
from vincle.accounts.models import Role, User, Workspace
from vincle.identify import actions as identity
from vincle.organise import companies, filling, relations
from vincle.organise.models import Profile
from vincle.organise.profiling import company_key
from vincle.project import pipeline
from vincle.vocabulary import HandleRef, PersonKind

ClientFor = Callable[..., Client]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("Forn Mas, S.L.", "FORN MAS SL", True), ("Cafè Lligam SCCL", "cafe lligam", True), ("Forn Mas", "Forn Vell", False), ("", "", True)],
)
def test_one_company_however_it_is_written(one: str, other: str, same: bool) -> None:
    assert (company_key(one) == company_key(other)) is same


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def named(rows: Any) -> list[str]:
    return sorted(each.name for each in rows)


@pytest.fixture
def forn(workspace: Workspace) -> Profile:
    """Forn Mas with Ana and Bea; Carla writes from its domain; Dora's company is known from her only."""
    bring(
        workspace,
        [
            fact("hola@fornmas.example", "Forn Mas, S.L.", kind=PersonKind.ORGANISATION, traits={"website": "https://www.fornmas.example"}),
            fact("ana@example.org", "Ana", traits={"company": "FORN MAS SL"}),
            fact("bea@example.org", "Bea", traits={"company": "Forn Mas"}),
            fact("carla@fornmas.example", "Carla"), fact("dora@gmail.com", "Dora", traits={"company": "Celler Vell"}),
            act(HandleRef("email", "ana@example.org"), days=2, text="Bon dia"),
        ],
    )  # fmt: skip
    found: Profile = Profile.objects.get(email="hola@fornmas.example")
    return found


@pytest.mark.django_db
class TestPeople:
    def test_the_list_counts_people_and_says_when_one_was_heard(
        self, workspace: Workspace, other_workspace: Workspace, forn: Profile, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        bring(other_workspace, [fact("eva@example.org", "Eva", traits={"company": "Forn Mas"})])
        with django_assert_max_num_queries(5):
            found = companies.listed(workspace)
        assert [(each.name, each.person, each.people) for each in found.rows] == [
            ("Forn Mas, S.L.", forn.person, 2), ("Celler Vell", None, 1)
        ]  # fmt: skip
        assert found.rows[0].last_at == Profile.objects.get(name="Ana").last_at
        assert [each.name for each in companies.listed(workspace, "forn mas sl").rows] == ["Forn Mas, S.L."]
        assert companies.listed(workspace, "nowhere").rows == []
        for sort in ("name", "last"):
            assert [each.name for each in companies.listed(workspace, sort=sort).rows] == (
                ["Celler Vell", "Forn Mas, S.L."] if sort == "name" else ["Forn Mas, S.L.", "Celler Vell"]
            )

    def test_who_the_team_says_works_there_belongs_too(self, workspace: Workspace, owner: User, forn: Profile) -> None:
        dora = Profile.objects.get(name="Dora")
        relations.relate(workspace, owner, dora.person, forn.person, "works for")
        relations.relate(workspace, owner, Profile.objects.get(name="Ana").person, forn.person, "works for")
        assert named(companies.people_of(workspace, forn.company_key)) == ["Ana", "Bea", "Dora"]
        assert companies.listed(workspace).rows[0].people == 3

    def test_it_follows_who_is_who(self, workspace: Workspace, owner: User, forn: Profile) -> None:
        dora, carla = Profile.objects.get(name="Dora").person, Profile.objects.get(name="Carla").person
        relations.relate(workspace, owner, dora, forn.person, "works for")
        stands = identity.merge(workspace, carla, dora, owner)
        pipeline.catch_up()
        assert stands in {each.person for each in companies.people_of(workspace, forn.company_key)}
        assert companies.listed(workspace).rows[0].people == 3

    def test_a_domain_is_a_suggestion_only(self, workspace: Workspace, owner: User, forn: Profile) -> None:
        assert named(companies.people_of(workspace, forn.company_key)) == ["Ana", "Bea"]
        assert named(companies.suggested(workspace, forn)) == ["Carla"]
        carla = Profile.objects.get(name="Carla")
        relations.decline(workspace, owner, carla.person, forn.person, "works for")
        assert companies.suggested(workspace, forn) == []

    def test_a_provider_anyone_may_use_suggests_nobody(self, workspace: Workspace) -> None:
        bring(workspace, [fact("shop@gmail.com", "The Shop", kind=PersonKind.ORGANISATION), fact("eva@gmail.com", "Eva")])
        assert companies.suggested(workspace, Profile.objects.get(name="The Shop")) == []

    def test_pages(
        self, workspace: Workspace, client_for: ClientFor, forn: Profile, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        client = client_for(Role.AGENT)
        with django_assert_max_num_queries(16):
            listed = client.get(place(workspace, "companies")).content.decode()
        assert "Celler Vell" in listed
        assert f'href="{place(workspace, "person", pid=forn.public)}"' in listed
        with django_assert_max_num_queries(14):
            part = client.get(place(workspace, "company_people", pid=forn.public)).content.decode()
        assert "Ana" in part
        assert "Write from fornmas.example" in part
        client.post(
            place(workspace, "add_relation", pid=forn.public),
            {"other": Profile.objects.get(name="Carla").public, "kind": "works for of them", "proposed": "1"},
        )
        assert named(companies.people_of(workspace, forn.company_key)) == ["Ana", "Bea", "Carla"]
        people = client.get(place(workspace, "people"), {"company": forn.company_key}).content.decode()
        assert "Of Forn Mas, S.L." in people
        assert "3 people" in people
        assert "Dora" not in people

    def test_a_correction_moves_someone(self, workspace: Workspace, client_for: ClientFor, forn: Profile) -> None:
        dora = Profile.objects.get(name="Dora")
        client_for(Role.AGENT).post(place(workspace, "edit_trait", pid=dora.public), {"field": "company", "value": "Forn Mas SLU"})
        assert "Dora" in named(companies.people_of(workspace, forn.company_key))


@pytest.mark.django_db
def test_who_was_there_before_the_key_gets_theirs(workspace: Workspace, forn: Profile) -> None:
    before = dict(Profile.objects.values_list("person", "company_key"))
    Profile.objects.update(company_key="")
    filling.after_migrating([(Migration("0005_anything", "organise"), False), (Migration("0006_x", "organise"), True)])
    assert not Profile.objects.exclude(company_key="").exists()
    filling.after_migrating([(Migration("0006_x", "organise"), False)])
    assert dict(Profile.objects.values_list("person", "company_key")) == before
