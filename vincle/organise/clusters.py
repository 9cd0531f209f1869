"""Everything that writes groups: ask for a look, work on it, call a group otherwise, make it a segment."""

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.science import clusters as science
from vincle.science.contrasts import contrasts, numbered
from vincle.science.rules import Condition, Rule, closest
from vincle.store import bulk
from vincle.store.blame import said

from . import cluster_words, segmenting
from .cluster_features import ANYTHING, clause
from .cluster_table import Floats, Ints, Table, table
from .frames import now_of
from .models import Cluster, Clustering, ClusterMember, Segment
from .team import Refused

KIND: Final = "group"
TOLD: Final = 6
"""So many features are kept of what sets a group apart."""
TELLING: Final = 0.3
"""Differences of less than so many standard deviations are not named."""
LOOKS: Final = 20
TICK: Final = 0.5
LONGEST_NAME: Final = 120
State = Clustering.State
logger = structlog.get_logger(__name__)


class EndedError(Exception):
    """Someone of the team ended the look."""


def ask(workspace: Workspace, user: User | None) -> Clustering:
    """Have groups looked for; a worker begins within seconds. A look that waits or is under way is the one that is meant."""
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        open_look = under_way(workspace)
        if open_look is not None:
            return open_look
        look = Clustering.objects.create(workspace=workspace, by=user)
        audit.record(workspace, user, "looked for groups", KIND, look.pk, actor="" if user else "worker")
    return look


def under_way(workspace: Workspace) -> Clustering | None:
    """The look that waits or is worked on."""
    looks = Clustering.objects.of(workspace).filter(state__in=(State.WAITING, State.WORKING))
    found: Clustering | None = looks.order_by("pk").first()
    return found


def end(workspace: Workspace, user: User) -> bool:
    """End the look that is under way; what was found before stands. False: there is none."""
    with transaction.atomic():
        looks = Clustering.objects.of(workspace).filter(state__in=(State.WAITING, State.WORKING))
        ended = looks.update(state=State.ENDED, at=timezone.now())
        if ended:
            audit.record(workspace, user, "ended", KIND)
    return bool(ended)


def work(look: Clustering, alive: Callable[[], bool] = lambda: True) -> Clustering:
    """Look for groups now, as long as `alive` says so. What goes wrong is kept with the look and raised."""
    if not Clustering.objects.filter(pk=look.pk, state__in=(State.WAITING, State.WORKING)).update(state=State.WORKING, progress=0):
        look.refresh_from_db()
        return look
    try:
        found = table(look.workspace, now_of(look.workspace, timezone.now()))
        _keep(look, found, science.find(found.scaled, found.weights, seed=look.workspace_id, told=_Ticker(look, alive)))
    except EndedError:
        logger.info("looking for groups was ended", workspace=look.workspace_id)
    except Exception as error:
        Clustering.objects.filter(pk=look.pk).update(state=State.FAILED, problem=said(error)[:300], at=timezone.now())
        raise
    look.refresh_from_db()
    return look


class _Ticker:
    """Keeps how far the work is, now and then; raises when it was ended."""

    def __init__(self, look: Clustering, alive: Callable[[], bool]) -> None:
        self.look, self.alive, self.next = look, alive, 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + TICK
        if not Clustering.objects.filter(pk=self.look.pk, state=State.WORKING).update(progress=share) or not self.alive():
            raise EndedError


def _keep(look: Clustering, found: Table, groups: science.Groups) -> None:
    members = [np.flatnonzero(groups.labels == group) for group in range(groups.k)]
    told = [_told(found, rows) for rows in members]
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=look.workspace_id)
        if not Clustering.objects.filter(pk=look.pk, state=State.WORKING).exists():
            raise EndedError
        before = _before(look.workspace)
        numbers = numbered(
            {row.number: _people(row) for row in before}, [found.ids[rows] for rows in members], _next_number(look.workspace)
        )
        names = {row.number: row.name for row in before}
        for number, rows, values in zip(numbers, members, told, strict=True):
            _write(look, number, names.get(number, ""), found, rows, groups, values)
        # A look that finds nothing says so; what stood before stays as it was found, with its date, in the history.
        Clustering.objects.of(look.workspace).filter(is_current=True).update(is_current=False)
        look.state, look.progress, look.is_current, look.at = State.DONE, 1.0, True, timezone.now()
        look.people, look.features, look.quality = len(found.ids), [each.id for each in found.features], _quality(found, groups)
        look.save()
        _forget(look.workspace)


def _before(workspace: Workspace) -> list[Cluster]:
    """The groups that were found last: their people are compared with the new ones."""
    last = Clustering.objects.of(workspace).filter(state=State.DONE, clusters__isnull=False).order_by("-pk").first()
    return list(last.clusters.order_by("number")) if last else []


def _people(row: Cluster) -> Ints:
    return np.array(ClusterMember.objects.filter(cluster=row).order_by("person").values_list("person", flat=True), np.int64)


