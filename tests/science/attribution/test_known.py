"""Attribution beside published and exact figures."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from vincle.science.attribution import Attribution, Paths, attribute, heuristics, of_lists
from vincle.science.attribution.shapley import shapley


@pytest.fixture(scope="session")
def reference(shared_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_data / "attribution" / "reference.json").read_text())
    return found


@pytest.fixture(scope="session")
def rows(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "attribution" / "Data.csv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="session")
def paths(rows: list[dict[str, str]]) -> Paths:
    conversions, value, nulls = ([float(row[f"total_{name}"]) for row in rows] for name in ("conversions", "conversion_value", "null"))
    return of_lists([row["path"].split(" > ") for row in rows], conversions, value, nulls)


def by_channel(found: Attribution, values: Any) -> dict[str, float]:
    return dict(zip(found.channels, values.tolist(), strict=True))


def test_the_set_is_read_whole(paths: Paths) -> None:
    assert (paths.size, len(paths.channels), paths.total, paths.journeys) == (10_000, 12, 19_785, 88_387)
    assert paths.total_value == pytest.approx(74_802.9716, abs=1e-4)
    assert paths.lengths.max() == 89


def test_heuristics_of_the_reference(paths: Paths, reference: dict[str, Any]) -> None:
    found = attribute(paths)
    for at, model in enumerate(("first", "last", "linear")):
        credits, values = by_channel(found, found.credits[model]), by_channel(found, found.values[model])
        for channel, row in reference["exact"]["heuristics"].items():
            assert credits[channel] == pytest.approx(row[2 * at], abs=5e-5)
            assert values[channel] == pytest.approx(row[2 * at + 1], abs=5.1e-4)
        for row in reference["official_2.2.5"]["heur"]:
            assert credits[row["channel_name"]] == pytest.approx(row[f"{model}_touch_conversions"], rel=1e-11)
            assert values[row["channel_name"]] == pytest.approx(row[f"{model}_touch_value"], rel=1e-11)


@pytest.mark.parametrize("order", [1, 2])
def test_markov_of_the_reference(paths: Paths, reference: dict[str, Any], order: int) -> None:
    found, exact = attribute(paths, order=order), reference["exact"][f"markov order {order} conv+null"]
    assert found.rate == pytest.approx(19_785 / 88_387, rel=1e-12)
    assert found.rate == pytest.approx(exact["base"], abs=5e-9)
    assert found.states == exact["states"]
    assert by_channel(found, found.removal_effects) == pytest.approx(exact["removal"], abs=5.1e-7)
    assert by_channel(found, found.credits["markov"]) == pytest.approx(exact["conversions"], abs=5.1e-4)


def test_markov_of_conversions_only(paths: Paths, reference: dict[str, Any]) -> None:
    alone = Paths(paths.channels, paths.steps, paths.starts, paths.conversions, paths.value, 0 * paths.nulls)
    found = attribute(alone)
    assert found.rate == pytest.approx(1)
    assert by_channel(found, found.credits["markov"]) == pytest.approx(
        reference["exact"]["markov order 1 conv only"]["conversions"], abs=5.1e-4
    )


def test_simulation_comes_to_the_exact_solution(paths: Paths, reference: dict[str, Any]) -> None:
    """ChannelAttribution 2.2.5 simulates: its large channels are right to about 3 %."""
    for order in (1, 2):
        found = attribute(paths, order=order)
        for row in reference["official_2.2.5"][f"markov {order} null"]:
            at = found.channels.index(row["channel_name"])
            if found.credits["markov"][at] > 1000:
                assert row["total_conversions"] == pytest.approx(found.credits["markov"][at], rel=0.04)
                assert row["total_conversion_value"] == pytest.approx(found.values["markov"][at], rel=0.06)


def test_shapley_of_the_reference(paths: Paths, reference: dict[str, Any]) -> None:
    found = attribute(paths)
    assert by_channel(found, found.credits["shapley"]) == pytest.approx(reference["exact"]["shapley set-based"], abs=5.1e-4)


def test_what_models_agree_on(paths: Paths) -> None:
    found = attribute(paths)
    least = sum(min(each[at] for each in found.credits.values()) for at in range(12))
    assert found.agreement == pytest.approx(least / 19_785)
    assert 0.7 < found.agreement < 0.8


def test_bryl() -> None:
    """S. Bryl, analyzecore.com, 3 August 2016."""
    found = attribute(of_lists([["C1", "C2", "C3"], ["C1"], ["C2", "C3"]], [1, 0, 0], nulls=[0, 1, 1]))
    assert found.rate == pytest.approx(1 / 3)
    assert found.removal_effects == pytest.approx([0.5, 1, 1])
    assert found.markov_shares == pytest.approx([0.2, 0.4, 0.4])


def test_pychattr() -> None:
    found = attribute(of_lists([each.split(">") for each in ("A>B>A>B>B>A", "A>B>B>A>A", "A>A")]))
    assert found.removal_effects == pytest.approx([1, 0.5])
    assert found.credits["markov"] == pytest.approx([2, 1])


def test_two_paths() -> None:
    found = attribute(of_lists([["A"], ["A", "B"], ["B"]], [1, 1, 0], nulls=[0, 0, 2]))
    assert found.credits["first"] == pytest.approx([2, 0])
    assert found.credits["last"] == pytest.approx([1, 1])
    assert found.credits["linear"] == pytest.approx([1.5, 0.5])
    assert found.rate == pytest.approx(0.5)
    assert found.removal_effects == pytest.approx([2 / 3, 0.5])
    assert found.markov_shares == pytest.approx([0.571428571, 0.428571428])
    chances = {(each.origin, each.target): each.probability for each in found.transitions}
    assert chances == pytest.approx({
        ("(start)", "A"): 0.5, ("(start)", "B"): 0.5, ("A", "B"): 0.5, ("A", "(conversion)"): 0.5, ("B", "(conversion)"): 1 / 3,
        ("B", "(null)"): 2 / 3,
    })  # fmt: skip


def test_a_single_path() -> None:
    found = attribute(of_lists([["A", "B", "B", "C"]], [1], [90]))
    by = {model: by_channel(found, each) for model, each in found.values.items()}
    assert by["first"] == {"A": 90, "B": 0, "C": 0}
    assert by["last"] == {"A": 0, "B": 0, "C": 90}
    assert by["linear"] == pytest.approx({"A": 22.5, "B": 45, "C": 22.5})
    assert by["position"] == pytest.approx({"A": 36, "B": 18, "C": 36})
    assert by["shapley"] == pytest.approx({"A": 30, "B": 30, "C": 30})


def test_time_decay() -> None:
    paths = of_lists([["A", "B", "C"]], days_before=[[7, 3.5, 0]])
    assert heuristics.time_decay(paths) == pytest.approx([0.22654, 0.32038, 0.45308], abs=5e-6)
    by_step = heuristics.time_decay(of_lists([["A", "B"]]), half_life=1)
    assert by_step == pytest.approx([1 / 3, 2 / 3])


def test_textbook_games() -> None:
    """The glove market, and the airport of Littlechild and Owen (1973)."""
    gloves = shapley(["L", "R1", "R2"], lambda who: float("L" in who and len(who) > 1))
    assert gloves == pytest.approx({"L": 2 / 3, "R1": 1 / 6, "R2": 1 / 6})
    costs = {"one": 1, "two": 2, "three": 3}
    assert shapley(list(costs), lambda who: max((costs[each] for each in who), default=0)) == pytest.approx(
        {"one": 1 / 3, "two": 5 / 6, "three": 11 / 6}
    )
    with pytest.raises(ValueError, match="23 players"):
        shapley([str(at) for at in range(23)], len)
