"""Forms at their public door: shown, sent once, judged, handed to the log; what is not right is said beside its field."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import Role, User, Workspace
from vincle.engage.leads import actions, editing, mailing, ready_made, tokens, visiting
from vincle.engage.leads.models import Form, FormDay, Page, Submission, Upload
from vincle.engage.preferences import optin
from vincle.engage.preferences.models import Optin
from vincle.identify.models import Belonging, Consent
from vincle.listen.models import Activity, Delivery, NoticeFor
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.store.buckets import Buckets
from vincle.vocabulary import handle_key

pytestmark = pytest.mark.django_db
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is slowed down by other tests, and no name service is asked."""
    for buckets in (visiting.SENDERS, visiting.CROWDS, visiting.LOOKS):
        buckets.clear()
    monkeypatch.setattr(mailing, "gets_mail", lambda domain: domain != "nomail.example")


@pytest.fixture
def form(workspace: Workspace, owner: User) -> Form:
    return publish(workspace, owner, "newsletter")


def publish(workspace: Workspace, owner: User, kind: str, **more: Any) -> Form:
    row = actions.create(workspace, owner, Form, kind, {**ready_made.FORMS[kind][3]("en"), **more})
    actions.publish(row, owner)
    return Form.objects.select_related("workspace").get(pk=row.pk)


def address(form: Form) -> str:
    return reverse("leads_public:form", kwargs={"slug": form.slug})


def fields(client: Client, form: Form, ago: float = 30, query: str = "") -> dict[str, str]:
    """The hidden fields of the page as it was shown so many seconds ago."""
    page = client.get(address(form) + query, **BROWSER).content.decode()
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    shown = signing.loads(found["shown"], salt="leads.shown")
    found["shown"] = signing.dumps([shown[0], shown[1], shown[2] - ago], salt="leads.shown")
    return found


def send(client: Client, form: Form, hidden: dict[str, str] | None = None, **answers: Any) -> Any:
    hidden = hidden if hidden is not None else fields(client, form)
    return client.post(address(form), {**hidden, **answers}, **BROWSER)


def follow() -> None:
    while pipeline.follow(("understand", "identify", "organise", "leads")):
        pass


def test_what_is_sent_enters_the_log_with_where_it_came_from(
    workspace: Workspace, owner: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    form = publish(workspace, owner, "contact", tags=["fair"])
    hidden = fields(client, form, query="?utm_source=x&utm_campaign=May&src=qr")
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, form, hidden, i1="Núria Serra", i2="NURIA@example.org", i3="600 000 001", i4="Obriu demà?")
    assert answer.status_code == 302
    assert b"Thank you" in client.get(answer["Location"]).content
    follow()
    act = Activity.objects.get(verb="Submit", object_type="Form")
    assert (act.object_key, act.campaign_key, act.event_name) == (form.key, "May", "contact")
    row = Submission.objects.get()
    assert (row.state, row.name, row.address, row.touch["source"], row.touch["way"]) == (
        "new",
        "Núria Serra",
        "nuria@example.org",
        "x",
        "qr",
    )
    profile = Profile.objects.get(person=Belonging.objects.get(handle=row.handle).person)
    assert (profile.name, profile.email, profile.phone) == ("Núria Serra", "nuria@example.org", "+34600000001")
    assert not Consent.objects.exists()
    day = FormDay.objects.get()
    assert (day.views, day.submits) == (1, 1)


def test_sent_twice_is_one_and_what_differs_is_another(form: Form, client: Client, django_capture_on_commit_callbacks: Any) -> None:
    hidden = fields(client, form)
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(3):
            assert send(client, form, hidden, i1="ana@example.org", i3="1").status_code == 302
        assert send(client, form, hidden, i1="bea@example.org", i3="1").status_code == 302
    assert sorted(Submission.objects.values_list("address", flat=True)) == ["ana@example.org", "bea@example.org"]
    assert FormDay.objects.get().submits == 2


