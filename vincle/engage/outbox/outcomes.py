"""The step `outcomes`: what the log says became of what left to many, beside each send; and how a job came out.

A row is matched by the Message-ID that only we can have made, by the provider's id, or, for bounces and complaints that name neither, by
the address and the last days. Times are the first of their kind; a rebuild comes to the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.listen import aside, log
from vincle.store import bulk
from vincle.store.blame import blame
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import Direction, ObjectType, Op, Verb

from . import bouncing, naming, tracking
from .models import LinkHit, Outcome, Send
from .results import Came, LinkCount, links, of_job, of_jobs, together

__all__ = [
    "AHEAD", "STEP", "Came", "LinkCount", "again", "empty", "is_behind", "left", "links", "of_job", "of_jobs", "step", "take", "together",
]  # fmt: skip

STEP: Final = "outcomes"
AHEAD: Final = "identify"
BATCH: Final = 5_000
LATELY: Final = timedelta(days=7)
COLUMNS: Final = ("workspace_id", "verb", "object_type", "op", "event_name", "actor", "target", "object_key", "parent_key", "thread_key",
                  "url", "happened_at", "direction", "is_machine", "props")  # fmt: skip
_TOLD: Final = frozenset({Verb.DELIVER, Verb.BOUNCE, Verb.UNDO, Verb.READ, Verb.VIEW, Verb.CREATE})
_TIMES: Final = ("delivered_at", "bounced_at", "complained_at", "opened_at", "machine_opened_at", "clicked_at", "machine_clicked_at",
                 "unsubscribed_at", "replied_at")  # fmt: skip
_OF_THE_LOG: Final = tuple(name for name in _TIMES if name != "unsubscribed_at")


class Row(NamedTuple):
    """A row of the log, as `COLUMNS`."""

    seq: int
    workspace: int
    verb: str
    object_type: str
    op: str
    event: str
    actor: int | None
    target: int | None
    object_key: str
    parent_key: str
    thread_key: str
    url: str
    at: datetime
    direction: str
    is_machine: bool
    props: Any

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.object_key, self.parent_key, self.thread_key) if key)


def is_behind(reached: dict[str, int]) -> bool:
    return reached.get(STEP, 0) < reached.get(AHEAD, 0)


def step(cursor: Cursor, most: int | None = None) -> int:
    """Go through what is new in the log; returns how many rows moved."""
    upto = Cursor.objects.filter(name=AHEAD).values_list("position", flat=True).first() or 0
    rows = [row for row in log.read_new(cursor.position, most or BATCH, COLUMNS) if row[0] <= upto] if upto > cursor.position else []
    if not rows:
        return 0
    skipped = aside.passed_over(STEP, cursor.position, rows[-1][0])
    wanted = [row for row in rows if row[0] not in skipped]
    with blame([row[0] for row in wanted]), transaction.atomic():
        take(wanted)
        advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def again(seq: int) -> None:
    """One row that had been set aside. Inside the caller's transaction."""
    take([row for row in log.read_new(seq - 1, 1, COLUMNS) if row[0] == seq])


def empty() -> None:
    """Before a rebuild: all of it stands in the log. Inside the caller's transaction."""
    Outcome.objects.update(**dict.fromkeys(_OF_THE_LOG), is_hard=False, clicks=0)
    LinkHit.objects.all().delete()


def take(rows: Sequence[Any]) -> None:
    """Rows of the log into outcomes. Inside the caller's transaction."""
    read = [row for each in rows if (row := Row(*each)).verb in _TOLD and row.op == Op.ASSERT and column(row)]
    if not read or not Send.objects.filter(job__isnull=False).exists():
        return
    known = {outcome.send_id: outcome for outcome in _matched(read)}
    visits: dict[tuple[int, str], list[int]] = {}
    told = dict[int, Outcome]()
    pairs = list(_pairs(read, known))
    for row, send in pairs:
        told[send] = known[send]
        _enter(row, known[send], visits)
    Outcome.objects.bulk_create(
        told.values(), update_conflicts=True, unique_fields=["send"], update_fields=[*_TIMES, "is_hard", "clicks"], batch_size=500
    )
    _enter_links(known, visits)
    _follow(pairs, known)


def _follow(pairs: Sequence[tuple[Row, int]], known: dict[int, Outcome]) -> None:
    """Who is to be barred though no report says so."""
    soft, nameless = dict[int, Outcome](), list[tuple[int, str, datetime]]()
    for row, send in pairs:
        name, at = column(row), bulk.moment(row.at)
        if name == "complained_at" and row.actor is None and _own(row) == send and at:
            nameless.append((send, bouncing.COMPLAINT, at))
        elif name == "bounced_at" and row.target is None and _own(row) == send and _is_hard(row) and at:
            nameless.append((send, bouncing.HARD, at))
        elif name == "bounced_at" and not known[send].is_hard:
            soft[send] = known[send]
    if nameless:
        bouncing.nameless(nameless)
    if soft:
        bouncing.softly(list(soft.values()))


