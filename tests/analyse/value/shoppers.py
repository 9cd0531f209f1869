"""People who buy, each in a rhythm of their own, some of whom stop: enough of them for a model."""

from decimal import Decimal
from random import Random

from tests.organise.community import act, bring, fact
from vincle.accounts.models import Workspace
from vincle.organise import scoring_rounds
from vincle.organise.models import Profile
from vincle.vocabulary import HandleRef, ObjectType, Verb
from vincle.vocabulary.activity import Item


def mail(number: int) -> HandleRef:
    return HandleRef("email", f"shopper{number:03}@example.org")


def purchase(number: int, days: float, amount: float | None, currency: str = "EUR", order: str = "", verb: Verb = Verb.PURCHASE) -> Item:
    return act(
        mail(number), verb, ObjectType.ORDER, days, amount=None if amount is None else Decimal(f"{amount:.2f}"),
        currency=currency if amount is not None else "", native_id=order or f"{number}-{verb}-{days:.3f}",
    )  # fmt: skip


def shop(workspace: Workspace, people: int = 70, seed: int = 3) -> None:
    """Purchases over some 500 days; every third one stops after a while."""
    dice = Random(seed)
    items: list[Item] = [fact(mail(n).value, f"Shopper {n:03}") for n in range(people)]
    for n in range(people):
        day, rhythm, money = dice.uniform(60, 500), dice.uniform(15, 80), dice.uniform(10, 60)
        stops = day - dice.uniform(20, 200) if n % 3 == 0 else 0
        while day > max(stops, 0.2):
            items.append(purchase(n, day, money * dice.uniform(0.7, 1.3)))
            day -= dice.expovariate(1 / rhythm) + 1
    bring(workspace, items, channel="shop", name="orders.csv")


def follow() -> None:
    while scoring_rounds.follow():
        pass


def person(number: int) -> int:
    return int(Profile.objects.get(email=mail(number).value).person)
