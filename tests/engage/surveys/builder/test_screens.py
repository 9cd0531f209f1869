"""The builder over HTTP: made, changed, undone, translated, checked, opened, versioned, brought in, deleted and brought back."""

import html
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.engage.surveys import actions_builder as actions
from vincle.engage.surveys import formats, library
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Response, Survey, SurveyVersion

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
EVIL = "<script>alert(1)</script>"


def url(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"surveys:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.fixture
def survey(workspace: Workspace, owner: User) -> Survey:
    return actions.create(workspace, owner, "Recommend", library.survey("nps"), template="nps")


def change(client: Client, workspace: Workspace, survey: Survey, **values: Any) -> Survey:
    answer = client.post(url(workspace, "change", survey=survey.pk), values, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return Survey.objects.get(pk=survey.pk)


@pytest.mark.parametrize("key", [*library.READY, ""])
def test_a_survey_is_made_of_a_ready_one(workspace: Workspace, owner: User, client_for: ClientFor, key: str) -> None:
    client = client_for(Role.OWNER)
    assert client.get(url(workspace, "new")).status_code == 200
    answer = client.post(url(workspace, "new"), {"key": key, "language": ["en", "ca"], "name": EVIL})
    made = Survey.objects.of(workspace).get()
    assert answer.headers["Location"] == url(workspace, "edit", survey=made.pk)
    assert made.template == key
    assert made.definition["languages"] == ["en", "ca"]
    for name in ("edit", "translate", "checks", "versions", "exported", "preview"):
        page = client.get(url(workspace, name, survey=made.pk))
        assert page.status_code == 200
        assert EVIL not in page.content.decode()
    for id in ("whole", *(page["id"] for page in made.definition["pages"])):
        assert client.get(url(workspace, "edit", survey=made.pk), {"at": id, "lang": "ca"}).status_code == 200


def _drawn(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind)
    return out.getvalue()


def test_an_answer_gets_a_picture_and_nothing_but_a_picture(workspace: Workspace, survey: Survey, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    id = change(client, workspace, survey, do="add", kind="image_choice", id="p_more").definition["pages"][1]["items"][-1]["id"]

    def chosen(row: Survey) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = row.definition["pages"][1]["items"][-1]["choices"]
        return found

    first = chosen(Survey.objects.get(pk=survey.pk))[0]["id"]

    def given(name: str, content: bytes, kind: str = "image/png") -> str:
        file = SimpleUploadedFile(name, content, kind)
        return str(chosen(change(client, workspace, survey, do="picture", id=id, choice=first, picture=file))[0].get("image", ""))

    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for name, content in (("x.svg", svg), ("x.png", svg), ("x.png", b""), ("x.png", _drawn("PNG")[:60]), ("x.html", b"<b>")):
        assert given(name, content) == "", name
    token = given("../../etc/passwd\x00.png", _drawn("PNG") + b"<script>alert(1)</script>")
    shown = Client().get(reverse("letters_public:picture", kwargs={"token": token}))
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert b"<script>" not in shown.content
    assert token in client.get(url(workspace, "edit", survey=survey.pk), {"at": id}).content.decode()
    assert token in client.get(url(workspace, "preview", survey=survey.pk), {"at": id}).content.decode()
    row = change(client, workspace, survey, do="picture", id=id, choice=first)
    assert not chosen(row)[0].get("image")
    assert client_for(Role.VIEWER).post(url(workspace, "change", survey=survey.pk), {"do": "picture", "id": id}).status_code == 403


@pytest.mark.parametrize("token", ["../../x", "a b", "\u00e0\u00e8\u00ec\u00f2\u00f9\u00e0\u00e8\u00ec", EVIL, "x" * 500])
def test_a_picture_that_is_none_of_ours_is_not_shown(
    workspace: Workspace, owner: User, client_for: ClientFor, token: str
) -> None:
    choices = [{"id": "a", "text": {"en": "A"}, "image": token}, {"id": "b", "text": {"en": "B"}}]
    asked = {"type": "image_choice", "id": "q", "text": {"en": "?"}, "choices": choices}
    told = {"title": {"en": "S"}, "pages": [{"id": "p", "items": [asked]}]}
    row = actions.create(workspace, owner, "Brought", model.load(told))
    page = client_for(Role.OWNER).get(url(workspace, "preview", survey=row.pk))
    assert page.status_code == 200
    assert b"<img" not in page.content


def test_the_preview_leads_as_the_survey_will_and_keeps_nothing(workspace: Workspace, owner: User, client_for: ClientFor) -> None:
    yes = [{"id": "yes", "text": {"en": "Yes"}}, {"id": "no", "text": {"en": "No"}}]
    pages = [
        {"id": "p1", "items": [
            {"type": "single", "id": "q1", "text": {"en": "Happy?"}, "choices": yes, "required": "yes"},
            {"type": "text", "id": "why", "text": {"en": "Why {q1}?"}, "show_if": '{q1} = "no"'}]},
        {"id": "p2", "show_if": '{q1} = "no"', "items": [{"type": "text", "id": "mend", "text": {"en": "You said {q1}, {why}."}}]},
        {"id": "p3", "items": [{"type": "file", "id": "f", "text": {"en": "Photo"}, "required": "yes"}]},
    ]  # fmt: skip
    row = actions.create(workspace, owner, "Led", model.load({"title": {"en": "Led"}, "thanks": {"en": "Bye, {why}"}, "pages": pages}))
    client, there = client_for(Role.VIEWER), url(workspace, "preview", survey=row.pk)

    def fields(page: Any) -> dict[str, str]:
        found = re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)"', page.content.decode())
        return {name: html.unescape(value) for name, value in found}

    first = client.get(there)
    assert 'data-id="why" hidden' in first.content.decode()
    assert 'data-id="why" hidden' not in client.get(there, {"at": "why"}).content.decode(), "what is worked on is seen"
    assert "You said" in client.get(there, {"at": "p2"}).content.decode()
    form = fields(first)
    live = client.post(there, {**form, "q1": "no"}, headers={"X-Live": "1"})
    assert live.json() == {"visible": ["q1", "why"], "saved": False}
    assert client.post(there, form).status_code == 422
    more = client.post(there, {**form, "q1": "no"})
    assert "There is one more thing to ask." in more.content.decode()
    second = client.post(there, {**fields(more), "q1": "no", "why": EVIL})
    assert f"You said No, {html.escape(EVIL)}." in second.content.decode()
    assert EVIL not in second.content.decode()
    back = client.post(there, {**fields(second), "mend": "x", "_go": "back"})
    assert 'value="no" checked' in back.content.decode()
    third = client.post(there, {**fields(back), "q1": "yes", "_go": "on"})
    assert "Photo" in third.content.decode(), "the second page is passed over"
    assert ">Send</button>" in third.content.decode()
    assert "Thank you" in client.post(there, fields(third)).content.decode()
    for wrong in ("{", "[1]", "null", '{"q1": {"x": 1}, "nobody": 1, "q1.other": 3}', "[" * 90_000, '"x"', "1e999"):
        assert client.post(there, {**form, "_a": wrong, "q1": "yes"}).status_code == 200
    assert client.post(there, {"_page": "nobody"}).status_code == 422
    assert not Response.objects.exists()
    assert Survey.objects.get(pk=row.pk).revision == row.revision


def test_every_kind_can_be_added_and_set(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    from vincle.engage.surveys.kinds import KINDS

    client = client_for(Role.OWNER)
    for kind in KINDS:
        row = change(client, workspace, survey, do="add", kind=kind, id="p_more")
        id = row.definition["pages"][1]["items"][-1]["id"]
        page = client.get(url(workspace, "edit", survey=survey.pk), {"at": id})
        assert page.status_code == 200
        change(client, workspace, survey, do="set", id=id, has="text help", text=f"What of {kind}?", help=EVIL)
        assert client.get(url(workspace, "preview", survey=survey.pk), {"at": id}).status_code == 200
    items = {item["id"]: item for item in Survey.objects.get(pk=survey.pk).definition["pages"][1]["items"]}
    assert {item["type"] for item in items.values()} == set(KINDS)


def test_choices_keep_their_ids_and_conditions_follow_a_new_name(
    workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor
) -> None:
    client = client_for(Role.OWNER)
    row = change(
        client,
        workspace,
        survey,
        do="set",
        id="about",
        has="choices choices.is_other",
        **{"choices": "Price\nQuality\nColour", "choices.is_other": "price"},
    )
    about = model.find(model.load(row.definition), "about")
    assert about is not None
    choices = about[1].choices  # type: ignore[union-attr]
    assert [(each.id, each.is_other) for each in choices] == [("price", True), ("quality", False), ("Colour", False)]
    assert choices[0].text["es"] == "Precio"
    row = change(client, workspace, survey, do="rename", id="recommend", to="score")
    assert row.definition["pages"][1]["items"][0]["show_if"] == "{score} <= 6"
    row = change(client, workspace, survey, do="rename", id="score", to="no good")
    assert row.definition["pages"][0]["items"][0]["id"] == "score"


def test_deeds_are_taken_back_one_by_one(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    client, before = client_for(Role.OWNER), survey.definition
    for values in ({"do": "move", "id": "reason", "by": "-1"}, {"do": "double", "id": "recommend"}, {"do": "remove", "id": "about"},
        {"do": "add_page", "id": "p_more"},
                   {"do": "carry", "id": "reason", "before": "p_more"}, {"do": "turn", "id": "reason", "kind": "text"}):  # fmt: skip
        change(client, workspace, survey, **values)
    row = Survey.objects.get(pk=survey.pk)
    assert row.revision == 6
    assert [page["id"] for page in row.definition["pages"]] == ["p_score", "p_more", "p1"]
    for _each in range(6):
        row = change(client, workspace, survey, do="undo", id="whole")
    assert row.definition == before
    assert change(client, workspace, survey, do="redo", id="whole").definition != before
    assert change(client, workspace, survey, do="remove", id="gone").revision == 13


def test_two_who_change_at_once_both_keep_what_they_did(workspace: Workspace, owner: User, survey: Survey) -> None:
    actions.change(survey, owner, lambda draft: {**draft, "title": {"en": "A"}})
    row = actions.change(survey, owner, lambda draft: {**draft, "thanks": {"en": "B"}})
    assert row.definition["title"] == {"en": "A"}
    assert row.definition["thanks"] == {"en": "B"}
    with pytest.raises(actions.Changed):
        actions.change(survey, owner, lambda draft: draft, revision=0)
    with pytest.raises(actions.Refused):
        actions.change(survey, owner, lambda draft: {**draft, "pages": [{"id": 3}]})


def test_texts_are_translated(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    change(client, workspace, survey, do="add_language", code="fr", id="whole")
    page = client.get(url(workspace, "translate", survey=survey.pk), {"lang": "fr", "only": "missing"})
    assert "texts are missing" in page.content.decode()
    told = {"lang": "fr", "t:pages/p_score/items/recommend/text": "Nous recommanderiez-vous ?", "t:pages/nowhere/text": "x"}
    answer = client.post(url(workspace, "translate", survey=survey.pk), told, headers={"HX-Request": "true"})
    assert "missing" in answer.content.decode()
    row = Survey.objects.get(pk=survey.pk)
    assert row.definition["pages"][0]["items"][0]["text"]["fr"] == "Nous recommanderiez-vous ?"
    assert row.definition["pages"][0]["items"][0]["text"]["it"]


def test_opened_paused_closed_and_asked_as_changed(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    client, turn = client_for(Role.OWNER), url(workspace, "turn", survey=survey.pk)
    change(client, workspace, survey, do="set", id="about", has="show_if", show_if="{nobody} = 1")
    assert "nobody" in client.get(url(workspace, "checks", survey=survey.pk)).content.decode()
    client.post(turn, {"do": "open"})
    assert Survey.objects.get(pk=survey.pk).state == "draft"
    change(client, workspace, survey, do="undo", id="whole")
    for do, state in (("open", "open"), ("pause", "paused"), ("resume", "open"), ("close", "closed"), ("resume", "open"), ("open", "open")):
        client.post(turn, {"do": do})
        assert Survey.objects.get(pk=survey.pk).state == state
    assert SurveyVersion.objects.filter(survey=survey).count() == 1
    change(client, workspace, survey, do="set", id="reason", has="text", text="Why?")
    assert "otherwise than what is asked now" in client.get(url(workspace, "edit", survey=survey.pk)).content.decode()
    client.post(turn, {"do": "open", "note": "Shorter"})
    row = Survey.objects.select_related("version").get(pk=survey.pk)
    assert row.version is not None
    assert row.version.number == 2
    assert row.version.note == "Shorter"
    client.post(url(workspace, "act", survey=survey.pk), {"do": "restore", "number": "1"})
    assert Survey.objects.get(pk=survey.pk).definition == survey.definition
    client.post(url(workspace, "act", survey=survey.pk), {"do": "rename", "name": "Asked", "has_anonymous": "1", "anonymous": "on"})
    assert not Survey.objects.get(pk=survey.pk).is_anonymous
    words = set(AuditEntry.objects.filter(workspace=workspace, object_type="survey").values_list("verb", flat=True))
    assert {"created", "opened", "paused", "resumed", "closed"} <= words


def test_who_may_what(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    viewer = client_for(Role.VIEWER)
    assert viewer.get(url(workspace, "edit", survey=survey.pk)).status_code == 200
    for name in ("change", "act", "turn", "delete"):
        assert viewer.post(url(workspace, name, survey=survey.pk), {"do": "undo"}).status_code in (403, 404)


def test_deleted_and_brought_back(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    client.post(url(workspace, "delete", survey=survey.pk))
    assert client.get(url(workspace, "edit", survey=survey.pk)).status_code == 404
    assert "Recommend" not in client.get(url(workspace, "list")).content.decode().split('id="toasts"')[0]
    client.post(url(workspace, "undelete", survey=survey.pk))
    assert client.get(url(workspace, "edit", survey=survey.pk)).status_code == 200
    client.post(url(workspace, "act", survey=survey.pk), {"do": "copy"})
    assert Survey.objects.of(workspace).filter(name="Recommend (copy)").exists()


def test_a_file_is_brought_in_and_taken_out(workspace: Workspace, owner: User, survey: Survey, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    text = f'"survey",,\n,"type","name","label"\n,"text","a","{EVIL}"\n,"geopoint","b","Where"\n'
    answer = client.post(url(workspace, "bring"), {"file": SimpleUploadedFile("f.csv", text.encode())}, follow=True)
    page = answer.content.decode()
    assert "there is no such kind of question here" in page
    assert EVIL not in page
    for name, content in (
        ("x.lss", b'<!DOCTYPE a [<!ENTITY b "c">]><document><LimeSurveyDocType>Survey'),
        ("x.csv", b"a,b"),
        ("x.bin", b"\x00"),
    ):
        assert client.post(url(workspace, "bring"), {"file": SimpleUploadedFile(name, content)}).status_code == 422
    assert client.post(url(workspace, "bring")).status_code == 422
    for key in formats.FORMATS:
        answer = client.get(url(workspace, "export", survey=survey.pk, key=key))
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get(url(workspace, "export", survey=survey.pk, key="exe")).status_code == 404


def test_the_list_asks_the_database_no_more_for_many(
    workspace: Workspace, owner: User, client_for: ClientFor, django_assert_max_num_queries: Any
) -> None:
    client = client_for(Role.OWNER)
    for n in range(12):
        actions.create(workspace, owner, f"=S{n}", library.survey("ces"))
    client.get(url(workspace, "list"))
    with django_assert_max_num_queries(12):
        page = client.get(url(workspace, "list"))
    assert page.content.decode().count("=S1") >= 1
    lines = b"".join(client.get(url(workspace, "list"), {"format": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=S1" in lines
