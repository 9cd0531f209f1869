"""The laws every endpoint keeps, over all there are: they find the endpoints by themselves.

An endpoint that needs parameters has an example of them in GOOD, one with values in its path an entry in tests/api/access_examples.py.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from tests.api.access_examples import EXAMPLES, someone
from tests.api.v1.conftest import Program
from tests.engage.publishing.desk import place
from vincle.accounts.access import May
from vincle.accounts.models import ApiKey, Membership, User, Workspace
from vincle.api.v1 import answering, urls  # noqa: F401  (the endpoints register themselves there)
from vincle.api.v1.endpoint import Endpoint, every
from vincle.api.v1.faults import CODES
from vincle.store.buckets import Buckets
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db

ALL = every()
POSTS = [each for each in ALL if each.method == "POST"]
GETS = [each for each in ALL if each.method == "GET"]
WITH_VALUES = [each for each in ALL if each.values]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _another(workspace: Workspace) -> dict[str, Any]:
    return {"with": public_id(someone(workspace, "anna@example.org"))}


def _handles(workspace: Workspace) -> dict[str, Any]:
    return {"handles": [public_id(someone(workspace))]}


GOOD: dict[str, Callable[[Workspace], dict[str, Any]]] = {
    "preview_merge": _another,
    "merge_people": _another,
    "split_person": _handles,
    "decide_case": lambda workspace: {"answer": "later"},
    "create_segment": lambda workspace: {"name": "Everybody", "predicate": {"all": []}},
    "count_people": lambda workspace: {"predicate": {"all": []}},
    "record_consent": lambda workspace: {"permit": "denied", "handle": "email:ana@example.org"},
    "begin_journey": lambda workspace: {"people": [public_id(someone(workspace))]},
    "create_link": lambda workspace: {"target": "https://example.org/menu"},
    "create_posts": lambda workspace: {"text": "The first roast", "places": [{"connection": str(place(workspace).pk)}]},
    "keep_query": lambda workspace: {"name": "Coffee", "query": "coffee"},
}


def each(endpoints: list[Endpoint]) -> Any:
    return pytest.mark.parametrize("endpoint", endpoints, ids=[endpoint.name for endpoint in endpoints])


def path_of(endpoint: Endpoint, workspace: Workspace) -> str:
    values = EXAMPLES[f"api:v1:{endpoint.name}"](workspace) if endpoint.values else {}
    return str(reverse(f"api:v1:{endpoint.name}", kwargs=values)).removeprefix("/api/v1/")


def good(endpoint: Endpoint, workspace: Workspace) -> dict[str, Any]:
    return GOOD[endpoint.name](workspace) if endpoint.name in GOOD else {}


def send(program: Program, endpoint: Endpoint, path: str, asked: dict[str, Any]) -> Any:
    return program.get(path, **asked) if endpoint.method == "GET" else program.post(path, asked)


def trouble(response: Any, status: int, code: str = "") -> dict[str, Any]:
    """The refusal, which has this status and says what it says in the one form."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    said: dict[str, Any] = json.loads(response.content)
    assert set(said) == {"code", "message", "field"}
    assert said["message"]
    assert said["code"] in CODES[status]
    assert said["code"] == (code or said["code"])
    return said


def test_all_are_found() -> None:
    assert {"list_people", "merge_people", "split_person", "undo_move", "decide_case"} <= {endpoint.name for endpoint in ALL}
    needing = {endpoint.name for endpoint in ALL if any(field.required for field in msgspec.structs.fields(endpoint.asks))}
    assert needing <= set(GOOD), "an endpoint that needs parameters has an example in GOOD"


@each(ALL)
def test_without_a_key(endpoint: Endpoint, workspace: Workspace) -> None:
    path = path_of(endpoint, workspace)
    for method in METHODS:
        response = Program("").ask(method, path)
        assert trouble(response, 401, "no_key")["field"] == "Authorization"
        assert response.headers["WWW-Authenticate"] == "Bearer"


@each(ALL)
def test_a_session_is_no_key(endpoint: Endpoint, workspace: Workspace, client_for: Callable[..., Client]) -> None:
    url = f"/api/v1/{path_of(endpoint, workspace)}"
    trouble(client_for("owner").generic(endpoint.method, url), 401, "no_key")


@each(ALL)
def test_with_a_wrong_key(endpoint: Endpoint, workspace: Workspace, key_of: Callable[..., str]) -> None:
    path, token = path_of(endpoint, workspace), key_of()
    for wrong in ("vk_" + "x" * 32, token[:-1], token + "x", token.upper()):
        trouble(send(Program(wrong), endpoint, path, {}), 401, "unknown_key")


