"""Which value wins: the rules themselves, kept per workspace, followed by every profile, whatever the order facts came in."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.organise import corrections, ruling
from vincle.organise.actions import rebuild
from vincle.organise.models import Profile
from vincle.organise.survivors import Rule, Rules, Word, choose, read, write
from vincle.project import pipeline

from .community import NOW, bring, fact

ClientFor = Callable[..., Client]
EMAIL = "ana@example.org"
SHOP, FORM, OLD, TEAM = (
    Word("Vic", "2026-01-02", 1, "woocommerce"), Word("Girona", "2026-03-01", 2, "contacts"), Word("GIRONA ", "2025-01-01", 3, "mastodon"),
    Word("Olot", "2024-01-01", 4, "team"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "order", "wins"),
    [
        (Rule.NEWEST, (), "Girona"), (Rule.FREQUENT, (), "Girona"), (Rule.LONGEST, (), "Girona"),
        (Rule.SOURCE, ("woocommerce", "contacts"), "Vic"),
        (Rule.SOURCE, (), "Girona"), (Rule.SOURCE, ("mastodon",), "GIRONA "),
    ],
)  # fmt: skip
def test_each_rule_in_any_order_of_words(rule: Rule, order: tuple[str, ...], wins: str) -> None:
    for words in itertools.permutations([SHOP, FORM, OLD]):
        won = choose(words, rule, order)
        assert won is not None
        assert won.value == wins


@pytest.mark.parametrize("rule", list(Rule))
def test_the_team_wins_under_every_rule(rule: Rule) -> None:
    assert choose([SHOP, TEAM, FORM], rule, ["woocommerce"]) == TEAM
    assert choose([], rule) is None


def test_a_word_without_a_value_wins_only_by_being_newest() -> None:
    gone = Word("", "2026-05-01", 5, "contacts")
    assert choose([SHOP, gone], Rule.NEWEST) == gone
    assert choose([SHOP, gone], Rule.LONGEST) == SHOP
    assert choose([gone], Rule.LONGEST) == gone


@given(st.dictionaries(st.text(max_size=8), st.sampled_from(list(Rule))), st.lists(st.text(max_size=8)))
def test_rules_are_read_as_they_were_written(fields: dict[str, Rule], order: list[str]) -> None:
    kept = {name: rule for name, rule in fields.items() if rule is not Rule.NEWEST}
    assert read(write(Rules(fields, tuple(order)))) == Rules(kept, tuple(order))


@pytest.mark.parametrize("broken", [None, [], {"fields": []}, {"fields": {"city": "loudest"}, "order": "shop"}, {"fields": {"city": 3}}])
def test_rules_that_cannot_be_read_are_none(broken: Any) -> None:
    assert not read(broken)


def ana() -> Profile:
    pipeline.catch_up()
    return Profile.objects.get(email=EMAIL)


def state(workspace: Workspace, city: str, days: int, channel: str) -> None:
    item = fact(EMAIL, "Ana", f"{channel}{days}", NOW - timedelta(days=days), traits={"city": city, "company": city})
    bring(workspace, [item], channel=channel)


def test_profiles_follow_the_rules_and_come_out_the_same_from_the_log_alone(workspace: Workspace, owner: User) -> None:
    state(workspace, "Vic", 30, "woocommerce")
    state(workspace, "Girona", 3, "contacts")
    assert ana().city == "Girona"
    ruling.set_rules(workspace, owner, Rules({"city": Rule.SOURCE}, ("woocommerce", "contacts")))
    assert ana().city == "Vic", "profiles that stood before follow as well"
    assert ana().company == "Girona", "a field without a rule goes by the newest"
    state(workspace, "Lleida", 1, "contacts")
    assert ana().city == "Vic", "and so does what comes after"
    state(workspace, "Manresa", 2, "woocommerce")
    told = ana()
    assert told.city == "Manresa"
    rebuild({told.person}, 10**9)
    told.refresh_from_db()
    assert told.city == "Manresa"
    corrections.correct(workspace, owner, told.person, {"city": "Olot"})
    state(workspace, "Reus", 0, "woocommerce")
    assert ana().city == "Olot"
    ruling.set_rules(workspace, owner, Rules({}))
    assert ana().city == "Olot", "what the team said stands by every rule"


def test_a_correction_stands_against_newer_sources_without_any_rule(workspace: Workspace, owner: User) -> None:
    state(workspace, "Vic", 30, "woocommerce")
    corrections.correct(workspace, owner, ana().person, {"city": "Olot"})
    later = fact(EMAIL, "Ana", "tomorrow", NOW + timedelta(days=1), traits={"city": "Reus"})
    bring(workspace, [later], channel="contacts")
    assert ana().city == "Olot"
    rebuild({ana().person}, 10**9)
    assert ana().city == "Olot"


def test_the_settings_keep_rules_and_say_what_is_wrong(
    workspace: Workspace, other_workspace: Workspace, client_for: ClientFor, owner: User
) -> None:
    state(workspace, "Vic", 30, "woocommerce")
    place, keep = (reverse(f"organise:{name}", kwargs={"workspace": workspace.slug}) for name in ("rules", "keep_rules"))
    client = client_for(Role.OWNER)
    assert "WooCommerce" in client.get(place).content.decode()
    client.post(keep, {"rule-city": "longest", "rule-name": "newest", "place-contacts": "2", "place-woocommerce": "1", "place-x": "much"})
    assert ruling.rules_of(workspace.pk) == Rules({"city": Rule.LONGEST}, ("woocommerce", "contacts", "x"))
    assert not ruling.rules_of(other_workspace.pk)
    page = client.get(place).content.decode()
    assert '<option value="longest" selected>' in page
    answer = client.post(keep, {"rule-city": "loudest"}, follow=True)
    assert "there is no such rule" in answer.content.decode()
    assert ruling.rules_of(workspace.pk).of_field == {"city": Rule.LONGEST}
    assert AuditEntry.objects.of(workspace).filter(verb=ruling.VERB).count() == 1
    viewer = client_for(Role.VIEWER)
    assert "<select" not in viewer.get(place).content.decode().partition("<main")[2]
    assert viewer.post(keep, {"rule-city": "newest"}).status_code == 403