def test_nothing_is_allowed_before_it_is_confirmed(form: Form, client: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, form, i1="ana@example.org", i3="1")
    assert "ana@example.org" in client.get(answer["Location"]).content.decode()
    follow()
    row = Submission.objects.get()
    asked = Optin.objects.get(pk=row.optin)
    assert (row.state, asked.topic, asked.source) == ("unconfirmed", "marketing", f"form:{form.key}")
    assert not Consent.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        optin.confirm(asked)
        optin.confirm(asked)
    row.refresh_from_db()
    assert row.state == "confirmed"
    assert [each.permit for each in Consent.objects.all()] == ["granted"]
    assert FormDay.objects.get().confirmed == 1


def test_without_double_opt_in_the_words_that_were_ticked_stand_in_the_ledger(
    workspace: Workspace, owner: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    form = publish(workspace, owner, "newsletter", is_confirmed=False)
    with django_capture_on_commit_callbacks(execute=True):
        send(client, form, i1="ana@example.org", i3="1")
    follow()
    said = Consent.objects.get()
    assert (said.permit, said.source, said.purpose) == ("granted", "form", "marketing")
    assert said.wording == str(ready_made.WORDING)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "We need your e-mail address."),
        ({"i1": "ana@", "i3": "1"}, "This is no e-mail address"),
        ({"i1": "ana@example.org"}, "This needs your agreement."),
        ({"i1": "ana@gmial.com", "i3": "1"}, ""),
        ({"i1": "ana@nomail.example", "i3": "1"}, "This address takes no mail."),
    ],
)
def test_what_is_not_right_is_said_beside_its_field(form: Form, client: Client, answers: dict[str, str], words: str) -> None:
    answer = send(client, form, **answers)
    assert answer.status_code == (422 if words else 302)
    if words:
        assert words in answer.content.decode()
        assert answers.get("i1", "") in answer.content.decode()
        assert not Submission.objects.exists()


def test_who_is_sure_of_an_address_may_have_it(form: Form, client: Client) -> None:
    first = send(client, form, i1="ana@nomail.example", i3="1").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', first))
    shown = signing.loads(hidden["shown"], salt="leads.shown")
    hidden["shown"] = signing.dumps([shown[0], shown[1], shown[2] - 30], salt="leads.shown")
    assert send(client, form, hidden, i1="ana@nomail.example", i3="1").status_code == 302
    assert Submission.objects.get().marks == ["no_mail"]


@pytest.mark.parametrize(
    ("more", "ago", "reason"),
    [({"website_address": "http://x"}, 30, "trap"), ({}, 0.5, "too_quick"), ({"i2": "Buy http://x.example"}, 30, "link_in_name")],
)
def test_spam_is_kept_apart_and_thanked_all_the_same(form: Form, client: Client, more: dict[str, str], ago: float, reason: str) -> None:
    answer = send(client, form, fields(client, form, ago), i1="ana@example.org", i3="1", **more)
    assert answer.status_code == 302
    row = Submission.objects.get()
    assert (row.state, row.marks[0], row.is_delivered) == ("spam", reason, False)
    assert not Delivery.objects.exists()
    assert FormDay.objects.get().submits == 0


@pytest.mark.parametrize("token", ["", "x", "x" * 900])
def test_a_page_that_was_never_shown_or_too_long_ago_is_shown_once_more(form: Form, client: Client, token: str) -> None:
    hidden = {**fields(client, form), "shown": token or signing.dumps([form.pk, "a", 1.0], salt="leads.shown")}
    answer = send(client, form, hidden, i1="ana@example.org", i3="1")
    assert answer.status_code == 422
    assert b'value="ana@example.org"' in answer.content
    assert not Submission.objects.exists()


def test_a_token_of_another_form_is_none_of_this(form: Form, workspace: Workspace, owner: User, client: Client) -> None:
    other = publish(workspace, owner, "waiting")
    assert send(client, form, {**fields(client, form), "shown": tokens.show(other)}, i1="ana@example.org", i3="1").status_code == 422


