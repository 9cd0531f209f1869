"""What stands beside a conversation: the person's orders and consents, and what they attached."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.engage.talks import ANA, NURIA, at, hear, post, said, thread_of
from vincle.accounts.models import Role, Workspace
from vincle.identify.models import Consent
from vincle.listen.models import Handle
from vincle.vocabulary import Activity, ObjectType, Verb

pytestmark = pytest.mark.django_db


def order(native: str, verb: Verb, amount: str, title: str, who: Any = NURIA) -> Activity:
    return Activity(verb=verb, object_type=ObjectType.ORDER, native_id=native, happened_at=at(300), actor=who, amount=Decimal(amount),
                    currency="EUR", title=title)  # fmt: skip


def dealings(workspace: Workspace, client_for: Any, pid: str) -> str:
    found = client_for(Role.VIEWER).get(reverse("inbox:dealings", kwargs={"workspace": workspace.slug, "pid": pid}))
    assert found.status_code == 200
    return str(found.content.decode())


def test_last_orders_with_amounts_and_what_they_come_to(workspace: Workspace, client_for: Any) -> None:
    source = hear(
        workspace, post(), said("c1", NURIA, 20, "On és la meva comanda?"), said("c2", ANA, 20, "Bon dia"),
        order("o1", Verb.PURCHASE, "27.80", "Christmas blend"), order("o2", Verb.REFUND, "7.80", "Filters <b>"),
    )  # fmt: skip
    page = dealings(workspace, client_for, thread_of(source, "c1").public)
    assert "Christmas blend" in page
    assert "€\xa027.80" in page
    assert "€\xa020" in page
    assert "Filters &lt;b&gt;" in page
    other = dealings(workspace, client_for, thread_of(source, "c2").public)
    assert "Christmas blend" not in other
    assert "Orders" not in other


def test_what_was_allowed_and_refused_stands_beside(workspace: Workspace, client_for: Any) -> None:
    source = hear(workspace, post(), said("c1", NURIA, 20, "On és la meva comanda?"))
    handle = Handle.objects.get(value="11")
    thread = thread_of(source, "c1")
    Consent.objects.create(
        workspace=workspace, handle=handle.key, channel="email", purpose="marketing", permit="withdrawn", source="form",
        event_id=b"1" * 16, at=at(10),
    )  # fmt: skip
    assert "unsubscribed" in dealings(workspace, client_for, thread.public)
