"""How a connection stands with its platform: asked there, kept here, and listened to from then on."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from vincle.channels.base import Channel
from vincle.channels.live import Problem, Standing
from vincle.channels.registry import channels
from vincle.store.secrets import Unreadable
from vincle.vocabulary import HandleRef, handle_key

from . import credentials, doctor, oauth, pulling
from .models import Connection, Handle, Pull


def can_check(channel: Channel) -> bool:
    return type(channel).check is not Channel.check


def is_asked(connection: Connection) -> bool:
    """Whether it is asked at all: a service that can do with delivering is not, where nobody gave anything to ask it with."""
    channel = channels().get(connection.channel)
    if channel is None or "pull" not in channel.spec.capabilities:
        return False
    spec = channel.spec
    if spec.oauth or not spec.secrets or any(setting.is_required for setting in spec.settings):
        return True
    try:
        known = {**connection.settings, **credentials.given(connection)}
    except Unreadable:
        return True
    return any(known.get(setting.name) for setting in spec.settings)


def check(connection: Connection) -> Standing:
    """Ask the platform who we are there and what we may do, keep it, and listen from then on.

    Raises Problem; one that needs someone stands on the connection until it is over.
    """
    channel = channels()[connection.channel]
    try:
        standing = _asked(connection, channel)
    except Problem as problem:
        if problem.kind in ("auth", "permanent", "gone"):
            doctor.note(connection, problem)
        raise
    is_anew = connection.checked_at is None or bool(connection.state_code)
    if _keep(connection, standing) and is_anew:
        pulling.wake(connection)
    return standing


def _asked(connection: Connection, channel: Channel) -> Standing:
    for is_last in (False, True):
        with credentials.line(connection) as line:
            try:
                return channel.check(line)
            except Problem as problem:
                left = line.problem(problem) if is_last else oauth.mended(connection, line.problem(problem))
                if left is not None:
                    raise left from problem
            except OSError as error:
                raise Problem("transient", "unreachable", line.clean(str(error))) from error
    raise AssertionError  # the second turn of the loop returns or raises


def _keep(connection: Connection, standing: Standing) -> bool:
    """False when it was taken off meanwhile. Another account than before is heard from its own beginning."""
    told: dict[str, Any] = {
        "account": standing.account[:200], "own": [[ref.kind, ref.value] for ref in standing.own],
        "abilities": sorted(standing.abilities), "scopes_missing": list(standing.scopes_missing), "notes": list(standing.notes),
        "checked_at": timezone.now(), "state_kind": "", "state_code": "", "state_detail": "",
    }  # fmt: skip
    told |= {"quota": standing.quota} if standing.quota is not None else {}
    told |= {"token_ends_at": standing.token_ends_at} if _is_another(connection.token_ends_at, standing.token_ends_at) else {}
    with transaction.atomic():
        if not Connection.objects.filter(pk=connection.pk, token__isnull=False).update(**told):
            return False
        for ref in standing.own:
            _own(connection, ref)
        if connection.account and connection.account != told["account"]:
            Pull.objects.filter(connection=connection).delete()
        if is_asked(connection):
            pulling.begin(connection)
    for name, value in told.items():
        setattr(connection, name, value)
    return True


def _is_another(before: datetime | None, ends: datetime | None) -> bool:
    """Whether rights end at another moment than was known; told in seconds from now, it comes out a little otherwise each time."""
    return ends is not None and (before is None or abs(ends - before) > timedelta(minutes=5))


def _own(connection: Connection, ref: HandleRef) -> None:
    key = handle_key(bytes(connection.workspace.secret), ref.kind, ref.value)
    ours = {"is_own": True} | ({"name": ref.name[:200]} if ref.name else {})
    fresh = {"kind": ref.kind, "value": ref.value[:320], "first_seen": timezone.now(), **ours}
    Handle.objects.update_or_create(workspace_id=connection.workspace_id, key=key, defaults=ours, create_defaults=fresh)
