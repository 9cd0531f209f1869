"""Agreements that go together in two people, too, are learnt from the records alone."""

import random

import numpy as np

from vincle.identify.linkage.model import Model
from vincle.identify.linkage.records import Records
from vincle.identify.linkage.run import run

WORDS = {
    "ca": ("Jordi Núria Oriol Mercè Arnau Laia", "Puig Vila Serra Ferrer Soler Vidal", "Girona Vic Reus Olot"),
    "it": ("Giulia Paolo Matteo Chiara Luca Elena", "Rossi Russo Greco Ricci Conti Gallo", "Milano Roma Torino Bari"),
    "en": ("William Emily George Alice Henry Grace", "Smith Jones Taylor Brown Wilson Clarke", "Leeds York Bristol Oxford"),
}


def people(size: int, of_a_language: bool, seed: int = 5) -> Records:
    """Records of whom every eighth is there twice; names and towns of one language, or of any."""
    chance = random.Random(seed)
    rows = []
    for number in range(size):
        spoken = [chance.choice(list(WORDS))] * 3 if of_a_language else [chance.choice(list(WORDS)) for _ in range(3)]
        first, last, city = (chance.choice(WORDS[language][at].split()) for at, language in enumerate(spoken))
        ident = f"{chance.randrange(10**8):08d}"
        row = {
            "first_name": first,
            "last_name": f"{last}{chance.choice(('', 'sen', 'etti', 'ana', 'over', 'ison'))}",
            "city": city,
            "id_number": ident,
        }
        rows += [row] * (2 if number % 8 == 0 else 1)
    return Records.of(rows)


def bits(model: Model, one: str, other: str) -> float:
    return model.lifts.get(min(one, other), {}).get(max(one, other), 0.0)


def test_names_and_towns_of_a_language_are_told_once() -> None:
    """In one of three languages, two agreements say log2 3 bits of the same."""
    model = run(people(2400, True)).model
    for one, other in (("given_name", "family_name"), ("given_name", "city"), ("family_name", "city")):
        assert abs(bits(model, one, other) - np.log2(3)) < 0.5, (one, other, model.lifts)
    assert bits(model, "given_name", "id_number") == 0


def test_what_is_independent_stays_whole() -> None:
    assert run(people(2400, False)).model.lifts == {}


def test_a_model_keeps_what_goes_together() -> None:
    outcome = run(people(1200, True))
    assert outcome.model.lifts
    again = Model.from_json(outcome.model.to_json())
    assert again == outcome.model
    pairs = outcome.pairs
    assert np.allclose(outcome.scorer.odds(again, pairs.left, pairs.right, pairs.levels), pairs.odds)
