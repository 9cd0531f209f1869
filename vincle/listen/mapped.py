"""Webhooks of one's own: what the latest deliveries look like, what a mapping makes of them, and reading anew what came before it."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User
from vincle.channels import webhook
from vincle.channels.base import Column, FileError

from . import actions
from .models import Connection, Delivery

LOOKED_AT, READ_AGAIN = 20, 2000


def is_mapped(connection: Connection) -> bool:
    return connection.channel == webhook.channel.spec.id


def bodies(connection: Connection, pasted: str = "") -> list[str]:
    """What was pasted to try with, else the latest deliveries as they came, newest first, each once."""
    if pasted.strip():
        return [pasted]
    rows = Delivery.objects.of(connection.workspace_id).filter(connection=connection, body__isnull=False).order_by("-pk")[:LOOKED_AT]
    found = [webhook.body_of(bytes(raw)) for raw in rows.values_list("body", flat=True) if raw]
    return [body for body in dict.fromkeys(found) if body]


def columns(found: Iterable[str], each: str) -> tuple[Column, ...]:
    """Every path of some bodies, with samples and guesses. Bodies that cannot be read are passed over."""
    return webhook.columns([item for body in found for item in _items(body, each)])


def _items(body: str, each: str) -> list[object]:
    try:
        return webhook.listed(webhook.opened(body), each)
    except FileError:
        return []


def tried(body: str, fields: Mapping[str, str], each: str, kind: str) -> tuple[tuple[str, ...], ...]:
    """What would be made of one body: (what, who, when, words) of each thing. Raises FileError where it is neither JSON nor a form."""
    said = {"kind": kind, "mapping": "; ".join(f"{path} = {field}" for path, field in fields.items())}
    return webhook.told(webhook.listed(webhook.opened(body), each), said, timezone.now())


def read_again(connection: Connection, user: User | None) -> int:
    """Read what came before by the mapping of now; returns how many deliveries. What was read so already stays as it is."""
    rows = Delivery.objects.of(connection.workspace_id).filter(connection=connection, body__isnull=False, is_import=False)
    done, seen, now = 0, set[str](), timezone.now()
    with transaction.atomic():
        for raw, received_at in list(rows.order_by("-pk").values_list("body", "received_at")[:READ_AGAIN]):
            body = webhook.body_of(bytes(raw))
            if not body or body in seen:
                continue
            seen.add(body)
            if anew := webhook.rewrapped(bytes(raw), connection.settings, now):
                actions.receive(connection, anew, received_at)
                done += 1
        if done:
            audit.record(connection.workspace_id, user, "read again", "connection", connection.pk, connection.name, deliveries=done)
    return done
