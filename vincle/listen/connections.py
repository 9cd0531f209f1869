"""Connections to platforms that deliver by themselves: made, given their secrets, paused, moved to another address, taken off."""

import secrets as chance
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.accounts.rules import Refused
from vincle.channels.base import Channel, Spec
from vincle.channels.registry import channels
from vincle.store import secrets as sealing

from . import credentials, pulling
from .connect_values import Given, leads_elsewhere, looked_at, proof
from .credentials import address
from .models import Connection
from .standing import can_check, check

__all__ = [
    "address", "can_check", "check", "connect", "connectable", "disconnect", "good_secrets", "move", "refused", "restore",
    "secret_since", "set_secrets", "set_settings", "turn",
]  # fmt: skip
OVERLAP = timedelta(hours=24)
"""How long the secret before stays good, for deliveries that are on their way while it is replaced."""


def connectable() -> list[Channel]:
    """The channels that deliver by themselves and prove it by a secret, or are asked."""
    found = [channel for channel in channels().values() if _is_connectable(channel)]
    return sorted(found, key=lambda channel: channel.spec.name.casefold())


def _is_connectable(channel: Channel) -> bool:
    spec = channel.spec
    return bool(spec.secrets and "webhook" in spec.capabilities) or bool({"pull", "act"} & spec.capabilities)


