"""Acts packed and unpacked are the same acts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.organise.segments import packed
from vincle.organise.segments.packed import Deed

numbers = st.none() | st.floats(-1e9, 1e9)
deeds = st.lists(
    st.builds(
        Deed, st.integers(1, 2**62), st.integers(-(2**60), 2**60), st.sampled_from(["Purchase", "Create", "Shout"]),
        st.sampled_from(["Order", "Note", "Group", "?"]), st.booleans(), st.booleans(), st.sampled_from(["", "negative", "neutral"]),
        numbers, numbers, st.lists(st.integers(0, 2**64 - 1), max_size=5),
    ),
    max_size=30,
)  # fmt: skip


def same(left: packed.Columns, right: packed.Columns) -> bool:
    return all(np.array_equal(one, other, equal_nan=one.dtype.kind == "f") for one, other in zip(left, right, strict=True))


@given(deeds)
def test_there_and_back(given_deeds: list[Deed]) -> None:
    acts = packed.columns(given_deeds)
    assert same(packed.unpack(packed.pack(acts)), acts)


def test_parts_are_bounded_and_are_the_whole_together() -> None:
    acts = packed.columns([Deed(n, n, "View", "Page", False, False, "", None, None, [n, n % 7]) for n in range(1_300)])
    parts = packed.split(acts)
    assert [part.size for part in parts] == [512, 512, 276]
    assert same(packed.joined(parts), acts)
    with pytest.raises(ValueError, match="1300 acts"):
        packed.pack(acts)


@given(st.lists(st.tuples(st.integers(0, 2), deeds), max_size=5))
def test_a_frame_has_each_act_once_by_person_and_time(parts: list[tuple[int, list[Deed]]]) -> None:
    acts = packed.frame([packed.columns(each) for _, each in parts], [owner for owner, _ in parts], 3)
    for person in range(3):
        mine = sorted(((deed.at, deed.seq) for owner, each in parts for deed in each if owner == person))
        span = slice(acts.start[person], acts.start[person + 1])
        assert list(zip(acts.at[span].tolist(), acts.seq[span].tolist(), strict=True)) == mine
    labels = sorted(label for _, each in parts for deed in each for label in deed.labels)
    assert sorted(acts.labels.tolist()) == labels
    assert math.isclose(float(np.nansum(acts.amount)), sum(d.amount or 0 for _, each in parts for d in each), rel_tol=1e-6, abs_tol=1e-3)


@pytest.mark.parametrize("data", [b"", b"\x00" * 40, b"\x01\xff\xff\xff\xff" + b"\x00" * 8])
def test_other_bytes_are_told(data: bytes) -> None:
    with pytest.raises(packed.Outdated):
        packed.unpack(data)
