"""Ways to a survey: quotas, codes on paper, typing in, calls, sites, bad answers, and their screens."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys import asking
from tests.engage.surveys.asks import conftest as tools
from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import teams
from vincle.engage.surveys import (
    answering,
    asked,
    calling_people,
    codes,
    codes_kept,
    collectors,
    conditions,
    limits,
    loops,
    quotas,
    targeting,
    typed,
    typing_in,
)
from vincle.engage.surveys.collectors import Refused
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Code, Collector, FollowUp, Invitation, Quota, Response, Survey
from vincle.identify.models import Belonging, Consent, Person
from vincle.listen.models import Handle
from vincle.vocabulary import handle_key, public_id

pytestmark = pytest.mark.django_db


def test_a_full_quota_takes_no_more_and_an_interlocked_table_has_every_cell(workspace: Workspace, owner: User, survey: Survey) -> None:
    rows = quotas.interlock(workspace, owner, survey, [conditions.cells(survey, "sex"), conditions.cells(survey, "nps")], 1)
    assert len(rows) == 6
    assert rows[0].name == "Woman · detractors"
    link = tools.way(survey)
    states = [tools.complete(link, answers).state for answers in ({"nps": 3, "sex": "f"}, {"nps": 4, "sex": "f"}, {"nps": 4, "sex": "m"})]
    assert states == ["complete", "over_quota", "complete"]
    assert sum(Quota.objects.values_list("count", flat=True)) == 2
    assert conditions.words(survey, '{sex} = "f"') == "You are: Woman"
    for wrong in ("{nps} >", "{nobody} = 1", "import os"):
        with pytest.raises(Refused):
            quotas.create(workspace, owner, survey, "Wrong", wrong, 3)
    with pytest.raises(Refused, match="two questions"):
        quotas.interlock(workspace, owner, survey, [conditions.cells(survey, "sex"), conditions.cells(survey, "why")], 1)
    assert quotas.change(workspace, owner, rows[0], 5, "close")
    assert quotas.remove(workspace, owner, rows[0])


def test_codes_are_used_once_on_paper_or_on_a_phone(workspace: Workspace, owner: User, survey: Survey, client: Client) -> None:
    paper = tools.way(survey, "paper")
    made = codes_kept.make(workspace, owner, paper, 3)
    assert [each.number for each in codes_kept.listed(paper)] == [1, 2, 3]
    assert not Code.objects.filter(hash__in=[each.code for each in made]).exists()
    moved = client.post("/s/c/", {"code": codes.shown(made[0].code).lower()})
    assert moved["Location"] == f"/s/c/{made[0].code}/"
    assert client.get(moved["Location"]).status_code == 200
    assert not Response.objects.exists()
    assert client.post(moved["Location"])["Location"].startswith(f"/s/{paper.token}/")
    answering.complete(Response.objects.select_related("survey__workspace", "collector", "version").get())
    assert codes_kept.counts(paper) == (3, 1)
    form = typing_in.form(survey, "")
    with pytest.raises(Refused, match="already"):
        typing_in.keep_ballot(owner, paper, form, {"code": made[0].code})
    with pytest.raises(Refused, match="no such code"):
        typing_in.keep_ballot(owner, paper, form, {"code": codes.made(b"other", 1)})
    given = {"code": made[1].code, "a-nps": "x", "a-sex": "2", "a-liked": "1 2", "a-why": "Slow"}
    assert typing_in.keep_ballot(owner, paper, form, given) == {}
    last = Response.objects.latest("pk")
    assert last.answers == {"nps": 10, "sex": "m", "liked": ["a", "b"], "why": "Slow"}
    assert last.typed_by == owner
    assert list(typing_in.keep_ballot(owner, paper, form, {"code": made[2].code, "a-sex": "9"})) == ["a-sex"]
    assert codes_kept.counts(paper) == (3, 2)


def test_an_anonymous_ballot_keeps_no_way_to_its_answer(workspace: Workspace, owner: User) -> None:
    survey = tools.opened(workspace, owner, is_anonymous=True)
    paper = tools.way(survey, "paper")
    made = codes_kept.make(workspace, owner, paper, 1)[0]
    form = typing_in.form(survey, "")
    assert typing_in.keep_ballot(owner, paper, form, {"code": made.code, "a-nps": "3"}) == {}
    assert Response.objects.get().code_id is None
    used = Code.objects.get().used_at
    assert used is not None
    assert (used.hour, used.minute) == (0, 0)
    with pytest.raises(Refused, match="already"):
        typing_in.keep_ballot(owner, paper, form, {"code": made.code, "a-nps": "3"})
    assert Response.objects.count() == 1


def test_what_was_left_blank_on_paper_stops_nobody_from_typing_it_in(workspace: Workspace, owner: User) -> None:
    asked_for = tools.definition()
    for item in asked_for.pages[1].items:
        item.required = "yes"
    survey = tools.opened(workspace, owner, definition=model.dump(asked_for))
    paper = tools.way(survey, "paper")
    code = codes_kept.make(workspace, owner, paper, 1)[0].code
    assert typing_in.keep_ballot(owner, paper, typing_in.form(survey, ""), {"code": code, "a-nps": "3"}) == {}
    assert Response.objects.get().answers == {"nps": 3}
    assert tools.complete(tools.way(survey), {"nps": 3}).state == "partial"


@pytest.mark.parametrize(("text", "found"), [("0", 0), ("9", 9), ("x", 10), ("10", 10), ("-", "na")])
def test_a_key_is_an_answer(survey: Survey, text: str, found: Any) -> None:
    answers, wrong = typed.read(typing_in.form(survey, ""), {"a-nps": text})
    assert (answers, wrong) == ({"nps": found}, {})


def test_calls_are_noted_and_answers_kept(workspace: Workspace, owner: User, survey: Survey) -> None:
    people = tools.people(workspace, 3, "phone")
    phone = tools.way(survey, "phone", segment=tools.segment(workspace, people).public)
    rows, more = calling_people.listed(phone)
    assert ([row.phone for row in rows], more) == ([f"+3460000000{at}" for at in range(3)], None)
    calling_people.outcome(workspace, owner, phone, people[0], "no_answer")
    calling_people.outcome(workspace, owner, phone, people[1], "declined")
    rows, _more = calling_people.listed(phone)
    assert [row.person for row in rows if row.tried] == [people[0]]
    assert people[1] not in {row.person for row in rows}
    _call, row = calling_people.one(phone, people[2])
    form = typing_in.form(survey, "")
    with pytest.raises(Refused, match="Nothing is typed"):
        typing_in.keep_call(owner, phone, form, {}, row)
    assert typing_in.keep_call(owner, phone, form, {"a-nps": "8"}, row) == {}
    assert Invitation.objects.get(person=people[2]).state == "answered"
    with pytest.raises(Refused):
        calling_people.one(phone, people[2])
    with pytest.raises(Refused, match="not on the list"):
        calling_people.one(phone, 7)


def test_a_call_on_its_screens_from_script_to_answer(
    client_for: Any, client: Client, workspace: Workspace, owner: User, survey: Survey
) -> None:
    agent: Client = client_for("agent")
    people = tools.people(workspace, 3, "phone")
    phone = tools.way(survey, "phone", segment=tools.segment(workspace, people).public)
    base = f"/w/{workspace.slug}/surveys/ways/{phone.public_id}/calls/"
    assert client_for("viewer").get(base).status_code == 403
    there = [f"{base}{public_id(each)}/" for each in people]
    page = agent.get(there[0]).content.decode()
    assert "of Cafè Lligam" in page
    assert "+3460000" in page
    assert agent.post(there[0], {"outcome": "no_answer"}).status_code == 302
    assert (Invitation.objects.get().state, Invitation.objects.get().why) == ("failed", "no_answer")
    # Page by page: begun, put off, gone on with, complete.
    moved = agent.post(there[0], {"pages": "1"})
    assert moved["Location"].startswith(f"/s/{phone.token}/")
    second = asking.send(agent, phone, {"nps": "3"}, at=moved["Location"])
    assert "page=p2" in second["Location"]
    assert agent.post(there[0], {"outcome": "later"}).status_code == 302
    again = agent.post(there[0], {"pages": "1"})
    assert again["Location"] == moved["Location"]
    assert "You are" in agent.get(again["Location"]).content.decode(), "where it was left"
    done = asking.send(agent, phone, {"why": "Slow"}, at=second["Location"])
    assert base in agent.get(done["Location"]).content.decode()
    row = Response.objects.get()
    assert (row.state, row.person, row.answers) == ("complete", people[0], {"nps": 3, "why": "Slow"})
    assert row.typed_by is not None
    assert Invitation.objects.get().state == "answered"
    assert agent.get(there[0])["Location"] == base
    # Who refuses after a first try is on no list any more.
    agent.post(there[1], {"outcome": "later"})
    Consent.objects.create(
        workspace=workspace, handle=people[1], channel="calls", purpose="surveys", permit="withdrawn", source="person",
        event_id=b"r" * 16, at=timezone.now(),
    )  # fmt: skip
    assert [row.person for row in calling_people.listed(phone)[0]] == [people[2]]
    assert agent.get(there[1])["Location"] == base
    # Closed meanwhile: said before anybody is rung, and nothing is kept.
    Survey.objects.filter(pk=survey.pk).update(state="closed")
    asked.forget()
    assert "This survey is closed" in agent.get(there[2]).content.decode()
    assert agent.post(there[2], {"a-nps": "8"}).status_code == 422
    assert Response.objects.count() == 1


def test_what_was_said_before_they_had_to_go_stands_there_in_the_next_call(client_for: Any, workspace: Workspace, survey: Survey) -> None:
    agent: Client = client_for("agent")
    person = tools.people(workspace, 1, "phone")[0]
    phone = tools.way(survey, "phone", segment=tools.segment(workspace, [person]).public)
    there = f"/w/{workspace.slug}/surveys/ways/{phone.public_id}/calls/{public_id(person)}/"
    assert agent.post(there, {"a-nps": "3", "a-liked": "2", "a-why": "Slow", "outcome": "later"}).status_code == 302
    assert Response.objects.get().state == "partial"
    page = agent.get(there).content.decode()
    assert 'name="a-nps" value="3"' in page
    assert ">Slow</textarea>" in page
    assert agent.post(there, {"a-nps": "4", "a-sex": "1", "a-why": ""}).status_code == 302
    row = Response.objects.get()
    assert (row.state, row.answers) == ("complete", {"nps": 4, "sex": "f"})
    assert Invitation.objects.get().reminders == 1


def test_what_is_written_is_read_as_the_same() -> None:
    definition = asking.definition([{"id": "all", "items": asking.EVERY}])
    form = typed.Form(definition, "en", typed.fields(definition, "en"))
    answers = {
        "s": "b", "m": ["a", "o"], "d": "a", "nps": 10, "st": 4, "sm": 5, "ces": 7, "li": "na", "ma": {"x": 3, "y": 5},
        "dual": {"x": [2, 7]}, "r": ["b", "a"], "c": {"a": 30, "b": 70}, "n": 4, "t": "Ana - 1", "l": "Molt\nbo", "day": "2026-11-01",
        "e": "ana@example.org",
        "p": "+34 600 123 456", "i": "b", "sl": 55, "co": True,
    }  # fmt: skip
    assert typed.read(form, typed.written(form, answers)) == (answers, {})


def test_what_a_browser_carries_of_one_anonymous_survey_is_of_no_use_in_another(
    workspace: Workspace, owner: User, client: Client
) -> None:
    first, other = (tools.opened(workspace, owner, is_anonymous=True) for _ in range(2))
    paper = tools.way(first, "paper")
    code = codes_kept.make(workspace, owner, paper, 1)[0].code
    moved = client.post(f"/s/c/{code}/")
    for survey, where in ((first, moved["Location"]), (other, asking.address(tools.way(other)))):
        second = asking.send(client, paper, {"nps": "9"}, at=where)
        assert "/thanks/" in asking.send(client, paper, {}, at=second["Location"])["Location"]
        assert Response.objects.filter(survey=survey, state="complete").count() == 1
    assert codes_kept.counts(paper) == (1, 1)


def test_a_bad_answer_is_the_right_teams(workspace: Workspace, owner: User, survey: Survey) -> None:
    team = teams.save(workspace, owner, "Shop", [owner.pk])
    person = tools.people(workspace, 1)[0]
    link = tools.way(survey)
    loops.save(workspace, owner, survey, True, 6, 25, team.pk)
    link = Collector.objects.select_related("survey__workspace", "survey__version", "workspace").get(pk=link.pk)
    tools.complete(link, {"nps": 9}, person=person)
    bad = tools.complete(link, {"nps": 2, "why": "Nobody <script>came"}, person=person)
    row = FollowUp.objects.get()
    assert (row.response_id, row.team, row.person, row.text) == (bad.pk, team, person, "Nobody <script>came")
    assert loops.questions(row)[0]["text"] == "Would you recommend us?"
    assert loops.take(workspace, owner, row)
    assert loops.close(workspace, owner, row, "We called")
    assert not loops.close(workspace, owner, row, "Again")
    assert loops.close(workspace, owner, row, "", back=True)


def test_a_site_learns_yes_or_no_and_nothing_else(workspace: Workspace, survey: Survey, client: Client) -> None:
    people = tools.people(workspace, 1)
    web = tools.way(survey, "web", segment=tools.segment(workspace, people).public)
    cookie = "visitor-12345678"
    key = handle_key(bytes(workspace.secret), "cookie", cookie)
    now = timezone.now()
    Handle.objects.create(workspace=workspace, key=key, kind="cookie", value=cookie, first_seen=now)
    assert not targeting.is_meant(web, cookie)
    Belonging.objects.create(workspace=workspace, handle=key, person=people[0])
    assert Person.objects.filter(id=people[0]).exists()
    assert client.get(f"/s/{web.token}/for/?v={cookie}").json() == {"ask": True}
    for other in ("", "x", "visitor-00000000", "' OR 1=1"):
        assert client.get(f"/s/{web.token}/for/", {"v": other}).json() == {"ask": False}
    assert client.get("/s/nowhere/for/").json() == {"ask": False}
    collectors.switch(workspace, User.objects.first(), web, False)  # type: ignore[arg-type]
    assert client.get(f"/s/{web.token}/for/?v={cookie}").json() == {"ask": False}
    assert "vincleSurveys" in client.get("/s/embed.js").content.decode()


def test_limits_are_held_to_what_is_possible(workspace: Workspace, owner: User, survey: Survey) -> None:
    usual = {"timezone": "Europe/Madrid", "one_answer_per": "person", "cap": "10", "not_again_days": "30"}
    limits.change(workspace, owner, survey, {**usual, "closes_at": "2030-01-31T18:00"})
    survey.refresh_from_db()
    assert limits.values(survey)["closes_at"] == "2030-01-31T18:00"
    assert (survey.cap, survey.not_again_days) == (10, 30)
    for wrong in (
        {"timezone": "Mars"},
        {"cap": "many"},
        {"opens_at": "soon"},
        {"opens_at": "2031-01-01T00:00", "closes_at": "2030-01-01T00:00"},
    ):
        with pytest.raises(Refused):
            limits.change(workspace, owner, survey, {**usual, **wrong})


def test_every_screen_is_shown_and_says_what_it_should(client_for: Any, workspace: Workspace, owner: User, survey: Survey) -> None:
    client: Client = client_for("owner")
    people = tools.people(workspace, 2)
    whom = tools.segment(workspace, people, "<b>Regulars</b>")
    base = f"/w/{workspace.slug}/surveys"
    for kind in ("link", "qr", "mail", "message", "thread", "web", "post", "paper", "unit", "kiosk", "phone"):
        assert client.post(f"{base}/{survey.pk}/ask/new/", {"kind": kind}).status_code == 302
    rows = {row.kind: row for row in Collector.objects.all()}
    for row in rows.values():
        page = client.get(f"{base}/ways/{row.public_id}/")
        assert page.status_code == 200
        assert client.post(f"{base}/ways/{row.public_id}/save/", {"name": f"{row.kind} 2"}).status_code == 302
    assert b"11" in client.get(f"{base}/{survey.pk}/ask/").content
    assert client.get(f"{base}/ways/{rows['qr'].public_id}/qr.png").content[:4] == b"\x89PNG"
    client.post(f"{base}/ways/{rows['unit'].public_id}/codes/", {"labels": "=cmd()\nTable 2"})
    csv = b"".join(client.get(f"{base}/ways/{rows['unit'].public_id}/codes.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=cmd()" in csv
    client.post(f"{base}/ways/{rows['paper'].public_id}/codes/", {"count": "2"})
    assert client.get(f"{base}/ways/{rows['paper'].public_id}/ballots.pdf").content[:5] == b"%PDF-"
    assert client.get(f"{base}/ways/{rows['paper'].public_id}/typing/").status_code == 200
    moved = client.post(f"{base}/ways/{rows['post'].public_id}/act/", {"do": "post"})
    assert rows["post"].token in client.get(moved["Location"]).content.decode()
    mail = rows["mail"].public_id
    given = {
        "segment": whom.public,
        "connection": str(tools.mailbox(workspace).pk),
        "reminders": "1",
        "every_days": "5",
        "why-en": "Because",
    }
    assert "2 of 2" in client.get(f"{base}/ways/{mail}/rounds/reach/", {"segment": whom.public}).content.decode()
    moved = client.post(f"{base}/ways/{mail}/rounds/new/", given)
    page = client.get(moved["Location"]).content.decode()
    assert "&lt;b&gt;Regulars" in page
    assert "Because" in client.get(f"{moved['Location']}mail/").content.decode()
    client.post(f"{moved['Location']}act/", {"do": "approve"})
    tools.work()
    assert "Person 0" in client.get(f"{moved['Location']}people/").content.decode()
    assert b"Person 1" in b"".join(client.get(f"{moved['Location']}people.csv").streaming_content)  # type: ignore[attr-defined]
    client.post(f"{base}/{survey.pk}/ask/quotas/save/", {"do": "table", "first": "sex", "second": "nps", "limit": "5"})
    assert client.get(f"{base}/{survey.pk}/ask/quotas/").content.decode().count("Woman ·") >= 3
    client.post(f"{base}/{survey.pk}/ask/raffle/save/", {"kind": "drawn", "winners": "1", "prize-en": "A dinner"})
    assert "A dinner" in client.get(f"{base}/{survey.pk}/ask/raffle/").content.decode()
    client.post(f"{base}/{survey.pk}/ask/loop/", {"is_on": "on", "nps": "6", "percent": "25"})
    assert client.get(f"{base}/follow-ups/?survey={survey.pk}").status_code == 200
    assert Survey.objects.get(pk=survey.pk).loop["is_on"]


def test_who_may_only_look_changes_nothing(client_for: Any, workspace: Workspace, survey: Survey) -> None:
    client: Client = client_for("viewer")
    base = f"/w/{workspace.slug}/surveys"
    assert client.get(f"{base}/{survey.pk}/ask/").status_code == 200
    for path in ("ask/new/", "ask/limits/", "ask/quotas/save/", "ask/raffle/save/", "ask/raffle/draw/", "ask/loop/"):
        assert client.post(f"{base}/{survey.pk}/{path}", {"kind": "link"}).status_code == 403


def test_codes_of_a_day(survey: Survey) -> None:
    moment = timezone.now() - timedelta(days=1)
    assert codes_kept.day_of(moment) <= moment < codes_kept.day_of(moment) + timedelta(days=1)
