"""What someone of the team says of a person, by hand or through a program with their key: one statement a delivery.

    {"id": "9f…", "at": "2026-11-21T10:00:00+00:00", "by": "marta@example.org", "by_name": "Marta Puig",
     "handle": {"kind": "email", "value": "ana@example.org"}, "name": "Ana Torres", "traits": {"city": "Girona", "Lead source": ""}}

An empty value says: nothing is known here. `name` stands only where the name itself was changed. `consents` are what the team was told
of being written to: permissions with their wording and evidence, and refusals.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from vincle.vocabulary import ConsentFact, Fact, HandleRef, Outcome, Reject

from .base import Channel, Spec


class _Handle(msgspec.Struct):
    kind: str
    value: str


class Edit(msgspec.Struct, omit_defaults=True):
    """One edit by hand, as it is stored."""

    id: str
    at: datetime
    by: str
    handle: _Handle
    by_name: str = ""
    name: str = ""
    traits: dict[str, Any] = {}
    consents: tuple[ConsentFact, ...] = ()


def write(
    id: str, at: datetime, by: str, by_name: str, handle: HandleRef, name: str, traits: dict[str, Any],
    consents: tuple[ConsentFact, ...] = (),
) -> bytes:  # fmt: skip
    """The raw delivery of an edit, which `parse` reads back."""
    whose = _Handle(handle.kind, handle.value)
    edit = Edit(id=id, at=at, by=by, by_name=by_name, handle=whose, name=name, traits=traits, consents=consents)
    return msgspec.json.encode(edit)


def read(raw: bytes) -> Edit:
    """An edit of its raw delivery; msgspec.ValidationError or DecodeError when it is none."""
    return msgspec.json.decode(raw, type=Edit)


class Team(Channel):
    spec: ClassVar[Spec] = Spec(id="team", name="Team", icon="user-edit", family="contacts", capabilities=frozenset())

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            edit = read(raw)
        except msgspec.MsgspecError as error:
            yield Reject(line=1, code="not_an_edit", detail=str(error)[:200])
            return
        handle = HandleRef(edit.handle.kind, edit.handle.value)
        yield Fact(native_id=edit.id, observed_at=edit.at, handles=(handle,), name=edit.name, traits=edit.traits,
                   consents=edit.consents)  # fmt: skip


channel = Team()
