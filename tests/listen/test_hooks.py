"""What happens at the public address of a connection."""

import json
from base64 import b64encode
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from hmac import digest, new
from itertools import permutations
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Workspace
from vincle.listen import actions, connections, views_hooks
from vincle.listen.models import Activity, Connection, Delivery
from vincle.organise.models import Segment, SegmentHook
from vincle.project.commands.reseal import reseal_command
from vincle.store import resealing, secrets
from vincle.store.buckets import Buckets
from vincle.vocabulary import Verb

PAYLOADS = Path(__file__).resolve().parents[1] / "channels"
SECRET = "a shared secret"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    for bucket in (views_hooks.STRANGERS, views_hooks.DELIVERIES, views_hooks.REFUSALS):
        bucket.clear()
    return


def connected(workspace: Workspace, channel: str = "woocommerce", secret: str = SECRET) -> Connection:
    found = connections.connect(workspace, None, channel)
    connections.set_secrets(found, None, {"secret": secret})
    return found


def place(connection: Connection) -> str:
    return reverse("hooks:receive", kwargs={"token": connection.token})


def payload(channel: str, name: str) -> Any:
    return json.loads((PAYLOADS / channel / f"{name}.json").read_text())


def signed(body: bytes, secret: str = SECRET) -> str:
    return b64encode(digest(secret.encode(), body, sha256)).decode()


