"""Drivers of a score beside published figures, and whatever the drivers are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.science import _shapley
from vincle.science.drivers import drivers

NAMES = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
SWISS = """80.2 17.0 15 12 9.96 22.2|83.1 45.1 6 9 84.84 22.2|92.5 39.7 5 5 93.40 20.2|85.8 36.5 12 7 33.77 20.3|76.9 43.5 17 15 5.16 20.6|
76.1 35.3 9 7 90.57 26.6|83.8 70.2 16 7 92.85 23.6|92.4 67.8 14 8 97.16 24.9|82.4 53.3 12 7 97.67 21.0|82.9 45.2 16 13 91.38 24.4|
87.1 64.5 14 6 98.61 24.5|64.1 62.0 21 12 8.52 16.5|66.9 67.5 14 7 2.27 19.1|68.9 60.7 19 12 4.43 22.7|61.7 69.3 22 5 2.82 18.7|
68.3 72.6 18 2 24.20 21.2|71.7 34.0 17 8 3.30 20.0|55.7 19.4 26 28 12.11 20.2|54.3 15.2 31 20 2.15 10.8|65.1 73.0 19 9 2.84 20.0|
65.5 59.8 22 10 5.23 18.0|65.0 55.1 14 3 4.52 22.4|56.6 50.9 22 12 15.14 16.7|57.4 54.1 20 6 4.20 15.3|72.5 71.2 12 1 2.40 21.0|
74.2 58.1 14 8 5.23 23.8|72.0 63.5 6 3 2.56 18.0|60.5 60.8 16 10 7.72 16.3|58.3 26.8 25 19 18.46 20.9|65.4 49.5 15 8 6.10 22.5|
75.5 85.9 3 2 99.71 15.1|69.3 84.9 7 6 99.68 19.8|77.3 89.7 5 2 100.00 18.3|70.5 78.2 12 6 98.96 19.4|79.4 64.9 7 3 98.22 20.2|
65.0 75.9 9 9 99.06 17.8|92.2 84.6 3 3 99.46 16.3|79.3 63.1 13 13 96.83 18.1|70.4 38.4 26 12 5.62 20.3|65.7 7.7 29 11 13.79 20.5|
72.7 16.7 22 13 11.22 18.9|64.4 17.6 35 32 16.92 23.0|77.6 37.6 15 7 4.97 20.0|67.6 18.7 25 7 8.65 19.5|35.0 1.2 37 53 42.34 18.0|
44.7 46.6 16 29 50.43 18.2|42.8 27.7 22 29 58.33 19.3"""
"""Fertility and five drivers of 47 provinces in 1888 (data set `swiss` of R; Mosteller and Tukey 1977)."""


def _swiss() -> tuple[np.ndarray, np.ndarray]:
    table = np.array([[float(cell) for cell in row.split()] for row in SWISS.replace("\n", "").split("|")])
    assert table.shape == (47, 6)
    return table[:, 1:], table[:, 0]


def test_the_table_of_gromping() -> None:
    """Gromping, Journal of Statistical Software 17 (2006), issue 1, section 4: LMG of `lm(Fertility ~ ., swiss)`, R-squared .7067."""
    found = drivers(*_swiss(), NAMES, repeats=200)
    parts = {each.name: each for each in found.drivers}
    assert found.n == 47
    assert found.error == 0
    assert found.r2 == pytest.approx(0.706735, abs=5e-7)
    assert [parts[name].shapley_r2 for name in NAMES] == pytest.approx([0.057091, 0.171173, 0.260135, 0.105570, 0.112766], abs=5e-7)
    assert [parts[name].share for name in NAMES] == pytest.approx([0.08078, 0.24220, 0.36808, 0.14938, 0.15956], abs=5e-6)
    # Coefficients of the same model as `summary(lm(...))` prints them.
    assert [parts[name].coefficient for name in NAMES] == pytest.approx([-0.17211, -0.25801, -0.87094, 0.10412, 1.07705], abs=5e-6)
    assert found.r2_adjusted == pytest.approx(0.671, abs=5e-4)


def test_a_driver_turned_by_collinearity_is_told_and_keeps_its_share() -> None:
    """Agriculture: by itself fertility rises with it (+.35), in the model its coefficient is negative (-.24)."""
    found = {each.name: each for each in drivers(*_swiss(), NAMES, repeats=50).drivers}
    turned = found["Agriculture"]
    assert turned.is_turned
    assert turned.beta < 0 < turned.correlation
    assert turned.effect > 0
    assert turned.share > 0.05
    assert not found["Education"].is_turned
    assert found["Education"].effect < 0


def test_what_is_sampled_comes_to_what_is_exact() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 9)) + rng.normal(size=(400, 1))
    matrix = np.corrcoef(np.column_stack((x, x @ rng.random(9) + rng.normal(size=400))).T)[None]
    exact = _shapley.divided(matrix)
    means, errors = _shapley.sampled(matrix, _shapley.orders_of(9, 4_000, rng))
    assert np.abs(means - exact).max() < 4 * errors.max()
    assert errors.max() < 0.003


def test_many_drivers_say_how_sure_they_are() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(500, 30)) + rng.normal(size=(500, 1))
    found = drivers(x, x @ rng.random(30) + rng.normal(size=500), [f"d{place}" for place in range(30)], repeats=20)
    assert 0 < found.error < 0.002
    assert sum(each.shapley_r2 for each in found.drivers) == pytest.approx(found.r2)
    assert all(each.low <= each.share <= each.high for each in found.drivers)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 6), n=st.integers(9, 40), twin=st.booleans())
def test_parts_are_fair(seed: int, p: int, n: int, twin: bool) -> None:
    """Never negative, together the whole, alike for twins, the same in any order and unit."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    if twin:
        x = np.column_stack((x, x[:, 0] * 3 + 1))
    y = x @ rng.normal(size=x.shape[1]) + rng.normal(size=n)
    names = [f"d{place}" for place in range(x.shape[1])]
    found = {each.name: each for each in drivers(x, y, names, repeats=10).drivers}
    residual = y - np.column_stack((np.ones(n), x)) @ np.linalg.lstsq(np.column_stack((np.ones(n), x)), y, rcond=None)[0]
    r2 = 1 - residual.var() / y.var()
    assert min(each.shapley_r2 for each in found.values()) >= 0
    assert sum(each.shapley_r2 for each in found.values()) == pytest.approx(r2, abs=1e-6)
    if twin:
        assert found["d0"].shapley_r2 == pytest.approx(found[names[-1]].shapley_r2, abs=1e-6)
    turned = {each.name: each for each in drivers(-2 * x[:, ::-1] + 7, y, names[::-1], repeats=10).drivers}
    assert all(turned[name].shapley_r2 == pytest.approx(found[name].shapley_r2, abs=1e-6) for name in names)


