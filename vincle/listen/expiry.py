"""Retention carried out: once a day (UTC) what has had its days leaves the log, in small transactions that may be killed.

1. A walk through the log, a window at a time, takes back what is past its days with retractions of the reason "retention". Every
   later stage follows them as it follows any deletion: people, profiles, the open table. Words past theirs are deleted on the way.
2. When all stages have followed, the rows and the retractions themselves go; on PostgreSQL a month in which nothing is left, whole.
3. Raw deliveries and the collector's shelf.

From the beginning of the walk nothing of the kind that came before is let in again (`batch.refused`), so that neither a rebuild nor a
late retry brings back what was taken.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op, Verb

from . import known, log, partitions, shelf
from .batch import COLUMNS, LOG_LOCK, PLACE, Batch, last_number
from .models import Activity, Connection, Delivery, Handle, Refusal, Rejection, RetentionRule
from .retention import DEFAULTS, LEAST, MOST, OF_THE_LOG, Kind, cutoff, days_of, kind_of

WINDOW, PIECE, RAW_PIECE = 50_000, 2_000, 200
LOOK = 60.0
REASON = "retention"
WALK, END, PURGE, DAY = "retention", "retention end", "retention purge", "retention day"
TALLY = "let go "
FOLLOWERS = (
    *("understand", "identify", "organise", "segments", "engage", "promotions", "leads", "posts", "outcomes", "journeys", "analyse"),
)
_OVER = (Delivery.State.DONE, Delivery.State.FAILED, Delivery.State.CANCELLED, Delivery.State.UNDONE)
_TEAM = "team"  # what colleagues wrote by hand says who wrote it
_next_look = [0.0]
logger = structlog.get_logger(__name__)
Holder = Callable[[set[int]], set[int]]
_holders: list[Holder] = []
Cutoffs = Mapping[tuple[int, Kind], datetime]


def register_holder(holds: Holder) -> None:
    """A later stage that speaks of handles: asked which of these it still needs."""
    _holders[:] = [holds]


class _Row(NamedTuple):
    seq: int
    event: bytes
    root: bytes
    workspace: int
    connection: int
    channel: str
    verb: str
    object_type: str
    whose: int | None
    native_id: str
    received_at: datetime
    expires_on: Any

    @property
    def kind(self) -> Kind:
        return kind_of(self.channel, self.verb, self.object_type)


_COLUMNS = (
    "seq, event_id, COALESCE(root_id, event_id), workspace_id, connection_id, channel, verb, object_type, "
    "CASE WHEN direction = 'in' THEN actor ELSE target END, native_id, received_at, expires_on"
)


def rules(workspace: Workspace | int) -> dict[Kind, int | None]:
    """Days that hold for each kind in a workspace; None: for ever."""
    stored = dict(RetentionRule.objects.of(workspace).values_list("kind", "days"))
    return {kind: days_of(stored, kind) for kind in Kind}


def set_rules(workspace: Workspace, user: User | None, days: Mapping[Kind, int | None]) -> bool:
    """Keep these kinds for so many days from now on. False when nothing changes. ValueError for days out of bounds."""
    if any(each is not None and not LEAST <= each <= MOST for each in days.values()):
        raise ValueError("days")
    with transaction.atomic():
        before = rules(workspace)
        changes = {kind: each for kind, each in days.items() if before[kind] != each and kind is not Kind.DISPLAY}
        for kind, each in changes.items():
            RetentionRule.objects.update_or_create(workspace=workspace, kind=kind, defaults={"days": each})
        if changes:
            said = {kind.value: [before[kind] or "∞", each or "∞"] for kind, each in changes.items()}
            audit.record(workspace, user, "changed", "retention", workspace.pk, workspace.name, changes=said)
            Cursor.objects.filter(name__in=(DAY, WALK)).update(position=0)
    return bool(changes)


def turn() -> int:
    """One small piece of the work when there is some, looked for once a minute; returns how many rows moved. For the worker's rounds."""
    if time.monotonic() < _next_look[0]:
        return 0
    moved = step()
    if not moved:
        _next_look[0] = time.monotonic() + LOOK
    return moved