def connect(
    workspace: Workspace, user: User | None, channel: str, name: str = "", settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Connection:  # fmt: skip
    """A connection with an address of its own. What it is not given now comes later. One that was taken off comes back as what it was.

    It is listened to once `check` went well, which the worker does by itself soon. Raises Refused (connect_values.Wrong names the field).
    """
    found = next((each for each in connectable() if each.spec.id == channel), None)
    if found is None:
        raise Refused(_("There is no such service to connect."))
    wanted = " ".join(name.split())[:120]
    given = looked_at(found.spec, settings or {}, secrets or {}) if settings is not None or secrets is not None else Given({}, {})
    try:
        with transaction.atomic():
            connection = _row(workspace, found, wanted)
            connection.token, connection.is_enabled, connection.credentials = chance.token_urlsafe(24), True, None
            connection.settings, connection.token_ends_at, connection.scopes_missing = given.plain, None, []
            if given.sealed:
                connection.credentials = sealing.seal({"secrets": given.sealed, "since": timezone.now().isoformat()})
            _anew(connection, found)
            connection.save()
            if not can_check(found):
                pulling.begin(connection)
            audit.record(workspace, user, "connected", "connection", connection.pk, connection.name, channel=channel)
    except IntegrityError as error:
        raise Refused(_("Someone is connecting the same right now. Please look again.")) from error
    return connection


_ANEW = ("checked_at", "check_next_at", "state_kind", "state_code", "state_detail")


def _anew(connection: Connection, channel: Channel) -> None:
    """Nothing is known of how it stands: it is looked at soon, and not asked before. For the caller to save."""
    connection.state_kind = connection.state_code = connection.state_detail = ""
    connection.checked_at, connection.check_next_at = None, timezone.now() if can_check(channel) else None
    if connection.pk and can_check(channel):
        pulling.rest(connection)


def set_settings(connection: Connection, user: User | None, given: Mapping[str, str], secrets: Mapping[str, str] | None = None) -> None:
    """Change what a connection was given; secrets left empty stay. It is asked at once how it stands. Raises Wrong."""
    spec = channels()[connection.channel].spec
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        kept = _kept(row)
        before = stood = kept.get("secrets", {})
        if stood and leads_elsewhere(spec, given, row.settings):
            stood = _proofs(spec, stood)  # what was given for one server is not sent to another
        found = looked_at(spec, given, secrets or {}, stood)
        changed = sorted(name for name, value in found.plain.items() if row.settings.get(name, "") != value)
        renewed = sorted(name for name, value in found.sealed.items() if stood.get(name) != value)
        gone = {setting.name for setting in spec.settings if setting.is_secret} - set(found.sealed)
        row.settings = found.plain
        if renewed or gone & set(before) or stood != before:
            values = {name: value for name, value in {**stood, **found.sealed}.items() if name not in gone}
            fresh = {"secrets": values, "since": timezone.now().isoformat()}
            row.credentials = sealing.seal({**kept, **_overlap(spec, stood, values), **fresh})
        _anew(row, channels()[row.channel])
        row.save(update_fields=["settings", "credentials", *_ANEW])
        audit.record(row.workspace_id, user, "changed", "connection", row.pk, row.name, changed=[*changed, *renewed])
    connection.refresh_from_db()


def _row(workspace: Workspace, channel: Channel, wanted: str) -> Connection:
    rows = Connection.objects.of(workspace).filter(channel=channel.spec.id)
    if not wanted:
        taken = set(rows.filter(token__isnull=False).values_list("name", flat=True))
        stem = channel.spec.name
        wanted = next(name for name in (stem, *(f"{stem} {n}" for n in range(2, len(taken) + 3))) if name not in taken)
    stood = rows.filter(name=wanted).first()
    if stood and stood.token:
        raise Refused(_("There is a connection “%(name)s” already. Choose another name.") % {"name": wanted})
    return stood or Connection(workspace=workspace, channel=channel.spec.id, name=wanted)


def set_secrets(connection: Connection, user: User | None, given: Mapping[str, str]) -> None:
    """Keep the secrets that deliveries are proven by, encrypted. Those before stay good for a day. Raises Refused."""
    spec = channels()[connection.channel].spec
    values = {each.name: proof(each, given.get(each.name, "").strip()) for each in spec.secrets}
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        kept = _kept(row)
        stood = kept.get("secrets", {})
        new = {**stood, **values}
        kept = {**kept, **_overlap(spec, stood, new), "secrets": new, "since": timezone.now().isoformat()}
        connection.credentials = row.credentials = sealing.seal(kept)
        row.save(update_fields=["credentials"])
        verb = "replaced the secret of" if _proofs(spec, stood) else "gave the secret of"
        audit.record(row.workspace_id, user, verb, "connection", row.pk, row.name)


def _proofs(spec: Spec, values: Mapping[str, str]) -> dict[str, str]:
    return {each.name: values[each.name] for each in spec.secrets if values.get(each.name)}


def _overlap(spec: Spec, stood: Mapping[str, str], new: Mapping[str, str]) -> dict[str, Any]:
    """What stays good for a day of what deliveries were proven by until now."""
    before = _proofs(spec, stood)
    if not before or before == _proofs(spec, new):
        return {}
    return {"before": before, "before_until": (timezone.now() + OVERLAP).isoformat()}


def _kept(connection: Connection) -> dict[str, Any]:
    try:
        return credentials.kept(connection)
    except sealing.Unreadable:
        return {}


def good_secrets(connection: Connection, now: datetime) -> list[dict[str, str]]:
    """The secrets to check a delivery with, the present ones first. Raises store.secrets.Unreadable."""
    if not connection.credentials:
        return []
    kept = credentials.kept(connection)
    found = [kept["secrets"]]
    if "before" in kept and datetime.fromisoformat(kept["before_until"]) > now:
        found.append(kept["before"])
    return found


def secret_since(connection: Connection) -> datetime | None:
    """When the present secret was given; None while there is none that can be read."""
    since = _kept(connection).get("since")
    return datetime.fromisoformat(since) if since else None


def turn(connection: Connection, user: User | None, on: bool) -> None:
    """Pause or go on."""
    with transaction.atomic():
        if Connection.objects.filter(pk=connection.pk, is_enabled=not on).update(is_enabled=on):
            audit.record(connection.workspace_id, user, "resumed" if on else "paused", "connection", connection.pk, connection.name)
            if on:
                pulling.wake(connection)
                Connection.objects.filter(pk=connection.pk, check_next_at__isnull=False).update(check_next_at=timezone.now())
    connection.is_enabled = on


def move(connection: Connection, user: User | None) -> None:
    """Another address; nothing is taken at the one before any more."""
    with transaction.atomic():
        connection.token = chance.token_urlsafe(24)
        connection.save(update_fields=["token"])
        audit.record(connection.workspace_id, user, "changed the address of", "connection", connection.pk, connection.name)


def disconnect(connection: Connection, user: User | None) -> None:
    """Take it off: no address, no secrets. What it brought stays."""
    with transaction.atomic():
        connection.token, connection.credentials, connection.check_next_at = None, None, None
        connection.save(update_fields=["token", "credentials", "check_next_at"])
        audit.record(connection.workspace_id, user, "disconnected", "connection", connection.pk, connection.name)


def restore(connection: Connection, user: User | None, token: str, credentials: bytes | None) -> None:
    """Undo of a disconnection: the address and the secrets of before. Raises Refused when it was connected anew since."""
    with transaction.atomic():
        again = timezone.now() if can_check(channels()[connection.channel]) else None
        gone = Connection.objects.filter(pk=connection.pk, token__isnull=True)
        back = gone.update(token=token, credentials=credentials, check_next_at=again)
        if not back:
            raise Refused(_("It was connected anew in the meantime."))
        audit.record(connection.workspace_id, user, "connected again", "connection", connection.pk, connection.name)


def refused(connection: Connection, code: str) -> None:
    """Note that a delivery was refused; nothing of it is kept."""
    audit.record(connection.workspace_id, None, "refused", "delivery", connection.pk, connection.name, actor="worker", reason=code)
