"""What the team and people themselves set about being written to: topics, limits, wishes, and the list of who must not be."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import bulk
from vincle.vocabulary import handle_key

from . import consent
from .consent_rules import ALL, MARKETING, can_team_lift
from .models import Consent, ContactPolicy, Suppression, Topic, Wish

MOST_TOPICS: Final = 30
RESERVED: Final = frozenset({MARKETING, "service", "answer", "confirmation"})
LONGEST_PAUSE: Final = timedelta(days=366)


class Refused(ValueError):
    """What was asked for cannot be done; the words say why."""


def topics(workspace: Workspace) -> list[Topic]:
    """What is offered, in its order."""
    return list(Topic.objects.of(workspace).filter(archived_at=None))


def save_topic(
    workspace: Workspace, user: User, names: Mapping[str, str], descriptions: Mapping[str, str], topic: Topic | None = None
) -> Topic:
    """Offer something new, or call it otherwise. The key is made of the first name and never changes. Raises Refused."""
    said = {language: " ".join(text.replace("\x00", "").split())[:80] for language, text in names.items() if text.strip()}
    more = {language: " ".join(text.replace("\x00", "").split())[:300] for language, text in descriptions.items() if text.strip()}
    if not said:
        raise Refused(_("A topic needs a name."))
    with transaction.atomic():
        if topic is None:
            if Topic.objects.of(workspace).filter(archived_at=None).count() >= MOST_TOPICS:
                raise Refused(_("There are %(most)d topics already. Nobody chooses among more.") % {"most": MOST_TOPICS})
            key = _free_key(workspace, next(iter(said.values())))
            topic = Topic(workspace=workspace, key=key, order=Topic.objects.of(workspace).count())
        is_new = topic.pk is None
        topic.names, topic.descriptions, topic.archived_at = said, more, None
        topic.save()
        audit.record(workspace, user, "created" if is_new else "changed", "topic", topic.pk, topic.key, names=said)
    return topic


def _free_key(workspace: Workspace, name: str) -> str:
    base = slugify(name)[:34] or f"topic-{uuid4().hex[:6]}"
    taken = set(Topic.objects.of(workspace).values_list("key", flat=True)) | RESERVED
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 1000) if f"{base}-{n}" not in taken)


def archive_topic(workspace: Workspace, user: User, topic: Topic, archived: bool = True) -> None:
    """Offer it no longer, or again. What people said of it stays said."""
    with transaction.atomic():
        Topic.objects.of(workspace).filter(pk=topic.pk).update(archived_at=timezone.now() if archived else None)
        audit.record(workspace, user, "archived" if archived else "restored", "topic", topic.pk, topic.key)


def policy(workspace: Workspace) -> ContactPolicy:
    """As it is kept; else what holds without any."""
    found: ContactPolicy | None = ContactPolicy.objects.of(workspace).first()
    return found or ContactPolicy(workspace=workspace)


def save_policy(
    workspace: Workspace, user: User, *, quiet_from: time | None, quiet_until: time | None, quiet_days: Sequence[int],
    caps: Sequence[tuple[int, int]], soft_opt_in: bool, privacy_url: str = "", contact: str = "",
) -> ContactPolicy:  # fmt: skip
    """When and how often the workspace writes for its own sake. Raises Refused."""
    if (quiet_from is None) != (quiet_until is None):
        raise Refused(_("Quiet hours need a beginning and an end."))
    if len(set(quiet_days)) >= 7:
        raise Refused(_("With all seven days quiet nothing would ever be sent."))
    if any(not (1 <= most <= 100 and 1 <= days <= 365) for most, days in caps):
        raise Refused(_("A limit is between 1 and 100 messages in 1 to 365 days."))
    values: dict[str, Any] = {
        "quiet_from": quiet_from, "quiet_until": quiet_until, "quiet_days": sorted({day for day in quiet_days if 0 <= day <= 6}),
        "caps": [[most, days] for most, days in caps], "soft_opt_in": soft_opt_in, "privacy_url": privacy_url[:200],
        "contact": contact[:300], "changed_at": timezone.now(),
    }  # fmt: skip
    with transaction.atomic():
        kept: ContactPolicy
        kept, _new = ContactPolicy.objects.update_or_create(workspace=workspace, defaults=values)
        shown = {name: str(value) for name, value in values.items() if name != "changed_at"}
        audit.record(workspace, user, "changed", "contact policy", workspace.pk, "", **shown)
    return kept


def wish(
    workspace: Workspace, handle: int, *, paused_until: datetime | None, every_days: int | None, language: str = "", actor: str = ""
) -> None:
    """What the owner of a handle asked for. A pause is a year at most; a new wish takes the place of the one before."""
    now = timezone.now()
    values = {
        "workspace": workspace, "paused_until": min(paused_until, now + LONGEST_PAUSE) if paused_until else None,
        "every_days": every_days if every_days and 1 <= every_days <= 365 else None, "language": language[:8], "at": now,
    }  # fmt: skip
    with transaction.atomic():
        Wish.objects.update_or_create(handle=handle, defaults=values)
        audit.record(workspace, None, "chose", "frequency", handle, actor=actor, paused=str(paused_until or ""), every=every_days or "")


def suppress(
    workspace: Workspace, user: User | None, addresses: Iterable[tuple[str, str]], note: str = "", *, reason: str = "team",
    source: str = "team", channel: str = "",
) -> int:  # fmt: skip
    """Put addresses (kind, normalised value) on the list; returns how many are new there. Of unknown ones too the mark is kept."""
    secret, now = bytes(workspace.secret), bulk.stamp(timezone.now())
    keyed = {handle_key(secret, kind, value): kind for kind, value in addresses}
    on_it = bulk.select("SELECT handle FROM identify_suppression WHERE reason = %s AND handle IN ({})", keyed, [reason])
    standing = {handle for (handle,) in on_it}
    rows = [(workspace.pk, key, channel or kind, reason, now, source, note[:300]) for key, kind in keyed.items() if key not in standing]
    with transaction.atomic():
        bulk.insert(Suppression, consent.SUPPRESSED, rows)
        if user is not None:
            Suppression.objects.of(workspace).filter(handle__in=[row[1] for row in rows[:500]], reason=reason, by=None).update(by=user)
        if rows:
            audit.record(workspace, user, "suppressed", "address", "", note[:200], addresses=len(rows), reason=reason)
    return len(rows)


def lift(workspace: Workspace, user: User, row: Suppression, why: str) -> None:
    """Take an address off the list, for a reason in writing; what the person themselves refused only they take back. Raises Refused."""
    why = " ".join(why.replace("\x00", "").split())
    if len(why) < 5:
        raise Refused(_("Say in a few words why this may be lifted: it is kept as the proof."))
    if not can_team_lift(row.reason, row.source):
        raise Refused(_("They said so themselves: only they can take it back, in the preference centre."))
    now = timezone.now()
    with transaction.atomic():
        event = uuid4().bytes
        for purpose in (MARKETING, ALL):
            Consent.objects.create(
                workspace=workspace, handle=row.handle, channel=row.channel, purpose=purpose, permit="lifted", source="team",
                event_id=event, evidence=f"{user.email}: {why}"[:300], at=now,
            )  # fmt: skip
        Suppression.objects.of(workspace).filter(pk=row.pk).delete()
        audit.record(workspace, user, "lifted", "suppression", row.handle, why[:200], reason=row.reason, channel=row.channel)
