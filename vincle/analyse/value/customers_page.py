"""What the screen and the download show of customers: sums as they stand now, groups, the list. No question for each one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise import score_words
from vincle.organise.influence_page import Someone, names
from vincle.organise.models import Profile, Score, ScoreRun
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import public_id

SIZE: Final = 50
SORTS: Final = {"value": "-value", "alive": "-alive", "next": "next"}
"""What the list is ordered by, and which way first."""
NAMES: Final = {"value": "value", "alive": "alive", "next": "next_purchase"}
KINDS: Final = ("best", "promising", "leaving", "steady", "gone")
SOON: Final = {"fortnight": ("fortnight",), "month": ("fortnight", "month")}
_SUMS: Final = (
    "SELECT name, label, COUNT(*), SUM(value) FROM organise_score WHERE workspace_id = %s AND name IN ('value', 'alive', 'next_purchase') "
    "GROUP BY name, label"
)


@dataclass(frozen=True)
class Asked:
    """A list as its address asks for it. `soon`: will buy again within a fortnight, a month."""

    kind: str = ""
    soon: str = ""
    words: str = ""
    sort: str = "-value"
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.soon or self.words)


@dataclass(frozen=True)
class Line:
    """A customer. Amounts in the workspace's currency; `expected` purchases; None where it cannot be said. `when`: of the next purchase."""

    who: Someone
    value: float | None = None
    kind: str = ""
    low: float | None = None
    high: float | None = None
    alive: float | None = None
    expected: float | None = None
    expected_low: int | None = None
    expected_high: int | None = None
    spend: float | None = None
    days: float | None = None
    when: datetime | None = None
    last: datetime | None = None

    @property
    def kind_words(self) -> str:
        return score_words.label("value", self.kind) if self.kind else ""

    @property
    def of_hundred(self) -> int:
        return round(100 * (self.alive or 0.0))

    @property
    def value_rounded(self) -> float:
        """Cents are said of small amounts only."""
        value = self.value or 0.0
        return round(value) if abs(value) >= 10 else round(value, 2)

    @property
    def is_any_day(self) -> bool:
        return self.when is not None and self.when <= timezone.now()


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    total: int
    after: int | None
    before: int | None
    largest: float = 0.0


@dataclass(frozen=True)
class Sums:
    """Customers as they stand now: how many, of how many a value is known, what they will bring, how many of them still are customers;
    by kind and by when they buy next: (people, value)."""

    customers: int = 0
    valued: int = 0
    value: float = 0.0
    here: float = 0.0
    kinds: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    next: Mapping[str, int] = field(default_factory=dict)

    def soon(self, name: str) -> int:
        return sum(self.next.get(label, 0) for label in SOON[name])


def run_of(workspace: Workspace) -> ScoreRun | None:
    """The last round in which all of them were learnt from."""
    found: ScoreRun | None = ScoreRun.objects.of(workspace).filter(name="value").first()
    return found


def sums(workspace: Workspace) -> Sums:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [workspace.pk])
        rows = [(name, label, int(count), float(value or 0)) for name, label, count, value in cursor.fetchall()]
    kinds = {label: (count, value) for name, label, count, value in rows if name == "value" and label}
    return Sums(
        sum(row[2] for row in rows if row[0] == "alive"), sum(row[2] for row in rows if row[0] == "value"),
        sum(row[3] for row in rows if row[0] == "value"), sum(row[3] for row in rows if row[0] == "alive"), kinds,
        {label: count for name, label, count, _value in rows if name == "next_purchase" and label},
    )  # fmt: skip


def asked(params: Any, has_money: bool = True) -> Asked:
    """Of an address; what cannot be read is as if it were not there."""
    sort, place = params.get("sort", ""), params.get("after") or params.get("before") or "1"
    kind, soon = params.get("kind", ""), params.get("soon", "")
    usual = SORTS["value" if has_money else "alive"]
    return Asked(
        kind if kind in KINDS else "", soon if soon in SOON else "", params.get("q", "").replace("\x00", "").strip()[:80],
        sort if sort.removeprefix("-") in SORTS else usual, int(place) if place.isdecimal() and 0 < len(place) < 6 else 1,
    )  # fmt: skip