def deliver(connection: Connection, body: Any, topic: str = "order.created", secret: str = SECRET, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Source": "https://cafe.example/", "X-WC-Webhook-Signature": signed(raw, secret)}
    return Client(enforce_csrf_checks=True).post(place(connection), raw, content_type="application/json", headers=known | headers)


def order(status: str = "processing", minute: int = 31, refunds: tuple[tuple[int, str], ...] = ()) -> Any:
    body = payload("woocommerce", "order_created_paid")["body"]
    rows = [{"id": number, "reason": "", "total": f"-{total}"} for number, total in refunds]
    return body | {"status": status, "date_modified_gmt": f"2026-11-03T09:{minute:02d}:00", "refunds": rows}


def worth(connection: Connection) -> Decimal:
    rows = Activity.objects.filter(connection=connection, superseded=False, verb__in=(Verb.PURCHASE, Verb.REFUND))
    return sum((row.amount if row.verb == Verb.PURCHASE else -row.amount for row in rows), Decimal(0))


def test_an_order_is_kept_before_it_is_acknowledged(workspace: Workspace) -> None:
    shop = connected(workspace)
    answer = deliver(shop, order())
    assert (answer.status_code, answer.content) == (200, b"ok")
    delivery = Delivery.objects.get(connection=shop)
    assert (delivery.channel, delivery.state, delivery.is_import) == ("woocommerce", Delivery.State.WAITING, False)
    assert json.loads(bytes(delivery.body))["headers"]["x-wc-webhook-topic"] == "order.created"
    assert actions.work_off_waiting() == 1
    bought = Activity.objects.get(connection=shop, verb=Verb.PURCHASE)
    assert (bought.amount, bought.currency, bought.object_key) == (Decimal("29.35"), "EUR", "727")


def test_what_cannot_be_kept_is_not_acknowledged(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = connected(workspace)

    def full(*_args: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(actions, "take_in", full)
    with pytest.raises(OSError, match="no space"):
        deliver(shop, order())


def test_the_same_delivery_twice_is_one(workspace: Workspace) -> None:
    shop = connected(workspace)
    assert [deliver(shop, order()).status_code for _ in range(3)] == [200, 200, 200]
    assert Delivery.objects.filter(connection=shop).count() == 1
    assert deliver(shop, order("completed", 40)).status_code == 200
    actions.work_off_waiting()
    assert worth(shop) == Decimal("29.35")


def test_the_log_comes_to_the_same_sum_in_every_order(workspace: Workspace) -> None:
    states = [order(), order("completed", 40, ((1, "10.00"),)), order("completed", 50, ((1, "10.00"), (2, "4.35"))), order("pending", 30)]
    sums = set()
    for number, arrangement in enumerate(permutations(states)):
        shop = connections.connect(workspace, None, "woocommerce", f"shop {number}")
        for body in arrangement:
            actions.receive(shop, json.dumps({"headers": {"x-wc-webhook-topic": "order.updated"}, "body": body}).encode())
        actions.work_off_waiting(limit=100)
        sums.add(worth(shop))
    assert sums == {Decimal("15.00")}


def test_the_wrong_signature_is_refused_and_noted(workspace: Workspace) -> None:
    shop = connected(workspace)
    for answer in (deliver(shop, order(), secret="guess"), deliver(shop, order(), **{"X-WC-Webhook-Signature": ""})):
        assert answer.status_code == 401
    assert not Delivery.objects.exists()
    assert [entry.details["reason"] for entry in AuditEntry.objects.filter(verb="refused", object_id=shop.pk).order_by("pk")] == [
        "wrong_signature", "no_signature"]  # fmt: skip


def test_refusals_beyond_reason_are_not_written_down(workspace: Workspace) -> None:
    shop = connected(workspace)
    assert {deliver(shop, order(), secret="guess").status_code for _ in range(70)} == {401}
    assert AuditEntry.objects.filter(verb="refused").count() == 60


def test_a_ping_is_answered_and_a_visitor_too(workspace: Workspace) -> None:
    shop = connected(workspace)
    ping = Client().post(place(shop), b"webhook_id=7", content_type="application/x-www-form-urlencoded")
    assert (ping.status_code, Client().get(place(shop)).status_code) == (200, 200)
    assert [Client().generic(method, place(shop)).status_code for method in ("PUT", "DELETE", "OPTIONS")] == [405, 405, 405]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["/hooks/unknown/", "/hooks/unknown", "/hooks/", "/hooks/a/b", "/hooks/é"])
def test_no_redirect_and_no_hint_elsewhere(path: str) -> None:
    for answer in (Client().post(path, b"{}", content_type="application/json"), Client().get(path)):
        assert answer.status_code == 404


def test_no_slash_at_the_end_is_as_good(workspace: Workspace) -> None:
    shop = connected(workspace)
    raw = json.dumps(order()).encode()
    answer = Client().post(place(shop).rstrip("/"), raw, content_type="application/json", headers={"X-WC-Webhook-Signature": signed(raw)})
    assert answer.status_code == 200


def test_paused_refuses_and_goes_on_later(workspace: Workspace) -> None:
    shop = connected(workspace)
    connections.turn(shop, None, on=False)
    assert deliver(shop, order()).status_code == 403
    connections.turn(shop, None, on=True)
    assert deliver(shop, order()).status_code == 200


def test_a_connection_without_its_secret_believes_nobody(workspace: Workspace) -> None:
    shop = connections.connect(workspace, None, "woocommerce")
    assert deliver(shop, order(), secret="").status_code == 401
    assert not Delivery.objects.exists()


def test_after_disconnecting_the_address_is_gone(workspace: Workspace) -> None:
    shop = connected(workspace)
    where = place(shop)
    connections.disconnect(shop, None)
    assert Client().post(where, b"{}", content_type="application/json").status_code == 404


def test_another_address_ends_the_one_before(workspace: Workspace) -> None:
    shop = connected(workspace)
    before = place(shop)
    connections.move(shop, None)
    assert Client().post(before, b"{}", content_type="application/json").status_code == 404
    assert deliver(shop, order()).status_code == 200


def test_two_megabytes_are_enough(workspace: Workspace) -> None:
    shop = connected(workspace)
    assert deliver(shop, b" " * (views_hooks.LARGEST + 1)).status_code == 413
    assert deliver(shop, b'{"id": 1, "x": "' + b"y" * (views_hooks.LARGEST - 20) + b'"}').status_code == 200


def test_bytes_that_are_no_json_are_kept_and_end_as_unknown(workspace: Workspace) -> None:
    shop = connected(workspace)
    assert deliver(shop, b"{\xff broken").status_code == 200
    actions.work_off_waiting()
    assert Delivery.objects.get().unknown == 1


def test_a_replaced_secret_is_good_for_a_day(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = connected(workspace)
    connections.set_secrets(shop, None, {"secret": "another secret"})
    given = (SECRET, "another secret", "third")
    assert [deliver(shop, order("completed", 40), secret=each).status_code for each in given] == [200, 200, 401]
    later = timezone.now() + timedelta(hours=25)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [deliver(shop, order("completed", 41), secret=each).status_code for each in (SECRET, "another secret")] == [401, 200]


def test_secrets_that_cannot_be_read_ask_for_another_try(workspace: Workspace, settings: Any) -> None:
    shop = connected(workspace)
    settings.CREDENTIALS_KEY = "a key of another house"
    assert deliver(shop, order()).status_code == 503


def test_a_flood_is_told_to_wait(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = connected(workspace)
    monkeypatch.setattr(views_hooks, "DELIVERIES", Buckets(burst=3, rate=0))
    answers = [deliver(shop, order(minute=minute)) for minute in range(31, 36)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1]["Retry-After"] == "10"
    monkeypatch.setattr(views_hooks, "STRANGERS", Buckets(burst=2, rate=0))
    assert [Client().get("/hooks/none/").status_code for _ in range(3)] == [404, 404, 429]


def test_buckets_fill_again() -> None:
    now = [0.0]
    bucket = Buckets(burst=2, rate=1, most=2, clock=lambda: now[0])
    assert [bucket.take("a") for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [bucket.take("a"), bucket.take("a"), bucket.take("b")] == [True, False, True]


def test_stripe_and_shopify_deliver_too(workspace: Workspace) -> None:
    shopify, stripe = connected(workspace, "shopify"), connected(workspace, "stripe", "whsec_abcdef")
    raw = json.dumps(payload("shopify", "orders_paid")["body"]).encode()
    known = {"X-Shopify-Topic": "orders/paid", "X-Shopify-Hmac-Sha256": signed(raw)}
    assert Client().post(place(shopify), raw, content_type="application/json", headers=known).status_code == 200
    raw, at = json.dumps(payload("stripe", "charge_succeeded")).encode(), int(timezone.now().timestamp())
    proof = new(b"whsec_abcdef", f"{at}.".encode() + raw, sha256).hexdigest()
    for stamp, status in ((at, 200), (at - 400, 401)):
        known = {"Stripe-Signature": f"t={stamp},v1={proof}"}
        assert Client().post(place(stripe), raw, content_type="application/json", headers=known).status_code == status
    actions.work_off_waiting()
    assert (worth(shopify), worth(stripe)) == (Decimal(54), Decimal("29.35"))


def test_privacy_requests_are_answered_and_seen(workspace: Workspace) -> None:
    shop = connected(workspace, "shopify")
    for name in ("customers_redact", "customers_data_request", "shop_redact"):
        sent = payload("shopify", name)
        raw = json.dumps(sent["body"]).encode()
        known = {"X-Shopify-Topic": sent["headers"]["x-shopify-topic"], "X-Shopify-Hmac-Sha256": signed(raw)}
        assert Client().post(place(shop), raw, content_type="application/json", headers=known).status_code == 200
    actions.work_off_waiting()
    assert set(Activity.objects.filter(connection=shop).values_list("event_name", flat=True)) == {
        "asks to be forgotten", "asks what is held on them", "asks that all of the shop be forgotten"}  # fmt: skip


def test_a_delivery_asks_the_database_little(workspace: Workspace, django_assert_max_num_queries: Any) -> None:
    shop = connected(workspace)
    deliver(shop, order(minute=30))
    with django_assert_max_num_queries(4):
        assert deliver(shop, order(minute=31)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_deliveries_at_once_are_all_kept(workspace: Workspace) -> None:
    shop = connected(workspace)
    answers: list[int] = []

    def send(number: int) -> None:
        try:
            answers.extend(deliver(shop, order(minute=number + 10 * part)).status_code for part in range(4))
        finally:
            database.close()

    threads = [Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 24
    assert Delivery.objects.filter(connection=shop).count() == 24


class TestSecrets:
    def test_sealed_they_cannot_be_read(self) -> None:
        sealed = secrets.seal({"secret": "whsec_1"})
        assert b"whsec_1" not in sealed
        assert secrets.unseal(sealed) == {"secret": "whsec_1"}
        assert sealed != secrets.seal({"secret": "whsec_1"})

    def test_a_new_key_reads_what_the_old_one_sealed(self, settings: Any) -> None:
        settings.CREDENTIALS_KEY = "old"
        sealed = secrets.seal({"a": 1})
        settings.CREDENTIALS_KEY = "new\nold\n"
        again = secrets.reseal(sealed)
        settings.CREDENTIALS_KEY = "new"
        assert secrets.unseal(again) == {"a": 1}
        with pytest.raises(secrets.Unreadable):
            secrets.unseal(sealed)

    @pytest.mark.parametrize("sealed", [b"", b"nonsense", b"gAAAAA"])
    def test_what_is_damaged_says_so(self, sealed: bytes) -> None:
        with pytest.raises(secrets.Unreadable):
            secrets.unseal(sealed)

    def test_all_are_sealed_anew(self, workspace: Workspace, settings: Any) -> None:
        settings.CREDENTIALS_KEY = "old"
        shop, lost = connected(workspace), connected(workspace, "stripe", "whsec_abcdef")
        settings.CREDENTIALS_KEY = "another"
        connections.set_secrets(lost, None, {"secret": "whsec_abcdef"})
        settings.CREDENTIALS_KEY = "new\nold"
        assert resealing.everything() == (1, [lost])
        settings.CREDENTIALS_KEY = "new"
        shop.refresh_from_db()
        assert connections.good_secrets(shop, timezone.now()) == [{"secret": SECRET}]

    def test_the_command_names_what_is_lost(self, workspace: Workspace, settings: Any) -> None:
        settings.CREDENTIALS_KEY = "old"
        connected(workspace)
        settings.CREDENTIALS_KEY = "another"
        said = CliRunner().invoke(reseal_command, ["--json"])
        assert (said.exit_code, json.loads(said.output)) == (1, {"resealed": 0, "unreadable": ["WooCommerce (cafe-lligam)"]})

    def test_every_sealed_column_is_sealed_anew(self, workspace: Workspace, settings: Any) -> None:
        settings.CREDENTIALS_KEY = "old"
        segment = Segment.objects.create(workspace=workspace, public="abcdefgh", name="New", predicate={})
        sealed = secrets.seal({"secret": "s"})
        hook = SegmentHook.objects.create(workspace=workspace, segment=segment, url="https://example.org", secret=sealed)
        settings.CREDENTIALS_KEY = "new\nold"
        assert resealing.everything() == (1, [])
        settings.CREDENTIALS_KEY = "new"
        hook.refresh_from_db()
        assert secrets.unseal(hook.secret) == {"secret": "s"}

    def test_what_is_sealed_stands_in_columns_that_say_so(self) -> None:
        named = {f"{model._meta.label}.{column}" for model, column in resealing.columns()}
        assert named >= {"listen.Connection.credentials", "listen.Alert.webhook_secret", "listen.ReaderChoice.secret",
                         "organise.SegmentHook.secret"}  # fmt: skip
        bare = {
            f"{model._meta.label}.{field.name}"
            for model in apps.get_models() for field in model._meta.local_fields
            if "sealed" in str(field.help_text).lower() and f"{model._meta.label}.{field.name}" not in named
        }  # fmt: skip
        assert not bare
