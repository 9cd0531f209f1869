"""The step `segments`: who is in which segment, kept true as things happen, as the team changes things, and as time passes.

Of each batch only people are looked at of whom something changed, or whose moment has come (`Due`), for all segments at once on one
frame. Entries and exits go into the ledger (`Membership`) and, as activities, into the log, in one transaction with the cursor: killed at
any point the step begins again and comes to the same. What it writes itself touches nobody, so that it never feeds itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.models import Change
from vincle.listen import aside, changes, log
from vincle.listen.models import Delivery
from vincle.store import bulk, lease
from vincle.store.blame import blame
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType

from . import building, computing, history, looking, telling
from .history import READ, STEP, Histories, Row, stands, whose
from .models import ComputedTrait, Due, History, Segment, Touched

CHANGES, TEXTS, HOLD = "segments changes", "segments texts", "segments hold"
"""Cursors: how far joined people, and texts understood otherwise, are followed; whether to wait until a rebuild is through."""

AHEAD = ("understand", "organise")
BATCH, PEOPLE, TEXTS_BATCH = 5_000, 2_000, 2_000


def is_behind(reached: dict[str, int]) -> bool:
    """Whether rows, people or the clock call for a look."""
    if reached.get(HOLD, 0) and not _is_through(reached):
        return False
    if reached.get(STEP, 0) < min(reached.get(name, 0) for name in AHEAD):
        return True
    if reached.get(CHANGES, 0) < reached.get("organise changes", 0) or reached.get(TEXTS, 0) < reached.get(changes.NUMBERS, 0):
        return True
    return Touched.objects.exists() or Due.objects.filter(at__lte=timezone.now()).exists() or building.is_behind() or computing.is_behind()


def step(cursor: Cursor, most: int | None = None, *, at: datetime | None = None) -> int:
    """One batch of what changed, then a piece of what is being built; returns how many rows and people moved.

    Faulty names rows that cannot be kept. `at` is the moment that counts as now.
    """
    reached = lease.positions()
    if reached.get(HOLD, 0):
        if not _is_through(reached):
            return 0
        Cursor.objects.filter(name=HOLD).update(position=0)
    moved = _follow(cursor, _News(cursor, reached, most or BATCH, at or timezone.now()))
    return moved + building.turn(cursor, at) + computing.turn(cursor, at)


def again(seq: int) -> None:
    """Keep one row that had been set aside: its handle is read from the log again. Inside the caller's transaction."""
    handles = history.handles_of([seq])
    bulk.execute_in("DELETE FROM organise_history WHERE handle IN ({})", handles)
    looking.touch_handles(handles)


def empty() -> None:
    """Before a rebuild: what is computed goes; segments, their wordings and the ledger stay, and nobody is looked at until it is through.

    Inside the caller's transaction.
    """
    for model in (History, Touched, Due):
        model.objects.all().delete()
    Cursor.objects.filter(name__in=(STEP, CHANGES, TEXTS)).update(position=0, done=0, failed_in_a_row=0, trouble="")
    Cursor.objects.update_or_create(name=HOLD, defaults={"position": 1, "updated_at": timezone.now()})
    building.everything_again()
    computing.everything_again()


def tell_again() -> None:
    """After a rebuild: entries and exits, which no delivery brings again, are told from the ledger."""
    for workspace in Workspace.objects.filter(pk__in=Segment.objects.values("workspace")):
        telling.tell_again(workspace)


def _is_through(reached: dict[str, int]) -> bool:
    """Whether all that was delivered stands in profiles."""
    waiting = Delivery.objects.filter(state__in=(Delivery.State.WAITING, Delivery.State.RUNNING)).exists()
    return not waiting and reached.get("organise", 0) >= log.last_seq()