def test_the_same_seed_says_the_same() -> None:
    assert drivers(*_swiss(), NAMES, seed=3, repeats=50) == drivers(*_swiss(), NAMES, seed=3, repeats=50)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Two independent drivers with parts 4:1; 200 samples of 150 rows."""
    rng = np.random.default_rng(8)
    held = 0
    for sample in range(200):
        x = rng.normal(size=(150, 2))
        found = drivers(x, x @ [2.0, 1.0] + rng.normal(size=150) * 2, ["a", "b"], seed=sample, repeats=200)
        part = next(each for each in found.drivers if each.name == "a")
        held += part.low <= 0.8 <= part.high
    assert 0.88 <= held / 200 <= 0.99


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ([[1, 2], [2, 3], [3, 1]], [1, 2, 3], "too few"),
        ([[1, 2], [1, 3], [1, 1], [1, 5]], [1, 2, 3, 4], "a is the same"),
        ([[1, 2], [2, 3], [3, 1], [0, 5]], [1, 1, 1, 1], "the target is the same"),
        ([[1, 2], [2, 3], [3, np.nan], [0, 5]], [1, 2, 3, 1], "finite"),
    ],
)
def test_what_cannot_be_explained_is_refused(x: list[list[float]], y: list[float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        drivers(x, y, ["a", "b"])
