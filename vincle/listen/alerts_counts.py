"""What rules look at: texts of a query, or of all that is said to us, by the hour and one by one. Our own words do not count."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from vincle.store import bulk
from vincle.vocabulary import Direction

from .fulltext import SEQ_BITS, moment_of, point_of
from .models import Activity, Alert, Match

_HOUR: Final = 3600 << SEQ_BITS
Floats = NDArray[np.float64]


class Hours(NamedTuple):
    """Texts by the hour, oldest first: all of them, those with an opinion, and those with a bad one. `first`: hours since 1970.

    `is_young`: nothing was said before the first hour.
    """

    first: int
    counts: Floats
    opinions: Floats
    negative: Floats
    is_young: bool

    def moment(self, step: int) -> datetime:
        return datetime.fromtimestamp((self.first + step) * 3600, UTC)


def hours(alert: Alert, since: datetime, until: datetime) -> Hours:
    """From the first text behind `since` (from `since` where older ones stand) up to the hour of `until`, which is not over yet."""
    source, marks = _source(alert, since, until)
    sql = (
        f"SELECT u.point / {_HOUR:d} AS hour, COUNT(*), SUM(CASE WHEN u.sentiment IN ('negative', 'positive') THEN 1 ELSE 0 END), "
        f"SUM(CASE WHEN u.sentiment = 'negative' THEN 1 ELSE 0 END) {source} GROUP BY 1"
    )
    rows = _rows(sql, marks)
    is_young = not _is_older(alert, since)
    start, end = int(since.timestamp()) // 3600, int(until.timestamp()) // 3600 + 1
    if is_young:
        start = min((int(row[0]) for row in rows), default=end)
    found = np.zeros((3, max(end - start, 0)))
    for hour, *numbers in rows:
        if start <= hour < end:
            found[:, int(hour) - start] = [float(number) for number in numbers]
    return Hours(start, found[0], found[1], found[2], is_young)


class Said(NamedTuple):
    """A text as rules see it."""

    seq: int
    point: int
    actor: int | None
    sentiment: str

    @property
    def at(self) -> datetime:
        return moment_of(self.point)


def texts(alert: Alert, since: datetime, until: datetime, more: str = "", most: int = 5_000) -> list[Said]:
    """Newest texts first, from `since` until before `until`; `more` is a condition on `u` (understanding) and `a` (the log)."""
    source, marks = _source(alert, since, until)
    wanted = f" AND ({more})" if more else ""
    rows = _rows(f"SELECT u.seq, u.point, a.actor, u.sentiment {source}{wanted} ORDER BY u.point DESC LIMIT {most:d}", marks)
    return [Said(*row) for row in rows]


def untold(alert: Alert, found: Sequence[Said]) -> list[Said]:
    """Those the alert has not told of."""
    sql = "SELECT seq FROM listen_noticetext WHERE alert_id = %s AND seq IN ({})"
    told = {seq for (seq,) in bulk.select(sql, [text.seq for text in found], [alert.pk])} if found and alert.pk else set()
    return [text for text in found if text.seq not in told]


def answered(alert: Alert, found: Sequence[Said]) -> dict[int, datetime]:
    """When we first said something behind each of these texts, in its thread or to it: seq -> moment."""
    if not found:
        return {}
    names = ("seq", "native_id", "object_key", "thread_key", "happened_at")
    asked = Activity.objects.of(alert.workspace_id).filter(seq__in=[text.seq for text in found]).values_list(*names)
    ours = Activity.objects.of(alert.workspace_id).filter(direction=Direction.OUT, superseded=False, happened_at__gte=found[-1].at)
    by_key: dict[str, list[datetime]] = {}
    for thread, parent, at in ours.exclude(op="retract").order_by("happened_at").values_list("thread_key", "parent_key", "happened_at"):
        for key in {thread, parent} - {""}:
            by_key.setdefault(key, []).append(at)
    first: dict[int, datetime] = {}
    for seq, *keys, at in asked:
        later = [moment for key in {*keys} - {""} for moment in by_key.get(key, ()) if moment >= at]
        if later:
            first[seq] = min(later)
    return first


def _source(alert: Alert, since: datetime, until: datetime) -> tuple[str, list[Any]]:
    low, high = point_of(since, 0), point_of(until, 0)
    ours = f"a.direction = '{Direction.IN}' AND u.point >= {low:d} AND u.point < {high:d}"
    if alert.listening_id:
        joined = "FROM listen_match m JOIN listen_understanding u ON u.seq = m.seq JOIN listen_activity a ON a.seq = m.seq"
        return f"{joined} WHERE m.listening_id = {alert.listening_id:d} AND m.point >= {low:d} AND m.point < {high:d} AND {ours}", []
    joined = "FROM listen_activity a JOIN listen_understanding u ON u.seq = a.seq"
    # The moment of a text is kept to the second in its point, and to the microsecond in the log.
    marks = [bulk.stamp(since - timedelta(seconds=1)), bulk.stamp(until)]
    return f"{joined} WHERE a.workspace_id = {alert.workspace_id:d} AND a.happened_at >= %s AND a.happened_at < %s AND {ours}", marks


def _is_older(alert: Alert, since: datetime) -> bool:
    if alert.listening_id:
        return Match.objects.filter(listening=alert.listening_id, point__lt=point_of(since, 0)).exists()
    said = Activity.objects.of(alert.workspace_id).filter(happened_at__lt=since, direction=Direction.IN, is_machine=False, superseded=False)
    return bool(said.exclude(object_type="Profile").exists())


def _rows(sql: str, marks: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, marks)
        return cursor.fetchall()
