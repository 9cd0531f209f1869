"""Everything platforms really send, through the log to conversations: each delivery becomes what it should, a replay changes nothing,
and what is removed is read nowhere any more."""

import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.channels.test_shared_files import COUNTS, INSTAGRAM, META, WHATSAPP
from tests.engage.talks import follow
from vincle.accounts.models import Role, Workspace
from vincle.channels import registry
from vincle.channels.base import FileError
from vincle.engage.inbox.models import Piece, Thread
from vincle.identify.models import Belonging
from vincle.listen import actions, connections
from vincle.listen.models import Activity, Connection, Content, Delivery, Handle, Understanding
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db
ANSWERS = ("webhooks/x/apis__", "webhooks/x/models__", "webhooks/telegram/objects")
"""Answers and objects of interfaces, kept beside the deliveries: they are read too, but nobody delivers them."""


def table() -> dict[str, Counter[str]]:
    """Of each file: how many rows of each kind the log takes. As judged by reading the files (tests/channels/test_shared_files.py)."""
    labelled = {f"meta/webhooks/{name}": labels for name, labels in META.items()} | INSTAGRAM
    labelled |= {f"meta/whatsapp/webhook-{name}": labels for name, labels in WHATSAPP.items()}
    found = {f"webhooks/{name}.json": _rows(labels.split(", ")) for name, labels in labelled.items()}
    kinds = ("activity", "fact", "retract", "unknown")
    counted = {name: Counter(dict(zip(kinds, row, strict=True))) for name, row in COUNTS.items() if name.startswith("webhooks/")}
    return {name: +row for name, row in (found | counted).items()}


def _rows(labels: list[str]) -> Counter[str]:
    kinds = {"Retraction": "retract", "Unknown": "unknown", "Fact": "fact"}
    return Counter(kinds.get(each, "activity") for each in labels)


def deliveries(path: Path) -> list[bytes]:
    """What came, one body each: the lines of a file of lines, the elements of a list, else the file."""
    raw = path.read_bytes()
    if path.suffix == ".jsonl":
        return [line for line in raw.splitlines() if line.strip()]
    value = json.loads(raw)
    return [json.dumps(each).encode() for each in value] if isinstance(value, list) else [raw]


@pytest.fixture
def payloads(shared_data: Path) -> dict[str, tuple[str, list[bytes]]]:
    """Every delivery in the shared files: the channel and the bodies, by file."""
    found = {}
    for path in sorted((shared_data / "webhooks").rglob("*.json*")):
        try:
            with path.open("rb") as file:
                channel = registry.recognise(file).spec.id
        except FileError:
            continue
        found[str(path.relative_to(shared_data))] = (channel, deliveries(path))
    return found


def picture() -> dict[str, Any]:
    """All that deliveries leave behind, but for the deliveries."""
    models = (Activity, Content, Handle, Belonging, Understanding, Thread, Piece)
    counts = {model.__name__: model.objects.count() for model in models}
    texts = hash(tuple(Content.objects.order_by("event_id").values_list("text", flat=True)))
    talks = list(Thread.objects.order_by("key").values_list("key", "messages", "waiting_since", "last_at", "is_here"))
    return {**counts, "texts": texts, "talks": talks}


def test_every_delivery_becomes_what_it_should_and_again_changes_nothing(
    workspace: Workspace, payloads: dict[str, tuple[str, list[bytes]]]
) -> None:
    wanted, names = table(), {}
    for name, (channel, bodies) in payloads.items():
        source = actions.connection_for(workspace, channel, name[-100:])
        names[source.pk] = name
        actions.receive_all(source, bodies)
    while actions.work_off_waiting(500):
        pass
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    found: dict[str, Counter[str]] = {name: Counter() for name in payloads}
    for pk, op, verb, kind in Activity.objects.values_list("connection_id", "op", "verb", "object_type"):
        is_fact = (verb, kind) == ("Update", "Profile")
        found[names[pk]]["retract" if op == "retract" else "unknown" if kind == "Unknown" else "fact" if is_fact else "activity"] += 1
    twice = {names[pk]: total for pk, total in Delivery.objects.values_list("connection_id").annotate(Sum("duplicates"))}
    wrong = {
        name: (dict(row), dict(found[name]), twice[name])
        for name, row in wanted.items()
        if not found[name] <= row or found[name].total() + twice[name] < row.total()  # some files hold the same event more than once
    }
    assert not wrong, wrong
    unjudged = {name for name in payloads if name not in wanted and not name.startswith(ANSWERS)}
    assert all("messaging-message-nlp-" in name for name in unjudged), sorted(unjudged)
    assert all(found[name] == {"activity": 1} for name in unjudged)

    follow()
    before = picture()
    assert before["Thread"] > 20
    for name, (channel, bodies) in payloads.items():
        source = Connection.objects.get(workspace=workspace, channel=channel, name=name[-100:])
        assert actions.receive_all(source, bodies) == [], name
        for number, body in enumerate(bodies):  # the same, in other bytes and in another order
            actions.receive(source, json.dumps(json.loads(bodies[-1 - number]), indent=1).encode()) if body else None
    while actions.work_off_waiting(500):
        pass
    follow()
    after = picture()
    assert after == before, {name: (value, after[name]) for name, value in before.items() if after[name] != value}