def rows(workspace: Workspace, wanted: Asked) -> "QuerySet[Score]":
    """The score they are ordered by, of those who have it and stand (whoever was joined to somebody is that one now)."""
    people = Profile.objects.of(workspace).filter(person=OuterRef("person"))
    for word in fold(wanted.words).split():
        people = people.filter(search__contains=word)
    found = Score.objects.of(workspace).filter(Exists(people), name=NAMES[wanted.sort.removeprefix("-")])
    of_person = Score.objects.of(workspace).filter(person=OuterRef("person"))
    if wanted.kind:
        found = found.filter(Exists(of_person.filter(name="value", label=wanted.kind)))
    if wanted.soon:
        found = found.filter(Exists(of_person.filter(name="next_purchase", label__in=SOON[wanted.soon])))
    return found.order_by("-value" if wanted.sort.startswith("-") else "value", "person")


def page(workspace: Workspace, wanted: Asked) -> Page:
    """Four queries."""
    found = rows(workspace, wanted)
    total = found.count()
    last = max(1, -(-total // SIZE))
    at = min(max(wanted.page, 1), last)
    people = list(found.values_list("person", flat=True)[(at - 1) * SIZE : at * SIZE])
    shown = lines(workspace, people)
    largest = max((line.high or 0.0 for line in shown), default=0.0)
    return Page(shown, total, at + 1 if at < last else None, at - 1 if at > 1 else None, largest)


def lines(workspace: Workspace, people: Sequence[int]) -> list[Line]:
    """Two queries."""
    known = names(workspace, people)
    found: dict[int, dict[str, Score]] = {}
    for row in Score.objects.of(workspace).filter(person__in=people, name__in=NAMES.values()):
        found.setdefault(row.person, {})[row.name] = row
    return [_line(known[person], found.get(person, {})) for person in people if person in known]


def _line(who: Someone, scores: Mapping[str, Score]) -> Line:
    value, alive, following = (scores.get(name) for name in NAMES.values())
    told = _told(value)
    between, to_come, spends = (told.get(name, {}) for name in ("between", "to_come", "spends"))
    last = (_told(value).get("last_bought") or _told(alive).get("last_bought") or {}).get("at")
    return Line(
        who, value.value if value else None, value.label if value else "", between.get("low"), between.get("high"),
        alive.value if alive else None, to_come.get("count"), to_come.get("low"), to_come.get("high"), spends.get("amount"),
        following.value if following else None, _when(following), datetime.fromtimestamp(int(last) // 1_000_000, UTC) if last else None,
    )  # fmt: skip


def _told(row: Score | None) -> dict[str, dict[str, Any]]:
    """Values of its reasons by code."""
    return {each[0]: each[1] for each in row.reasons if len(each) > 1 and isinstance(each[1], dict)} if row else {}


def _when(row: Score | None) -> datetime | None:
    """Counted from when it was worked out: what it says does not move on while nothing happens."""
    return row.at + timedelta(days=row.value) if row else None


COLUMNS: Final = (
    "id", "name", "group", "still_a_customer", "expected_purchases", "purchases_low", "purchases_high", "spend_per_purchase", "currency",
    "value", "low", "high", "next_purchase", "last_purchase",
)  # fmt: skip


def every(workspace: Workspace, wanted: Asked) -> Iterator[tuple[Any, ...]]:
    """A line for each customer of the list, in its order: COLUMNS; empty where it cannot be said."""
    ids = list(rows(workspace, wanted).values_list("person", flat=True))
    for part in bulk.chunks(ids, 2_000):
        for line in lines(workspace, part):
            yield (
                public_id(line.who.person), line.who.name, line.kind, _digits(line.alive, 4), _digits(line.expected, 2), line.expected_low,
                line.expected_high, _digits(line.spend, 2), workspace.currency, _digits(line.value, 2), _digits(line.low, 2),
                _digits(line.high, 2), _day(line.when), _day(line.last),
            )  # fmt: skip


def _digits(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None
