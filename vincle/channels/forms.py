"""Our own forms and landing pages: one submission a delivery, as the page that took it wrote it down.

    {"id": "7f…", "at": "2026-11-21T10:00:00+00:00", "form": {"key": "n7…", "name": "Newsletter", "version": 3}, "language": "ca",
     "handles": [{"kind": "email", "value": "ana@example.org"}], "name": "Ana Torres", "traits": {"company": "Acme"},
     "answers": [{"field": "a1", "label": "What do you roast?", "value": "Arabica"}], "message": "Bon dia!",
     "consents": [{"purpose": "news", "channel": "email", "wording": "Yes, write to me …"}], "tags": ["fair"],
     "touch": {"url": "https://shop.example/offer", "referrer": "blog.example", "campaign": "May", "source": "x", "first_source": "y"}}

Who ticked a box said so themselves. What several browsers share (`is_shared`) names nobody and is left out by the page before.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Outcome, Permit, Reject, Verb

from ._surroundings import address, label
from .base import Channel, Spec

_LONGEST = 20_000
_TOUCH = (
    "source", "medium", "term", "content", "click", "referrer", "landing", "first_source", "first_medium", "first_campaign",
    "first_landing",
    "first_referrer", "first_at", "way",
)  # fmt: skip
_UTM = frozenset({"source", "medium", "term", "content"})


class Agreed(msgspec.Struct, omit_defaults=True):
    """A box that was ticked, with the words that stood beside it."""

    purpose: str
    wording: str
    channel: str = "email"
    basis: str = "consent"


class Answer(msgspec.Struct, omit_defaults=True):
    """What was answered to a question, in the words in which it was asked."""

    field: str
    label: str
    value: Any = ""


class Named(msgspec.Struct, omit_defaults=True):
    kind: str
    value: str
    name: str = ""


class About(msgspec.Struct, omit_defaults=True):
    """The form: its key lasts, its name may change."""

    key: str
    name: str = ""
    version: int = 0


class Sent(msgspec.Struct, omit_defaults=True):
    """One submission, as it is stored. `is_known`: that it was sent stands in the log already; only what it says of its sender is new."""

    id: str
    at: datetime
    form: About
    language: str = ""
    handles: list[Named] = []
    name: str = ""
    traits: dict[str, Any] = {}
    answers: list[Answer] = []
    message: str = ""
    consents: list[Agreed] = []
    tags: list[str] = []
    touch: dict[str, str] = {}
    is_known: bool = False


def write(sent: Sent) -> bytes:
    """The raw delivery of a submission, which `parse` reads back."""
    return msgspec.json.encode(sent)


def read(raw: bytes) -> Sent:
    """A submission of its raw delivery; msgspec.ValidationError or DecodeError when it is none."""
    return msgspec.json.decode(raw, type=Sent)


class Forms(Channel):
    spec: ClassVar[Spec] = Spec(
        id="forms",
        name="Forms",
        icon="clipboard-text",
        family="contacts",
        capabilities=frozenset(),
        handle_kinds=("email", "phone", "cookie"),
    )

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            sent = read(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Reject(line=1, code="not_a_submission", detail=str(error)[:200])
            return
        yield from outcomes(sent)


def outcomes(sent: Sent) -> Iterator[Outcome]:
    """That a form was sent, and what its sender said of themselves."""
    at = sent.at.astimezone(UTC) if sent.at.tzinfo else sent.at.replace(tzinfo=UTC)
    handles = tuple(HandleRef(each.kind, each.value, each.name) for each in sent.handles)
    if not sent.is_known:
        yield _act(sent, at, handles[0] if handles else None)
    if handles:
        yield Fact(
            native_id=f"{sent.id}:who", observed_at=at, handles=handles, name=sent.name, traits=sent.traits, tags=tuple(sent.tags),
            consents=tuple(_consent(each, sent, at) for each in sent.consents),
        )  # fmt: skip


def _act(sent: Sent, at: datetime, actor: HandleRef | None) -> Activity:
    page = address(sent.touch.get("url", ""))
    return Activity(
        verb=Verb.SUBMIT, object_type=ObjectType.FORM, native_id=sent.id, happened_at=at, actor=actor,
        event_name=sent.form.name[:120], object_key=sent.form.key, campaign_key=label(sent.touch.get("campaign")), url=page.url,
        language=sent.language[:8], text=sent.message[:_LONGEST], title=sent.form.name[:200], props=_props(sent),
        body={"answers": {each.label or each.field: each.value for each in sent.answers}} if sent.answers else {},
    )  # fmt: skip


def _props(sent: Sent) -> dict[str, Any]:
    found: dict[str, Any] = {"form": sent.form.key, "version": sent.form.version}
    for name in _TOUCH:
        if value := label(sent.touch.get(name)):
            found[f"utm_{name}" if name in _UTM else name] = value
    return found


def _consent(agreed: Agreed, sent: Sent, at: datetime) -> ConsentFact:
    return ConsentFact(
        permit=Permit.GRANTED, channel=agreed.channel, purpose=agreed.purpose, at=at, basis=agreed.basis, wording=agreed.wording,
        evidence=f"form {sent.form.key} version {sent.form.version}: {sent.id}",
    )  # fmt: skip


channel = Forms()
