"""`vincle survey drivers` and `vincle survey nps` over files of all kinds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vincle.project.commands.survey import survey_command


def _run(*words: str) -> Result:
    return CliRunner().invoke(survey_command, list(words))


def _json(*words: str) -> dict[str, Any]:
    found = _run(*words, "--json")
    assert found.exit_code == 0, found.output
    facts: dict[str, Any] = json.loads(found.stdout)
    return facts


def _answers(path: Path, rows: int = 60) -> str:
    rng = np.random.default_rng(1)
    care, price = rng.integers(1, 6, rows), rng.integers(1, 6, rows)
    score = np.clip(np.round(care * 1.5 + price * 0.3 + rng.normal(size=rows)), 0, 10).astype(int)
    rows_of = enumerate(zip(care, price, score, strict=True))
    lines = [f"{place + 1},{c},{p},7,{'Ana' if place % 2 else 'José'},{s}" for place, (c, p, s) in rows_of]
    path.write_text("\n".join(["id,care,price,always,name,score", *lines]))
    return str(path)


def test_drivers_of_a_file(tmp_path: Path) -> None:
    facts = _json("drivers", _answers(tmp_path / "a.csv"), "--target", "score")
    assert {"n", "r2", "drivers"} <= facts.keys()
    assert facts["n"] == 60
    assert [each["name"] for each in facts["drivers"]] == ["care", "price"]
    assert sum(each["share"] for each in facts["drivers"]) == pytest.approx(1)
    assert sum(each["shapley_r2"] for each in facts["drivers"]) == pytest.approx(facts["r2"])
    assert all({"name", "beta", "shapley_r2", "share", "low", "high"} <= each.keys() for each in facts["drivers"])
    said = " ".join(facts["notes"])
    assert "'id' is left out: it counts the rows" in said
    assert "'name' is left out: it holds words" in said
    assert "'always' is left out: it is the same in every row" in said


def test_nps_of_a_file_of_another_encoding_and_comma(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes("año;puntuación\n2025;10\n2025;\n2026;9,0\n2026;3\n".encode(encoding))
        facts = _json("nps", str(path), "--column", "puntuación")
        assert (facts["n"], facts["missing"], round(facts["nps"], 4), round(facts["standard_error"], 4)) == (3, 1, 33.3333, 54.4331)
        assert facts["low"] < facts["nps"] < facts["high"]


def test_missing_values_are_told(tmp_path: Path) -> None:
    path = Path(_answers(tmp_path / "a.csv"))
    lines = path.read_text().splitlines()
    lines[3] = "3,,2,7,Ana,5"
    path.write_text("\n".join(lines))
    facts = _json("drivers", str(path), "--target", "score")
    assert facts["n"] == 59
    assert any(note.startswith("1 of 60 rows are left out: a value is missing (most often of 'care')") for note in facts["notes"])


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("a,b\n1,2\n", ["drivers", "--target", "c"], "has no column 'c'. It has: a, b."),
        ("a,b\n1,2\n2,x\n3,4\n", ["drivers", "--target", "a"], "line 3, column 'b': 'x' is no number"),
        ("a,b\n1,x\n2,y\n3,z\n", ["drivers", "--target", "a"], "no other column holds numbers"),
        ("a,b\n1,2\n1,3\n1,9\n1,4\n", ["drivers", "--target", "a"], "the target 'a' is the same in every row"),
        ("a,b,c,d\n1,2,4,5\n2,3,9,9\n3,9,1,1\n", ["drivers", "--target", "a"], "too few for 3 drivers: 5 are the least"),
        ("a,b\n,2\n,3\n", ["drivers", "--target", "a"], "too few"),
        ("a,b\n11,2\n2,3\n", ["nps", "--column", "a"], "line 2, column 'a': '11' is no whole number from 0 to 10"),
        ("a,b\n3,2\n2.5,3\n", ["nps", "--column", "a"], "line 3, column 'a': '2.5' is no whole number"),
        ("a,b\n,2\n,3\n", ["nps", "--column", "a"], "holds no score"),
        ("a,a\n1,2\n", ["nps", "--column", "q"], "has no column 'q'"),
        ("", ["nps", "--column", "a"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, words: list[str], says: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    found = _run(words[0], str(path), *words[1:])
    assert found.exit_code in (1, 2)
    assert says in found.output
    assert "Traceback" not in found.output


def test_no_file_and_a_turned_driver(tmp_path: Path) -> None:
    assert _run("nps", str(tmp_path / "none.csv"), "--column", "a").exit_code == 2
    rng = np.random.default_rng(0)
    first = rng.normal(size=200)
    second = first + rng.normal(size=200) * 0.3
    table = np.column_stack((first, second, 2 * first - 0.6 * second + rng.normal(size=200) * 0.1))
    path = tmp_path / "turned.csv"
    np.savetxt(path, table, delimiter=",", header="first,second,score", comments="", fmt="%.6f")
    facts = _json("drivers", str(path), "--target", "score")
    second_driver = next(each for each in facts["drivers"] if each["name"] == "second")
    assert second_driver["beta"] < 0 < second_driver["effect"]
    assert second_driver["share"] > 0.2
    assert any("read the share, not the coefficient" in note for note in facts["notes"])
