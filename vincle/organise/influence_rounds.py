"""A look at a workspace's network, from the lake and the store to scores, communities and the picture. One process at a time."""

import time
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import structlog
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.vocabulary import public_id

from . import influence_actions as actions
from . import influence_brought, influence_graph, influence_named, influence_packed, influence_picture, influence_ties
from .influence_brought import EVIDENCE, Brought
from .influence_due import is_due, loaded, name_of
from .influence_graph import Look
from .influence_scored import scored
from .influence_ties import HALF_LIFE, KINDS, Ties
from .models import Community, Network, Profile

LEADERS: Final = 5
logger = structlog.get_logger(__name__)


def turn() -> bool:
    """Look at the next workspace that is due; False when there is none."""
    return any(is_due(workspace) and run(workspace) is not None for workspace in Workspace.objects.order_by("pk"))


def run(workspace: Workspace, now: datetime | None = None) -> dict[str, Any] | None:
    """Look now; None when another process is at it. What it raises is also kept with the score."""
    with lease.held(name_of(workspace)) as cursor:
        if cursor is None:
            return None
        reached = loaded()
        try:
            with lease.kept(cursor.name):
                done = _run(workspace, now or timezone.now())
        except Exception as error:
            actions.keep_problem(workspace, "influence", f"{type(error).__name__}: {error}")
            Cursor.objects.filter(name=cursor.name).update(done=0, position=reached, updated_at=timezone.now())
            raise
        Cursor.objects.filter(name=cursor.name).update(done=done["people"], position=reached, updated_at=timezone.now())
    logger.info("network looked at", workspace=workspace.pk, **done)
    return done


def _run(workspace: Workspace, now: datetime) -> dict[str, Any]:
    began = time.monotonic()
    ours = influence_ties.own_people(workspace.pk)
    brought = influence_brought.read(workspace, now, ours)
    ties, texts = read(workspace, now, brought, ours)
    before = _before(workspace)
    highest = Community.objects.of(workspace).order_by("-number").values_list("number", flat=True).first()
    found = influence_graph.look(ties, _restart(workspace), before, -1 if highest is None else highest)
    seconds = time.monotonic() - began
    quality = {
        "modularity": round(found.modularity, 4), "sources": found.sources, "texts": texts, "half_life": HALF_LIFE.days,
        "exact": found.sources >= found.people.size,
    }  # fmt: skip
    rows = scored(found, ties, _followers(workspace))
    for name, values in rows.items():
        actions.keep_scores(workspace, name, values, now, seconds, quality)
    _keep(workspace, found, ties, brought, now, time.monotonic() - began, quality)
    return {
        "people": int(found.people.size),
        "ties": found.net.ties,
        "brought": len(brought),
        "seconds": round(time.monotonic() - began, 2),
    }


def read(workspace: Workspace, now: datetime, brought: list[Brought], ours: set[int]) -> tuple[Ties, int]:
    """All ties between people, and how many texts were read for names."""
    named, texts = influence_named.read(workspace.pk, now)
    heard = influence_ties.of_people(influence_ties.together(influence_ties.read(workspace.pk, now), named), workspace.pk)
    return influence_ties.between_people(influence_ties.together(heard, _because(brought, now)), ours), texts


def _because(brought: list[Brought], now: datetime) -> Ties:
    """Whoever came because of someone turned to them."""
    count = len(brought)
    return Ties(
        np.array([each.newcomer for each in brought], np.int64), np.array([each.bringer for each in brought], np.int64),
        np.full(count, KINDS.index("brought"), np.int64), np.zeros(count, np.bool_), np.ones(count, np.int64),
        np.array([0.5 ** (max(now - each.at, timedelta()) / HALF_LIFE) for each in brought], np.float64),
    )  # fmt: skip


def _before(workspace: Workspace) -> dict[int, int]:
    packed = Network.objects.of(workspace).values_list("members", flat=True).first()
    columns = influence_packed.unpack(packed or b"")
    return dict(zip(columns["person"].tolist(), columns["community"].tolist(), strict=True)) if columns else {}


def _restart(workspace: Workspace) -> dict[int, float]:
    """How much each person's attention is worth to us: a buyer's more than a passer-by's, the tenth purchase less than the first."""
    sql = "SELECT person, purchases FROM organise_profile WHERE purchases > 0 AND workspace_id IN ({})"
    return {person: 1 + float(np.log1p(purchases)) for person, purchases in bulk.select(sql, [workspace.pk])}


def _followers(workspace: Workspace) -> dict[int, int]:
    rows = Profile.objects.of(workspace).filter(traits__has_key="followers").values_list("person", "traits__followers__0")
    return {person: int(count) for person, count in rows.iterator() if isinstance(count, int | float) and count > 0}


def _keep(
    workspace: Workspace, found: Look, ties: Ties, brought: list[Brought], now: datetime, seconds: float, quality: dict[str, Any]
) -> None:
    members = {"person": found.people, "community": found.community.astype(np.int32)}
    who = {
        "newcomer": np.array([each.newcomer for each in brought], np.int64),
        "bringer": np.array([each.bringer for each in brought], np.int64),
        "evidence": np.array([EVIDENCE.index(each.evidence) for each in brought], np.int8),
        "at": np.array([int(each.at.timestamp()) for each in brought], np.int64),
    }  # fmt: skip
    values = {
        "at": now, "people": int(found.people.size), "ties": found.net.ties, "acts": int(ties.n.sum()), "seconds": seconds,
        "quality": quality, "members": influence_packed.pack(members), "brought": influence_packed.pack(who),
        "picture": influence_packed.pack(influence_picture.picture(found)),
    }  # fmt: skip
    actions.keep_network(workspace, values, _communities(workspace, found, now))


def _communities(workspace: Workspace, found: Look, now: datetime) -> dict[int, dict[str, Any]]:
    """Each community's size, what stays within, what it speaks of, and who leads it."""
    handles, names, n = influence_ties.topics(workspace.pk, now)
    owner = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", set(handles.tolist())))
    people = np.array([owner.get(handle, 0) for handle in handles.tolist()], np.int64)
    topics, stays = influence_graph.telling(people, names, n, found), influence_graph.inside(found)
    order = np.argsort(-found.influence, kind="stable")
    leaders: dict[int, list[str]] = {}
    for place in order.tolist():
        first = leaders.setdefault(int(found.community[place]), [])
        if len(first) < LEADERS:
            first.append(public_id(int(found.people[place])))
    numbers, sizes = np.unique(found.community[found.community >= 0], return_counts=True)
    return {
        number: {"people": size, "inside": round(stays[number], 4), "topics": topics.get(number, []), "leaders": leaders[number]}
        for number, size in zip(numbers.tolist(), sizes.tolist(), strict=True)
    }
