"""What a person says of what they want to hear holds at once, and is kept as a delivery like anything else they say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.channels import preferences as channel
from vincle.engage.outbox import outcomes
from vincle.engage.outbox.models import Send
from vincle.identify import consent
from vincle.identify.consent_rules import MARKETING
from vincle.identify.models import Belonging, Suppression
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary import ConsentFact, Op, Permit
from vincle.vocabulary.keys import event_id

from . import signals

ACTOR: Final = "preference centre"


class Gone(LookupError):
    """The address is no longer known to us: its owner was forgotten."""


def person_of(workspace: Workspace, handle: int) -> int | None:
    """Whom a handle belongs to now."""
    found: int | None = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first()
    return found


def handle_of(workspace: Workspace, key: int) -> Handle | None:
    """The handle with its address; None where it is forgotten or was never known."""
    found: Handle | None = Handle.objects.of(workspace).filter(key=key).exclude(value="").first()
    return found


def state(
    workspace: Workspace, handle: Handle, consents: Sequence[ConsentFact], *, way: str, send: int | None = None,
    traits: Mapping[str, Any] | None = None, name: str = "", now: datetime | None = None,
) -> None:  # fmt: skip
    """Keep what the owner of a handle says. It stands in the ledger when this returns; the log and the profile follow."""
    now = now or timezone.now()
    source = listen.connection_for(workspace, channel.channel.spec.id)
    stated = channel.Stated(
        id=uuid4().hex, at=now, way=way, handle=channel.Whose(handle.kind, handle.value), consents=list(consents),
        traits=dict(traits or {}), name=name, campaign=_campaign(workspace, send),
    )  # fmt: skip
    with transaction.atomic():
        delivery = listen.receive(source, channel.write(stated), now)
        event = event_id(workspace.pk, source.pk, stated.id, Op.ASSERT, "")
        kinds = {handle.key: handle.kind}
        rows = consent.entries(workspace.pk, event, bulk.stamp(now), now, [handle.key], consents, kinds, "person")
        consent.enter(rows)
        _reopen(workspace, handle.key, consents)
        if send is not None and any(each.permit is not Permit.GRANTED for each in consents):
            outcomes.left(workspace, send, now)
        said, fields = ", ".join(f"{each.permit} {each.channel} {each.purpose}" for each in consents), ", ".join(stated.traits)
        audit.record(workspace, None, "chose", "consent", handle.key, actor=ACTOR, said=said[:500], way=way, fields=fields)
        person = person_of(workspace, handle.key)
        signals.said.send(sender=state, workspace=workspace, handle=handle.key, person=person, consents=consents, send=send, way=way)
    transaction.on_commit(lambda: listen.work_off(delivery), robust=True)


def _campaign(workspace: Workspace, send: int | None) -> str:
    found = Send.objects.of(workspace).filter(pk=send).values_list("job__source", flat=True).first() if send else None
    return found or ""


def _reopen(workspace: Workspace, handle: int, consents: Iterable[ConsentFact]) -> None:
    """Whoever asks for letters at an address that complained, or that was closed by hand, takes that back; a bounce is no opinion."""
    for said in consents:
        if said.permit is Permit.GRANTED:
            listed = Suppression.objects.of(workspace).filter(handle=handle, channel__in=(said.channel, "*")).exclude(reason="bounced")
            (listed if said.purpose == MARKETING else listed.exclude(reason__in=("withdrawn", "denied"))).delete()
