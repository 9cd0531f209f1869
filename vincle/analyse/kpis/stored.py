"""Facts of a workspace: sales, leads and answers out of the open table by the engine; work, sends, campaigns and prices out of the store.

Each is read when it is first asked for. What comes out of the open table is held by its version, so that a page that is opened again need
not cut and sort it once more.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.analyse.measure import columns as asked
from vincle.analyse.metrics.base import Period, shifts
from vincle.engage.campaigns import measuring
from vincle.engage.campaigns.models import Campaign
from vincle.engage.inbox.models import ServiceSettings
from vincle.engage.outbox.models import Send
from vincle.organise import value_terms, warehouse
from vincle.organise.models import Membership

from . import actions
from .base import Figure, Kpi
from .facts import PLACES, Acts, Base, Columns, Facts, Ints, Sales, Shown, Work
from .models import BaseDay, Spend
from .spans import Span, day_of, number

DAY: Final = 86_400
ALL_TIME: Final = Period(date(1970, 1, 2), date(2199, 12, 31))
OPEN_TABLE: Final = frozenset({"sales", "leads", "answers", "stands"})
HELD: Final = 6
"""Cuts of sales that a process keeps."""
LOOKED_BACK: Final = 5 * 366
"""Days of work, sends and campaigns that are looked at: as far as the longest series reaches."""
_EFFORT: Final = """
SELECT e.day, t.channel, b.person, SUM(e.seconds) FROM inbox_effort e JOIN inbox_thread t ON t.key = e.thread
LEFT JOIN identify_belonging b ON b.handle = t.handle WHERE e.workspace_id = %s AND e.day >= %s GROUP BY e.day, t.channel, b.person
"""


class _Kept:
    """The last few values by key. Two threads may make one at the same time; the first to end is kept."""

    def __init__(self, most: int) -> None:
        self._most, self._lock, self._found = most, Lock(), OrderedDict[Any, Any]()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        with self._lock:
            found = self._found.setdefault(key, made)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
            return found


_rows, _sales, _campaigns, _figures = _Kept(2), _Kept(HELD), _Kept(500), _Kept(3000)


class Stored(Facts):
    """Facts of now. `segment`: id of one whose people of now are looked at alone; `channel`: only sales and forms of it."""

    def __init__(self, workspace: Workspace, began: date, *, segment: int | None = None, channel: str = "") -> None:
        self.workspace, self.zone = workspace, ZoneInfo(workspace.timezone)
        self.currency, self.began = workspace.currency, number(began)
        self.segment, self.channel = segment, channel
        self.is_narrowed = bool(segment or channel)
        self.today = number(timezone.now().astimezone(self.zone).date())
        self._stages: dict[int, Mapping[int, str]] = {}

    # What the team has said

    @cached_property
    def lost_after(self) -> int:  # type: ignore[override]
        return actions.lost_after(self.workspace)

    @cached_property
    def _terms(self) -> value_terms.Terms:
        return value_terms.terms_of(self.workspace)

    @property
    def margin(self) -> float | None:  # type: ignore[override]
        return float(self._terms.margin) if self._terms.has_margin else None

    @property
    def per_send(self) -> int | None:  # type: ignore[override]
        return None if self._terms.send is None else int(self._terms.send.scaleb(PLACES))

    @cached_property
    def hourly(self) -> int | None:  # type: ignore[override]
        found = ServiceSettings.objects.of(self.workspace).values_list("hourly_cost", flat=True).first()
        return None if found is None else int(found.scaleb(PLACES))

    @cached_property
    def _spent(self) -> dict[tuple[int, int], int]:
        rows = Spend.objects.of(self.workspace).values_list("month", "amount")
        return {(month.year, month.month): int(amount.scaleb(PLACES)) for month, amount in rows}

    def spent(self, year: int, month: int) -> int | None:
        return self._spent.get((year, month))

    # What people did

    @cached_property
    def sales(self) -> Sales:  # type: ignore[override]
        found: Sales = _sales.get(self._mark, self._read_sales)
        return found

    @cached_property
    def _mark(self) -> tuple[Any, ...]:
        """What is looked at, and the version of the open table it is read from."""
        people = None if self._people is None else hash(self._people.tobytes())
        return *self._version, self.currency, self.segment, people, self.channel

    def figure(self, kpi: Kpi, span: Span) -> Figure:
        """The value of a figure; one that stands on the open table alone is counted once for each version of it."""
        if not set(kpi.stands_on) <= OPEN_TABLE:
            return kpi.told(self, span)
        key = (*self._mark, self.lost_after, self.today, self.began, kpi.id, span)
        found: Figure = _figures.get(key, lambda: kpi.told(self, span))
        return found

    @cached_property
    def _people(self) -> Ints | None:
        """Whoever is in the segment now; None: everybody."""
        if self.segment is None:
            return None
        rows = Membership.objects.of(self.workspace).filter(segment=self.segment, left_at=None)
        return np.sort(np.fromiter(rows.values_list("person", flat=True), np.int64))

    def _read_sales(self) -> Sales:
        rows = self._every
        if self.channel:
            place = rows.channels.index(self.channel) if self.channel in rows.channels else -1
            rows = rows.only(rows.channel == place)
        if self._people is not None:
            rows = rows.only(rows.known & np.isin(rows.person, self._people))
        return Sales(rows, self.currency)

    @cached_property
    def _version(self) -> tuple[Any, ...]:
        engine = warehouse.engine()
        return self.workspace.pk, engine, engine.version(), str(self.zone)

    @cached_property
    def _every(self) -> Columns:
        """Sales of everybody on all channels."""
        found: Columns = _rows.get(self._version, lambda: self._columns(asked(self.workspace, "sales", ALL_TIME)))
        return found

    @property
    def all_channels(self) -> tuple[str, ...]:
        """Channels on which something was ever bought."""
        return self._every.channels

    def narrowed(self, *, segment: int | None = None, channel: str = "") -> "Stored":
        """The same for a segment or a channel alone."""
        return Stored(self.workspace, day_of(self.began), segment=segment or self.segment, channel=channel or self.channel)

    def _columns(self, found: pa.Table) -> Columns:
        person = found["person"].combine_chunks()
        channel, currency = (found[name].combine_chunks().dictionary_encode() for name in ("channel", "currency"))
        cents = pc.cast(found["amount"], pa.decimal128(38, PLACES)).combine_chunks()
        return Columns(
            _numbers(pc.fill_null(person, 0)), np.asarray(pc.is_valid(person)), self._days(_numbers(found["at"])),
            _numbers(channel.indices), _numbers(currency.indices), np.asarray(found["is_purchase"]).astype(bool), _whole(cents),
            tuple(channel.dictionary.to_pylist()), tuple(currency.dictionary.to_pylist()),
        )  # fmt: skip

    def _days(self, at: Ints) -> Ints:
        """Local days of moments in seconds: as the clocks of the workspace showed them."""
        if not at.size:
            return at
        turns = shifts(str(self.zone), int(at.min()) // DAY * DAY, int(at.max()) + 1)
        since, ahead = (np.array(column, np.int64) for column in zip(*turns, strict=True))
        return (at + ahead[np.searchsorted(since, at, side="right") - 1]) // DAY

    def _acts(self, metric: str, value: Callable[[pa.Table], Any]) -> Acts:
        found = asked(self.workspace, metric, ALL_TIME)
        if self.channel and "channel" in found.column_names:
            found = found.filter(pc.equal(found["channel"], self.channel))
        found = found.filter(pc.is_valid(found["person"])).sort_by("at")
        person, day, given = _numbers(found["person"]), self._days(_numbers(found["at"])), np.asarray(value(found), np.float64)
        which = np.ones(person.size, bool) if self._people is None else np.isin(person, self._people)
        order = np.flatnonzero(which)[np.argsort(day[which], kind="stable")]
        return Acts(person[order], day[order], given[order])

    @cached_property
    def leads(self) -> Acts:  # type: ignore[override]
        return self._acts("leads", lambda found: np.zeros(found.num_rows))

    @cached_property
    def answers(self) -> Acts:  # type: ignore[override]
        return self._acts("answers", lambda found: pc.divide(found["rating"], found["rating_max"]))

    def stages(self, day: int) -> Mapping[int, str]:
        if day not in self._stages:
            found = asked(self.workspace, "stands", Period(day_of(day), day_of(day), str(self.zone)))
            if self._people is not None:
                found = found.filter(pc.is_in(found["person"], pa.array(self._people)))
            self._stages[day] = dict(zip(found["person"].to_pylist(), found["stage"].to_pylist(), strict=True))
        return self._stages[day]

    # What the team did

    @property
    def _since(self) -> date:
        return day_of(self.today - LOOKED_BACK)

    @cached_property
    def work(self) -> Sequence[Work]:  # type: ignore[override]
        with connection.cursor() as cursor:
            cursor.execute(_EFFORT, [self.workspace.pk, str(self._since)])
            return [Work(number(_date(day)), channel, person, int(seconds)) for day, channel, person, seconds in cursor.fetchall()]

    @cached_property
    def sends(self) -> Sequence[tuple[int, str, int]]:  # type: ignore[override]
        since = datetime.combine(self._since, datetime.min.time(), self.zone)
        rows = Send.objects.of(self.workspace).filter(state=Send.State.SENT, sent_at__gte=since)
        counted = (
            rows.annotate(day=TruncDate("sent_at", tzinfo=self.zone)).values_list("day", "connection__channel").annotate(n=Count("pk"))
        )
        return [(number(day), channel, n) for day, channel, n in counted.order_by()]

    @cached_property
    def campaigns(self) -> Sequence[Shown]:  # type: ignore[override]
        since = timezone.now() - timedelta(days=LOOKED_BACK)
        rows = Campaign.objects.of(self.workspace).filter(begun_at__gte=since, begun_at__lte=timezone.now())
        return [_shown(row, self.zone) for row in rows.select_related("workspace").order_by("begun_at", "pk")]

    @cached_property
    def base(self) -> Sequence[Base]:  # type: ignore[override]
        rows = BaseDay.objects.of(self.workspace).order_by("day")
        found = rows.values_list("day", "customers", "value", "new", "back", "more", "less", "lost")
        return [Base(number(day), people, *(int(each.scaleb(PLACES)) for each in money)) for day, people, *money in found]


def _date(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


def _numbers(column: Any) -> Ints:
    return np.asarray(column).astype(np.int64)


def _whole(cents: pa.Array) -> Ints:
    """Decimals of 38 digits, four of them behind the point, as whole numbers: the lower halves of their 128 bits."""
    if not len(cents):
        return np.array([], np.int64)
    halves = np.frombuffer(cents.buffers()[1], np.int64)
    return halves.reshape(-1, 2)[cents.offset : cents.offset + len(cents), 0].copy()


def _shown(row: Campaign, zone: ZoneInfo) -> Shown:
    """What is kept of a campaign's measurement, by the moment it was measured at."""
    assert row.begun_at is not None
    value, low, high, held = _campaigns.get((row.pk, row.measured_at), lambda: _measured(row))
    url = reverse("campaigns:one", kwargs={"workspace": row.workspace.slug, "campaign": row.public})
    return Shown(row.name, number(row.begun_at.astimezone(zone).date()), held, value, low, high, url)


def _measured(row: Campaign) -> tuple[float, float | None, float | None, int]:
    found = measuring.counted(row)
    lift = measuring.against_held(row, found)
    if lift is None:
        return 0.0, None, None, 0
    scale = 10**PLACES
    low, high = (scale * end if np.isfinite(end) else None for end in (lift.money.low, lift.money.high))
    value = scale * lift.money.value
    return (float(value) if np.isfinite(value) else 0.0), low, high, int(found.is_held.sum())
