"""clusters.csv and pairs.csv: numbered by first appearance, safe in a spreadsheet, whole or not at all."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from vincle.identify.linkage import columns, files, report, words
from vincle.identify.linkage.link import Linked, link
from vincle.identify.matchers.registry import matchers
from vincle.store.export import neutral

FIRST = (
    "Montserrat Jordi Núria Oriol Mercè Pau Laia Arnau Gemma Biel Carme Roger Berta Guillem Neus Ferran Clara Ignasi Ariadna Lluc".split()
)
LAST = "Vilaró Puigdomènech Serrat Bonfill Casademunt Terrades Ollé Rovira Fontcuberta Masdeu Gironès Caralt Bru Tarragó".split()


def people() -> list[dict[str, str]]:
    """280 people, each tenth of them a second time without address and in capitals, at the end and the other way round."""
    random = Random(5)
    rows = []
    for first in FIRST:
        for last in LAST:
            born = f"{random.randrange(1940, 2005)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
            phone = f"+34 6{random.randrange(10**8):08d}"
            rows.append({"name": f"{first} {last}", "email": f"{first}.{last}@example.cat".lower(), "phone": phone, "dob": born})
    return rows + [row | {"email": "", "name": row["name"].upper()} for row in reversed(rows[::10])]


@pytest.fixture(scope="module")
def linked() -> Linked:
    return link(people())


def test_clusters_are_numbered_by_their_first_record(linked: Linked) -> None:
    rows = linked.clusters()
    assert [row["row"] for row in rows] == list(range(1, 309))
    numbers = [row["cluster"] for row in rows]
    first = {number: numbers.index(number) for number in numbers}
    assert sorted(first) == list(range(1, max(numbers) + 1))
    assert [first[number] for number in sorted(first)] == sorted(first.values())
    assert numbers[280:] == numbers[0:280:10][::-1]


def test_a_probability_is_that_of_belonging(linked: Linked) -> None:
    rows = linked.clusters()
    together = {row["row"]: float(row["probability"]) for row in rows if row["row"] > 280 or row["row"] % 10 == 1}
    alone = {row["row"]: float(row["probability"]) for row in rows if row["row"] not in together}
    assert min(together.values()) >= 0.9
    assert max(alone.values()) <= 0.99
    rivals = {pair[f"row_{side}"]: float(pair["probability"]) for pair in linked.pairs(ask=0.02)[::-1] for side in ("left", "right")}
    assert all(alone[row] == pytest.approx(1 - rivals[row], abs=1e-4) for row in alone.keys() & rivals.keys())


def test_pairs_say_why_and_their_weights_add_up(linked: Linked) -> None:
    pairs = linked.pairs()
    assert [pair["decision"] for pair in pairs].count("link") == 28
    probabilities = [float(pair["probability"]) for pair in pairs]
    assert probabilities == sorted(probabilities, reverse=True)
    pair = pairs[0]
    assert "same phone: +" in pair["evidence"]
    weights = [float(step.rpartition(": ")[2]) for step in pair["evidence"].split("; ")]
    assert weights == sorted(weights, reverse=True)
    steps = linked.explain(pair["row_left"] - 1, pair["row_right"] - 1)
    assert weights == pytest.approx([step.weight for step in steps], abs=0.051)


def test_every_level_of_every_matcher_has_words() -> None:
    for matcher in matchers().values():
        said = [words.phrase(matcher.id, level.id) for level in matcher.levels]
        assert len(set(said)) == len(said), f"{matcher.id}: two levels in the same words: {said}"
        assert not any(re.search(r"_|: ", phrase) for phrase in said), f"{matcher.id} has no words of its own: {said}"


def test_file_names_are_told_apart() -> None:
    assert report.told_apart(["x/a.csv", "b.csv"]) == ["a.csv", "b.csv"]
    assert report.told_apart(["p/x/a.csv", "q/x/a.csv", "r/y/a.csv"]) == ["p/x/a.csv", "q/x/a.csv", "y/a.csv"]


def test_formulas_are_made_text(tmp_path: Path) -> None:
    report.write(tmp_path / "out.csv", ["source", "row"], [["=1+1.csv", 1], ["@x.csv", -2]], neutral)
    assert list(csv.reader((tmp_path / "out.csv").open())) == [["source", "row"], ["'=1+1.csv", "1"], ["'@x.csv", "-2"]]


def test_what_stood_there_stays_until_all_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    out.chmod(0o640)

    def broken() -> Iterator[list[int]]:
        yield [1]
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="the power fails"):
        report.write(out, ["n"], broken())
    assert out.read_text() == "before"
    assert report.write(out, ["n"], [[1], [2]]) == 2
    assert out.read_text().splitlines() == ["n", "1", "2"]
    assert out.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_rows_keep_the_numbers_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,email\nAna Puig,a@x.org\nJoan,j@x.org,too,wide\nPere Roca,p@x.org\n")
    table = files.read(tmp_path / "people.csv")
    placed = columns.records([table], columns.plan([table]))
    assert placed.row.tolist() == [1, 3]
