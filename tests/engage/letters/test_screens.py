"""The screens of letters, and what is sent to them by those who mean no good."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.engage.letters.access_examples import shown
from vincle.accounts.models import Role, Workspace
from vincle.engage.letters.models import Brand, Letter, Picture

ClientFor = Callable[..., Client]
EVIL = '<p onclick="x()">Hi<script>alert(1)</script><img src=x onerror=x()><a href="javascript:x()">a</a></p>'


def at(name: str, workspace: Workspace, **more: Any) -> str:
    return reverse(f"letters:{name}", kwargs={"workspace": workspace.slug, **more})


def post(client: Client, url: str, told: Any) -> Any:
    return client.post(url, json.dumps(told), content_type="application/json")


def test_from_nothing_to_the_editor(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.AGENT)
    assert "Write the first letter" in client.get(at("list", workspace)).content.decode()
    answer = client.post(at("new", workspace), {"template": "winback", "language": ["ca", "it"]})
    row = Letter.objects.of(workspace).get()
    assert answer["Location"] == at("edit", workspace, letter=row.pk)
    assert set(row.draft) == {"ca", "it"}
    page = client.get(answer["Location"])
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "We miss you" in client.get(at("list", workspace)).content.decode()


def test_saving_and_who_was_quicker(workspace: Workspace, client_for: ClientFor, greeting: Letter) -> None:
    client, url = client_for(Role.AGENT), at("save", workspace, letter=greeting.pk)
    told = {"draft": {"en": {"subject": "Hi"}}, "revision": 1, "name": "News", "language": "en"}
    assert post(client, url, told).json()["revision"] == 2
    late = post(client, url, told)
    assert (late.status_code, late.json()["revision"]) == (409, 2)
    for broken in (b"", b"{", b"[1]", b"\xff\xfe", b'{"draft": ' + b"[" * 2000):
        assert client.post(url, broken, content_type="application/json").status_code == 422


def test_what_runs_is_taken_out(workspace: Workspace, client_for: ClientFor, greeting: Letter) -> None:
    content = {
        "subject": "x",
        "blocks": [{"kind": "text", "html": EVIL}, {"kind": "html", "html": EVIL}, {"kind": "button", "url": "javascript:x()"}],
    }
    found = post(client_for(Role.AGENT), at("preview", workspace, letter=greeting.pk), {"content": content, "language": "en"}).json()
    assert not found["problem"]
    for bad in ("<script", "onclick", "onerror", "javascript:"):
        assert bad not in found["html"]


def test_a_preview_tells_what_is_the_matter(workspace: Workspace, client_for: ClientFor, greeting: Letter, someone: Any) -> None:
    client, url = client_for(Role.VIEWER), at("preview", workspace, letter=greeting.pk)
    broken = {"subject": "FREE MONEY NOW!!!", "blocks": [{"id": "abcd", "kind": "text", "html": "{% if %}"}]}
    found = post(client, url, {"content": broken}).json()
    assert {"broken_liquid", "loud", "no_preheader", "no_postal_address"} <= {each["code"] for each in found["checks"]}
    assert next(each for each in found["checks"] if each["code"] == "broken_liquid")["block"] == "abcd"
    assert found["problem"]
    someone("ana@example.org", "Ana Torres")
    (ana,) = client.get(at("people", workspace, letter=greeting.pk) + "?q=ana").json()["people"]
    seen = post(client, url, {"content": greeting.draft["en"], "person": ana["pid"]}).json()
    assert "For Ana" in seen["html"]


def test_nobody_of_another_workspace_is_looked_at(
    workspace: Workspace, other_workspace: Workspace, client_for: ClientFor, greeting: Letter, someone: Any
) -> None:
    from vincle.vocabulary import public_id

    theirs = someone("zoe@example.org", "Zoe", other_workspace)
    seen = post(
        client_for(), at("preview", workspace, letter=greeting.pk), {"content": greeting.draft["en"], "person": public_id(theirs)}
    ).json()
    assert "Zoe" not in seen["html"]
    assert client_for().get(at("people", workspace, letter=greeting.pk) + "?q=zoe").json() == {"people": []}


def test_pictures_are_pictures(workspace: Workspace, client_for: ClientFor) -> None:
    client, out = client_for(Role.AGENT), BytesIO()
    Image.new("RGB", (2_000, 100), "teal").save(out, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00")
    for again in range(2):
        out.seek(0)
        out.name = "../../etc/cup.jpg"
        said = client.post(at("add_picture", workspace), {"picture": out}).json()
        assert (said["width"], said["name"]) == (1_200, "cup.jpg"), again
    assert Picture.objects.of(workspace).count() == 1
    answer = client.get(said["url"].partition("8000")[2] or said["url"][said["url"].index("/letter-picture") :])
    assert answer["Content-Type"] == "image/jpeg"
    assert b"Exif" not in answer.content
    for content in (b"", b"<svg onload=x()>", b"\x89PNG\r\n\x1a\n broken", b"GIF89a"):
        file = BytesIO(content)
        file.name = "x.png"
        assert client.post(at("add_picture", workspace), {"picture": file}).status_code == 422


def test_the_brand_is_kept_and_seen(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.AGENT)
    told = {
        "company": "Lligam {{ x }}",
        "accent": "#ffee00",
        "website": "lligam.example",
        "logo": "javascript:x()",
        "place_name": ["M"],
        "place_url": ["https://m.example/@l"],
    }
    assert client.post(at("brand", workspace), told).status_code == 302
    look = Brand.objects.of(workspace).get().look
    assert (look["company"], look["website"], look["logo"], look["places"]) == (
        "Lligam x",
        "https://lligam.example",
        "",
        [["M", "https://m.example/@l"]],
    )
    assert "hard to read" in client.get(at("brand", workspace)).content.decode()
    assert b"Lligam x" in client.get(at("brand_frame", workspace)).content
    assert client_for(Role.VIEWER).post(at("brand", workspace), {"company": "Mine"}).status_code == 302
    assert Brand.objects.of(workspace).get().look["company"] == "Lligam x"


def test_a_letter_in_the_browser(workspace: Workspace) -> None:
    token = shown(workspace)["token"]
    answer = Client().get(reverse("letters_public:view", kwargs={"token": token}))
    assert b"Words" in answer.content
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    for other in (token[:-2] + ("aa" if not token.endswith("aa") else "bb"), "AAAA", "é", token + "A"):
        assert Client().get(reverse("letters_public:view", kwargs={"token": other})).status_code == 404


def test_versions_are_compared_and_gone_back_to(workspace: Workspace, client_for: ClientFor, greeting: Letter) -> None:
    client = client_for(Role.AGENT)
    client.post(at("keep", workspace, letter=greeting.pk), {"note": "first"})
    post(client, at("save", workspace, letter=greeting.pk), {"draft": {"en": {"subject": "Other words"}}, "revision": 1})
    page = client.post(at("keep", workspace, letter=greeting.pk), {"note": "second"}, follow=True).content.decode()
    assert "<ins>Other words</ins>" in page
    client.post(at("restore", workspace, letter=greeting.pk, number=1))
    greeting.refresh_from_db()
    assert greeting.draft["en"]["subject"] == "Hello {{ person.first_name }}"
    client.post(at("act", workspace, letter=greeting.pk), {"do": "away"})
    assert post(client, at("save", workspace, letter=greeting.pk), {"draft": {}, "revision": 3}).status_code == 409


def test_the_list_asks_the_same_however_long_it_is(
    workspace: Workspace, client_for: ClientFor, greeting: Letter, django_assert_max_num_queries: Any
) -> None:
    client = client_for()
    for number in range(15):
        Letter.objects.create(workspace=workspace, name=f"Letter {number}", draft={"en": {"subject": "x"}})
    client.get(at("list", workspace))
    with django_assert_max_num_queries(12):
        assert "16 letters" in client.get(at("list", workspace)).content.decode()


@pytest.mark.parametrize("name", ["edit", "versions"])
def test_a_viewer_looks_and_changes_nothing(workspace: Workspace, client_for: ClientFor, greeting: Letter, name: str) -> None:
    client = client_for(Role.VIEWER)
    assert client.get(at(name, workspace, letter=greeting.pk)).status_code == 200
    assert post(client, at("save", workspace, letter=greeting.pk), {}).status_code == 403
