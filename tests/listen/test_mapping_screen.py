"""The screen on which a webhook's fields are told apart: guessed, tried, kept, and what came before read anew."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.listen import actions, connections, mapped, views_hooks
from vincle.listen.models import Activity, Connection, Content, Delivery, Handle

pytestmark = pytest.mark.django_db
BODY = {"ref": "b-1", "guest": {"mail": "Ana@Example.org", "called": "Ana"}, "wish": "<script>alert(1)</script> A table, please"}


@pytest.fixture
def till(workspace: Workspace) -> Connection:
    views_hooks.DELIVERIES.clear()
    return connections.connect(workspace, None, "webhook", "Bookings", {"scheme": "none"}, {})


def came(connection: Connection, **body: Any) -> None:
    place = reverse("hooks:receive", kwargs={"token": connection.token})
    assert Client().post(place, json.dumps(body), content_type="application/json").status_code == 200
    for delivery in Delivery.objects.filter(connection=connection, state=Delivery.State.WAITING):
        actions.work_off(delivery)


def words(workspace: Workspace) -> list[str]:
    standing = Activity.objects.filter(workspace=workspace, superseded=False).exclude(op="retract").values_list("event_id", flat=True)
    return list(Content.objects.filter(event_id__in=list(standing)).exclude(text="").values_list("text", flat=True))


def page(connection: Connection) -> str:
    return reverse("listen:connection_mapping", kwargs={"workspace": connection.workspace.slug, "pk": connection.pk})


def chosen(**fields: str) -> dict[str, str]:
    pairs = enumerate(fields.items())
    return {key: said for n, (path, field) in pairs for key, said in ((f"path-{n}", path.replace("__", ".")), (f"field-{n}", field))}


FIELDS = chosen(ref="native_id", guest__mail="email", guest__called="name", wish="text")


def test_fields_stand_with_samples_and_guesses(till: Connection, client_for: Callable[..., Client]) -> None:
    empty = client_for(Role.ADMIN).get(page(till)).content.decode()
    assert "Nothing has come yet" in empty
    came(till, **BODY)
    shown = client_for(Role.ADMIN).get(page(till)).content.decode()
    assert all(path in shown for path in ("guest.mail", "guest.called", "wish"))
    assert '<option value="email" selected>E-mail (guessed)' in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_trying_keeps_nothing(till: Connection, client_for: Callable[..., Client]) -> None:
    came(till, **BODY)
    answer = client_for(Role.ADMIN).post(page(till), FIELDS | {"kind": "form", "act": "try"}).content.decode()
    assert "Forms that were filled in</td>" in answer
    assert "A table, please" in answer
    till.refresh_from_db()
    assert not till.settings.get("mapping")


def test_an_example_may_be_pasted(till: Connection, client_for: Callable[..., Client]) -> None:
    said = {"act": "try", "kind": "review", "each": "rows", "sample": json.dumps({"rows": [{"stars": 4, "body": "Bo"}]})}
    answer = client_for(Role.ADMIN).post(page(till), said).content.decode()
    assert "Reviews</td>" in answer
    broken = client_for(Role.ADMIN).post(page(till), {"act": "try", "sample": "{"}).content.decode()
    assert "This is not valid JSON" in broken or "ends in the middle" in broken


def test_kept_it_holds_and_what_came_before_is_read_anew(workspace: Workspace, till: Connection, client_for: Callable[..., Client]) -> None:
    came(till, **BODY)
    assert words(workspace) == []
    answer = client_for(Role.ADMIN).post(page(till), FIELDS | {"kind": "message", "act": "keep", "again": "1"}, follow=True)
    assert "1 delivery that came before is read anew" in answer.content.decode()
    for delivery in Delivery.objects.filter(connection=till, state=Delivery.State.WAITING):
        actions.work_off(delivery)
    assert words(workspace) == ["<script>alert(1)</script> A table, please"]
    till.refresh_from_db()
    assert mapped.read_again(till, None) == 0, "it was read so already"
    connections.set_settings(till, None, till.settings | {"mapping": "guest.mail = email; guest.called = text"})
    till.refresh_from_db()
    assert mapped.read_again(till, None) == 1
    for delivery in Delivery.objects.filter(connection=till, state=Delivery.State.WAITING):
        actions.work_off(delivery)
    assert words(workspace) == ["Ana"], "what only the reading before made is taken back"
    connections.set_settings(till, None, till.settings | {"mapping": "ref = native_id; wish = text"})
    assert Handle.objects.filter(workspace=workspace, kind="email").exists()
    came(till, **(BODY | {"ref": "b-2", "wish": "Two"}))
    assert Activity.objects.filter(native_id="b-2", object_type="Message").exists()
    assert AuditEntry.objects.filter(workspace=workspace, verb="read again").exists()


def test_nothing_chosen_is_not_kept(till: Connection, client_for: Callable[..., Client]) -> None:
    came(till, **BODY)
    answer = client_for(Role.ADMIN).post(page(till), {"act": "keep", "kind": "message"})
    assert (answer.status_code, "one field at least" in answer.content.decode()) == (422, True)


def test_only_webhooks_are_mapped_and_only_by_who_may(workspace: Workspace, till: Connection, client_for: Callable[..., Client]) -> None:
    shop = connections.connect(workspace, None, "stripe")
    assert client_for(Role.ADMIN).get(page(shop)).status_code == 404
    assert client_for(Role.VIEWER).get(page(till)).status_code == 403
