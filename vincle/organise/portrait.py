"""Who a person is: handles with their evidence, what may be written, what sources say of each trait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.channels import team as team_channel
from vincle.identify import consent, waterfall
from vincle.identify.models import Belonging, Case, Link, SharedHandle, Suppression
from vincle.listen import log
from vincle.listen.models import Delivery, Handle
from vincle.store import bulk
from vincle.vocabulary import ANONYMOUS, public_id
from vincle.web.tags.people import channel_name

from . import conditional
from .models import CustomField
from .survivors import TEAM
from .wording import consent_of, consent_state, evidence

MOST_HANDLES = 500
MOST_FACTS = 300
_STRENGTH = {"email": 0, "login": 1, "phone": 2, "external": 6, "cookie": 7}
_NO_ACCOUNTS = frozenset({"email", "phone", "login", "external"})


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
            "SELECT a.event_id, a.happened_at, a.channel, a.delivery_id FROM listen_activity a "
            f"WHERE +a.workspace_id = %s AND a.actor IN ({keys}) AND a.object_type = 'Profile' AND NOT a.superseded AND a.op <> 'retract' "
            f"ORDER BY a.happened_at DESC, a.seq DESC LIMIT {MOST_FACTS}",
            [workspace.pk],
        )
        rows = cursor.fetchall()
    void = conditional.void([bytes(row[0]) for row in rows if row[2] == TEAM])
    words = log.contents(event for row in rows if (event := bytes(row[0])) not in void)
    found = ((*row, words[bytes(row[0])][2]) for row in rows if bytes(row[0]) in words)
    return [_stated(*row) for row in found]


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
        return name or channel_name(channel)

    def name(self, delivery: int | None) -> str:
        return self._names.get(delivery or 0, "")


@dataclass
class Identity:
    """A handle with why it is this person's."""

    handle: Handle
    reason: str
    probability: float
    fall: waterfall.Waterfall | None = None
    shared: str = ""

    @property
    def pid(self) -> str:
        return public_id(self.handle.key)

    @property
    def text(self) -> str:
        return self.handle.name or self.handle.value

    @property
    def is_account(self) -> bool:
        """Whether it is an account that may post, unlike an address or a number."""
        return self.handle.kind not in ANONYMOUS | _NO_ACCOUNTS

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
    falls: dict[int, waterfall.Waterfall] = {}
    for link in links[:2000]:
        source = told.get(bytes(link.event_id), "") if link.event_id else ""
        reason = (evidence(link.evidence, link.detail or {}, link.decided_by, source), link.probability)
        found = waterfall.waterfall([link.detail]) if link.evidence == waterfall.PROBABLE else None
        for side in {link.left, link.right} & keys:
            by_handle.setdefault(side, []).append(reason)
            if found:
                falls[side] = found
    rows = SharedHandle.objects.of(workspace).filter(handle__in=keys, lifted_at=None)
    shared = {row.handle: str(row.get_reason_display()) for row in rows}
    return [_identity(each, by_handle.get(each.key, []), falls.get(each.key), shared.get(each.key, "")) for each in handles]


def _identity(handle: Handle, reasons: list[tuple[str, float]], fall: waterfall.Waterfall | None, shared: str) -> Identity:
    if not reasons:
        return Identity(handle, _("where we know them from"), 1.0, None, shared)
    sure = max(sure for _text, sure in reasons)
    # Exact evidence or a human's word beside it makes how probable it once was uninteresting.
    text = " · ".join(list(dict.fromkeys(text for text, _sure in reasons))[:3])
    return Identity(handle, text, sure, fall if sure < 1 else None, shared)


@dataclass
class Permission:
    """May we write? `state` of the ledger, in words."""

    what: str
    state: str
    words: str
    channel: str = ""
    purpose: str = ""

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
    return [Permission(consent_of(*what), state, consent_state(state), *what) for what, state in sorted(states.items())]


def custom_fields(workspace: Workspace) -> list[CustomField]:
    return list(CustomField.objects.of(workspace).order_by("name"))


def joined_cases(workspace: Workspace, person: int) -> list[Case]:
    """Decisions of the team that made this person one of two, latest first."""
    cases = Case.objects.of(workspace).filter(Q(left=person) | Q(right=person), state=Case.State.SAME)
    return list(cases.select_related("decided_by").order_by("-decided_at")[:10])
