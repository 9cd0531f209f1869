"""A few people, a journey, and a clock that tests turn: what the log says is followed as of then."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.organise.community import bring, fact
from vincle.accounts.models import User, Workspace
from vincle.engage.journeys import actions
from vincle.engage.journeys.definition.reading import write
from vincle.engage.journeys.definition.text.parsing import parse
from vincle.engage.journeys.models import Journey, Walk, WalkStep
from vincle.engage.journeys.places import names
from vincle.engage.journeys.running import stepping
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Connection, Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.vocabulary import Activity, ConsentFact, HandleRef, ObjectType, Permit, Verb

BUYS = "When someone does Purchase of Order\n"


class Town:
    """`now` goes on by `later`; `act` lets someone do something now; `settle` lets everything follow."""

    def __init__(self, workspace: Workspace, user: User) -> None:
        self.workspace, self.user, self.count = workspace, user, 0
        self.now = timezone.now()

    def people(self, *who: str, **values: Any) -> None:
        consent = ConsentFact(permit=Permit.GRANTED, at=self.now - timedelta(days=40))
        bring(self.workspace, [fact(f"{name}@example.org", name.title(), consents=(consent,), **values) for name in who])

    def journey(self, text: str, name: str = "Test", *, is_started: bool = True) -> Journey:
        made = actions.create(self.workspace, self.user, name, write(parse(text, names(self.workspace)).definition))
        return actions.start(self.workspace, self.user, made) if is_started else made

    def act(
        self, name: str, verb: Verb = Verb.PURCHASE, kind: ObjectType = ObjectType.ORDER, at: datetime | None = None, **values: Any
    ) -> None:
        self.count += 1
        values = {"native_id": f"n{self.count}", **values}
        who = HandleRef("email", f"{name}@example.org")
        made = Activity(verb=verb, object_type=kind, happened_at=at or max(self.now, timezone.now()), actor=who, **values)
        source = listen.connection_for(self.workspace, "orders")
        told = {"channel": "orders", "sha256": "0" * 64, "size": 1, "is_import": True, "state": Delivery.State.DONE}
        delivery = Delivery.objects.create(workspace=self.workspace, connection=source, **told)
        log.append(source, [made], timezone.now(), delivery)

    def later(self, **values: float) -> None:
        self.now = max(self.now, timezone.now()) + timedelta(**values)
        self.settle()

    def settle(self) -> None:
        before = tuple(name for name in pipeline.STEPS if name != stepping.STEP)
        self.now = max(self.now, timezone.now())
        while pipeline.intake() + pipeline.follow(before) + self.step():
            pass

    def step(self) -> int:
        with held(stepping.STEP) as cursor:
            assert cursor is not None
            return stepping.step(cursor, at=self.now)

    def person(self, name: str) -> int:
        return int(Profile.objects.of(self.workspace).get(email=f"{name}@example.org").person)

    def walk(self, name: str) -> Walk:
        found: Walk = Walk.objects.of(self.workspace).filter(person=self.person(name)).latest("pk")
        return found

    def trail(self, name: str) -> list[tuple[str, str]]:
        """(step, what) of someone's last walk."""
        return list(WalkStep.objects.filter(walk=self.walk(name)).order_by("pk").values_list("node", "what"))


def mailbox(workspace: Workspace) -> Connection:
    from vincle.listen import connections

    given = {"address": "news@lligam.example", "sender": "Lligam", "smtp_host": "127.0.0.1", "smtp_port": "2525", "smtp_security": "none"}
    return connections.connect(workspace, None, "mail", "Letters", given, {"password": "secret"})
