"""Business cards that someone of the team was given, typed in by hand: one card a delivery, in the shape of a form's submission.

What the team says someone agreed to is the team's word, not that person's: hence a channel of its own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Outcome, Permit, Reject, Verb

from ._surroundings import label
from .base import Channel, Spec
from .forms import Agreed, Sent, read


class Cards(Channel):
    spec: ClassVar[Spec] = Spec(
        id="cards", name="Business cards", icon="id", family="contacts", capabilities=frozenset(), handle_kinds=("email", "phone")
    )

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            card = read(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Reject(line=1, code="not_a_submission", detail=str(error)[:200])
            return
        at = card.at.astimezone(UTC) if card.at.tzinfo else card.at.replace(tzinfo=UTC)
        handles = tuple(HandleRef(each.kind, each.value, each.name) for each in card.handles)
        if not handles:
            yield Reject(line=1, code="no_handle", field="handles")
            return
        yield _met(card, at, handles[0])
        yield Fact(
            native_id=f"{card.id}:who", observed_at=at, handles=handles, name=card.name, traits=card.traits, tags=tuple(card.tags),
            consents=tuple(_consent(each, card, at) for each in card.consents),
        )  # fmt: skip


def _met(card: Sent, at: datetime, actor: HandleRef) -> Activity:
    where = label(card.touch.get("source"))
    return Activity(
        verb=Verb.MEET, object_type=ObjectType.EVENT, native_id=card.id, happened_at=at, actor=actor, event_name=where,
        object_key=where or card.form.key, campaign_key=where, language=card.language[:8], text=card.message, props={"way": "card"},
    )  # fmt: skip


def _consent(agreed: Agreed, card: Sent, at: datetime) -> ConsentFact:
    return ConsentFact(
        permit=Permit.GRANTED, channel=agreed.channel, purpose=agreed.purpose, at=at, basis=agreed.basis, wording=agreed.wording,
        evidence=f"business card {card.id}",
    )  # fmt: skip


channel = Cards()
