"""What someone says of what they want to hear from us, on pages that only a link sent to them opens: one statement a delivery.

    {"id": "9f…", "at": "2026-11-21T10:00:00+00:00", "way": "page", "handle": {"kind": "email", "value": "ana@example.org"},
     "consents": [{"permit": "withdrawn", "channel": "email", "purpose": "news", "evidence": "…"}], "traits": {"first_name": "Ana"},
     "campaign": "campaign:12"}

`way`: page, one-click, opt-in. Because the link went to the address, it is the address's owner who says it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Outcome, Permit, Reject, Verb

from .base import Channel, Spec


class Whose(msgspec.Struct):
    """The address that speaks."""

    kind: str
    value: str


class Stated(msgspec.Struct, omit_defaults=True):
    """One statement, as it is stored."""

    id: str
    at: datetime
    way: str
    handle: Whose
    consents: list[ConsentFact] = []
    traits: dict[str, Any] = {}
    name: str = ""
    campaign: str = ""


def write(stated: Stated) -> bytes:
    """The raw delivery of a statement, which `parse` reads back."""
    return msgspec.json.encode(stated)


def read(raw: bytes) -> Stated:
    """A statement of its raw delivery; msgspec.ValidationError or DecodeError when it is none."""
    return msgspec.json.decode(raw, type=Stated)


class Preferences(Channel):
    spec: ClassVar[Spec] = Spec(
        id="preferences", name="Preference centre", icon="adjustments-horizontal", family="contacts", capabilities=frozenset(),
        handle_kinds=("email", "phone"),
    )  # fmt: skip

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            stated = read(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Reject(line=1, code="not_a_statement", detail=str(error)[:200])
            return
        yield from outcomes(stated)


def outcomes(stated: Stated) -> Iterator[Outcome]:
    """What they said, as a fact of theirs, and that they said it, for whoever follows what people do."""
    at = stated.at.astimezone(UTC) if stated.at.tzinfo else stated.at.replace(tzinfo=UTC)
    handle = HandleRef(stated.handle.kind, stated.handle.value)
    yield Fact(native_id=stated.id, observed_at=at, handles=(handle,), name=stated.name, traits=stated.traits,
               consents=tuple(stated.consents))  # fmt: skip
    for number, said in enumerate(stated.consents):
        yield Activity(
            verb=Verb.GRANT if said.permit is Permit.GRANTED else Verb.REVOKE, object_type=ObjectType.PURPOSE,
            native_id=f"{stated.id}:{number}", happened_at=at, actor=handle, object_key=said.purpose, campaign_key=stated.campaign,
            event_name=f"{said.channel} {said.purpose}"[:120], props={"channel": said.channel, "purpose": said.purpose, "way": stated.way},
        )  # fmt: skip


channel = Preferences()
