"""What needs no database: whether words fit, when something repeats, which addresses a link may lead to."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels.live import Posting
from vincle.channels.registry import channels
from vincle.engage.publishing import calendaring, ideas, linking, shape
from vincle.engage.publishing.recurrence import BadRule, Rule, moment, read_rrule
from vincle.science import rhythm

MADRID = ZoneInfo("Europe/Madrid")
ZONES = st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "America/Sao_Paulo"])
PICTURE = shape.Attachment("a.png", "image/png", 1000, "A cup")


def codes(fit: shape.Fit) -> set[str]:
    return {each.code for each in fit.troubles}


@pytest.mark.parametrize(
    ("text", "files", "posting", "place", "wanted"),
    [
        ("hi", [], Posting(longest=2), "", set()),
        ("  ", [], Posting(longest=2), "", {"empty"}),
        ("hey", [], Posting(longest=2), "", {"too_long"}),
        ("hey", [PICTURE], Posting(longest=9, captioned=2, files=1), "", {"too_long"}),
        ("", [PICTURE], Posting(longest=9, files=1), "", set()),
        ("hi", [PICTURE], Posting(longest=9), "", {"too_many_files"}),
        ("hi", [], Posting(longest=9, needs_file=True, files=1), "", {"needs_picture"}),
        ("hi", [PICTURE._replace(content_type="video/mp4")], Posting(longest=9, files=1), "", {"file_not_taken"}),
        ("hi", [PICTURE], Posting(longest=9, files=1, largest_file=999), "", {"file_too_large"}),
        ("hi", [PICTURE._replace(alt=" ")], Posting(longest=9, files=1, has_alt=True), "", {"no_alt"}),
        ("#a #b #c", [], Posting(longest=9, most_hashtags=2), "", {"too_many_hashtags"}),
        ("hi", [], Posting(longest=9, place="channel or group"), " ", {"no_place"}),
        ("hi", [], Posting(longest=9, place="channel or group"), "@us", set()),
    ],
)
def test_everything_that_is_wrong_is_told(
    text: str, files: list[shape.Attachment], posting: Posting, place: str, wanted: set[str]
) -> None:  # fmt: skip
    found = shape.fit(text, files, posting, len, place)
    assert codes(found) == wanted
    assert found.fits == (not wanted - {"no_alt"})


def test_every_channel_that_posts_says_how_long_and_acts() -> None:
    posting = {name: told for name, each in channels().items() if (told := each.posting({}, frozenset()))}
    assert {"mastodon", "bluesky", "x", "facebook", "telegram", "instagram"} <= set(posting)
    for name, told in posting.items():
        assert told.longest > 0, name
        assert "act" in channels()[name].spec.capabilities, name
    assert channels()["mastodon"].posting({}, frozenset({"characters:1000", "files:6"})) == Posting(
        longest=1000, files=6, file_types=("image/", "video/", "audio/"), largest_file=16 * 1024**2, has_alt=True
    )


@given(st.text(max_size=200))
def test_replacing_links_by_themselves_changes_nothing(text: str) -> None:
    assert shape.replaced(text, lambda url: url) == text


@given(
    st.lists(st.sampled_from(["https://a.example/x", "http://b.example/?q=1&r=2", "words", "(https://c.example/a_(b))", "."]), max_size=8)
)
def test_each_link_is_found_once(parts: list[str]) -> None:
    found = shape.links(" ".join(parts))
    assert len(found) == len(set(found))
    assert all(each.startswith("http") and each[-1] not in ".,;:!?" for each in found)


# When it repeats


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Rule(every="day", start=date(2026, 3, 1), minute=600, interval=2, count=3), ["2026-03-01", "2026-03-03", "2026-03-05"]),
        (Rule(every="week", start=date(2026, 3, 4), minute=600, count=2), ["2026-03-04", "2026-03-11"]),
        (Rule(every="week", start=date(2026, 3, 4), minute=0, weekdays=(0, 2, 4), count=4),
         ["2026-03-04", "2026-03-06", "2026-03-09", "2026-03-11"]),
        (Rule(every="week", start=date(2026, 3, 4), minute=0, weekdays=(0,), interval=2, count=2), ["2026-03-16", "2026-03-30"]),
        (Rule(every="month", start=date(2026, 1, 31), minute=0, count=3), ["2026-01-31", "2026-03-31", "2026-05-31"]),
        (Rule(every="month", start=date(2026, 1, 5), minute=0, day=0, count=3), ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (Rule(every="month", start=date(2026, 11, 15), minute=0, interval=3, until=date(2027, 3, 1)), ["2026-11-15", "2027-02-15"]),
        (Rule(every="day", start=date(2026, 1, 1), minute=0, until=date(2026, 1, 2)), ["2026-01-01", "2026-01-02"]),
    ],
)  # fmt: skip
def test_days_of_a_rule(rule: Rule, days: list[str]) -> None:
    assert [each.date().isoformat() for each in rule.checked().moments(UTC)] == days


RULES = st.builds(
    Rule, every=st.sampled_from(["day", "week", "month"]), start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), minute=st.integers(0, 1439),
    interval=st.integers(1, 5), weekdays=st.lists(st.integers(0, 6), max_size=7).map(tuple), day=st.none() | st.integers(0, 31),
    count=st.integers(1, 60),
)  # fmt: skip


@given(RULES, ZONES)
def test_moments_ascend_and_keep_the_hour_where_there_is_one(rule: Rule, name: str) -> None:
    zone = ZoneInfo(name)
    found = list(rule.checked().moments(zone))
    assert len(found) <= (rule.count or 0)
    assert all(one < two for one, two in pairwise(found))
    for at in found:
        local = at.astimezone(zone)
        off = (local.hour * 60 + local.minute - rule.minute) % 1440
        assert off in (0, 30, 60)
        if off:  # only where clocks went forward over it
            before, after = (at + timedelta(hours=each) for each in (-3, 3))
            assert before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()


@given(RULES, ZONES, st.integers(0, 400))
def test_looking_in_pieces_sees_each_once(rule: Rule, name: str, days: int) -> None:
    zone = ZoneInfo(name)
    first = moment(rule.start, 0, zone) - timedelta(days=1)
    middle, last = first + timedelta(days=days), first + timedelta(days=800)
    whole = rule.between(first, last, zone)
    assert rule.between(first, middle, zone) + rule.between(middle, last, zone) == whole


@given(RULES)
def test_a_rule_is_read_as_it_is_written(rule: Rule) -> None:
    again = read_rrule(rule.rrule(), rule.start, rule.minute)
    assert [*again.moments(UTC)] == [*rule.moments(UTC)]


def test_clocks_change() -> None:
    rule = Rule(every="day", start=date(2026, 3, 28), minute=150, count=3)
    local = [at.astimezone(MADRID).strftime("%H:%M") for at in rule.moments(MADRID)]
    assert local == ["02:30", "03:30", "02:30"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval": 0}, {"minute": 1440}, {"weekdays": (7,)}, {"day": 32}, {"until": date(2025, 1, 1)}, {"count": 0}, {"count": 1001},
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRule):
        Rule(**{"every": "day", "start": date(2026, 1, 1), "minute": 0} | wrong).checked()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "FREQ=YEARLY", "FREQ=DAILY;BYSETPOS=1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;UNTIL=2026"]
)
def test_a_text_that_is_no_rule(text: str) -> None:
    with pytest.raises(BadRule):
        read_rrule(text, date(2026, 1, 1), 0)


# Links


@pytest.mark.parametrize(
    "url",
    [
        "", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "//a.example/x", "/here", "https://", "https:///x",
        "http:a.example",
        "https://user:pass@a.example/",
        "https://a.example\\@evil.example/", "https://a.example/ x",
        "https://a.example/\r\nSet-Cookie: a=b",
        "https://a.example/\u202ex", "https://[::1", "https://a.example:port/", "https://" + "a" * 2000, "https://.a.example/",
    ],
)  # fmt: skip
def test_addresses_no_link_leads_to(url: str) -> None:
    with pytest.raises(linking.BadTarget):
        linking.checked(url)


def test_no_link_leads_to_a_link() -> None:
    with pytest.raises(linking.BadTarget, match="leads_to_itself"):
        linking.checked(linking.address("abc"))


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://a.example:8080/x?y=1#z", "https://münchen.example/größe", "HTTPS://A.example/"]
)
def test_addresses_a_link_leads_to(url: str) -> None:
    assert linking.checked(f" {url} ") == url


@given(st.text(max_size=80))
def test_whatever_is_let_through_is_a_web_address(text: str) -> None:
    try:
        found = linking.checked(text)
    except linking.BadTarget:
        return
    assert found.lower().startswith(("http://", "https://"))
    assert found.isprintable()


def test_codes_are_easy_to_type() -> None:
    assert {len(linking.new_code()) for _ in range(50)} == {linking.LENGTH}
    assert not set("01ilouIO") & set(linking.ALPHABET)


# What is in a file, the days shown, the rhythm


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0..", "image/jpeg"), (b"GIF89a..", "image/gif"), (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"), (b"<svg onload=alert(1)>", ""), (b"<html>", ""), (b"", ""), (b"MZ", ""),
    ],
)  # fmt: skip
def test_what_a_file_is(content: bytes, kind: str) -> None:
    assert ideas.kind_of(content) == kind


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["month", "week"]))
def test_whole_weeks_are_shown(day: date, view: str) -> None:
    first, last = calendaring.span(view, day)
    assert first <= day <= last
    assert first.weekday() == 0
    assert last.weekday() == 6


def _weeks(hours: dict[tuple[int, int], int], weeks: int = 8, noise: float = 1.0) -> "np.ndarray[tuple[int, int, int], np.dtype[np.int64]]":
    made = np.random.default_rng(3).poisson(noise, (weeks, 7, 24))
    for (weekday, hour), count in hours.items():
        made[:, weekday, hour] += count
    return made.astype(np.int64)


def test_the_hour_people_are_there_is_found_and_sure() -> None:
    best = rhythm.best_hours(_weeks({(2, 18): 30, (2, 19): 30, (5, 11): 15}))
    assert (best[0].weekday, best[0].hour) in {(2, 18), (2, 19)}
    assert best[0].sure > 0.95
    assert best[0].lift > 5
    assert any((each.weekday, each.hour) == (5, 11) for each in best)


def test_where_no_hour_is_better_nobody_is_sure() -> None:
    best = rhythm.best_hours(_weeks({}, weeks=4))
    assert max(each.sure for each in best) < 0.9


def test_of_too_little_nothing_is_said() -> None:
    assert rhythm.best_hours(_weeks({(1, 1): 50}, weeks=2)) == []
    assert rhythm.best_hours(np.zeros((12, 7, 24), np.int64)) == []


def test_one_burst_does_not_make_an_hour_sure() -> None:
    counts = _weeks({}, weeks=10)
    counts[4, 3, 3] = 40
    burst = [each for each in rhythm.best_hours(counts) if each.weekday == 3 and abs(each.hour - 3) <= 1]
    assert all(each.sure < 0.9 for each in burst)


def test_instants_are_utc() -> None:
    assert moment(date(2026, 7, 1), 600, MADRID) == datetime(2026, 7, 1, 8, tzinfo=UTC)