# What is removed

WORD, WORDS = "zzyzxqwort", "la meva comanda"
"""What is searched for (pages repeat it), and what stands beside it."""


def hook(connection: Connection, verb: str, at: int, text: str) -> None:
    value = {"item": "comment", "verb": verb, "comment_id": "900_1", "post_id": "5001_9", "parent_id": "5001_9", "message": text,
             "from": {"id": "7001", "name": "Ana Serra"}, "created_time": at - 60}  # fmt: skip
    raw = json.dumps({"object": "page", "entry": [{"id": "5001", "time": at, "changes": [{"field": "feed", "value": value}]}]}).encode()
    proof = "sha256=" + hmac.new(b"app-secret", raw, sha256).hexdigest()
    place = reverse("hooks:receive", kwargs={"token": connection.token})
    answer = Client().post(place, raw, content_type="application/json", headers={"X-Hub-Signature-256": proof})
    assert answer.status_code == 200
    while actions.work_off_waiting(10):
        pass
    follow()


@pytest.fixture
def page(workspace: Workspace) -> Connection:
    made = connections.connect(workspace, None, "facebook")
    connections.set_secrets(made, None, {"client_secret": "app-secret", "verify_token": "a long word"})
    return made


@pytest.fixture
def places(workspace: Workspace, client_for: Callable[..., Client]) -> Callable[[], Iterator[tuple[str, str]]]:
    """`places()`: every page and export on which somebody's words are read, with what it shows."""
    browser, home = client_for(Role.OWNER), f"/w/{workspace.slug}"
    addresses: list[str] = []

    def listed() -> list[str]:
        thread, said = Thread.objects.get(), Activity.objects.filter(verb="Create", op="assert").get()
        person = public_id(Belonging.objects.get(handle=said.actor).person)
        return [
            *("inbox/?box=all", f"inbox/?box=all&q={WORD}", f"inbox/{thread.public}/", f"inbox/{thread.public}/?older=1"),
            *("listen/", f"listen/search/?q={WORD}", f"listen/search/search.csv?q={WORD}", "listen/stream.csv", "listen/alerts/"),
            *(f"listen/texts/{said.seq}/", f"listen/connections/{said.connection_id}/"),
            *(f"people/{person}/{part}" for part in ("", "side/", "card/", "older/")),
            *("", "people/", "people/people.csv", f"people/search/?q={WORD}"),
        ]

    def shown() -> Iterator[tuple[str, str]]:
        addresses[:] = addresses or listed()
        for address in addresses:
            answer = browser.get(f"{home}/{address}")
            if answer.status_code == 404:
                continue
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            yield address, content.decode()

    return shown


@pytest.mark.parametrize("verb", ["remove", "hide"])
def test_what_is_removed_is_read_nowhere(
    workspace: Workspace, page: Connection, places: Callable[[], Iterator[tuple[str, str]]], verb: str
) -> None:
    now = int(timezone.now().timestamp())
    hook(page, "add", now - 60, f"{WORD}: on és {WORDS}?")
    seen = {address for address, content in places() if WORDS in content}
    assert {"inbox/?box=all", "listen/", "listen/stream.csv"} <= seen
    assert len(seen) >= 8, sorted(seen)
    hook(page, verb, now, f"{WORD}: on és {WORDS}?")
    read = {address for address, content in places() if WORDS in content}
    if verb == "hide":  # the team still reads in its conversation what it may show again
        read = {address for address in read if not address.startswith("inbox/")}
    assert read == set()
    hook(page, "add", now - 60, f"{WORD}: on és {WORDS}?")
    assert {address for address, content in places() if WORDS in content and not (verb == "hide" and address.startswith("inbox/"))} == set()