@each(ALL)
def test_with_a_key_that_ended(endpoint: Endpoint, workspace: Workspace, key_of: Callable[..., str]) -> None:
    path, token = path_of(endpoint, workspace), key_of(ends=now() + timedelta(days=1))
    ApiKey.objects.update(expires_at=now() - timedelta(seconds=1))
    trouble(send(Program(token), endpoint, path, {}), 401, "expired_key")
    ApiKey.objects.update(revoked_at=now(), expires_at=None)
    trouble(send(Program(token), endpoint, path, {}), 401, "revoked_key")


@each(ALL)
def test_with_a_key_whose_maker_left(endpoint: Endpoint, workspace: Workspace, key_of: Callable[..., str]) -> None:
    path, token = path_of(endpoint, workspace), key_of()
    Membership.objects.of(workspace).delete()
    trouble(send(Program(token), endpoint, path, {}), 401, "ownerless_key")


@each(ALL)
def test_with_a_key_that_may_everything_else(endpoint: Endpoint, workspace: Workspace, key_of: Callable[..., str]) -> None:
    path, token = path_of(endpoint, workspace), key_of()
    assert endpoint.needs
    ApiKey.objects.update(permissions=sorted(set(May) - endpoint.needs))
    trouble(send(Program(token), endpoint, path, good(endpoint, workspace)), 403, "forbidden")


@each(ALL)
def test_a_key_may_no_more_than_its_maker_now(
    endpoint: Endpoint, workspace: Workspace, member: Callable[..., User], key_of: Callable[..., str]
) -> None:
    path, token = path_of(endpoint, workspace), key_of()
    Membership.objects.of(workspace).filter(user=member("owner")).update(role="viewer")
    response = send(Program(token), endpoint, path, good(endpoint, workspace))
    assert (response.status_code == 403) == (May.SEE not in endpoint.needs)


