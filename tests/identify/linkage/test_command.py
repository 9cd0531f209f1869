"""`vincle link` and `vincle evaluate` as someone types them, in a place where there is no database."""

import contextlib
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from vincle.project.cli import main

FIRST = (
    "Montserrat Jordi Núria Oriol Mercè Pau Laia Arnau Gemma Biel Carme Roger Berta Guillem Neus Ferran Clara Ignasi Ariadna Lluc".split()
)
LAST = "Vilaró Puigdomènech Serrat Bonfill Casademunt Terrades Ollé Rovira Fontcuberta Masdeu Gironès Caralt Bru Tarragó".split()


def run(folder: Path, *arguments: str, code: int = 0) -> Result:
    with contextlib.chdir(folder):
        done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, f"{arguments} ended with {done.exit_code}\n{done.output}\n{done.exception!r}"
    return done


def vincle(folder: Path, *arguments: str, code: int = 0) -> str:
    done = run(folder, *arguments, code=code)
    return done.stdout or done.stderr


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files about the same 280 people: each tenth of the first stands in the second, under other headings."""
    place, random = tmp_path_factory.mktemp("link"), Random(5)
    people = []
    for first in FIRST:
        for last in LAST:
            born = (random.randrange(1940, 2005), random.randrange(1, 13), random.randrange(1, 29))
            people.append((first, last, f"{first}.{last}@example.cat".lower(), f"+34 6{random.randrange(10**8):08d}", born))
    with (place / "crm.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["First name", "Last name", "E-mail", "Phone", "Date of birth"])
        writer.writerows([first, last, email, phone, "{}-{:02d}-{:02d}".format(*born)] for first, last, email, phone, born in people)
    with (place / "shop.csv").open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Nombre completo", "Móvil", "Fecha de nacimiento"])
        writer.writerows([f"{first} {last}".upper(), phone, "{2}/{1}/{0}".format(*born)] for first, last, _, phone, born in people[::10])
    with (place / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "row", "cluster"])
        writer.writerows(["crm.csv", at + 1, at] for at in range(280))
        writer.writerows(["shop.csv", at + 1, at * 10] for at in range(28))
    return place


def test_neither_database_nor_settings_are_asked_for(folder: Path) -> None:
    environment = os.environ | {"VINCLE_HOME": "/nowhere/at/all", "DATABASE_URL": "nonsense"}
    command = [sys.executable, "-m", "vincle.project.cli", "link", "crm.csv", "shop.csv", "--out", "alone.csv"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert "308 rows are 280 people; 28 rows are somebody again." in done.stdout
    assert len(rows(folder / "alone.csv")) == 308


def test_two_files_become_people(folder: Path) -> None:
    said = json.loads(vincle(folder, "link", "crm.csv", "shop.csv", "--out", "clusters.csv", "--explain", "pairs.csv", "--json"))
    assert {"records": 308, "clusters": 280, "duplicates": 28, "pairs": 28, "kind": "person", "out": "clusters.csv"}.items() <= said.items()
    assert said["columns"]["shop.csv"]["Fecha de nacimiento"] == {"field": "birthday", "why": "its heading"}
    assert {"prior", "weights"} <= said["model"].keys()
    clusters = rows(folder / "clusters.csv")
    assert list(clusters[0]) == ["source", "row", "cluster", "probability"]
    of = {(row["source"], int(row["row"])): int(row["cluster"]) for row in clusters}
    assert all(of["shop.csv", at + 1] == of["crm.csv", at * 10 + 1] for at in range(28))
    assert all(0 <= float(row["probability"]) <= 1 for row in clusters)
    pairs = rows(folder / "pairs.csv")
    assert {(pair["source_left"], pair["source_right"]) for pair in pairs if pair["decision"] == "link"} == {("crm.csv", "shop.csv")}
    assert all("same phone: +" in pair["evidence"] for pair in pairs if pair["decision"] == "link")


def test_the_same_question_has_the_same_answer(folder: Path) -> None:
    for name in ("one.csv", "two.csv"):
        vincle(folder, "link", "crm.csv", "shop.csv", "--out", name, "--explain", f"p{name}")
    assert (folder / "one.csv").read_bytes() == (folder / "two.csv").read_bytes()
    assert (folder / "pone.csv").read_bytes() == (folder / "ptwo.csv").read_bytes()


def test_only_between_files(folder: Path) -> None:
    (folder / "twice.csv").write_text((folder / "crm.csv").read_text() + (folder / "crm.csv").read_text().splitlines()[-1])
    within = json.loads(vincle(folder, "link", "twice.csv", "shop.csv", "--out", "out.csv", "--json"))
    between = json.loads(vincle(folder, "link", "twice.csv", "shop.csv", "--out", "out.csv", "--between", "--json"))
    assert (within["duplicates"], between["duplicates"]) == (29, 28)


def test_a_model_is_kept_and_used_again(folder: Path) -> None:
    vincle(folder, "link", "crm.csv", "shop.csv", "--out", "out.csv", "--save-model", "model.json")
    first = (folder / "out.csv").read_bytes()
    vincle(folder, "link", "crm.csv", "shop.csv", "--out", "out.csv", "--model", "model.json")
    assert [row["cluster"] for row in rows(folder / "out.csv")] == [line.split(b",")[2].decode() for line in first.splitlines()[1:]]


def test_columns_can_be_named_and_left_out(folder: Path) -> None:
    (folder / "odd.csv").write_text("wer,Mail,z\nAna Puig,ana@example.org,1\nANA PUIG,ana@example.org,2\nPere Roca,pere@example.org,3\n")
    said = json.loads(vincle(folder, "link", "odd.csv", "--out", "out.csv", "--map", "wer=name", "--ignore", "Z", "--json"))
    assert {heading: each["field"] for heading, each in said["columns"]["odd.csv"].items()} == {"wer": "name", "Mail": "email", "z": None}


def test_two_files_of_one_name_are_told_apart(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "crm.csv").write_bytes((folder / "crm.csv").read_bytes())
    said = json.loads(vincle(folder, "link", "a/crm.csv", "b/crm.csv", "--out", "out.csv", "--json"))
    assert {row["source"] for row in rows(folder / "out.csv")} == {"a/crm.csv", "b/crm.csv"}
    assert (said["records"], said["clusters"]) == (560, 280)


def test_rows_that_cannot_be_read_are_named_and_the_rest_goes_on(folder: Path) -> None:
    lines = (folder / "crm.csv").read_text().splitlines()
    lines.insert(3, "too,many,cells,in,this,row")
    (folder / "wide.csv").write_text("\n".join(lines))
    assert (
        "wide.csv, line 4 (row 3) left out: the row has more cells than there are headings (6 > 5)"
        in run(folder, "link", "wide.csv", "--out", "out.csv").stderr
    )
    numbers = [int(row["row"]) for row in rows(folder / "out.csv")]
    assert numbers == [1, 2, *range(4, 282)]


def test_misuse_is_one_clear_line(folder: Path) -> None:
    (folder / "empty.csv").write_text("")
    (folder / "headings.csv").write_text("name,email\n")
    (folder / "single.csv").write_text("name,email\nAna,ana@example.org\n")
    (folder / "numbers.csv").write_text("".join(f"{at},{at * 7}\n" for at in range(20)))
    cases = {
        "nowhere.csv": "nowhere.csv: No such file or directory.",
        "empty.csv": "empty.csv: the file is empty.",
        "headings.csv": "headings.csv: there are no rows in this file.",
        "crm.csv headings.csv": "headings.csv: there are no rows in this file.",
        "single.csv": "single.csv: there is only one row, and nothing to link it with.",
        "crm.csv ./crm.csv": "crm.csv is given twice.",
        "numbers.csv": "No column says who the rows are",
        "crm.csv --between": "--between needs two files or more.",
        "crm.csv --map who=name": "There is no column 'who'. There are: First name, Last name, E-mail, Phone, Date of birth.",
        "crm.csv --map Phone=fone": "There is no field 'fone'. There are: name, first_name",
        "crm.csv --map Phone": "--map wants HEADING=FIELD",
        "crm.csv --model crm.csv": "crm.csv: this is no model saved by --save-model",
        "crm.csv --explain out.csv": "out.csv is named for two outputs.",
        "crm.csv --explain crm.csv": "crm.csv is read and cannot be written to.",
        "crm.csv --explain no/p.csv": "no/p.csv: there is no folder no.",
    }
    for arguments, sentence in cases.items():
        said = vincle(folder, "link", *arguments.split(), "--out", "out.csv", code=2)
        assert sentence in said
        assert len(said.strip().splitlines()) == 1


def test_a_linkage_is_judged_by_its_files_or_by_its_clusters(folder: Path) -> None:
    arguments = ("--truth", "truth.csv", "--out", "errors.csv", "--plot", "plot.svg")
    by_files = json.loads(vincle(folder, "evaluate", "identity", "crm.csv", "shop.csv", *arguments, "--json"))
    assert by_files["pairs"]["f1"] == 1
    assert (by_files["judged"], by_files["b_cubed"]["f1"], by_files["errors"]) == (308, 1, {"false": 0, "missed": 0, "written": 0})
    assert sum(each["count"] for each in by_files["calibration"]["bins"]) == by_files["calibration"]["pairs"] >= 28
    assert ElementTree.parse(folder / "plot.svg").getroot().tag.endswith("svg")
    vincle(folder, "link", "crm.csv", "shop.csv", "--out", "clusters.csv", "--explain", "pairs.csv")
    given = ("--clusters", "clusters.csv", "--pairs", "pairs.csv")
    by_clusters = json.loads(vincle(folder, "evaluate", "identity", *given, *arguments, "--json"))
    assert by_clusters["pairs"] == by_files["pairs"]
    assert by_clusters["calibration"]["bins"][-1]["observed"] == 1


def test_errors_are_listed_with_their_evidence(folder: Path) -> None:
    lines = (folder / "truth.csv").read_text().splitlines()
    wrong = [lines[0], *(line if not line.startswith("shop.csv,2,") else "shop.csv,2,999" for line in lines[1:]), "shop.csv,77,1"]
    wrong[wrong.index("crm.csv,9,8")] = "crm.csv,9,7"
    (folder / "wrong.csv").write_text("\n".join(wrong))
    judged = ("evaluate", "identity", "crm.csv", "shop.csv", "--truth", "wrong.csv", "--out", "errors.csv")
    facts = json.loads(vincle(folder, *judged, "--json"))
    assert (facts["errors"], facts["truth_rows_unknown"]) == ({"false": 1, "missed": 1, "written": 2}, 1)
    false, missed = rows(folder / "errors.csv")
    assert (false["error"], false["source_left"], false["row_left"], false["row_right"]) == ("false link", "crm.csv", "11", "2")
    assert "same phone: +" in false["evidence"]
    assert float(false["probability"]) > 0.99
    assert (missed["error"], missed["row_left"], missed["row_right"]) == ("missed link", "8", "9")
    assert "different phone: -" in missed["evidence"]
    said = vincle(folder, *judged)
    assert "27 right, 1 false, 1 missed" in said
    assert "crm.csv row 11 and shop.csv row 2" in said


def test_misuse_of_evaluate_is_one_clear_line(folder: Path) -> None:
    cases = {
        "--truth truth.csv": "Give FILE... to link and judge, or --clusters",
        "crm.csv --truth crm.csv": "crm.csv: A truth has the columns source, row",
        "--truth truth.csv --clusters crm.csv": "crm.csv: there is no column source; this is no clusters.csv",
        "crm.csv --truth truth.csv --clusters out.csv": "Give FILE... to link and judge, or --clusters",
        "crm.csv --truth truth.csv --pairs out.csv": "--pairs goes with --clusters.",
        "crm.csv --truth nowhere.csv": "nowhere.csv: No such file",
    }
    for arguments, sentence in cases.items():
        assert sentence in vincle(folder, "evaluate", "identity", *arguments.split(), code=2)


def test_febrl_is_linked_unlabelled(shared_data: Path, tmp_path: Path) -> None:
    """Real headings: ids stay out, and nearly all is found."""
    source = shared_data / "identity_febrl" / "dataset1.csv"
    with source.open(encoding="utf-8") as file:
        ids = [line.split("-")[1] for line in file if line.startswith("rec-")]
    (tmp_path / "truth.csv").write_text("row,cluster\n" + "\n".join(f"{at},{key}" for at, key in enumerate(ids, 1)))
    facts = json.loads(vincle(tmp_path, "evaluate", "identity", str(source), "--truth", "truth.csv", "--json"))
    assert facts["pairs"]["f1"] >= 0.99