@dataclass
class _News:
    """What has come up since the last time, read once."""

    cursor: Cursor
    reached: dict[str, int]
    most: int
    at: datetime
    rows: list[Row] = field(default_factory=list)
    stale: set[int] = field(default_factory=set)
    people: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    claimed: list[tuple[int, int]] = field(default_factory=list)
    read: int = 0

    def __post_init__(self) -> None:
        self.is_watched = Segment.objects.exists() or History.objects.exists() or ComputedTrait.objects.exists()
        # Noted before rows are read: what is understood of those is then at least as new.
        self.texts_to = self.reached.get(changes.NUMBERS, 0)
        self.upto = self.cursor.position
        self.changes_to = self.reached.get(CHANGES, 0)
        self._read_rows()
        self._read_texts()
        self._read_changes()
        self._read_claims()

    def _read_rows(self) -> None:
        upto = min(self.reached.get(name, 0) for name in AHEAD)
        if upto <= self.cursor.position:
            return
        if not self.is_watched:
            self.read, self.upto = upto - self.cursor.position, upto
            return
        found = [Row._make(row) for row in log.read_new(self.cursor.position, self.most, READ) if row[0] <= upto]
        self.read = len(found)
        self.upto = found[-1].seq if len(found) == self.most else upto
        skipped = aside.passed_over(STEP, self.cursor.position, self.upto)
        self.rows = [row for row in found if row.seq not in skipped]
        roots = {bytes(row.root_id or row.event_id) for row in self.rows if row.root_id is not None or row.superseded}
        self.stale |= history.handles_of_families(roots) if roots else set()
        self._spoken_of()

    def _spoken_of(self) -> None:
        acting = {key for row in self.rows if stands(row) and not row.is_machine and (key := whose(row)) is not None}
        facts = log.contents(bytes(row.event_id) for row in self.rows if row.object_type == ObjectType.PROFILE and stands(row))
        named = {key for _, _, body in facts.values() for key in looking.handles_in(body)}
        self._add_owners(acting | named | self.stale)

    def _read_texts(self) -> None:
        before = self.reached.get(TEXTS, 0)
        if before >= self.texts_to:
            return
        found = changes.behind(before, self.texts_to, self.cursor.position, TEXTS_BATCH)
        self.texts_to = found.upto
        handles = history.handles_of(found.texts) if self.is_watched else set()
        self.stale |= handles
        self._add_owners(handles)

    def _read_changes(self) -> None:
        upto = self.reached.get("organise changes", 0)
        if self.changes_to >= upto:
            return
        found = Change.objects.filter(seq__gt=self.changes_to, seq__lte=upto).order_by("seq")[:PEOPLE]
        rows = list(found.values_list("seq", "workspace_id", "person"))
        self.changes_to = rows[-1][0] if len(rows) == PEOPLE else upto
        for _, workspace, person in rows if self.is_watched else ():
            self.people[workspace].add(person)

    def _read_claims(self) -> None:
        for workspace, person, n in Touched.objects.order_by("person").values_list("workspace_id", "person", "n")[:PEOPLE]:
            self.claimed.append((person, n))
            self.people[workspace].add(person)
        due = Due.objects.filter(at__lte=self.at).order_by("at").values_list("workspace_id", "person")[:PEOPLE]
        for workspace, person in due:
            self.people[workspace].add(person)

    def _add_owners(self, handles: Iterable[int]) -> None:
        sql = "SELECT workspace_id, person FROM identify_belonging WHERE handle IN ({})"
        for workspace, person in bulk.select(sql, handles):
            self.people[workspace].add(person)

    @property
    def is_nothing(self) -> bool:
        return not (
            self.people or self.rows or self.stale or self.upto > self.cursor.position or self.changes_to > self.reached.get(CHANGES, 0)
            or self.texts_to > self.reached.get(TEXTS, 0)
        )  # fmt: skip


def _follow(cursor: Cursor, news: _News) -> int:
    if news.is_nothing:
        return 0
    with blame([row.seq for row in news.rows]):
        histories = Histories(news.upto, news.rows, news.stale)
    there = Workspace.objects.in_bulk(news.people.keys())
    found = [look for key, people in sorted(news.people.items()) if key in there and (look := _look(there[key], people, news, histories))]
    with transaction.atomic():
        histories.write()
        for look in found:
            look.write()
        _let_go(news.claimed)
        _move(CHANGES, news.changes_to)
        _move(TEXTS, news.texts_to)
        lease.advance(cursor, news.upto, news.read)
    return news.read + sum(len(people) for people in news.people.values())


def _look(workspace: Workspace, people: set[int], news: _News, histories: Histories) -> looking.Look | None:
    asked = looking.Asked(workspace)
    if not asked.segments and not asked.computed:
        return None
    return looking.Look(asked, people, news.at, histories)


def _let_go(claimed: list[tuple[int, int]]) -> None:
    """Those who were looked at are done with, unless something more came meanwhile."""
    for part in bulk.chunks(claimed, 5_000):
        marks = ", ".join(["(%s, %s)"] * len(part))
        bulk.execute(f"DELETE FROM organise_touched WHERE (person, n) IN (VALUES {marks})", [value for pair in part for value in pair])


def _move(name: str, position: int) -> None:
    if not Cursor.objects.filter(name=name, position__lte=position).update(position=position, updated_at=timezone.now()):
        Cursor.objects.get_or_create(name=name, defaults={"position": position})
