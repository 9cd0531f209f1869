"""Small deliveries go into the log together; what is wrong with one of them is its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.listen.a_platform import Scripted, item
from vincle.accounts.models import Workspace
from vincle.channels.registry import channels
from vincle.listen import actions, together
from vincle.listen.models import Activity, Connection, Content, Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    found = Scripted()
    monkeypatch.setitem(channels(), "scripted", found)
    monkeypatch.setattr(together, "_single", set())
    return found


def bring(workspace: Workspace, *numbers: int, name: str = "") -> Connection:
    made = Connection.objects.get_or_create(workspace=workspace, channel="scripted", name=name)[0]
    for number in numbers:
        assert actions.take_in(made, json.dumps(item(number, f"text {number}")).encode(), timezone.now())
    return made


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_many_cost_little_more_than_one(workspace: Workspace) -> None:
    bring(workspace, 1)
    with CaptureQueriesContext(database) as one:
        assert actions.work_off_waiting() == 1
    bring(workspace, *range(2, 22))
    with CaptureQueriesContext(database) as twenty:
        assert actions.work_off_waiting() == 20
    assert len(twenty) < 20 * len(one) * 0.7
    assert (set(states()), Activity.objects.count()) == ({"done"}, 21)
    assert all(row.finished_at and row.accepted == 1 and row.total == 1 and not row.owner for row in Delivery.objects.all())


def test_the_same_again_is_not_taken_in(workspace: Workspace) -> None:
    made = bring(workspace, 1)
    assert not actions.take_in(made, json.dumps(item(1, "text 1")).encode(), timezone.now())
    assert Delivery.objects.count() == 1


def test_one_over_which_the_reader_stumbles_keeps_no_other(
    workspace: Workspace, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = scripted.parse

    def parse(raw: bytes, received_at: datetime) -> Iterator[Any]:
        if b"text 2" in raw:
            raise KeyError("text 2")
        yield from real(raw, received_at)

    monkeypatch.setattr(scripted, "parse", parse)
    bring(workspace, 1, 2, 3)
    while actions.work_off_waiting():
        pass
    assert states() == ["done", "failed", "done"]
    assert sorted(Content.objects.values_list("text", flat=True)) == ["text 1", "text 3"]


def test_what_another_has_is_left_and_its_connection_waits(workspace: Workspace) -> None:
    bring(workspace, 1, 2, name="a")
    bring(workspace, 3, name="b")
    first = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=first.pk).update(owner="elsewhere:1:abc", lease_until=timezone.now() + timedelta(minutes=1))
    assert actions.work_off_waiting() == 1
    assert states() == ["waiting", "waiting", "done"]
    Delivery.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    while actions.work_off_waiting():
        pass
    assert states() == ["done"] * 3


def test_a_group_that_is_broken_off_leaves_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(workspace, 1, 2, 3)

    @contextmanager
    def dies(delivery: Delivery) -> Iterator[None]:
        yield
        if delivery.pk == Delivery.objects.order_by("pk")[1].pk:
            raise SystemExit

    with pytest.raises(SystemExit):
        together.work_off(10, dies)
    assert (Activity.objects.count(), set(states())) == (0, {"waiting"})
    assert actions.work_off_waiting() == 3
    assert Activity.objects.count() == 3


def test_small_ones_go_in_between_while_a_large_file_is_read(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    monkeypatch.setattr(together, "MOST_BYTES", 10)
    seen: list[list[str]] = []
    large = actions.connection_for(workspace, "vincle", "large")
    line = {"type": "activity", "verb": "Create", "object_type": "Note", "happened_at": "2026-03-03T09:00:00Z", "text": "x"}
    body = "\n".join(json.dumps(line | {"native_id": f"f{n}", "actor": {"kind": "email", "value": "a@example.org"}}) for n in range(6))
    held = actions.receive(large, body.encode())
    Delivery.objects.filter(pk=held.pk).update(position=0, is_import=True)
    real = together.work_off

    def work_off(limit: int, around: Any) -> int:
        if not seen:
            bring(workspace, 9)
        done = real(limit, around)
        seen.append(states())
        return done

    monkeypatch.setattr(together, "work_off", work_off)
    actions.work_off_waiting()
    assert ["running", "done"] in seen or seen[0] == ["waiting", "done"]
    assert Delivery.objects.get(pk=held.pk).state == "done"
