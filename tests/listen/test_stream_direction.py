"""A figure of Pulse counts what people did; the stream behind it shows exactly that."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.listen.test_screens_stream import put, said
from vincle.accounts.models import Workspace
from vincle.listen import stream
from vincle.vocabulary import Direction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("direction", "expected"), [("", 3), ("in", 1), ("out", 1), ("sideways", 0)])
def test_direction(direction: str, expected: int, workspace: Workspace, client_for: Callable[..., Client]) -> None:
    asked = {"direction": direction}
    put(workspace, said(1), said(2, direction=Direction.OUT), said(3, is_machine=True))
    found = stream.filters(workspace, asked)
    assert stream.count(found) == len(stream.keys(found)) == expected
    answer = client_for().get(f"/w/{workspace.slug}/listen/", asked)
    assert answer.content.count(b'<article class="say">') == expected
