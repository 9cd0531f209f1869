"""A survey within a frame of a site stays in it to the end."""

import pytest
from django.test import Client

from tests.engage.surveys.asking import AB, address, opened, send
from vincle.accounts.models import User, Workspace

pytestmark = pytest.mark.django_db


def test_every_page_in_a_frame_may_be_framed(workspace: Workspace, owner: User, client: Client) -> None:
    one, two = ({"id": id, "items": [{"type": "single", "id": f"q{id}", "text": {"en": "One"}, "choices": AB}]} for id in ("a", "b"))
    way = opened(workspace, owner, [one, two], "web")
    moved = send(client, way, {"qa": "a", "_go": "on"}, query="?embed=1")
    assert "embed=1" in moved["Location"]
    moved = send(client, way, {"qb": "b", "_go": "on"}, at=moved["Location"])
    assert "/thanks/?embed=1" in moved["Location"]
    assert "frame-ancestors *" in client.get(moved["Location"])["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in client.get(address(way))["Content-Security-Policy"]


def test_what_was_begun_in_a_frame_goes_on_in_it(workspace: Workspace, owner: User, client: Client) -> None:
    pages = [{"id": id, "items": [{"type": "text", "id": f"q{id}", "text": {"en": "One"}}]} for id in ("a", "b")]
    way = opened(workspace, owner, pages, "web")
    send(client, way, {"qa": "a", "_go": "on"}, query="?embed=1")
    assert client.get(address(way) + "?embed=1")["Location"].endswith("/?embed=1")
