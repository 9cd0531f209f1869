"""Wilson's interval beside the figures of Newcombe (1998), table I, method 3."""

import pytest

from vincle.science.proportions import wilson


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_published_intervals(successes: int, trials: int, interval: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(interval, abs=5e-5)
    lower, upper = wilson(trials - successes, trials)
    assert (1 - upper, 1 - lower) == pytest.approx(interval, abs=5e-5)


def test_nothing_tried_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials", "confidence"), [(2, 1, 0.95), (-1, 3, 0.95), (1, 3, 1.0), (1, 3, 0.0)])
def test_what_is_no_count_is_refused(successes: int, trials: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="of"):
        wilson(successes, trials, confidence)
