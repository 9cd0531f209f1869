"""A lake of its own for each test, and people who say things."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from vincle.accounts.models import Workspace
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.organise import warehouse
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Say = Callable[..., Activity]


def forget_lake() -> None:
    if warehouse.engine.cache_info().currsize:
        warehouse.engine().close()
    warehouse.engine.cache_clear()
    warehouse.tables.cache_clear()
    shutil.rmtree(warehouse.folder(), ignore_errors=True)


@pytest.fixture(autouse=True)
def lake() -> Iterator[None]:
    forget_lake()
    yield
    forget_lake()


@pytest.fixture
def say(workspace: Workspace) -> Say:
    """`say(who, at, ...)`: one activity, in the log at once; fields of `vocabulary.Activity` by name, and `workspace`."""
    numbers = count(1)

    def make(
        who: str = "ana",
        at: datetime = datetime(2026, 3, 10, 9, tzinfo=UTC),
        where: Workspace = workspace,
        channel: str = "x",
        **fields: Any,
    ) -> Activity:
        values: dict[str, Any] = {
            "verb": Verb.CREATE, "object_type": ObjectType.NOTE, "native_id": f"n{next(numbers)}", "happened_at": at,
            "actor": HandleRef("x", who, who.title()), "text": f"{who} says",
        }  # fmt: skip
        act = Activity(**{**values, **fields})
        source, _ = Connection.objects.get_or_create(workspace=where, channel=channel, name="test")
        log.append(source, [act], at)
        return act

    return make
