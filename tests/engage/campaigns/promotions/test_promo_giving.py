"""Who is given a code and who is not: in its time, to its segment, never beyond its limit, however many give at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from tests.engage.campaigns.conftest import drawn, people, segment
from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import actions, promo_giving, promotions
from vincle.engage.campaigns.models import Campaign, PromoCode
from vincle.engage.campaigns.models_promotions import Promotion
from vincle.engage.campaigns.promo_giving import NONE_LEFT, NOT_FOR_THEM, LimitReached
from vincle.engage.campaigns.promotions import Refused, Terms
from vincle.engage.outbox.models import Send
from vincle.organise.models import Membership

pytestmark = pytest.mark.django_db
Draft = Callable[..., Campaign]


@pytest.mark.parametrize(("starts", "ends", "why"), [(1, None, "begins on"), (None, -1, "is over"), (-3, -1, "is over")])
def test_before_its_first_day_and_after_its_last_nobody_is_given_one(
    workspace: Workspace, starts: int | None, ends: int | None, why: str
) -> None:
    row = promotions.save(workspace, None, Terms(name="Spring"))
    now = timezone.now()
    row.starts_at, row.ends_at = (now + timedelta(days=each) if each else None for each in (starts, ends))
    row.save()
    for attempt in (promo_giving.give, promo_giving.grant, promo_giving.check):
        with pytest.raises(Refused, match=why):
            attempt(row, [1])
    assert not PromoCode.objects.exists()


def test_what_was_put_away_or_shortened_meanwhile_is_not_given(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="Spring", limit=9))
    Promotion.objects.update(limit=1)
    with pytest.raises(LimitReached):
        promo_giving.give(row, [1, 2])
    promotions.archive(workspace, None, row)
    with pytest.raises(Refused, match="put away"):
        promo_giving.give(row, [1])


def test_its_segment_gets_it_and_nobody_else(workspace: Workspace) -> None:
    ones = people(workspace, 3)
    meant = segment(workspace, ones[:2])
    row = promotions.save(workspace, None, Terms(name="Spring", segment=meant.public))
    found = promo_giving.grant(row, ones)
    assert (set(found.codes), found.refused) == (set(ones[:2]), {ones[2]: NOT_FOR_THEM})
    Membership.objects.filter(person=ones[0]).update(left_at=timezone.now())
    assert promo_giving.give(row, ones) == found.codes, "whoever has one keeps it"
    meant.archived_at = timezone.now()
    meant.save()
    with pytest.raises(Refused, match="not there any more"):
        promo_giving.give(row, ones)


def test_its_limit_is_all_or_none_for_a_campaign_and_first_come_for_a_journey(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="Spring", limit=3))
    promo_giving.give(row, [1, 2])
    with pytest.raises(LimitReached) as much:
        promo_giving.give(row, [2, 3, 4])
    assert (much.value.missing, promo_giving.left(row), PromoCode.objects.count()) == (1, 1, 2)
    found = promo_giving.grant(row, [2, 3, 4])
    assert (set(found.codes), found.refused, promo_giving.left(row)) == ({2, 3}, {4: NONE_LEFT}, 0)


def test_a_code_for_all_is_given_until_its_purchases_have_come(workspace: Workspace) -> None:
    from tests.engage.campaigns.promotions.test_promotions import bought, hear

    row = promotions.save(workspace, None, Terms(name="All", kind="shared", limit=2), "HELLO")
    assert len(promo_giving.give(row, range(1, 8))) == 7
    hear(workspace, bought("1", ["HELLO"]), bought("2", ["hello"]))
    with pytest.raises(LimitReached):
        promo_giving.give(row, [9])
    assert promo_giving.give(row, [1]) == {1: "HELLO"}


def test_a_code_used_before_it_was_given_goes_to_nobody(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="Shop", draws=False))
    promotions.add_codes(workspace, None, row, "AB-1\nAB-2")
    PromoCode.objects.filter(code="AB-1").update(used_at=timezone.now())
    assert promo_giving.give(row, [1]) == {1: "AB-2"}


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_never_pass_the_limit(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="Spring", limit=10))

    def send(first: int) -> int:
        try:
            return sum(len(promo_giving.grant(row, range(at, at + 3)).codes) for at in range(first, first + 12, 3))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(send, (100, 200)))
    assert sum(given) == 10 == PromoCode.objects.filter(person__isnull=False).count()


def test_a_campaign_draws_only_whom_its_promotion_is_for(workspace: Workspace, draft: Draft, begin: Callable[[Campaign], Campaign]) -> None:
    campaign = draft(12, held_out=10)
    ones = sorted(Membership.objects.values_list("person", flat=True))
    meant = segment(workspace, ones[:5], "Meant")
    Campaign.objects.update(promotion=promotions.save(workspace, None, Terms(name="Spring", segment=meant.public)))
    campaign.refresh_from_db()
    campaign = begin(campaign)
    given, held = drawn(campaign)
    assert set(given) | set(held) == set(ones[:5])
    assert campaign.left_out == {"not_for_them": 7}
    assert all(send.data["code"] for send in Send.objects.filter(job=campaign.job))


def test_a_campaign_that_would_pass_the_limit_stops_before_its_first_letter(
    workspace: Workspace, owner: User, draft: Draft, begin: Callable[[Campaign], Campaign], client_for: Callable[..., Client]
) -> None:
    campaign = draft(8, held_out=0)
    row = promotions.save(workspace, None, Terms(name="Spring", limit=5))
    Campaign.objects.update(promotion=row)
    campaign.refresh_from_db()
    campaign = begin(campaign)
    assert (campaign.state, "3 too few" in campaign.problem) == (Campaign.State.PAUSED, True)
    assert (Send.objects.count(), PromoCode.objects.count()) == (0, 0)
    Promotion.objects.update(limit=0)
    assert "used up" in client_for().get(f"/w/{workspace.slug}/campaigns/promotions/{row.pk}/").content.decode()
    with pytest.raises(actions.Refused, match="used up"):
        actions.ask(workspace, owner, actions.copy(workspace, owner, campaign))
