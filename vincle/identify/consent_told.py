"""What the team was told of being written to, with its proof: kept as a delivery like any other statement, and in the ledger at once."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import team
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary import ConsentFact, HandleRef, Op
from vincle.vocabulary.keys import event_id

from . import consent


def tell(workspace: Workspace, user: User, handle: Handle, said: ConsentFact, now: datetime | None = None) -> bytes:
    """Enter what the owner of a handle told the team; returns the id of the entry.

    It counts as the team's word: a permission never lifts what the person refused, a refusal holds for all their addresses.
    """
    now = now or timezone.now()
    source = listen.connection_for(workspace, team.channel.spec.id)
    id, whose = uuid4().hex, HandleRef(handle.kind, handle.value)
    raw = team.write(id, now, user.email, user.name, whose, "", {}, (said,))
    event = event_id(workspace.pk, source.pk, id, Op.ASSERT, "")
    with transaction.atomic():
        delivery = listen.receive(source, raw, now)
        rows = consent.entries(workspace.pk, event, bulk.stamp(now), now, [handle.key], [said], {handle.key: handle.kind}, "team")
        consent.enter(rows)
        what = f"{said.permit} {said.channel} {said.purpose}"
        audit.record(workspace, user, "recorded", "consent", handle.key, said=what, evidence=said.evidence[:200])
    transaction.on_commit(lambda: listen.work_off(delivery), robust=True)
    return event
