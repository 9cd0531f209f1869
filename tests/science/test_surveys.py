"""Net promoter score, satisfaction, weights, cross-tables and carelessness, by published figures and by what must hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from vincle.science.crosstabs import crosstab, holm
from vincle.science.nps import from_counts, nps
from vincle.science.quality import speeders, straight_lines
from vincle.science.raking import rake
from vincle.science.satisfaction import mean, top_box


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_nps_by_its_definition(scores: list[int]) -> None:
    found = nps(scores)
    assert found is not None
    marks = np.array([1 if score >= 9 else -1 if score <= 6 else 0 for score in scores])
    assert found.nps == pytest.approx(100 * marks.mean())
    assert found.standard_error == pytest.approx(100 * marks.std() / len(scores) ** 0.5, abs=1e-9)
    assert -100 <= found.low <= found.nps + 1e-9
    assert found.nps - 1e-9 <= found.high <= 100
    assert found.high > found.low


def test_nps_interval_holds_the_truth_where_few_answered() -> None:
    """15 answers, 60 % promoters, 10 % detractors: the normal interval alone holds it in less than 93 of 100."""
    drawn = np.random.default_rng(2).multinomial(15, [0.6, 0.3, 0.1], size=2_000)
    found = [from_counts(*row) for row in drawn.tolist()]
    held = np.mean([each.low <= 50 <= each.high for each in found if each is not None])
    assert 0.93 <= held <= 0.985


def test_weights_of_nps() -> None:
    assert nps([10, 0], [3, 1]).nps == pytest.approx(50)  # type: ignore[union-attr]
    assert nps([10, 0, 7], [2, 2, 2]).n == pytest.approx(3)  # type: ignore[union-attr]
    assert nps([]) is None
    for wrong in ([11], [5.5], [-1], [float("nan")]):
        with pytest.raises(ValueError, match="0 to 10"):
            nps(wrong)


def test_satisfaction() -> None:
    found = top_box([5] * 40 + [4] * 41 + [2] * 182)
    assert found is not None
    # Newcombe (1998), table I, method 3: 81 of 263.
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert top_box([]) is None
    assert mean([4.0]).low == 4.0  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="ends at 5"):
        top_box([6])


def test_the_table_of_deming_and_stephan_is_reached() -> None:
    """Margins are met; cross-product ratios of a table stay what they were (the property that defines raking)."""
    rows = np.repeat([0, 0, 1, 1], [40, 30, 35, 50])
    columns = np.repeat([0, 1, 0, 1], [40, 30, 35, 50])
    raked = rake([rows, columns], [[0.6, 0.4], [0.45, 0.55]])
    cells = np.array([[raked.weights[(rows == r) & (columns == c)].sum() for c in (0, 1)] for r in (0, 1)]) / 155
    assert raked.is_done
    assert cells.sum(axis=1) == pytest.approx([0.6, 0.4], abs=1e-5)
    assert cells.sum(axis=0) == pytest.approx([0.45, 0.55], abs=1e-5)
    assert cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0]) == pytest.approx(40 * 50 / (30 * 35), rel=1e-4)
    assert raked.worth < 155


def test_weights_are_bounded_and_what_nobody_answered_is_told() -> None:
    raked = rake([[0] * 99 + [1]], [[0.5, 0.5]], largest=5)
    assert raked.weights.max() <= 5.0 / raked.weights.min() + 5
    assert not raked.is_done
    with pytest.raises(ValueError, match="nobody of group 1"):
        rake([[0, 0]], [[0.5, 0.5]])
    assert rake([[0, -1, 1]], [[0.5, 0.5]]).weights.mean() == pytest.approx(1)


def test_chi_squared_and_fisher() -> None:
    table = [[30, 10, 12], [20, 40, 30]]
    found = crosstab(table)
    assert found is not None
    statistic, p, degrees, _ = chi2_contingency(table, correction=False)
    assert (found.statistic, found.p, found.degrees) == pytest.approx((statistic, p, degrees))
    # Fisher's tea (The Design of Experiments, 1935): 3 of 4 right, p = .4857.
    tea = crosstab([[3, 1], [1, 3]])
    assert tea is not None
    assert (round(tea.p, 4), tea.test, tea.higher) == (0.4857, "fisher", (((), ()), ((), ())))
    assert crosstab([[3, 2], [0, 0]]) is None
    sparse = crosstab([[3, 0, 1], [0, 4, 1], [1, 1, 2]])
    assert sparse is not None
    assert sparse.test == "random tables"
    assert 0 < sparse.p <= 1


def test_many_tests_call_nothing_true_too_often() -> None:
    """1,000 tables of nothing: about one in twenty is called so, columns two by two no more often."""
    rng = np.random.default_rng(3)
    tables = (crosstab(rng.multinomial(60, [0.3, 0.7], size=4).T) for _ in range(1_000))
    assert sum(any(map(any, found.higher)) for found in tables if found) < 65
    assert holm([0.01, 0.5, 0.02]) == pytest.approx([0.03, 0.5, 0.04])


def test_carelessness() -> None:
    assert straight_lines(np.empty((0, 4))).tolist() == []
    assert straight_lines([[2, 2, 2]]).tolist() == [False]
    assert not speeders([60.0, 1.0]).any()
    assert speeders([60.0] * 12 + [float("nan"), 0.0, 25.0]).tolist() == [False] * 14 + [True]
