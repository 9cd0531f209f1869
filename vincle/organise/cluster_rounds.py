"""When groups are looked for: when someone asks, and once a week by itself."""

import time
from datetime import timedelta

import structlog
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import lease
from vincle.store.blame import said
from vincle.store.models import Cursor

from .models import Clustering, Profile

EVERY = timedelta(days=7)
ENOUGH = 200
"""So many people make it worth looking without being asked."""
CURSOR = "groups "
State = Clustering.State
logger = structlog.get_logger(__name__)


def any_due() -> bool:
    """Whether someone waits for groups, or a workspace has not been looked at for a week."""
    if Clustering.objects.filter(state__in=(State.WAITING, State.WORKING)).exists():
        return True
    return any(is_due(workspace) for workspace in Workspace.objects.order_by("pk"))


def is_due(workspace: Workspace) -> bool:
    last = Clustering.objects.of(workspace).order_by("-pk").values_list("at", flat=True).first()
    if last is not None:
        return bool(last < timezone.now() - EVERY)
    return len(Profile.objects.of(workspace).filter(activities__gt=0).values_list("person")[:ENOUGH]) == ENOUGH


def turn() -> int:
    """Work on the next look that waits, or that is due; 0: there is none."""
    from . import clusters  # at first use: it brings the columnar libraries, which a worker that only asks does not need

    for workspace in Workspace.objects.order_by("pk"):
        look = clusters.under_way(workspace)
        if look is None and is_due(workspace):
            look = clusters.ask(workspace, None)
        if look is not None and run(workspace, look):
            return 1
    return 0


def run(workspace: Workspace, look: Clustering) -> bool:
    """Work on a look; False when another process is at it."""
    from . import clusters

    with lease.held(f"{CURSOR}{workspace.pk}") as cursor:
        if cursor is None:
            return False
        began = time.monotonic()
        try:
            done = clusters.work(look, lambda: lease.keep(Cursor.objects.filter(name=cursor.name)))
        except Exception as error:
            logger.error("looking for groups failed", workspace=workspace.pk, error=said(error))
            return True
    seconds = round(time.monotonic() - began, 1)
    logger.info("groups looked for", workspace=workspace.pk, groups=done.quality.get("groups"), people=done.people, seconds=seconds)
    return True
