"""Rules: when something happens to a conversation, and these conditions hold, then this is done.

The worker follows the log behind the conversations, and looks at the clock. Whatever a rule does in a conversation is done in one
transaction with the row that says so (`AutomationRun`), which there can be once for what set it off: whoever is killed on the way has
done all of it or nothing, and what is looked at twice happens once. Only people set rules off: what they say, their waiting, and someone
of the team who closes; never what a rule did. All rules look at a conversation as it was before any of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.store import bulk, lease
from vincle.store.models import Cursor

from . import conditions, doing
from .models import Automation, AutomationRun, Closing, Piece, Thread

CURSOR, CLOCK = "inbox rules", "inbox rules by the clock"
BATCH: Final = 200
FRESH: Final = timedelta(days=2)
"""What came longer ago sets nothing off, even where a worker stood still: nobody wants an answer of a rule to it."""

AGAIN: Final = timedelta(minutes=30)
"""So far back the clock is read once more: what was committed late is not missed."""

Moment = Automation.Moment
_SAID: Final = (Moment.BEGAN, Moment.WROTE)
_FIRST = "SELECT thread, key FROM inbox_piece WHERE direction = 'in' AND NOT is_machine AND thread IN ({}) ORDER BY at, seq"


def rules_of(workspace: Workspace | int, *moments: str) -> list[Automation]:
    """Rules that are on, in their order."""
    rows = Automation.objects.of(workspace).filter(is_on=True, deleted_at=None)
    return list((rows.filter(moment__in=moments) if moments else rows).order_by("rank", "pk"))


def turn() -> int:
    """Let rules do what is due; returns how many did something. Called by the worker every few seconds; one at a time."""
    with lease.held(CURSOR) as cursor:
        return _follow(cursor) + _look_at_clock() if cursor is not None else 0


# What people say


def _follow(cursor: Cursor) -> int:
    from .fold import STEP

    upto = Cursor.objects.filter(name=STEP).values_list("position", flat=True).first() or 0
    ran = 0
    if upto < cursor.position:  # conversations are being worked out anew
        _move(cursor, upto)
    while cursor.position < upto:
        pieces = _said(cursor.position, upto)
        for workspace, theirs in _by_workspace(pieces).items():
            ran += _work(workspace, theirs)
        _move(cursor, upto if len(pieces) < BATCH else pieces[-1].seq)
    return ran


def _move(cursor: Cursor, position: int) -> None:
    if not Cursor.objects.filter(name=cursor.name, owner=lease.ME).update(position=position, updated_at=timezone.now()):
        raise lease.LostLease(cursor.name)
    cursor.position = position
    lease.keep(Cursor.objects.filter(name=cursor.name))


def _said(after: int, upto: int) -> list[Piece]:
    """What people said between two places of the log, where any rule listens."""
    workspaces = Automation.objects.filter(is_on=True, deleted_at=None, moment__in=_SAID).order_by().values("workspace").distinct()
    listening = list(workspaces.values_list("workspace", flat=True))
    if not listening:
        return []
    rows = Piece.objects.filter(seq__gt=after, seq__lte=upto, workspace__in=listening, received_at__gt=timezone.now() - FRESH)
    rows = rows.filter(direction="in", is_machine=False, is_heard=True, state="", thread__isnull=False)
    return list(rows.select_related("workspace").order_by("seq")[:BATCH])


def _by_workspace(pieces: Iterable[Piece]) -> dict[Workspace, list[Piece]]:
    found: dict[Workspace, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[piece.workspace].append(piece)
    return found


def _work(workspace: Workspace, pieces: Sequence[Piece]) -> int:
    rules = rules_of(workspace, *_SAID)
    keys = {piece.thread for piece in pieces if piece.thread is not None}
    known = _facts(workspace, keys, rules)
    first = first_said(keys)
    ran = 0
    for piece in pieces:
        assert piece.thread is not None
        moment = Moment.BEGAN if first.get(piece.thread) == piece.key else Moment.WROTE
        for rule in rules:
            if rule.moment != moment or piece.received_at < rule.created_at or piece.thread not in known:
                continue
            if conditions.holds(rule.conditions, known[piece.thread], piece.received_at):
                ran += run(rule, piece.thread, piece.key if moment == Moment.WROTE else 0, piece)
    return ran


def _facts(workspace: Workspace, keys: Iterable[int], rules: Sequence[Automation]) -> dict[int, conditions.Facts]:
    threads = list(Thread.objects.of(workspace).filter(key__in=set(keys), is_here=True))
    return conditions.facts(workspace, threads, [rule.conditions for rule in rules])


def first_said(keys: Iterable[int]) -> dict[int, int]:
    """Key of the first thing someone said in each conversation."""
    first: dict[int, int] = {}
    for thread, key in bulk.select(_FIRST, list(keys)):
        first.setdefault(thread, key)
    return first


# What the clock says


def _look_at_clock() -> int:
    at, _new = Cursor.objects.get_or_create(name=CLOCK, defaults={"position": int(timezone.now().timestamp())})
    now = timezone.now()
    since = max(datetime.fromtimestamp(at.position, UTC), now - FRESH) - AGAIN
    rows = Automation.objects.filter(is_on=True, deleted_at=None, moment__in=(Moment.WAITED, Moment.CLOSED))
    ran = 0
    for rule in rows.select_related("workspace").order_by("workspace", "rank", "pk"):
        ran += _waited(rule, since, now) if rule.moment == Moment.WAITED else _closed(rule, since)
    Cursor.objects.filter(name=CLOCK).update(position=int(now.timestamp()), updated_at=now)
    return ran


def _waited(rule: Automation, since: datetime, now: datetime) -> int:
    """Conversations whose time came since then; those that waited so long before there was the rule are left alone."""
    limit = timedelta(minutes=rule.minutes or 0)
    waiting = Thread.objects.of(rule.workspace).filter(is_here=True, state=Thread.State.OPEN, rank__isnull=False)
    due = waiting.filter(waiting_since__gt=max(since, rule.created_at) - limit, waiting_since__lte=now - limit)
    rows = list(due.order_by("waiting_since", "key"))
    reminded = _reminded(rule, rows)
    rows = [row for row in rows if row.key not in reminded]
    known = conditions.facts(rule.workspace, rows, [rule.conditions])
    fitting = [row for row in rows if conditions.holds(rule.conditions, known[row.key], now)]
    return sum(run(rule, row.key, int(row.waiting_since.timestamp()), None) for row in fitting if row.waiting_since)


def _reminded(rule: Automation, rows: Sequence[Thread]) -> set[int]:
    """Those where the rule has been since we last said something: the first of what they wait for may have been deleted meanwhile."""
    last_out = {row.key: row.last_out_at for row in rows}
    ran = AutomationRun.objects.filter(automation=rule, thread__in=list(last_out)).values_list("thread", "at")
    return {key for key, at in ran if (out := last_out[key]) is None or at >= out}


def _closed(rule: Automation, since: datetime) -> int:
    """Conversations that someone of the team has closed since then."""
    closings = Closing.objects.of(rule.workspace).filter(closed_at__gt=max(since, rule.created_at), by__isnull=False, reopened_at=None)
    rows = list(closings.order_by("closed_at", "pk"))
    done = set(AutomationRun.objects.filter(automation=rule, seq__in=[row.pk for row in rows]).values_list("thread", "seq"))
    rows = [row for row in rows if (row.thread, row.pk) not in done]
    known = _facts(rule.workspace, [row.thread for row in rows], [rule]) if rows else {}
    fitting = [row for row in rows if row.thread in known and conditions.holds(rule.conditions, known[row.thread], row.closed_at)]
    return sum(run(rule, row.thread, row.pk, None, is_over=True) for row in fitting)


# Doing it


def run(rule: Automation, thread: int, seq: int, piece: Piece | None, is_over: bool = False) -> int:
    """Let a rule do what it does here, once for `seq`; 1 when it did. All of it and the row that says so in one transaction."""
    with transaction.atomic(), audit.speaking(f"rule “{rule.name}”"):
        locked = Thread.objects.of(rule.workspace_id).filter(key=thread, is_here=True).select_for_update().first()
        if locked is None:
            return 0
        made, is_new = AutomationRun.objects.get_or_create(
            automation=rule, thread=thread, seq=seq, defaults={"workspace_id": rule.workspace_id, "at": timezone.now()}
        )
        if not is_new:
            return 0
        scene = doing.Scene(rule.workspace, locked, piece, made.pk, rule.name, is_over)
        done: list[dict[str, Any]] = []
        for at, deed in enumerate(rule.deeds):
            done.append(doing.do(scene, deed, at))
            locked.refresh_from_db()
        AutomationRun.objects.filter(pk=made.pk).update(done={"deeds": done})
        Automation.objects.filter(pk=rule.pk).update(runs=F("runs") + 1, ran_at=timezone.now())
    return 1
