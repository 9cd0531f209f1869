"""A round: everybody's engagement value, from the store and the lake to rows. One process at a time."""

import time
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import lease
from vincle.store.models import Cursor

from . import engagement_actions as actions
from . import engagement_parts, engagement_reading
from .engagement_due import is_due, name_of
from .engagement_terms import prices_of

logger = structlog.get_logger(__name__)


def turn() -> bool:
    """Work out the next workspace that is due; False when there is none."""
    return any(is_due(workspace) and run(workspace) is not None for workspace in Workspace.objects.order_by("pk"))


def run(workspace: Workspace, now: datetime | None = None) -> dict[str, Any] | None:
    """Work it out now; None when another process is at it. What it raises is also kept with the run.

    Killed at any point, the next one begins again; what was written stays, for each person is written whole.
    """
    with lease.held(name_of(workspace)) as cursor:
        if cursor is None:
            return None
        try:
            with lease.kept(cursor.name):
                done = _run(workspace, now or timezone.now())
        except Exception as error:
            actions.keep_problem(workspace, f"{type(error).__name__}: {error}")
            Cursor.objects.filter(name=cursor.name).update(done=0, updated_at=timezone.now())
            raise
        Cursor.objects.filter(name=cursor.name).update(done=done["people"], updated_at=timezone.now())
    logger.info("engagement value worked out", workspace=workspace.pk, **done)
    return done


def _run(workspace: Workspace, now: datetime) -> dict[str, Any]:
    began = time.monotonic()
    prices = prices_of(workspace)
    material = engagement_reading.read(workspace, now, prices.months)
    worked = engagement_parts.work_out(material, prices)
    people = actions.keep(workspace, worked, prices, now, time.monotonic() - began)
    return {"people": people, "brought": len(material.brought), "seconds": round(time.monotonic() - began, 2)}
