"""Rounds of asking: who is asked, what they get, who is reminded, when it is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys.asks import conftest as tools
from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import may, writing
from vincle.engage.outbox.models import Job, Send
from vincle.engage.outbox.writing import Skip, Written
from vincle.engage.surveys import answering, rounds, settled
from vincle.engage.surveys.collectors import Refused
from vincle.engage.surveys.models import Invitation, Response, Round, Survey
from vincle.identify.models import Consent

pytestmark = pytest.mark.django_db
Asked = Invitation.State


def written(job: Job) -> list[Written | Skip]:
    return writing.named(job.writer)(job, list(Send.objects.filter(job=job).order_by("pk")))


def refuse(workspace: Workspace, person: int, purpose: str) -> None:
    Consent.objects.create(
        workspace=workspace,
        handle=person,
        channel="email",
        purpose=purpose,
        permit="withdrawn",
        source="person",
        event_id=person.to_bytes(16, "big"),
        at=timezone.now() - timedelta(days=1),
    )


def test_everybody_of_the_segment_is_asked_once_through_the_outbox(asking: Callable[..., Round], workspace: Workspace) -> None:
    made = asking(3)
    tools.work()
    made.refresh_from_db()
    job = made.job
    assert job is not None
    assert (job.purpose, job.topic, job.writer, job.counts_opens, job.counts_clicks) == (
        "service",
        "surveys",
        "survey invitation",
        "never",
        False,
    )
    assert Send.objects.filter(job=job).count() == 3
    assert all(verdict.is_allowed for verdict in may.decide(workspace, list(Send.objects.filter(job=job))).values())
    Round.objects.filter(pk=made.pk).update(drawn_at=None, drawn_to=-(2**63))
    tools.work()
    assert Invitation.objects.filter(round=made).count() == Send.objects.filter(job=job).count() == 3


def test_the_first_question_stands_in_the_mail_and_nothing_of_it_is_markup(asking: Callable[..., Round]) -> None:
    made = asking(1)
    tools.work()
    made.refresh_from_db()
    mail = written(made.job)[0]  # type: ignore[arg-type]
    assert isinstance(mail, Written)
    row = Invitation.objects.get(round=made)
    assert mail.subject == "How was it?"
    for score in range(11):
        assert f"{settled.url(row)}?a={score}" in mail.html
    assert "Would you recommend us?" in mail.html
    assert "<b>how</b>" not in mail.html
    assert "&lt;b&gt;how" in mail.html
    assert f"{settled.url(row)}no/" in mail.text
    assert settled.code_of(row) not in str(Send.objects.get().data)


def test_whoever_refused_surveys_or_was_asked_lately_is_left_out(
    asking: Callable[..., Round], workspace: Workspace, survey: Survey
) -> None:
    Survey.objects.filter(pk=survey.pk).update(not_again_days=30)
    other = tools.opened(workspace)
    known = tools.people(workspace, 4)
    refuse(workspace, known[0], "surveys")
    refuse(workspace, known[1], "service")
    Invitation.objects.create(workspace=workspace, survey=other, collector=tools.way(other), person=known[2], state=Asked.ASKED)
    made = asking(people=known, survey=Survey.objects.get(pk=survey.pk))
    tools.work()
    made.refresh_from_db()
    assert list(Invitation.objects.filter(round=made).values_list("person", flat=True)) == [known[3]]
    assert made.left_out["no_surveys"] == made.left_out["asked_lately"] == 1
    assert sum(made.left_out.values()) == 3


def test_those_who_answered_are_not_reminded_and_the_round_ends(asking: Callable[..., Round]) -> None:
    made = asking(3)
    tools.work()
    tools.sent()
    tools.work()
    rows = list(Invitation.objects.filter(round=made).order_by("pk"))
    assert {row.state for row in rows} == {Asked.ASKED}
    tools.complete(rows[0].collector, {"nps": 9}, invitation=rows[0])
    settled.declined(rows[1], for_ever=False)
    later = timezone.now() + timedelta(days=6)
    tools.work(later)
    made.refresh_from_db()
    reminder = Job.objects.get(pk=made.reminder_jobs[0])
    assert [send.data["invitation"] for send in Send.objects.filter(job=reminder)] == [rows[2].pk]
    mail = written(reminder)[0]
    assert isinstance(mail, Written)
    assert mail.subject == "Reminder: How was it?"
    tools.sent(later)
    tools.work(later + timedelta(days=6))
    made.refresh_from_db()
    assert made.state == Round.State.DONE
    assert Send.objects.filter(job=reminder).count() == 1


def test_what_changed_before_it_leaves_counts(asking: Callable[..., Round], workspace: Workspace, survey: Survey) -> None:
    made = asking(3)
    tools.work()
    made.refresh_from_db()
    rows = list(Invitation.objects.filter(round=made).order_by("pk"))
    settled.answered(rows[0])
    refuse(workspace, rows[1].person or 0, "surveys")
    found = written(made.job)  # type: ignore[arg-type]
    assert [each.code if isinstance(each, Skip) else "" for each in found] == ["answered_already", "no_surveys", ""]
    Survey.objects.filter(pk=survey.pk).update(state="closed")
    assert {each.code for each in written(made.job) if isinstance(each, Skip)} >= {"survey_closed"}  # type: ignore[arg-type]
    tools.work()
    made.refresh_from_db()
    assert made.state == Round.State.DONE
    assert not Send.objects.filter(job=made.job, state=Send.State.WAITING).exists()


def test_one_click_takes_them_out_of_every_later_round(asking: Callable[..., Round], workspace: Workspace, client: Client) -> None:
    made = asking(1)
    tools.work()
    row = Invitation.objects.get(round=made)
    code = settled.code_of(row)
    assert client.get(f"/s/i/{code}/no/").status_code == 200
    assert Invitation.objects.get(pk=row.pk).state == Asked.WAITING
    client.post(f"/s/i/{code}/no/", {"how": "ever"})
    assert Invitation.objects.get(pk=row.pk).state == Asked.DECLINED
    assert rounds.refusing(workspace, [row.person or 0], "email") == {row.person}


def test_following_the_link_answers_nothing_and_posting_begins(asking: Callable[..., Round], client: Client) -> None:
    made = asking(1)
    tools.work()
    row = Invitation.objects.select_related("collector__workspace").get(round=made)
    code = settled.code_of(row)
    shown = client.get(f"/s/i/{code}/?a=9")
    assert shown.status_code == 200
    assert b'value="9" checked' in shown.content
    assert not Response.objects.exists()
    moved = client.post(f"/s/i/{code}/", {"a": "9"})
    response = Response.objects.get()
    assert (response.answers, response.invitation_id, response.person) == ({"nps": 9}, row.pk, row.person)
    assert moved["Location"] == f"/s/{row.collector.token}/{response.public_id}/"
    assert client.post(f"/s/i/{code}/", {"a": "9"})["Location"] == moved["Location"]
    answering.complete(Response.objects.select_related("survey__workspace", "collector", "version").get())
    assert Invitation.objects.get(pk=row.pk).state == Asked.ANSWERED
    again = client.post(f"/s/i/{code}/", {"a": "1"})
    assert again.status_code == 200
    assert Response.objects.count() == 1


def test_nothing_joins_an_anonymous_answer_to_who_was_asked(
    workspace: Workspace, owner: User, asking: Callable[..., Round], client: Client
) -> None:
    made = asking(1, survey=tools.opened(workspace, owner, is_anonymous=True))
    tools.work()
    row = Invitation.objects.select_related("collector__workspace").get(round=made)
    moved = client.post(f"/s/i/{settled.code_of(row)}/", {"a": "3"})
    response = Response.objects.get()
    assert (response.invitation_id, response.person, response.handle, response.touch, response.device) == (None, None, None, {}, "")
    cookie = client.cookies[settled.COOKIE]
    assert cookie["httponly"]
    assert settled.carries(cookie.value, "invitation") == row.pk
    assert settled.carries(cookie.value, "code") is settled.carries(cookie.value + "x", "invitation") is None
    assert moved.status_code == 302


def test_guessing_is_soon_told_to_wait(client: Client, db: None) -> None:
    found = [client.get("/s/i/K7MD4XRTQ9AP/").status_code for _try in range(25)]
    assert found[0] == 404
    assert found[-1] == 429
    assert client.post("/s/c/", {"code": "x"}).status_code == 429


def test_what_cannot_be_begun(workspace: Workspace, owner: User, survey: Survey) -> None:
    mail = tools.way(survey, "mail")
    with pytest.raises(Refused, match="who is asked"):
        rounds.create(workspace, owner, mail, {"segment": "nobody"})
    with pytest.raises(Refused, match="asks nobody"):
        rounds.create(workspace, owner, tools.way(survey), {})
    whom = tools.segment(workspace, [])
    with pytest.raises(Refused, match="account"):
        rounds.create(workspace, owner, mail, {"segment": whom.public})
    made = rounds.create(workspace, owner, mail, {"segment": whom.public, "connection": tools.mailbox(workspace).pk})
    Survey.objects.filter(pk=survey.pk).update(state="draft")
    with pytest.raises(Refused, match="Open the survey"):
        rounds.approve(workspace, owner, Round.objects.select_related("survey", "collector", "segment", "connection").get(pk=made.pk))
