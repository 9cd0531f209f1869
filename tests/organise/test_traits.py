"""Traits with their source, time and confidence; where sources differ both stand side by side, and the team says which is right."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.organise.community import NOW, bring, fact
from vincle.accounts.models import Role, Workspace
from vincle.organise import confidence, portrait, standing
from vincle.organise.confidence import Witness, belief, kind_of, weigh
from vincle.organise.models import CustomField, Profile
from vincle.organise.standing import Trait
from vincle.project import pipeline

ANA = "ana@example.org"


class TestConfidence:
    def test_who_says_it_matters(self) -> None:
        order: list[confidence.Kind] = ["team", "order", "site", "list", "message", "network"]
        found = [belief("city", kind, 0) for kind in order]
        assert found == sorted(found, reverse=True)
        assert len(set(found)) == len(found)

    def test_it_ages_as_fast_as_the_trait_does(self) -> None:
        years = [belief("job_title", "list", 365.25 * n) for n in range(4)]
        assert years == sorted(years, reverse=True)
        assert belief("job_title", "list", 3 * 365.25) == pytest.approx(belief("job_title", "list", 0) / 2)
        assert belief("city", "list", 3000) > belief("job_title", "list", 3000) > belief("followers", "list", 3000)
        assert belief("birthday", "list", 30_000) == belief("birthday", "list", 0)
        assert belief("city", "list", -5) == belief("city", "list", 0)

    def test_one_source_is_believed_as_far_as_it_is(self) -> None:
        assert weigh("city", [Witness("vic", "list", 100)])["vic"] == pytest.approx(belief("city", "list", 100))

    def test_agreement_adds_and_contradiction_takes_away(self) -> None:
        alone = weigh("city", [Witness("vic", "list", 0)])["vic"]
        two = weigh("city", [Witness("vic", "list", 0), Witness("vic", "network", 0)])["vic"]
        against = weigh("city", [Witness("vic", "list", 0), Witness("girona", "network", 0)])
        assert against["vic"] < alone < two < 1
        assert against["girona"] < against["vic"]
        assert sum(against.values()) < 1

    def test_nothing_is_certain_however_many_say_so(self) -> None:
        assert weigh("city", [Witness("vic", "team", 0)] * 50)["vic"] <= confidence.MOST
        assert weigh("city", []) == {}

    def test_a_channel_that_says_nothing_of_itself_is_a_public_network(self) -> None:
        assert [kind_of("new_one"), kind_of("new_one", "orders"), kind_of("team"), kind_of("mail", "messages")] == [
            "network", "order", "team", "message"
        ]  # fmt: skip


def trait_of(workspace: Workspace, name: str) -> Trait:
    profile = Profile.objects.of(workspace).get(email=ANA)
    facts = portrait.facts_of(workspace, portrait.handles_of(workspace, profile.person))
    sources = portrait.Sources(workspace, [*(each.delivery for each in facts), *(each[2] for each in profile.traits.values())])
    found = standing.traits_of(profile, portrait.custom_fields(workspace), facts, sources)
    return next(each for each in found if each.name == name)


def says(workspace: Workspace, city: Any, days: float, name: str, channel: str = "contacts", field: str = "city") -> None:
    at = NOW - timedelta(days=days)
    bring(workspace, [fact(ANA, "Ana", native_id=f"{name}:{days}", at=at, traits={field: city})], channel=channel, name=name)


@pytest.mark.django_db
class TestDisputes:
    def test_sources_that_differ_stand_side_by_side(self, workspace: Workspace) -> None:
        says(workspace, "Vic", 20, "hubspot.csv")
        says(workspace, "Girona", 5, "", "mastodon")
        found = trait_of(workspace, "city")
        assert (found.value, [each.text for each in found.disputed], found.others) == ("Girona", ["Vic"], [])
        assert found.stands.newest
        assert found.stands.newest.kind == "network"
        assert [word.source for word in found.disputed[0].said] == ["hubspot.csv"]
        assert found.disputed[0].sure > found.stands.sure > 0

    def test_the_same_source_that_learnt_better_is_no_dispute(self, workspace: Workspace) -> None:
        says(workspace, "Vic", 20, "hubspot.csv")
        says(workspace, "Girona", 5, "hubspot.csv")
        found = trait_of(workspace, "city")
        assert (found.value, found.disputed, found.others) == ("Girona", [], [])

    def test_another_spelling_is_agreement(self, workspace: Workspace) -> None:
        says(workspace, "GIRONA ", 20, "hubspot.csv")
        says(workspace, "Girona", 5, "shop.csv")
        found = trait_of(workspace, "city")
        assert found.disputed == []
        assert len(found.stands.said) == 2

    @pytest.mark.parametrize(("value", "type_of"), [(12.5, "number"), (True, "boolean"), (["a", "b"], "list"), ("2026-01-31", "date")])
    def test_this_one_is_right(self, workspace: Workspace, client_for: Callable[..., Client], value: Any, type_of: str) -> None:
        CustomField.objects.create(workspace=workspace, name="Thing", type=type_of)
        other = {"number": 3, "boolean": False, "list": ["c"], "date": "2020-01-01"}[type_of]
        says(workspace, value, 20, "hubspot.csv", field="Thing")
        says(workspace, other, 5, "shop.csv", field="Thing")
        found, client = trait_of(workspace, "Thing"), client_for(Role.AGENT)
        profile = Profile.objects.get(email=ANA)
        page = reverse("organise:person", kwargs={"workspace": workspace.slug, "pid": profile.public})
        assert "Sources differ" in client.get(page).content.decode()
        url = reverse("organise:edit_trait", kwargs={"workspace": workspace.slug, "pid": profile.public})
        client.post(url, {"field": "Thing", "value": found.disputed[0].typed})
        pipeline.catch_up()
        settled = trait_of(workspace, "Thing")
        assert settled.stands.raw == value
        assert settled.disputed == []
        assert [each.raw for each in settled.others] == [other]
        assert settled.stands.sure > 0.9
        assert "Sources differ" not in client.get(page).content.decode()

    def test_a_source_that_says_otherwise_afterwards_is_heard(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        says(workspace, "Vic", 20, "hubspot.csv")
        profile = Profile.objects.get(email=ANA)
        url = reverse("organise:edit_trait", kwargs={"workspace": workspace.slug, "pid": profile.public})
        client_for(Role.AGENT).post(url, {"field": "city", "value": "Vic"})
        says(workspace, "Roma", -1, "shop.csv")
        found = trait_of(workspace, "city")
        assert (found.value, [each.text for each in found.disputed]) == ("Vic", ["Roma"])

    def test_who_may_only_look_settles_nothing(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        says(workspace, "Vic", 20, "hubspot.csv")
        says(workspace, "Girona", 5, "shop.csv")
        page = reverse("organise:person", kwargs={"workspace": workspace.slug, "pid": Profile.objects.get(email=ANA).public})
        shown = client_for(Role.VIEWER).get(page).content.decode()
        assert "Sources differ" in shown
        assert "This one is right" not in shown
