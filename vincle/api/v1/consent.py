"""May someone be written to: what stands, why, and entering what they told the team."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from django.utils import timezone
from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.accounts.models import Workspace
from vincle.engage.outbox import may
from vincle.engage.preferences import choices
from vincle.identify import consent, consent_told
from vincle.identify import models as identity
from vincle.identify.actions import handles_of_person
from vincle.identify.consent_rules import ALL, APART, MARKETING
from vincle.listen.models import Handle
from vincle.vocabulary import ConsentFact, Permit, public_id

from . import cursors, reach, shapes
from .endpoint import Call, endpoint
from .faults import invalid, missing

MEDIA = ("email", "phone", "whatsapp", "telegram")
Topic = Annotated[
    str, Meta(max_length=40, description='"marketing" for anything commercial, a topic of the workspace, or "*" for everything.')
]
Medium = Annotated[str, Meta(max_length=20, description='"email", "phone", a network\'s id, or "*" for every way.')]


class TopicState(Struct):
    topic: str
    name: str
    state: Annotated[str, Meta(description="`granted`, `refused`, `ended` or `unknown`.")]


class Reachable(Struct, kw_only=True):
    """An address they can be reached at. `may_write`: whether marketing could leave for it now; `why`: codes of what speaks against it."""

    handle: shapes.PublicId
    kind: str
    value: str
    may_write: bool
    not_before: Annotated[datetime | None, Meta(description="Set where they may be written to later.")]
    why: list[str]
    topics: list[TopicState]


class ConsentStatement(Struct, kw_only=True):
    """A row of the ledger, which only ever grows. `source`: who stated it: person, form, platform, team or import."""

    handle: shapes.PublicId
    permit: str
    channel: str
    topic: str
    basis: str
    source: str
    wording: str
    evidence: str
    at: datetime
    until: datetime | None


class ConsentAsked(Struct, forbid_unknown_fields=True):
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class Consents(Struct):
    """What holds for each address, and a page of what was ever said of it, latest entered first."""

    id: shapes.PublicId
    redirected_from: str | None
    addresses: list[Reachable]
    data: list[ConsentStatement]
    next_cursor: shapes.Cursor


class TellAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    permit: Literal["granted", "withdrawn", "denied"]
    handle: Annotated[str, Meta(max_length=400, description="Of theirs: public id, or “email:ana@example.org”; none: their only one.")] = ""
    channel: Medium = "email"
    topic: Topic = MARKETING
    wording: Annotated[str, Meta(max_length=4000, description="What they agreed to, word for word. Needed for a permission.")] = ""
    evidence: Annotated[str, Meta(max_length=300, description="How it can be shown: where, when, by whom. Needed for a permission.")] = ""
    basis: Literal["consent", "contract", "legitimate interest"] = "consent"
    at: Annotated[shapes.Moment | None, Meta(description="When they said it; none: now.")] = None
    until: Annotated[shapes.Moment | None, Meta(description="When a permission ends by itself.")] = None


class ConsentTold(Struct):
    """`state`: what holds for that address now. A permission that the team enters never lifts a refusal of theirs: it stays `refused`."""

    id: shapes.PublicId
    handle: shapes.PublicId
    state: str


@endpoint("GET", "people/<pid>/consent", May.SEE, asks=ConsentAsked, answers=Consents)
def get_consent(call: Call[ConsentAsked], pid: str) -> Consents:
    """Whether someone may be written to, at which address and why; and every word of theirs about it."""
    found = reach.person(call.workspace, pid)
    handles = _handles(call.workspace, found.person.pk)
    keys = handles_of_person(call.workspace, found.person.pk)
    shown, more = cursors.newest(identity.Consent.objects.of(call.workspace).filter(handle__in=keys), call.asked)
    addresses = _addresses(call.workspace, found.person.pk, handles)
    return Consents(found.id, found.redirected_from, addresses, [_statement(row) for row in shown], more)


@endpoint("POST", "people/<pid>/consent/record", May.EDIT_PEOPLE, asks=TellAsked, answers=ConsentTold)
def record_consent(call: Call[TellAsked], pid: str) -> ConsentTold:
    """Enter what someone told the team: a permission with its wording and evidence, or a refusal."""
    found, asked = reach.person(call.workspace, pid), call.asked
    handle = _of_theirs(call.workspace, found.person.pk, asked)
    said = _checked(call.workspace, asked)
    consent_told.tell(call.workspace, call.user, handle, said)
    standing = consent.state(call.workspace, [found.person.pk]).get(found.person.pk) or consent.Standing()
    return ConsentTold(found.id, public_id(handle.key), standing.answer(handle.key, said.channel, said.purpose).state)


def _handles(workspace: Workspace, person: int) -> dict[int, Handle]:
    rows = Handle.objects.of(workspace).filter(key__in=handles_of_person(workspace, person)).exclude(value="")
    return {each.key: each for each in rows}


def _addresses(workspace: Workspace, person: int, handles: Mapping[int, Handle]) -> list[Reachable]:
    now, topics = timezone.now(), choices.offered(workspace)
    standing = consent.state(workspace, [person]).get(person) or consent.Standing()
    found = []
    for key, handle in sorted(handles.items(), key=lambda each: (each[1].kind, each[1].value)):
        if handle.kind not in MEDIA:
            continue
        verdict = may.decide_one(
            workspace, purpose="marketing", channel=handle.kind, handle=key, person=person, topic=topics[0][0], now=now
        )
        said = [TopicState(topic, name, standing.answer(key, handle.kind, topic, now).state) for topic, name, _more in topics]
        found.append(Reachable(
            handle=public_id(key), kind=handle.kind, value=handle.value, may_write=verdict.is_allowed, not_before=verdict.not_before,
            why=[reason.code for reason in verdict.reasons], topics=said,
        ))  # fmt: skip
    return found


def _statement(row: identity.Consent) -> ConsentStatement:
    return ConsentStatement(
        handle=public_id(row.handle), permit=row.permit, channel=row.channel, topic=row.purpose, basis=row.basis, source=row.source,
        wording=row.wording, evidence=row.evidence, at=row.at, until=row.until,
    )  # fmt: skip


def _of_theirs(workspace: Workspace, person: int, asked: TellAsked) -> Handle:
    """One of the person's own handles that still has its address."""
    text, handles = asked.handle, list(_handles(workspace, person).values())
    if not text:
        fitting = [each for each in handles if each.kind == asked.channel]
        if len(fitting) != 1:
            raise invalid("handle", f"They have {len(fitting) or 'no'} addresses of this channel: say which one.")
        return fitting[0]
    kind, colon, value = text.partition(":")
    wanted = {value, value.casefold()} if colon else set()
    for each in handles:
        if public_id(each.key) == text or (each.kind == kind and each.value in wanted):
            return each
    raise missing("handle of this person", "handle")


def _checked(workspace: Workspace, asked: TellAsked) -> ConsentFact:
    known = {MARKETING, ALL, *APART, *(topic for topic, _name, _more in choices.offered(workspace))}
    if asked.topic not in known:
        raise invalid("topic", "The workspace has no such topic.")
    if asked.at and asked.at > timezone.now():
        raise invalid("at", "This lies in the future.")
    wording, evidence = asked.wording.replace("\x00", "").strip(), " ".join(asked.evidence.replace("\x00", "").split())
    if asked.permit == "granted" and not (wording and evidence):
        raise invalid("evidence" if wording else "wording", "A permission needs the words that were agreed to, and how it can be shown.")
    return ConsentFact(
        permit=Permit(asked.permit), channel=asked.channel, purpose=asked.topic, at=asked.at, evidence=evidence, basis=asked.basis,
        wording=wording, until=asked.until if asked.permit == "granted" else None,
    )  # fmt: skip
