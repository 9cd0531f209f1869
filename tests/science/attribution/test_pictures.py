"""Flows of journeys, and words for where models agree."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.science.attribution import attribute, intervals, of_lists
from vincle.science.attribution.agreeing import said, whole
from vincle.science.attribution.sankey import Flow, flow

path = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8)
tables = st.lists(st.tuples(path, st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=10)


def _links(shown: Flow) -> dict[tuple[str, str], float]:
    def name(at: int) -> str:
        node = shown.nodes[at]
        return f"{node.column}{'*' if node.is_other else node.channel or node.kind}"

    return {(name(each.source), name(each.target)): each.journeys for each in shown.links}


def test_the_last_touches_stand_in_columns() -> None:
    shown = flow(of_lists([list("abcd"), list("cd"), list("ccd"), list("d")], [1, 2, 4, 8], nulls=[0, 1, 0, 0]), depth=2, with_lost=True)
    assert _links(shown) == {
        ("0earlier", "1c"): 1, ("1c", "2d"): 8, ("2d", "3converted"): 15, ("2d", "3lost"): 1,
    }  # fmt: skip
    assert (shown.columns, shown.journeys, shown.folded) == (4, 16, ("a", "b"))
    assert {each.channel: each.journeys for each in shown.nodes if each.kind == "touch"} == {"c": 8, "d": 16}
    assert [each.converted for each in shown.links if shown.nodes[each.target].kind == "lost"] == [0]


def test_small_channels_are_one_node() -> None:
    shown = flow(of_lists([list("ab"), list("ac"), list("adea"), list("ea")], [10, 3, 1, 1]), depth=3, most=2)
    assert shown.folded == ("c", "d", "e")
    assert _links(shown) == {
        ("1a", "2*"): 1, ("2*", "3a"): 2, ("2a", "3b"): 10, ("2a", "3*"): 3, ("3a", "4converted"): 2, ("3b", "4converted"): 10,
        ("3*", "4converted"): 3,
    }  # fmt: skip


@settings(max_examples=60)
@given(tables, st.integers(1, 5), st.integers(1, 6), st.booleans())
def test_what_flows_in_flows_out(table: Any, depth: int, most: int, with_lost: bool) -> None:
    paths = of_lists([each[0] for each in table], [each[1] for each in table], nulls=[each[2] for each in table])
    shown = flow(paths, depth=depth, most=most, with_lost=with_lost)
    assert shown.journeys == paths.total + with_lost * paths.nulls.sum()
    inside, outside = np.zeros(len(shown.nodes)), np.zeros(len(shown.nodes))
    for each in shown.links:
        outside[each.source] += each.journeys
        inside[each.target] += each.journeys
        assert shown.nodes[each.source].column < shown.nodes[each.target].column
    for at, node in enumerate(shown.nodes):
        if node.kind in ("converted", "lost"):
            assert inside[at] == node.journeys
        else:
            assert outside[at] == node.journeys >= inside[at]
    assert sum(each.journeys for each in shown.nodes if each.kind in ("converted", "lost")) == shown.journeys
    for column in range(1, depth + 1):
        assert len({each.channel for each in shown.nodes if each.column == column and not each.is_other}) <= max(most + 1, 1)


def test_no_journeys_no_picture() -> None:
    assert flow(of_lists([])) == Flow((), (), 6, (), 0)
    assert flow(of_lists([["a"]], [0], nulls=[3])).links == ()
    with pytest.raises(ValueError, match="0 touches"):
        flow(of_lists([["a"]]), depth=0)


def test_words_for_where_models_agree() -> None:
    table = [list("omc")] * 60 + [list("omoc")] * 10 + [list("x")] * 20 + [list("y")] + [list("o"), list("c"), list("m")] * 15
    won = [1] * 91 + [0] * 45
    paths = of_lists(table, won, nulls=[1 - each for each in won])
    found = attribute(paths)
    codes = {each.channel: each.code for each in said(found)}
    assert codes == {"o": "opens", "c": "closes", "m": "helps", "x": "differs", "y": "few"}
    alone = attribute(of_lists([["a"]] * 9 + [["b"]] * 8))
    assert [each.code for each in said(alone)] == ["agreed", "agreed"]
    by = {each.channel: each for each in said(found, intervals(paths))}
    assert by["m"].code == "helps"
    assert by["m"].least_model in ("first", "last")
    assert whole(found) == "hardly"
    assert whole(attribute(of_lists([["a"]]))) == "mostly"
    assert whole(attribute(of_lists([]))) == "nothing"


def test_what_intervals_do_not_bear_out_is_not_said() -> None:
    paths = of_lists([list("ab")] * 4 + [list("ba")] * 6, [1] * 10)
    found = attribute(paths)
    assert {each.code for each in said(found)} == {"opens", "closes"}
    assert {each.code for each in said(found, intervals(paths))} == {"differs"}
