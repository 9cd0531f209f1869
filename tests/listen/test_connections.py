"""The screen of connections, at its public door: a browser."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.accounts.rules import Refused
from vincle.listen import connections, credentials, health, views_hooks
from vincle.listen.models import Activity, Connection, Delivery

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    views_hooks.REFUSALS.clear()


def url(workspace: Workspace, name: str, connection: Connection | None = None) -> str:
    values: dict[str, Any] = {"workspace": workspace.slug} | ({"pk": connection.pk} if connection else {})
    return reverse(f"listen:{name}", kwargs=values)


def service(workspace: Workspace, key: str) -> str:
    return url(workspace, "new_connection") + f"?service={key}"


def page(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def refuse(connection: Connection) -> None:
    raw = b"{}"
    where = reverse("hooks:receive", kwargs={"token": connection.token})
    headers = {"X-WC-Webhook-Signature": "wrong"}
    assert Client().post(where, raw, content_type="application/json", headers=headers).status_code == 401


def test_from_nothing_to_a_connected_shop(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.ADMIN)
    assert "Nothing is connected yet" in page(client, url(workspace, "connections"))
    assert "WooCommerce" in page(client, url(workspace, "new_connection"))
    assert "Connect WooCommerce" in page(client, service(workspace, "woocommerce"))
    client.post(service(workspace, "woocommerce"), {"name": "  Botiga   de Gràcia "})
    shop = Connection.objects.get()
    assert (shop.channel, shop.name, shop.credentials, shop.is_enabled) == ("woocommerce", "Botiga de Gràcia", None, True)
    steps = page(client, url(workspace, "connection", shop))
    assert f'value="{connections.address(shop)}"' in steps
    assert "Waits for its secret" in steps
    answer = client.post(url(workspace, "connection_secret", shop), {"secret": " correct horse \n"})
    assert answer.status_code == 302
    shop.refresh_from_db()
    assert b"correct horse" not in bytes(shop.credentials)
    for name in ("connection", "connections"):
        said = page(client, url(workspace, name, shop if name == "connection" else None))
        assert "Nothing has come yet" in said
        assert "correct horse" not in said
    verbs = AuditEntry.objects.filter(object_type="connection").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["connected", "gave the secret of"]


@pytest.mark.parametrize("given", ["", "short", "x" * 301, "two\nlines here"])
def test_what_is_no_secret_is_not_kept(given: str, workspace: Workspace, client_for: ClientFor) -> None:
    shop = connections.connect(workspace, None, "stripe")
    answer = client_for(Role.ADMIN).post(url(workspace, "connection_secret", shop), {"secret": given})
    assert "This does not look like the secret" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.credentials is None


def test_names_are_found_and_told_apart(workspace: Workspace, client_for: ClientFor) -> None:
    assert [connections.connect(workspace, None, "stripe").name for _ in range(3)] == ["Stripe", "Stripe 2", "Stripe 3"]
    answer = client_for(Role.ADMIN).post(service(workspace, "stripe"), {"name": "Stripe"})
    assert "There is a connection “Stripe” already" in answer.content.decode()
    for channel in ("contacts", "no such", "team"):
        with pytest.raises(Refused):
            connections.connect(workspace, None, channel)


def test_pausing_and_going_on(workspace: Workspace, client_for: ClientFor) -> None:
    client, shop = client_for(Role.ADMIN), connections.connect(workspace, None, "shopify")
    connections.set_secrets(shop, None, {"secret": "0f0e0d"})
    client.post(url(workspace, "turn_connection", shop), {"on": "0"})
    assert "Paused" in page(client, url(workspace, "connections"))
    client.post(url(workspace, "turn_connection", shop), {"on": "1"})
    shop.refresh_from_db()
    assert shop.is_enabled
    assert [each.verb for each in AuditEntry.objects.filter(object_type="connection").order_by("pk")][-2:] == ["paused", "resumed"]


def test_another_address(workspace: Workspace, client_for: ClientFor) -> None:
    client, shop = client_for(Role.ADMIN), connections.connect(workspace, None, "shopify")
    before = shop.token
    client.post(url(workspace, "move_connection", shop))
    shop.refresh_from_db()
    assert shop.token not in (before, None)
    said = page(client, url(workspace, "connection", shop))
    assert connections.address(shop) in said
    assert str(before) not in said


def test_disconnecting_keeps_what_came_and_can_be_undone(workspace: Workspace, client_for: ClientFor) -> None:
    client, shop = client_for(Role.ADMIN), connections.connect(workspace, None, "shopify", "Botiga")
    connections.set_secrets(shop, None, {"secret": "0f0e0d"})
    sealed, token = bytes(Connection.objects.get().credentials), shop.token
    answer = client.post(url(workspace, "disconnect", shop), follow=True)
    assert "Everything it brought stays" in answer.content.decode()
    shop.refresh_from_db()
    assert (shop.token, shop.credentials) == (None, None)
    assert client.get(url(workspace, "connection", shop)).status_code == 404
    client.post(url(workspace, "restore_connection", shop))
    shop.refresh_from_db()
    assert (shop.token, bytes(shop.credentials)) == (token, sealed)
    again = client.post(url(workspace, "restore_connection", shop), follow=True)
    assert "can no longer be undone" in again.content.decode()


def test_undo_does_not_undo_what_came_after(workspace: Workspace, client_for: ClientFor) -> None:
    client, shop = client_for(Role.ADMIN), connections.connect(workspace, None, "shopify", "Botiga")
    client.post(url(workspace, "disconnect", shop))
    anew = connections.connect(workspace, None, "shopify", "Botiga")
    assert anew.pk == shop.pk, "the same shop again: what it sends again is known"
    answer = client.post(url(workspace, "restore_connection", shop), follow=True)
    assert "connected anew" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.token == anew.token


def test_health_in_words(workspace: Workspace, client_for: ClientFor) -> None:
    shop = connections.connect(workspace, None, "woocommerce")
    assert health.of_workspace(workspace)[0].state == "unset"
    connections.set_secrets(shop, None, {"secret": "correct horse"})
    assert health.of_workspace(workspace)[0].state == "silent"
    refuse(shop)
    refuse(shop)
    found = health.of_workspace(workspace)[0]
    assert (found.state, found.refused, found.came) == ("refusing", 2, 0)
    said = page(client_for(Role.OWNER), url(workspace, "connection", shop))
    assert "Its signature does not fit the secret kept here" in said
    Delivery.objects.create(workspace=workspace, connection=shop, channel="woocommerce", sha256="0", size=1, state=Delivery.State.DONE)
    assert health.of_workspace(workspace)[0].state == "well"
    Delivery.objects.create(workspace=workspace, connection=shop, channel="woocommerce", sha256="1", size=1, state=Delivery.State.FAILED)
    found = health.of_workspace(workspace)[0]
    assert (found.state, found.came, found.failed) == ("failing", 2, 1)


def test_figures_are_those_of_this_connection(workspace: Workspace, other_workspace: Workspace) -> None:
    mine, other = connections.connect(workspace, None, "woocommerce"), connections.connect(other_workspace, None, "woocommerce")
    refuse(other)
    Delivery.objects.create(workspace=other_workspace, connection=other, channel="woocommerce", sha256="0", size=1)
    (found,) = health.of_workspace(workspace)
    assert (found.connection.pk, found.came, found.refused, found.last_at) == (mine.pk, 0, 0, None)


def test_those_who_only_look_see_no_address(workspace: Workspace, client_for: ClientFor) -> None:
    shop = connections.connect(workspace, None, "stripe")
    said = page(client_for(Role.VIEWER), url(workspace, "connections"))
    assert "Stripe" in said
    assert str(shop.token) not in said
    assert "Connect a service" not in said
    assert client_for(Role.AGENT).get(url(workspace, "connection", shop)).status_code == 403


def test_connections_of_imports_do_not_stand_here(workspace: Workspace, client_for: ClientFor) -> None:
    Connection.objects.create(workspace=workspace, channel="shopify")
    assert "Nothing is connected yet" in page(client_for(Role.OWNER), url(workspace, "connections"))
    assert not Activity.objects.exists()


def test_a_secret_is_not_sent_to_another_server(workspace: Workspace, owner: User) -> None:
    """Who may change the server does not learn the password that way: it has to be given again."""
    given = {"address": "cafe@example.org", "imap_host": "imap.example.org", "smtp_host": "smtp.example.org"}
    mailbox = connections.connect(workspace, owner, "mail", "Mail", given, {"password": "a long password"})
    connections.set_settings(mailbox, owner, {**given, "sender": "Cafè"}, {})
    assert credentials.kept(mailbox)["secrets"]["password"] == "a long password"
    with pytest.raises(Refused, match="Password"):
        connections.set_settings(mailbox, owner, {**given, "imap_host": "imap.elsewhere.example"}, {})
    mailbox.refresh_from_db()
    assert mailbox.settings["imap_host"] == "imap.example.org"
    connections.set_settings(mailbox, owner, {**given, "imap_host": "imap.elsewhere.example"}, {"password": "another password"})
    assert credentials.kept(mailbox)["secrets"]["password"] == "another password"
    network = connections.connect(workspace, owner, "mastodon", "Fedi", {"server": "https://one.example"}, {"access_token": "token-of-one"})
    connections.set_settings(network, owner, {"server": "https://two.example"}, {})
    assert "access_token" not in credentials.kept(network)["secrets"]