def step(today: date | None = None) -> int:
    """One piece; 0 when today's work is done, waits for the stages behind the log, or is another worker's."""
    today = today or timezone.now().astimezone(UTC).date()
    Cursor.objects.get_or_create(name=DAY)
    if Cursor.objects.filter(name=DAY, position__gte=today.toordinal()).exists():
        return 0
    with lease.held(WALK) as cursor:
        return _piece(cursor, today) if cursor else 0


def _piece(cursor: Cursor, today: date) -> int:
    cutoffs = _cutoffs(today)
    if cursor.position == 0:
        _begin(cutoffs)
    reached = lease.positions()
    if cursor.position < reached[END]:
        return _walk(cursor, cutoffs, reached[END], today)
    taken = _last_taken(reached.get(PURGE, 0))
    if min(reached.get(name, 0) for name in FOLLOWERS) < taken:
        return 0
    moved = _drop_months(cutoffs) or _purge(taken) or _raw(cutoffs)
    if not moved:
        _finish(cursor, today, cutoffs)
    return moved


def _cutoffs(today: date) -> dict[tuple[int, Kind], datetime]:
    stored: dict[int, dict[str, int | None]] = defaultdict(dict)
    for workspace, kind, days in RetentionRule.objects.values_list("workspace_id", "kind", "days"):
        stored[workspace][kind] = days
    found = {}
    for workspace in Workspace.objects.values_list("pk", flat=True):
        for kind in Kind:
            before = cutoff(days_of(stored[workspace], kind), today)
            if before is not None:
                found[workspace, kind] = before
    return found