@each(ALL)
def test_with_another_method(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    path = path_of(endpoint, workspace)
    for method in set(METHODS) - {endpoint.method}:
        response = program.ask(method, path)
        trouble(response, 405)
        assert endpoint.method in response.headers["Allow"]


@each(WITH_VALUES)
def test_an_id_of_another_workspace_is_not_there(
    endpoint: Endpoint, workspace: Workspace, other_workspace: Workspace, program: Program
) -> None:
    trouble(send(program, endpoint, path_of(endpoint, other_workspace), good(endpoint, workspace)), 404)
    assert send(program, endpoint, path_of(endpoint, workspace), good(endpoint, workspace)).status_code != 404


@each([endpoint for endpoint in ALL if endpoint.name in ("preview_merge", "merge_people", "split_person")])
def test_an_id_of_another_workspace_in_what_is_asked(
    endpoint: Endpoint, workspace: Workspace, other_workspace: Workspace, program: Program
) -> None:
    said = trouble(send(program, endpoint, path_of(endpoint, workspace), good(endpoint, other_workspace)), 404)
    assert said["field"] in good(endpoint, workspace)


@each(WITH_VALUES)
@pytest.mark.parametrize("junk", ["x", "0" * 14, "zzzzzzzzzzzzz", "íííííííííííií", "-------------", "%00"])
def test_an_id_that_is_none(endpoint: Endpoint, junk: str, workspace: Workspace, program: Program) -> None:
    path = path_of(endpoint, workspace)
    value = next(iter(EXAMPLES[f"api:v1:{endpoint.name}"](workspace).values()))
    trouble(send(program, endpoint, path.replace(value, junk), good(endpoint, workspace)), 404)


@each(POSTS)
def test_what_is_no_json(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    path = path_of(endpoint, workspace)
    for body in (b"{", b'{"a": NaN}', b"\xff\xfe", b'{"with": "x"', b"[" * 60_000):
        trouble(program.post(path, body), 400, "invalid_json")
    for body in (b"[]", b"1", b'"text"', b"null"):
        trouble(program.post(path, body), 400, "invalid_field")
    trouble(program.ask("POST", path, b"{}", kind="text/plain"), 415)
    trouble(program.ask("POST", path, b"a=1", kind="application/x-www-form-urlencoded"), 415)
    trouble(program.post(path, b'{"a": "' + b"x" * answering.LARGEST + b'"}'), 413)


@each(ALL)
def test_a_field_that_is_unknown(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    path = path_of(endpoint, workspace)
    said = trouble(send(program, endpoint, path, {**good(endpoint, workspace), "surprise": "1"}), 400, "invalid_field")
    assert said["field"] == "surprise"


@each([endpoint for endpoint in ALL if endpoint.name in GOOD])
def test_a_field_that_is_wrong(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    path = path_of(endpoint, workspace)
    for field, value in good(endpoint, workspace).items():
        if endpoint.method == "POST":
            assert trouble(program.post(path, {field: 5}), 400, "invalid_field")["field"] == field
        required = {each.encode_name for each in msgspec.structs.fields(endpoint.asks) if each.required}
        if field in required:
            assert trouble(send(program, endpoint, path, {}), 400, "invalid_field")["field"] == field
        assert value


@each(GETS)
def test_numbers_and_cursors_that_are_none(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    path, known = path_of(endpoint, workspace), {field.name for field in msgspec.structs.fields(endpoint.asks)}
    bad = {"limit": ("0", "201", "-1", "many", "1e9", ""), "cursor": ("x", "!!!", "MQ%%", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é", "x" * 401)}
    for field, values in bad.items():
        for value in values if field in known else ():
            assert trouble(program.get(path, **{**good(endpoint, workspace), field: value}), 400, "invalid_field")["field"] == field
    trouble(program.get(path, **{**good(endpoint, workspace), "q\x00": "a\x00"}), 400, "invalid_field")


@each(ALL)
def test_the_pace_of_a_key_is_limited(endpoint: Endpoint, workspace: Workspace, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(endpoint, workspace)
    monkeypatch.setattr(answering, "PACE", Buckets(burst=1, rate=0.001))
    assert send(program, endpoint, path, good(endpoint, workspace)).status_code != 429
    response = send(program, endpoint, path, good(endpoint, workspace))
    trouble(response, 429)
    assert int(response.headers["Retry-After"]) > 0


@each(ALL)
def test_strangers_are_slowed_down(endpoint: Endpoint, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(endpoint, workspace)
    monkeypatch.setattr(answering, "STRANGERS", Buckets(burst=1, rate=0.001))
    trouble(send(Program(""), endpoint, path, {}), 401)
    trouble(send(Program("vk_guess"), endpoint, path, {}), 429)


@each(GETS)
def test_what_is_given_has_the_shape_it_is_said_to_have(endpoint: Endpoint, workspace: Workspace, program: Program) -> None:
    response = program.get(path_of(endpoint, workspace), **good(endpoint, workspace))
    assert response.status_code == 200, response.content
    assert "no-store" in response.headers["Cache-Control"]
    said = json.loads(response.content)
    given = msgspec.json.decode(response.content, type=endpoint.answers)
    assert set(said) == {field.encode_name for field in msgspec.structs.fields(type(given))}
    head = program.ask(
        "HEAD", path_of(endpoint, workspace) + ("?with=" + good(endpoint, workspace)["with"] if endpoint.name in GOOD else "")
    )
    assert (head.status_code, head.content) == (200, b"")


@each(ALL)
def test_a_fault_of_ours_is_told_in_the_one_form(
    endpoint: Endpoint, workspace: Workspace, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = path_of(endpoint, workspace), good(endpoint, workspace)

    def break_down(*_args: Any, **_values: Any) -> Any:
        raise RuntimeError("somebody's secret")

    monkeypatch.setattr(answering, "_query" if endpoint.method == "GET" else "_read", break_down)
    program._client.raise_request_exception = False
    response = send(program, endpoint, path, asked)
    assert "secret" not in trouble(response, 500)["message"]


def test_what_is_not_there(program: Program) -> None:
    for path in ("", "nothing", "people/", "people//merge", "identity", "identity/cases/x"):
        trouble(program.get(path), 404)


class TestDescription:
    @pytest.fixture
    def document(self) -> Any:
        response = Client().get("/api/v1/openapi.json")
        assert response.headers["Content-Type"] == "application/json"
        return json.loads(response.content)

    def test_every_endpoint_stands_in_it(self, document: Any) -> None:
        assert document["openapi"] == "3.1.0"
        told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
        assert told == {(each.method, "/" + each.path.replace("<", "{").replace(">", "}")) for each in ALL}

    def test_all_it_points_to_is_in_it(self, document: Any) -> None:
        def refs(node: Any) -> set[str]:
            if isinstance(node, dict):
                own = {node["$ref"]} if "$ref" in node else set()
                return own.union(*(refs(value) for value in node.values()))
            return set().union(*(refs(value) for value in node)) if isinstance(node, list) else set()

        wanted = {ref.removeprefix("#/components/schemas/") for ref in refs(document)}
        assert wanted
        assert wanted == set(document["components"]["schemas"])

    def test_every_parameter_says_what_it_is_for(self, document: Any) -> None:
        for methods in document["paths"].values():
            for operation in methods.values():
                assert operation["summary"].endswith(".")
                assert all(parameter["description"] for parameter in operation["parameters"]), operation
