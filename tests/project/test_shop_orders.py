"""An order on its way through the whole house: from the address it is delivered to, to its customer's profile."""

import json
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import Role, Workspace
from vincle.listen import actions, connections, views_hooks
from vincle.listen.models import Activity, Connection
from vincle.organise.models import Profile
from vincle.project import pipeline

pytestmark = pytest.mark.django_db
PAYLOADS = Path(__file__).resolve().parents[1] / "channels"
SECRET = "a shared secret"


@pytest.fixture
def shop(workspace: Workspace) -> Connection:
    views_hooks.DELIVERIES.clear()
    made = connections.connect(workspace, None, "woocommerce")
    connections.set_secrets(made, None, {"secret": SECRET})
    return made


def order(status: str, minute: int, refunds: list[tuple[int, str]] = []) -> Any:  # noqa: B006
    body = json.loads((PAYLOADS / "woocommerce" / "order_created_paid.json").read_text())["body"]
    paid = None if status == "pending" else "2026-11-03T09:31:02"
    rows = [{"id": number, "reason": "", "total": f"-{total}"} for number, total in refunds]
    return body | {"status": status, "date_modified_gmt": f"2026-11-03T09:{minute:02d}:00", "date_paid_gmt": paid, "date_paid": paid,
                   "refunds": rows}  # fmt: skip


def deliver(shop: Connection, body: Any) -> None:
    raw = json.dumps(body).encode()
    known = {
        "X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Source": "https://cafe.example/",
        "X-WC-Webhook-Signature": b64encode(digest(SECRET.encode(), raw, sha256)).decode(),
    }  # fmt: skip
    where = reverse("hooks:receive", kwargs={"token": shop.token})
    assert Client().post(where, raw, content_type="application/json", headers=known).status_code == 200
    pipeline.catch_up()


def bought(shop: Connection) -> tuple[str, int, Decimal]:
    """(name, purchases, worth) of the one customer there is."""
    profile = Profile.objects.get(workspace=shop.workspace)
    rows = Activity.objects.filter(connection=shop, superseded=False, amount__isnull=False)
    return profile.name, profile.purchases, sum((row.amount if row.verb == "Purchase" else -row.amount for row in rows), Decimal(0))


def test_an_order_lives_on_its_customer(shop: Connection) -> None:
    deliver(shop, order("pending", 30))
    assert bought(shop) == ("Núria Serra Vidal", 0, Decimal(0))
    deliver(shop, order("processing", 31))
    assert bought(shop) == ("Núria Serra Vidal", 1, Decimal("29.35"))
    deliver(shop, order("completed", 50, [(1, "10.00")]))
    assert bought(shop) == ("Núria Serra Vidal", 1, Decimal("19.35"))
    deliver(shop, order("processing", 32))
    assert bought(shop) == ("Núria Serra Vidal", 1, Decimal("19.35"))
    deliver(shop, order("cancelled", 55, [(1, "10.00")]))
    assert bought(shop)[2] == 0


def test_shop_and_payment_service_know_one_customer(shop: Connection, workspace: Workspace) -> None:
    deliver(shop, order("processing", 31))
    stripe = connections.connect(workspace, None, "stripe")
    actions.receive(stripe, (PAYLOADS / "stripe" / "charge_succeeded.json").read_bytes())
    pipeline.catch_up()
    assert [(each.purchases, each.email) for each in Profile.objects.all()] == [(2, "nuria.serra@example.org")]


def test_a_request_for_privacy_is_seen_in_the_stream(workspace: Workspace, client_for: Any) -> None:
    shop = connections.connect(workspace, None, "shopify")
    actions.receive(shop, (PAYLOADS / "shopify" / "customers_redact.json").read_bytes())
    pipeline.catch_up()
    page = client_for(Role.AGENT).get(reverse("listen:stream", kwargs={"workspace": workspace.slug})).content.decode()
    assert "asks to be forgotten" in page
