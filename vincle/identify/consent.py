"""The ledger of consent follows the log; refusals also go on the suppression list, which nothing but the person lifts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils import timezone

from vincle.store import bulk
from vincle.vocabulary import ConsentFact, ObjectType, Op

from .consent_rules import ALL, MARKETING, Answer, Said, answer
from .models import Consent, Suppression
from .rules import REFUSALS, Statement, standing

LEDGER: Final = (
    "workspace_id", "handle", "channel", "purpose", "permit", "source", "event_id", "evidence", "at", "basis", "wording", "until",
)  # fmt: skip
SUPPRESSED: Final = ("workspace_id", "handle", "channel", "reason", "since", "source", "note")
BASES: Final = frozenset({"consent", "contract", "legitimate interest"})
SURELY_THEM: Final = frozenset({"preferences", "whatsapp", "facebook", "instagram", "telegram"})
"""Channels by which the person themselves speaks: by a link only they were sent, or signed in at a platform that vouches for it."""

_STATED_BY: Final = {
    "forms": "form", "web": "form", "team": "team", "cards": "team", "email_events": "platform", "mail": "platform",
    "google_mail": "platform", "microsoft_mail": "platform", "mail_provider": "platform", "shopify": "platform", "woocommerce": "platform",
    "stripe": "platform",
}  # fmt: skip
"""Who states what comes by a channel. A form is filled in by whoever has the page open: that is not surely the owner of the address."""

LONGEST_WORDING = 4_000


class _Facts(msgspec.Struct):
    handles: list[int]
    consents: list[ConsentFact] = []


def source_of(channel: str, is_file: bool) -> str:
    """Who stated it, by the way it came: "person", "form", "platform", "team" or "import". What a file says of itself counts for nothing.

    >>> source_of("preferences", False), source_of("whatsapp", True), source_of("contacts", True), source_of("email_events", False)
    ('person', 'import', 'import', 'platform')
    """
    if is_file:
        return "import"
    return "person" if channel in SURELY_THEM else _STATED_BY.get(channel, "import")


def follow(rows: Iterable[Sequence[Any]], facts: dict[bytes, tuple[str, str, str]]) -> None:
    """Enter what new facts say was allowed or refused."""
    said = [
        (row[0], bytes(row[1]), row[3], row[10], row[11], msgspec.json.decode(facts[bytes(row[1])][2], type=_Facts))
        for row in rows
        if row[5] == ObjectType.PROFILE and row[4] != Op.RETRACT and '"consents"' in facts.get(bytes(row[1]), ("", "", ""))[2]
    ]
    if not said:
        return
    kinds = dict(bulk.select("SELECT key, kind FROM listen_handle WHERE key IN ({})", {key for *_, fact in said for key in fact.handles}))
    sources = _sources([event for _workspace, event, *_ in said], {delivery for _workspace, _event, delivery, *_ in said if delivery})
    ledger = []
    for workspace, event, _delivery, at, received, fact in said:
        ledger += entries(workspace, event, at, received, fact.handles, fact.consents, kinds, sources.get(event, "import"))
    enter(ledger)


def _sources(events: Sequence[bytes], deliveries: set[int]) -> dict[bytes, str]:
    files = set(bulk.pluck("SELECT id FROM listen_delivery WHERE is_import AND id IN ({})", deliveries)) if deliveries else set()
    sql = "SELECT event_id, channel, delivery_id FROM listen_activity WHERE event_id IN ({})"
    return {bytes(event): source_of(channel, delivery in files) for event, channel, delivery in bulk.select(sql, events)}


def entries(
    workspace: int, event: bytes, at: Any, received: Any, handles: Sequence[int], consents: Iterable[ConsentFact], kinds: dict[int, str],
    source: str,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Rows of the ledger as `LEDGER`. Nothing is said later than it was heard: a clock that runs ahead must not outweigh what follows."""
    found = []
    heard: Any = bulk.stamp(received)
    for said in consents:
        addressed = [key for key in handles if kinds.get(key) == said.channel] or list(handles[:1])
        told: Any = bulk.stamp(said.at) if said.at else at
        moment = min(told, heard) if heard else told
        basis = said.basis if said.basis in BASES else ""
        for key in addressed:
            found.append((
                workspace, key, said.channel[:20], said.purpose[:40], said.permit.value, source, event, said.evidence[:300], moment, basis,
                said.wording[:LONGEST_WORDING], bulk.stamp(said.until),
            ))  # fmt: skip
    return found


