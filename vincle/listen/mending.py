"""Mending a row that was set aside: what a person wrote goes into the log as a correction of that row, by a delivery of its own.

The log itself never changes. The delivery is kept like any other, so a rebuild brings the correction again.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import vincle_jsonl
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Reject, event_id

from . import actions, aside
from .messages import sentence
from .models import Activity as Row
from .models import Connection as Source
from .models import Content, Delivery, Handle, SetAside

_SHOWN = ("name", "kind", "traits", "tags", "consents")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`").search


class CannotMend(ValueError):
    """What was written cannot be said in the log; the message is for the person who wrote it."""


def row_of(found: SetAside) -> Row | None:
    """The row of the log; None when a rebuild or an erasure took it."""
    return Row.objects.of(found.workspace_id).select_related("connection__workspace").filter(seq=found.seq).first()


def is_mendable(row: Row | None) -> bool:
    """Whether the row carries something that was said, and can be said anew."""
    if row is None or row.op == Op.RETRACT or row.superseded or row.object_type == ObjectType.UNKNOWN:
        return False
    root = event_id(row.workspace_id, row.connection_id, row.native_id, Op.ASSERT, "")
    return root == bytes(row.root_id or row.event_id)


def content_of(row: Row) -> dict[str, str]:
    """What can be edited: of a fact its JSON, handles by kind and value; of an act its words, title and JSON."""
    stored = Content.objects.filter(event_id=row.event_id).first()
    body = stored.body if stored else ""
    if row.object_type == ObjectType.PROFILE:
        return {"body": _readable(row, body)}
    return {"text": stored.text if stored else "", "title": stored.title if stored else "", "body": _pretty(body)}


def _readable(row: Row, body: str) -> str:
    try:
        fact = msgspec.json.decode(body)
        keys = fact["handles"]
        fact["handles"] = [{"kind": ref.kind, "value": ref.value} for ref in _refs(row.workspace_id, keys)]
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, CannotMend):
        return body
    return _pretty(msgspec.json.encode(fact).decode())


def _pretty(body: str) -> str:
    try:
        return msgspec.json.format(body, indent=2) if body else ""
    except msgspec.MsgspecError:
        return body


def mend(workspace: Workspace, found: SetAside, user: User, written: dict[str, str]) -> Delivery:
    """Append a correction of the row that says what was `written`, and let every step follow it. Raises CannotMend."""
    row = row_of(found)
    if row is None or not is_mendable(row):
        raise CannotMend(_("This row cannot be said anew; try it again, or leave it out."))
    raw = vincle_jsonl.dump(_corrected(row, written))
    _check(raw)
    with transaction.atomic():
        delivery = _deliver(workspace, row.connection, raw, user)
        aside.mended(workspace, bytes(row.event_id), user, step=found.step)
    actions.work_off(delivery)
    return delivery


def _deliver(workspace: Workspace, source: Source, raw: bytes, user: User) -> Delivery:
    delivery: Delivery = Delivery.objects.create(
        workspace=workspace, connection=source, channel=vincle_jsonl.channel.spec.id, sha256=sha256(raw).hexdigest(), size=len(raw),
        body=raw, created_by=user, received_at=timezone.now(),
    )  # fmt: skip
    audit.record(workspace, user, "changed", "delivery", delivery.pk)
    return delivery


def _check(raw: bytes) -> None:
    """The door is tried before anything is stored."""
    for outcome in vincle_jsonl.channel.parse(raw, timezone.now()):
        if isinstance(outcome, Reject):
            raise CannotMend(
                f"{outcome.field}: {sentence(outcome.code, outcome.detail)}" if outcome.field else sentence(outcome.code, outcome.detail)
            )


def _corrected(row: Row, written: dict[str, str]) -> Fact | Activity:
    body = _json(written.get("body", ""))
    version, later = _behind(row)
    try:
        if row.object_type == ObjectType.PROFILE:
            return _fact(row, body, version, later)
        return _act(row, written, body, version, later)
    except msgspec.ValidationError as error:
        place = _PLACE(str(error))
        raise CannotMend(f"{place[1] if place else 'JSON'}: {str(error).partition(' - at')[0]}") from error


def _json(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CannotMend(_("This is not valid JSON: %(why)s") % {"why": error}) from error
    if not isinstance(found, dict):
        raise CannotMend(_("This is JSON, but not a record: it must begin with { and end with }."))
    return found


def _behind(row: Row) -> tuple[str, timedelta]:
    """(version, how much later) of a correction that stands behind this row, but never behind what its source says next."""
    if row.op == Op.ASSERT:
        return "mended", timedelta(0)
    if row.version.isdigit():
        return f"0{row.version}", timedelta(microseconds=1)  # an equal number, so that the time decides
    return f"{row.version} mended", timedelta(0)


def _fact(row: Row, body: dict[str, Any], version: str, later: timedelta) -> Fact:
    given = body.get("handles") or ([row.actor] if row.actor else [])
    if not isinstance(given, list):
        raise CannotMend(_("handles: a list is wanted."))
    if strange := sorted(set(body) - {"handles", *_SHOWN}):
        raise CannotMend(_("%(field)s: there is no such field; what a source says of someone stands in traits.") % {"field": strange[0]})
    handles = [_ref(row, each) for each in given]
    told = {name: body[name] for name in _SHOWN if name in body}
    fields = {**told, "native_id": row.native_id, "observed_at": row.happened_at + later, "op": Op.CORRECT, "version": version}
    return msgspec.convert({**fields, "handles": [{"kind": ref.kind, "value": ref.value, "name": ref.name} for ref in handles]}, Fact)


def _ref(row: Row, given: Any) -> HandleRef:
    if isinstance(given, int):
        return _refs(row.workspace_id, [given])[0]
    return msgspec.convert(given, HandleRef)


def _refs(workspace: int, keys: Sequence[int]) -> list[HandleRef]:
    known = {found.key: HandleRef(found.kind, found.value, found.name) for found in Handle.objects.of(workspace).filter(key__in=keys)}
    if missing := [key for key in keys if key not in known]:
        raise CannotMend(_("handles: nobody is known by %(key)s.") % {"key": missing[0]})
    return [known[key] for key in keys]


_COPIED = (
    "verb", "object_type", "native_id", "reaction", "event_name", "object_key", "parent_key", "thread_key", "campaign_key", "url",
    "direction", "is_machine", "currency", "rating", "rating_max", "language", "sentiment", "sentiment_confidence", "country", "place",
)  # fmt: skip


def _act(row: Row, written: dict[str, str], body: dict[str, Any], version: str, later: timedelta) -> Activity:
    fields: dict[str, Any] = {name: getattr(row, name) for name in _COPIED}
    for name in ("actor", "target"):
        key = getattr(row, name)
        fields[name] = _refs(row.workspace_id, [key])[0] if key else None
    fields |= {name: tuple(filter(None, getattr(row, name).split("|"))) for name in ("intents", "topics")}
    fields |= {"hashtags": tuple(row.hashtags.split()), "props": msgspec.json.decode(row.props or "{}"), "amount": row.amount}
    fields |= {"text": written.get("text", ""), "title": written.get("title", ""), "body": body}
    fields |= {"op": Op.CORRECT, "version": version, "happened_at": row.happened_at + later}
    return msgspec.convert(fields, Activity, from_attributes=True)
