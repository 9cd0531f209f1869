"""What a frame has to carry: with that and nothing more the answers stay what they are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from tests.organise.segments.plain import Someone, frame_of
from tests.organise.segments.strategies import NOON, SEGMENTS, TOPS, nows, people, with_segments
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.frame import Frame, Now
from vincle.organise.segments.needs import Needs, needs, reach
from vincle.organise.segments.predicate import InSegment, Predicate
from vincle.organise.segments.reading import BadPredicate, read


def cut(crowd: list[Someone], asked: Needs) -> Frame:
    kept = [replace(one, acts=tuple(act for act in one.acts if asked.verbs is None or act.verb in asked.verbs)) for one in crowd]
    frame = frame_of(kept, asked.tops)
    return replace(
        frame,
        stage=frame.stage if asked.stage else (),
        traits={name: values for name, values in frame.traits.items() if name in asked.traits},
        tags={name: values for name, values in frame.tags.items() if name in asked.tags},
        consents={pair: values for pair, values in frame.consents.items() if pair in asked.consents},
        scores={name: values for name, values in frame.scores.items() if name in asked.scores},
    )


@given(with_segments, people, nows)
def test_what_is_needed_is_enough(predicate: Predicate, crowd: list[Someone], now: Now) -> None:
    short = truth(predicate, cut(crowd, needs([predicate], SEGMENTS)), now, SEGMENTS)
    np.testing.assert_array_equal(short, truth(predicate, frame_of(crowd, TOPS), now, SEGMENTS))


def test_what_is_needed_by_name() -> None:
    asked = read({"all": [
        {"trait": "city", "is": "Vic"}, {"tag": "VIP"}, {"consent": "granted"}, {"top": 5, "by": "reach"}, {"segment": "a"},
        {"did": {"verb": "Purchase"}}, {"stage": "critic"},
    ]})  # fmt: skip
    assert needs([asked]) == Needs(
        frozenset({"city"}), frozenset({"vip"}), frozenset({("email", "marketing")}), frozenset({"reach"}), frozenset({("reach", 5)}),
        frozenset({"a"}), frozenset({"Purchase"}), True,
    )  # fmt: skip
    assert needs([asked, read({"did": {"channel": "shop"}})]).verbs is None
    assert needs([asked], {"a": read({"score": "churn"})}).scores == {"reach", "churn"}


def test_segments_reach_through_each_other_but_never_back() -> None:
    segments = {"a": read({"segment": "b"}), "b": read({"not": {"segment": "c"}}), "c": read({"tag": "vip"})}
    assert reach(InSegment("a"), segments) == {"a", "b", "c"}
    with pytest.raises(BadPredicate, match=r"cycle \(a\)"):
        reach(InSegment("a"), segments | {"c": read({"any": [{"tag": "vip"}, {"segment": "a"}]})})
    with pytest.raises(BadPredicate, match=r"unknown_segment \(gone\)"):
        reach(read({"segment": "gone"}), segments)


@pytest.mark.parametrize("backwards", [False, True])
def test_segments_stand_ten_deep_at_most(backwards: bool) -> None:
    chain = {str(place): InSegment(str(place + 1)) for place in range(1, 10)} | {"10": read({"tag": "vip"})}
    asked = read({"any": [{"segment": str(place)} for place in (range(10, 0, -1) if backwards else range(1, 11))]})
    assert len(reach(asked, chain)) == 10
    assert not truth(asked, frame_of([]), Now(NOON), chain).size
    for deep in (reach, lambda asked, segments: truth(asked, frame_of([]), Now(NOON), segments)):
        with pytest.raises(BadPredicate, match="too_deep"):
            deep(InSegment("0"), chain | {"0": InSegment("1")})
