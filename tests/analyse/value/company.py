"""A small company of customers: Marta buys little, brings three and is listened to; Rob buys much and takes up time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.organise.community import NOW, act, bring, fact
from vincle.accounts.models import User, Workspace
from vincle.analyse.value import engagement_rounds
from vincle.analyse.value.models import EngagementEvidence, EngagementValue
from vincle.engage.inbox import effort, figures_cost
from vincle.engage.inbox.models import Thread
from vincle.engage.outbox.models import Job, Send
from vincle.listen import actions as listen
from vincle.organise import relations, value_terms
from vincle.organise.models import Profile, Relation, Score
from vincle.vocabulary import Direction, HandleRef, ObjectType, Verb, handle_key
from vincle.vocabulary.activity import Item

PEOPLE = ("marta", "rob", "ana", "bea", "carla", "dora")
US = HandleRef("email", "cafe@company.example", "Cafè Lligam")
WORTH = {"marta": (10, 4, 20), "rob": (40, 10, 90), "ana": (210, 110, 330), "bea": (80, 30, 150), "carla": (150, 90, 300)}
"""Expected, low and high of each one's own purchases."""


def mail(name: str) -> HandleRef:
    return HandleRef("email", f"{name}@company.example")


def key(workspace: Workspace, name: str) -> int:
    return handle_key(bytes(workspace.secret), "email", f"{name}@company.example")


def buys(name: str, amount: str, days: float, number: int = 0, **values: Any) -> Item:
    values = {"currency": "EUR", **values}
    verb = values.pop("verb", Verb.PURCHASE)
    return act(mail(name), verb, ObjectType.ORDER, days, native_id=f"{name}-{verb}-{number}", amount=Decimal(amount), **values)


def company(workspace: Workspace) -> None:
    """Purchases, a code that was used, reviews, letters; nobody is worth anything yet."""
    bring(workspace, [fact(f"{name}@company.example", name.title(), traits=_traits(name)) for name in PEOPLE], name="people.csv")
    items: list[Item] = [
        buys("marta", "20", 50), buys("rob", "400", 60), buys("rob", "30", 20, 1, verb=Verb.REFUND),
        buys("rob", "99", 10, 2, currency="USD"),
        buys("ana", "95", 30), buys("bea", "40", 500), buys("bea", "60", 20, 1),
        buys("carla", "100", 90), buys("carla", "50", 5, 1, props={"coupon": "MARTA5"}), buys("dora", "70", 15, props={"coupon": "MARTA5"}),
        *(act(mail("ana"), Verb.CREATE, ObjectType.REVIEW, 3 + n, native_id=f"review-{n}", text=f"Good coffee {n}", rating=5, rating_max=5)
          for n in range(3)),
        act(mail("ana"), Verb.CREATE, ObjectType.REVIEW, 600, native_id="review-old", text="Long ago"),
        *(act(US, Verb.DELIVER, ObjectType.MESSAGE, 3 + n, native_id=f"letter-{n}", object_key=f"letter-{n}", direction=Direction.OUT,
              target=mail("rob")) for n in range(2)),
    ]  # fmt: skip
    bring(workspace, items, channel="shop")


def _traits(name: str) -> dict[str, Any]:
    return {"Referral code": "MARTA5"} if name == "marta" else {}


def expect(workspace: Workspace, **worth: tuple[float, float, float]) -> None:
    """Own purchases to come, as the score says them."""
    for name, (value, low, high) in (worth or WORTH).items():
        reasons = [["between", {"low": low, "high": high, "currency": "EUR"}, 1.0]]
        values = {"value": value, "reasons": reasons, "workspace": workspace}
        Score.objects.update_or_create(person=person(workspace, name), name="value", defaults=values)


def person(workspace: Workspace, name: str) -> int:
    return int(Profile.objects.of(workspace).get(email=f"{name}@company.example").person)


def recommend(workspace: Workspace, user: User, name: str, *others: str) -> None:
    for other in others:
        relations.relate(workspace, user, person(workspace, name), person(workspace, other), Relation.Kind.RECOMMENDED)


def talk(workspace: Workspace, user: User, name: str, minutes: int, number: int = 1) -> int:
    """A conversation that the team had before it for so long."""
    source = listen.connection_for(workspace, "email")
    values = {"workspace": workspace, "connection": source, "channel": "email", "kind": "mail", "thread_key": f"{name}-{number}"}
    thread = Thread.objects.create(key=key(workspace, name) ^ number, handle=key(workspace, name), first_at=NOW, last_at=NOW, **values)
    effort.put(workspace, user, thread.key, NOW - timedelta(days=2), 60 * minutes)
    return int(thread.key)


def letter(workspace: Workspace, name: str, number: int = 0, state: str = "sent", native: str = "") -> None:
    """One that left by our own outbox; `native`: what reports call it."""
    source = listen.connection_for(workspace, "email")
    values = {"kind": "campaign", "source": "campaign:1", "name": "News", "connection": source, "purpose": "marketing", "medium": "email"}
    job, _ = Job.objects.get_or_create(workspace=workspace, public="job", defaults={**values, "writer": "letters"})
    Send.objects.create(
        workspace=workspace, key=f"{workspace.pk}-{name}-{number}", connection=source, deed="message", command={}, purpose="marketing",
        handle=key(workspace, name), person=person(workspace, name), state=state, job=job, turn=number, native_id=native,
        sent_at=NOW - timedelta(days=1) if state == "sent" else None,
    )  # fmt: skip


def price(workspace: Workspace, user: User, hourly: str = "30", **terms: str) -> None:
    value_terms.set_terms(workspace, user, **terms)
    figures_cost.set_hourly(workspace, user, hourly)


def worked(workspace: Workspace) -> dict[str, EngagementValue]:
    """A round as the worker does it; what each is worth, by name."""
    assert engagement_rounds.run(workspace) is not None
    names = dict(Profile.objects.of(workspace).values_list("person", "email"))
    rows = EngagementValue.objects.of(workspace)
    return {names[row.person].partition("@")[0]: row for row in rows if row.person in names}


def evidence(workspace: Workspace, name: str) -> dict[str, Any]:
    found: dict[str, Any] = EngagementEvidence.objects.of(workspace).get(person=person(workspace, name)).found
    return found
