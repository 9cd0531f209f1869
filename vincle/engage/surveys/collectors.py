"""Collectors of a survey: made, named, switched on and off; their addresses and the codes that lead there."""

import hmac
import io
from collections.abc import Mapping
from hashlib import sha256
from secrets import randbits, token_urlsafe
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.vocabulary import public_id

from . import collector_kinds as kinds
from .models import Collector, Survey

MOST = 200
LONGEST_NAME = 120


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked."""


def of_survey(survey: Survey) -> list[Collector]:
    return list(Collector.objects.of(survey.workspace_id).filter(survey=survey).order_by("pk"))


def create(
    workspace: Workspace, user: User | None, survey: Survey, kind: str, name: str = "", given: Mapping[str, Any] | None = None
) -> Collector:
    """Another way to the survey. Raises Refused."""
    if kind not in kinds.KINDS:
        raise Refused(_("Choose how people are asked."))
    if survey.workspace_id != workspace.pk:
        raise Refused(_("There is no such survey any more."))
    called = _name(name) or str(kinds.KINDS[kind].label)[:LONGEST_NAME]
    with transaction.atomic():
        if Collector.objects.of(workspace).filter(survey=survey).count() >= MOST:
            raise Refused(_("At most %(most)d ways to one survey.") % {"most": MOST})
        made: Collector = Collector.objects.create(
            workspace=workspace, survey=survey, public_id=public_id(randbits(63)), kind=kind, name=called, is_on=True,
            token=token_urlsafe(15), settings=_settings(workspace, kind, given or {}),
        )  # fmt: skip
        audit.record(workspace, user, "created", "survey collector", made.public_id, called, kind=kind, survey=survey.pk)
    return made


def change(workspace: Workspace, user: User, collector: Collector, name: str, given: Mapping[str, Any]) -> None:
    """Raises Refused."""
    called = _name(name)
    if not called:
        raise Refused(_("Give it a name: the report tells answers apart by it."))
    with transaction.atomic():
        values = {"name": called, "settings": {**collector.settings, **_settings(workspace, collector.kind, given)}}
        Collector.objects.of(workspace).filter(pk=collector.pk).update(**values)
        audit.record(workspace, user, "changed", "survey collector", collector.public_id, called)


def _name(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST_NAME]


def _settings(workspace: Workspace, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    from vincle.organise import members  # at first use: it brings the columnar libraries

    found = kinds.cleaned(kind, given)
    if found.get("segment"):
        segment = members.found(workspace, found["segment"])
        if segment is None or segment.archived_at is not None:
            raise Refused(_("There is no such segment any more."))
    return found


def switch(workspace: Workspace, user: User, collector: Collector, is_on: bool) -> bool:
    """Open or close one way; those who have begun may finish. False when it stood so."""
    with transaction.atomic():
        if not Collector.objects.of(workspace).filter(pk=collector.pk, is_on=not is_on).update(is_on=is_on):
            return False
        audit.record(workspace, user, "switched on" if is_on else "switched off", "survey collector", collector.public_id, collector.name)
    return True


def address(collector: Collector, **query: str) -> str:
    """Where it leads everybody."""
    from urllib.parse import urlencode

    found = f"{settings.PUBLIC_URL}/s/{collector.token}/"
    return f"{found}?{urlencode(query)}" if query else found


def secret(collector: Collector) -> bytes:
    """Makes its codes; stored nowhere."""
    return hmac.digest(bytes(collector.workspace.secret), f"survey codes {collector.public_id}".encode(), sha256)


def qr(url: str, kind: str) -> bytes:
    """Medium error correction: still read when a tenth of it is dirty or torn. `kind`: "svg" or "png"."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind=kind, scale=12 if kind == "png" else 8, border=3)
    return out.getvalue()