def _begin(cutoffs: Cutoffs) -> None:
    """From now on nothing older is let in. Appends that run are waited for, so that the walk sees all there is."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])
        stored = {(rule.workspace_id, rule.kind): rule for rule in RetentionRule.objects.all()}
        for (workspace, kind), before in cutoffs.items():
            rule = stored.get((workspace, kind)) or RetentionRule(workspace_id=workspace, kind=kind, days=DEFAULTS[kind])
            if rule.taken_until is None or rule.taken_until < before:
                rule.taken_until = before
                rule.save()
        Cursor.objects.update_or_create(name=END, defaults={"position": last_number(ours=False)})


def _walk(cursor: Cursor, cutoffs: Cutoffs, newest: int, today: date) -> int:
    """Take back what is past its days in the next window; a full piece ends the window early."""
    until = min(cursor.position + WINDOW, newest)
    rows = _old_rows(cursor.position, until, cutoffs, today)
    gone = [row for row in rows if _is_past(row, cutoffs, today)]
    if len(gone) > PIECE:
        gone, until = gone[:PIECE], gone[PIECE - 1].seq
    unsaid = [row.event for row in rows if row.seq <= until and row.kind is Kind.ACTS and _before(row, Kind.WORDS, cutoffs)]
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
        taken = _take_back(gone, today)
        _count(taken)
        for workspace, ids in _by_workspace(rows, set(unsaid)).items():
            _count(Counter({(workspace, Kind.WORDS): known.delete_contents(ids)}))
        lease.advance(cursor, until, sum(taken.values()))
    return max(sum(taken.values()), 1)


def _old_rows(after: int, until: int, cutoffs: Cutoffs, today: date) -> list[_Row]:
    done = dict.fromkeys(cutoffs)
    for workspace, kind, at in RetentionRule.objects.values_list("workspace_id", "kind", "done_until"):
        done[workspace, Kind(kind)] = at
    # Nothing that came before the last walk's end is there any more, and nothing of that age was let in since.
    ends = [done[key] for key in cutoffs if key[1] is not Kind.RAW]
    low = None if not ends or None in ends else min(each for each in ends if each)
    high = max(cutoffs.values(), default=None)
    if high is None:
        return []
    sql = (
        f"SELECT {_COLUMNS} FROM listen_activity WHERE seq > %s AND seq <= %s AND op <> 'retract' "
        "AND (received_at < %s OR expires_on <= %s)"
    )
    values: list[Any] = [after, until, bulk.stamp(high), today.isoformat()]
    if low is not None:
        sql, values = f"{sql} AND received_at >= %s", [*values, bulk.stamp(low)]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY seq", values)
        return [_row(*each) for each in cursor.fetchall()]


def _row(*values: Any) -> _Row:
    row = _Row(*values)
    received = row.received_at if isinstance(row.received_at, datetime) else datetime.fromisoformat(row.received_at)
    return row._replace(event=bytes(row.event), root=bytes(row.root), received_at=bulk.moment(received))  # type: ignore[arg-type]


def _before(row: _Row, kind: Kind, cutoffs: Cutoffs) -> bool:
    limit = cutoffs.get((row.workspace, kind))
    return limit is not None and row.received_at < limit


def _is_past(row: _Row, cutoffs: Cutoffs, today: date) -> bool:
    return _before(row, row.kind, cutoffs) or (row.expires_on is not None and str(row.expires_on)[:10] <= today.isoformat())


def _take_back(rows: list[_Row], today: date) -> "Counter[tuple[int, Kind]]":
    """Retract the things whose last word is past its days; returns how many, by workspace and kind."""
    events = {row.event for row in rows}
    still = {root for root, event in _standing({row.root for row in rows}) if event not in events}
    by_connection: dict[int, dict[bytes, _Row]] = defaultdict(dict)
    for row in rows:
        if row.root not in still:
            by_connection[row.connection][row.root] = row
    sources = Connection.objects.select_related("workspace").in_bulk(by_connection)
    now, retractions, taken = timezone.now(), dict[bytes, list[Any]](), Counter[tuple[int, Kind]]()
    for key, things in by_connection.items():
        batch = Batch(sources[key], now, None)
        for root, row in things.items():
            made = batch.row(
                Op.RETRACT, row.native_id, f"{REASON}:{today}", now, Verb(row.verb), ObjectType(row.object_type), reason=REASON
            )
            made[1], made[PLACE["actor"]], made[PLACE["retention_class"]] = root, row.whose, ""
            taken[row.workspace, row.kind] += 1
        retractions |= batch.rows
    known.insert_new(COLUMNS, list(retractions.values()))
    hidden = [row.event for row in rows if row.root not in still]
    known.mark(hidden, superseded=True)
    # The words of facts name the handles they speak of: they go with the row.
    known.delete_contents(row.event for row in rows if row.root not in still and row.kind is not Kind.FACTS)
    return taken


def _standing(roots: set[bytes]) -> Iterable[tuple[bytes, bytes]]:
    sql = "SELECT COALESCE(root_id, event_id), event_id FROM listen_activity WHERE NOT superseded AND op <> 'retract' AND {} IN ({{}})"
    for column in ("event_id", "root_id"):
        for root, event in known.select(sql.format(column), roots, column):
            yield bytes(root), bytes(event)


def _by_workspace(rows: Iterable[_Row], events: set[bytes]) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = defaultdict(list)
    for row in rows:
        if row.event in events:
            found[row.workspace].append(row.event)
    return found


def _count(taken: "Counter[tuple[int, Kind]]") -> None:
    """Remember what went, for the audit log at the end: the work may be killed on the way."""
    for (workspace, kind), number in taken.items():
        if number:
            row, _ = Cursor.objects.get_or_create(name=f"{TALLY}{workspace} {kind.value}")
            Cursor.objects.filter(pk=row.pk).update(done=F("done") + number)


def _last_taken(after: int) -> int:
    """The place of the newest retraction: all stages have to have passed it before the rows go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(MAX(seq), 0) FROM listen_activity WHERE seq > %s AND op = 'retract' AND event_name = %s", [after, REASON]
        )
        return int(cursor.fetchone()[0])


