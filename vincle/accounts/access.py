"""The only permission check. Every view is wrapped by exactly one of `allow`, `signed_in`, `public`, or `by_key` of by_key.py."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from .models import Membership, Role, User, Workspace

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class May(StrEnum):
    """What someone may do in a workspace."""

    SEE = "see"
    EXPORT = "export"
    EDIT_PEOPLE = "edit people"
    ANSWER = "answer"
    SPEAK = "speak"
    APPROVE = "approve"
    DECIDE_IDENTITY = "decide identity"
    IMPORT = "import"
    MANAGE = "manage"
    OWN = "own"


_VIEWER = frozenset({May.SEE})
_ANALYST = _VIEWER | {May.EXPORT}
_AGENT = _VIEWER | {May.EDIT_PEOPLE, May.ANSWER, May.SPEAK, May.DECIDE_IDENTITY}
_ADMIN = frozenset(May) - {May.OWN}
PERMISSIONS: dict[str, frozenset[May]] = {
    Role.VIEWER: _VIEWER,
    Role.ANALYST: _ANALYST,
    Role.AGENT: _AGENT,
    Role.ADMIN: _ADMIN,
    Role.OWNER: frozenset(May),
}


if TYPE_CHECKING:

    class UserRequest(HttpRequest):
        """A request that passed `signed_in`."""

        user: User

    class WorkspaceRequest(UserRequest):
        """A request that passed `allow`: it knows its workspace and what its user may do there."""

        workspace: Workspace
        membership: Membership
        may: Callable[[May], bool]
else:
    UserRequest = WorkspaceRequest = HttpRequest


def may(role: str, what: May) -> bool:
    return what in PERMISSIONS[role]


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page and back; a part of a page asked by htmx takes its whole page along."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    login = redirect_to_login(page._replace(scheme="", netloc="").geturl())
    return HttpResponse(status=401, headers={"HX-Redirect": login["Location"]})


def _enter(request: Any, slug: str) -> None:
    membership = Membership.objects.select_related("workspace").filter(user=request.user, workspace__slug=slug).first()
    if membership is None:
        raise Http404("no such workspace")
    membership.user = request.user
    request.membership, request.workspace = membership, membership.workspace
    request.may = lambda what: may(membership.role, what)
    if not request.user.timezone:
        timezone.activate(membership.workspace.timezone)


def allow(*what: May) -> Callable[[View], View]:
    """Only members of the workspace in the address whose role permits all of `what`; others see 404 (no member) or 403 (role).

    Wraps functions and the result of `as_view()`. The wrapper says what it asks for as `.access`: a frozenset of `May`.
    """
    needed = frozenset(what)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, workspace: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in(request)
            _enter(request, workspace)
            if not all(request.may(each) for each in needed):
                raise PermissionDenied(", ".join(sorted(needed)))
            return view(request, *args, **kwargs)

        guarded.access = needed  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def signed_in(view: View) -> View:
    """Anyone with an account."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        return view(request, *args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def public(view: View) -> View:
    """Everyone, on purpose."""
    view.access = "public"  # type: ignore[attr-defined]
    return view
