"""A submission on its way: into the log at once, with a request for confirmation where one is wanted."""

from typing import Any

import msgspec
import structlog
from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels import cards, forms
from vincle.channels.forms import Sent
from vincle.listen import actions as listen
from vincle.listen.models import Connection
from vincle.store.blame import said

from . import confirming
from .answers import Given
from .confirming import BY_MAIL
from .definition import Definition
from .models import Submission

logger = structlog.get_logger(__name__)


def source(workspace: Workspace, origin: str = Submission.Origin.FORM) -> Connection:
    """The connection our own forms (or business cards) come in by."""
    channel = cards.channel if origin == Submission.Origin.CARD else forms.channel
    return listen.connection_for(workspace, channel.spec.id)


def is_to_confirm(asked: Definition, given: Given) -> bool:
    """Whether they are first asked by mail if it was them: where they agreed to be written to by mail, or are promised a file."""
    return asked.is_confirmed and bool(given.email) and (bool(asked.file) or any(each.channel in BY_MAIL for each in given.agreed))


def soon(row: Submission, ip: str = "") -> None:
    """Inside the caller's transaction: the raw delivery stands with the submission, and is read when both are committed."""
    sent = msgspec.convert(row.sent, Sent)
    if row.state == Submission.State.UNCONFIRMED:
        sent.consents = [each for each in sent.consents if each.channel not in BY_MAIL]
    delivery = listen.receive(source(row.workspace, row.origin), forms.write(sent), row.at)
    Submission.objects.filter(pk=row.pk).update(is_delivered=True)
    transaction.on_commit(lambda: _read(delivery, row, ip), robust=True)


def _read(delivery: Any, row: Submission, ip: str) -> None:
    listen.work_off(delivery)
    if row.state == Submission.State.UNCONFIRMED:
        try:
            confirming.ask(row, ip)
        except Exception as error:
            logger.warning("a confirmation is asked for later", submission=row.pk, error=said(error))


def release(row: Submission) -> bool:
    """Not spam after all: it goes where it would have gone. False where it has gone already. Inside the caller's transaction."""
    standing = Submission.objects.of(row.workspace_id).select_for_update().get(pk=row.pk)
    if standing.state != Submission.State.SPAM:
        return False
    asked = confirming.definition_of(standing)
    agreed = msgspec.convert(standing.sent, Sent).consents
    wants = asked is not None and "@" in standing.address
    given = Given(email=standing.address if wants else "", agreed=agreed)
    is_open = asked is not None and is_to_confirm(asked, given)
    standing.state = Submission.State.UNCONFIRMED if is_open else Submission.State.NEW
    Submission.objects.filter(pk=row.pk).update(state=standing.state, settled_at=None, at=min(standing.at, timezone.now()))
    if not standing.is_delivered:
        soon(standing)
    return True