def test_who_sends_too_fast_waits_and_loses_nothing(form: Form, client: Client) -> None:
    hidden = fields(client, form)
    for _time in range(20):
        visiting.SENDERS.take("127.0.0.1")
    answer = send(client, form, hidden, i1="ana@example.org", i3="1")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert b'value="ana@example.org"' in answer.content


def test_hostile_answers_are_words_and_nothing_else(workspace: Workspace, owner: User, client: Client) -> None:
    form = publish(workspace, owner, "contact")
    evil = '"><script>alert(1)</script>\x00\u202e'
    page = send(client, form, i1=evil, i2="broken", i4=evil, **{"t.url": "javascript:alert(1)"}).content.decode()
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_a_form_that_is_not_live_is_closed_or_nowhere(form: Form, owner: User, client: Client, workspace: Workspace) -> None:
    actions.close(form, owner)
    assert client.get(address(form)).status_code == 410
    assert send(client, form, {}, i1="ana@example.org").status_code == 410
    draft = actions.create(workspace, owner, Form, "Draft", ready_made.empty("en"))
    assert client.get(address(draft)).status_code == 404
    actions.archive(form, owner)
    assert client.get(address(form)).status_code == 404


def test_the_wording_of_the_version_that_was_shown_is_what_was_agreed_to(form: Form, owner: User, client: Client) -> None:
    hidden = fields(client, form)
    actions.change(form, lambda draft: editing.change(draft, "i3", {"label": {"en": "Something else"}}, {"label"}))
    actions.publish(form, owner)
    send(client, form, hidden, i1="ana@example.org", i3="1")
    row = Submission.objects.get()
    assert (row.version, row.sent["consents"][0]["wording"]) == (1, str(ready_made.WORDING))


def test_what_is_known_is_not_asked_again_and_never_shown(
    workspace: Workspace, owner: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    form = publish(workspace, owner, "newsletter", is_confirmed=False)
    with django_capture_on_commit_callbacks(execute=True):
        send(client, form, i1="ana@example.org", i2="Ana Torres", i3="1")
    follow()
    key = handle_key(bytes(workspace.secret), "email", "ana@example.org")
    page = client.get(f"{address(form)}?p={tokens.person(workspace, key)}").content.decode()
    assert "a…@example.org" in page
    assert 'name="i1"' not in page
    assert 'name="i2"' not in page
    assert "Ana Torres" not in page
    hidden = fields(client, form, query=f"?p={tokens.person(workspace, key)}")
    assert send(client, form, hidden, i3="1").status_code == 302
    assert set(Submission.objects.values_list("handle", flat=True)) == {key}


def test_a_file_is_given_to_who_has_confirmed(
    workspace: Workspace, owner: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    offer = Upload.objects.create(workspace=workspace, kind="offer", token="t", name="Guia cafè.pdf", content_type="application/pdf",
        size=4,
                                  content=b"%PDF")  # fmt: skip
    form = publish(workspace, owner, "download", file=offer.pk)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, form, i1="Ana", i2="ana@example.org", i4="1")
    assert b"Download" not in client.get(answer["Location"]).content
    row = Submission.objects.get()
    link = reverse("leads_public:file", kwargs={"slug": form.slug, "token": tokens.file(row, offer)})
    assert client.get(link).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        optin.confirm(Optin.objects.get())
    assert b"Download" in client.get(Optin.objects.get().then).content
    got = client.get(link)
    assert (got.content, got["Content-Disposition"]) == (b"%PDF", "attachment; filename*=UTF-8''Guia%20caf%C3%A8.pdf")


def test_only_true_and_enough_people_are_told_of(workspace: Workspace, owner: User, client: Client) -> None:
    form = publish(workspace, owner, "waiting", proof={"is_on": True, "least": 2, "days": 0})
    for name, state in (("a", "confirmed"), ("b", "spam"), ("c", "unconfirmed")):
        Submission.objects.create(workspace=workspace, form=form, native_id=name, state=state, handle=ord(name))
    assert b"done this already" not in client.get(address(form)).content
    Submission.objects.create(workspace=workspace, form=form, native_id="d", state="confirmed", handle=7)
    assert b"2 people have done this already" in client.get(address(form)).content


def test_leads_are_given_in_turn_and_told_of(
    workspace: Workspace, owner: User, member: Callable[..., User], client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    agent = member(Role.AGENT)
    form = publish(workspace, owner, "contact", assign={"kind": "turn", "users": [owner.pk, agent.pk]}, tell=[owner.pk])
    for number in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            send(client, form, i1=f"Someone {number}", i2=f"s{number}@example.org", i4="Hello there")
        follow()
    rows = Submission.objects.order_by("at")
    assert [row.owner for row in rows] == [owner, agent, owner]
    assert all(row.settled_at for row in rows)
    assert set(Profile.objects.values_list("owner", flat=True)) == {owner.pk, agent.pk}
    assert sorted(NoticeFor.objects.values_list("user", flat=True)) == sorted([owner.pk, owner.pk, owner.pk, agent.pk])
    follow()
    assert NoticeFor.objects.count() == 4


def test_a_landing_page_sends_its_form_and_counts_for_itself(form: Form, workspace: Workspace, owner: User, client: Client) -> None:
    page = actions.create(workspace, owner, Page, "Launch", ready_made.page("en", "Launch"), form=form)
    assert client.get(f"/p/{page.slug}/").status_code == 404
    actions.publish(page, owner)
    shown = client.get(f"/p/{page.slug}/", **BROWSER)
    assert b"What you get" in shown.content
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.content.decode()))
    wrong = client.post(f"/p/{page.slug}/", {**hidden, "i1": "ana@"}, **BROWSER)
    assert (wrong.status_code, b"What you get" in wrong.content) == (422, True)
    shown_at = signing.loads(hidden["shown"], salt="leads.shown")
    hidden["shown"] = signing.dumps([shown_at[0], shown_at[1], shown_at[2] - 30], salt="leads.shown")
    assert client.post(f"/p/{page.slug}/", {**hidden, "i1": "ana@example.org", "i3": "1"}, **BROWSER).status_code == 302
    assert Submission.objects.get().page == page
    assert FormDay.objects.get(page=page.pk).submits == 1