def _purge(upto: int) -> int:
    """Delete what was taken back, with the retractions, a piece at a time: every stage has followed."""
    at, _ = Cursor.objects.get_or_create(name=PURGE)
    while at.position < upto:
        until = min(at.position + WINDOW, upto)
        sql = (
            "SELECT seq, root_id FROM listen_activity WHERE seq > %s AND seq <= %s AND op = 'retract' AND event_name = %s "
            "ORDER BY seq LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [at.position, until, REASON, PIECE])
            found = cursor.fetchall()
        if len(found) == PIECE:
            until = found[-1][0]
        with transaction.atomic():
            _delete({bytes(root) for _, root in found})
            Cursor.objects.filter(pk=PURGE).update(position=until, done=F("done") + len(found), updated_at=timezone.now())
        at.position = until
        if found:
            return len(found)
    return 0


def _delete(roots: set[bytes]) -> None:
    sql = "SELECT event_id, actor, target, object_type FROM listen_activity WHERE {} IN ({{}})"
    rows = [row for column in ("event_id", "root_id") for row in known.select(sql.format(column), roots, column)]
    events = {bytes(row[0]) for row in rows}
    facts = log.contents(bytes(row[0]) for row in rows if row[3] == ObjectType.PROFILE)
    handles = {key for row in rows for key in row[1:3] if key} | {key for fact in facts.values() for key in _handles_of(fact[2])}
    known.delete_contents(events)
    for part in bulk.chunks(list(events), PIECE):
        bulk.execute_in("DELETE FROM listen_activity WHERE event_id IN ({})" + known.within(part), part)
    _let_go(handles)


def _handles_of(body: str) -> list[int]:
    return list(msgspec.json.decode(body).get("handles", ())) if body else []


def _let_go(handles: set[int]) -> None:
    """Forget addresses and names that no row of the log and no later stage speaks of any more."""
    for holds in _holders:
        handles -= holds(handles)
    for column in ("actor", "target"):
        # Which segments someone was in is no reason to keep their address.
        sql = f"SELECT DISTINCT {column} FROM listen_activity WHERE object_type <> 'Group' AND {column} IN ({{}})"
        handles -= set(bulk.pluck(sql, handles))
    Handle.objects.filter(key__in=handles, is_own=False).delete()


def _drop_months(cutoffs: Cutoffs) -> int:
    """Months in which every row is past every rule go whole (PostgreSQL); returns 1 when one did."""
    if not partitions.is_partitioned() or not cutoffs:
        return 0
    last = max(cutoffs.values()).date().replace(day=1)
    for month in partitions.months():
        if month >= last:
            break
        if _is_over(month, cutoffs):
            try:
                partitions.drop(month)
            except OperationalError as error:
                logger.warning("a month could not be dropped now", month=str(month), error=str(error).strip())
                continue
            logger.info("month dropped", month=str(month))
            return 1
    return 0


def _is_over(month: date, cutoffs: Cutoffs) -> bool:
    """Whether nothing of a month stands, and no workspace keeps anything of it."""
    name, end = partitions.name_of("listen_activity", month), partitions.begin(partitions.following(month))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {name} WHERE NOT superseded AND op <> 'retract')")
        if cursor.fetchone()[0]:
            return False
        # A platform's deletion has to stay as long as what it deleted, which may lie in another month.
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {name} r JOIN listen_known k ON k.event_id = r.root_id WHERE r.op <> 'assert' "
            "AND NOT (k.received_at >= %s AND k.received_at < %s))",
            [partitions.begin(month), end],
        )
        if cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT DISTINCT workspace_id, channel, verb, object_type FROM {name} WHERE op <> 'retract'")
        return all(cutoffs.get((workspace, kind_of(*what)), partitions.begin(month)) >= end for workspace, *what in cursor.fetchall())


def _raw(cutoffs: Cutoffs) -> int:
    """The bytes of deliveries that are through, rows as they came in refusals, the collector's shelf."""
    for (workspace, kind), before in cutoffs.items():
        if kind is not Kind.RAW:
            continue
        old = Q(workspace=workspace, received_at__lt=before, raw_gone_at=None, state__in=_OVER) & ~Q(channel=_TEAM)
        deliveries = list(Delivery.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:RAW_PIECE])
        with transaction.atomic():
            Delivery.objects.filter(pk__in=deliveries).update(path="", body=None, raw_gone_at=timezone.now())
            Rejection.objects.filter(delivery__in=deliveries).exclude(raw="").update(raw="")
            parcels = shelf.expire(Connection.objects.of(workspace).values_list("pk", flat=True), before)
            refusals, _ = Refusal.objects.of(workspace).filter(at__lt=before).delete()
            _count(Counter({(workspace, Kind.RAW): len(deliveries) + parcels}))
        if deliveries or parcels or refusals:
            return len(deliveries) + parcels + refusals
    return 0


