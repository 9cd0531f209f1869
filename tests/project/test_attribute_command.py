"""`vincle attribute` over files of all kinds."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vincle.project.commands.attribute import attribute_command


def _run(*words: str) -> Result:
    return CliRunner().invoke(attribute_command, list(words))


def _json(*words: str) -> dict[str, Any]:
    found = _run(*words, "--json")
    assert found.exit_code == 0, found.output
    facts: dict[str, Any] = json.loads(found.stdout)
    return facts


def _credits(facts: dict[str, Any], model: str) -> dict[str, float]:
    return {each["channel"]: each[model] for each in facts["channels"]}


BRYL = "path;converted\nC1 > C2 > C3;1\nC1;0\nC2 > C3;0\n"


def test_the_reference_on_the_command_line(shared_data: Path) -> None:
    folder = shared_data / "attribution"
    exact = json.loads((folder / "reference.json").read_text())["exact"]["markov order 2 conv+null"]
    words = "--path path --conversions total_conversions --value total_conversion_value --nulls total_null --order 2 --intervals --draws 10"
    facts = _json(str(folder / "Data.csv"), *words.split())
    assert facts["conversions"] == 19_785
    assert facts["order"] == 2
    assert _credits(facts, "markov") == pytest.approx(exact["conversions"], abs=5.1e-4)
    assert _credits(facts, "removal_effect") == pytest.approx(exact["removal"], abs=5.1e-7)
    assert sum(_credits(facts, "markov_share").values()) == pytest.approx(1)
    assert sum(_credits(facts, "shapley_value").values()) == pytest.approx(74_802.9716, abs=1e-4)
    for each in facts["channels"]:
        assert {"first", "last", "linear", "position", "time_decay", "markov", "shapley"} <= each.keys()
        low, high = each["intervals"]["markov"]
        assert low <= each["markov"] <= high
    leaving: dict[str, float] = {}
    for each in facts["transitions"]:
        leaving[each["from"]] = leaving.get(each["from"], 0) + each["probability"]
    assert len(leaving) == 125
    assert all(total == pytest.approx(1) for total in leaving.values())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_journeys_one_by_one(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "journeys.csv"
    path.write_bytes(BRYL.replace(";", separator).replace("C1", "Crónica").encode(encoding))
    facts = _json(str(path), "--path", "path", "--conversions", "converted")
    assert _credits(facts, "removal_effect") == pytest.approx({"Crónica": 0.5, "C2": 1, "C3": 1})
    assert facts["rate"] == pytest.approx(1 / 3)
    assert facts["notes"] == ["each row is one journey: 2 of 3 did not convert"]


def test_packed_files_and_other_separators(tmp_path: Path) -> None:
    path = tmp_path / "journeys.csv.gz"
    path.write_bytes(gzip.compress(BRYL.replace(" > ", ">").encode()))
    assert _credits(_json(str(path), "--path", "PATH ", "--conversions", "converted"), "markov_share") == pytest.approx(
        {"C1": 0.2, "C2": 0.4, "C3": 0.4}
    )
    path.write_bytes(gzip.compress(BRYL.replace(" > ", "|").encode()))
    facts = _json(str(path), "--path", "path", "--conversions", "converted", "--sep", "|")
    assert _credits(facts, "last") == {"C1": 0, "C2": 0, "C3": 1}
    assert "no path has more than one touchpoint" in " ".join(_json(str(path), "--path", "path", "--conversions", "converted")["notes"])


def test_a_column_of_paths_alone(tmp_path: Path) -> None:
    path = tmp_path / "paths.csv"
    path.write_text("path\nA > B > A > B > B > A\nA > B > B > A > A\nA > A\n")
    facts = _json(str(path), "--path", "path")
    assert facts["conversions"] == 3
    assert _credits(facts, "markov") == pytest.approx({"A": 2, "B": 1})
    assert facts["transitions"][0] == {"from": "(start)", "to": "A", "probability": 1.0, "count": 3.0}


def test_counts_without_nulls_are_conversions_only(tmp_path: Path) -> None:
    path = tmp_path / "paths.csv"
    path.write_text("path,sales\nA > B,10\nB,0\n")
    facts = _json(str(path), "--path", "path", "--conversions", "sales")
    assert (facts["rate"], facts["journeys"]) == (1, 10)
    assert "--nulls" in facts["notes"][0]


def test_days_window_half_life_and_position(tmp_path: Path) -> None:
    path = tmp_path / "paths.csv"
    path.write_text("path,days,sales\nA > B > C,7 > 3.5 > 0,1\nA > B > C,400 > 2 > 1,1\nA,90,1\nA > B,1,1\nB > A,2 > -1,1\n")
    words = [str(path), "--path", "path", "--conversions", "sales", "--days", "days"]
    ran = _run(*words, "--json")
    facts = json.loads(ran.stdout)
    assert "paths.csv, line 5: '1' is not one number of days for each of 2 touchpoints." in ran.stderr
    assert "line 6: '2 > -1' is not" in ran.stderr
    assert facts["left_out"] == 2
    assert facts["conversions"] == 3
    assert _credits(facts, "time_decay")["C"] == pytest.approx(0.45308 + 1 / (1 + 2 ** (-1 / 7) + 2 ** (-399 / 7)), abs=1e-5)
    near = _json(*words, "--window", "30", "--position", "10,80,10")
    assert near["conversions"] == 2
    assert near["untouched"] == 1
    assert _credits(near, "first") == {"A": 1, "B": 1, "C": 0}
    assert _credits(near, "position") == pytest.approx({"A": 0.1, "B": 1.3, "C": 0.6})


def test_bad_rows_are_named_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "paths.csv"
    path.write_text("path,sales,money\nA > B,2,10\nB,many,1\nA,-3,1\n > ,1,5\n,1,5\nB > A,1,NULL\nA,0,7\n")
    ran = _run(str(path), "--path", "path", "--conversions", "sales", "--value", "money", "--json")
    facts = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert ran.stderr.splitlines() == [
        "paths.csv, line 3: 'many' is no number of conversions.",
        "paths.csv, line 4: '-3' is no number of conversions.",
    ]
    assert (facts["conversions"], facts["value"], facts["untouched"], facts["left_out"]) == (3, 10, 2, 2)
    said = " ".join(facts["notes"])
    assert "2 rows name no touchpoint: 2 conversions" in said
    assert "1 rows have a value and no conversion" in said


def test_a_table_for_the_eye_and_one_for_a_spreadsheet(tmp_path: Path) -> None:
    path, out = tmp_path / "paths.csv", tmp_path / "out.csv"
    path.write_text("path,sales\n=cmd() > shop,3\nshop,1\n")
    ran = _run(str(path), "--path", "path", "--conversions", "sales", "--intervals", "-o", str(out))
    assert ran.exit_code == 0
    assert "4 conversions of 4 journeys (100.0%)" in ran.stdout
    assert "Markov" in ran.stdout
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert {row["channel"]: float(row["first"]) for row in rows} == {"'=cmd()": 3, "shop": 1}
    assert float(rows[0]["markov_low"]) <= float(rows[0]["markov"]) <= float(rows[0]["markov_high"])


def test_json_lines_and_names_that_would_write_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "paths.jsonl"
    path.write_text("".join(json.dumps({"path": "a\x1b[31m > b  c", "sold": sold}) + "\n" for sold in (True, False)))
    facts = _json(str(path), "--path", "path", "--conversions", "sold")
    assert facts["conversions"] == 1
    assert "b c" in _credits(facts, "last")
    assert "\x1b" not in _run(str(path), "--path", "path", "--conversions", "sold").stdout


@pytest.mark.parametrize(
    ("content", "words", "code", "said"),
    [
        (b"", ["--path", "path"], 1, "cannot be read"),
        (b"\x1f\x8bnot really", ["--path", "path"], 1, "cannot be read"),
        (b"path,sales\nA,1\n", ["--path", "paths"], 2, "has no column 'paths'. It has: path, sales."),
        (b"path,sales\nA,1\n", ["--path", "path", "--value", "x"], 2, "has no column 'x'"),
        (b"path,sales\nA,x\nB,y\n", ["--path", "path", "--conversions", "sales"], 1, "no row holds a touchpoint"),
        (b"path,sales\nA,1\n", ["--path", "path", "--window", "3"], 2, "--window needs --days"),
        (b"path,sales\nA,1\n", ["--path", "path", "--position", "1,2"], 2, "three shares"),
        (b"path,sales\nA,1\n", ["--path", "path", "--order", "0"], 2, "--order"),
        (b"path,sales\nA,1\n", ["--path", "path", "--out", "/nowhere/at/all.csv"], 1, "/nowhere"),
        (None, ["--path", "path"], 2, "No such file"),
    ],
)  # fmt: skip
def test_what_cannot_be(tmp_path: Path, content: bytes | None, words: list[str], code: int, said: str) -> None:
    path = tmp_path / "paths.csv"
    if content is not None:
        path.write_bytes(content)
    ran = _run(str(path), *words)
    assert (ran.exit_code, ran.exception.__class__) == (code, SystemExit)
    assert said in ran.stderr
