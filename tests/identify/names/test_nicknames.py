"""Short names in four languages, and one name in several languages."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.identify.names.folding import joined
from vincle.identify.names.nicknames import _known, are_nicknames, is_first_name, roots


@pytest.mark.parametrize(
    "pair",
    [
        ("cio", "concepcio"),
        ("cio", "assumpcio"),
        ("enzo", "vincenzo"),
        ("enzo", "lorenzo"),
        ("enzo", "innocenzo"),
        ("beto", "alberto"),
        ("beto", "adalberto"),
        ("lello", "raffaele"),
        ("nello", "antonello"),
        ("cesc", "francesc"),
        ("quim", "joaquim"),
        ("ximo", "joaquim"),
        ("biel", "gabriel"),
        ("pep", "giuseppe"),
        ("pepe", "beppe"),
        ("montse", "montserrat"),
        ("conxita", "concepcio"),
        ("paco", "francisco"),
        ("kike", "enrique"),
        ("chelo", "consuelo"),
        ("bill", "william"),
        ("peggy", "margaret"),
        ("jack", "john"),
        ("josep", "jose"),
        ("giovanni", "joan"),
        ("chema", "josemaria"),
        ("quimet", "joaquim"),
        ("paquito", "francisco"),
        ("abbey", "abigail"),
        ("laia", "eulalia"),
        ("guglielmo", "guillem"),
        ("txell", "meritxell"),
        ("totò", "salvatore"),
    ],
)
def test_names_that_may_be_one(pair: tuple[str, str]) -> None:
    left, right = map(joined, pair)
    assert are_nicknames(left, right)
    assert are_nicknames(right, left)
    assert roots(left) & roots(right)


@pytest.mark.parametrize(
    "pair",
    [
        ("alberto", "umberto"),
        ("marta", "maria"),
        ("anna", "rosa"),
        ("jaume", "joan"),
        ("laia", "julia"),
        ("marco", "mario"),
        ("lluis", "lluc"),
        ("giulia", "giuliana"),
        ("diego", "jaime"),
        ("isabel", "elisabet"),
        ("vincenzo", "lorenzo"),
        ("maria", "marina"),
        ("paco", "pepe"),
    ],
)
def test_names_that_are_two(pair: tuple[str, str]) -> None:
    assert not are_nicknames(*pair)
    assert not are_nicknames(*reversed(pair))


@given(st.text("abcdeilmnoprstuxyz", min_size=1, max_size=9), st.text("abcdeilmnoprstuxyz", min_size=1, max_size=9))
def test_any_two_words(a: str, b: str) -> None:
    assert roots(a)
    assert are_nicknames(a, a)
    assert are_nicknames(a, b) == are_nicknames(b, a)


def test_a_name_not_in_the_lists_is_its_own() -> None:
    assert roots("zzyzx") == {"zzyzx"}
    assert not is_first_name("zzyzx")


@pytest.mark.parametrize(("language", "least"), [("en", 250), ("es", 150), ("it", 150), ("ca", 150)])
def test_the_lists_are_long_and_plain(language: str, least: int) -> None:
    file = Path(__file__).parents[3] / "vincle" / "identify" / "names" / f"nicknames_{language}.txt"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) >= least
    for line in lines:
        formal, colon, nicks = line.partition(":")
        assert all((colon, formal.split(), nicks.split())), line
        assert all(joined(word) for word in formal.split() + nicks.split()), line
    assert _known().own


@pytest.mark.parametrize(("language", "least"), [("ca", 0.85), ("es", 0.85), ("it", 0.85)])
def test_short_names_of_public_pages_are_known(shared_data: Path, language: str, least: float) -> None:
    with (shared_data / "nicknames" / "ca_es_it_hypocoristics.csv").open(encoding="utf-8", newline="") as file:
        known = [
            are_nicknames(joined(row["formal"]), joined(row["hypocoristic"])) for row in csv.DictReader(file) if row["lang"] == language
        ]
    assert sum(known) / len(known) >= least


def test_english_short_names_of_a_public_list_are_known(shared_data: Path) -> None:
    with (shared_data / "nicknames" / "en_carltonnorthern_names.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["relationship"] == "has_nickname"]
    known = [are_nicknames(joined(row["name1"]), joined(row["name2"])) for row in rows]
    assert sum(known) / len(known) >= 0.55