def _finish(cursor: Cursor, today: date, cutoffs: Cutoffs) -> None:
    """Say what went, once for each workspace, and rest until tomorrow."""
    with transaction.atomic():
        said: dict[int, dict[str, int]] = defaultdict(dict)
        tallies = Cursor.objects.filter(name__startswith=TALLY)
        for row in tallies:
            whose, what = row.name.removeprefix(TALLY).split(" ", 1)
            said[int(whose)][what] = row.done
        for workspace, counts in said.items():
            details: dict[str, Any] = {**counts}
            audit.record(workspace, None, "let go", "retention", workspace, actor="worker", **details)
        tallies.delete()
        for (workspace, kind), before in cutoffs.items():
            RetentionRule.objects.filter(workspace=workspace, kind=kind).update(done_until=before)
        Cursor.objects.filter(name=DAY).update(position=today.toordinal(), updated_at=timezone.now())
        lease.advance(cursor, 0, 0)


def due(workspace: Workspace, days: Mapping[Kind, int | None] | None = None, today: date | None = None) -> dict[Kind, int]:
    """How much would go of each kind under these days. Changes nothing."""
    today, days = today or timezone.now().astimezone(UTC).date(), {**rules(workspace), **(days or {})}
    limits = {kind: before for kind in Kind if (before := cutoff(days_of(days, kind), today)) is not None}
    found = {kind: _old(workspace, kind, before) for kind, before in limits.items() if kind in OF_THE_LOG}
    if Kind.WORDS in limits:
        found[Kind.WORDS] = _old(workspace, Kind.ACTS, limits[Kind.WORDS], " AND event_id IN (SELECT event_id FROM listen_content)")
    if Kind.RAW in limits:
        old = Delivery.objects.of(workspace).filter(received_at__lt=limits[Kind.RAW], raw_gone_at=None, state__in=_OVER)
        found[Kind.RAW] = old.exclude(channel=_TEAM).count()
    return found


def _old(workspace: Workspace, kind: Kind, before: datetime, more: str = "") -> int:
    sql = (
        "SELECT channel, verb, object_type, COUNT(*) FROM listen_activity "
        f"WHERE workspace_id = %s AND received_at < %s AND NOT superseded AND op <> 'retract'{more} GROUP BY 1, 2, 3"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, bulk.stamp(before)])
        return sum(number for *what, number in cursor.fetchall() if kind_of(*what) is kind)


def empty_log() -> None:
    """For a rebuild: take out of the log what kept deliveries and parcels bring again. What came with bytes that are gone stays."""
    gone = Delivery.objects.exclude(raw_gone_at=None)
    unread = Q(delivery__in=gone.values("pk"))
    for workspace, at in RetentionRule.objects.filter(kind=Kind.RAW).exclude(done_until=None).values_list("workspace_id", "done_until"):
        unread |= Q(workspace=workspace, delivery=None, received_at__lt=at) & ~Q(op=Op.RETRACT)
    stays = Activity.objects.filter(unread).exists()
    said = Q(op=Op.RETRACT, delivery=None) if stays else Q(pk=None)
    Activity.objects.exclude(unread | said).delete()
    bulk.execute(
        "DELETE FROM listen_activity WHERE op = 'retract' AND delivery_id IS NULL "
        "AND root_id NOT IN (SELECT event_id FROM listen_activity WHERE op <> 'retract')"
    )
    bulk.execute("DELETE FROM listen_content WHERE event_id NOT IN (SELECT event_id FROM listen_activity)")
    Rejection.objects.exclude(delivery__in=gone.values("pk")).delete()
    if not stays:
        Handle.objects.all().delete()
    Cursor.objects.filter(name__in=(WALK, PURGE, DAY)).update(position=0)
