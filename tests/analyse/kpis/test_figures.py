"""Laws of every key figure: defined and worded, nothing over nothing, equal to its slow twin, its people behind it."""

from dataclasses import replace
from datetime import date
from math import isclose, isfinite
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.analyse.kpis.base import MONEY, PEOPLE, POINTS, SHARE, Figure, Kpi
from vincle.analyse.kpis.facts import Base, Plain, Sale, Shown, Work
from vincle.analyse.kpis.registry import kpis
from vincle.analyse.kpis.spans import KINDS, Span, day_of, number, span
from vincle.vocabulary import Stage

EVERY = pytest.mark.parametrize("kpi", list(kpis().values()), ids=list(kpis()))
TODAY = date(2026, 7, 20)
END = number(TODAY)
WHO = st.none() | st.integers(1, 8)
DAYS = st.integers(END - 500, END)
MONEY_OF = st.sampled_from(["EUR", "EUR", "EUR", "USD", ""])
BOUGHT = st.sampled_from([True, True, False])
SALE = st.builds(Sale, WHO, DAYS, st.sampled_from(["shop", "web"]), MONEY_OF, BOUGHT, st.integers(0, 2_000_000))
ANSWERS = st.lists(st.tuples(WHO | st.integers(9, 60), DAYS, st.sampled_from([0.0, 0.4, 0.5, 0.6, 0.8, 1.0])), max_size=60)


@st.composite
def worlds(draw: st.DrawFn) -> Plain:
    maybe = st.none() | st.integers(0, 500_000)
    shown = st.builds(Shown, st.just("Spring"), DAYS, st.integers(0, 3), st.integers(-9999, 9999).map(float), st.none(), st.none())
    base = draw(st.lists(st.tuples(DAYS, st.integers(0, 10**9)), max_size=5, unique_by=lambda row: row[0]))
    return Plain(
        rows=draw(st.lists(SALE, max_size=40)), forms=draw(st.lists(st.tuples(WHO, DAYS), max_size=12)), said=draw(ANSWERS),
        rungs=draw(st.dictionaries(st.integers(1, 8), st.sampled_from([stage.value for stage in Stage]), max_size=8)),
        work=draw(st.lists(st.builds(Work, DAYS, st.sampled_from(["mail", "web"]), WHO, st.integers(0, 9000)), max_size=6)),
        sends=draw(st.lists(st.tuples(DAYS, st.sampled_from(["mail", "sms"]), st.integers(1, 50)), max_size=6)),
        campaigns=draw(st.lists(shown, max_size=3)), base=[Base(day, 1, value) for day, value in sorted(base)],
        spending=draw(st.dictionaries(st.tuples(st.just(2026), st.integers(1, 12)), st.integers(0, 10**7))),
        lost_after=draw(st.sampled_from([10, 60, 180])), today=END, began=END - 500, margin=draw(st.none() | st.floats(0, 1)),
        hourly=draw(maybe), per_send=draw(maybe),
    )  # fmt: skip


def spans() -> st.SearchStrategy[Span]:
    return st.builds(span, st.sampled_from(KINDS), st.integers(END - 400, END).map(day_of), st.just(TODAY))


@EVERY
def test_it_says_what_it_is(kpi: Kpi) -> None:
    assert str(kpi.name)
    assert len(str(kpi.definition)) > 40
    assert str(kpi.definition).endswith(".")
    assert kpi.formula
    assert kpi.stands_on
    assert kpi.unit in (MONEY, PEOPLE, SHARE, POINTS)
    assert kpi.good in ("up", "down")


@EVERY
@pytest.mark.parametrize("kind", KINDS)
def test_over_nothing_it_says_so(kpi: Kpi, kind: str) -> None:
    found = kpi.told(Plain(today=END, began=END), span(kind, TODAY, TODAY))
    assert found.value is None
    assert found.why
    assert not kpi.people(Plain(today=END), span(kind, TODAY, TODAY)).size


@settings(max_examples=60)
@given(world=worlds(), over=spans(), shuffled=st.randoms(use_true_random=False))
def test_each_equals_its_slow_twin_whatever_the_order(world: Plain, over: Span, shuffled: Random) -> None:
    rows = list(world.rows)
    shuffled.shuffle(rows)
    again = replace(world, rows=rows)
    for kpi in kpis().values():
        found, wanted = kpi.told(world, over), kpi.reference(world, over)
        _is_sound(kpi, found, wanted)
        assert kpi.told(again, over).value == found.value
        ids = kpi.people(world, over)
        assert np.unique(ids).size == ids.size
        if kpi.unit == PEOPLE and found.value is not None:
            assert ids.size == found.value


def _is_sound(kpi: Kpi, found: Figure, wanted: float | None) -> None:
    if wanted is None:
        assert found.value is None, (kpi.id, found)
        assert found.why
        return
    assert found.value is not None, (kpi.id, found.why)
    assert isfinite(found.value)
    assert isclose(found.value, wanted, rel_tol=1e-12, abs_tol=1e-6), kpi.id
    if kpi.unit == SHARE:
        assert 0 <= found.value <= 1
    if found.low is not None and found.high is not None:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9


@settings(max_examples=40)
@given(world=worlds(), over=spans())
def test_the_bridge_of_revenue_adds_up(world: Plain, over: Span) -> None:
    found = kpis()["revenue"].told(world, over)
    if "bridge" in found.parts:
        bridge = found.parts["bridge"]
        assert bridge.start + sum(bridge.parts) == bridge.end
        assert bridge.end + found.parts["unknown"] == found.value


def test_what_is_known_of_the_whole_alone_is_not_told_of_a_part() -> None:
    world = Plain(rows=[Sale(1, END)], today=END, began=END - 500, campaigns=[Shown("Spring", END, 5, 10.0, None, None)])
    world.is_narrowed = True
    assert kpis()["crm"].told(world, span("30", TODAY, TODAY)).why == "whole only"
