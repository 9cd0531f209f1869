"""What every template knows of the shell around it. Reads only attributes of the request."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_info

from . import nav as places

THEMES = ("auto", "light", "dark")


def theme_of(request: Any) -> str:
    """The signed-in user's theme, else the one kept on this device, else the device's own."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "theme", None) if user is not None and user.is_authenticated else request.COOKIES.get("theme")
    return chosen if chosen in THEMES else "auto"


def _workspaces(request: Any) -> list[Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(user, "memberships"):
        return []
    return [membership.workspace for membership in user.memberships.select_related("workspace").order_by("workspace__name")]


class Shell:
    """Read lazily by templates, once a page: a fragment for htmx costs nothing, a badge is counted once."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self.workspace = getattr(request, "workspace", None)

    @property
    def language_names(self) -> list[tuple[str, str]]:
        """Languages by code, each called as its own speakers call it."""
        return [(code, get_language_info(code)["name_local"].capitalize()) for code, _ in settings.LANGUAGES]

    @property
    def theme(self) -> str:
        return theme_of(self._request)

    @cached_property
    def nav(self) -> list[places.Link]:
        return places.links(self._request)

    @cached_property
    def settings(self) -> list[places.Link]:
        return places.settings_links(self._request)

    @cached_property
    def in_settings(self) -> bool:
        """The page is one of the settings, and not of a place in the rail."""
        path = self._request.path
        return any(path.startswith(link.url) for link in self.settings) and not any(link.active for link in self.nav)

    @cached_property
    def account(self) -> list[places.Link]:
        return places.account_links(self._request)

    @cached_property
    def search_url(self) -> str | None:
        return places.search_url(self._request)

    @property
    def search_label(self) -> Any:
        return places.search_label()

    @cached_property
    def bell(self) -> places.Link | None:
        return places.bell(self._request)

    @cached_property
    def workspaces(self) -> list[tuple[Any, str]]:
        """Workspaces of the user with the address where each begins."""
        return [(workspace, places.home_url(workspace.slug)) for workspace in _workspaces(self._request)]


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
