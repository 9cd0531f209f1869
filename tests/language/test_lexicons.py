"""The word lists: their form, and how they are looked up."""

import unicodedata
from pathlib import Path

import pytest

from vincle.language._lexicons import FOLDER, Lexicon, Table, folded, forms, languages, lexicon, phrases, rows
from vincle.language._signs import emoji, marks, stars
from vincle.language.reading import EMOTIONS, SENTIMENTS

LISTS = sorted(FOLDER.glob("*/*.tsv"))
EXAMPLES = sorted((FOLDER.parent / "examples").glob("*.tsv"))
KINDS = ("negation", "intensifier", "diminisher", "contrast", "hedge", "irony")


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> list[list[str]]:
    return list(rows(path.parent.name, path.stem))


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_a_list_is_written_as_lists_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert "\r" not in text
    for columns in read(path):
        assert columns[0], columns
        assert len(columns[0].split()) <= 6 or path.stem not in ("sentiment", "modifiers", "emotions"), columns


@pytest.mark.parametrize("path", [path for path in LISTS if path.stem == "sentiment"], ids=name)
def test_valences_are_in_range_and_said_once(path: Path) -> None:
    said: dict[str, float] = {}
    for term, score in read(path):
        assert -4 <= float(score) <= 4, term
        key = term.casefold()
        assert said.setdefault(key, float(score)) == float(score), f"{term}: said twice, differently"


@pytest.mark.parametrize("path", [path for path in LISTS if path.stem == "modifiers"], ids=name)
def test_modifiers_are_of_a_known_kind(path: Path) -> None:
    for term, kind, *factor in read(path):
        assert kind in KINDS, term
        if factor and factor[0]:
            assert -2 <= float(factor[0]) <= 2, term


@pytest.mark.parametrize("path", [path for path in LISTS if path.stem == "emotions"], ids=name)
def test_emotions_are_known_ones(path: Path) -> None:
    assert all(emotion in EMOTIONS for _, emotion in read(path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_have_a_label_and_a_text_said_once(path: Path) -> None:
    table = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    assert all(len(columns) >= 2 and columns[0] in SENTIMENTS and columns[1].strip() for columns in table)
    assert len({columns[1].casefold() for columns in table}) == len(table)


def test_nothing_learnt_from_is_judged_by() -> None:
    texts = {
        path.stem: {line.split("\t")[1].casefold() for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")}
        for path in EXAMPLES
    }
    for stem, held in texts.items():
        if stem.startswith("hard_"):
            assert not held & texts.get(stem.removeprefix("hard_"), set())


def test_every_language_of_the_product_has_its_lists() -> None:
    for what in ("sentiment", "modifiers", "emotions"):
        assert {"en", "es", "it", "ca"} <= set(languages(what))
    for language, least in (("en", 3000), ("es", 2500), ("it", 2500), ("ca", 2500), ("pt", 1800), ("fr", 1800)):
        assert len(lexicon(language, "sentiment")) >= least
    assert not lexicon("xx", "sentiment")


def test_words_stems_phrases_and_drawn_out_words_are_found() -> None:
    held = Lexicon(
        [
            Table({"good": ("2",), "encant*": ("3",), "me encant*": ("3.2",), "not bad": ("1",)}),
            Table({"good": ("9",), "great": ("3",)}),
        ]
    )
    assert held.match(["good"], 0) == (1, ("2",))
    assert held.match(["goooood"], 0) == (1, ("2",))
    assert held.match(["encantada"], 0) == (1, ("3",))
    assert held.match(["me", "encantó"], 0) == (2, ("3.2",))
    assert held.match(["not", "bad"], 0) == (2, ("1",))
    assert held.match(["not", "good"], 0) == (0, ())
    assert held.match(["great"], 0) == (1, ("3",))
    assert held.exact("encantada") == ()


def test_terms_are_folded_as_pages_are() -> None:
    assert folded("Qualitat pèssim*") == "qualitat pessim*"
    assert folded("m'encanta") == "m' encanta"
    assert phrases("en", "sentiment")["not"]
    assert forms("sooo") == ("sooo", "soo", "so")
    assert forms("cool") == ("cool",)


def test_emoji_are_found_whatever_their_skin_and_shape() -> None:
    assert emoji("👍🏽") == emoji("👍") > 0
    assert emoji("❤️") == emoji("❤") > 2
    assert emoji(":))))") > 0 > emoji(":((")
    assert emoji("🚰") == 0


def test_marks_are_read() -> None:
    assert marks("10/10") == 3
    assert marks("0/5") == -3
    assert marks("24/7") is None
    assert stars("5", "stars") == 3
    assert stars("9", "stars") is None
    assert stars("²", "stars") is None
