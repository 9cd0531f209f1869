"""What figures say, and what they must not say."""

from datetime import date, timedelta

import pytest

from vincle.analyse import wording
from vincle.analyse.choice import Choice
from vincle.analyse.expected import Band, Outlier
from vincle.analyse.metrics.base import Period

TODAY = date(2026, 11, 20)
WEEK = Choice(Period(TODAY - timedelta(days=6), TODAY), TODAY, 7, False)
PAST = Choice(Period(date(2015, 2, 18), date(2015, 2, 24)), TODAY, 7, True)
OWN = Choice(Period(date(2026, 3, 1), date(2026, 3, 9)), TODAY, None, False)


@pytest.mark.parametrize(
    ("people", "earlier", "expected"),
    [
        (412, [330, 330, 328, 332], "a quarter more than usual"),
        (660, [330, 330, 330, 330], "twice as many as usual"),
        (1320, [330, 330, 330, 330], "4 times as many as usual"),
        (330, [320, 340, 330, 330], "as many as usual"),
        (165, [330, 330, 330, 330], "half as many as usual"),
        (10, [330, 330, 330, 330], "far fewer than usual"),
        (3, [1, 2, 0, 1], ""),
        (300, [], ""),
    ],
)
def test_comparisons(people: int, earlier: list[int], expected: str) -> None:
    assert wording.compared(people, earlier) == expected


def test_headlines() -> None:
    assert wording.headline(WEEK, 412, [330] * 4) == "412 people were in touch with you this week, a quarter more than usual"
    assert wording.headline(WEEK, 1, []) == "1 person was in touch with you this week"
    assert wording.headline(WEEK, 0, [330] * 4) == "Nobody was in touch with you this week"
    assert wording.headline(PAST, 7701, []) == "7,701 people were in touch with you in the 7 days to 24 February 2015"
    assert wording.headline(OWN, 5, []) == "5 people were in touch with you from 1 March 2026 to 9 March 2026"


def test_what_explains_the_change_is_named_only_when_it_does() -> None:
    assert wording.explained({"x": 90, "mail": 10}, {"x": 20, "mail": 12}) == ("x", 70)
    assert wording.explained({"x": 10}, {"x": 60, "mail": 3}) == ("x", -50)
    assert wording.explained({}, {}) == ("", 0)
    said = wording.what_changed(WEEK, wording.Change(268, 1016, "Instagram", 200), True)
    assert said == "Instagram made most of the difference: 200 more there, 268 more in all than in the 7 days before."
    assert wording.what_changed(WEEK, wording.Change(268, 1016), True).startswith("268 activities more than in the 7 days before")
    assert wording.what_changed(WEEK, wording.Change(-268, 1016, "X", -300), True).startswith("X made most of the difference: 300 fewer")
    assert wording.what_changed(WEEK, wording.Change(3, 1016, "X", 3), True) == "About as much happened as in the 7 days before."
    assert wording.what_changed(WEEK, wording.Change(900, 0), False) == "There is no earlier period to compare with yet."


def test_findings_of_the_chart() -> None:
    days = [date(2026, 11, 16), date(2026, 11, 17)]
    band = Band(5, 10.0, 15)
    assert wording.talk(days, [10, 20], Outlier(1, 20, band), True) == "Twice the usual on Tuesday 17 November"
    assert wording.talk(days, [10, 40], Outlier(1, 40, band), True) == "4 times the usual on Tuesday 17 November"
    assert wording.talk(days, [10, 16], Outlier(1, 16, band), True) == "More than usual on Tuesday 17 November"
    assert wording.talk(days, [1, 10], Outlier(0, 1, band), True) == "Less than usual on Monday 16 November"
    assert wording.talk(days, [10, 10], None, True) == "Days as usual: none stands out"
    assert wording.talk(days, [10, 12], None, False) == "Most happened on Tuesday 17 November"
    assert wording.talk(days, [0, 0], None, False) == "Nothing happened in these days"
