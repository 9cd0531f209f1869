"""Levels of registration: what is known of someone, what to ask next, how many people stand on each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from tests.organise.community import NOW, NURIA, NURIA_ON, act, bring, fact, nuria
from vincle.accounts.models import Role, Workspace
from vincle.organise import registered, scoring_rounds
from vincle.organise.models import Profile, Score
from vincle.organise.scores.registration import DETAILS, ENOUGH, LEVELS, Facts, ask_next, level, steps
from vincle.vocabulary import ConsentFact, Permit

NOBODY = Facts("", "", "", 0, {}, frozenset())


@pytest.mark.parametrize(
    ("facts", "stands", "asked"),
    [
        (NOBODY, "seen", ("name",)),
        (NOBODY._replace(name="@ana"), "named", ("email", "phone")),
        (NOBODY._replace(name="Ana", email="ana@example.org"), "reachable", ("consent",)),
        (NOBODY._replace(name="Ana", email="ana@example.org", permits={"email": "bounced"}), "named", ("email", "phone")),
        (NOBODY._replace(name="Ana", email="a@b.c", phone="+34600", permits={"email": "bounced"}), "reachable", ("consent",)),
        (NOBODY._replace(name="Ana", phone="+34600", purchases=2), "reachable", ("consent",)),
        (NOBODY._replace(name="Ana", email="a@b.c", permits={"email": "granted"}), "consented", ("purchase",)),
        (NOBODY._replace(name="Ana", email="a@b.c", permits={"email": "granted"}, purchases=1), "customer", DETAILS),
        (
            NOBODY._replace(name="Ana", email="a@b.c", permits={"email": "granted"}, purchases=1, details=frozenset(DETAILS[:ENOUGH])),
            "known_well", (),
        ),
    ],
)  # fmt: skip
def test_levels(facts: Facts, stands: str, asked: tuple[str, ...]) -> None:
    assert LEVELS[level(facts)] == stands
    assert ask_next(facts) == asked


_facts = some.builds(
    Facts, some.sampled_from(["", "Ana"]), some.sampled_from(["", "a@b.c"]), some.sampled_from(["", "+34"]), some.integers(0, 2),
    some.dictionaries(some.sampled_from(["email", "phone"]), some.sampled_from(["granted", "bounced", "withdrawn"])),
    some.frozensets(some.sampled_from(DETAILS)),
)  # fmt: skip


@given(_facts)
def test_a_level_takes_all_below_it(facts: Facts) -> None:
    met = [step.is_met for step in steps(facts)]
    assert all(met[: level(facts)])
    assert level(facts) == len(met) or not met[level(facts)]
    assert bool(ask_next(facts)) == (level(facts) < len(met))


@given(_facts)
def test_knowing_more_never_lowers(facts: Facts) -> None:
    for more in (facts._replace(name="Ana"), facts._replace(purchases=3), facts._replace(details=frozenset(DETAILS))):
        assert level(more) >= level(facts)


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.mark.django_db
class TestScreens:
    def test_the_page_says_the_level_and_what_to_ask(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        profile = nuria(workspace)
        page = client_for().get(place(workspace, "person", pid=profile.public))
        assert (page.context["standing"].key, page.context["standing"].number) == ("customer", 4)
        assert "Ask next:" in page.content.decode()

    def test_a_refusal_lowers_it(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        profile = nuria(workspace)
        bring(workspace, [fact(NURIA.value, native_id="off", at=NOW, consents=(ConsentFact(permit=Permit.WITHDRAWN, at=NOW),))])
        page = client_for().get(place(workspace, "person", pid=profile.public))
        assert page.context["standing"].key == "reachable"

    def test_counts_lead_to_the_people_and_agree_with_their_pages(
        self, workspace: Workspace, other_workspace: Workspace, client_for: Callable[..., Client]
    ) -> None:
        nuria(workspace)
        bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea"), act(NURIA_ON, days=1, native_id="more")])
        bring(other_workspace, [fact("eva@example.org", "Eva")])
        for each in (workspace, other_workspace):
            scoring_rounds.everybody(each)
        client = client_for(Role.VIEWER)
        counts = {each.key: each.people for each in registered.counts(workspace)}
        assert counts == {**dict.fromkeys(LEVELS, 0), "reachable": 2, "customer": 1}
        page = client.get(place(workspace, "levels")).content.decode()
        assert "67" in page
        listed = client.get(place(workspace, "people"), {"level": "reachable"}).content.decode()
        assert "Ana" in listed
        assert "Núria" not in listed
        for row in Score.objects.of(workspace).filter(name="registration"):
            profile = Profile.objects.get(person=row.person)
            own = client.get(place(workspace, "person", pid=profile.public)).context["standing"]
            assert own.number == row.value

    def test_a_level_that_is_none_is_said(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        nuria(workspace)
        assert "There is no level" in client_for().get(place(workspace, "people"), {"level": "royal"}).content.decode()
