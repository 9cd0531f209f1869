"""What a connection keeps sealed, and the line that speaks with it."""

from collections.abc import Mapping
from datetime import datetime
from threading import Event
from typing import Any

from django.conf import settings as conf
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from vincle.channels.live import Problem
from vincle.store import secrets

from .line import OutLine
from .models import Connection

UNREADABLE = "secrets_unreadable"


def kept(connection: Connection) -> dict[str, Any]:
    """All that is sealed: `secrets`, `since`, and for a day after a change `before` and `before_until`. Raises store.secrets.Unreadable."""
    return secrets.unseal(connection.credentials) if connection.credentials else {}


def given(connection: Connection) -> dict[str, str]:
    """The secrets by their names. Raises store.secrets.Unreadable."""
    found: dict[str, str] = kept(connection).get("secrets", {})
    return found


def renew(connection: Connection, fresh: Mapping[str, str], ends_at: datetime | None = None) -> None:
    """Keep new secrets beside the others, at once and for good; "" takes one away. Raises store.secrets.Unreadable."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        if row.token is None:
            return  # taken off meanwhile: nothing of it is kept
        stood = kept(row)
        values = {name: value for name, value in {**stood.get("secrets", {}), **fresh}.items() if value}
        row.credentials = secrets.seal({"since": timezone.now().isoformat(), **stood, "secrets": values})
        row.token_ends_at = ends_at if ends_at is not None else row.token_ends_at
        row.save(update_fields=["credentials", "token_ends_at"])
    connection.credentials, connection.token_ends_at = row.credentials, row.token_ends_at


def address(connection: Connection) -> str:
    """Where the platform is to deliver."""
    return conf.PUBLIC_URL + reverse("hooks:receive", kwargs={"token": connection.token})


def line(connection: Connection, stopping: Event | None = None) -> OutLine:
    """The way out for a connection, to be used in a `with`. Problem("auth", "secrets_unreadable")."""
    try:
        known = given(connection)
    except secrets.Unreadable as error:
        raise Problem("auth", UNREADABLE) from error
    is_open = connection.token and conf.PUBLIC_URL.startswith("https://")  # platforms deliver to no other
    told = {**connection.settings, "webhook_address": address(connection) if is_open else ""}
    return OutLine(told, known, lambda fresh, ends_at: renew(connection, fresh, ends_at), stopping)
