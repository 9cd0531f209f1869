"""A small world in which everything happens that memberships hang on, and the same worked out anew from the log."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from tests.organise.community import NOW
from vincle.accounts.models import User, Workspace
from vincle.identify import actions as identify
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen import log, understanding
from vincle.listen.models import Activity as Row
from vincle.listen.models import Delivery
from vincle.organise import frames, history, looking, membership, segmenting, team, touching
from vincle.organise.history import Histories
from vincle.organise.models import Membership, Profile, Score, Segment
from vincle.organise.people import chosen
from vincle.organise.segments.evaluate import Evaluation
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Op, Permit, Retraction, Verb, public_id
from vincle.vocabulary.activity import Item

BEFORE = ("understand", "identify", "organise")
TEXTS = ("Great coffee, thank you!", "Terrible service, never again.", "When do you open?", "Ok.")
BUY: dict[str, Any] = {"verb": "Purchase"}
ASKED: dict[str, Any] = {
    "all": {"all": []},
    "city": {"trait": "city", "is": "Girona"},
    "tag": {"tag": "vip"},
    "buyers": {"did": BUY, "within": {"days": 10}},
    "big": {"did": BUY, "sum": {"at_least": 40}},
    "gone quiet": {"all": [{"did": {}}, {"did_not": {}, "within": {"days": 5}}]},
    "unhappy": {"did": {"verb": "Create", "sentiment": "negative"}, "within": {"days": 30}},
    "after": {"sequence": [{"verb": "Create"}, BUY], "within_days": 3},
    "waiting": {"sequence": [{"verb": "Create"}, BUY], "within_days": 2, "missing_last": True},
    "may write": {"consent": "granted", "channel": "email", "purpose": "marketing"},
    "best": {"top": 3, "by": "influence"},
    "half": {"random": 0.5, "seed": 3},
    "first": {"trait": "first_at", "in_last": 20},
    "owned": {"not": {"trait": "owner", "is": "none"}},
}


class World:
    """`now` goes on by `pass_time`; `settle` lets everything follow as of then."""

    def __init__(self, workspace: Workspace, user: User, seed: int) -> None:
        self.workspace, self.user, self.random, self.now = workspace, user, random.Random(seed), NOW
        self.count = 0
        self.acts: list[Activity] = []
        self.moves: list[int] = []
        self.deliveries: list[Delivery] = []

    # What happens

    def bring(self, items: list[Item]) -> None:
        source = listen.connection_for(self.workspace, "orders")
        values = {"channel": "orders", "sha256": "0" * 64, "size": 1, "is_import": True, "state": Delivery.State.DONE}
        delivery = Delivery.objects.create(workspace=self.workspace, connection=source, **values)
        log.append(source, items, self.now, delivery)
        self.deliveries.append(delivery)

    def someone(self) -> HandleRef:
        return HandleRef("email", f"p{self.random.randrange(8)}@example.org")

    def fact(self) -> None:
        self.count += 1
        who = self.someone()
        consent = ConsentFact(permit=self.random.choice([Permit.GRANTED, Permit.WITHDRAWN]), at=self.now)
        traits = {"city": self.random.choice(["Girona", "Vic"])}
        handles: tuple[HandleRef, ...] = (who,)
        if self.random.random() < 0.3:
            handles = (who, HandleRef("instagram", f"i{self.random.randrange(6)}", "x"))
        self.bring([Fact(native_id=f"f{self.count}", observed_at=self.now, handles=handles, name=who.value[:2], traits=traits,
                         tags=self.random.choice([(), ("vip",)]), consents=self.random.choice([(), (consent,)]))])  # fmt: skip

    def act(self) -> None:
        self.count += 1
        who = self.someone() if self.random.random() < 0.7 else HandleRef("instagram", f"i{self.random.randrange(6)}", "x")
        at = self.now - timedelta(days=self.random.choice([0, 0, 0.5, 1, 4, 9.9, 30]))
        if self.random.random() < 0.5:
            made = Activity(verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=f"a{self.count}", happened_at=at, actor=who,
                            amount=Decimal(self.random.randrange(5, 30)), currency="EUR")  # fmt: skip
        else:
            made = Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"a{self.count}", happened_at=at, actor=who,
                            text=self.random.choice(TEXTS))  # fmt: skip
        self.acts.append(made)
        self.bring([made])

    def correct(self) -> None:
        if self.acts:
            was = self.random.choice(self.acts)
            self.count += 1
            values = {name: getattr(was, name) for name in ("verb", "object_type", "native_id", "actor", "currency")}
            at, amount = was.happened_at - timedelta(days=self.random.choice([0, 6])), Decimal(self.random.randrange(5, 60))
            text = self.random.choice(TEXTS) if was.text else ""
            self.bring(
                [
                    Activity(
                        **values, op=Op.CORRECT, version=str(self.count), happened_at=at, amount=amount if was.amount else None, text=text
                    )
                ]
            )

    def retract(self) -> None:
        if self.acts:
            self.bring([Retraction(native_id=self.random.choice(self.acts).native_id, happened_at=self.now)])

    def undo_import(self) -> None:
        if self.deliveries:
            listen.undo(self.random.choice(self.deliveries), self.user)
            pipeline.intake()

    def hear_otherwise(self) -> None:
        rows = list(Row.objects.filter(verb="Create", superseded=False, op="assert").order_by("seq"))
        if rows:
            self.follow()
            said = self.random.choice(["negative", "positive"])
            with suppress(understanding.CannotCorrect):
                understanding.correct(self.workspace, bytes(self.random.choice(rows).event_id), "sentiment", said, self.user)

    def tag(self) -> None:
        if person := self.person():
            team.tag(self.workspace, self.user, chosen(self.workspace, [public_id(person)]), "VIP")

    def untag(self) -> None:
        found = team.Tag.objects.of(self.workspace).filter(folded="vip").first()
        if found and (person := self.person()):
            team.untag(self.workspace, self.user, chosen(self.workspace, [public_id(person)]), found)

    def own(self) -> None:
        if person := self.person():
            owner = self.random.choice([None, self.user])
            team.set_owner(self.workspace, self.user, chosen(self.workspace, [public_id(person)]), owner)

    def score(self) -> None:
        if person := self.person():
            values = {"value": self.random.randrange(6), "workspace": self.workspace}
            Score.objects.update_or_create(person=person, name="influence", defaults=values)
            touching.touch(self.workspace, [person])

    def merge(self) -> None:
        left, right = self.person(), self.person()
        if left and right and left != right:
            identify.merge(self.workspace, left, right, self.user)

    def part(self) -> None:
        person = self.person()
        if person:
            identify.split_whole(self.workspace, person, self.user)

    def ask_otherwise(self) -> None:
        rows = list(Segment.objects.of(self.workspace).order_by("pk"))
        segment = self.random.choice(rows)
        segmenting.change(self.workspace, self.user, segment, predicate=self.random.choice(list(ASKED.values())))

    def pass_time(self) -> None:
        self.now += timedelta(hours=self.random.choice([1, 20, 60, 200]))

    def person(self) -> int | None:
        people = list(Profile.objects.of(self.workspace).order_by("person").values_list("person", flat=True))
        return self.random.choice(people) if people else None

    EVENTS = (fact, act, act, act, correct, retract, undo_import, hear_otherwise, tag, untag, own, score, score, merge, part, ask_otherwise,
              pass_time, pass_time)  # fmt: skip

    def happen(self) -> str:
        event = self.random.choice(self.EVENTS)
        event(self)
        return str(event.__name__)

    # What follows

    def follow(self) -> None:
        while pipeline.intake() + pipeline.follow(BEFORE):
            pass

    def step(self) -> int:
        self.now += timedelta(milliseconds=1)
        with held(history.STEP) as cursor:
            assert cursor is not None
            return membership.step(cursor, at=self.now)

    def settle(self) -> None:
        self.follow()
        while self.step():
            self.follow()

    def settle_killed(self) -> None:
        """The same, but killed at the moment of writing now and then."""
        self.follow()
        real, times = membership.lease.advance, self.random.randrange(3)

        def fall(*args: Any) -> None:
            nonlocal times
            real(*args)
            if times > 0:
                times -= 1
                raise RuntimeError("killed")

        with patch.object(membership.lease, "advance", fall):
            while True:
                try:
                    if not self.step():
                        break
                except RuntimeError:
                    pass
                self.follow()

    # What has to be

    def expected(self) -> dict[int, set[int]]:
        """Members of each segment worked out from the log and the tables alone, without what is kept."""
        asked = looking.Asked(self.workspace)
        people = list(Profile.objects.of(self.workspace).values_list("person", flat=True))
        handles = set(Belonging.objects.values_list("handle", flat=True))
        frame = frames.load(self.workspace, people, asked.needs, Histories(history.place(), stale=handles))
        on = Evaluation(frame, frames.now_of(self.workspace, self.now), asked.predicates)
        return {segment.pk: set(frame.ids[on.truth(asked.predicates[segment.public])].tolist()) for segment in asked.segments}

    def kept(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {pk: set() for pk in Segment.objects.of(self.workspace).values_list("pk", flat=True)}
        for segment, person in Membership.objects.of(self.workspace).filter(left_at=None).values_list("segment", "person"):
            found[segment].add(person)
        return found

    def check(self) -> None:
        kept, expected = self.kept(), self.expected()
        names = dict(Segment.objects.values_list("pk", "name"))
        assert {names[pk]: people for pk, people in kept.items()} == {names[pk]: people for pk, people in expected.items()}
        assert dict(Segment.objects.values_list("pk", "members")) == {pk: len(people) for pk, people in kept.items()}
        told = Row.objects.filter(channel="vincle")
        ledger = Membership.objects.of(self.workspace)
        assert told.filter(verb="Join").count() == ledger.filter(is_found=False).count()
        assert told.filter(verb="Leave").count() == ledger.filter(is_dropped=False).exclude(left_at=None).count()


def moment(days: float) -> datetime:
    return NOW + timedelta(days=days)
