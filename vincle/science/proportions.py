"""Intervals for a share that was counted.

Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212; checked against
R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), 857-872, table I.
"""

from statistics import NormalDist


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """(lower, upper) bound of the share of successes, each in [0, 1]; (0, 1) when nothing was tried.

    Raises ValueError unless 0 <= successes <= trials and 0 < confidence < 1.

    >>> [round(bound, 4) for bound in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials}")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}")
    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = successes / trials, z * z / trials
    middle = share + square / 2
    reach = z * ((share * (1 - share) + square / 4) / trials) ** 0.5
    lower, upper = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return (0.0 if not successes else max(lower, 0.0)), (1.0 if successes == trials else min(upper, 1.0))
