"""What predicates hold for, one meaning at a time: edges of windows, measures, order, days of the year, what is unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.organise.segments.plain import Done, Someone, frame_of
from vincle.organise.segments.evaluate import Evaluation, next_change, truth
from vincle.organise.segments.frame import Now, label
from vincle.organise.segments.predicate import LABELS
from vincle.organise.segments.reading import BadPredicate, read
from vincle.organise.segments.windows import NEVER

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
NOW = Now(NOON, ZoneInfo("Europe/Madrid"))
TICK = timedelta(microseconds=1)


def on(day: float, verb: str = "View", amount: float | None = None, **labels: str) -> Done:
    """So many days before noon."""
    return Done(NOON - timedelta(days=day), verb, amount=amount, labels=frozenset(labels.items()))


def holds(asked: Any, *acts: Done, now: Now = NOW, **known: Any) -> bool:
    found = truth(read(asked), frame_of([Someone(7, acts=acts, **known)]), now)
    assert found.shape == (1,)
    return bool(found[0])


def until(asked: Any, *acts: Done, now: Now = NOW, **known: Any) -> datetime | None:
    moment = int(next_change(read(asked), frame_of([Someone(7, acts=acts, **known)]), now)[0])
    return None if moment == NEVER else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=moment)


def test_the_last_days_begin_just_after_so_many_days_ago() -> None:
    week = {"did": {"verb": "View"}, "within": {"days": 7}}
    assert not holds(week, on(7))
    assert holds(week, Done(NOON - timedelta(days=7) + TICK, "View"))
    assert holds(week, Done(NOON, "View"))
    assert not holds(week, Done(NOON + TICK, "View"))
    assert until(week, on(3)) == NOON + timedelta(days=4)
    assert until(week, Done(NOON + TICK, "View")) == NOON + TICK
    assert until(week, on(8)) is None


def test_from_a_day_to_a_day_are_whole_local_days() -> None:
    march = {"did": {}, "within": {"from": "2026-03-01", "to": "2026-03-30"}}
    begin, end = datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)  # the clocks went forward on the 29th
    assert [holds(march, Done(at)) for at in (begin - TICK, begin, end - TICK, end)] == [False, True, True, False]
    assert until(march, Done(begin)) is None


@pytest.mark.parametrize(
    ("since", "begin", "end"),
    [
        ("day", datetime(2026, 3, 30, 22), datetime(2026, 3, 31, 22)),
        ("week", datetime(2026, 3, 29, 22), datetime(2026, 4, 5, 22)),
        ("month", datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22)),
        ("quarter", datetime(2025, 12, 31, 23), datetime(2026, 3, 31, 22)),
        ("year", datetime(2025, 12, 31, 23), datetime(2026, 12, 31, 23)),
    ],
)
def test_since_the_beginning_of_a_period(since: str, begin: datetime, end: datetime) -> None:
    asked, begin = {"did": {}, "within": {"since": since}}, begin.replace(tzinfo=UTC)
    assert [holds(asked, Done(begin - TICK)), holds(asked, Done(begin))] == [False, True]
    assert until(asked, Done(begin)) == end.replace(tzinfo=UTC)
    assert until(asked, Done(begin - TICK)) is None


def test_counts_change_with_the_act_that_tips_them() -> None:
    acts = [on(day) for day in (6, 5, 3, 1)]
    assert until({"did": {}, "count": {"at_least": 2}, "within": {"days": 7}}, *acts) == NOON + timedelta(days=4)
    assert until({"did": {}, "count": {"at_most": 1}, "within": {"days": 7}}, *acts) == NOON + timedelta(days=4)
    assert until({"did": {}, "count": {"at_least": 2, "at_most": 3}, "within": {"days": 7}}, *acts) == NOON + timedelta(days=1)
    assert until({"did": {}, "count": {"at_least": 9}, "within": {"days": 7}}, *acts) is None


@pytest.mark.parametrize(
    ("measure", "value"), [("count", 3), ("sum", 30), ("mean", 15), ("largest", 20), ("first", 9), ("last", 1), ("kinds", 2)]
)
def test_what_is_measured_lies_within_limits_that_count(measure: str, value: float) -> None:
    acts = [
        on(9, "Purchase", 10, product="tea"),
        on(5, "Purchase", None, product="tea"),
        on(1, "Purchase", 20, product="cake", channel="tea"),
    ]
    rest = {"of": "product"} if measure == "kinds" else {}
    for least, most, result in ((value, value, True), (value + 1, None, False), (None, value - 1, False)):
        limits = {name: limit for name, limit in (("at_least", least), ("at_most", most)) if limit is not None}
        assert holds({"did": {"verb": "Purchase"}, measure: limits, **rest}, *acts) == result


def test_different_words_count_once_for_each_person() -> None:
    acts = tuple(on(day, product=name) for day, name in ((5, "tea"), (4, "tea"), (3, "tea"), (2, "cake")))
    crowd = frame_of([Someone(1, acts=acts), Someone(2, acts=acts[2:]), Someone(3, acts=acts[:3])])
    for kinds, result in ((1, [False, False, True]), (2, [True, True, False])):
        asked = {"did": {}, "kinds": {"at_least": kinds, "at_most": kinds}, "of": "product"}
        assert truth(read(asked), crowd, NOW).tolist() == result


def test_of_nothing_only_counts_and_sums_are_known() -> None:
    assert holds({"did_not": {}})
    assert holds({"did": {}, "sum": {"at_most": 0}}, on(1))
    for measure in ("mean", "largest", "first", "last"):
        assert not holds({"did": {"verb": "Purchase"}, measure: {"at_least": 0}}, on(1))


def test_days_ago_turn_at_their_own_moment() -> None:
    recent, long_ago = {"did": {}, "last": {"at_most": 30}}, {"did": {}, "last": {"at_least": 30}}
    assert [holds(recent, on(30)), holds(long_ago, on(30))] == [True, True]
    assert until(recent, on(10)) == NOON + timedelta(days=20) + TICK
    assert until(long_ago, on(10)) == NOON + timedelta(days=20)
    assert until(long_ago, on(40)) is None
    assert until({**recent, "within": {"days": 7}}, on(6), on(1)) == NOON + timedelta(days=6)
    assert until({"did": {}, "first": {"at_most": 30}, "within": {"days": 7}}, on(6), on(1)) == NOON + timedelta(days=1)


def test_steps_come_in_order_later_each_and_in_time() -> None:
    asked = {"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 2}
    assert holds(asked, on(5), on(3, "Purchase"))
    assert not holds(asked, on(5), Done(NOON - timedelta(days=3) + TICK, "Purchase"))
    assert not holds(asked, on(5), on(5, "Purchase"))
    assert not holds(asked, on(3, "Purchase"), on(2))
    assert holds({**asked, "within": {"days": 6}}, on(5), on(3, "Purchase"))
    assert not holds({**asked, "within": {"days": 4}}, on(5), on(3, "Purchase"))
    assert until({**asked, "within": {"days": 6}}, on(5.5), on(5), on(4, "Purchase")) == NOON + timedelta(days=1)
    assert until(asked, on(1), on(-0.5, "Purchase")) == NOON + timedelta(days=0.5)
    assert until({"did": {"verb": "Purchase"}, "sum": {"at_least": 9}}, on(-0.5, "Purchase", 9)) == NOON + timedelta(days=0.5)


def test_a_last_step_is_missing_once_its_time_is_over() -> None:
    asked = {"sequence": [{"verb": "View"}, {"verb": "Join"}, {"verb": "Purchase"}], "within_days": 2, "missing_last": True}
    assert holds(asked, on(2), on(1, "Join"))
    assert not holds(asked, on(2), on(1, "Join"), on(0, "Purchase"))
    assert not holds(asked, on(2))
    young = (on(1.5), on(1, "Join"))
    assert not holds(asked, *young)
    assert until(asked, *young) == NOON + timedelta(days=0.5)
    assert holds(asked, *young, now=Now(NOON + timedelta(days=0.5)))
    assert holds(asked, on(9), on(8, "Join"), on(5), on(4, "Join"), on(3.5, "Purchase"))


def test_steps_are_one_person_s() -> None:
    asked = read({"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 7})
    crowd = [Someone(1, acts=(on(3),)), Someone(2, acts=(on(2, "Purchase"),)), Someone(3, acts=(on(2), on(1, "Purchase")))]
    assert truth(asked, frame_of(crowd), NOW).tolist() == [False, False, True]


def test_a_word_is_that_of_its_own_field() -> None:
    acts = (on(1, product="tea", channel="shop"),)
    assert holds({"did": {"product": ["cake", "tea"], "channel": "shop"}}, *acts)
    assert not holds({"did": {"product": "shop"}}, *acts)
    assert not holds({"did": {"product": "Tea"}}, *acts)
    assert len({label(name, "tea") for name in LABELS}) == len(LABELS)


def known(value: Any, since: datetime | None = None, name: str = "field") -> dict[str, Any]:
    return {"traits": {name: (value, since)}}


@pytest.mark.parametrize(
    ("compare", "value", "found", "result"),
    [
        ("is", "girona", " Girona", True), ("is", "Núria", "nuria", True), ("is", "12", 12, True),
        ("is", 12, "12.0", True), ("is", True, "Sí", True),
        ("is", True, False, False), ("is", "a", ["b", "A"], True), ("is_not", "a", ["b", "A"], False),
        ("is_not", "a", None, True), ("is", "a", None, False),
        ("is_not", "a", "", True), ("one_of", ["a", 3], "3", True), ("contains", "ron", "Girona", True), ("contains", "ron", None, False),
        ("starts", "gi", "Girona", True), ("starts", "ro", "Girona", False), ("more", 2, "2.5", True),
        ("more", 2, 2, False), ("less", 2, "many", False),
        ("at_least", 2, 2, True), ("at_most", 2, None, False), ("known", True, 0, True),
        ("known", True, "", False), ("known", True, [], False),
        ("unknown", True, [""], True), ("before", "2026-03-31", "2026-03-30", True), ("before", "2026-03-31", "2026-03-31", False),
        ("after", "2026-03-30", "2026-03-30T22:00:00+00:00", True), ("after", "2026-03-30", "2026-03-30T21:59:59Z", False),
        ("before", "2026-03-31", "soon", False), ("before", "2026-03-31", "2026-02-30", False), ("is", "x", {"a": 1}, False),
        ("in_last", 1, "2026-03-30", True), ("in_last", 1, "2026-03-29", False),
        ("in_last", 0, "2026-03-31", True), ("in_last", 9, "2026-04-01", False),
        ("in_next", 1, "2026-04-01", True), ("in_next", 1, "2026-04-02", False),
        ("in_next", 0, "2026-03-31", True), ("in_next", 9, "2026-03-30", False),
        ("in_last", 1, "2026-03-30T12:00:00Z", False), ("in_last", 1, "2026-03-30T12:00:01Z", True),
        ("in_last", 1, "2026-03-31T12:00:01Z", False),
        ("in_next", 1, "2026-04-01T12:00:00Z", True), ("in_next", 1, "2026-04-01T12:00:01Z", False),
        ("in_next", 1, "2026-03-31T12:00:00Z", False),
        ("birthday_in_next", 0, "1980-03-31", True), ("birthday_in_next", 1, "1980-04-01", True),
        ("birthday_in_next", 0, "1980-04-01", False),
        ("birthday_in_next", 364, "1980-03-30", True), ("birthday_in_next", 363, "1980-03-30", False),
        ("birthday_in_next", 1, "04-01", True),
        ("birthday_in_next", 30, "--13-41", False), ("birthday_in_next", 30, "9999-12-31", False), ("in_next", 30, "0001-01-01", False),
    ],
)  # fmt: skip
def test_what_is_known_of_people(compare: str, value: Any, found: Any, result: bool) -> None:
    assert holds({"trait": "field", compare: value}, **known(found)) == result


@pytest.mark.parametrize(("year", "day"), [(2027, 28), (2028, 29)])
def test_a_birthday_on_the_29th_of_february(year: int, day: int) -> None:
    eve = Now(datetime(year, 2, day - 1, 12, tzinfo=UTC))
    asked = {"trait": "birthday", "birthday_in_next": 0}
    born = known("1992-02-29", name="birthday")
    assert not holds(asked, now=eve, **born)
    assert until(asked, now=eve, **born) == datetime(year, 2, day, tzinfo=UTC)
    assert holds(asked, now=Now(datetime(year, 2, day, tzinfo=UTC)), **born)


def test_days_change_at_local_midnight() -> None:
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert until({"trait": "field", "in_last": 1}, **known("2026-03-30")) == midnight
    assert until({"trait": "field", "in_next": 30}, **known("2026-03-31")) == midnight
    assert until({"trait": "field", "in_next": 3}, **known("2026-04-05")) == midnight + timedelta(days=1)
    assert until({"trait": "birthday", "birthday_in_next": 3}, **known("1980-04-05", name="birthday")) == midnight + timedelta(days=1)
    assert until({"trait": "field", "is": "a"}, **known("a")) is None
    assert until({"trait": "field", "in_next": 3}, **known("9999-12-31")) is None


def test_what_was_learnt_later_is_not_known_yet() -> None:
    later = known("Girona", NOON + timedelta(days=1))
    assert not holds({"trait": "field", "is": "Girona"}, **later)
    assert holds({"trait": "field", "unknown": True}, **later)
    assert until({"trait": "field", "is": "Girona"}, **later) == NOON + timedelta(days=1)


def test_who_has_no_owner_has_the_owner_none() -> None:
    for value in (None, "", "none"):
        assert holds({"trait": "owner", "is": "none"}, **known(value, name="owner"))
        assert holds({"trait": "owner", "unknown": True}, **known(value, name="owner"))
    assert not holds({"trait": "owner", "is": "none"}, **known("a@b.example", name="owner"))


def test_what_holds_already_waits_for_what_would_break_it() -> None:
    recent = {"did": {}, "within": {"days": 7}}
    assert until({"all": [recent, {"tag": "vip"}]}, on(1)) is None
    assert until({"any": [recent, {"tag": "vip"}]}, on(1), tags=frozenset({"VIP"})) is None
    assert until({"any": [recent, {"did": {}, "within": {"days": 5}}]}, on(1)) == NOON + timedelta(days=6)
    assert until({"not": {"all": [recent, {"did": {}, "within": {"days": 5}}]}}, on(1)) == NOON + timedelta(days=4)


def test_a_random_share_is_that_share_and_stays() -> None:
    crowd = frame_of([Someone(ident * 7919) for ident in range(1, 2001)])
    first, second, other = (truth(read({"random": share, "seed": seed}), crowd, NOW) for share, seed in ((0.3, 1), (0.6, 1), (0.3, 2)))
    assert 500 < first.sum() < 700
    assert second[first].all()
    assert 100 < (first & other).sum() < 260
    assert truth(read({"random": 1}), crowd, NOW).all()
    assert not truth(read({"random": 0}), crowd, NOW).any()


def test_of_equal_scores_the_smaller_id_is_among_the_first() -> None:
    crowd = [Someone(ident, scores={"reach": score}) for ident, score in ((1, 0.5), (2, 0.9), (3, 0.5), (4, 0.5))] + [Someone(5)]
    frame = frame_of(crowd, [("reach", 3), ("reach", 9)])
    assert truth(read({"top": 3, "by": "reach"}), frame, NOW).tolist() == [True, True, True, False, False]
    assert truth(read({"top": 9, "by": "reach"}), frame, NOW).tolist() == [True, True, True, True, False]
    assert not truth(read({"top": 2, "by": "reach"}), frame, NOW).any()


def test_what_the_frame_lacks_is_unknown() -> None:
    frame = frame_of([Someone(1), Someone(2)])
    for asked in ({"tag": "vip"}, {"trait": "x", "known": True}, {"score": "churn"}, {"consent": "granted"}):
        assert truth(read(asked), frame, NOW).tolist() == [False, False]
    assert truth(read({"all": [{"consent": "none"}, {"trait": "x", "is_not": "a"}]}), frame, NOW).tolist() == [True, True]


def test_segments_in_segments_and_never_in_themselves() -> None:
    segments = {"a": read({"not": {"segment": "b"}}), "b": read({"tag": "vip"}), "me": read({"any": [{"segment": "me"}]})}
    frame = frame_of([Someone(1, tags=frozenset({"VIP"})), Someone(2)])
    assert truth(read({"segment": "a"}), frame, NOW, segments).tolist() == [False, True]
    for ask in (truth, next_change):
        with pytest.raises(BadPredicate, match="cycle"):
            ask(read({"segment": "me"}), frame, NOW, segments)
        with pytest.raises(BadPredicate, match="unknown_segment"):
            ask(read({"segment": "gone"}), frame, NOW, segments)


def test_what_an_engine_found_is_taken_and_left_as_it_is() -> None:
    clause = read({"did": {"verb": "Purchase"}})
    frame = frame_of([Someone(1), Someone(2)])
    known_already = np.array([False, True])
    frame = type(frame)(ids=frame.ids, acts=frame.acts, behaviour={clause: known_already})
    assert truth(read({"not": {"did": {"verb": "Purchase"}}}), frame, NOW).tolist() == [True, False]
    known_already[0] = True


def test_shared_answers_cannot_be_written_to() -> None:
    evaluation = Evaluation(frame_of([Someone(1)]), NOW)
    with pytest.raises(ValueError, match="read-only"):
        evaluation.truth(read({"tag": "vip"}))[0] = True


def test_nobody_is_no_problem() -> None:
    empty = frame_of([])
    for asked in (
        {"did": {}},
        {"sequence": [{}, {}], "within_days": 1},
        {"trait": "x", "is": "a"},
        {"did": {}, "largest": {"at_least": 1}},
    ):
        assert truth(read(asked), empty, NOW).shape == next_change(read(asked), empty, NOW).shape == (0,)
