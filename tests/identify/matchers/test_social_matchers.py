"""The matchers of accounts: user names, handles beside names, bios, links, pictures, company kept, employers."""

import pickle
from typing import Any

import numpy as np
import pytest

from vincle.identify.linkage.records import Records
from vincle.identify.matchers import avatar, bio, company, handle_name, together, username, website
from vincle.identify.matchers.base import MISSING, Matcher

ALL: list[Matcher] = [each.matcher for each in (avatar, bio, company, handle_name, together, username, website)]
SILENT = "silent"
CASES: list[tuple[Any, dict[str, Any], dict[str, Any], str]] = [
    (username, {"username": "x:coffeewolf"}, {"username": "instagram:CoffeeWolf_"}, "same"),
    (username, {"username": "x:the_coffeewolf"}, {"username": "mastodon:coffeewolf@social.example"}, "stem"),
    (username, {"username": "x:coffeewolf"}, {"username": "x:moonfox"}, "other_account"),
    (username, {"username": "x:coffeewolf"}, {"username": "instagram:moonfox"}, "differs"),
    (username, {"username": ["x:moonfox", "facebook:coffeewolf"]}, {"username": ["x:olive", "instagram:coffeewolf"]}, "same"),
    (username, {"username": "x:annapuig", "name": "Anna Puig"}, {"username": "instagram:anna.puig", "name": "Anna Puig"}, SILENT),
    (username, {"username": "x:annapuig87", "name": "Anna Puig"}, {"username": "instagram:annapuig87", "name": "Anna Puig"}, "same"),
    (username, {"username": "x:annapuig"}, {"name": "Anna Puig"}, SILENT),
    (username, {"username": "x:vidaljordi", "name": "Jordi V."}, {"username": "mastodon:the_jordi_vidal", "name": "Jordi"}, "similar"),
    (username, {"username": "x:the_jordividal87", "name": "Jordi V."}, {"username": "instagram:jordi_vidal87", "name": "Jordi"}, "stem"),
    (username, {"username": "x:jordiwolf", "name": "Jordi V."}, {"username": "instagram:the_jordiwolf", "name": "Jordi"}, "stem"),
    (handle_name, {"username": "x:annapuig"}, {"name": "Anna Puig"}, "full"),
    (handle_name, {"first_name": "Montserrat", "last_name": "Vilaró"}, {"email": "montse.vilaro@example.org"}, "full"),
    (handle_name, {"username": "x:annapuig", "name": "Anna"}, {"name": "Anna Puig"}, "family"),
    (handle_name, {"username": "x:annapuig", "name": "A. Puig"}, {"name": "Anna Puig"}, "given"),
    (handle_name, {"username": "x:apuig"}, {"name": "Anna Puig"}, "initial"),
    (handle_name, {"username": "x:coffeewolf"}, {"name": "Anna Puig"}, "no"),
    (handle_name, {"username": "x:annapuig", "name": "Anna Puig"}, {"name": "Anna Puig"}, SILENT),
    (handle_name, {"email": "info@example.org"}, {"name": "Inés Fontana"}, SILENT),
    (bio, {"bio": "Barista in Vic. Espresso, vinyl, hiking."}, {"bio": "vinyl, hiking & espresso. Barista in Vic"}, "same"),
    (bio, {"bio": "Barista in Vic. Espresso, vinyl."}, {"bio": "Lawyer by the sea, tango and chess"}, "differs"),
    (bio, {"bio": "coffee"}, {"bio": "coffee"}, SILENT),
    (website, {"website": "https://www.annapuig.example/"}, {"bio": "see http://annapuig.example"}, "same"),
    (website, {"website": "annapuig.example/blog"}, {"website": "annapuig.example/shop"}, "same_site"),
    (website, {"website": "instagram.com/anna"}, {"website": "instagram.com/pau"}, "differs"),
    (website, {"website": "https://instagram.com"}, {"website": "instagram.com"}, SILENT),
    (avatar, {"avatar_hash": "8ad96981204bf071"}, {"avatar_hash": "8AD96981204bf072"}, "same"),
    (avatar, {"avatar_hash": "8ad96981204bf071"}, {"avatar_hash": "8ad96981204b0f71"}, "similar"),
    (avatar, {"avatar_hash": "8ad96981204bf071"}, {"avatar_hash": "752696 7edfb40f8e"}, SILENT),
    (avatar, {"avatar_hash": "8ad96981204bf071"}, {"avatar_hash": "7526967edfb40f8e"}, "differs"),
    (together, {"together": ["order:1", "event:2"]}, {"together": ["order:1", "event:2"]}, "often"),
    (together, {"together": ["order:1"]}, {"together": ["order:1", "event:2"]}, "once"),
    (together, {"together": ["order:1"]}, {"together": ["event:2"]}, "none"),
    (company, {"company": "Forn Mas, S.L."}, {"company": "Forn Mas"}, "without_form"),
    (company, {"company": "Forn Mas, S.L."}, {"company": "Bar Pepe"}, "differs"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "one", "other", "level"), CASES)
def test_a_pair_is_told(module: Any, one: dict[str, Any], other: dict[str, Any], level: str) -> None:
    matcher: Matcher = module.matcher
    records = Records.of([one, other, {"city": "Vic"}, {"last_name": "Vidal"}])
    prepared = pickle.loads(pickle.dumps(matcher.prepare(records)))
    left, right = np.asarray([0, 1, 0, 2], np.int32), np.asarray([1, 0, 2, 1], np.int32)
    found = matcher.compare(prepared, left, right).tolist()
    names = [SILENT if at == MISSING else matcher.levels[at].id for at in found]
    assert names == [level, level, SILENT, SILENT]
    if level != SILENT:
        said = matcher.say(records, 0, 1, found[0])
        assert said.code == f"{matcher.id}_{level}"
        assert said.values["left"]
        assert said.values["right"]


@pytest.mark.parametrize(
    ("module", "one", "other", "level"), [case for case in CASES if case[3] in {"same", "stem", "full", "initial", "often"}]
)
def test_what_agrees_well_becomes_a_candidate(module: Any, one: dict[str, Any], other: dict[str, Any], level: str) -> None:
    matcher: Matcher = module.matcher
    records = Records.of([one, other])
    met = False
    for key in matcher.keys(matcher.prepare(records)):
        owners = np.arange(2) if key.records is None else key.records
        sides = [set(key.codes[(owners == side) & (key.codes >= 0)].tolist()) for side in (0, 1)]
        met = met or bool(sides[0] & sides[1])
    assert met


@pytest.mark.parametrize("matcher", ALL, ids=lambda matcher: matcher.id)
def test_where_it_begins_is_a_distribution(matcher: Matcher) -> None:
    assert sum(level.m for level in matcher.levels) == pytest.approx(1)
    assert sum(level.u for level in matcher.levels) == pytest.approx(1)
    assert matcher.fields(Records.of([{"city": "Vic"}])) == ()