def _next_number(workspace: Workspace) -> int:
    last = Cluster.objects.of(workspace).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _told(found: Table, rows: Ints) -> tuple[list[list[Any]], Rule]:
    """What sets these people apart, and the rule that comes closest to them."""
    inside = np.zeros(len(found.ids), bool)
    inside[rows] = True
    apart = [each for each in contrasts(found.scaled, inside) if abs(each.effect) >= TELLING][:TOLD]
    features = [[found.features[each.column].id, *_means(found.raw[:, each.column], inside), round(each.effect, 4)] for each in apart]
    asked = np.array([column for column, each in enumerate(found.features) if each.is_asked], np.int64)
    rule = closest(found.raw[:, asked], inside)
    paths = tuple(tuple(Condition(int(asked[column]), side, value) for column, side, value in path) for path in rule.paths)
    return features, Rule(paths, rule.precision, rule.recall)


def _means(column: Floats, inside: Any) -> list[float]:
    """[share of those who have any, here and elsewhere; mean, here and elsewhere]."""
    any_ = column > 0
    return [round(float(each), 6) for each in (any_[inside].mean(), any_[~inside].mean(), column[inside].mean(), column[~inside].mean())]


def _write(look: Clustering, number: int, name: str, found: Table, rows: Ints, groups: science.Groups, told: Any) -> None:
    features, rule = told
    place = int(groups.labels[rows[0]])
    quality = {
        "stability": round(float(groups.stability[place]), 4), "nearness": round(float(groups.nearness[rows].mean()), 4),
        "precision": round(rule.precision, 4), "recall": round(rule.recall, 4),
    }  # fmt: skip
    row = Cluster.objects.create(
        workspace=look.workspace, clustering=look, number=number, name=name, people=len(rows), features=features,
        predicate=predicate(found, rule), quality=quality,
    )  # fmt: skip
    values = [(look.workspace_id, row.pk, int(found.ids[at]), round(float(groups.nearness[at]), 4)) for at in rows]
    for part in bulk.chunks(values):
        bulk.insert(ClusterMember, ("workspace_id", "cluster_id", "person", "nearness"), part)


def predicate(found: Table, rule: Rule) -> dict[str, Any]:
    """The rule as a segment asks it: whoever did anything in the year, and any of its paths."""
    paths = [[clause(found.features[column], side, value) for column, side, value in path] for path in rule.paths]
    if not paths:
        return {}
    sides = [path[0] if len(path) == 1 else {"all": path} for path in paths]
    if len(sides) > 1:
        return {"all": [dict(ANYTHING), {"any": sides}]}
    return {"all": [dict(ANYTHING), *paths[0]]}


def _quality(found: Table, groups: science.Groups) -> dict[str, Any]:
    rounded = {
        name: {str(k): round(value, 3) for k, value in getattr(groups, name).items()}
        for name in ("excess", "cleft", "silhouettes", "stabilities")
    }
    silhouette = None if groups.why else round(groups.silhouette, 4)
    return {"why": groups.why, "groups": groups.k, "silhouette": silhouette, "everybody": found.everybody, **rounded}


def _forget(workspace: Workspace) -> None:
    """Of earlier looks the figures stay; their people only of the last ones that were found, to be compared with; very old looks go."""
    kept = (
        Clustering.objects.of(workspace)
        .filter(state=State.DONE, clusters__isnull=False)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    ClusterMember.objects.of(workspace).exclude(cluster__clustering_id=kept).delete()
    old = Clustering.objects.of(workspace).exclude(pk=kept).order_by("-pk").values_list("pk", flat=True)[LOOKS:]
    Clustering.objects.filter(pk__in=list(old)).delete()


def rename(workspace: Workspace, user: User, group: Cluster, name: str) -> None:
    """Call a group as the team does; the name goes with its number. An empty one: by what sets it apart."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or "\0" in name:
        raise Refused(_("A name has at most %(most)d letters.") % {"most": LONGEST_NAME})
    with transaction.atomic():
        was = cluster_words.name(group)
        Cluster.objects.of(workspace).filter(pk=group.pk).update(name=name)
        group.name = name
        audit.record(workspace, user, "changed", KIND, group.number, cluster_words.name(group), was=was)


def make_segment(workspace: Workspace, user: User, group: Cluster) -> Segment:
    """A segment by the rule that comes closest to a group. Refused where no rule does."""
    if not group.predicate:
        raise Refused(_("No rule comes close to this group: it cannot be made a segment."))
    name = _free_name(workspace, cluster_words.name(group))
    return segmenting.create(workspace, user, name, group.predicate, cluster_words.rule_quality(group))


def _free_name(workspace: Workspace, name: str) -> str:
    """The name or, should it be taken, the same with a number."""
    taken = {each.casefold() for each in Segment.objects.of(workspace).filter(archived_at=None).values_list("name", flat=True)}
    short = name[: LONGEST_NAME - 8]
    names = (short if n == 1 else f"{short} ({n})" for n in range(1, len(taken) + 2))
    return next(each for each in names if each.casefold() not in taken)
