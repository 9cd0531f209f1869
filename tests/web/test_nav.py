"""The registry of places: order, permission, badge, and which one is lit."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import NoReverseMatch

from vincle.web import nav
from vincle.web.context import shell, theme_of


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_items", "_settings", "_account"):
        monkeypatch.setattr(nav, name, {})
    for name in ("_search", "_bell"):
        monkeypatch.setattr(nav, name, [])


def request(path: str = "/w/cafe/settings/team/", namespace: str = "settings", may: tuple[str, ...] = ("see",)) -> Any:
    return SimpleNamespace(
        path=path, workspace=SimpleNamespace(slug="cafe"), resolver_match=SimpleNamespace(namespace=namespace), may=lambda what: what in may
    )


def item(key: str, url_name: str = "settings:team", order: int = 1, **more: Any) -> nav.Item:
    return nav.Item(key, key.title(), "users", url_name, order, **more)


def test_order_permission_and_badge() -> None:
    nav.register(item("late", order=9, badge=lambda _request: 3))
    nav.register(item("early", order=1))
    nav.register(item("secret", order=5, may="own"))
    links = nav.links(request())
    assert [(link.key, link.url, link.badge) for link in links] == [
        ("early", "/w/cafe/settings/team/", None),
        ("late", "/w/cafe/settings/team/", 3),
    ]
    assert [link.key for link in nav.links(request(may=("see", "own")))] == ["early", "secret", "late"]


def test_the_longest_address_of_the_namespace_is_lit() -> None:
    nav.register_settings(item("workspace", "settings:workspace"))
    nav.register_settings(item("team", "settings:team", 2))
    assert [link.key for link in nav.settings_links(request()) if link.active] == ["team"]
    assert [link.key for link in nav.settings_links(request(path="/w/cafe/settings/")) if link.active] == ["workspace"]
    assert [link.key for link in nav.settings_links(request(namespace="organise", path="/w/cafe/people/")) if link.active] == []


def test_namespaces_can_be_named() -> None:
    nav.register(item("people", "settings:team", namespaces=("identify",)))
    assert nav.links(request(namespace="identify", path="/w/cafe/identity/"))[0].active


def test_nothing_outside_a_workspace() -> None:
    nav.register(item("team"))
    nav.register_search("settings:team")
    outside = SimpleNamespace(path="/", user=None)
    assert nav.links(outside) == []
    assert nav.search_url(outside) is None
    assert nav.bell(outside) is None


def test_search_and_bell() -> None:
    assert nav.search_url(request()) is None
    nav.register_search("settings:team")
    nav.register_bell("settings:audit", lambda _request: 2)
    bell = nav.bell(request())
    assert nav.search_url(request()) == "/w/cafe/settings/team/"
    assert bell is not None
    assert (bell.url, bell.badge) == ("/w/cafe/settings/audit/", 2)


def test_an_address_that_does_not_exist_is_an_error() -> None:
    nav.register(item("wrong", "settings:no_such_page"))
    with pytest.raises(NoReverseMatch):
        nav.links(request())
    assert nav.home_url("cafe") == "/"


def test_a_page_counts_each_badge_once_and_a_fragment_never() -> None:
    calls: list[int] = []
    nav.register(item("team", badge=lambda _request: calls.append(1) or 3))
    around = shell(request())["shell"]
    assert calls == []
    assert [around.nav[0].badge, around.nav[0].badge, around.in_settings] == [3, 3, False]
    assert calls == [1]


def test_theme_of_the_profile_wins_over_the_device() -> None:
    user = SimpleNamespace(is_authenticated=True, theme="light")
    assert theme_of(SimpleNamespace(user=user, COOKIES={"theme": "dark"})) == "light"
    assert theme_of(SimpleNamespace(user=SimpleNamespace(is_authenticated=False), COOKIES={"theme": "dark"})) == "dark"
    assert theme_of(SimpleNamespace(COOKIES={"theme": "purple"})) == "auto"