def test_a_page_may_be_framed_only_where_it_was_allowed(workspace: Workspace, owner: User, client: Client) -> None:
    form = publish(workspace, owner, "waiting", origins=["https://shop.example"])
    plain, framed = client.get(address(form)), client.get(f"{address(form)}?embed=1")
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert "frame-ancestors https://shop.example" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert not client.cookies


def test_a_tablet_that_was_offline_is_heard_once_with_its_own_moments(
    form: Form, client: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get(f"{address(form)}stand/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    from django.utils import timezone

    at = (timezone.now() - timedelta(hours=5)).isoformat()
    entry = {**hidden, "i1": "ana@example.org", "i3": "1", "entry": "e1", "at": at}
    with django_capture_on_commit_callbacks(execute=True):
        for data in (entry, entry, {**entry, "entry": "e2", "i1": "bea@example.org", "at": "2099-01-01T00:00:00+00:00"}):
            assert client.post(f"{address(form)}stand/send/", data).json() == {"code": "kept"}
    rows = {row.address: row for row in Submission.objects.all()}
    assert len(rows) == 2
    assert rows["ana@example.org"].at.isoformat() == at
    assert rows["bea@example.org"].at <= timezone.now()
    assert client.post(f"{address(form)}stand/send/", {**entry, "i1": "x", "entry": "e3"}).status_code == 422
    monkeypatch.setattr(visiting, "STANDS", Buckets(burst=1, rate=0))
    assert [client.post(f"{address(form)}stand/send/", {**entry, "entry": "e4"}).status_code for _try in range(2)] == [200, 429]


def test_the_script_is_small(client: Client) -> None:
    got = client.get("/forms.js", HTTP_ACCEPT_ENCODING="gzip")
    assert (got["Content-Encoding"], got["Access-Control-Allow-Origin"]) == ("gzip", "*")
    assert len(got.content) < 4096
    assert client.get("/forms.js", HTTP_IF_NONE_MATCH=got["ETag"]).status_code == 304
