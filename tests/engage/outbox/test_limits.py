"""The team's own top rate of a connection: held by the sender, kept over restarts, set on screen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.engage.outbox.smtp import Place, smtp
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.engage.outbox import bulk, claiming, limits
from vincle.engage.outbox.models import Job, Lane
from vincle.listen.models import Connection

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 7_200), st.integers(1, 30)), max_size=60), st.integers(1, 50), st.integers(1, 120))
def test_never_more_than_was_said(asks: list[tuple[int, int]], hour: int, day: int) -> None:
    gone: list[list[int]] = []
    now, left = NOON, list[datetime]()
    for wait, wanted in asks:
        now += timedelta(seconds=wait)
        room = limits.room(gone, hour, day, 0, now)
        assert room is not None
        count = min(wanted, room)
        gone = limits.added(gone, count, now)
        left += [now] * count
        assert sum(at > now - timedelta(hours=1) for at in left) <= hour
        assert sum(at > now - timedelta(days=1) for at in left) <= day
        if not limits.room(gone, hour, day, 0, now):
            then = limits.again(gone, hour, day, now)
            assert now < then <= now + timedelta(days=1, seconds=limits.SLICE)
            assert limits.room(gone, hour, day, 0, then)
            assert not limits.room(gone, hour, day, 0, then - timedelta(seconds=1))


def test_no_limit() -> None:
    assert limits.room([], None, None, 9, NOON) is None
    assert limits.again([], None, None, NOON) == NOON


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, mailbox: Connection) -> Iterator[Place]:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))
    with smtp() as made:
        mailbox.settings = {**mailbox.settings, "smtp_port": str(made.port)}
        mailbox.save()
        yield made


@pytest.mark.django_db(transaction=True)
def test_a_day_is_full(job: Callable[..., Job], place: Place, mailbox: Connection, owner_client: Client) -> None:
    slug = mailbox.workspace.slug
    address = reverse("outbox:limit", kwargs={"workspace": slug, "connection": mailbox.pk})
    assert owner_client.post(address, {"per_minute": "", "per_hour": "", "per_day": "7"}).status_code == 302
    made = job([f"n{at}" for at in range(20)])
    assert bulk.serve(Event(), linger=0.2) == 7
    lane = Lane.objects.get()
    assert (len(place.taken), lane.code, lane.kind, claiming.any_due()) == (7, "own_limit", "quota", False)
    assert lane.not_before
    assert bulk.serve(Event(), linger=0.2) == 0
    page = owner_client.get(reverse("outbox:home", kwargs={"workspace": slug})).content.decode()
    assert "The limit that your team set" in page
    assert owner_client.post(address, {"per_minute": "", "per_hour": "", "per_day": "9"}).status_code == 302
    assert bulk.serve(Event(), linger=0.2) == 2
    assert made.sends.filter(state="waiting").count() == 11


@pytest.mark.django_db(transaction=True)
def test_a_minute_is_held(job: Callable[..., Job], place: Place, mailbox: Connection) -> None:
    Lane.objects.create(workspace=mailbox.workspace, connection=mailbox, per_minute=600)
    job([f"n{at}" for at in range(30)])
    stopping = Event()
    place.on_message = lambda _recipient: stopping.set() if len(place.taken) >= 8 else None
    began = datetime.now(UTC)
    bulk.serve(stopping, linger=0.0)
    assert len(place.taken) / (datetime.now(UTC) - began).total_seconds() < 25


@pytest.fixture
def owner_client(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.ADMIN)


@pytest.mark.django_db
def test_the_screen(owner_client: Client, client_for: Callable[..., Client], workspace: Workspace, mailbox: Connection) -> None:
    page = reverse("outbox:limits", kwargs={"workspace": workspace.slug})
    address = reverse("outbox:limit", kwargs={"workspace": workspace.slug, "connection": mailbox.pk})
    assert "Letters" in owner_client.get(page).content.decode()
    for wrong in ("-1", "0", "many", "1.5", "9" * 30, "٣"):
        assert "whole numbers" in owner_client.post(address, {"per_day": wrong}, follow=True).content.decode()
    assert not Lane.objects.exists()
    owner_client.post(address, {"per_minute": "30", "per_hour": "500", "per_day": ""})
    row = Lane.objects.get()
    assert (row.per_minute, row.per_hour, row.per_day) == (30, 500, None)
    assert AuditEntry.objects.filter(verb="limited").exists()
    assert client_for(Role.AGENT).post(address, {"per_day": "1"}).status_code == 403
