"""The worker's hearing: streams are asked and looked after by themselves, and nothing holds up its end."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest

from tests.listen import a_platform
from tests.listen.a_platform import Platform, Scripted, item
from vincle.accounts.models import Workspace
from vincle.channels.registry import channels
from vincle.listen import connections, pulling
from vincle.listen.models import Delivery, Pull
from vincle.project import hearing
from vincle.project.hearing import Hearing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Platform]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    monkeypatch.setitem(channels(), "scripted", Scripted())
    monkeypatch.setattr(hearing, "HOLD_EVERY", 0.05)
    with a_platform.running() as found:
        found.says("/me", {"name": "The Café"})
        found.says("/reviews", {"items": [item(2, "two")]})
        found.says("/stream", (404, {}, b"{}"))
        yield found


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it did not come to this in time"
        sleep(0.05)


def test_what_is_connected_is_heard_by_itself_and_a_slow_platform_holds_up_nobody(workspace: Workspace, platform: Platform) -> None:
    """Nobody checks the connection by hand; one of its two streams never answers."""
    platform.says("/items", lambda handler: sleep(20))
    made = connections.connect(workspace, None, "scripted", "Café", {"server": platform.url}, {"token": "tok-1"})
    worker = Hearing(pause=0.05)
    worker.start()
    try:
        until(lambda: Delivery.objects.filter(connection=made).count() == 1)
        until(lambda: "/items" in platform.paths())
    finally:
        began = monotonic()
        worker.stop()
    assert monotonic() - began < hearing.STOPS_WITHIN * 2 + 1
    assert Pull.objects.get(connection=made, stream="reviews").ok_at is not None
    until(lambda: not Pull.objects.exclude(owner="").exists())


def test_trouble_with_the_database_is_waited_out(workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    monkeypatch.setattr(hearing, "AFTER_TROUBLE", 0.05)
    platform.says("/items", {"items": [item(1, "one")]})
    made = connections.connect(workspace, None, "scripted", "Café", {"server": platform.url}, {"token": "tok-1"})
    real, left = pulling.due, [3]

    def away(limit: int) -> list[int]:
        if left[0]:
            left[0] -= 1
            raise OperationalError("the database is away")
        return real(limit)

    monkeypatch.setattr(pulling, "due", away)
    worker = Hearing(pause=0.05)
    worker.start()
    try:
        until(lambda: Delivery.objects.filter(connection=made).count() == 2)
    finally:
        worker.stop()
    assert left == [0]
