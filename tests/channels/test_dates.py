"""Dates of every spelling; ambiguous ones by their column's evidence, never by guess."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels._dates import DateError, Dates, looks_like_date

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(("text", "expected"), [
    ("2025-03-12", "2025-03-11T23:00:00+00:00"),
    ("2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52+00:00"),
    ("2021-07-08T09:10:11.250Z", "2021-07-08T09:10:11.250000+00:00"),
    ("Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47+00:00"),
    ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06+00:00"),
    ("1519876543", "2018-03-01T03:55:43+00:00"),
    ("1519876543123", "2018-03-01T03:55:43.123000+00:00"),
    ("43126.75", "2018-01-26T17:00:00+00:00"),
    ("19970101", "1996-12-31T23:00:00+00:00"),
    ("20180422063000", "2018-04-22T04:30:00+00:00"),
    ("12 Mar 2025", "2025-03-11T23:00:00+00:00"),
    ("12 de marzo de 2025", "2025-03-11T23:00:00+00:00"),
    ("5 de març del 2024", "2024-03-04T23:00:00+00:00"),
    ("14 mars 2024 à 10:22", "2024-03-14T09:22:00+00:00"),
    ("3 dicembre 2024", "2024-12-02T23:00:00+00:00"),
    ("November 9, 2026 at 8:15 PM", "2026-11-09T19:15:00+00:00"),
    ("9-Mar-24", "2024-03-08T23:00:00+00:00"),
    ("2/24/2015 11:35 PM", "2015-02-24T22:35:00+00:00"),
    ("24/2/15", "2015-02-23T23:00:00+00:00"),
    ("3.4.2020", "2020-04-02T22:00:00+00:00"),
    ("2024/3/5 10:00", "2024-03-05T09:00:00+00:00"),
    ("4/4/2018", "2018-04-03T22:00:00+00:00"),
    ("2026-11-09 10:00 CET", "2026-11-09T09:00:00+00:00"),
])
def test_spellings(text: str, expected: str) -> None:
    assert Dates(MADRID).moment(text).isoformat() == expected


@pytest.mark.parametrize("text", ["0/0/00", "31/31/2000", "2024-02-30", "30/2/2020", "n/a", "10:22", "beaucoup", "1 Jan 0001", "12",
                                  "13/13/13",
                                  "9999-12-31T23:59:59-10:00", "600 000 002", "25:61 1/1/2020", "99999999999999999"])
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(DateError) as fault:
        Dates(MADRID).moment(text)
    assert fault.value.code == "invalid_date"


def test_day_and_month_are_never_guessed() -> None:
    dates = Dates(UTC)
    dates.see(["04-11-2018 04:53", "1/2/2020"])
    for text in ("04-11-2018 04:53", "1/2/2020", "1/2/03"):
        with pytest.raises(DateError, match="ambiguous_date"):
            dates.moment(text)
    question = dates.question()
    assert question is not None
    assert (question.option, question.choices, question.example) == ("date_order", ("dmy", "mdy"), "04-11-2018 04:53")


def test_one_value_over_twelve_decides_its_spelling_only() -> None:
    dates = Dates(UTC)
    dates.see(["4/22/2018", "5/4/2018", "04-11-2018"])
    assert dates.day("5/4/2018") == date(2018, 5, 4)
    with pytest.raises(DateError, match="ambiguous_date"):
        dates.day("04-11-2018")
    answered = Dates(UTC, "dmy")
    answered.see(["4/22/2018", "5/4/2018", "04-11-2018"])
    assert answered.day("5/4/2018") == date(2018, 5, 4), "the answer does not overrule the column"
    assert answered.day("04-11-2018") == date(2018, 11, 4)
    assert answered.question() is None


def test_a_column_that_contradicts_itself_stays_open() -> None:
    dates = Dates(UTC)
    dates.see(["22/4/2018", "4/22/2018", "3/4/2018"])
    assert dates.day("22/4/2018") == dates.day("4/22/2018") == date(2018, 4, 22)
    with pytest.raises(DateError, match="ambiguous_date"):
        dates.day("3/4/2018")


def test_years_of_two_digits_lie_in_the_past() -> None:
    dates = Dates(UTC)
    assert dates.day("24/12/91") == date(1991, 12, 24)
    assert dates.day("24/12/05") == date(2005, 12, 24)


def test_a_phone_number_or_a_count_does_not_look_like_a_date() -> None:
    assert not any(map(looks_like_date, ["600111222", "12", "1,5", "1.234", "Acme 2024", "08001"]))
    assert all(map(looks_like_date, ["2024-01-02", "1/2/2024", "3.4.2020", "12 mar 2026"]))


@given(st.text(max_size=70))
def test_any_text_is_a_date_or_a_told_error(text: str) -> None:
    dates = Dates(MADRID)
    dates.see([text])
    code = ""
    try:
        assert dates.moment(text).tzinfo is UTC
    except DateError as fault:
        code = fault.code
    assert code in ("", "invalid_date", "ambiguous_date")


@given(st.datetimes(datetime(1902, 1, 1), datetime(2030, 12, 31)), st.sampled_from(
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y %H:%M:%S", "%B %d, %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S",
     "%a, %d %b %Y %H:%M:%S +0000"]))
def test_what_is_written_is_read_back(moment: datetime, spelling: str) -> None:
    assert Dates(UTC).moment(moment.strftime(spelling)) == moment.replace(microsecond=0, tzinfo=UTC)
