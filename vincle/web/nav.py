"""What the shell leads to. Each stage registers its own places in `AppConfig.ready`; the shell knows none of them.

from vincle.web import nav
nav.register(nav.Item("people", _("People"), "users", "organise:people", order=30, badge=waiting))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

Badge = Callable[[Any], int | None]
WHAT_IS_FOUND = _("Find people, e-mails, user names")


@dataclass(frozen=True)
class Item:
    """One place. `label` is lazily translated, `icon` a name of scripts/icons.txt, `may` the permission its page asks for.

    `url_name` is reversed with the workspace's short name. `badge(request)` is what waits there; None or 0 shows nothing.
    `namespaces` are URL namespaces whose pages light this item up; empty: the namespace of `url_name`. `also`: names of further addresses
    below which this item is lit.
    """

    key: str
    label: Any
    icon: str
    url_name: str
    order: int
    may: str = "see"
    badge: Badge | None = None
    namespaces: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def spaces(self) -> tuple[str, ...]:
        return self.namespaces or (self.url_name.rpartition(":")[0],)


@dataclass(frozen=True)
class Link:
    """An item as one request sees it."""

    key: str
    label: Any
    icon: str
    url: str
    active: bool
    badge: int | None


_items: dict[str, Item] = {}
_settings: dict[str, Item] = {}
_account: dict[str, Item] = {}
_search: list[tuple[str, Any]] = []
_bell: list[tuple[str, Badge]] = []


def register(item: Item) -> None:
    """A place of the left rail (bottom bar on a phone). Registering a key again replaces it."""
    _items[item.key] = item


def register_settings(item: Item) -> None:
    """A tab of the workspace's settings."""
    _settings[item.key] = item


def register_account(item: Item) -> None:
    """An entry of the user's own menu; its `url_name` needs no workspace."""
    _account[item.key] = item


def register_search(url_name: str, label: Any = WHAT_IS_FOUND) -> None:
    """Who answers the global search, a GET with `q`, and what can be found there.

    For htmx (`HX-Request`) it returns only the rows of web/search_results.html.
    """
    _search[:] = [(url_name, label)]


def register_bell(url_name: str, count: Badge) -> None:
    """What the bell leads to and how much is new there. Without it no bell is shown.

    Asked by htmx with `bell` in its query, that page answers with web/parts/bell.html alone (its `bell`: `nav.bell(request)`).
    """
    _bell[:] = [(url_name, count)]


def links(request: Any) -> list[Link]:
    """The places of the rail this request's user may open, in order."""
    return _links(request, _items)


def settings_links(request: Any) -> list[Link]:
    """The tabs of the settings this request's user may open, in order."""
    return _links(request, _settings)


def account_links(request: Any) -> list[Link]:
    """The entries of the user's own menu, in order."""
    found = [(item, reverse(item.url_name)) for item in sorted(_account.values(), key=lambda item: item.order)]
    return [Link(item.key, item.label, item.icon, url, request.path == url, None) for item, url in found]


def search_url(request: Any) -> str | None:
    return _url(request, _search[0][0]) if _search else None


def search_label() -> Any:
    return _search[0][1] if _search else ""


def bell(request: Any) -> Link | None:
    if not _bell or (url := _url(request, _bell[0][0])) is None:
        return None
    return Link("bell", "", "bell", url, False, _bell[0][1](request))


def _url(request: Any, url_name: str) -> str | None:
    workspace = getattr(request, "workspace", None)
    return reverse(url_name, kwargs={"workspace": workspace.slug}) if workspace is not None else None


def _links(request: Any, items: dict[str, Item]) -> list[Link]:
    allowed = getattr(request, "may", None)
    if allowed is None or getattr(request, "workspace", None) is None:
        return []
    shown = [
        (item, _url(request, item.url_name) or "") for item in sorted(items.values(), key=lambda item: item.order) if allowed(item.may)
    ]
    active = _active(request, shown)
    return [
        Link(item.key, item.label, item.icon, url, item.key == active, item.badge(request) if item.badge else None) for item, url in shown
    ]


def _active(request: Any, shown: list[tuple[Item, str]]) -> str | None:
    """The item whose namespace the page is in; of several, the one whose address is the longest beginning of the page's."""
    match = getattr(request, "resolver_match", None)
    namespace = match.namespace if match else ""
    places = [(item, place) for item, url in shown for place in (url, *(_url(request, each) or url for each in item.also))]
    near = [(len(place) if request.path.startswith(place) else 0, item.key) for item, place in places if namespace in item.spaces]
    return max(near)[1] if near else None


def home_url(slug: str) -> str:
    """Where a workspace begins: its first place, or the site's root while there is none."""
    for item in sorted(_items.values(), key=lambda item: item.order):
        try:
            return reverse(item.url_name, kwargs={"workspace": slug})
        except NoReverseMatch:
            continue
    return "/"
