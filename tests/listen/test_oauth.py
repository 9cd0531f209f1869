"""Saying yes at a platform, and staying welcome there."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from msgspec import structs

from tests.listen import a_platform
from tests.listen.a_platform import Platform, Scripted, item
from vincle.accounts.models import Workspace
from vincle.accounts.rules import Refused
from vincle.channels.live import OAuth, Problem
from vincle.channels.registry import channels
from vincle.listen import connections, credentials, doctor, oauth, pulling
from vincle.listen.models import Connection, Notice, Pull

pytestmark = pytest.mark.django_db
BACK = "https://crm.example/back/"


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Scripted:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    found = Scripted()
    monkeypatch.setitem(channels(), "scripted", found)
    return found


@pytest.fixture
def platform() -> Iterator[Platform]:
    with a_platform.running() as found:
        found.says("/apps", {"client_id": "app-1", "client_secret": "app-secret"})
        found.says("/token", {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 7200, "scope": "read"})
        found.says("/me", {"name": "The Café"})
        found.says("/items", {"items": []})
        found.says("/reviews", {"items": []})
        yield found


def waiting(workspace: Workspace, platform: Platform) -> Connection:
    return connections.connect(workspace, None, "scripted", "", {"server": platform.url}, {})


def signed_in(workspace: Workspace, platform: Platform) -> Connection:
    session: dict[str, Any] = {}
    state = asked(oauth.start(session, waiting(workspace, platform), BACK))["state"]
    made = oauth.finish(session, workspace, None, {"state": state, "code": "code-1"})
    connections.check(made)
    return made


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def form(platform: Platform, path: str = "/token") -> dict[str, str]:
    found = [each for each in platform.asked if each["path"] == path]
    return {name: values[0] for name, values in parse_qs(found[-1]["body"].decode()).items()}


def test_there_and_back_with_an_app_that_registers_itself(workspace: Workspace, platform: Platform) -> None:
    made, session = waiting(workspace, platform), dict[str, Any]()
    url = oauth.start(session, made, BACK)
    there = asked(url)
    assert url.startswith(f"{platform.url}/authorize?")
    assert (there["client_id"], there["redirect_uri"], there["scope"], there["response_type"]) == ("app-1", BACK, "read write", "code")
    assert form(platform, "/apps") == {
        "client_name": "Vincle",
        "redirect_uris": BACK,
        "scopes": "read write",
        "website": "http://127.0.0.1:8000",
    }
    back = oauth.finish(session, workspace, None, {"state": there["state"], "code": "code-1"})
    assert back == made
    sent = form(platform)
    assert (sent["grant_type"], sent["code"], sent["redirect_uri"], sent["client_secret"]) == (
        "authorization_code",
        "code-1",
        BACK,
        "app-secret",
    )
    digest = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert (there["code_challenge"], there["code_challenge_method"]) == (digest, "S256")
    made.refresh_from_db()
    assert credentials.given(made)["access_token"] == "at-1"
    assert made.scopes_missing == ["write"]
    assert made.token_ends_at is not None
    assert timedelta(minutes=119) < made.token_ends_at - timezone.now() <= timedelta(minutes=120)
    assert b"at-1" not in bytes(made.credentials or b"")
    oauth.start(session, made, BACK)
    assert platform.paths().count("/apps") == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [({"state": "guess", "code": "x"}, "wrong_state"), ({}, "wrong_state"), ({"state": "", "code": "x"}, "wrong_state"),
     ({"state": "{state}", "error": "access_denied"}, "access_denied"), ({"state": "{state}", "error": "<script>"}, "no_code"),
     ({"state": "{state}"}, "no_code")],
)  # fmt: skip
def test_a_way_back_that_is_none(workspace: Workspace, platform: Platform, given: dict[str, str], code: str) -> None:
    session: dict[str, Any] = {}
    state = asked(oauth.start(session, waiting(workspace, platform), BACK))["state"]
    given = {name: value.format(state=state) for name, value in given.items()}
    with pytest.raises(Problem) as caught:
        oauth.finish(session, workspace, None, given)
    assert caught.value.code == code
    assert "/token" not in platform.paths()


def test_a_state_is_good_once_in_one_workspace_for_an_hour(
    workspace: Workspace, other_workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, session = waiting(workspace, platform), dict[str, Any]()
    state = asked(oauth.start(session, made, BACK))["state"]
    kept = dict(session)
    with pytest.raises(Problem, match="disconnected"):
        oauth.finish(dict(kept), other_workspace, None, {"state": state, "code": "x"})
    oauth.finish(session, workspace, None, {"state": state, "code": "x"})
    with pytest.raises(Problem, match="wrong_state"):
        oauth.finish(session, workspace, None, {"state": state, "code": "x"})
    monkeypatch.setattr(oauth, "VALID", -1)
    with pytest.raises(Problem, match="expired"):
        oauth.finish(kept, workspace, None, {"state": state, "code": "x"})


def test_what_the_token_endpoint_refuses_is_told_by_its_code(workspace: Workspace, platform: Platform) -> None:
    session: dict[str, Any] = {}
    state = asked(oauth.start(session, waiting(workspace, platform), BACK))["state"]
    platform.says("/token", (400, {}, b'{"error": "invalid_grant", "error_description": "code-1 app-secret is used"}'))
    with pytest.raises(Problem) as caught:
        oauth.finish(session, workspace, None, {"state": state, "code": "code-1"})
    assert (caught.value.kind, caught.value.code) == ("auth", "invalid_grant")
    assert "app-secret" not in caught.value.detail


def test_a_platform_that_wants_the_secret_in_the_header(workspace: Workspace, platform: Platform) -> None:
    platform.says("/token", (401, {}, b'{"error": "invalid_client"}'), {"access_token": "at-2"})
    made = signed_in(workspace, platform)
    assert credentials.given(made)["access_token"] == "at-2"
    last = [each for each in platform.asked if each["path"] == "/token"][-1]
    assert last["headers"]["authorization"] == "Basic " + b64encode(b"app-1:app-secret").decode()
    assert b"app-secret" not in last["body"]


def test_without_an_app_nobody_is_sent_away(workspace: Workspace, platform: Platform, scripted: Scripted) -> None:
    bare = structs.replace(scripted.spec, oauth=OAuth(authorize_url="{server}/a", token_url="{server}/t"))
    type(scripted).spec, before = bare, scripted.spec
    try:
        with pytest.raises(Refused, match="id and the secret"):
            oauth.start({}, waiting(workspace, platform), BACK)
    finally:
        type(scripted).spec = before


def test_tokens_that_ended_are_renewed_and_the_page_comes(workspace: Workspace, platform: Platform) -> None:
    made = signed_in(workspace, platform)
    platform.says("/items", (401, {}, b"{}"), {"items": [item(1)], "cursor": "c1"})
    platform.says("/token", {"access_token": "at-2", "expires_in": 60})
    pulling.turn()
    row = Pull.objects.get(connection=made, stream="items")
    assert (row.cursor, row.problem_kind) == ("c1", "")
    assert form(platform)["grant_type"] == "refresh_token"
    made.refresh_from_db()
    assert credentials.given(made) | {"access_token": "at-2", "refresh_token": "rt-1"} == credentials.given(made)
    assert made.state_code == ""


@pytest.mark.parametrize(("told", "kind"), [((400, {}, b'{"error": "invalid_grant"}'), "auth"), ((503, {}, b""), "transient")])
def test_what_cannot_be_renewed(workspace: Workspace, platform: Platform, told: Any, kind: str) -> None:
    """Consent that was taken back needs someone; a token server that is down does not."""
    made = signed_in(workspace, platform)
    platform.says("/items", (401, {}, b"{}"))
    platform.says("/token", told)
    pulling.turn()
    made.refresh_from_db()
    assert Pull.objects.get(connection=made, stream="items").problem_kind == kind
    assert (made.state_code != "") == (kind == "auth")


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_one_renews(workspace: Workspace, platform: Platform, in_thread: Callable[[Callable[[], None]], Any]) -> None:
    made = signed_in(workspace, platform)
    fresh = json.dumps({"access_token": "at-2", "refresh_token": "rt-2"}).encode()
    platform.says("/token", lambda handler: (sleep(0.3), handler.give(200, {}, fresh)), (400, {}, b'{"error": "invalid_grant"}'))
    found: list[bool] = []
    for thread in [in_thread(lambda: found.append(oauth.refreshed(Connection.objects.get(pk=made.pk)))) for _ in range(4)]:
        thread.join(15)
    assert found == [True] * 4
    assert credentials.given(Connection.objects.get(pk=made.pk))["refresh_token"] == "rt-2"


def test_tokens_are_renewed_before_they_end(workspace: Workspace, platform: Platform) -> None:
    made = signed_in(workspace, platform)
    Connection.objects.filter(pk=made.pk).update(check_next_at=timezone.now(), token_ends_at=timezone.now() + timedelta(minutes=5))
    platform.says("/token", {"access_token": "at-2", "expires_in": 3600})
    assert doctor.turn() == 1
    made.refresh_from_db()
    assert credentials.given(made)["access_token"] == "at-2"
    assert made.check_next_at is not None
    assert timedelta(minutes=40) < made.check_next_at - timezone.now() < timedelta(minutes=51)
    assert Notice.objects.count() == 0