def enter(ledger: Sequence[tuple[Any, ...]]) -> None:
    """Write rows of the ledger, and put on the suppression list whom they close. The same statement again changes nothing."""
    bulk.insert(Consent, LEDGER, ledger)
    refused = [
        (row[0], row[1], row[2], row[4], row[8], row[5], "")
        for row in ledger
        if row[4] in ("bounced", "complained") or (row[4] in REFUSALS and row[3] in (MARKETING, ALL))
    ]
    bulk.insert(Suppression, SUPPRESSED, refused)


def of_person(workspace: Any, handles: Sequence[int]) -> dict[tuple[str, str], str]:
    """What holds for the owner of these handles: (channel, purpose) -> "granted", "withdrawn", ..."""
    rows = Consent.objects.of(workspace).filter(handle__in=handles).values_list("channel", "purpose", "permit", "source", "at")
    said: dict[tuple[str, str], list[Statement]] = {}
    for channel, purpose, permit, source, at in rows:
        said.setdefault((channel, purpose), []).append(Statement(permit, source, at.isoformat()))
    return {what: standing(statements) for what, statements in said.items()}


@dataclass
class Standing:
    """What is known of a person's consent: statements by handle, and reasons of the suppression list by handle."""

    said: dict[int, list[Said]] = field(default_factory=dict)
    barred: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def own(self, handle: int | None) -> Sequence[Said]:
        return self.said.get(handle, ()) if handle is not None else ()

    def others(self, handle: int | None) -> Sequence[Said]:
        """What was said of the person's other handles; strictest wins, so the refusals among it count here too."""
        if len(self.said) < 2 and handle in self.said:
            return ()
        return [each for key, statements in self.said.items() if key != handle for each in statements]

    def barred_for(self, handle: int | None) -> frozenset[str]:
        """Why this handle stands on the suppression list: whatever went to it was not to go there."""
        return frozenset(reason for _channel, reason in self.barred.get(handle or 0, ()))

    def answer(self, handle: int | None, medium: str, topic: str, now: datetime | None = None, soft: bool = False) -> Answer:
        return answer(self.own(handle), self.others(handle), medium, topic, now or timezone.now(), soft)


_OF: Final = "WHERE workspace_id = %s AND handle IN ({})"
_SAID: Final = f"SELECT handle, permit, at, channel, purpose, basis, source, until FROM identify_consent {_OF}"
_BARRED: Final = f"SELECT handle, reason, since, channel, source FROM identify_suppression {_OF}"


def state(workspace: Any, persons: Iterable[int]) -> dict[int, Standing]:
    """What the ledger says of these people, over all their handles, in three queries."""
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", list(persons)))
    return state_of(workspace, owners)


def state_of(workspace: Any, owners: dict[int, int]) -> dict[int, Standing]:
    """As `state`, for handles whose owners are known: {handle: person}. Everyone named is answered for."""
    found = {person: Standing() for person in owners.values()}
    key = [getattr(workspace, "pk", workspace)]
    for handle, permit, at, channel, purpose, basis, source, until in bulk.select(_SAID, owners, key):
        said = Said(permit, bulk.moment(at), channel, purpose, basis, source, bulk.moment(until))  # type: ignore[arg-type]
        found[owners[handle]].said.setdefault(handle, []).append(said)
    for handle, reason, since, channel, source in bulk.select(_BARRED, owners, key):
        standing = found[owners[handle]]
        standing.barred.setdefault(handle, []).append((channel, reason))
        said = Said(reason, bulk.moment(since), channel, ALL if reason == "forgotten" else MARKETING, "", source)  # type: ignore[arg-type]
        standing.said.setdefault(handle, []).append(said)
    return found
