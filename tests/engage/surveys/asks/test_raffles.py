"""Raffles and gifts: kept apart from the answers, drawn so that anybody can do it again."""

import pytest
from django.test import Client

from tests.engage.surveys.asks import conftest as tools
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.engage.surveys import asking_work, lots, raffles
from vincle.engage.surveys.collectors import Refused
from vincle.engage.surveys.models import Raffle, RaffleEntry, Response, Survey

pytestmark = pytest.mark.django_db
DRAWN = {"kind": "drawn", "prize": {"en": "A dinner"}, "winners": 2, "reserves": 1}


def fresh(raffle: Raffle) -> Raffle:
    return Raffle.objects.select_related("survey", "workspace").get(pk=raffle.pk)


def enter(raffle: Raffle, count: int) -> None:
    for at in range(count):
        found = raffles.opened(raffles.ticket(raffle))
        assert found is not None
        raffles.enter(found[0], found[1], f"a{at}@x.example")


def test_it_is_drawn_once_closed_and_can_be_drawn_again(workspace: Workspace, owner: User, survey: Survey) -> None:
    raffle = raffles.save(workspace, owner, survey, DRAWN)
    enter(raffle, 6)
    with pytest.raises(Refused, match="Close the survey"):
        raffles.draw(workspace, owner, raffle)
    Survey.objects.filter(pk=survey.pk).update(state="closed")
    made = raffles.draw(workspace, owner, raffle, "Lottery 04827")
    assert (len(made.result), lots.commitment(made.seed)) == (3, raffle.commitment)
    assert raffles.again(made)
    assert RaffleEntry.objects.exclude(rank=None).count() == 2
    told = raffles.published(made)
    by_hand = lots.draw(told["entries"], told["seed"], 3, beacon=told["beacon"])
    assert [each.entry for each in by_hand] == told["result"]
    assert "a1@x.example" not in str(told)
    with pytest.raises(Refused, match="Say why"):
        raffles.draw(workspace, owner, raffle)
    second = raffles.draw(workspace, owner, raffle, reason="A winner cannot be reached")
    assert not set(made.result[:2]) & set(second.result)
    assert raffles.again(second)
    with pytest.raises(Refused, match="promised"):
        raffles.save(workspace, owner, survey, DRAWN)
    made.entries.pop()
    assert not raffles.again(made)


def test_an_answer_gets_one_ticket_and_a_ticket_one_entry(workspace: Workspace, owner: User, client: Client) -> None:
    survey = tools.opened(workspace, owner, is_anonymous=True)
    raffles.save(workspace, owner, survey, {**DRAWN, "condition": "{nps} >= 5"})
    link = tools.way(survey)
    assert asking_work.ticket_url(tools.complete(link, {"nps": 2})) == ""
    answer = Response.objects.select_related("survey__workspace").get(pk=tools.complete(link, {"nps": 9}).pk)
    url = asking_work.ticket_url(answer)
    assert url
    assert asking_work.ticket_url(answer) == ""
    page = client.get(url)
    assert b"A dinner" in page.content
    assert b"kept apart" in page.content
    assert client.post(url, {"contact": "no address"}).status_code == 422
    client.post(url, {"contact": "Ana@Example.org", "name": "Ana"})
    client.post(url, {"contact": "other@example.org"})
    entry = RaffleEntry.objects.get()
    assert (entry.contact, entry.person, entry.entered_at) == ("ana@example.org", None, None)
    assert client.get(url + "x").status_code == 404
    raffle = raffles.of_survey(survey)
    assert raffle is not None
    other = raffles.opened(raffles.ticket(raffle))
    assert other is not None
    assert raffles.enter(other[0], other[1], "ANA@example.org").pk == entry.pk


def test_a_gift_for_the_first_goes_to_no_more(workspace: Workspace, owner: User, survey: Survey) -> None:
    raffle = raffles.save(workspace, owner, survey, {**DRAWN, "kind": "first"})
    link = tools.way(survey)
    found = [asking_work.ticket_url(tools.complete(link, {"nps": 9})) for _answer in range(4)]
    assert [bool(each) for each in found] == [True, True, False, False]
    assert fresh(raffle).given == 2


def test_it_is_audited(workspace: Workspace, owner: User, survey: Survey) -> None:
    raffle = raffles.save(workspace, owner, survey, DRAWN)
    enter(raffle, 3)
    Survey.objects.filter(pk=survey.pk).update(state="closed")
    made = raffles.draw(workspace, owner, raffle)
    entry = AuditEntry.objects.filter(verb="drew").latest("pk")
    assert made.seed in str(entry.__dict__)
