"""Who a person is: handles with their evidence, what may be written, what sources say of each trait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.channels import team as team_channel
from vincle.identify import consent
from vincle.identify.models import Belonging, Case, Link, Suppression
from vincle.listen.models import Delivery, Handle
from vincle.store import bulk
from vincle.vocabulary.fields import TRAITS

from .fieldtypes import type_of
from .models import CustomField, Profile
from .timeline import safe_link
from .wording import consent_of, consent_state, evidence, label, shown

MOST_HANDLES = 500
MOST_FACTS = 300
_STRENGTH = {"email": 0, "login": 1, "phone": 2, "external": 6, "cookie": 7}
BASIC = ("name", "company", "job_title", "city", "country", "language", "birthday")
"""Traits that have their line even while nobody said anything of them."""


def handles_of(workspace: Workspace, person: int) -> list[Handle]:
    """Strongest first: e-mail, log-in, phone, networks, other systems, browsers."""
    keys = list(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True)[:MOST_HANDLES])
    # By key alone: they are this workspace's, and SQLite would rather walk through all handles of the workspace.
    found = list(Handle.objects.filter(key__in=keys))
    return sorted(found, key=lambda handle: (_STRENGTH.get(handle.kind, 5), handle.first_seen, handle.key))


@dataclass
class Stated:
    """A fact as its source stated it."""

    event: bytes
    at: datetime
    channel: str
    delivery: int | None
    traits: dict[str, Any]


def facts_of(workspace: Workspace, handles: Sequence[Handle]) -> list[Stated]:
    """The latest facts that stand, newest first."""
    keys = ", ".join(str(handle.key) for handle in handles) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.event_id, a.happened_at, a.channel, a.delivery_id, c.body FROM listen_activity a "
            "JOIN listen_content c ON c.event_id = a.event_id "
            f"WHERE +a.workspace_id = %s AND a.actor IN ({keys}) AND a.object_type = 'Profile' AND NOT a.superseded AND a.op <> 'retract' "
            f"ORDER BY a.happened_at DESC, a.seq DESC LIMIT {MOST_FACTS}",
            [workspace.pk],
        )
        rows = cursor.fetchall()
    return [_stated(*row) for row in rows]


def _stated(event: Any, at: Any, channel: str, delivery: int | None, body: str) -> Stated:
    fact = msgspec.json.decode(body) if body else {}
    traits = dict(fact.get("traits") or {}) | ({"name": fact["name"]} if fact.get("name") else {})
    moment = bulk.moment(at)
    assert moment
    return Stated(bytes(event), moment, channel, delivery, traits)


class Sources:
    """Who told us, by delivery: "hubspot.csv", "Marta"."""

    def __init__(self, workspace: Workspace, deliveries: Iterable[int | None]) -> None:
        keys = {key for key in deliveries if key}
        rows = Delivery.objects.of(workspace).filter(pk__in=keys).values_list("pk", "channel", "name", "is_import", "body")
        self._names = {pk: self._name(channel, name, body) for pk, channel, name, _is_import, body in rows}
        self.imports = {pk for pk, _channel, _name, is_import, _body in rows if is_import}

    @staticmethod
    def _name(channel: str, name: str, body: Any) -> str:
        if channel == team_channel.channel.spec.id and body is not None:
            try:
                edit = team_channel.read(bytes(body))
            except msgspec.MsgspecError:
                return _("the team")
            return edit.by_name or edit.by
        return name or channel

    def name(self, delivery: int | None) -> str:
        return self._names.get(delivery or 0, "")


@dataclass
class Identity:
    """A handle with why it is this person's."""

    handle: Handle
    reason: str
    probability: float

    @property
    def text(self) -> str:
        return self.handle.name or self.handle.value

    @property
    def more(self) -> str:
        return (
            self.handle.value
            if self.handle.name and self.handle.name != self.handle.value and self.handle.kind in ("email", "phone")
            else ""
        )


def identities(workspace: Workspace, handles: Sequence[Handle], facts: Sequence[Stated], sources: Sources) -> list[Identity]:
    keys = {handle.key for handle in handles}
    links = Link.objects.of(workspace).filter(Q(left__in=keys) | Q(right__in=keys), undone_at=None)
    told = {fact.event: sources.name(fact.delivery) for fact in facts}
    by_handle: dict[int, list[tuple[str, float]]] = {}
    for link in links[:2000]:
        source = told.get(bytes(link.event_id), "") if link.event_id else ""
        reason = (evidence(link.evidence, link.detail or {}, link.decided_by, source), link.probability)
        for side in {link.left, link.right} & keys:
            by_handle.setdefault(side, []).append(reason)
    return [_identity(handle, by_handle.get(handle.key, [])) for handle in handles]


