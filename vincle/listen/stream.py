"""Everything said and done, filtered, newest first: a page by key, the count, and all of it for a download."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.vocabulary import Direction, ObjectType, Verb, from_public_id

from . import log
from .models import Activity, Connection, Delivery, Handle

SIZE = 50
HABIT_DAYS = 90
SMALL_IMPORT = 20_000
MOST_HABIT_DAYS = 5 * 366
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
HandlesOf = Callable[[Workspace, int], Sequence[int]]
_handles_of: list[HandlesOf] = []


def register_people(handles_of: HandlesOf) -> None:
    """Who knows which handles are a person's: asked by the filter `person`."""
    _handles_of[:] = [handles_of]


@dataclass
class Filters:
    """What of the stream is asked for. `problems` are sentences; with one of them the list is empty."""

    workspace: Workspace
    start: date | None = None
    end: date | None = None
    channel: str = ""
    verb: str = ""
    kind: str = ""
    direction: str = ""
    author: int | None = None
    actors: list[int] | None = None
    hour: int | None = None
    weekday: int | None = None
    delivery: Delivery | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.timezone)

    @property
    def is_habit(self) -> bool:
        return self.hour is not None or self.weekday is not None


def filters(workspace: Workspace, asked: Mapping[str, str]) -> Filters:
    """The filters of an address. What cannot be understood becomes a sentence."""
    found = Filters(workspace)
    found.start, found.end = _day(found, asked, "from"), _day(found, asked, "to")
    found.hour, found.weekday = _number(found, asked, "hour", 0, 23), _number(found, asked, "weekday", 1, 7)
    found.channel = asked.get("channel", "").strip()
    if not found.channel.isprintable():
        found.problems.append(_("There is no such channel."))
    found.verb, found.kind = _word(found, asked, "verb", Verb), _word(found, asked, "kind", ObjectType)
    found.direction = _word(found, asked, "direction", Direction)
    _who(found, asked)
    number = _number(found, asked, "delivery", 1, 2**62)
    if number is not None:
        found.delivery = Delivery.objects.of(workspace).filter(pk=number).defer("body").first()
        if found.delivery is None:
            found.problems.append(_("There is no such import in this workspace."))
    if found.is_habit:
        _bound(found)
    if found.start and found.end and found.start > found.end:
        found.problems.append(_("The period ends before it begins."))
    return found


def _day(found: Filters, asked: Mapping[str, str], name: str) -> date | None:
    text = asked.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        found.problems.append(_("“%(value)s” is not a date; write it as 2026-11-21.") % {"value": text})
        return None


def _number(found: Filters, asked: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    if len(text) < 21 and text.isascii() and text.isdecimal() and least <= int(text) <= most:
        return int(text)
    found.problems.append(_("“%(value)s” cannot be understood as %(name)s.") % {"value": text, "name": name})
    return None


def _word(found: Filters, asked: Mapping[str, str], name: str, words: type[Verb] | type[ObjectType] | type[Direction]) -> str:
    text = asked.get(name, "").strip()
    if text and text not in set(words):
        found.problems.append(_("“%(value)s” cannot be understood as %(name)s.") % {"value": text, "name": name})
    return text


def _who(found: Filters, asked: Mapping[str, str]) -> None:
    try:
        if asked.get("author"):
            found.author = from_public_id(asked["author"])
            found.actors = [found.author]
        if asked.get("person"):
            person = from_public_id(asked["person"])
            theirs = [key for each in _handles_of for key in each(found.workspace, person)]
            found.actors = [key for key in theirs if found.actors is None or key in found.actors]
            if not theirs:
                found.problems.append(_("There is no such person in this workspace."))
    except ValueError:
        found.problems.append(_("There is no such person in this workspace."))


def _bound(found: Filters) -> None:
    """Hours and weekdays are looked up within a period: the one chosen, else the last 90 days."""
    end = found.end or timezone.now().astimezone(found.zone).date()
    start = found.start or _days_before(end, HABIT_DAYS - 1)
    found.start, found.end = max(start, _days_before(end, MOST_HABIT_DAYS)), end


def _days_before(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - days))


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The instant at which a local hour begins (24: the next day), in UTC."""
    try:
        local = datetime.combine(day, time(0), zone) + timedelta(hours=hour)
        return local.astimezone(UTC)
    except OverflowError:
        return _LAST


def spans(found: Filters) -> list[tuple[datetime, datetime]]:
    """The stretches of time asked for, as UTC instants [from, to), oldest first."""
    zone = found.zone
    if not found.is_habit:
        start = _moment(found.start, 0, zone) if found.start else _FIRST
        return [(start, _moment(found.end, 24, zone) if found.end else _LAST)]
    assert found.start
    assert found.end
    days = (found.start + timedelta(days=n) for n in range((found.end - found.start).days + 1))
    wanted = (day for day in days if found.weekday in (None, day.isoweekday()))
    first, last = (0, 24) if found.hour is None else (found.hour, found.hour + 1)
    return [(_moment(day, first, zone), _moment(day, last, zone)) for day in wanted]


def _where(found: Filters, spanned: Sequence[tuple[datetime, datetime]]) -> tuple[str, str, list[Any]]:
    """(FROM, WHERE, parameters) of the activities asked for. Times stand in literals of the database's own form."""
    parameters: list[Any] = []
    wanted = [f"{_workspace_column(found)} = {found.workspace.pk:d}", "NOT a.superseded", "a.op <> 'retract'"]
    if found.kind:
        wanted.append("a.object_type = %s")
        parameters.append(found.kind)
    else:
        wanted.append("a.object_type NOT IN ('Profile', 'Unknown', 'Group')")
    for name in ("channel", "verb"):
        if getattr(found, name):
            wanted.append(f"a.{name} = %s")
            parameters.append(getattr(found, name))
    if found.direction:
        # Figures count what people did: a mail scanner that opens a letter is no one speaking to us.
        wanted.append(f"a.direction = '{Direction(found.direction)}' AND NOT a.is_machine")
    if found.actors is not None:
        wanted.append(f"a.actor IN ({', '.join(str(int(key)) for key in found.actors) or 'NULL'})")
    if found.delivery:
        wanted.append(f"{_delivery_column(found.delivery)} = {found.delivery.pk:d}")
    low, high = (spanned[0][0], spanned[-1][1]) if spanned else (_LAST, _LAST)
    if len(spanned) > 1 and database.vendor == "sqlite":
        low, high = _FIRST, _LAST  # with two lower bounds it may search by the wider one
    for sign, moment, bound in ((">=", low, _FIRST), ("<", high, _LAST)):
        if moment != bound:
            wanted.append(f"a.happened_at {sign} %s")
            parameters.append(bulk.stamp(moment))
    if len(spanned) < 2:
        return "listen_activity a", " AND ".join(wanted), parameters
    wanted.append("a.happened_at >= r.low AND a.happened_at < r.high")
    marks = [bulk.stamp(moment) for span in spanned for moment in span]
    row = "(%s::timestamptz, %s::timestamptz)" if database.vendor == "postgresql" else "(%s, %s)"
    values = f"(SELECT column1 AS low, column2 AS high FROM (VALUES {', '.join([row] * len(spanned))}) v) r"
    return f"{values} CROSS JOIN listen_activity a", " AND ".join(wanted), [*marks, *parameters]


