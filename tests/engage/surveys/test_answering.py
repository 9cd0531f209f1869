"""Surveys at their public door: shown, answered page by page without any script, completed once, handed to the log."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.engage.surveys import asking
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import answering, asked, naming
from vincle.engage.surveys.models import Collector, Invitation, Quota, Response, Survey, Upload
from vincle.identify import forgetting
from vincle.identify.models import Belonging, Consent
from vincle.listen.models import Activity, Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline

pytestmark = pytest.mark.django_db
YES = [{"id": "yes", "text": {"en": "Yes"}}, {"id": "no", "text": {"en": "No"}}]
TWO: list[dict[str, Any]] = [
    {"id": "one", "items": [
        {"type": "single", "id": "q1", "text": {"en": "First?"}, "required": "yes", "choices": YES},
        {"type": "text", "id": "why", "text": {"en": "Why {q1}?"}, "show_if": '{q1} = "no"', "required": "yes"}]},
    {"id": "two", "items": [{"type": "nps", "id": "nps", "text": {"en": "You said {q1}. Recommend?"}, "required": "soft"}]},
]  # fmt: skip
ONE: list[dict[str, Any]] = [{"id": "one", "items": [{"type": "nps", "id": "nps", "text": {"en": "Recommend?"}, "required": "yes"}]}]


def _read() -> None:
    """Deliveries into the log, the log into people."""
    while pipeline.intake():
        pass
    while pipeline.follow(("understand", "identify", "organise")):
        pass


def test_every_kind_of_question_is_shown_answered_and_told(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, [{"id": "all", "items": asking.EVERY}])
    file = SimpleUploadedFile("why.txt", b"because")
    sent = asking.send(client, way, {**asking.FORM, "f": file}, query="?src=poster")
    assert sent.status_code == 302, sent.content.decode()
    assert "Thank you" in client.get(sent["Location"]).content.decode()
    row = asking.last()
    assert row.state == "complete"
    assert row.answers.pop("f")["name"] == "why.txt"
    assert row.answers == {
        "s": "b", "m": ["a", "o"], "m.other": "mine", "d": "a", "nps": 9, "st": 4, "sm": 5, "ces": 7, "li": "na", "ma": {"x": 3, "y": 5},
        "dual": {"x": [2, 7]}, "r": ["b", "a"], "c": {"a": 30, "b": 70}, "n": 4, "t": "Ana Torres", "l": "Molt bo", "day": "2026-11-01",
        "e": "ana@example.org", "p": "+34 600 123 456", "i": "b", "sl": 55, "co": True, "h": "poster", "sum": 13.0,
    }  # fmt: skip
    _read()
    act = Activity.objects.get(workspace=workspace, verb="Create", object_type="Answer")
    assert (act.rating, act.object_key, act.event_name) == (9.0, way.survey.public_id, "How was it?")
    assert Activity.objects.filter(workspace=workspace, verb="Submit", object_type="Answer").count() == 2
    profile = Profile.objects.get(email="ana@example.org")
    assert profile.name == "Ana Torres"
    assert Consent.objects.of(workspace).filter(purpose="news").exists()


def test_pages_keep_what_was_answered_and_ask_what_follows_from_it(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, TWO)
    assert asking.send(client, way, {}).status_code == 422
    where = reverse("surveys_public:response", kwargs={"token": way.token, "secret": asking.last().public_id})
    assert client.get(asking.address(way))["Location"].startswith(where), "what was begun goes on"
    more = asking.send(client, way, {"q1": "no"}, at=where)
    assert more.status_code == 422
    page = client.get(where).content.decode()
    assert "Why No?" in page
    second = asking.send(client, way, {"q1": "no", "why": "<script>x</script>"}, at=where)
    assert second.status_code == 302
    assert "You said No." in client.get(second["Location"]).content.decode()
    assert client.get(asking.address(way)).status_code == 302, "the browser goes on where it was"
    back = asking.send(client, way, {"_go": "back"}, at=second["Location"])
    assert "page=one" in back["Location"]
    first = client.get(back["Location"]).content.decode()
    assert "&lt;script&gt;" in first
    assert "<script>x" not in first
    changed = asking.send(client, way, {"q1": "yes"}, at=back["Location"])
    soft = asking.send(client, way, {}, at=changed["Location"])
    assert soft.status_code == 422
    form = asking.hidden(soft.content.decode())
    assert client.post(where, form).status_code == 302
    assert asking.last().answers == {"q1": "yes"}


def test_the_button_says_whether_it_goes_on(client: Client, workspace: Workspace, owner: User) -> None:
    later = {"id": "two", "show_if": '{q1} = "no"', "items": [{"type": "text", "id": "why", "text": {"en": "Why?"}}]}
    way = asking.opened(workspace, owner, [{"id": "one", "items": TWO[0]["items"][:1]}, later])
    assert ">Next</button>" in client.get(asking.address(way)).content.decode(), "what they answer may lead to another page"
    second = asking.send(client, way, {"q1": "no"})
    assert ">Send</button>" in client.get(second["Location"]).content.decode()


def test_files_of_strangers_are_looked_at_and_only_ever_downloaded(
    client: Client, workspace: Workspace, owner: User, client_for: Any
) -> None:
    ask = {"type": "file", "id": "f", "text": {"en": "File"}, "endings": ["txt", "svg"], "most_mb": 1}
    way = asking.opened(workspace, owner, [{"id": "one", "items": [ask]}])
    wrong = [
        ("x.html", b"<b>x"), ("x.txt.exe", b"MZ"), ("txt", b"x"), ("x.txt", b""), ("x.txt", b"x" * ((1 << 20) + 1)),
    ]  # fmt: skip
    for name, content in wrong:
        sent = asking.send(Client(), way, {"f": SimpleUploadedFile(name, content)})
        assert sent.status_code == 422 or not asking.last().answers.get("f"), name
    assert not Upload.objects.exists()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    name = "../../<script>\u202e.svg"
    assert asking.send(client, way, {"f": SimpleUploadedFile(name, svg, "text/html\r\nX-Evil: 1")}).status_code == 302
    row = Upload.objects.get()
    assert (row.name, bytes(row.content)) == ("<script>.svg", svg)
    address = reverse("surveys:file", kwargs={"workspace": workspace.slug, "token": row.token})
    given = client_for("viewer").get(address)
    assert (given["Content-Type"], given["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert given["Content-Disposition"].startswith("attachment")
    assert "X-Evil" not in given
    assert client.get(address).status_code in (302, 403, 404), "nobody from outside"


def test_a_page_sent_twice_is_one_answer(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    form = asking.hidden(client.get(asking.address(way)).content.decode())
    for _ in range(3):
        assert client.post(asking.address(way), {**form, "nps": "8"}).status_code == 302
    assert Response.objects.filter(state="complete").count() == 1
    assert Delivery.objects.filter(channel="surveys").count() == 1
    assert client.post(asking.address(way), {"nps": "8", "_t": "forged"}).status_code == 200
    assert Response.objects.count() == 1


def test_anonymous_answers_lead_to_nobody(client: Client, workspace: Workspace, owner: User) -> None:
    pages = [{"id": "all", "items": asking.EVERY}]
    way = asking.opened(workspace, owner, pages, survey={"is_anonymous": True})
    invited = Invitation.objects.create(workspace=workspace, survey=way.survey, collector=way, person=7, handle=8)
    made = answering.begin(way, invitation=invited, language="en")
    assert (made.person, made.handle, made.invitation_id, made.facts) == (None, None, None, {})
    assert asking.send(client, way, asking.FORM).status_code == 302
    row = asking.last()
    assert row.submitted_at is not None
    assert (row.submitted_at.hour, row.submitted_at.minute, row.started_at.minute) == (0, 0, 0)
    _read()
    act = Activity.objects.get(workspace=workspace, verb="Create", object_type="Answer")
    assert act.actor is None
    assert not Profile.objects.of(workspace).exists()
    assert b"ana@example.org" not in bytes(Delivery.objects.get(channel="surveys").body)


def test_quotas_the_cap_and_dates_hold(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    quota = Quota.objects.create(
        workspace=workspace, survey=way.survey, name="Happy", condition="{nps} >= 9", limit=1, message={"en": "Enough!"}
    )
    assert asking.send(client, way, {"nps": "9"}).status_code == 302
    over = asking.send(Client(), way, {"nps": "10"})
    assert "Enough!" in over.content.decode()
    quota.refresh_from_db()
    assert quota.count == 1
    assert asking.last().state == "over_quota"
    assert asking.send(Client(), way, {"nps": "2"}).status_code == 302
    Survey.objects.filter(pk=way.survey_id).update(cap=2)
    assert asking.send(Client(), way, {"nps": "3"}).status_code == 410
    Survey.objects.filter(pk=way.survey_id).update(cap=None, state="closed")
    assert "closed" in Client().get(asking.address(way)).content.decode()
    quota.refresh_from_db()
    assert quota.count == 1
    assert Response.objects.filter(state="complete").count() == 2


def test_what_is_refused_at_the_end_counts_nowhere(workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE)
    quota = Quota.objects.create(workspace=workspace, survey=way.survey, name="All", limit=5)
    made = answering.begin(way, language="en")
    answering.save(made, "one", {"nps": ["5"]})
    Survey.objects.filter(pk=way.survey_id).update(cap=0)
    with pytest.raises(answering.Refused, match="full"), transaction.atomic():
        answering.complete(made)
    quota.refresh_from_db()
    assert quota.count == 0
    assert not Delivery.objects.filter(channel="surveys").exists()


def test_one_answer_of_each_browser(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, ONE, survey={"one_answer_per": "device"})
    assert asking.send(client, way, {"nps": "9"}).status_code == 302
    assert client.get(asking.address(way)).status_code == 410
    assert Client().get(asking.address(way)).status_code == 200


def test_who_is_forgotten_leaves_figures_only(client: Client, workspace: Workspace, owner: User) -> None:
    way = asking.opened(workspace, owner, [{"id": "all", "items": asking.EVERY}])
    asking.send(client, way, {**asking.FORM, "f": SimpleUploadedFile("why.txt", b"because")})
    _read()
    row = asking.last()
    assert row.handle is not None
    person = Belonging.objects.get(handle=row.handle).person
    for erase in forgetting._erasers.values():
        erase(workspace, [row.handle], [person])
    row = asking.last()
    assert row.answers["nps"] == 9
    assert not {"e", "t", "l", "p", "f", "m.other"} & set(row.answers)
    assert (row.handle, row.person) == (None, None)
    assert not Upload.objects.exists()


def test_languages_and_what_nobody_may_reach(client: Client, workspace: Workspace, owner: User, other_workspace: Workspace) -> None:
    item = {"type": "nps", "id": "nps", "text": {"en": "Recommend?", "ca": "Ens recomanaries?"}}
    way = asking.opened(workspace, owner, [{"id": "one", "items": [item]}], languages=["en", "ca"])
    page = client.get(asking.address(way), HTTP_ACCEPT_LANGUAGE="ca,en;q=0.5").content.decode()
    assert "Ens recomanaries?" in page
    assert 'lang="ca"' in page
    assert len(page.encode()) < 20_000
    assert client.get("/s/" + "x" * 20 + "/").status_code == 404
    assert len(way.token) >= 20
    other = asking.opened(other_workspace, owner, ONE)
    made = answering.begin(other, language="en")
    assert client.get(f"/s/{way.token}/{made.public_id}/").status_code == 404
    assert client.post(f"/s/{way.token}/{made.public_id}/", {"nps": "1"}).status_code == 404


@pytest.mark.parametrize("value", ["11", "-1", "nine", "9; DROP TABLE", "\x00", "9" * 500, "١", "<b>9</b>"])
def test_hostile_answers_are_not_taken(client: Client, workspace: Workspace, owner: User, value: str) -> None:
    way = asking.opened(workspace, owner, ONE)
    assert (
        asking.send(client, way, {"nps": value, "_page": "../../x", "_shown": value, "_told": "nps", "other": ["x"] * 600}).status_code
        == 422
    )
    assert not Response.objects.filter(state="complete").exists()


def test_journeys_know_surveys_and_write_to_each_with_an_address_of_their_own(workspace: Workspace, owner: User) -> None:
    way: Collector = asking.opened(workspace, owner, ONE)
    key = way.survey.public_id
    assert naming.names(workspace) == {key: "How was it?"}
    found = naming.addresses(workspace, key, [11, 12])
    assert set(found) == {11, 12}
    assert found[11] != found[12]
    assert naming.addresses(workspace, key, [11]) == {11: found[11]}
    assert naming.addresses(workspace, "nothing", [11]) == {}
    asked.forget()
