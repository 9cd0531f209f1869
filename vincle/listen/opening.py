"""How the bytes of a delivery are read: by which channel, with which options, and let go of when they were."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from typing import Any, BinaryIO

import msgspec
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels.base import Channel, FileError, Locale, Options, Preview
from vincle.channels.registry import channels, recognise
from vincle.vocabulary.activity import Outcome

from . import raw
from .models import Delivery

_READ_BY = ("file_key", "reading_key", "mapping", "date_order", "encoding", "separator", "sheet")


def look(workspace: Workspace, file: BinaryIO, name: str, kind: str = "", **options: Any) -> tuple[Channel, Preview]:
    """What an import of this file would read. Stores nothing. Raises FileError."""
    channel = channel_of(file, name, kind)
    file.seek(0)
    return channel, channel.preview(file, options_for(workspace, name, timezone.now(), {"file_key": "preview", **options}))


def channel_of(file: BinaryIO, name: str, kind: str) -> Channel:
    """By which channel a file is read: the one asked for, else what it looks like. FileError."""
    if not kind:
        return recognise(file, name)
    if kind not in channels() or "file" not in channels()[kind].spec.capabilities:
        raise FileError("unknown_kind", kind)
    return channels()[kind]


def options_of(delivery: Delivery) -> Options:
    """How the file of an import is read."""
    workspace = delivery.connection.workspace
    return options_for(workspace, delivery.name, delivery.received_at, delivery.options)


def locale_of(workspace: Workspace) -> Locale:
    return Locale(country=workspace.country, currency=workspace.currency, timezone=workspace.timezone)


def options_for(workspace: Workspace, name: str, now: datetime, chosen: dict[str, Any]) -> Options:
    locale = locale_of(workspace)
    known = {k: v for k, v in chosen.items() if k in _READ_BY}
    return Options(now=now, name=name, locale=locale, **known)


def chosen_of(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value}


def key(*parts: Any) -> str:
    """A short name of what these are; equal for equal ones."""
    return blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=12).hexdigest()


@contextmanager
def opened(delivery: Delivery) -> Iterator[Iterator[Outcome]]:
    """What a delivery says, from its start."""
    channel = channels()[delivery.channel]
    if not delivery.path:
        yield channel.parse(bytes(delivery.body or b""), delivery.received_at)
        return
    with open(raw.path(delivery.path), "rb") as file:
        outcomes = channel.read(file, options_of(delivery))
        try:
            yield outcomes
        finally:
            close(outcomes)


def close(outcomes: Iterator[Outcome]) -> None:
    """A reader that is left half-way lets go of its file before the file is closed under it."""
    if isinstance(outcomes, Generator):
        outcomes.close()
