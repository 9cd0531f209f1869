"""A small community, brought in through the log as channels do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from vincle.accounts.models import Workspace
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Activity, ConsentFact, Direction, Fact, HandleRef, ObjectType, Permit, Verb
from vincle.vocabulary.activity import Item

NOW = datetime.now(UTC).replace(microsecond=0)
NURIA = HandleRef("email", "nuria.serra@example.cat")
NURIA_ON = HandleRef("instagram", "178414", "nuria.ceramica")
US = HandleRef("instagram", "1", "cafe.lligam")


def bring(workspace: Workspace, items: list[Item], channel: str = "contacts", name: str = "") -> Delivery:
    """Append items as one delivery and let everything follow."""
    source = listen.connection_for(workspace, channel)
    delivery: Delivery = Delivery.objects.create(
        workspace=workspace,
        connection=source,
        channel=channel,
        name=name,
        sha256="0" * 64,
        size=1,
        is_import=bool(name),
        state=Delivery.State.DONE,
    )
    log.append(source, items, NOW, delivery)
    pipeline.catch_up()
    return delivery


def fact(
    email: str, name: str = "", native_id: str = "", at: datetime | None = None, more: tuple[HandleRef, ...] = (), **values: Any
) -> Fact:
    handles = (HandleRef("email", email), *more)
    return Fact(native_id=native_id or f"row:{email}", observed_at=at or NOW - timedelta(days=30), handles=handles, name=name, **values)


def act(actor: HandleRef, verb: Verb = Verb.CREATE, kind: ObjectType = ObjectType.NOTE, days: float = 1, **values: Any) -> Activity:
    at = NOW - timedelta(days=days)
    native = values.pop("native_id", f"{actor.value}:{verb}:{kind}:{days}")
    return Activity(verb=verb, object_type=kind, native_id=native, happened_at=at, actor=actor, **values)


def nuria(workspace: Workspace) -> Profile:
    """Núria Serra Vidal: two handles, words, a purchase, four looks, a message of ours, a refusal."""
    consent = ConsentFact(permit=Permit.GRANTED, at=NOW - timedelta(days=40))
    traits = {"first_name": "Núria", "last_name": "Serra Vidal", "city": "Barcelona", "Lead source": "web form"}
    bring(
        workspace,
        [fact(NURIA.value, "Núria Serra Vidal", more=(NURIA_ON,), traits=traits, tags=("loyal",), consents=(consent,))],
        name="hubspot.csv",
    )
    looks = [act(NURIA, Verb.VIEW, ObjectType.PAGE, 3 + n / 1000, title="Track my order", native_id=f"look{n}") for n in range(4)]
    bring(
        workspace,
        [
            act(
                NURIA_ON,
                days=1,
                text="Tercer matí sense cafè. On és la meva comanda?",
                url="https://instagram.example/p/1",
                parent_key="p",
                language="ca",
            ),
            act(NURIA_ON, days=2, text="gone soon", native_id="gone", parent_key="p"),
            act(NURIA, Verb.PURCHASE, ObjectType.ORDER, 5, amount=Decimal("27.80"), currency="EUR", title="Christmas blend 2 x 250 g"),
            act(US, kind=ObjectType.MESSAGE, days=0.5, text="It is on its way.", target=NURIA_ON, direction=Direction.OUT),
            *looks,
        ],
        channel="instagram",
    )
    return Profile.objects.of(workspace).get(email=NURIA.value)


def crowd(workspace: Workspace, count: int = 120) -> None:
    """People without any word, with names that sort, every third from Girona."""
    bring(
        workspace,
        [
            fact(
                f"person{n:03}@example.org",
                f"Person {n:03}",
                traits={"city": "Girona" if n % 3 == 0 else "Roma", "country": "ES" if n % 3 == 0 else "IT"},
            )
            for n in range(count)
        ],
        name="crowd.csv",
    )
