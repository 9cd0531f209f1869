"""Linkage on Spark: the same outcome as in this process, to the bit. One session does all of it."""

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.identify.linkage.test_run import contacts
from tests.identify.social_truth import social_accounts
from vincle.identify.linkage import candidates, spark
from vincle.identify.linkage.link import link
from vincle.identify.linkage.model import Model
from vincle.identify.linkage.records import Given, Records
from vincle.identify.linkage.run import Outcome, run
from vincle.identify.linkage.spark import SparkError, run_on_spark
from vincle.project.cli import main

Rows = Sequence[dict[str, Given]]
# Java compiles no more than it must, and Spark nothing: there is little to count.
JAVA = "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel%3D1 -XX:%2BUseSerialGC"
SHORT_LIVED = f"{JAVA}&spark.sql.shuffle.partitions=2&spark.sql.codegen.wholeStage=false&spark.sql.codegen.factoryMode=NO_CODEGEN"
FEW = 2_000
"""Samples of more pairs are sent to Spark."""


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    pytest.importorskip("pyspark")
    with spark.session(f"local[2]?{SHORT_LIVED}") as found:
        yield found


def alike(records: Records, session: Any, **how: Any) -> Outcome:
    """The outcome of both, which is one."""
    here, there = run(records, **how), run_on_spark(records, session, few=FEW, **how)
    assert (there.compared, len(there.pairs)) == (here.compared, len(here.pairs))
    assert np.array_equal(there.pairs.left, here.pairs.left)
    assert np.array_equal(there.pairs.right, here.pairs.right)
    assert np.array_equal(there.pairs.levels, here.pairs.levels)
    assert there.pairs.probability == pytest.approx(here.pairs.probability, abs=1e-9)
    assert there.model.share == pytest.approx(here.model.share, rel=1e-9)
    assert {id: part.levels for id, part in there.model.parts.items()} == {id: part.levels for id, part in here.model.parts.items()}
    assert np.array_equal(there.clusters, here.clusters)
    assert there.weakest == pytest.approx(here.weakest, abs=1e-9)
    return there


def organisations(count: int) -> Rows:
    chance = random.Random(4)
    words = "Ferrer Costa Molí Forn Celler Ribera Garraf Llum Nord Oliva Terra Vent".split()
    rows: list[dict[str, Given]] = []
    for at in range(count):
        name = f"{chance.choice(words)} {chance.choice(words)} {at % 40}"
        form = chance.choice(("S.L.", "SL", "S.A.", ""))
        whole = {
            "name": f"{name} {form}".strip(),
            "domain": f"{name.replace(' ', '').lower()}.example",
            "phone": f"+3493{5550000 + at % 40}",
        }
        rows.append({field: value for field, value in whole.items() if field == "name" or chance.random() > 0.3})
    return rows


ELSEWHERE: Rows = [
    {"name": "Анна Петрова", "phone": "+7 495 555 01 42", "city": "Москва"}, {"name": "Anna Petrova", "phone": "+74955550142"},
    {"name": "王小明", "email": "wang@example.cn"}, {"name": "王小明", "email": "wang@example.cn", "city": "北京"}, {"name": "محمد علي"},
    {"name": "Ελένη Παπαδοπούλου", "birthday": "1981-05-04"}, {"name": "Eleni Papadopoulou", "birthday": "1981-05-04"}, {"name": "🙂"}, {},
]  # fmt: skip


@pytest.mark.slow
def test_people_of_whom_some_are_there_twice_to_the_letter(session: Any) -> None:
    rows, _ = contacts(60)
    found = alike(Records.of([*rows, *rows[:25], *ELSEWHERE]), session)
    assert len(np.unique(found.clusters)) < len(rows)


@pytest.mark.slow
def test_what_people_decided_holds(session: Any) -> None:
    rows = organisations(160)
    linked = run(Records.of(rows, kind="organisation"))
    apart = {(int(linked.pairs.left[0]), int(linked.pairs.right[0]))}
    found = alike(Records.of(rows, kind="organisation"), session, same={(3, 1)}, apart=apart, threshold=0.95)
    assert found.clusters[3] == found.clusters[1]
    assert all(found.clusters[left] != found.clusters[right] for left, right in apart)


@pytest.mark.slow
def test_across_two_files_by_a_model_that_is_there_already(session: Any) -> None:
    rows, _ = contacts(120)
    model = Model.from_json(run(Records.of(rows)).model.to_json())
    source = [at % 2 for at in range(len(rows))]
    found = alike(Records.of(rows, source=source), session, model=model, between=True)
    assert all((found.pairs.left + found.pairs.right) % 2)


@pytest.mark.slow
def test_a_budget_that_is_short_is_kept_alike(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So short that what one key takes decides what the next one may, and which keys are taken together."""
    monkeypatch.setattr(candidates, "BUDGET", 0)
    monkeypatch.setattr(candidates, "A_RECORD", 3)
    rows, _ = social_accounts(60, 3)
    alike(Records.of(rows), session)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows", [[], [{}], [{"name": "Anna"}], [{}, {}], [{"language": "ca"}] * 3], ids=["none", "blank", "one", "blanks", "mute"]
)
def test_where_there_is_nothing_to_link(rows: Rows, session: Any) -> None:
    alike(Records.of(rows), session)


@pytest.mark.slow
def test_what_fails_over_there_is_a_sentence(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vincle.identify.linkage._spark_pairs.ROWS", "key int, one long, other long, record int, origin short")
    with pytest.raises(SparkError, match="Spark could not link: "):
        run_on_spark(Records.of(contacts(10)[0]), session)


def test_a_wrong_address_is_a_sentence() -> None:
    with (
        pytest.raises(SparkError, match=r"engine says 'memory'; Spark's settings begin with 'spark\.'"),
        spark.session("local[1]?memory=1g"),
    ):
        pass


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(SparkError, match=r"pip install vincle\[spark\]"), spark.session():
        pass


@pytest.mark.slow
def test_the_command_and_the_function_say_the_same_on_spark(session: Any, tmp_path: Path) -> None:
    """In a process that has a Spark of its own, which is used and left alone."""
    rows, _ = contacts(30)
    expected = link(rows).clusters()
    assert link(rows, engine=session).clusters() == expected
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, sorted({heading for row in rows for heading in row}))
        written.writeheader()
        written.writerows(rows)
    for name, more in (("here.csv", ()), ("there.csv", ("--engine", "spark"))):
        done = CliRunner().invoke(main, ["link", str(tmp_path / "people.csv"), "--out", str(tmp_path / name), *more])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "there.csv").read_text() == (tmp_path / "here.csv").read_text()
    assert session.range(3).count() == 3


def test_an_engine_that_cannot_link_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,email\nAnna Puig,anna@example.org\nAna Puig,anna@example.org\n")
    done = CliRunner().invoke(main, ["link", str(tmp_path / "people.csv"), "--out", str(tmp_path / "out.csv"), "--engine", "duckdb"])
    assert (done.exit_code, done.stderr.strip()) == (1, "'duckdb' is no engine for linking; there are: spark, spark://host:7077, local[2].")
    assert not (tmp_path / "out.csv").exists()
