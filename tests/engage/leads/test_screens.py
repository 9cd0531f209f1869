"""Forms as the team sees them: built, undone, published by who may, put out, looked at; leads handed over; nothing crosses."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.engage.leads import actions, ready_made, spam
from vincle.engage.leads.answers import Given
from vincle.engage.leads.models import CardPhoto, Form, FormVersion, LeadForm, Page, Submission, Upload
from vincle.identify.models import Consent
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
EVIL = "<script>alert(1)</script>"


def url(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"leads:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.fixture
def form(workspace: Workspace, owner: User) -> Form:
    made = actions.create(workspace, owner, Form, "Newsletter", ready_made.newsletter("en"))
    actions.publish(made, owner)
    return Form.objects.select_related("workspace").get(pk=made.pk)


def lead(workspace: Workspace, form: Form | None, native: str, **more: Any) -> Submission:
    return Submission.objects.create(workspace=workspace, form=form, native_id=native, **{"version": 1, **more})


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (3000, 30), "teal").save(out, "PNG")
    return SimpleUploadedFile("card.png", out.getvalue(), "image/png")


def test_a_form_is_built_undone_and_published(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    assert "There are no forms yet" in client.get(url(workspace, "list")).content.decode()
    client.post(url(workspace, "new"), {"kind": "contact", "name": "Ask us"})
    form = Form.objects.get()
    edit = url(workspace, "form_edit", form=form.pk)
    client.post(edit, {"do": "add", "kind": "choice"})
    assert "A choice needs two answers" in client.get(url(workspace, "form", form=form.pk)).content.decode()
    assert client.post(url(workspace, "form_act", form=form.pk), {"do": "publish"}).status_code == 422
    values = {"do": "set", "id": "i6", "has": "label options trait is_many", "label": EVIL, "options": "Red\nBlue\n", "trait": "colour"}
    client.post(edit, values)
    item = Form.objects.get().draft["items"][-1]
    assert [option["value"] for option in item["options"]] == ["Red", "Blue"]
    client.post(edit, {**values, "lang": "ca", "label": "Quin?", "options": "Vermell\nBlau"})
    item = Form.objects.get().draft["items"][-1]
    assert (item["options"][0], item["label"]["en"]) == ({"value": "Red", "label": {"en": "Red", "ca": "Vermell"}}, EVIL)
    client.post(edit, {"do": "move", "id": "i6", "by": "-1"})
    assert Form.objects.get().draft["items"][-2]["id"] == "i6"
    client.post(edit, {"do": "undo"})
    assert Form.objects.get().draft["items"][-1]["id"] == "i6"
    assert client.post(url(workspace, "form_act", form=form.pk), {"do": "publish"}).status_code == 302
    preview = client.get(url(workspace, "form_preview", form=form.pk))
    assert EVIL not in preview.content.decode()
    assert FormVersion.objects.get().definition["items"][-1]["trait"] == "colour"
    for name in ("form", "share", "report", "poster"):
        assert client.get(url(workspace, name, form=form.pk)).status_code == 200
    assert b"<svg" in client.get(url(workspace, "qr", form=form.pk, kind="svg")).content
    assert client.get(url(workspace, "qr", form=form.pk, kind="png")).content.startswith(b"\x89PNG")
    assert client.get(url(workspace, "list")).status_code == 200


def test_who_may_speak_prepares_and_who_may_approve_publishes(workspace: Workspace, form: Form, client_for: ClientFor) -> None:
    agent = client_for(Role.AGENT)
    assert agent.post(url(workspace, "form_edit", form=form.pk), {"do": "add", "kind": "phone"}).status_code == 302
    agent.post(url(workspace, "form_act", form=form.pk), {"do": "publish"})
    agent.post(url(workspace, "form_act", form=form.pk), {"do": "close"})
    form.refresh_from_db()
    assert (form.version, form.state, len(form.draft["items"])) == (1, "live", 4)
    viewer = client_for(Role.VIEWER)
    assert viewer.post(url(workspace, "form_edit", form=form.pk), {"do": "add", "kind": "phone"}).status_code == 403
    assert viewer.get(url(workspace, "form", form=form.pk)).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"do": "whole", "has": "after", "after_address": "javascript:alert(1)"}, {"do": "whole", "has": "embed",
        "origins": "javascript:alert(1)"},
        {"do": "whole", "has": "rules", "assign": "turn"}, {"do": "add", "kind": "nonsense"}, {"do": "remove", "id": "i99"}, {"do": "what"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_words(workspace: Workspace, form: Form, client_for: ClientFor, values: dict[str, str]) -> None:
    client = client_for(Role.OWNER)
    before = Form.objects.get().draft
    page = client.post(url(workspace, "form_edit", form=form.pk), values, follow=True)
    assert page.status_code == 200
    assert list(page.context["messages"])
    assert Form.objects.get().draft == before


def test_two_who_edit_at_once_both_keep_what_they_did(form: Form, client_for: ClientFor, workspace: Workspace) -> None:
    for kind in ("phone", "company"):
        client_for(Role.OWNER).post(url(workspace, "form_edit", form=form.pk), {"do": "add", "kind": kind})
    assert [item["kind"] for item in Form.objects.get().draft["items"]][-2:] == ["phone", "company"]


def test_an_address_belongs_to_one(workspace: Workspace, other_workspace: Workspace, form: Form, owner: User) -> None:
    other = actions.create(other_workspace, owner, Form, "x", ready_made.empty("en"))
    with pytest.raises(actions.Refused):
        actions.rename(other, owner, "x", form.slug)
    actions.rename(other, owner, "x", "Estiu 2026")
    assert Form.objects.get(pk=other.pk).slug == "estiu-2026"


def test_leads_are_listed_handed_over_and_downloaded_safely(
    workspace: Workspace, form: Form, client_for: ClientFor, member: Callable[..., User], django_assert_max_num_queries: Any
) -> None:
    agent = member(Role.AGENT)
    sent = {"handles": [{"kind": "email", "value": "ana@example.org"}], "answers": [{"field": "i9", "label": "Why", "value": "=1+1"}]}
    rows = [lead(workspace, form, f"n{n}", name=f"Ana {n}{EVIL}", sent=sent, touch={"source": "x"}) for n in range(60)]
    client = client_for(Role.OWNER)
    client.get(url(workspace, "submissions"))
    with django_assert_max_num_queries(24):
        page = client.get(url(workspace, "submissions"))
    assert EVIL not in page.content.decode()
    assert len(page.context["rows"]) == 50
    rest = client.get(url(workspace, "submissions"), {"after": page.context["after"]})
    assert len(rest.context["rows"]) == 10
    client.post(url(workspace, "submissions_bulk"), {"ids": [rows[0].pk, rows[1].pk], "do": "owner", "owner": agent.pk})
    client.post(url(workspace, "submissions_bulk"), {"ids": [rows[0].pk], "do": "stage:won", "next": "https://evil.example/"})
    assert Submission.objects.filter(owner=agent).count() == 2
    assert Submission.objects.filter(stage="won").count() == 1
    text = b"".join(client.get(url(workspace, "submissions_csv"), {"owner": "none"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count("\n") == 59
    assert "'=1+1" in text
    assert client.get(url(workspace, "submission", submission=rows[0].pk)).status_code == 200
    assert AuditEntry.objects.filter(verb="exported", object_type="lead").exists()


def test_what_is_no_spam_goes_its_way(
    workspace: Workspace, owner: User, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    draft = {**ready_made.newsletter("en"), "is_confirmed": False}
    form = actions.create(workspace, owner, Form, "N", draft)
    actions.publish(form, owner)
    said = {"purpose": "marketing", "wording": "Yes"}
    sent = {"id": "s1", "at": "2026-01-01T00:00:00+00:00", "form": {"key": form.key}, "handles": [{"kind": "email",
        "value": "a@example.org"}],
            "consents": [said]}  # fmt: skip
    row = lead(workspace, form, "s1", state="spam", sent=sent, address="a@example.org", marks=["links"])
    client = client_for(Role.OWNER)
    assert "several links" in client.get(url(workspace, "submissions"), {"box": "spam"}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            client.post(url(workspace, "submission_act", submission=row.pk), {"do": "no_spam"})
    while pipeline.follow(("understand", "identify", "organise", "leads")):
        pass
    row.refresh_from_db()
    assert (row.state, row.is_delivered, row.settled_at is not None) == ("new", True, True)
    assert Consent.objects.count() == 1
    client.post(url(workspace, "submission_act", submission=row.pk), {"do": "throw_away"})
    assert Submission.objects.filter(pk=row.pk).exists()


def test_a_landing_page_with_a_picture(workspace: Workspace, form: Form, client_for: ClientFor) -> None:
    client = client_for(Role.OWNER)
    client.post(url(workspace, "page_new"), {"name": "Launch"})
    page = Page.objects.get()
    assert page.form == form
    client.post(url(workspace, "page_picture", page=page.pk), {"file": picture()})
    shot = Upload.objects.get()
    assert (shot.width, shot.content_type) == (2000, "image/png")
    client.post(url(workspace, "page_picture", page=page.pk), {"file": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")})
    assert Upload.objects.count() == 1
    client.post(
        url(workspace, "page_edit", page=page.pk), {"do": "set", "id": "i1", "has": "picture alt", "picture": str(shot.pk), "alt": "Beans"}
    )
    assert client.post(url(workspace, "page_act", page=page.pk), {"do": "publish"}).status_code == 302
    public = client.get(f"/p/{Page.objects.get().slug}/").content.decode()
    assert f"/lp/{shot.token}/" in public
    for name in ("page", "page_preview", "page_theme"):
        assert client.get(url(workspace, name, page=page.pk)).status_code == 200
    assert client.get(url(workspace, "pages")).status_code == 200
    assert client.get(url(workspace, "submissions") + "?form=²").status_code == 200
    agent = client_for(Role.AGENT)
    swapped = agent.post(url(workspace, "page_edit", page=page.pk), {"do": "form", "form": ""})
    assert (swapped.status_code, Page.objects.get().form) == (403, form), "what the public sees changes with those who may approve"


def test_a_stack_of_cards_by_keyboard(workspace: Workspace, client_for: ClientFor, django_capture_on_commit_callbacks: Any) -> None:
    client = client_for(Role.OWNER)
    card = {
        "card": "c1",
        "name": "李小龙",
        "company": "Acme",
        "email": "li@example.org",
        "where": "Fair",
        "tags": "fair, vip",
        "agreed": "1",
    }
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            answer = client.post(url(workspace, "cards"), {**card, "photo": picture()})
    assert "where=Fair" in answer["Location"]
    while pipeline.follow(("understand", "identify", "organise", "leads")):
        pass
    row = Submission.objects.get()
    assert (row.origin, row.who, CardPhoto.objects.count()) == ("card", "李小龙", 1)
    assert Consent.objects.get().source != "form"
    assert client.get(url(workspace, "card_photo", submission=row.pk))["Content-Type"] == "image/png"
    for wrong in ({"name": "Nobody"}, {"email": "x@"}, {"phone": "12"}):
        page = client.post(url(workspace, "cards"), wrong)
        assert (page.status_code, bool(page.context["wrong"])) == (422, True)


def test_leads_of_facebook_are_read_as_the_team_says(
    workspace: Workspace, owner: User, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    source = listen.connection_for(workspace, "facebook")
    from django.utils import timezone

    def told(number: int) -> None:
        answers = {"full_name": "Ana Torres", "email": f"ana{number}@example.org", "which_coffee?": "dark"}
        act = Activity(
            verb=Verb.SUBMIT, object_type=ObjectType.FORM, native_id=f"lead:{number}", happened_at=timezone.now(), object_key="77",
            actor=HandleRef("email", f"ana{number}@example.org"), body={"answers": answers}, props={"agreed": ["news"]},
        )  # fmt: skip
        log.append(source, [act], timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            while pipeline.follow(("understand", "identify", "organise", "leads")):
                pass

    told(1)
    assert not Submission.objects.exists()
    client = client_for(Role.OWNER)
    assert "not set up" in client.get(url(workspace, "facebook")).content.decode()
    place = url(workspace, "lead_form", connection=source.pk, key="77")
    assert client.get(place).status_code == 200
    values = {"name": "Ads", "question": ["full_name", "email", "which_coffee?"], "field": ["name", "email", "taste"], "box": ["news"],
              "topic": ["marketing"], "wording": ["Yes, write to me"], "assign": "user", "user": owner.pk, "is_on": "1",
              "past": "1"}  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(place, values).status_code == 302
    told(2)
    assert LeadForm.objects.get().fields["which_coffee?"] == "taste"
    assert sorted(Submission.objects.values_list("address", flat=True)) == ["ana1@example.org", "ana2@example.org"]
    assert Submission.objects.get(address="ana2@example.org").owner == owner
    assert set(Consent.objects.values_list("wording", flat=True)) == {"Yes, write to me"}


def test_marks_alone_are_no_spam_and_together_they_are() -> None:
    thrown = spam.judge(Given(email="x@mailinator.com"), spam.Signs(seconds=20))
    assert (thrown.is_spam, thrown.reasons) == (False, ("thrown_away",))
    many = spam.judge(Given(email="x@mailinator.com", message="http://a http://b <a href="), spam.Signs(seconds=20))
    assert many.is_spam