def _identity(handle: Handle, reasons: list[tuple[str, float]]) -> Identity:
    if not reasons:
        return Identity(handle, _("where we know them from"), 1.0)
    return Identity(handle, " · ".join(list(dict.fromkeys(text for text, _sure in reasons))[:3]), max(sure for _text, sure in reasons))


@dataclass
class Permission:
    """May we write? `state` of the ledger, in words."""

    what: str
    state: str
    words: str

    @property
    def is_open(self) -> bool:
        return self.state == "granted"

    @property
    def is_unknown(self) -> bool:
        return self.state == "unknown"


def permissions(workspace: Workspace, handles: Sequence[Handle]) -> list[Permission]:
    """What was allowed and refused; an address on the suppression list is closed whatever was said later."""
    keys = [handle.key for handle in handles]
    states = consent.of_person(workspace, keys)
    for channel, reason in Suppression.objects.of(workspace).filter(handle__in=keys).values_list("channel", "reason"):
        if states.get((channel, "marketing")) != "granted":
            states[channel, "marketing"] = reason
    for kind in dict.fromkeys(handle.kind for handle in handles if handle.kind in ("email", "phone")):
        if not any(channel == kind for channel, _purpose in states):
            states[kind, "marketing"] = "unknown"
    return [Permission(consent_of(*what), state, consent_state(state)) for what, state in sorted(states.items())]


@dataclass
class Trait:
    """One line of what is known: the value that stands, where it came from, and what other sources say."""

    name: str
    label: str
    type: str
    raw: Any
    value: str
    source: str = ""
    at: datetime | None = None
    is_import: bool = False
    others: list[tuple[str, str, datetime]] = field(default_factory=list)

    @property
    def link(self) -> str:
        return safe_link(str(self.raw or ""))

    @property
    def typed(self) -> str:
        """The value as it is typed into its field."""
        if isinstance(self.raw, bool):
            return "yes" if self.raw else "no"
        return ", ".join(map(str, self.raw)) if isinstance(self.raw, list) else "" if self.raw is None else str(self.raw)

    @property
    def is_custom(self) -> bool:
        return self.name not in TRAITS and self.name != "name"


def custom_fields(workspace: Workspace) -> list[CustomField]:
    return list(CustomField.objects.of(workspace).order_by("name"))


def traits_of(profile: Profile, fields: Sequence[CustomField], facts: Sequence[Stated], sources: Sources) -> list[Trait]:
    """Common traits first, then the workspace's own; hidden ones left out."""
    types = {each.name: each.type for each in fields}
    labels = {each.name: each.label for each in fields if each.label}
    hidden = {each.name for each in fields if each.hidden_at}
    usual = ["name", *TRAITS]
    names = [name for name in usual if name in BASIC or name in profile.traits]
    names += sorted((set(profile.traits) | set(types)) - set(usual), key=str.casefold)
    said = _said(facts)
    return [_trait(name, profile, types, labels, said, sources) for name in names if name not in hidden]


def _trait(
    name: str, profile: Profile, types: Mapping[str, str], labels: Mapping[str, str], said: Mapping[str, list[Stated]], sources: Sources
) -> Trait:
    value, at, delivery = profile.traits.get(name, (None, None, None))
    if name == "name" and not value:
        value = profile.name
    kind = type_of(name, dict(types))
    found = Trait(
        name,
        label(name, labels),
        kind,
        value,
        shown(value, kind),
        sources.name(delivery) if at else "",
        _moment(at),
        delivery in sources.imports,
    )
    seen = {found.value, ""}
    for fact in said.get(name, ()):
        other = shown(fact.traits[name], kind)
        if other not in seen and len(found.others) < 5:
            seen.add(other)
            found.others.append((other, sources.name(fact.delivery) or fact.channel, fact.at))
    return found


def _said(facts: Sequence[Stated]) -> dict[str, list[Stated]]:
    said: dict[str, list[Stated]] = {}
    for fact in facts:
        for name in fact.traits:
            said.setdefault(name, []).append(fact)
    return said


def _moment(text: Any) -> datetime | None:
    found = parse_datetime(text) if isinstance(text, str) else None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def joined_cases(workspace: Workspace, person: int) -> list[Case]:
    """Decisions of the team that made this person one of two, latest first."""
    cases = Case.objects.of(workspace).filter(Q(left=person) | Q(right=person), state=Case.State.SAME)
    return list(cases.select_related("decided_by").order_by("-decided_at")[:10])
