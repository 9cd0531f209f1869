"""The life of one thing on each platform of Meta's and X: added, edited, hidden, deleted, unknown, twice, out of order, several at once.

Read through the log, for only there it shows what stands at the end, however deliveries came.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from vincle.accounts.models import Workspace
from vincle.channels import registry
from vincle.listen import actions, log
from vincle.listen.models import Activity, Content
from vincle.vocabulary import Reject, Unknown, Warn

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
OURS, ANA = "5001", "7001"
Deliver = Callable[..., bytes]


def facebook(kind: str, at: int, number: int = 1) -> dict[str, Any]:
    verb = {"add": "add", "edit": "edited", "hide": "hide", "delete": "remove", "unknown": "befriend"}[kind]
    value = {"item": "comment", "verb": verb, "comment_id": f"900_{number}", "post_id": f"{OURS}_9", "parent_id": f"{OURS}_9",
             "from": {"id": ANA, "name": "Ana"}, "created_time": SECONDS, "message": f"{kind} {number}"}  # fmt: skip
    return {"id": OURS, "time": SECONDS + at, "changes": [{"field": "feed", "value": value}]}


def instagram(kind: str, at: int, number: int = 1) -> dict[str, Any]:
    verb = {"add": {}, "edit": {"verb": "edited"}, "hide": {"verb": "hide"}, "delete": {"verb": "delete"}, "unknown": {}}[kind]
    value = {
        "id": f"180{number}",
        "text": f"{kind} {number}",
        "from": {"id": ANA, "username": "ana"},
        "media": {"id": "31"},
        "timestamp": SECONDS,
    } | verb
    field = "new_field" if kind == "unknown" else "comments"
    return {"id": OURS, "time": SECONDS + at, "changes": [{"field": field, "value": value}]}


def whatsapp(kind: str, at: int, number: int = 1) -> dict[str, Any]:
    message: dict[str, Any] = {"from": "34600111222", "from_user_id": "ES.1", "timestamp": str(SECONDS + at), "id": f"wamid.{number}{kind}"}
    words = {"type": "text", "text": {"body": f"{kind} {number}"}}
    more = {
        "add": {"id": f"wamid.{number}"} | words,
        "edit": {"type": "edit", "edit": {"original_message_id": f"wamid.{number}", "message": words}},
        "delete": {"type": "revoke", "revoke": {"original_message_id": f"wamid.{number}"}},
        "unknown": {"type": "system", "system": {"type": "moved_to_mars"}},
    }[kind]
    contacts = [{"wa_id": "34600111222", "user_id": "ES.1", "profile": {"name": "Ana"}}]
    value = {"metadata": {"phone_number_id": "106"}, "contacts": contacts, "messages": [message | more]}
    return {"id": "77", "changes": [{"field": "messages", "value": value}]}


def entries(name: str, deliver: Callable[..., dict[str, Any]]) -> Callable[..., bytes]:
    return lambda *each: json.dumps({"object": name, "entry": [deliver(*one) for one in each]}).encode()


def messenger(kind: str, at: int, number: int = 1) -> dict[str, Any]:
    event: dict[str, Any] = {"sender": {"id": ANA}, "recipient": {"id": OURS}, "timestamp": (SECONDS + at) * 1000}
    more: dict[str, Any] = {
        "add": {"message": {"mid": f"m{number}", "text": f"add {number}"}},
        "edit": {"message_edit": {"mid": f"m{number}", "text": f"edit {number}", "num_edit": 1}},
        "delete": {"message": {"mid": f"m{number}", "is_deleted": True}},
        "unknown": {"levitation": {"height": 3}},
    }
    return {"id": OURS, "time": SECONDS + at, "messaging": [event | more[kind]]}


def x(*each: tuple[Any, ...]) -> bytes:
    value: dict[str, Any] = {"for_user_id": OURS}
    for kind, at, *rest in each:
        number = rest[0] if rest else 1
        native = str(((SECONDS * 1000 - 1288834974657) << 22) + number)
        if kind == "delete":
            value.setdefault("tweet_delete_events", []).append({"status": {"id": native}, "timestamp_ms": str((SECONDS + at) * 1000)})
        elif kind == "unknown":
            value["user_event"] = {"revoke": {"at": at}}
        else:
            user = {"id_str": ANA, "screen_name": "ana", "name": "Ana"}
            value.setdefault("tweet_create_events", []).append({"id_str": native, "text": f"{kind} {number}", "user": user})
    return json.dumps(value).encode()


PLATFORMS = [
    pytest.param("facebook", entries("page", facebook), ("add", "edit", "hide", "delete"), id="facebook"),
    pytest.param("facebook", entries("page", messenger), ("add", "edit", "delete"), id="messenger"),
    pytest.param("instagram", entries("instagram", instagram), ("add", "edit", "hide", "delete"), id="instagram"),
    pytest.param("whatsapp", entries("whatsapp_business_account", whatsapp), ("add", "edit", "delete"), id="whatsapp"),
    pytest.param("x", x, ("add", "delete"), id="x"),
]
every = pytest.mark.parametrize(("name", "deliver", "life"), PLATFORMS)


@pytest.fixture
def heard(workspace: Workspace) -> Callable[..., list[str]]:
    """`heard(channel, *deliveries)`: the words that stand when all of them were taken in."""

    def hear(name: str, *deliveries: bytes) -> list[str]:
        source = actions.connection_for(workspace, name)
        for raw in deliveries:
            found = [item for item in registry.channels()[name].parse(raw, NOW) if not isinstance(item, Reject | Warn)]
            log.append(source, found, NOW)
        shown = Activity.objects.filter(workspace=workspace, superseded=False).exclude(op="retract").values_list("event_id", flat=True)
        words = Content.objects.filter(event_id__in=list(shown)).exclude(text="").values_list("text", flat=True)
        return sorted(words)

    return hear


@pytest.mark.django_db
@every
class TestLife:
    def test_from_its_beginning_to_its_end(self, heard: Any, name: str, deliver: Deliver, life: tuple[str, ...]) -> None:
        stands = {"add": ["add 1"], "edit": ["edit 1"], "hide": [], "delete": []}
        for at, kind in enumerate(life):
            assert heard(name, deliver((kind, at))) == stands[kind], kind

    def test_twice_changes_nothing(self, heard: Any, name: str, deliver: Deliver, life: tuple[str, ...]) -> None:
        heard(name, deliver(("add", 0)))
        count = Activity.objects.count()
        assert heard(name, deliver(("add", 0)), deliver(("add", 0))) == ["add 1"]
        assert Activity.objects.count() == count

    def test_in_any_order_it_ends_the_same(self, heard: Any, name: str, deliver: Deliver, life: tuple[str, ...]) -> None:
        whole = [deliver((kind, at, 10 + number)) for number, order in enumerate(permutations(enumerate(life))) for at, kind in order]
        assert heard(name, *whole) == [], "what was deleted stays deleted, whichever delivery came last"

    def test_several_in_one(self, heard: Any, name: str, deliver: Deliver, life: tuple[str, ...]) -> None:
        assert heard(name, deliver(("add", 0, 1), ("add", 0, 2), ("delete", 1, 1))) == ["add 2"]

    def test_the_unknown_is_kept(self, heard: Any, name: str, deliver: Deliver, life: tuple[str, ...]) -> None:
        found = list(registry.channels()[name].parse(deliver(("unknown", 1), ("add", 0)), NOW))
        assert [item.kind for item in found if isinstance(item, Unknown)]
        assert heard(name, deliver(("unknown", 1), ("add", 0))) == ["add 1"]


@pytest.mark.django_db
def test_what_was_hidden_and_is_shown_again_stands(heard: Any) -> None:
    shown = facebook("edit", 9)
    shown["changes"][0]["value"]["verb"] = "unhide"
    body = json.dumps({"object": "page", "entry": [shown]}).encode()
    deliver = entries("page", facebook)
    assert heard("facebook", deliver(("add", 0)), deliver(("hide", 5))) == []
    assert heard("facebook", body) == ["edit 1"]
    assert heard("facebook", deliver(("hide", 5))) == ["edit 1"], "an old delivery, sent again"
