"""Intervals hold what is true about as often as they say, however they are drawn."""

from importlib import import_module

import numpy as np
import pytest

from vincle.science.attribution import MODELS, Paths, attribute, intervals, of_flat, of_lists

module = import_module("vincle.science.attribution.intervals")
KINDS = [list(text) for text in ("a", "b", "ab", "ba", "abc", "cab", "aab", "c", "bcbc", "acb")]
WON = np.array([3, 9, 12, 8, 10, 6, 5, 2, 7, 4.0])
LOST = np.array([40, 20, 15, 10, 9, 12, 8, 30, 6, 10.0])


def _paths(won: np.ndarray, lost: np.ndarray) -> Paths:
    return of_lists(KINDS, won, nulls=lost)


def test_nine_of_ten_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(1)
    n, cells = 2000, np.concatenate((WON, LOST))
    whole = attribute(_paths(*np.split(cells / cells.sum() * n, 2)))
    held: dict[str, list[bool]] = {model: [] for model in MODELS}
    for seed in range(80):
        found = intervals(_paths(*np.split(rng.multinomial(n, cells / cells.sum()).astype(float), 2)), draws=120, seed=seed)
        for model in MODELS:
            held[model] += ((found.low[model] <= whole.credits[model]) & (whole.credits[model] <= found.high[model])).tolist()
    assert {model: 0.83 <= float(np.mean(each)) <= 0.96 for model, each in held.items()} == dict.fromkeys(MODELS, True)


def test_random_groups_are_as_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = _paths(WON * 200, LOST * 200)
    usual = intervals(paths, draws=600)
    monkeypatch.setattr(module, "CELLS", 0)
    grouped = intervals(paths, draws=600)
    for model in MODELS:
        assert grouped.high[model] - grouped.low[model] == pytest.approx(usual.high[model] - usual.low[model], rel=0.2)
    assert grouped.agreement == pytest.approx(usual.agreement, abs=0.02)


def test_the_same_seed_the_same_intervals() -> None:
    one, same, other = (intervals(_paths(WON, LOST), seed=seed, draws=50) for seed in (1, 1, 2))
    assert one.of("a", "markov") == same.of("a", "markov") != other.of("a", "markov")
    narrow = intervals(_paths(WON, LOST), seed=1, level=0.5)
    wide = intervals(_paths(WON, LOST), seed=1, level=0.95)
    assert narrow.high["markov"][0] - narrow.low["markov"][0] < wide.high["markov"][0] - wide.low["markov"][0]


def test_days_are_kept_by_the_draws() -> None:
    rng = np.random.default_rng(2)
    steps = rng.integers(0, 3, 600)
    paths = of_flat("abc", steps, np.arange(0, 601, 3), rng.random(200) < 0.5, days_before=np.tile([20.0, 5.0, 0.0], 200))
    found, drawn = attribute(paths), intervals(paths, draws=50)
    assert (drawn.low["time_decay"] <= found.credits["time_decay"]).all()
    assert (drawn.high["time_decay"] >= found.credits["time_decay"]).all()
    by_step = attribute(of_flat("abc", steps, np.arange(0, 601, 3), paths.conversions))
    assert found.credits["time_decay"] != pytest.approx(by_step.credits["time_decay"])


@pytest.mark.parametrize("given", [{"level": 1.0}, {"draws": 1}, {"order": 0}, {"half_life": 0.0}, {"ends": (0.7, 0.7)}])
def test_what_makes_no_sense(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        intervals(_paths(WON, LOST), **given)  # type: ignore[arg-type]


def test_windows() -> None:
    paths = of_lists([["a", "b"], ["a"], ["b", "a"]], [1, 1, 0], [10, 5, 0], [0, 0, 1], days_before=[[9, 1], [30], [2, 1]])
    near = paths.within(7)
    assert near.steps.tolist() == [1, 1, 0]
    assert near.days_before is not None
    assert near.days_before.tolist() == [1, 2, 1]
    assert (near.total, near.untouched, near.untouched_value, near.journeys) == (1, 1, 5, 2)
    assert paths.within(0).size == 0
    assert attribute(paths.within(0)).agreement == 1
    with pytest.raises(ValueError, match="window"):
        of_lists([["a"]]).within(3)


@pytest.mark.parametrize(
    "given",
    [
        {"starts": [0, 1]}, {"starts": [1, 2]}, {"starts": [0, 2, 1, 2]}, {"steps": [0, 5]}, {"conversions": [-1]},
        {"conversions": [1, 2]}, {"nulls": [float("nan")]}, {"days_before": [1]}, {"days_before": [1, -1]},
    ],
)  # fmt: skip
def test_paths_that_do_not_fit(given: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match=r"."):
        of_flat(["a", "b"], **{"steps": [0, 1], "starts": [0, 2], "conversions": [1], **given})
