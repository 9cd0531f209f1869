"""What has had its time, what follows people who were joined, and what an anonymous survey must not be asked twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys.asks import conftest as tools
from tests.engage.surveys.asks.test_raffles import DRAWN
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, asking_work, raffles, rounds, settled, tidying
from vincle.engage.surveys.definition import checks, model
from vincle.engage.surveys.models import Invitation, Raffle, Response, Round, Survey
from vincle.identify.models import Belonging

pytestmark = pytest.mark.django_db


def test_whoever_was_asked_before_two_were_found_to_be_one_is_not_asked_again(workspace: Workspace, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(not_again_days=30)
    survey.refresh_from_db()
    one, two = tools.people(workspace, 2)
    way = tools.way(survey)
    Invitation.objects.create(workspace=workspace, survey=survey, collector=way, person=one, handle=one, state="asked")
    assert rounds.lately(survey, [one, two], timezone.now()) == {one}
    Belonging.objects.filter(handle=one).update(person=two)
    assert rounds.lately(survey, [two], timezone.now()) == {two}
    assert rounds.lately(survey, [two], timezone.now() + timedelta(days=31)) == set()


def test_an_anonymous_invitation_is_answered_once_on_whatever_device(
    asking: Callable[..., Round], workspace: Workspace, owner: User
) -> None:  # fmt: skip
    made = asking(1, survey=tools.opened(workspace, owner, is_anonymous=True))
    tools.work()
    tools.sent()
    row = Invitation.objects.get(round=made)
    devices = [Client(), Client()]
    pages = [device.post(settled.url(row).replace("http://localhost:8000", ""), follow=True).redirect_chain[-1][0] for device in devices]
    for device, page in zip(devices, pages, strict=True):
        device.post(page.partition("?")[0], {"_page": "p1", "nps": "9"})
        found = device.post(page.partition("?")[0], {"_page": "p2"})
        assert found.status_code == (302 if device is devices[0] else 410)
    assert Response.objects.filter(state="complete").count() == Survey.objects.get(pk=made.survey_id).completed == 1


def test_gifts_nobody_fetched_are_there_for_others(workspace: Workspace, owner: User, survey: Survey) -> None:
    raffle = raffles.save(workspace, owner, survey, {**DRAWN, "kind": "first"})
    link = tools.way(survey)
    for _answer in range(2):
        assert asking_work.ticket_url(tools.complete(link, {"nps": 9}))
    assert asking_work.ticket_url(tools.complete(link, {"nps": 9})) == ""
    assert tidying.turn() == 0
    Response.objects.filter(pk=Response.objects.earliest("pk").pk).update(submitted_at=timezone.now() - timedelta(days=61))
    assert tidying.turn() == 1
    assert Raffle.objects.get(pk=raffle.pk).given == 1
    assert asking_work.ticket_url(tools.complete(link, {"nps": 9}))


def test_what_was_deleted_long_ago_is_gone_and_what_was_deleted_lately_comes_back(
    workspace: Workspace, owner: User, survey: Survey
) -> None:  # fmt: skip
    tools.complete(tools.way(survey), {"nps": 9})
    actions_builder.delete(survey, owner)
    assert tidying.turn() == 0
    actions_builder.undelete(survey, owner)
    actions_builder.delete(survey, owner)
    assert tidying.turn(timezone.now() + timedelta(days=31)) == 1
    assert not Survey.objects.filter(pk=survey.pk).exists()
    assert not Response.objects.exists()


def test_an_anonymous_survey_warns_of_questions_that_say_who_answers() -> None:
    mail = model.Email(id="e", text={"en": "Your address"})
    asked = model.Survey(title={"en": "A"}, pages=[model.Page(id="p", items=[mail, model.Nps(id="n", text={"en": "N"})])])
    found = [each for each in checks.troubles(asked, is_anonymous=True) if each.code == "says_who"]
    assert [(each.place, each.is_warning) for each in found] == [("p/e", True)]
    assert not [each for each in checks.troubles(asked) if each.code == "says_who"]
