"""What tests of campaigns share: people who agreed to be written to, a segment of them, letters, a mailbox, and what people did."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import actions, running
from vincle.engage.campaigns.models import Assignment, Campaign
from vincle.engage.letters import actions as letters
from vincle.engage.letters.models import Letter
from vincle.engage.outbox.models import Job, Outcome, Send
from vincle.identify.models import Belonging, Consent, Person
from vincle.listen import actions as listen
from vincle.listen import connections, log
from vincle.listen.models import Connection, Handle
from vincle.organise.models import Membership, Profile, Segment
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, handle_key, public_id


def people(workspace: Workspace, count: int, *, agreed: bool = True, start: int = 0) -> list[int]:
    """People with an address each; ids are the keys of their handles."""
    now = timezone.now()
    refs = [HandleRef("email", f"p{at}@{workspace.slug}.example", f"Person {at}") for at in range(start, start + count)]
    keys = [handle_key(bytes(workspace.secret), ref.kind, ref.value) for ref in refs]
    pairs = list(zip(keys, refs, strict=True))
    Handle.objects.bulk_create(
        [Handle(workspace=workspace, key=key, kind=ref.kind, value=ref.value, name=ref.name, first_seen=now) for key, ref in pairs]
    )
    Person.objects.bulk_create([Person(workspace=workspace, id=key, first_seen=now, is_identified=True) for key in keys])
    Belonging.objects.bulk_create([Belonging(workspace=workspace, handle=key, person=key) for key in keys])
    Profile.objects.bulk_create(
        [Profile(workspace=workspace, person=key, name=ref.name, email=ref.value, known_since=now, last_at=now) for key, ref in pairs]
    )
    if agreed:
        Consent.objects.bulk_create(
            [
                Consent(
                    workspace=workspace,
                    handle=key,
                    channel="email",
                    purpose="marketing",
                    permit="granted",
                    source="person",
                    event_id=key.to_bytes(16, "big"),
                    at=now - timedelta(days=9),
                    basis="consent",
                )
                for key in keys
            ]
        )
    return keys


def segment(workspace: Workspace, members: Sequence[int], name: str = "Regulars") -> Segment:
    now = timezone.now()
    made: Segment = Segment.objects.create(
        workspace=workspace,
        public=public_id(abs(hash((workspace.pk, name))) % 2**62),
        name=name,
        predicate={"all": []},
        state="live",
        members=len(members),
        looked_to=None,
        created_at=now - timedelta(days=30),
    )
    Membership.objects.bulk_create(
        [Membership(workspace=workspace, segment=made, person=each, entered_at=now - timedelta(days=20)) for each in members]
    )
    return made


def letter(workspace: Workspace, subject: str = "Hello {{ person.first_name }}") -> Letter:
    blocks = [{"kind": "heading", "text": "News"}, {"kind": "button", "text": "Look", "url": "https://lligam.example/new"}]
    return letters.create(workspace, None, subject[:40], draft={"en": {"subject": subject, "blocks": blocks}})


def mailbox(workspace: Workspace) -> Connection:
    given = {
        "address": "news@lligam.example",
        "sender": "Cafè Lligam",
        "smtp_host": "127.0.0.1",
        "smtp_port": "2525",
        "smtp_security": "none",
    }
    return connections.connect(workspace, None, "mail", "Letters", given, {"password": "secret"})


@pytest.fixture
def draft(workspace: Workspace, owner: User) -> Callable[..., Campaign]:
    """`draft(20)`: a whole campaign to so many people; more values as `actions.create` takes them."""

    def make(count: int = 20, arms: int = 1, **values: Any) -> Campaign:
        chosen = [{"letter": letter(workspace, f"Hello {at} {{{{ person.first_name }}}}").pk, "share": 50} for at in range(arms)]
        given = {
            "name": "Spring",
            "inside": [segment(workspace, people(workspace, count)).public],
            "arms": chosen,
            "connection_id": mailbox(workspace).pk,
            "held_out": 20,
            **values,
        }
        return actions.create(workspace, owner, given)

    return make


@pytest.fixture
def begin(workspace: Workspace, owner: User) -> Callable[[Campaign], Campaign]:
    """Ask, approve, and let the worker draw and hand over."""

    def start(campaign: Campaign) -> Campaign:
        actions.ask(workspace, owner, campaign)
        actions.approve(workspace, owner, campaign)
        work()
        campaign.refresh_from_db()
        return campaign

    return start


def work(now: datetime | None = None) -> None:
    for _ in range(50):
        if not running.turn(now):
            return
    raise AssertionError("campaigns never come to rest")


def sent(campaign: Campaign, *, opened: Sequence[int] = (), clicked: Sequence[int] = (), at: datetime | None = None) -> None:
    """As if all that waited had left and been delivered."""
    at = at or timezone.now()
    job = Job.objects.get(pk=campaign.job_id)
    waiting = Send.objects.filter(job=job, state="waiting")
    rows = list(waiting)
    waiting.update(state="sent", sent_at=at)
    Outcome.objects.bulk_create(
        [
            Outcome(
                workspace_id=row.workspace_id,
                send=row,
                job=job,
                arm=row.arm,
                delivered_at=at,
                opened_at=at if row.person in opened else None,
                clicked_at=at if row.person in clicked else None,
                clicks=int(row.person in clicked),
            )
            for row in rows
        ]
    )
    Job.objects.filter(pk=job.pk).update(state="done", done_at=at)


def buys(workspace: Workspace, buyers: Sequence[int], amount: str = "20", at: datetime | None = None, currency: str = "EUR") -> None:
    """Purchases in the log, by whoever these addresses are."""
    values = dict(Handle.objects.filter(key__in=buyers).values_list("key", "value"))
    items = [
        Activity(
            verb=Verb.PURCHASE,
            object_type=ObjectType.ORDER,
            native_id=f"order:{key}:{at}",
            happened_at=at or timezone.now(),
            actor=HandleRef("email", values[key]),
            amount=Decimal(amount),
            currency=currency,
        )
        for key in buyers
    ]
    log.append(listen.connection_for(workspace, "shopify"), items, timezone.now())


def drawn(campaign: Campaign) -> tuple[list[int], list[int]]:
    """(those written to, those held out)."""
    rows = Assignment.objects.filter(campaign=campaign).order_by("person").values_list("person", "is_held")
    return [person for person, held in rows if not held], [person for person, held in rows if held]
