"""Retention by cohort equals plain counting; the parts of a bridge add up, whatever stands at its ends."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.bridge import bridge
from vincle.science.cohorts import UNKNOWN, curve, triangle

ACTS = st.lists(st.tuples(st.integers(0, 7), st.integers(-2, 6)), max_size=40)


@given(ACTS, st.integers(1, 6))
def test_a_triangle_is_what_plain_counting_gives(acts: list[tuple[int, int]], stretches: int) -> None:
    began = [min((at for who, at in acts if who == person), default=-1) for person in range(8)]
    found = triangle(began, [who for who, _at in acts], [at for _who, at in acts], stretches)
    for cohort in range(stretches):
        assert found.sizes[cohort] == sum(first == cohort for first in began)
        for age in range(stretches):
            if cohort + age >= stretches:
                assert found.counts[cohort, age] == UNKNOWN
                continue
            there = {who for who, at in acts if at == cohort + age and began[who] == cohort}
            assert found.counts[cohort, age] == len(there)
            share = found.share(cohort, age)
            assert share == (len(there) / found.sizes[cohort] if found.sizes[cohort] else None)


@given(ACTS)
def test_a_curve_begins_with_everybody(acts: list[tuple[int, int]]) -> None:
    began = [min((at for who, at in acts if who == person), default=-1) for person in range(8)]
    points = curve(triangle(began, [who for who, _at in acts], [at for _who, at in acts], 6))
    if points:
        assert points[0].share == 1.0
        assert all(each.low <= each.share <= each.high for each in points)
        assert all(before.people >= after.people for before, after in pairwise(points))


def test_an_act_of_nobody_is_an_error() -> None:
    with pytest.raises(ValueError, match="not among"):
        triangle([0], [1], [0], 2)


SIDE = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500), *[st.booleans()] * 3), max_size=20)


@given(SIDE)
def test_the_parts_add_up(rows: list[tuple[int, int, bool, bool, bool]]) -> None:
    before, after, was, here, new = (np.array([row[place] for row in rows]) for place in range(5))
    found = bridge(before, after, was, here, new)
    assert found.start + sum(found.parts) == found.end
    assert found.start == sum(row[0] for row in rows)
    assert found.end == sum(row[1] for row in rows)
    assert sum(found.people) <= len(rows)
