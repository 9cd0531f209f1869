"""What an ordinary day brings, and what stands out of it."""

from vincle.analyse.expected import Band, bands, outliers


def test_no_band_before_eight_weeks_of_data() -> None:
    counts = dict.fromkeys(range(100), 10)
    assert bands(counts, [55, 56], 0)[0] is None
    assert bands(counts, [55, 56], 0)[1] is not None


def test_the_band_is_that_of_the_same_weekday() -> None:
    counts = {day: 100 if day % 7 == 2 else 10 for day in range(70)}
    busy, quiet = bands(counts, [58, 59], 0)
    assert busy
    assert quiet
    assert busy.middle == 100
    assert quiet.middle == 10


def test_one_wild_week_does_not_widen_it() -> None:
    counts = dict.fromkeys(range(70), 100)
    calm = bands(counts, [63], 0)
    counts[56] = 5000
    assert bands(counts, [63], 0) == calm


def test_the_day_furthest_out_comes_first() -> None:
    band = Band(5, 10.0, 15)
    assert outliers([10, 14, 16, 17], [band] * 4, 4) == []
    far, near = outliers([10, 25, 40], [band] * 3, 3)
    assert (far.place, far.is_high, far.ratio) == (2, True, 4.0)
    assert near.place == 1


def test_a_day_that_is_not_over_is_never_too_little() -> None:
    band = Band(5, 10.0, 15)
    assert outliers([10, 1], [band] * 2, 1) == []
    assert [each.is_high for each in outliers([1, 10], [band] * 2, 1)] == [False]
    assert outliers([10, 30], [band] * 2, 1) != []


def test_a_quiet_day_stands_out_even_where_the_band_reaches_nothing() -> None:
    assert outliers([0], [Band(0, 2.0, 5)], 1) == []
    assert outliers([0], [Band(80, 100.0, 120)], 1) != []


def test_days_without_a_band_are_not_judged() -> None:
    assert outliers([1000], [None], 1) == []
