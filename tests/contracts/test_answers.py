"""One expression means the same on every engine: answers beside those of plain Python, over the same activities."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.engines.opening import QUICK, opened
from tests.engines.questions import LOG, PEOPLE, QUESTIONS, ordered, question
from vincle.engines.base import Engine
from vincle.engines.table import ACTIVITY, PERSON, lake


def tell(folder: Path) -> None:
    """Put the log of the questions into a lake."""
    tables = lake(folder)
    for table in tables.values():
        table.ensure("test")
    tables["activity"].append(LOG.select(ACTIVITY.names), "test", len(LOG))
    tables["person"].append(pa.Table.from_pylist(PEOPLE, PERSON), "test", 1)


def found(engine: Engine, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in engine.run(question(name), 1).to_pylist()]


@pytest.fixture(scope="module", params=QUICK)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("lake")
    tell(folder)
    asked = opened(request.param, folder)
    yield asked
    asked.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_expression_means_the_same(name: str, engine: Engine) -> None:
    assert ordered(found(engine, name)) == ordered(QUESTIONS[name][2])
