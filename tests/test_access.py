"""Every address of the product, found by walking the resolver: who may open it, and that nothing crosses from one workspace to another.

A pattern with values of its own beyond the workspace needs an example: a function `(workspace) -> {name: value}` that makes a row of that
workspace and names it. They stand in `EXAMPLES` of `access_examples.py` in the tests of the stage or app, by the pattern's full name:
`{"people:person": lambda workspace: {"person": ...}}`.
"""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from vincle.accounts.access import PERMISSIONS, May
from vincle.accounts.by_key import Keyed
from vincle.accounts.models import Role, Workspace
from vincle.api.v1 import answering

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
# allauth checks its own pages; static files are everyone's.
EXCEPTIONS = ("allauth.", "django.contrib.staticfiles.", "django.views.static")
CLOSED = {401, 403, 404, 405}

Example = Callable[[Workspace], dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """One address pattern."""

    name: str
    route: str
    view: Callable[..., HttpResponseBase]
    parameters: frozenset[str]

    @property
    def is_exempt(self) -> bool:
        return self.view.__module__.startswith(EXCEPTIONS)

    @property
    def access(self) -> Any:
        return getattr(self.view, "access", None)

    @property
    def needs(self) -> frozenset[May]:
        return frozenset({self.access}) if isinstance(self.access, May) else self.access

    @property
    def is_of_workspace(self) -> bool:
        return isinstance(self.access, May | frozenset)

    @property
    def own(self) -> frozenset[str]:
        return self.parameters - {"workspace"}


def walk(resolver: URLResolver, route: str = "", spaces: tuple[str, ...] = (), inherited: frozenset[str] = frozenset()) -> Iterator[Place]:
    for pattern in resolver.url_patterns:
        here, names = route + str(pattern.pattern), inherited | frozenset(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, here, (*spaces, *([pattern.namespace] if pattern.namespace else [])), names)
        elif isinstance(pattern, URLPattern):
            yield Place(":".join((*spaces, pattern.name or "")), here, pattern.callback, names)


def examples() -> dict[str, Example]:
    found: dict[str, Example] = {}
    for path in sorted(Path(__file__).parent.rglob("access_examples.py")):
        spec = importlib.util.spec_from_file_location(f"examples_of_{path.parent.name}", path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.EXAMPLES
    return found


PLACES = list(walk(get_resolver()))
EXAMPLES = examples()
GUARDED = [place for place in PLACES if not place.is_exempt]
OF_WORKSPACE = [place for place in GUARDED if place.is_of_workspace]
WITH_ROW = [place for place in OF_WORKSPACE if place.own]


def each(places: list[Place]) -> Any:
    return pytest.mark.parametrize("place", places, ids=[place.route or "/" for place in places])


def address(place: Place, where: Workspace, row_of: Workspace | None = None) -> str:
    """The place in `where`, about a row of `row_of` (the same workspace unless said)."""
    if place.own and place.name not in EXAMPLES:
        pytest.skip("no example: test_every_pattern_with_values_has_an_example fails and says what to add")
    values = EXAMPLES[place.name](row_of or where) if place.own else {}
    values |= {"workspace": where.slug} if "workspace" in place.parameters else {}
    return reverse(place.name, kwargs=values)


def ask(client: Client, method: str, url: str) -> HttpResponseBase:
    """One request whose effects are undone, so that the next one meets the same rows."""
    with transaction.atomic():
        response = client.generic(method, url)
        transaction.set_rollback(True)
    return response


def status_of(client: Client, url: str) -> dict[str, int]:
    client.raise_request_exception = True
    return {method: ask(client, method, url).status_code for method in METHODS}


@pytest.fixture(autouse=True)
def _rested() -> None:
    """Strangers are slowed down over all tests of this process; here each one begins anew."""
    answering.STRANGERS.clear()


def test_the_walk_finds_the_product() -> None:
    names = {place.name for place in PLACES}
    assert {"accounts:home", "account_login", "settings:team", "settings:change_role", "web:language"} <= names


@each(GUARDED)
def test_every_view_says_who_may_open_it(place: Place) -> None:
    assert place.access is not None, f"wrap the view of '{place.route}' with allow, signed_in, public or by_key"
    assert place.is_of_workspace or place.access in {"signed in", "public"} or isinstance(place.access, Keyed)
    assert ("workspace" in place.parameters) == place.is_of_workspace, "pages under /w/<workspace>/ are opened by allow(...), and only they"
    assert place.name.rpartition(":")[2], f"'{place.route}' has no name"


@each([place for place in GUARDED if place.own])
def test_every_pattern_with_values_has_an_example(place: Place) -> None:
    assert place.name in EXAMPLES, (
        f"add to EXAMPLES in tests/<stage>/access_examples.py: '{place.name}': a function (workspace) -> "
        f"{{{', '.join(sorted(place.own))}}} that makes a row of that workspace"
    )


def test_no_example_is_left_over() -> None:
    assert set(EXAMPLES) <= {place.name for place in PLACES}


@each([place for place in GUARDED if place.access != "public"])
def test_nobody_comes_in_without_signing_in(place: Place, workspace: Workspace) -> None:
    url = address(place, workspace)
    for method in METHODS:
        response = ask(Client(), method, url)
        if response.status_code in {301, 302}:
            assert response.headers["Location"].startswith(reverse("account_login")), method
        else:
            assert response.status_code in CLOSED, method


@each(OF_WORKSPACE)
def test_each_role_opens_what_it_may(place: Place, workspace: Workspace, client_for: Callable[..., Client]) -> None:
    url = address(place, workspace)
    for role in Role.values:
        answers = status_of(client_for(role), url)
        if place.needs <= PERMISSIONS[role]:
            assert 403 not in answers.values(), (role, answers)
            assert set(answers.values()) != {405}, role
        else:
            assert set(answers.values()) <= {403, 405}, (role, answers)
            assert 403 in answers.values(), role


@each(OF_WORKSPACE)
def test_another_workspace_is_not_there(
    place: Place, workspace: Workspace, other_workspace: Workspace, client_for: Callable[..., Client]
) -> None:
    answers = status_of(client_for(Role.OWNER), address(place, other_workspace))
    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values()


@each(WITH_ROW)
def test_a_row_of_another_workspace_is_not_there(
    place: Place, workspace: Workspace, other_workspace: Workspace, client_for: Callable[..., Client]
) -> None:
    answers = status_of(client_for(Role.OWNER), address(place, workspace, row_of=other_workspace))
    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values()


@each(WITH_ROW)
def test_an_example_is_really_there(place: Place, workspace: Workspace, client_for: Callable[..., Client]) -> None:
    """Else a 404 above would prove nothing."""
    answers = status_of(client_for(Role.OWNER), address(place, workspace))
    assert set(answers.values()) - {404, 405} or place.name in NEEDS_MORE_THAN_A_ROW, answers


# Undoing also needs the session that did it: see tests/accounts/test_team_screen.py.
# What is done with a job is named in the body of the request: see tests/engage/outbox/test_screens.py.
NEEDS_MORE_THAN_A_ROW = {"settings:restore_member", "settings:undo_role", "outbox:act"}
