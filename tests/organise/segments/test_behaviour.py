"""Clauses about acts, asked of the lake: every engine names the people for whom `truth()` holds on a frame."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.engines.opening import opened
from vincle.engines.base import Engine
from vincle.engines.table import lake
from vincle.organise.segments.behaviour import expression, question
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.frame import Now
from vincle.organise.segments.predicate import Act, Behaviour, Did

from .laked import CLAUSES, OURS, crowd, fill, together
from .plain import Done, Someone, frame_of
from .strategies import NOON, behaviours, nows

PEOPLE = crowd()
FRAME = frame_of(PEOPLE)


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("lake")
    tables = lake(folder)
    for table in tables.values():
        table.ensure("crowd")
    fill(tables, PEOPLE)
    found = opened(request.param, folder)
    yield found
    found.close()


def members(clause: Behaviour, now: Now) -> list[int]:
    return FRAME.ids[truth(clause, FRAME, now)].tolist()  # type: ignore[no-any-return]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clause=behaviours, now=nows)
def test_an_engine_names_those_for_whom_it_holds(engine: Engine, clause: Behaviour, now: Now) -> None:
    assert sorted(engine.run(expression(clause, now), OURS)["person"].to_pylist()) == members(clause, now)
    asked = question(clause, now)
    named = np.isin(FRAME.ids, engine.run(asked.query, OURS)["person"].to_numpy())
    assert FRAME.ids[named != asked.is_inverted].tolist() == members(clause, now)


@pytest.mark.parametrize("text", ["o'mail \\ \"\t\n{a:b} $text0 :now %s ?", "'; DROP TABLE activity; --", "店 “ö”"])
def test_texts_are_texts(engine: Engine, text: str) -> None:
    for act in (Act(channel=(text,)), Act(product=(text, "tea")), Act(thread=("t1", text))):
        assert sorted(engine.run(expression(Did(act), Now(NOON)), OURS)["person"].to_pylist()) == members(Did(act), Now(NOON))


def test_sums_of_money_are_exact() -> None:
    paid = tuple(Done(NOON, amount=amount) for amount in (39.8, 35.0, 12.1, 13.1))
    frame = frame_of([Someone(7, acts=paid)])
    assert sum(act.amount or 0 for act in paid) != 100, "floats are not"
    for measure, bound in (("sum", 100), ("mean", 25)):
        for least, most in ((bound, bound), (bound, None), (None, bound)):
            assert truth(Did(Act(), measure, least, most), frame, Now(NOON)).tolist() == [True]  # type: ignore[arg-type]


def test_asking_later_is_the_same_question() -> None:
    one, other = question(Did(Act()), Now(NOON)), question(Did(Act()), Now(NOON.replace(year=2027)))
    assert one.query.shape == other.query.shape
    assert one.query.values != other.query.values


def test_many_clauses_in_one_question(engine: Engine) -> None:
    rows = engine.run(together(Now(NOON)), OURS).to_pylist()
    for place, clause in enumerate(CLAUSES):
        expected = members(clause, Now(NOON))
        assert 0 < len(expected) < len(PEOPLE), "a clause that tells people apart"
        assert sorted(row["person"] for row in rows if row["clause"] == place) == expected
