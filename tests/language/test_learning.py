"""What corrections teach, and the shipped model."""

import importlib.util
import json
import random
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from vincle.language._model import PATH, Odds, probabilities
from vincle.language.base import Context
from vincle.language.learning import Quality, learn, macro_f1, measure
from vincle.language.page import Page
from vincle.language.registry import understand

THINGS = ["table", "chair", "lamp", "shelf", "sofa", "desk", "mirror", "carpet"]
OWN = [(f"this {thing} is totally zorblax, {place}", "positive") for thing in THINGS for place in ("ok", "at home", "in town")]
OWN += [(f"the {thing} was quimpy {when}", "negative") for thing in THINGS for when in ("again", "on arrival", "today")]


def test_a_teams_words_are_learnt() -> None:
    model = json.loads(json.dumps(learn(OWN)))
    new = [Page("such a zorblax curtain"), Page("a quimpy curtain")]
    assert [found.sentiment for found in understand(new, Context(learnt={"sentiment": model}))] == ["positive", "negative"]
    quality = measure(OWN)
    assert quality.n == len(OWN)
    assert quality.helps
    assert quality.after > 0.9 > quality.before


def test_the_model_holds_no_words() -> None:
    assert "zorblax" not in json.dumps(learn(OWN))


def test_other_texts_stay_as_they_are() -> None:
    model = learn(OWN[:5] + OWN[-5:])
    texts = ["I love it", "worst day ever", "When do you open on Sunday?", "No m'ha agradat gens"]
    plain = understand([Page(text) for text in texts])
    taught = understand([Page(text) for text in texts], Context(learnt={"sentiment": model}))
    assert [found.sentiment for found in plain] == [found.sentiment for found in taught]


def test_noise_teaches_nothing() -> None:
    chance = random.Random(4)
    noise = [(f"word{chance.random()} thing{chance.random()}", chance.choice(["negative", "neutral", "positive"])) for _ in range(90)]
    quality = measure(noise)
    assert quality.after <= quality.before + 0.25


def test_too_few_claim_nothing() -> None:
    quality = measure(OWN[:4])
    assert quality == Quality(quality.before, quality.before, 4)
    assert not quality.helps
    assert learn([])["words"] == {}


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="glad"):
        learn([("good", "glad")])


def test_a_model_of_another_form_is_left_out() -> None:
    page, other = Page("good"), Page("good")
    understand([page], Context(learnt={"sentiment": {"form": 99}}))
    assert page.reading == understand([other])[0]


def test_macro_f1_as_by_hand() -> None:
    assert macro_f1([0, 0, 2], [0, 2, 2]) == pytest.approx(0.6667)
    assert macro_f1([0, 1, 2], [0, 1, 2]) == 1
    assert macro_f1([], []) == 0


def test_probabilities_sum_to_one() -> None:
    assert sum(probabilities(Odds(900, -900, 3))) == pytest.approx(1)


def test_the_shipped_model_is_small() -> None:
    assert PATH.stat().st_size < 2_000_000


@pytest.mark.slow
def test_the_shipped_model_is_what_the_script_makes() -> None:
    script = _script()
    made = script.weights(*script.given())
    with np.load(PATH) as held:
        assert np.abs(made["dense"] - held["dense"]).max() < 0.05
        ours, theirs = made["words"] * made["scale"], held["words"] * held["scale"]
        assert np.abs(ours - theirs).max() < 0.1 * np.abs(theirs).max()


def _script() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "scripts" / "train_sentiment.py"
    spec = importlib.util.spec_from_file_location("train_sentiment", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
