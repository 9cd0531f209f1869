"""A program with a key, talking to the API as programs do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from vincle.accounts import api_keys
from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.api.v1 import answering


@pytest.fixture(autouse=True)
def _rested() -> None:
    answering.PACE.clear()
    answering.STRANGERS.clear()


class Program:
    """Sends requests with a key; bodies as JSON."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._client = Client(enforce_csrf_checks=True)

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str) -> HttpResponse:
        import msgspec

        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent: Any = {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self._client.generic(method, f"/api/v1/{path}", data, kind, headers=sent)

    def get(self, path: str, **query: str) -> HttpResponse:
        from urllib.parse import urlencode

        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, body, **headers)


@pytest.fixture
def key_of(member: Callable[..., User], workspace: Workspace) -> Callable[..., str]:
    """`key_of(level, where)`: a key that an owner of the workspace made."""

    def make(level: str = "decide", where: Workspace = workspace, ends: datetime | None = None, role: str = Role.OWNER) -> str:
        membership = Membership.objects.get(user=member(role, where), workspace=where)
        return api_keys.make(membership, f"{level} key", level, ends)[1]

    return make


@pytest.fixture
def program(key_of: Callable[..., str]) -> Program:
    return Program(key_of("speak"))
