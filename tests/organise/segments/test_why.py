"""Why someone is in or out: the tree says what `truth` says, and names the acts that decided."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given

from tests.organise.segments.plain import Done, Someone, frame_of
from tests.organise.segments.strategies import NOON, SEGMENTS, TOPS, nows, people, with_segments
from vincle.organise.segments.evaluate import next_change, truth
from vincle.organise.segments.frame import Now, micros
from vincle.organise.segments.predicate import Predicate
from vincle.organise.segments.reading import BadPredicate, read
from vincle.organise.segments.why import MOST_ACTS, Reason, explain

NOW = Now(NOON)


def ago(days: float, verb: str, amount: float | None = None) -> Done:
    return Done(NOON - timedelta(days=days), verb, amount=amount)


NURIA = Someone(7, stage="critic", traits={"city": ("Girona", None)}, acts=(ago(40, "Purchase", 8), ago(5, "View"), ago(3, "Purchase", 20)))


def why(asked: object, person: Someone = NURIA) -> Reason:
    return explain(read(asked), frame_of([person]), NOW)


def test_a_count_names_its_acts_newest_first() -> None:
    reason = why({"did": {"verb": "Purchase"}, "count": {"at_least": 2}})
    assert (reason.holds, reason.found, reason.seqs) == (True, 2, (3, 1))


def test_a_count_that_falls_short_names_what_there_is_and_until_when() -> None:
    reason = why({"did": {"verb": "Purchase"}, "count": {"at_least": 2}, "within": {"days": 10}})
    assert (reason.holds, reason.found, reason.seqs) == (False, 1, (3,))
    reason = why({"did": {"verb": "Purchase"}, "within": {"days": 10}})
    assert reason.next_change == micros(NOON + timedelta(days=7))


@pytest.mark.parametrize(
    ("measure", "found", "seqs"),
    [("sum", 28, (3, 1)), ("mean", 14, (3, 1)), ("largest", 20, (3,)), ("first", 40, (1,)), ("last", 3, (3,))],
)
def test_what_was_measured(measure: str, found: float, seqs: tuple[int, ...]) -> None:
    reason = why({"did": {"verb": "Purchase"}, measure: {"at_least": 1}})
    assert (reason.holds, reason.found, reason.seqs) == (True, found, seqs)


def test_a_sequence_names_its_steps_and_one_not_gone_through_how_far_it_came() -> None:
    reason = why({"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 7})
    assert (reason.holds, reason.found, reason.seqs) == (True, 1, (3, 2))
    reason = why({"sequence": [{"verb": "Purchase"}, {"verb": "View"}, {"verb": "Purchase"}], "within_days": 36})
    assert (reason.holds, reason.found, reason.seqs) == (False, 0, (2, 1))


def test_what_decides_is_told_apart_from_what_does_not() -> None:
    reason = why(
        {"all": [{"trait": "city", "is": "Vic"}, {"stage": "critic"}, {"not": {"any": [{"tag": "vip"}, {"did": {"verb": "View"}}]}}]}
    )
    assert [part.found for part in reason.parts] == ["Girona", "critic", None]
    assert [(each.clause, each.found) for each in reason.decisive()] == [
        (read({"trait": "city", "is": "Vic"}), "Girona"),
        (read({"did": {"verb": "View"}}), 1),
    ]


def test_another_segment_is_explained_inside() -> None:
    inner = read({"stage": "critic"})
    reason = explain(read({"segment": "critics"}), frame_of([NURIA]), NOW, {"critics": inner})
    assert [(part.clause, part.holds) for part in reason.parts] == [(inner, True)]
    with pytest.raises(BadPredicate, match="cycle"):
        explain(read({"segment": "me"}), frame_of([NURIA]), NOW, {"me": read({"not": {"segment": "me"}})})


def test_at_most_twenty_acts_are_named() -> None:
    busy = replace(NURIA, acts=tuple(ago(day, "View") for day in range(60, 1, -1)))
    reason = why({"did": {"verb": "View"}}, busy)
    assert (reason.found, reason.seqs) == (59, tuple(range(59, 59 - MOST_ACTS, -1)))


def test_one_person_at_a_time() -> None:
    with pytest.raises(ValueError, match="not 0"):
        explain(read({"all": []}), frame_of([]), NOW)


@given(with_segments, people, nows)
def test_the_tree_says_what_truth_says(predicate: Predicate, crowd: list[Someone], now: Now) -> None:
    for person in crowd:
        frame = frame_of([person], TOPS)
        pending = [explain(predicate, frame, now, SEGMENTS)]
        while pending:
            reason = pending.pop()
            pending += reason.parts
            assert reason.holds == truth(reason.clause, frame, now, SEGMENTS)[0]
            assert reason.next_change == next_change(reason.clause, frame, now, SEGMENTS)[0]
            assert set(reason.seqs) <= set(np.asarray(frame.acts.seq).tolist())
