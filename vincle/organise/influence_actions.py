"""Everything that writes what the network showed: scores with their reasons, communities, the picture, who brought whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import bulk

from .models import Community, Network, Score, ScoreRun
from .team import Refused
from .touching import touch

NAMES: Final = ("influence", "reach", "broker", "community")
STEPS: Final = {"influence": 0.01, "reach": 0.5, "broker": 1e-4, "community": 0.5, "engagement": 0.5}
"""Below so much (or a hundredth of what it was) a value has not changed."""
_COLUMNS = ("workspace_id", "person", "name", "value", "label", "before", "confidence", "reasons", "at")
PIECE: Final = 5_000
_encode = msgspec.json.Encoder().encode


class Scored(NamedTuple):
    """A score of one person: reasons as `Score.reasons` has them."""

    person: int
    value: float
    confidence: float | None
    reasons: list[list[Any]]


def keep_scores(workspace: Workspace, name: str, rows: Sequence[Scored], now: datetime, seconds: float, quality: Mapping[str, Any]) -> int:
    """Let these be all scores of this name; returns how many changed. Segments that ask for it look again at whom it moved.

    In pieces, each a transaction: others write in between, and a round that is killed is simply done again.
    """
    stood, moved = _standing(workspace, name), 0
    at = bulk.writer()(now)
    for part in bulk.chunks(rows, PIECE):
        changed = {row.person for row in part if _differs(name, stood.get(row.person), row.value)}
        values = [
            (workspace.pk, row.person, name, row.value, "", stood.get(row.person), row.confidence, _encode(row.reasons).decode(), at)
            for row in part
        ]  # fmt: skip
        with transaction.atomic():
            bulk.upsert(Score, _COLUMNS, [row for row in values if row[1] in changed], "person, name")
            # Of those that stayed the value stands; who gave it may be someone else by now.
            stayed = [row for row in values if row[1] not in changed]
            bulk.upsert(Score, _COLUMNS, stayed, "person, name", keep=("value", "label", "before", "at", "workspace_id"))
            touch(workspace, changed)
        moved += len(changed)
    gone = sorted(stood.keys() - {row.person for row in rows})
    with transaction.atomic():
        bulk.execute_in(f"DELETE FROM organise_score WHERE name = '{name}' AND person IN ({{}})", gone)
        touch(workspace, gone)
        figures = {"at": now, "people": len(rows), "seconds": seconds, "quality": dict(quality), "problem": ""}
        ScoreRun.objects.update_or_create(workspace=workspace, name=name, defaults=figures)
    return moved + len(gone)


def _standing(workspace: Workspace, name: str) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, value FROM organise_score WHERE workspace_id = %s AND name = %s", [workspace.pk, name])
        return dict(cursor.fetchall())


def _differs(name: str, before: float | None, value: float) -> bool:
    return before is None or abs(before - value) > max(STEPS[name], abs(before) / 100 if name != "community" else 0)


def keep_network(workspace: Workspace, found: Mapping[str, Any], communities: Mapping[int, Mapping[str, Any]]) -> None:
    """Let this be the last look; communities that are no more stay as rows, so that their numbers are not given again."""
    with transaction.atomic():
        Network.objects.update_or_create(workspace=workspace, defaults=dict(found))
        Community.objects.of(workspace).exclude(number__in=list(communities)).update(is_current=False)
        rows = [Community(workspace=workspace, number=number, is_current=True, **values) for number, values in communities.items()]
        Community.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["workspace", "number"],
            update_fields=["people", "inside", "topics", "leaders", "is_current"], batch_size=500,
        )  # fmt: skip


def keep_problem(workspace: Workspace, name: str, problem: str) -> None:
    """Why the last round could not be done; what stood before stays."""
    ScoreRun.objects.update_or_create(workspace=workspace, name=name, defaults={"problem": problem.replace("\x00", "")[:300]})


def name_community(workspace: Workspace, user: User, number: int, name: str) -> None:
    """Call a community something; an empty name gives it back the one by what it speaks of. Raises Refused."""
    name = " ".join(name.replace("\x00", "").split())[:120]
    with transaction.atomic():
        found = Community.objects.of(workspace).select_for_update().filter(number=number, is_current=True).first()
        if found is None:
            raise Refused(_("This community is no more."))
        if found.name != name:
            audit.record(workspace, user, "changed", "community", found.pk, name or str(number), changes={"name": [found.name, name]})
            Community.objects.filter(pk=found.pk).update(name=name)
