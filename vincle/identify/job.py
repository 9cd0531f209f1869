"""Probable links, in the background: gather people, compare them, join the sure ones, ask about the others.

One process at a time works on a workspace. It may be killed at any point: what was joined stays joined, and the next run goes on.
"""

import time

import numpy as np
import structlog
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from vincle.accounts.models import Workspace
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.vocabulary import PersonKind

from . import actions, choosing, learning, news
from .decided import Decided, decided
from .gather import Gathered, gather
from .joining import link_probable
from .linkage.run import Outcome
from .linkage.run import run as compare
from .models import Case, Trained
from .rounds import LOOK, Run, any_due, is_due, name_of, runs, state
from .rules import COSTS

PIECE = 200
"""Links of one call: between two it is made sure that the work is still ours."""
KINDS = (PersonKind.PERSON, PersonKind.ORGANISATION)
KEPT_RUNS = 200
PROBABLE = "probable"
_next_look = [0.0]
__all__ = ["Run", "any_due", "is_due", "name_of", "run", "runs", "state", "turn"]
logger = structlog.get_logger(__name__)


def turn() -> int:
    """Work on the next workspace that is due, looked for every few seconds; returns how many people were compared. 0: nothing to do."""
    if time.monotonic() < _next_look[0]:
        return 0
    for workspace in Workspace.objects.order_by("pk"):
        if is_due(workspace) and (done := run(workspace)):
            return done.people or 1
    _next_look[0] = time.monotonic() + LOOK
    return 0


def run(workspace: Workspace, *, retrain: bool = False) -> Run | None:
    """Compare and link now; None when another process is at it. What it raises is also kept for the Health screen."""
    with lease.held(name_of(workspace)) as cursor:
        if cursor is None:
            return None
        try:
            with lease.kept(cursor.name):
                done = _run(workspace, cursor, retrain)
        except lease.LostLease:
            logger.warning("another process took the linking over", workspace=workspace.pk)
            return None
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}".replace("\0", "")[:300]
            Cursor.objects.filter(name=cursor.name).update(trouble=trouble, updated_at=timezone.now())
            raise
    logger.info("people linked", workspace=workspace.pk, **{key: value for key, value in done._asdict().items() if key != "at"})
    return done


def _run(workspace: Workspace, cursor: Cursor, retrain: bool) -> Run:
    began, upto = time.monotonic(), news.ends()
    told = decided(workspace.pk)
    total = Run(timezone.now().isoformat(timespec="seconds"))
    for kind in KINDS:
        total = _add(total, _link_kind(workspace, cursor, kind, told, retrain))
    total = total._replace(seconds=round(time.monotonic() - began, 2))
    with transaction.atomic():
        news.reach(workspace.pk, upto)
        lease.advance(cursor, upto.log, total.people)
        _note(workspace, total)
    return total


def _add(total: Run, more: Run) -> Run:
    sums = {field: getattr(total, field) + getattr(more, field) for field in ("people", "compared", "linked", "asked", "closed")}
    return total._replace(**sums, trained=total.trained or more.trained)


def _link_kind(workspace: Workspace, cursor: Cursor, kind: PersonKind, told: Decided, retrain: bool) -> Run:
    gathered = gather(workspace.pk, kind)
    if gathered.records.size < 2:
        return Run("", people=gathered.records.size)
    trained = learning.current(workspace.pk, kind)
    learn = retrain or learning.is_due(trained, gathered.records, told.decisions)
    apart = choosing.places_of(gathered, told.apart)
    if learn or trained is None:
        model = learning.learn(workspace.pk, gathered, told)
        touching = None
    else:
        model, touching = learning.model_of(trained), _touched(workspace, gathered)
    outcome = compare(gathered.records, model=model, apart=apart, threshold=COSTS.link_from, touching=touching)
    if learn or trained is None:
        learning.keep(workspace, kind, outcome, gathered, told.decisions)
    looked_at = gathered.people if touching is None else gathered.people[touching]
    done = _carry_out(workspace, kind, cursor, outcome, gathered, told, set(looked_at.tolist()))
    return done._replace(people=gathered.records.size, compared=outcome.compared, trained=learn or trained is None)


def _touched(workspace: Workspace, gathered: Gathered) -> NDArray[np.bool_]:
    changed = np.fromiter(news.people(workspace.pk), np.int64)
    return np.isin(gathered.people, changed)


def _carry_out(
    workspace: Workspace, kind: str, cursor: Cursor, outcome: Outcome, gathered: Gathered, told: Decided, looked_at: set[int]
) -> Run:
    waiting = _waiting(workspace, kind)
    chosen = choosing.choose(outcome, gathered, told.apart, {pair: case.kind == PROBABLE for pair, case in waiting.items()}, looked_at)
    linked = asked = 0
    for pairs, costs in ((chosen.links, COSTS), (chosen.again, choosing.ASK_STILL), (chosen.questions, choosing.ASK)):
        for part in bulk.chunks(pairs, PIECE):
            _still_ours(cursor)
            did = link_probable(workspace, part, costs=costs)
            linked, asked = linked + did.joined, asked + (did.asked if costs is not choosing.ASK_STILL else 0)
    for pair in sorted(chosen.moot):
        _still_ours(cursor)
        actions.drop(workspace, waiting[pair])
    return Run("", linked=linked, asked=asked, closed=len(chosen.moot))


def _waiting(workspace: Workspace, kind: str) -> dict[tuple[int, int], Case]:
    """Questions about this kind of people that nobody has answered yet: the pair -> its case."""
    sql = "SELECT id FROM identify_person WHERE kind = %s AND id IN ({})"
    cases = list(Case.objects.of(workspace).filter(state__in=actions.WAITING).only("left", "right", "kind", "workspace"))
    ours = {person for (person,) in bulk.select(sql, {case.left for case in cases}, [kind])}
    return {(case.left, case.right): case for case in cases if case.left in ours}


def _still_ours(cursor: Cursor) -> None:
    if not lease.keep(Cursor.objects.filter(name=cursor.name)):
        raise lease.LostLease(cursor.name)


def _note(workspace: Workspace, done: Run) -> None:
    """Keep what the run did with the model that it used."""
    row = Trained.objects.of(workspace).select_for_update().filter(kind=PersonKind.PERSON, is_current=True).first()
    if row is not None:
        row.quality = {**row.quality, "runs": [*row.quality.get("runs", []), done._asdict()][-KEPT_RUNS:]}
        row.save(update_fields=["quality"])
