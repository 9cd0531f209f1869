"""The raffle or gift of a survey: tickets, entries kept apart from the answers, and the draw.

Whoever has answered is handed one ticket, a signed random word; that it was handed out is noted with the answer, the word is not. Whoever
enters with it is kept under a random key. In anonymous surveys nothing leads from an entry to an answer, nor back.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels._identifiers import email, phone

from . import lots
from .collectors import Refused
from .models import Raffle, RaffleDraw, RaffleEntry, Survey

MOST_WINNERS: Final = 10_000
LASTS: Final = 30 * 86400
_TICKET: Final = "surveys.raffle"
State = Raffle.State


def of_survey(survey: Survey) -> Raffle | None:
    found: Raffle | None = Raffle.objects.of(survey.workspace_id).filter(survey=survey).select_related("survey", "workspace").first()
    return found


def save(workspace: Workspace, user: User, survey: Survey, values: Mapping[str, Any]) -> Raffle:
    """Make it, or change it before it is drawn: `kind`, `prize`, `terms`, `condition`, `winners`, `reserves`, `contact`. Raises Refused."""
    told = _checked(survey, values)
    with transaction.atomic():
        Survey.objects.of(workspace).filter(pk=survey.pk).select_for_update().get()
        standing = of_survey(survey)
        if standing is None:
            seed = lots.new_seed()
            made: Raffle = Raffle.objects.create(
                workspace=workspace, survey=survey, seed=seed, commitment=lots.commitment(seed), by=user, **told
            )
            audit.record(workspace, user, "created", "survey raffle", made.pk, survey.name, commitment=made.commitment)
            return made
        if standing.state == State.DRAWN:
            raise Refused(_("It is drawn already: what was promised stays as it was."))
        if standing.kind != told["kind"] and RaffleEntry.objects.of(workspace).filter(raffle=standing).exists():
            raise Refused(_("People take part already: it stays the kind it is."))
        Raffle.objects.of(workspace).filter(pk=standing.pk).update(**told)
        audit.record(workspace, user, "changed", "survey raffle", standing.pk, survey.name, winners=told["winners"])
    standing.refresh_from_db()
    return standing


def _checked(survey: Survey, values: Mapping[str, Any]) -> dict[str, Any]:
    from . import conditions

    if values.get("kind") not in Raffle.Kind.values:
        raise Refused(_("Choose whether it is drawn or goes to the first."))
    winners, reserves = int(values.get("winners", 1)), int(values.get("reserves", 0))
    if not 1 <= winners <= MOST_WINNERS or not 0 <= reserves <= MOST_WINNERS:
        raise Refused(_("From 1 to %(most)d winners.") % {"most": MOST_WINNERS})
    if not any(str(text).strip() for text in values.get("prize", {}).values()):
        raise Refused(_("Say what there is to win."))
    conditions.check(survey, str(values.get("condition", "")))
    return {
        "kind": values["kind"],
        "winners": winners,
        "reserves": reserves,
        "condition": str(values.get("condition", "")).strip(),
        "contact": "phone" if values.get("contact") == "phone" else "email",
        "prize": dict(values["prize"]),
        "terms": dict(values.get("terms", {})),
    }


def remove(workspace: Workspace, user: User, raffle: Raffle) -> None:
    """Before anybody takes part. Raises Refused."""
    with transaction.atomic():
        if RaffleEntry.objects.of(workspace).filter(raffle=raffle).exists():
            raise Refused(_("People take part already: draw it, or tell them."))
        Raffle.objects.of(workspace).filter(pk=raffle.pk).delete()
        audit.record(workspace, user, "deleted", "survey raffle", raffle.pk, raffle.survey.name)


# Taking part


def promise(raffle: Raffle) -> bool:
    """Of a gift for the first: one of those left is kept for this answer; False when there is none. In the transaction of the answer."""
    if raffle.kind == Raffle.Kind.DRAWN:
        return raffle.state == State.OPEN
    return Raffle.objects.filter(pk=raffle.pk, given__lt=F("winners")).update(given=F("given") + 1) == 1


def ticket(raffle: Raffle) -> str:
    """A new one, for an answer that was not handed one yet."""
    return signing.dumps([raffle.pk, token_urlsafe(18)], salt=_TICKET)


def opened(text: str) -> tuple[Raffle, str] | None:
    """Raffle and hash of a ticket of ours, for thirty days."""
    try:
        found = signing.loads(text, salt=_TICKET, max_age=LASTS) if 0 < len(text) < 300 else None
    except (signing.BadSignature, ValueError):
        return None
    if not isinstance(found, list) or len(found) != 2:
        return None
    raffle = Raffle.objects.filter(pk=found[0]).select_related("survey", "workspace").first()  # the ticket is all that is known
    return (raffle, sha256(str(found[1]).encode()).hexdigest()) if raffle is not None else None


def is_used(mark: str) -> bool:
    return RaffleEntry.objects.filter(ticket=mark).exists()


def enter(raffle: Raffle, mark: str, contact: str, *, name: str = "", language: str = "", person: int | None = None) -> RaffleEntry:
    """Take part with a ticket; the same ticket or the same contact again is the entry that stands. Raises Refused."""
    normal = phone(contact, raffle.workspace.country) if raffle.contact == "phone" else email(contact)
    if not normal:
        raise Refused(_("Write a telephone number with its country code.") if raffle.contact == "phone" else _("Write an e-mail address."))
    anonymous = raffle.survey.is_anonymous
    now = timezone.now()
    with transaction.atomic():
        held = Raffle.objects.filter(pk=raffle.pk).select_for_update().get()
        rows = RaffleEntry.objects.of(raffle.workspace_id)
        standing = rows.filter(ticket=mark).first() or rows.filter(raffle=raffle, contact_key=_key(raffle, normal)).first()
        if standing is not None:
            return standing
        if held.state != State.OPEN:
            raise Refused(_("It has been drawn already."))
        made: RaffleEntry = RaffleEntry.objects.create(
            workspace_id=raffle.workspace_id,
            raffle=raffle,
            ticket=mark,
            contact=normal,
            contact_key=_key(raffle, normal),
            name=" ".join(name.replace("\x00", "").split())[:120],
            language=language[:12],
            person=None if anonymous else person,
            entered_at=None if anonymous else now,
            rank=_rank(raffle) if held.kind == Raffle.Kind.FIRST else None,
        )
    return made


def _key(raffle: Raffle, contact: str) -> str:
    """Who enters twice is seen by it, also when the address itself is gone; salted for each raffle."""
    return hmac.digest(bytes(raffle.workspace.secret), f"raffle {raffle.pk} {contact}".encode(), sha256).hex()


def _rank(raffle: Raffle) -> int:
    return RaffleEntry.objects.filter(raffle=raffle, rank__isnull=False).count() + 1


# Drawing


def draw(workspace: Workspace, user: User | None, raffle: Raffle, beacon: str = "", reason: str = "") -> RaffleDraw:
    """Draw the winners and show the seed; once more (with a reason) for other winners than those of earlier draws. Raises Refused."""
    with transaction.atomic():
        held: Raffle = Raffle.objects.of(workspace).filter(pk=raffle.pk).select_for_update(of=("self",)).select_related("survey").get()
        _may_draw(held, reason)
        entries = [str(pk) for pk in RaffleEntry.objects.of(workspace).filter(raffle=held).values_list("pk", flat=True)]
        before = list(RaffleDraw.objects.of(workspace).filter(raffle=held).order_by("number"))
        won = {entry for each in before for entry in each.result[: each.winners]}
        if not set(entries) - won:
            raise Refused(_("Nobody takes part who has not won already."))
        words, number = " ".join(beacon.replace("\x00", "").split())[:200], len(before) + 1
        found = lots.draw(entries, held.seed, held.winners + held.reserves, number=number, beacon=words, without=won)
        made: RaffleDraw = RaffleDraw.objects.create(
            workspace=workspace,
            raffle=held,
            number=number,
            algorithm=lots.ALGORITHM,
            seed=held.seed,
            beacon=words,
            entries=sorted(entries),
            digest=lots.digest(entries),
            winners=held.winners,
            reserves=held.reserves,
            result=[each.entry for each in found],
            reason=reason.replace("\x00", "").strip()[:200],
            by=user,
        )
        _note(workspace, held, made)
        audit.record(
            workspace,
            user,
            "drew",
            "survey raffle",
            held.pk,
            held.survey.name,
            number=number,
            seed=held.seed,
            digest=made.digest,
            entries=len(entries),
            winners=", ".join(made.result[: held.winners])[:400],
            beacon=words,
            reason=made.reason,
        )
    return made


def _may_draw(held: Raffle, reason: str) -> None:
    if held.kind == Raffle.Kind.FIRST:
        raise Refused(_("This gift goes to the first: there is nothing to draw."))
    if held.survey.state != Survey.State.CLOSED:
        raise Refused(_("Close the survey first: until then people may take part."))
    if held.state == State.DRAWN and not reason.strip():
        raise Refused(_("It is drawn already. Say why it is drawn again: a winner who cannot be reached, for instance."))


def _note(workspace: Workspace, held: Raffle, made: RaffleDraw) -> None:
    Raffle.objects.of(workspace).filter(pk=held.pk).update(state=State.DRAWN)
    rows = RaffleEntry.objects.of(workspace).filter(raffle=held)
    first = (rows.exclude(rank=None).count() if made.number > 1 else 0) + 1
    for rank, entry in enumerate(made.result[: made.winners], first):
        rows.filter(pk=int(entry)).update(rank=rank)


def again(draw_made: RaffleDraw) -> bool:
    """Whether drawing it again from what is shown comes to the same."""
    earlier = RaffleDraw.objects.of(draw_made.workspace_id).filter(raffle=draw_made.raffle_id, number__lt=draw_made.number)
    won = {entry for each in earlier for entry in each.result[: each.winners]}
    found = lots.draw(
        draw_made.entries,
        draw_made.seed,
        draw_made.winners + draw_made.reserves,
        number=draw_made.number,
        beacon=draw_made.beacon,
        without=won,
    )
    is_committed = lots.commitment(draw_made.seed) == draw_made.raffle.commitment
    return is_committed and lots.digest(draw_made.entries) == draw_made.digest and [each.entry for each in found] == draw_made.result


def published(draw_made: RaffleDraw) -> dict[str, Any]:
    """All it takes to draw it again, without who they are: for `vincle survey raffle` and for whoever asks."""
    return {
        "algorithm": draw_made.algorithm,
        "commitment": draw_made.raffle.commitment,
        "seed": draw_made.seed,
        "beacon": draw_made.beacon,
        "number": draw_made.number,
        "entries": draw_made.entries,
        "digest": draw_made.digest,
        "winners": draw_made.winners,
        "reserves": draw_made.reserves,
        "result": draw_made.result,
        "at": _iso(draw_made.at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
