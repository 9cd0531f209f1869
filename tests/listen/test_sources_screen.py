"""The screens of sources: a key in a minute, what came, what was refused and why."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.test import Client

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.listen import shelf, sources
from vincle.listen.models import Activity, Source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_shelf(db: None) -> Iterator[None]:
    def clear() -> None:
        for path in Path(settings.HOME).glob("intake.sqlite3*"):
            path.unlink()

    clear()
    yield
    clear()


@pytest.fixture
def admin(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.ADMIN)


def put(source: Source, *events: object) -> None:
    """Events on the shelf, as the collector leaves them."""
    at = datetime.now(UTC)
    envelope = {"at": at.isoformat(), "call": "batch", "gpc": False, "agent": "", "visit": "", "body": {"batch": events}}
    writer = shelf.Writer()
    writer.put([shelf.Row(source.connection_id, int(at.timestamp() * 1e6), len(events), msgspec.json.encode(envelope))])


def page(client: Client, path: str = "") -> str:
    answer = client.get(f"/w/cafe-lligam/listen/sources/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_source_the_page_says_what_to_do(admin: Client, client_for: Callable[..., Client], workspace: Workspace) -> None:
    assert "Add a source" in page(admin)
    assert "administrator can add one" in page(client_for(Role.VIEWER))


def test_a_source_is_added_with_a_key_and_the_line_to_copy(admin: Client, workspace: Workspace) -> None:
    answer = admin.post(
        "/w/cafe-lligam/listen/sources/new/", {"name": "shop.example", "kind": "web", "origins": "https://Shop.example/coffee\nwww.shop.example"}
    )
    source = Source.objects.of(workspace).get()
    assert answer["Location"].endswith(f"/sources/{source.pk}/")
    assert source.allowed_origins == ["https://shop.example", "https://www.shop.example"]
    text = page(admin, f"{source.pk}/")
    assert f"data-key=&quot;{source.write_key}&quot;" in text
    assert "vincle.js" in text
    assert AuditEntry.objects.filter(verb="add source", label="shop.example").exists()


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "taken"}, "of this name already"),
        ({"name": "x", "origins": "*.example"}, "is not the address of a site"),
        ({"name": "x", "origins": "javascript://alert"}, "is not the address of a site"),
        ({"name": "x", "kind": "rocket"}, "Choose what sends"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field(admin: Client, workspace: Workspace, posted: dict[str, str], words: str) -> None:
    sources.add(workspace, "taken")
    answer = admin.post("/w/cafe-lligam/listen/sources/new/", {"kind": "web", **posted})
    assert words in answer.content.decode()
    assert Source.objects.of(workspace).count() == 1


def test_what_came_is_shown_with_what_it_was_taken_for_and_what_was_refused_with_the_reason(admin: Client, workspace: Workspace) -> None:
    source = sources.add(workspace, "shop.example")
    put(source, {"type": "track", "event": "<b>Tasted</b>", "userId": "ana"}, {"type": "track", "event": "Nobody"}, 7)
    text = page(admin, f"{source.pk}/live/")
    assert "&lt;b&gt;Tasted" in text
    assert "ana" in text
    assert text.count("refused") == 2
    assert "Nobody is named as the one who acted" in text
    while sources.work_off():
        pass
    whole = page(admin, f"{source.pk}/")
    assert "Lately refused" in whole
    assert [row.native_id != "" for row in Activity.objects.of(workspace)] == [True]


def test_limits_are_changed_and_nonsense_is_refused(admin: Client, workspace: Workspace) -> None:
    source = sources.add(workspace, "shop.example")
    url = f"/w/cafe-lligam/listen/sources/{source.pk}/change/"
    assert "whole number" in admin.post(url, {"rate_limit": "-3"}).content.decode()
    assert admin.post(url, {"rate_limit": "500", "origins": "https://shop.example"}).status_code == 302
    source.refresh_from_db()
    assert (source.rate_limit, source.allowed_origins) == (500, ["https://shop.example"])


def test_pause_new_key_and_removal(admin: Client, workspace: Workspace) -> None:
    source = sources.add(workspace, "shop.example")
    url = f"/w/cafe-lligam/listen/sources/{source.pk}/"
    key = source.write_key
    admin.post(url + "turn/")
    admin.post(url + "key/")
    source.refresh_from_db()
    assert not source.is_enabled
    assert source.write_key != key
    admin.post(url + "remove/")
    assert not Source.objects.exists()
    assert list(AuditEntry.objects.filter(object_type="source").order_by("pk").values_list("verb", flat=True)) == [
        "add source", "change source", "renew key", "remove source",
    ]  # fmt: skip


def test_a_source_of_another_workspace_is_not_there(admin: Client, other_workspace: Workspace) -> None:
    other = sources.add(other_workspace, "theirs")
    assert admin.get(f"/w/cafe-lligam/listen/sources/{other.pk}/").status_code == 404
    assert "theirs" not in page(admin)


def test_the_list_asks_the_database_the_same_however_many_there_are(
    admin: Client, workspace: Workspace, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(12):
        sources.add(workspace, f"site {number}")
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        page(admin)
