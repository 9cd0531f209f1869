"""Answers to our own surveys: one complete answer a delivery, as the page that took it wrote it down.

    {"id": "k3…", "at": "2026-11-22T10:00:00+00:00", "survey": {"key": "n7…", "name": "How satisfied are you?", "version": 3}, "way": "qr",
     "collector": "p2…", "language": "ca", "handles": [{"kind": "email", "value": "ana@example.org"}], "name": "Ana Torres",
     "rating": {"question": "nps", "label": "Would you recommend us?", "value": 9, "least": 0, "most": 10},
     "answers": [{"field": "q1", "label": "What do you roast?", "value": "Arabica"}],
     "texts": [{"field": "why", "label": "Why?", "value": "Molt bo!"}],
     "consents": [{"purpose": "news", "channel": "email", "wording": "Yes, write to me …"}]}

An answer is one act, with the rating that stands for the whole; each thing said in own words is one more, so that it is read. An anonymous
answer has no handles: nobody did it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Outcome, Permit, Reject, Verb

from .base import Channel, Spec

_LONGEST = 20_000


class Said(msgspec.Struct, omit_defaults=True):
    """What was answered to a question, in the words in which it was asked."""

    field: str
    label: str = ""
    value: Any = ""


class Rated(msgspec.Struct, omit_defaults=True):
    question: str
    label: str = ""
    value: float = 0
    least: float = 0
    most: float = 10


class Agreed(msgspec.Struct, omit_defaults=True):
    purpose: str
    wording: str
    channel: str = "email"


class Named(msgspec.Struct, omit_defaults=True):
    kind: str
    value: str
    name: str = ""


class About(msgspec.Struct, omit_defaults=True):
    """The survey: its key lasts, its name may change."""

    key: str
    name: str = ""
    version: int = 0


class Answered(msgspec.Struct, omit_defaults=True):
    """One complete answer, as it is stored."""

    id: str
    at: datetime
    survey: About
    way: str = ""
    collector: str = ""
    language: str = ""
    handles: list[Named] = []
    name: str = ""
    traits: dict[str, Any] = {}
    rating: Rated | None = None
    answers: list[Said] = []
    texts: list[Said] = []
    consents: list[Agreed] = []


def write(answered: Answered) -> bytes:
    """The raw delivery of an answer, which `parse` reads back."""
    return msgspec.json.encode(answered)


def read(raw: bytes) -> Answered:
    """An answer of its raw delivery; msgspec.ValidationError or DecodeError when it is none."""
    return msgspec.json.decode(raw, type=Answered)


class Surveys(Channel):
    spec: ClassVar[Spec] = Spec(
        id="surveys",
        name="Surveys",
        icon="list-check",
        family="contacts",
        capabilities=frozenset(),
        handle_kinds=("email", "phone"),
    )

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            answered = read(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Reject(line=1, code="not_an_answer", detail=str(error)[:200])
            return
        yield from outcomes(answered)


def outcomes(answered: Answered) -> Iterator[Outcome]:
    """That they answered, what they said in own words, and what they said of themselves."""
    at = answered.at.astimezone(UTC) if answered.at.tzinfo else answered.at.replace(tzinfo=UTC)
    handles = tuple(HandleRef(each.kind, each.value, each.name) for each in answered.handles if each.kind and each.value)
    actor = handles[0] if handles else None
    yield _act(answered, at, actor)
    for said in answered.texts:
        yield _words(answered, said, at, actor)
    if handles:
        yield Fact(
            native_id=f"{answered.id}:who", observed_at=at, handles=handles, name=answered.name, traits=answered.traits,
            consents=tuple(_consent(each, answered, at) for each in answered.consents),
        )  # fmt: skip


def _act(answered: Answered, at: datetime, actor: HandleRef | None) -> Activity:
    rating = answered.rating
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.ANSWER, native_id=answered.id, happened_at=at, actor=actor,
        event_name=answered.survey.name[:120], object_key=answered.survey.key, title=answered.survey.name[:200],
        language=answered.language[:8], rating=rating.value if rating else None, rating_max=rating.most if rating else None,
        props=_props(answered),
        body={"answers": {each.label or each.field: each.value for each in answered.answers}} if answered.answers else {},
    )  # fmt: skip


def _words(answered: Answered, said: Said, at: datetime, actor: HandleRef | None) -> Activity:
    """Named for the question, so that an answer is one answer however much was written in it."""
    return Activity(
        verb=Verb.SUBMIT, object_type=ObjectType.ANSWER, native_id=f"{answered.id}:{said.field}", happened_at=at, actor=actor,
        event_name=answered.survey.name[:120], object_key=f"{answered.survey.key}:{said.field}", parent_key=answered.survey.key,
        language=answered.language[:8], text=str(said.value)[:_LONGEST], title=said.label[:200],
        props={**_props(answered), "question": said.field},
    )  # fmt: skip


def _props(answered: Answered) -> dict[str, Any]:
    told = {"survey": answered.survey.key, "version": answered.survey.version, "way": answered.way, "collector": answered.collector}
    found: dict[str, Any] = {name: value for name, value in told.items() if value}
    if answered.rating:
        found["question"] = answered.rating.question
    return found


def _consent(agreed: Agreed, answered: Answered, at: datetime) -> ConsentFact:
    return ConsentFact(
        permit=Permit.GRANTED, channel=agreed.channel, purpose=agreed.purpose, at=at, basis="consent", wording=agreed.wording,
        evidence=f"survey {answered.survey.key} version {answered.survey.version}: {answered.id}",
    )  # fmt: skip


channel = Surveys()
