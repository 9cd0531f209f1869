"""The guards themselves: functions, class-based views, htmx."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views import View

from vincle.accounts.access import PERMISSIONS, May, allow, may, public, signed_in
from vincle.accounts.models import Role, User, Workspace


class Page(View):
    def get(self, request: Any, **values: Any) -> HttpResponse:
        return HttpResponse(f"{request.workspace.slug} {request.membership.role} {values}")


def page(request: Any, **values: Any) -> HttpResponse:
    return HttpResponse(f"{request.workspace.slug} {request.membership.role} {values}")


def ask(user: Any, **headers: str) -> HttpRequest:
    request = RequestFactory(headers=headers).get("/w/cafe-lligam/people/")
    request.user = user
    return request


@pytest.mark.parametrize("view", [page, Page.as_view()], ids=["function", "class"])
class TestAllow:
    def test_lets_in_and_tells_the_view(self, view: Any, member: Callable[..., User], workspace: Workspace) -> None:
        guarded = allow(May.SEE)(view)
        assert guarded.access == {May.SEE}
        response = guarded(ask(member(Role.AGENT)), workspace=workspace.slug, person=3)
        assert response.content.decode() == "cafe-lligam agent {'person': 3}"

    def test_needs_everything_that_is_asked(self, view: Any, member: Callable[..., User], workspace: Workspace) -> None:
        guarded = allow(May.MANAGE, May.EXPORT)(view)
        assert guarded(ask(member(Role.ADMIN)), workspace=workspace.slug).status_code == 200
        with pytest.raises(PermissionDenied):
            guarded(ask(member(Role.ANALYST)), workspace=workspace.slug)

    def test_a_stranger_finds_nothing(
        self, view: Any, member: Callable[..., User], workspace: Workspace, other_workspace: Workspace
    ) -> None:
        with pytest.raises(Http404):
            allow(May.SEE)(view)(ask(member(Role.OWNER, other_workspace)), workspace=workspace.slug)

    def test_part_of_a_page_takes_its_page_to_sign_in(self, view: Any, workspace: Workspace) -> None:
        nobody = SimpleNamespace(is_authenticated=False)
        headers = {"HX-Request": "true", "HX-Current-URL": "https://crm.example.org/w/cafe-lligam/?day=3"}
        for guarded in (allow(May.SEE)(view), signed_in(view)):
            response = guarded(ask(nobody, **headers), workspace=workspace.slug)
            assert response.status_code == 401
            assert response.headers["HX-Redirect"] == "/accounts/login/?next=/w/cafe-lligam/%3Fday%3D3"


def test_public_is_said() -> None:
    assert public(lambda request: HttpResponse()).access == "public"  # type: ignore[attr-defined]


def test_roles() -> None:
    assert set(PERMISSIONS) == set(Role.values)
    assert [role for role in Role.values if may(role, May.OWN)] == ["owner"]
    assert [role for role in Role.values if may(role, May.EXPORT)] == ["owner", "admin", "analyst"]
    assert all(may(role, May.SEE) for role in Role.values)
