"""The only permission check. Every view is wrapped by exactly one of `allow`, `signed_in`, `public`."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from .models import Membership, Role, User, Workspace

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class May(StrEnum):
    """What someone may do in a workspace."""

    SEE = "see"
    EXPORT = "export"
    EDIT_PEOPLE = "edit people"
    DECIDE_IDENTITY = "decide identity"
    IMPORT = "import"
    MANAGE = "manage"
    OWN = "own"


_VIEWER = frozenset({May.SEE})
_ANALYST = _VIEWER | {May.EXPORT}
_AGENT = _VIEWER | {May.EDIT_PEOPLE, May.DECIDE_IDENTITY}
_ADMIN = frozenset(May) - {May.OWN}
PERMISSIONS: dict[str, frozenset[May]] = {
    Role.VIEWER: _VIEWER, Role.ANALYST: _ANALYST, Role.AGENT: _AGENT, Role.ADMIN: _ADMIN, Role.OWNER: frozenset(May),
}


class WorkspaceRequest(HttpRequest):
    """A request that passed `allow`: it knows its workspace and what its user may do there."""

    user: User
    workspace: Workspace
    membership: Membership

    def may(self, what: May) -> bool: ...


def may(role: str, what: May) -> bool:
    return what in PERMISSIONS[role]


def _enter(request: Any, slug: str) -> None:
    membership = Membership.objects.select_related("workspace").filter(user=request.user, workspace__slug=slug).first()
    if membership is None:
        raise Http404("no such workspace")
    membership.user = request.user
    request.membership, request.workspace = membership, membership.workspace
    request.may = lambda what: may(membership.role, what)


def allow(what: May) -> Callable[[View], View]:
    """Only members of the workspace in the address whose role permits `what`; others see 404 (no member) or 403 (role)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, workspace: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            _enter(request, workspace)
            if not request.may(what):
                raise PermissionDenied(what)
            return view(request, *args, **kwargs)

        guarded.access = what  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def signed_in(view: View) -> View:
    """Anyone with an account."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def public(view: View) -> View:
    """Everyone, on purpose."""
    view.access = "public"  # type: ignore[attr-defined]
    return view
