"""The public address of a connection to Meta and of a webhook of one's own: handshake, proof, replays, size, deletions, mapping."""

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import Workspace
from vincle.listen import actions, connections, views_hooks
from vincle.listen.models import Activity, Connection, Content, Delivery, Pull

SECRETS = {"client_secret": "app-secret", "verify_token": "a long word"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    for bucket in (views_hooks.STRANGERS, views_hooks.DELIVERIES, views_hooks.REFUSALS):
        bucket.clear()


@pytest.fixture
def page(workspace: Workspace) -> Connection:
    found = connections.connect(workspace, None, "facebook")
    connections.set_secrets(found, None, SECRETS)
    return found


def place(connection: Connection) -> str:
    return reverse("hooks:receive", kwargs={"token": connection.token})


def deliver(connection: Connection, raw: bytes, secret: str = "app-secret", content_type: str = "application/json") -> Any:
    proof = "sha256=" + hmac.new(secret.encode(), raw, sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(place(connection), raw, content_type=content_type, headers={"X-Hub-Signature-256": proof})


def comment(verb: str = "add", at: int = 1795000000, **more: Any) -> bytes:
    value = {"item": "comment", "verb": verb, "comment_id": "900_1", "post_id": "5001_9", "parent_id": "5001_9", "message": "Obriu?",
             "from": {"id": "7001", "name": "Ana"}, "created_time": 1795000000} | more  # fmt: skip
    change = {"field": "feed", "value": value}
    return json.dumps({"object": "page", "entry": [{"id": "5001", "time": at, "changes": [change]}]}).encode()


def worked_off(connection: Connection) -> None:
    for delivery in Delivery.objects.filter(connection=connection, state=Delivery.State.WAITING).order_by("pk"):
        actions.work_off(delivery)


def words(workspace: Workspace) -> list[str]:
    standing = Activity.objects.filter(workspace=workspace, superseded=False).exclude(op="retract").values_list("event_id", flat=True)
    return list(Content.objects.filter(event_id__in=list(standing)).exclude(text="").values_list("text", flat=True))


def test_the_handshake(page: Connection) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "a long word"}
    answer = Client().get(place(page), asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert Client().get(place(page), asked | {"hub.verify_token": "guessed"}).status_code == 401
    assert not Delivery.objects.exists()


def test_a_remove_hides_the_words_everywhere_and_a_replay_changes_nothing(workspace: Workspace, page: Connection) -> None:
    assert [deliver(page, comment()).status_code for _ in range(3)] == [200, 200, 200]
    assert Delivery.objects.count() == 1
    worked_off(page)
    assert words(workspace) == ["Obriu?"]
    deliver(page, comment("remove", 1795000060))
    worked_off(page)
    assert words(workspace) == []
    deliver(page, comment())
    worked_off(page)
    assert words(workspace) == [], "the first delivery, sent again"


def test_what_is_not_from_meta_is_not_kept(page: Connection) -> None:
    assert deliver(page, comment(), secret="guessed").status_code == 401
    assert Client().post(place(page), comment(), content_type="application/json").status_code == 401
    assert deliver(page, comment(message="x" * (2 * 1024**2))).status_code == 413
    assert not Delivery.objects.exists()


def test_a_lead_is_asked_for_by_its_number(page: Connection) -> None:
    change = {"field": "leadgen", "value": {"leadgen_id": 3300, "form_id": 12}}
    raw = json.dumps({"object": "page", "entry": [{"id": "5001", "time": 1795000000, "changes": [change]}]}).encode()
    deliver(page, raw)
    worked_off(page)
    assert list(Pull.objects.filter(connection=page, is_once=True).values_list("stream", flat=True)) == ["lead:3300"]


def test_a_wish_to_be_deleted_is_answered_and_stands_in_the_stream(workspace: Workspace, page: Connection) -> None:
    wish = urlsafe_b64encode(json.dumps({"algorithm": "HMAC-SHA256", "issued_at": 1795000000, "user_id": "218471"}).encode()).rstrip(b"=")
    proof = urlsafe_b64encode(hmac.digest(b"app-secret", wish, sha256)).rstrip(b"=")
    body = urlencode({"signed_request": f"{proof.decode()}.{wish.decode()}"})
    answer = Client(enforce_csrf_checks=True).post(place(page), body, content_type="application/x-www-form-urlencoded")
    told = answer.json()
    assert told["url"].endswith(f"{place(page)}?deletion={told['confirmation_code']}")
    worked_off(page)
    (row,) = Activity.objects.filter(workspace=workspace)
    assert (row.event_name, row.is_machine) == ("asks to be forgotten", True)
    seen = Client().get(place(page), {"deletion": told["confirmation_code"]})
    assert told["confirmation_code"].encode() in seen.content


def test_a_webhook_of_ones_own_is_read_as_it_was_mapped_when_it_came(workspace: Workspace) -> None:
    chosen = {"scheme": "header", "kind": "message", "mapping": "said.words = text; who = email; n = native_id"}
    found = connections.connect(workspace, None, "webhook", "Till", chosen, {})
    connections.set_secrets(found, None, {"secret": "a shared secret"})
    found.refresh_from_db()

    def send(secret: str, **body: Any) -> int:
        raw = json.dumps(body).encode()
        sent = Client(enforce_csrf_checks=True).post(place(found), raw, content_type="application/json", headers={"X-Token": secret})
        return int(sent.status_code)

    assert send("a shared secret", n=1, said={"words": "Hola"}, who="ana@example.org") == 200
    assert send("guessed", n=2, said={"words": "no"}) == 401
    connections.set_settings(found, None, chosen | {"mapping": "other = text; n = native_id"})
    worked_off(found)
    assert words(workspace) == ["Hola"]


def test_a_webhook_without_any_proof_only_where_that_was_chosen(workspace: Workspace) -> None:
    found = connections.connect(workspace, None, "webhook", "Open", {"scheme": "none"}, {})
    strict = connections.connect(workspace, None, "webhook", "Strict", {"scheme": "auto"}, {})
    codes = [Client().post(place(each), b'{"text": "hola"}', content_type="application/json").status_code for each in (found, strict)]
    assert codes == [200, 401]
