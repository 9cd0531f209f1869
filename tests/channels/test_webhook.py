"""Webhooks of services nobody knows: five ways of proof, a mapping by paths, guesses by names, and a preview of both."""

import hmac
import io
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from vincle.channels.base import Accepted, FileError, Options, Rejected, Reply, Request
from vincle.channels.webhook import channel, mapping_of
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, Unknown, Verb

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = b'{"id": 1, "text": "hola"}'
Read = Callable[[str, str | bytes], list[Outcome]]


def sent(body: bytes = BODY, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path="/hooks/t/", received_at=NOW, headers=named, body=body)


def digest(body: bytes = BODY, secret: str = "a shared secret") -> bytes:
    return hmac.digest(secret.encode(), body, sha256)


def standard(at: datetime = NOW, secret: bytes = b"key of the sender", body: bytes = BODY) -> dict[str, str]:
    time = str(int(at.timestamp()))
    proof = b64encode(hmac.digest(secret, f"msg_1.{time}.".encode() + body, sha256)).decode()
    return {"webhook_id": "msg_1", "webhook_timestamp": time, "webhook_signature": f"v1,AAAA v1,{proof}"}


SECRET = {"secret": "a shared secret"}
WHSEC = {"secret": "whsec_" + b64encode(b"key of the sender").decode()}
PROOFS = [
    ("hex", {"x_signature": digest().hex()}), ("hex", {"x_hub_signature_256": f"sha256={digest().hex().upper()}"}),
    ("base64", {"x_hmac": b64encode(digest()).decode()}), ("base64", {"x_my_signature": "sha256=" + b64encode(digest()).decode()}),
    ("header", {"x_webhook_secret": "a shared secret"}), ("header", {"authorization": "Bearer a shared secret"}),
    ("header", {"authorization": "Basic " + b64encode(b"user:a shared secret").decode()}),
]  # fmt: skip


class TestProof:
    @pytest.mark.parametrize(("scheme", "headers"), PROOFS)
    def test_schemes(self, scheme: str, headers: dict[str, str]) -> None:
        for chosen in (scheme, "auto", ""):
            assert channel.verify(sent(**headers), SECRET | {"scheme": chosen}) == Accepted()
        assert channel.verify(sent(**headers), {"secret": "another", "scheme": scheme}) == Rejected("wrong_signature")
        assert channel.verify(sent(**headers), {"secret": "", "scheme": scheme}) == Rejected("no_secret")
        assert channel.verify(sent(**headers), SECRET | {"scheme": "standard"}) == Rejected("no_signature")
        if scheme != "header":
            assert channel.verify(sent(BODY + b" ", **headers), SECRET | {"scheme": scheme}) == Rejected("wrong_signature")

    def test_standard_webhooks(self) -> None:
        assert channel.verify(sent(**standard()), WHSEC) == Accepted("msg_1")
        assert channel.verify(sent(**standard(NOW - timedelta(minutes=6))), WHSEC) == Rejected("too_old")
        assert channel.verify(sent(**standard(NOW + timedelta(minutes=6))), WHSEC) == Rejected("too_old")
        assert channel.verify(sent(b"{}", **standard()), WHSEC) == Rejected("wrong_signature")
        assert channel.verify(sent(**(standard() | {"webhook_id": "msg_2"})), WHSEC) == Rejected("wrong_signature")
        assert channel.verify(sent(**standard(secret=b"plain words")), {"secret": "plain words", "scheme": "standard"}) == Accepted("msg_1")

    def test_by_the_address_alone_only_where_that_was_chosen(self) -> None:
        assert channel.verify(sent(), {"scheme": "none"}) == Accepted()
        assert channel.verify(sent(), SECRET) == Rejected("no_signature")
        assert channel.verify(sent(), {}) == Rejected("no_secret")
        assert channel.verify(Request(method="GET", path="/", received_at=NOW), {}) == Reply(b"ok")


def kept(body: Any, **settings: str) -> list[Outcome]:
    raw = channel.kept(sent(body if isinstance(body, bytes) else json.dumps(body).encode()), settings)
    found = list(channel.parse(raw, NOW))
    assert found == list(channel.parse(raw, NOW))
    return found


