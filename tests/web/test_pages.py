"""Pages of the shell: security headers, errors, language, theme, manifest, sign-in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from vincle.web import views
from vincle.web.signals import preference_chosen

INLINE = re.compile(r"""<style|\sstyle=|\son\w+=["']|<script(?![^>]*\bsrc=)(?![^>]*type="application/json")""", re.I)
ENTRANCES = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/password/reset/key/1-abc/"]


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/manifest.webmanifest")["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "connect-src 'self'",
    ):
        assert part in policy.split("; ")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ENTRANCES)
def test_entrances_obey_the_policy(client: Client, owner: Any, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert not INLINE.search(text)
    assert text.count("<h1>") == 1


@pytest.mark.django_db
def test_sign_in_says_what_is_wrong_and_goes_where_one_wanted(client: Client, owner: Any) -> None:
    wrong = client.post("/accounts/login/", {"login": owner.email, "password": "wrong"})
    assert 'role="alert"' in wrong.content.decode()
    page = client.get("/accounts/login/?next=/profile/").content.decode()
    assert page.count('value="/profile/"') >= 1
    right = client.post("/accounts/login/", {"login": owner.email, "password": "correct horse battery", "next": "/profile/"})
    assert right.status_code == 302
    assert right["Location"] == "/profile/"


@pytest.mark.parametrize(
    ("view", "status"), [(views.bad_request, 400), (views.forbidden, 403), (views.not_found, 404)]
)
def test_error_pages(rf: RequestFactory, view: Callable[[HttpRequest], Any], status: int) -> None:
    answer = view(rf.get("/x/"))
    text = answer.content.decode()
    assert answer.status_code == status
    assert "<h1>" in text
    assert not INLINE.search(text)


def test_failure_page_needs_no_database_and_no_session(rf: RequestFactory) -> None:
    def refuse(*_args: Any) -> None:
        raise AssertionError("the failure page asked the database")

    request = rf.get("/x/")
    request.COOKIES["theme"] = "dark"
    with connection.execute_wrapper(refuse):
        answer = views.server_error(request)
    assert answer.status_code == 500
    assert 'data-theme="dark"' in answer.content.decode()
    assert not INLINE.search(answer.content.decode())


def test_unknown_address_is_answered_by_our_page(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_page_that_was_open_too_long(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()
    assert not INLINE.search(answer.content.decode())


def test_language_is_chosen_and_kept(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "ca", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert client.get("/manifest.webmanifest").json()["lang"] == "ca"


def test_language_of_the_browser(client: Client) -> None:
    assert client.get("/manifest.webmanifest", headers={"accept-language": "it-IT,it;q=0.9,en;q=0.5"}).json()["lang"] == "it"
    assert client.get("/manifest.webmanifest", headers={"accept-language": "xx"}).json()["lang"] == "en"


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_choice_leads_to_no_other_site(client: Client, url: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": url})["Location"] == "/"


@pytest.mark.parametrize(("path", "name"), [("/theme/", "theme"), ("/language/", "language")])
def test_unknown_choice(client: Client, path: str, name: str) -> None:
    assert client.post(path, {name: "no such"}).status_code == 400
    assert client.get(path).status_code == 405


def test_theme_of_a_visitor(client: Client, owner: Any) -> None:
    assert 'data-theme="auto"' in client.get("/accounts/login/").content.decode()
    assert client.post("/theme/", {"theme": "dark"}, headers={"x-requested-with": "fetch"}).status_code == 204
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    client.cookies["theme"] = "'><script>"
    assert 'data-theme="auto"' in client.get("/accounts/login/").content.decode()


def test_choices_are_announced(client: Client, db: None) -> None:
    heard: list[tuple[str, str]] = []

    def hear(sender: Any, name: str, value: str, **_more: Any) -> None:
        heard.append((name, value))

    preference_chosen.connect(hear)
    try:
        client.post("/theme/", {"theme": "light"})
        client.post("/language/", {"language": "es"})
    finally:
        preference_chosen.disconnect(hear)
    assert heard == [("theme", "light"), ("language", "es")]


def test_manifest_names_an_icon_that_is_served(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert client.get(manifest.json()["icons"][0]["src"]).status_code == 200
    assert client.get("/favicon.ico").status_code == 302


@override_settings(DEBUG=False)
def test_gallery_is_closed_in_production(client: Client, db: None) -> None:
    assert client.get("/gallery/").status_code == 404


@override_settings(DEBUG=True)
def test_gallery_shows_everything_without_anything_inline(client: Client, db: None) -> None:
    answer = client.get("/gallery/?channel=instagram&sort=-value")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not INLINE.search(text)
    for part in (
        "data-chart",
        "chip-set on",
        'aria-sort="descending"',
        "<progress",
        "<dialog",
        "data-bulk",
        "timeline",
        "empty",
        "data-tags",
    ):
        assert part in text
    identifiers = re.findall(r'\sid="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_root_template_has_no_unfilled_title() -> None:
    assert "<title>Not found · Vincle</title>" in render_to_string("web/errors/404.html", {})
