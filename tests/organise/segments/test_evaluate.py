"""Who a predicate holds for, and until when, against the slow evaluator."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.organise.segments import slow
from tests.organise.segments.plain import Someone, frame_of
from tests.organise.segments.strategies import SEGMENTS, TOPS, nows, people, with_segments
from vincle.organise.segments.evaluate import Evaluation, next_change, truth
from vincle.organise.segments.frame import Now, micros
from vincle.organise.segments.predicate import Predicate
from vincle.organise.segments.windows import NEVER

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@settings(max_examples=400)
@given(with_segments, people, nows)
def test_truth_is_what_the_slow_evaluator_says(predicate: Predicate, crowd: list[Someone], now: Now) -> None:
    found = truth(predicate, frame_of(crowd, TOPS), now, SEGMENTS)
    assert found.tolist() == slow.members(predicate, crowd, now, SEGMENTS)


@settings(max_examples=400)
@given(with_segments, people, nows, st.lists(st.integers(1, 60 * 24 * 40), max_size=4))
def test_nothing_changes_before_the_next_change(predicate: Predicate, crowd: list[Someone], now: Now, minutes: list[int]) -> None:
    frame = frame_of(crowd, TOPS)
    until = next_change(predicate, frame, now, SEGMENTS).tolist()
    assert all(moment > now.micros for moment in until)
    before = slow.members(predicate, crowd, now, SEGMENTS)
    for at in _moments(now, crowd, until, minutes):
        after = slow.members(predicate, crowd, Now(_EPOCH + timedelta(microseconds=at), now.zone), SEGMENTS)
        for was, is_now, change in zip(before, after, until, strict=True):
            assert was == is_now or at >= change


def _moments(now: Now, crowd: list[Someone], until: list[int], minutes: list[int]) -> list[int]:
    """Moments after now at which something may well change: just before what was said, acts coming and leaving, midnights, a few more."""
    day = 24 * 60 * 60 * 10**6
    edges = [micros(act.at) + round(days * day) for person in crowd for act in person.acts[:3] for days in (0, 0.5, 1, 7, 30)]
    midnights = [now.micros // day * day + quarter * day // 4 for quarter in range(1, 9)]
    found = [*(moment - 1 for moment in until if moment != NEVER), *(now.micros + each * 60 * 10**6 for each in minutes)]
    found += [edge + by for edge in edges for by in (-1, 0, 1)] + midnights
    return sorted({at for at in found if now.micros < at < 2 * 10**15})[:40]


@given(st.lists(with_segments, max_size=5), people, nows)
def test_many_on_one_frame_are_as_each_alone(predicates: list[Predicate], crowd: list[Someone], now: Now) -> None:
    frame = frame_of(crowd, TOPS)
    together = Evaluation(frame, now, SEGMENTS)
    for predicate in predicates:
        assert together.truth(predicate).tolist() == truth(predicate, frame, now, SEGMENTS).tolist()
        assert together.next_change(predicate).tolist() == next_change(predicate, frame, now, SEGMENTS).tolist()