def test_fields_are_guessed_by_their_names() -> None:
    act, who = kept({"event": "form.submitted", "id": "s1", "created_at": "2026-10-30T09:15:00Z", "message": "Obriu?",
                     "user": {"id": 7, "name": "Ana", "email": "Ana@Example.org"}})  # fmt: skip
    assert isinstance(act, Activity)
    assert isinstance(who, Fact)
    assert (act.native_id, act.text, act.event_name, act.happened_at) == (
        "s1", "Obriu?", "form.submitted", datetime(2026, 10, 30, 9, 15, tzinfo=UTC))  # fmt: skip
    assert who.handles == (HandleRef("email", "ana@example.org", "Ana"), HandleRef("external", "webhook:7", "Ana"))
    assert act.actor == who.handles[0]


def test_a_mapping_says_what_stands_where(reading: Read) -> None:
    with open("tests/channels/webhook/mapped.json", "rb") as file:
        first, who, second, third = channel.parse(file.read(), NOW)
    assert isinstance(first, Activity)
    assert isinstance(second, Activity)
    assert isinstance(who, Fact)
    assert (first.object_type, first.rating, first.rating_max, first.text, first.actor) == (
        ObjectType.REVIEW, 4.0, 5.0, "Bé", HandleRef("email", "pol@example.org", "Pol"))  # fmt: skip
    assert who.traits == {"language": "ca"}
    assert (second.rating_max, second.actor) == (10.0, None)
    assert second.happened_at == datetime(2026, 10, 30, 9, tzinfo=UTC)
    assert isinstance(third, Unknown), "kept, though nothing of it is mapped"


def test_orders_and_contacts() -> None:
    (order,) = kept({"order_id": "9", "total": "12,50 €", "mail": "ana@example.org"}, kind="order",
                    mapping="order_id=native_id;total=amount;mail=email")  # fmt: skip
    assert isinstance(order, Activity)
    assert (order.verb, order.amount, order.currency) == (Verb.PURCHASE, Decimal("12.50"), "EUR")
    (person,) = kept({"mail": "ana@example.org", "town": "Girona"}, kind="contact", mapping="mail=email\ntown=city")
    assert isinstance(person, Fact)
    assert person.traits == {"city": "Girona"}
    (nobody,) = kept({"town": "Girona"}, kind="contact", mapping="town=city")
    assert isinstance(nobody, Unknown)


def test_forms_lists_and_other_bodies() -> None:
    (act, _) = kept(b"email=ana%40example.org&name=Ana&message=Hola", kind="form")
    assert isinstance(act, Activity)
    assert (act.verb, act.text) == (Verb.SUBMIT, "Hola")
    assert len(kept([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}])) == 2
    assert len(kept({"data": {"items": [{"id": 1, "text": "a"}]}}, each="data.items")) == 1
    assert [type(item) for item in kept({"data": 1}, each="data.items")] == [Unknown], "the list is not where it was said to be"
    for broken in (b"", b"\x00\xff", b"[" * 5000):
        with pytest.raises(FileError):
            kept(broken)


def test_the_same_delivery_twice_and_a_later_mapping() -> None:
    body = {"a": {"b": "Hola"}, "n": "77"}
    (unknown,) = kept(body)
    (act,) = kept(body, mapping="a.b = text; n = native_id")
    assert (type(unknown), act.native_id) == (Unknown, "77")


def test_the_preview_shows_paths_guesses_and_what_comes_of_them() -> None:
    body = json.dumps(
        {
            "data": [
                {"id": "r1", "author": {"id": 5, "name": "Pol"}, "x": "Bé"},
                {"id": "r2", "author": {"id": 6, "name": "Eva"}, "x": "Mal"},
            ]
        }
    )
    shown = channel.preview(io.BytesIO(body.encode()), Options(file_key="k", now=NOW, sheet="data"))
    assert {column.heading: column.guess for column in shown.columns} == {
        "id": "native_id", "author.id": "author_id", "author.name": "name", "x": ""}  # fmt: skip
    assert [column.samples for column in shown.columns if column.heading == "x"] == [("Bé", "Mal")]
    mapped = Options(file_key="k", now=NOW, sheet="data", mapping={"id": "native_id", "x": "text", "author.id": "author_id"})
    assert [
        row[3]
        for row in channel.preview(io.BytesIO(body.encode()), mapped).sample
        if row[0].startswith("Create") or row[0].startswith("Track")
    ] == ["Bé", "Mal"]
    assert mapping_of("a = text;; b = nothing known; = x") == {"a": "text"}
