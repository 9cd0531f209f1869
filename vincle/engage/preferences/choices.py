"""What someone can choose on their page, as it stands for them now, and what their choices come to."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.identify import consent, consent_actions
from vincle.identify.consent_rules import ALL, MARKETING
from vincle.identify.models import Wish
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary import ConsentFact, Permit

from . import stating

EVERY: Final = (7, 14, 30)
PAUSES: Final = (30, 60, 90)
MEDIA: Final = {"phone": "phone", "whatsapp": "whatsapp", "telegram": "telegram"}
"""Kinds of handle by which a person may be written to, beside the one whose page it is."""


class Offer(NamedTuple):
    """A topic, and whether they get it now. `code`: how that came about ("granted", "refused", "ended", "unknown")."""

    key: str
    name: str
    description: str
    is_on: bool
    code: str


class Way(NamedTuple):
    """Another way by which they may be reached; `is_stopped`: they refused it."""

    medium: str
    is_stopped: bool


class Choices(NamedTuple):
    """All that stands on the page."""

    medium: str
    offers: list[Offer]
    ways: list[Way]
    every_days: int | None
    paused_until: datetime | None
    has_objected: bool


def medium_of(handle: Handle) -> str:
    """The medium of the ledger a handle is reached by."""
    return handle.kind


def current(workspace: Workspace, handle: Handle, now: datetime | None = None) -> Choices:
    """As it holds now, over all that was said of the person's addresses."""
    now = now or timezone.now()
    medium = medium_of(handle)
    person = stating.person_of(workspace, handle.key)
    owner = person if person is not None else handle.key
    standing = (consent.state(workspace, [owner]) if person is not None else consent.state_of(workspace, {owner: owner}))[owner]
    soft = consent_actions.policy(workspace).soft_opt_in
    offers = []
    for key, name, description in offered(workspace):
        said = standing.answer(handle.key, medium, key, now, soft)
        offers.append(Offer(key, name, description, said.state == "granted", said.state))
    objected = standing.answer(handle.key, medium, MARKETING, now)
    wish = Wish.objects.of(workspace).filter(handle=handle.key).first()
    paused = wish.paused_until if wish and wish.paused_until and wish.paused_until > now else None
    has_objected = objected.state == "refused" and objected.by is not None and objected.by.channel == ALL
    return Choices(medium, offers, _ways(workspace, person, medium, standing, now), wish.every_days if wish else None, paused, has_objected)


def offered(workspace: Workspace) -> list[tuple[str, str, str]]:
    """(key, name, description) in the language spoken now; a workspace without topics has one."""
    found = [(topic.key, topic.name, topic.description) for topic in consent_actions.topics(workspace)]
    return found or [(MARKETING, _("News and offers"), _("What is new, and what may be of use to you."))]


def _ways(workspace: Workspace, person: int | None, medium: str, standing: consent.Standing, now: datetime) -> list[Way]:
    kinds = set(bulk.pluck("SELECT h.kind FROM listen_handle h JOIN identify_belonging b ON b.handle = h.key WHERE b.person IN ({})",
                           [person] if person is not None else []))  # fmt: skip
    media = [MEDIA[kind] for kind in sorted(kinds & MEDIA.keys()) if MEDIA[kind] != medium]
    said = [each for statements in standing.said.values() for each in statements]
    refused = {each.channel for each in said if each.permit in ("withdrawn", "denied") and each.purpose in (MARKETING, ALL)}
    return [Way(each, each in refused or ALL in refused) for each in media]


def save(workspace: Workspace, handle: Handle, posted: Mapping[str, Any], topics: Sequence[str], *, send: int | None, ip: str) -> bool:
    """Do what someone chose; False where nothing is different. What was refused by another address of theirs stays refused there."""
    now, before = timezone.now(), current(workspace, handle)
    evidence = f"preference centre {ip}".strip()
    said = [
        _said(offer, offer.key in topics, before.medium, now, evidence) for offer in before.offers if (offer.key in topics) != offer.is_on
    ]
    stopped = {way.medium for way in before.ways if not way.is_stopped} & set(str(posted.get("stop", "")).split())
    said += [ConsentFact(Permit.WITHDRAWN, medium, MARKETING, now, evidence) for medium in sorted(stopped)]
    every = _number(posted.get("every"), EVERY)
    paused = _paused(str(posted.get("pause", "")), before, now)
    is_wished = (every, paused) != (before.every_days, before.paused_until)
    with transaction.atomic():
        if said:
            stating.state(workspace, handle, said, way="page", send=send, now=now)
        if is_wished:
            consent_actions.wish(workspace, handle.key, paused_until=paused, every_days=every, actor=stating.ACTOR)
    return bool(said) or is_wished


def _said(offer: Offer, wanted: bool, medium: str, now: datetime, evidence: str) -> ConsentFact:
    if not wanted:
        return ConsentFact(Permit.WITHDRAWN, medium, offer.key, now, evidence)
    wording = f"{offer.name}: {offer.description}" if offer.description else offer.name
    return ConsentFact(Permit.GRANTED, medium, offer.key, now, evidence, "consent", wording)


def _number(text: Any, allowed: Sequence[int]) -> int | None:
    return int(str(text)) if str(text) in {str(each) for each in allowed} else None


def _paused(text: str, before: Choices, now: datetime) -> datetime | None:
    if text == "keep":
        return before.paused_until
    days = _number(text, PAUSES)
    return now + timedelta(days=days) if days else None


def leave(workspace: Workspace, handle: Handle, *, send: int | None = None, ip: str = "") -> None:
    """Nothing any more that is not an answer or owed to them, on no channel, whatever address of theirs it would go to."""
    said = ConsentFact(Permit.WITHDRAWN, ALL, MARKETING, timezone.now(), f"preference centre {ip}".strip())
    stating.state(workspace, handle, [said], way="page", send=send)


def unsubscribe(workspace: Workspace, handle: Handle, topic: str, *, send: int | None = None, ip: str = "") -> None:
    """One click: nothing of this topic any more."""
    said = ConsentFact(Permit.WITHDRAWN, medium_of(handle), topic or MARKETING, timezone.now(), f"one-click {ip}".strip())
    stating.state(workspace, handle, [said], way="one-click", send=send)