def column(row: Row) -> str:
    """Which time of an outcome a row tells; "" when none."""
    if row.verb == Verb.DELIVER:
        return "delivered_at" if row.event in ("delivered", "relayed", "expanded") else ""
    if row.verb == Verb.BOUNCE:
        return "bounced_at"
    if row.verb == Verb.UNDO and row.object_type == ObjectType.SUBSCRIPTION:
        return "complained_at" if row.event == "complaint" else "unsubscribed_at"
    if row.verb == Verb.READ and row.object_type == ObjectType.MESSAGE:
        return "machine_opened_at" if row.is_machine else "opened_at"
    if row.verb == Verb.VIEW and row.object_type == ObjectType.LINK:
        return "machine_clicked_at" if row.is_machine else "clicked_at"
    is_reply = row.verb == Verb.CREATE and row.object_type == ObjectType.MESSAGE and row.direction == Direction.IN and not row.is_machine
    return "replied_at" if is_reply and (row.parent_key or row.thread_key) else ""


def _enter(row: Row, outcome: Outcome, visits: dict[tuple[int, str], list[int]]) -> None:
    name = column(row)
    stands = getattr(outcome, name)
    at = bulk.moment(row.at)
    setattr(outcome, name, min(stands, at) if stands else at)
    if name == "bounced_at":
        outcome.is_hard = outcome.is_hard or _is_hard(row)
    if name in ("clicked_at", "machine_clicked_at"):
        outcome.clicks += not row.is_machine
        counts = visits.setdefault((outcome.send_id, row.url or row.object_key), [0, 0])
        counts[row.is_machine] += 1


def _is_hard(row: Row) -> bool:
    props = row.props if isinstance(row.props, dict) else msgspec.json.decode(row.props or "{}")
    return row.event in ("hard bounce", "rejected", "bounce") or props.get("hard") is True


def _enter_links(known: dict[int, Outcome], visits: dict[tuple[int, str], list[int]]) -> None:
    for (send, url), (humans, machines) in visits.items():
        outcome = known[send]
        values = {"workspace_id": outcome.workspace_id, "job_id": outcome.job_id, "arm": outcome.arm, "url": url[:2000]}
        at = outcome.clicked_at or outcome.machine_clicked_at or timezone.now()
        row, _ = LinkHit.objects.get_or_create(send_id=send, link=naming.link_key(url), defaults={**values, "first_at": at})
        LinkHit.objects.filter(pk=row.pk).update(humans=F("humans") + humans, machines=F("machines") + machines)


def _pairs(rows: Sequence[Row], known: dict[int, Outcome]) -> Iterable[tuple[Row, int]]:
    named = _named(rows)
    for row in rows:
        send = _own(row) or next((named[row.workspace, key] for key in row.keys if (row.workspace, key) in named), None)
        send = send or _latest(row)
        if send in known and known[send].workspace_id == row.workspace:
            yield row, send


def _own(row: Row) -> int | None:
    return next((send for key in row.keys if (send := naming.send_of(tracking.secret(), key)) is not None), None)


def _named(rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    """Sends by the ids that providers gave them."""
    keys = {key for row in rows if _own(row) is None for key in row.keys}
    sql = "SELECT workspace_id, native_id, id FROM outbox_send WHERE job_id IS NOT NULL AND native_id <> '' AND native_id IN ({})"
    return {(workspace, native): pk for workspace, native, pk in bulk.select(sql, keys)}


def _latest(row: Row) -> int | None:
    """The last send to an address that bounced or complained, where the report names no message."""
    handle = row.target if row.verb == Verb.BOUNCE else row.actor
    if handle is None or column(row) not in ("bounced_at", "complained_at"):
        return None
    at = bulk.moment(row.at)
    sends = Send.objects.filter(workspace=row.workspace, handle=handle, job__isnull=False, sent_at__lte=at + timedelta(minutes=5))  # type: ignore[operator]
    found: int | None = sends.filter(sent_at__gte=at - LATELY).order_by("-sent_at").values_list("pk", flat=True).first()  # type: ignore[operator]
    return found


def _matched(rows: Sequence[Row]) -> list[Outcome]:
    """The outcomes these rows speak of, as they stand or new."""
    named = _named(rows)
    pks = {send for row in rows if (send := _own(row)) is not None} | set(named.values()) | {
        send for row in rows if _own(row) is None and not any((row.workspace, key) in named for key in row.keys) and (send := _latest(row))
    }  # fmt: skip
    standing = {outcome.send_id: outcome for outcome in Outcome.objects.filter(send__in=pks)}
    sends = Send.objects.filter(pk__in=pks - standing.keys(), job__isnull=False).only("pk", "workspace", "job", "arm")
    fresh = [Outcome(send_id=send.pk, workspace_id=send.workspace_id, job_id=send.job_id, arm=send.arm) for send in sends]
    return [*standing.values(), *fresh]


def left(workspace: Workspace, send: int, at: datetime) -> None:
    """Someone unsubscribed by the mail of this send: told by the preferences, which stand above. Inside the caller's transaction."""
    found = Send.objects.of(workspace).filter(pk=send, job__isnull=False).first()
    if found is None:
        return
    outcome, _ = Outcome.objects.get_or_create(send=found, defaults={"workspace": workspace, "job_id": found.job_id, "arm": found.arm})
    Outcome.objects.filter(pk=outcome.pk, unsubscribed_at=None).update(unsubscribed_at=at)
