"""Who a program speaks for: the key of a request, and what it opens. The API's views are wrapped by `by_key`, as pages are by `allow`."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from . import audit
from .access import PERMISSIONS, May, View
from .models import ApiKey, Membership, User, Workspace

PREFIX = "vk_"
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_LONGEST = 200


class Keyed(NamedTuple):
    """How a view says that it is opened by a key that may do all of `needs`."""

    needs: frozenset[May]


class NoKey(Exception):
    """The request carries no key that opens anything. `code`: no_key, unknown_key, revoked_key, expired_key, ownerless_key."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Caller(NamedTuple):
    """A key with whom it speaks for and what it may now."""

    key: ApiKey
    workspace: Workspace
    user: User
    permissions: frozenset[May]


if TYPE_CHECKING:

    class KeyRequest(HttpRequest):
        """A request that passed `by_key`."""

        caller: Caller
else:
    KeyRequest = HttpRequest


def digest(token: str) -> str:
    """What is kept of a key: HMAC-SHA256 under the installation's secret, so that a copy of the database opens nothing."""
    return salted_hmac("vincle.api-key", token, algorithm="sha256").hexdigest()


def bearer(request: HttpRequest) -> str:
    """The key of `Authorization: Bearer vk_...`; "" when there is none."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token[:_LONGEST] if scheme.lower() == "bearer" else ""


def find(token: str) -> Caller:
    """The caller behind a key. Raises NoKey."""
    if not token:
        raise NoKey("no_key")
    key = ApiKey.objects.select_related("workspace", "created_by").filter(digest=digest(token)).first()
    if key is None:
        raise NoKey("unknown_key")
    if key.revoked_at:
        raise NoKey("revoked_key")
    if key.is_late:
        raise NoKey("expired_key")
    permissions = permissions_now(key)
    if not permissions:
        raise NoKey("ownerless_key")
    return Caller(key, key.workspace, key.created_by, permissions)


def permissions_now(key: ApiKey) -> frozenset[May]:
    """What a key may today: what it was given, as far as its maker may it still. Nothing once they left the team."""
    if key.created_by is None or not key.created_by.is_active:
        return frozenset()
    role = Membership.objects.of(key.workspace_id).filter(user=key.created_by).values_list("role", flat=True).first()
    return frozenset({May(each) for each in key.permissions} & PERMISSIONS[role]) if role else frozenset()


def _note_use(key: ApiKey) -> None:
    """Once a minute: answering must not cost a write each time."""
    due = Q(last_used_at=None) | Q(last_used_at__lt=now() - USE_IS_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < now() - USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=now())


def by_key(*what: May) -> Callable[[View], View]:
    """Only requests with a key that may do all of `what`: NoKey and PermissionDenied are for whoever wraps this to put into words.

    The request then carries `.caller`; the audit log says whose key it was.
    """
    needed = frozenset(what)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.caller = caller = find(bearer(request))
            if not needed <= caller.permissions:
                raise PermissionDenied(", ".join(sorted(needed - caller.permissions)))
            _note_use(caller.key)
            with audit.speaking(f"{caller.user.email}, {caller.key.name}"):
                return view(request, *args, **kwargs)

        guarded.access = Keyed(needed)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate
