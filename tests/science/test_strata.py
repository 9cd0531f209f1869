"""The pooled risk ratio: one stratum is the plain one, strata are not mixed, what cannot be told is not."""

from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.strata import Stratum, ratio

COUNTS = st.tuples(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60), st.integers(0, 60))


@given(COUNTS)
def test_one_stratum_is_the_plain_ratio(counts: tuple[int, int, int, int]) -> None:
    """Katz's interval of the logarithm (Biometrics 34, 1978)."""
    a, more, c, others = counts
    n1, n0 = a + more, c + others
    found = ratio([Stratum(a, n1, c, n0)])
    assert found is not None
    spread = 1.959964 * sqrt(max(1 / a - 1 / n1 + 1 / c - 1 / n0, 0))
    expected = (a / n1) / (c / n0)
    assert found.value == pytest.approx(expected)
    assert found.low == pytest.approx(exp(log(expected) - spread), rel=1e-4)
    assert found.high == pytest.approx(exp(log(expected) + spread), rel=1e-4)


def test_those_who_are_otherwise_unlike_are_not_mixed() -> None:
    """Simpson: within both strata nothing differs, though taken together those who met with it fare better."""
    strata = [Stratum(80, 100, 8, 10), Stratum(1, 10, 10, 100)]
    found = ratio(strata)
    assert found is not None
    assert found.value == pytest.approx(1.0)
    assert not found.is_sure
    together = ratio([Stratum(81, 110, 18, 110)])
    assert together is not None
    assert together.is_sure


def test_what_cannot_be_told_is_not() -> None:
    assert ratio([]) is None
    assert ratio([Stratum(0, 10, 3, 10)]) is None
    assert ratio([Stratum(3, 10, 0, 0)]) is None
    with pytest.raises(ValueError, match="of"):
        ratio([Stratum(11, 10, 0, 1)])
    with pytest.raises(ValueError, match="confidence"):
        ratio([], 1.0)


def test_more_asked_of_it_widens_it() -> None:
    narrow, wide = (ratio([Stratum(30, 100, 20, 100)], each) for each in (0.9, 0.999))
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.high < wide.high
