"""Identity follows the log: new rows as they come, and people worked out anew when what they rested on changed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction

from vincle.listen import aside, log
from vincle.store import bulk
from vincle.store.blame import blame
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op, from_public_id

from . import consent, resolve
from .models import Belonging, Change, Move, Person
from .moves import person_of
from .resolve import Seen
from .settling import Region, hold, region, settle
from .stated import handles_of

BATCH = 5_000
_COLUMNS = (
    "workspace_id",
    "event_id",
    "root_id",
    "delivery_id",
    "op",
    "object_type",
    "direction",
    "actor",
    "target",
    "superseded",
    "happened_at",
    "received_at",
)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether there are rows of the log to say something of."""
    return reached.get("identify", 0) < log.last_seq()


def step(cursor: Cursor, most: int | None = None) -> int:
    """Say of each new row of the log who it was; returns how many rows were read. Faulty names rows that cannot be worked on."""
    rows = log.read_new(cursor.position, most or BATCH, _COLUMNS)
    if not rows:
        return 0
    skipped = aside.passed_over("identify", cursor.position, rows[-1][0])
    with blame([row[0] for row in rows if row[0] not in skipped]):
        write = follow([row[1:] for row in rows if row[0] not in skipped])
        with transaction.atomic():
            write()
            advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def again(seq: int) -> None:
    """Follow one row that had been set aside; whoever it speaks of is computed anew. Inside the caller's transaction."""
    rows = [row[1:] for row in log.read_new(seq - 1, 1, _COLUMNS) if row[0] == seq]
    follow(rows)()
    facts = log.contents(bytes(row[1]) for row in rows if row[5] == ObjectType.PROFILE)
    handles = {key for row in rows if (seen := _seen(row, facts)) for key in seen.handles}
    people = set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", handles))
    Change.objects.bulk_create([Change(workspace_id=_workspace_of(person), person=person) for person in sorted(people)])