def _workspace_column(found: Filters) -> str:
    """Who did it, or a small import, leads to few rows: the way through time is closed, so that no planner walks it."""
    is_narrow = found.actors is not None or (found.delivery is not None and found.delivery.accepted <= SMALL_IMPORT)
    return "a.workspace_id + 0" if is_narrow else "a.workspace_id"


def _delivery_column(delivery: Delivery) -> str:
    """A large import is quicker found by walking through time than by sorting all it brought."""
    return "a.delivery_id" if delivery.accepted <= SMALL_IMPORT else "a.delivery_id + 0"


def _order(turned: bool = False) -> str:
    return "ORDER BY a.happened_at, a.seq" if turned else "ORDER BY a.happened_at DESC, a.seq DESC"


def _beyond(found: Filters, seq: int, sign: str) -> tuple[str, list[Any]]:
    """Rows behind an activity of this workspace; nothing when there is no such."""
    with database.cursor() as cursor:
        cursor.execute("SELECT happened_at FROM listen_activity WHERE seq = %s AND workspace_id = %s", [seq, found.workspace.pk])
        row = cursor.fetchone()
    return (f" AND (a.happened_at, a.seq) {sign} (%s, %s)", [row[0], seq]) if row else ("", [])


def keys(found: Filters, after: int | None = None, before: int | None = None, size: int = SIZE) -> list[int]:
    """`seq` of up to `size` activities, newest first: those behind `after`, or those just ahead of `before`."""
    if found.problems:
        return []
    source, wanted, parameters = _where(found, spans(found))
    more, marks = _beyond(found, after or before or 0, "<" if after else ">") if after or before else ("", [])
    sql = f"SELECT a.seq FROM {source} WHERE {wanted}{more} {_order(turned=bool(before))} LIMIT {size:d}"
    with database.cursor() as cursor:
        cursor.execute(sql, [*parameters, *marks])
        rows = [row[0] for row in cursor.fetchall()]
    return rows[::-1] if before else rows


def count(found: Filters) -> int:
    """How many activities there are, exactly."""
    if found.problems:
        return 0
    source, wanted, parameters = _where(found, spans(found))
    with database.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {source} WHERE {wanted}", parameters)
        return int(cursor.fetchone()[0])


_SHOWN = (
    "seq", "event_id", "channel", "verb", "object_type", "reaction", "event_name", "actor", "parent_key", "url", "happened_at", "direction",
    "received_at", "is_machine", "amount", "currency", "rating", "rating_max", "language", "sentiment", "place", "country",
)  # fmt: skip


def rows(seqs: Sequence[int]) -> list[dict[str, Any]]:
    """Activities with their words and who did them (`who`: a Handle or None), in the order of `seqs`."""
    found = {row["seq"]: row for row in Activity.objects.filter(seq__in=seqs).values(*_SHOWN)}
    contents = log.contents(bytes(row["event_id"]) for row in found.values())
    people = Handle.objects.in_bulk({row["actor"] for row in found.values() if row["actor"]})
    for row in found.values():
        text, title, _body = contents.get(bytes(row["event_id"]), ("", "", ""))
        row["text"], row["title"], row["who"] = text, title, people.get(row["actor"])
    return [found[seq] for seq in seqs if seq in found]


def everything(found: Filters, size: int = 2000) -> Iterator[dict[str, Any]]:
    """All that is asked for, newest first, a few thousand in memory at a time."""
    seqs = keys(found, size=size)
    while seqs:
        yield from rows(seqs)
        seqs = keys(found, after=seqs[-1], size=size) if len(seqs) == size else []


def channels_of(workspace: Workspace) -> list[str]:
    """Channels that something ever came from; what the product itself notes comes from none."""
    return sorted(set(Connection.objects.of(workspace).values_list("channel", flat=True)) - {"vincle"})
