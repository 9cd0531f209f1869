"""What becomes of invitations: opened, answered, declined; found again by their code."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.engage.preferences import stating
from vincle.identify.consent_rules import ALL
from vincle.vocabulary import ConsentFact, Permit

from . import codes, codes_kept, collectors, rounds
from .models import Invitation

COOKIE: Final = "vincle_asked"
LASTS: Final = 30 * 86400
_SALT: Final = "surveys.asked"
Asked = Invitation.State
_STANDING: Final = (Asked.WAITING, Asked.ASKED, Asked.REMINDED, Asked.OPENED, Asked.FAILED)


def code_of(row: Invitation) -> str:
    """Its code, twelve letters; made, not stored."""
    return codes.made(collectors.secret(row.collector), row.pk)


def url(row: Invitation) -> str:
    return f"{settings.PUBLIC_URL}/s/i/{code_of(row)}/"


def found(text: str) -> Invitation | None:
    """The invitation a code belongs to; the caller limits how often one may try."""
    code = codes.normal(text)
    if not code:
        return None
    rows = Invitation.objects.filter(code_hash=codes.hashed(code))  # the code is all that is known
    row: Invitation | None = rows.select_related("workspace", "survey", "collector__workspace", "collector__survey", "round").first()
    return row


def opened(row: Invitation, now: datetime | None = None) -> None:
    Invitation.objects.filter(pk=row.pk, state__in=(Asked.WAITING, Asked.ASKED, Asked.REMINDED)).update(
        state=Asked.OPENED, opened_at=now or timezone.now()
    )


def answered(row: Invitation | int, now: datetime | None = None, *, by_day: bool = False) -> bool:
    """Once, inside the transaction that completes the answer; False when it was answered before. `by_day`: of an anonymous survey."""
    moment = now or timezone.now()
    rows = Invitation.objects.filter(pk=row.pk if isinstance(row, Invitation) else row, state__in=_STANDING)
    return rows.update(state=Asked.ANSWERED, answered_at=codes_kept.day_of(moment) if by_day else moment) == 1


def declined(row: Invitation, ip: str = "", *, for_ever: bool) -> None:
    """They do not want to answer this; with `for_ever` not to be asked again by any survey, which the ledger of consent keeps."""
    with transaction.atomic():
        Invitation.objects.filter(pk=row.pk, state__in=_STANDING).update(state=Asked.DECLINED)
        audit.record(row.workspace_id, None, "declined", "survey invitation", row.pk, actor="invitation", for_ever=for_ever)
        handle = stating.handle_of(row.workspace, row.handle) if row.handle is not None else None
        if for_ever and handle is not None:
            said = ConsentFact(Permit.WITHDRAWN, ALL, rounds.TOPIC, timezone.now(), f"one-click {ip}".strip())
            stating.state(row.workspace, handle, [said], way="one-click")


def carried(what: str, key: int) -> str:
    """What the browser of an anonymous survey carries until the answer is complete: nothing joins the two but it.

    `what`: "invitation" or "code".
    """
    return signing.dumps([what, key], salt=_SALT)


def carries(text: str, what: str) -> int | None:
    """The key of the invitation or code a browser carries; None where we did not give it, or long ago."""
    try:
        found = signing.loads(text, salt=_SALT, max_age=LASTS) if 0 < len(text) < 200 else None
    except (signing.BadSignature, ValueError):
        return None
    return found[1] if isinstance(found, list) and len(found) == 2 and found[0] == what and isinstance(found[1], int) else None