def follow(rows: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    """Resolve rows of the log, given in its order as `_COLUMNS`; returns what remains to be done in a transaction."""
    facts = log.contents(bytes(row[1]) for row in rows if row[5] == ObjectType.PROFILE and row[4] != Op.RETRACT)
    resolver = resolve.Resolver(list(_news(rows, facts)))
    resolver.run()

    def write() -> None:
        resolver.write()
        consent.follow(rows, facts)
        taken_back = [row for row in rows if row[4] != Op.ASSERT]
        if taken_back:
            _reconsider(taken_back)

    return write


def _news(rows: Sequence[tuple[Any, ...]], facts: dict[bytes, tuple[str, str, str]]) -> Iterator[Seen]:
    """What the rows show that can change who is whom: all facts, and of each handle that is nobody's yet its first act."""
    profile = str(ObjectType.PROFILE)
    whose = [row[7] if row[6] == "in" else row[8] for row in rows]
    settled = set(bulk.pluck("SELECT handle FROM identify_belonging WHERE handle IN ({})", set(whose) - {None}))
    for row, key in zip(rows, whose, strict=True):
        if key in settled and row[5] != profile:
            continue
        if seen := _seen(row, facts):
            yield seen
            if row[5] != profile:
                settled.add(key)


def _seen(row: tuple[Any, ...], facts: dict[bytes, tuple[str, str, str]]) -> Seen | None:
    workspace, event, _, delivery, op, kind, direction, actor, target, superseded, at, received = row
    if superseded or op == Op.RETRACT or kind == ObjectType.GROUP:  # which segments someone is in makes nobody known
        return None
    if kind == ObjectType.PROFILE:
        if bytes(event) not in facts:
            return None
        fact = handles_of(facts[bytes(event)][2])
        return Seen(workspace, fact.handles, bytes(event), at, delivery, fact.kind, fact.name, received)
    whose = actor if direction == "in" else target
    return Seen(workspace, [whose], bytes(event), at, delivery) if whose else None


def _reconsider(rows: Iterable[tuple[Any, ...]]) -> None:
    """Facts were corrected or taken back: what rested on them is worked out again from what still stands."""
    actors = {row[7] for row in rows if row[7]}
    roots = {bytes(row[2]) for row in rows if row[2] and not row[7]}
    actors |= set(bulk.pluck("SELECT actor FROM listen_activity WHERE event_id IN ({}) AND actor IS NOT NULL", roots))
    people = set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", actors))
    rebuild(people)


def rebuild(people: set[int]) -> None:
    """Work out again who these people are, from the facts that stand and the moves that were decided.

    Handles that nothing speaks of any more are let go; a person without handles ends.
    """
    for part in bulk.chunks(sorted(people), 2000):
        scopes: dict[int, set[int]] = {}
        for person, workspace in bulk.select("SELECT id, workspace_id FROM identify_person WHERE id IN ({})", part):
            scopes.setdefault(workspace, set()).add(person)
        with transaction.atomic():
            hold(scopes)
            for workspace in sorted(scopes):
                _rebuild(workspace, scopes[workspace])


def _rebuild(workspace: int, people: set[int]) -> None:
    """Everyone tied to these people is worked out with them: a person of several parts can only be put together whole."""
    around = region(workspace, people)
    before = Person.objects.in_bulk(around.ids)
    seen = _facts_of(workspace, around.owner)
    _let_go(around)
    resolver = resolve.Resolver(seen)
    resolver.run()
    resolver.write()
    decided = {side for move in around.moves if move.act != Move.Act.EXACT for side in (move.person, move.other)}
    if decided:
        _bring_along(workspace, around.moves)
        settle(workspace, decided)
    after = dict(Belonging.objects.of(workspace).filter(handle__in=around.owner).values_list("handle", "person"))
    _lead_on(before.values(), around, after)
    touched = set(around.owner.values()) | people | set(after.values())
    Change.objects.bulk_create([Change(workspace_id=workspace, person=person) for person in sorted(touched)])


def _facts_of(workspace: int, handles: Collection[int]) -> list[Seen]:
    """What the log says of these handles: facts in their order, then for each that acted its first act."""
    names = ", ".join(_COLUMNS)
    sql = f"SELECT seq, {names} FROM listen_activity WHERE actor IN ({{}}) AND NOT superseded AND op <> 'retract'"
    skipped = aside.passed_over("identify", 0, log.last_seq())
    facts = sorted(row for row in bulk.select(f"{sql} AND object_type = 'Profile'", handles) if row[0] not in skipped)
    acting = (
        "SELECT actor, MIN(happened_at), MIN(delivery_id) FROM listen_activity WHERE actor IN ({}) AND NOT superseded "
        "AND object_type NOT IN ('Profile', 'Group') AND op <> 'retract' AND direction = 'in' GROUP BY actor"
    )
    active = {actor: (at, delivery) for actor, at, delivery in bulk.select(acting, handles)}
    for key, at, delivery in bulk.select(acting.replace("actor", "target").replace("= 'in'", "= 'out'"), handles):
        active.setdefault(key, (at, delivery))
    contents = log.contents(bytes(row[2]) for row in facts)
    seen = [seen for row in facts if (seen := _seen(row[1:], contents))]
    return seen + [Seen(workspace, [key], b"", at, delivery) for key, (at, delivery) in sorted(active.items())]


def _let_go(around: Region) -> None:
    bulk.execute_in("DELETE FROM identify_link WHERE evidence = 'same row' AND \"left\" IN ({})", around.owner)
    bulk.execute_in("DELETE FROM identify_belonging WHERE handle IN ({})", around.owner)
    bulk.execute_in("DELETE FROM identify_person WHERE id IN ({})", around.ids)
    Move.objects.filter(pk__in=[move.pk for move in around.moves if move.act == Move.Act.EXACT]).delete()


def _bring_along(workspace: int, moves: Iterable[Move]) -> None:
    """What came after a split came to one of its sides: read again, it goes with the handle it was first seen with."""
    for move in moves:
        if move.act != Move.Act.SPLIT or move.undone_at is not None:
            continue
        left = {from_public_id(text) for text in move.handles}
        side = dict.fromkeys((from_public_id(text) for text in move.reason.get("stayed", ())), False) | dict.fromkeys(left, True)
        homes = {home or person for person, home in Belonging.objects.filter(handle__in=left).values_list("person", "home")}
        rows = Belonging.objects.of(workspace).values_list("handle", flat=True)
        near = {*side, *rows.filter(home__in=homes), *rows.filter(person__in=homes, home=None)}
        links = bulk.select('SELECT at, id, "left", "right" FROM identify_link WHERE evidence = \'same row\' AND "left" IN ({})', near)
        for _at, _pk, one, other in sorted(links):
            for known, new in ((one, other), (other, one)):
                if known in side and new not in side and new in near:
                    side[new] = side[known]
        late = [key for key, is_out in side.items() if is_out and key not in left]
        Belonging.objects.filter(handle__in=late).update(home=move.other)


def _lead_on(before: Iterable[Person], around: Region, after: dict[int, int]) -> None:
    """An id that no person carries any more leads to whoever has the handle it began with, or most of its handles."""
    kept = set(bulk.pluck("SELECT id FROM identify_person WHERE id IN ({})", around.ids))
    rows = []
    for person in before:
        if person.pk in kept:
            continue
        mine = [key for key, home in around.homes.items() if home == person.pk] or [
            key for key, owner in around.owner.items() if owner == (person.merged_into or person.pk)
        ]
        targets = [after[key] for key in (person.pk, *sorted(mine)) if key in after]
        if targets:
            person.merged_into = targets[0]
            rows.append(person)
    Person.objects.bulk_create(rows, ignore_conflicts=True)


def _workspace_of(person: int) -> int:
    return Person.objects.values_list("workspace_id", flat=True).get(pk=person)


def reading_again() -> dict[int, tuple[int, int]]:
    """Before everything is read again: forget what exact evidence said; returns old ids as {id: (workspace, where it leads)}."""
    leads = {
        person: (workspace, into)
        for person, workspace, into in Person.objects.exclude(merged_into=None).values_list("pk", "workspace_id", "merged_into")
    }
    Move.objects.filter(act=Move.Act.EXACT).delete()
    return leads


def reapply_merges(leads: dict[int, tuple[int, int]] | None = None) -> None:
    """Do again what was decided, in the order it was, after everything was read again; and let old ids lead where they led."""
    done: set[int] = set()
    for workspace, person, other in (
        Move.objects.exclude(act__in=(Move.Act.EXACT, Move.Act.UNDO)).order_by("pk").values_list("workspace_id", "person", "other")
    ):
        if {person, other} <= done:
            continue
        with transaction.atomic():
            hold([workspace])
            _bring_along(workspace, region(workspace, (person, other)).moves)
            done |= settle(workspace, (person, other))
    for part in bulk.chunks(sorted((leads or {}).items()), 2000):
        _lead_again(dict(part))


def _lead_again(leads: dict[int, tuple[int, int]]) -> None:
    there = set(bulk.pluck("SELECT id FROM identify_person WHERE id IN ({})", leads))
    with transaction.atomic():
        for person, (workspace, into) in leads.items():
            if person in there:
                continue
            target = person_of(workspace, into)
            if target:
                Person.objects.create(
                    id=person, workspace_id=workspace, kind=target.kind, first_seen=target.first_seen, merged_into=target.pk
                )


def handles_held(keys: set[int]) -> set[int]:
    """Those of the handles that belong to someone, or that someone said whether to write to."""
    tables = ("identify_belonging", "identify_consent", "identify_suppression")
    return {key for table in tables for key in bulk.pluck(f"SELECT handle FROM {table} WHERE handle IN ({{}})", keys)}
