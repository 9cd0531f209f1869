"""Promotions: whom codes go to, and the purchases that bring them back, as the log is corrected."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.engage.campaigns import promo_giving, promotions, promotions_reading, promotions_report
from vincle.engage.campaigns.models_promotions import PromoCode, Promotion, PromoUse
from vincle.engage.campaigns.promotions import OutOfCodes, Refused, Terms
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Activity as Row
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, HandleRef, ObjectType, Op, Verb, handle_key

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA = HandleRef("email", "ana@example.org", "Ana")


@pytest.fixture
def own(workspace: Workspace) -> Promotion:
    return promotions.save(workspace, None, Terms(name="Spring", percent=Decimal(10), prefix="spring"))


def bought(order: str, codes: object, amount: str = "20", version: str = "1", verb: Verb = Verb.PURCHASE, op: Op = Op.CORRECT) -> Activity:
    return Activity(
        verb=verb, object_type=ObjectType.ORDER, native_id=f"order:{order}", happened_at=AT, actor=ANA, version=version, op=op,
        amount=Decimal(amount), currency="EUR", props={"codes": codes},
    )  # fmt: skip


def hear(workspace: Workspace, *items: Activity) -> None:
    log.append(listen.connection_for(workspace, "shopify"), items, timezone.now())
    last = Row.objects.order_by("-seq").values_list("seq", flat=True)[0]
    Cursor.objects.update_or_create(name=promotions_reading.AHEAD, defaults={"position": last})
    cursor, _ = Cursor.objects.get_or_create(name=promotions_reading.STEP)
    cursor.refresh_from_db()
    rows = [promotions_reading.Row(*row) for row in log.read_acts(cursor.position, last, 100, promotions_reading.COLUMNS)]
    promotions_reading.follow(rows)
    Cursor.objects.filter(pk=cursor.pk).update(position=last)


def test_each_person_gets_one_code_and_the_same_again(own: Promotion) -> None:
    first = promo_giving.give(own, [1, 2, 3], "campaign:7")
    again = promo_giving.give(own, [2, 3, 4])
    assert len({*first.values(), *again.values()}) == 4
    assert (again[2], again[3]) == (first[2], first[3])
    assert all(code.startswith("SPRING-") for code in first.values())
    assert PromoCode.objects.filter(source="campaign:7").count() == 3


def test_codes_of_the_shop_go_out_until_there_are_no_more_and_then_nobody_gets_one(workspace: Workspace, owner: User) -> None:
    row = promotions.save(workspace, owner, Terms(name="Shop", draws=False))
    assert promotions.add_codes(workspace, owner, row, "AB-1\nAB-2\nAB-1") == (2, 1, [])
    assert set(promo_giving.give(row, [1, 2]).values()) == {"AB-1", "AB-2"}
    with pytest.raises(OutOfCodes) as out:
        promo_giving.give(row, [2, 3, 4])
    assert out.value.missing == 2
    assert promotions.add_codes(workspace, owner, row, "ab1 x9y") == (1, 1, [])
    assert AuditEntry.objects.filter(object_type="promotion", verb="added codes").count() == 2


def test_a_shared_code_is_one_for_all_and_belongs_to_one_promotion(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="All", kind="shared"), "Welcome 10")
    assert promo_giving.give(row, [5, 6]) == {5: "Welcome 10", 6: "Welcome 10"}
    with pytest.raises(Refused):
        promotions.save(workspace, None, Terms(name="Other", kind="shared"), "welcome-10")
    hear(workspace, bought("1", ["WELCOME10"]), bought("2", ["welcome-10", "other"]))
    figures = promotions_report.figures([row])[row.pk]
    assert (figures.given, figures.redeemed, figures.purchases, figures.revenue) == (2, 1, 2, {"EUR": Decimal(40)})


def test_what_is_over_is_not_given_any_more(workspace: Workspace) -> None:
    row = promotions.save(workspace, None, Terms(name="Old", ends_at=timezone.now() - timedelta(days=1)))
    with pytest.raises(Refused):
        promo_giving.give(row, [1])
    assert promotions.choices(workspace) == []


@pytest.mark.parametrize("terms", [
    Terms(name=" \x00"), Terms(name="A", kind="x"), Terms(name="A", percent=Decimal(101)), Terms(name="A", amount=Decimal(1)),
    Terms(name="A", percent=Decimal(1), amount=Decimal(1), currency="EUR"), Terms(name="A", starts_at=AT, ends_at=AT),
    Terms(name="A", limit=0), Terms(name="A", segment="nobodys"),
])  # fmt: skip
def test_terms_that_cannot_be_are_refused(workspace: Workspace, terms: Terms) -> None:
    with pytest.raises(Refused):
        promotions.save(workspace, None, terms)


def test_a_purchase_is_counted_once_as_it_stands(workspace: Workspace, own: Promotion) -> None:
    code = promo_giving.give(own, [handle_key(bytes(workspace.secret), "email", ANA.value)])
    written = next(iter(code.values())).lower().replace("-", " ")
    hear(workspace, bought("1", [written]))
    hear(workspace, bought("1", [written], "15", "2"), bought("1", [written], "20", "1"))
    use = PromoUse.objects.get()
    assert (use.amount, PromoCode.objects.get().used_at) == (Decimal(15), AT)
    [(_key, told)] = promotions_report.uses(own)
    assert (told.amount, told.currency, told.is_late) == (Decimal(15), "EUR", False)
    hear(workspace, bought("1", [written], "15", "3", verb=Verb.UNDO))
    assert not PromoUse.objects.exists()
    assert PromoCode.objects.get().used_at is None


def test_codes_are_a_workspaces_own_and_odd_ones_are_passed_over(workspace: Workspace, other_workspace: Workspace, own: Promotion) -> None:
    promo_giving.give(own, [1])
    code = PromoCode.objects.get().code
    hear(other_workspace, bought("1", [code]))
    hear(workspace, bought("2", {"a": 1}), bought("3", [None, 7, "", "½"]), bought("4", code))
    assert not PromoUse.objects.exists()


# On screen


def test_made_changed_put_away_and_brought_back_on_screen(client_for: Callable[..., Client], workspace: Workspace) -> None:
    login = client_for(Role.OWNER)
    base = f"/w/{workspace.slug}/campaigns/promotions/"
    said = {"name": "Spring <b>", "kind": "single", "worth": "percent", "value": "12,5", "ends": "2099-03-01", "draws": "1"}
    made = login.post(f"{base}keep/", said, follow=True)
    assert "Spring &lt;b&gt;" in made.content.decode()
    row = Promotion.objects.get()
    assert (row.percent, row.ends_at and row.ends_at.isoformat()) == (Decimal("12.5"), "2099-03-01T23:00:00+00:00")
    assert 'value="2099-03-01"' in login.get(f"{base}{row.pk}/edit/").content.decode()
    login.post(f"{base}{row.pk}/codes/", {"codes": "=CMD-1\nX-2"})
    assert "'=CMD-1" in b"".join(login.get(f"{base}{row.pk}/codes.csv").streaming_content).decode()
    login.post(f"{base}{row.pk}/act/", {"do": "away"})
    assert "Spring" in login.get(f"{base}?put_away=yes").content.decode()
    login.post(f"{base}{row.pk}/act/?do=back")
    assert Promotion.objects.get().archived_at is None


def test_what_cannot_be_kept_stands_in_the_form_again(client_for: Callable[..., Client], workspace: Workspace) -> None:
    said = {"name": "Half", "kind": "single", "worth": "percent", "value": "x"}
    wrong = client_for(Role.AGENT).post(f"/w/{workspace.slug}/campaigns/promotions/keep/", said)
    assert wrong.status_code == 422
    assert 'value="Half"' in wrong.content.decode()


def test_the_list_asks_few_questions(client_for: Callable[..., Client], workspace: Workspace, django_assert_max_num_queries: Any) -> None:
    login = client_for()
    for number in range(12):
        promo_giving.give(promotions.save(workspace, None, Terms(name=f"P{number}")), [1, 2])
    with django_assert_max_num_queries(20):
        assert "P11" in login.get(f"/w/{workspace.slug}/campaigns/promotions/").content.decode()
