"""What is held about someone, gathered for themselves: their words, their traits with where they are from, and what was inferred.

Only what is surely theirs is shown. Where people were joined because they probably are one, each sees what came by their own addresses.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from vincle.accounts.models import Workspace
from vincle.engage.outbox.models import Send
from vincle.identify.models import Belonging, Consent, Wish
from vincle.listen import log
from vincle.listen.models import Activity, Handle
from vincle.organise.models import Membership, Profile, Score
from vincle.store import bulk

from .models import Optin

PIECE: Final = 1_000
SHOWN: Final = ("first_name", "last_name", "company", "city", "language")
"""Traits that people correct themselves."""
_ACTS: Final = (
    "SELECT actor, COUNT(*) FROM listen_activity WHERE workspace_id = %s AND NOT superseded AND object_type <> 'Profile' "
    "AND actor IN ({}) GROUP BY actor"
)


class Holdings(NamedTuple):
    """`keys` of handles that are surely theirs; `is_whole`: everything the person's profile says is."""

    person: int | None
    keys: tuple[int, ...]
    handles: tuple[Handle, ...]
    is_whole: bool
    name: str
    traits: list[tuple[str, Any, str]]
    acts: int
    letters: int


def of(workspace: Workspace, handle: Handle) -> Holdings:
    """A summary, for a page."""
    person, keys, is_whole = _sure(workspace, handle.key)
    profile: Profile | None = Profile.objects.of(workspace).filter(person=person).first() if is_whole and person is not None else None
    said = sorted((profile.traits if profile else _told(workspace, keys)).items())
    traits = [(name, held[0], str(held[1])[:10]) for name, held in said if held and held[0] not in ("", None)]
    acts = sum(count for _key, count in bulk.select(_ACTS, keys, [workspace.pk]))
    return Holdings(
        person, keys, tuple(Handle.objects.of(workspace).filter(key__in=keys).order_by("kind", "value")), is_whole,
        profile.name if profile else handle.name, traits, acts,
        Send.objects.of(workspace).filter(handle__in=keys, state=Send.State.SENT).count(),
    )  # fmt: skip


def _told(workspace: Workspace, keys: Sequence[int]) -> dict[str, list[Any]]:
    """What sources said of these handles alone, the latest of each: {trait: [value, when]}."""
    rows = Activity.objects.of(workspace).filter(actor__in=keys, object_type="Profile", superseded=False).exclude(op="retract")
    facts = list(rows.order_by("happened_at", "seq").values_list("event_id", "happened_at")[:PIECE])
    words = log.contents(bytes(event) for event, _at in facts)
    found: dict[str, list[Any]] = {}
    for event, at in facts:
        body = words.get(bytes(event), ("", "", ""))[2]
        found |= {name: [value, at.isoformat()] for name, value in (msgspec.json.decode(body).get("traits", {}) if body else {}).items()}
    return found


def _sure(workspace: Workspace, handle: int) -> tuple[int | None, tuple[int, ...], bool]:
    """The person, the handles that exact evidence says are one owner's, and whether these are all the person has."""
    mine = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", "home").first()
    if mine is None:
        return None, (handle,), True
    person, home = mine
    rows = list(Belonging.objects.of(workspace).filter(person=person).values_list("handle", "home"))
    own = tuple(sorted(key for key, each in rows if (each or person) == (home or person)))
    return person, own or (handle,), len(own) == len(rows)


def everything(workspace: Workspace, handle: Handle) -> dict[str, Any]:
    """All of it, as JSON takes it. Acts come from `acts`, a piece at a time."""
    held = of(workspace, handle)
    keys = held.keys
    consents = Consent.objects.of(workspace).filter(handle__in=keys).order_by("at", "pk")
    wishes = Wish.objects.of(workspace).filter(handle__in=keys)
    sends = Send.objects.of(workspace).filter(handle__in=keys).order_by("created_at")
    return {
        "by": {"name": workspace.name}, "name": held.name,
        "addresses": [{"kind": each.kind, "value": each.value, "name": each.name, "since": each.first_seen} for each in held.handles],
        "traits": [{"name": name, "value": value, "said": day} for name, value, day in held.traits],
        "consents": list(consents.values("channel", "purpose", "permit", "source", "evidence", "at", "basis", "wording", "until")),
        "wishes": list(wishes.values("paused_until", "every_days", "language", "at")),
        "confirmations": list(Optin.objects.of(workspace).filter(handle__in=keys).values(
            "topic", "medium", "wording", "source", "asked_at", "asked_ip", "confirmed_at", "confirmed_ip")),
        "letters": list(sends.values("created_at", "sent_at", "purpose", "topic", "medium", "state", "job__name")),
        **(_inferred(workspace, held.person) if held.is_whole and held.person is not None else {}),
    }  # fmt: skip


def _inferred(workspace: Workspace, person: int) -> dict[str, Any]:
    memberships = Membership.objects.of(workspace).filter(person=person, left_at=None)
    return {
        "segments": [str(row.segment) for row in memberships.select_related("segment")],
        "scores": list(Score.objects.of(workspace).filter(person=person).values("name", "value", "label")),
    }


def acts(workspace: Workspace, keys: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What they did and what was sent to them, oldest first, as ActivityStreams names it, with its words where they are still kept."""
    for key in keys:
        for side, direction in (("actor", "in"), ("target", "out")):
            after = 0
            while rows := list(_rows(workspace, side, direction, key, after)):
                words = log.contents(bytes(row.event_id) for row in rows)
                for row in rows:
                    text, title, _body = words.get(bytes(row.event_id), ("", "", ""))
                    yield _act(row, direction, text, title)
                after = rows[-1].seq


def _rows(workspace: Workspace, side: str, direction: str, key: int, after: int) -> Sequence[Activity]:
    found = Activity.objects.of(workspace).filter(**{side: key}, direction=direction, seq__gt=after, superseded=False)
    return found.exclude(op="retract").exclude(object_type="Profile").order_by("seq")[:PIECE]  # type: ignore[return-value]


def _act(row: Activity, direction: str, text: str, title: str) -> dict[str, Any]:
    moment: datetime = row.happened_at
    said = {
        "type": row.verb, "object": row.object_type, "published": moment.isoformat(), "channel": row.channel, "direction": direction,
        "name": title or row.event_name, "content": text, "url": row.url,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}
