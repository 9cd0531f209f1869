"""Moves carried out: the people a move touches are worked out anew (`graph.replay`), and what differs is written.

Whoever changes the graph holds its lock for the rest of the transaction, before any other row. So no two changes of a workspace
cross, in whatever order they name people, and the step that follows the log sees every change before it writes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from vincle.store import bulk
from vincle.vocabulary import from_public_id

from . import cases
from .graph import Group, Step, replay
from .models import Belonging, Change, Link, Move, Person
from .rules import IDENTIFYING

GRAPH_LOCK = 0x47524150
_JOINS = (Move.Act.LINK, Move.Act.MERGE)


def hold(workspaces: Iterable[int]) -> None:
    """Be the only one to change who is whom in these workspaces, until the transaction ends. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return
    for workspace in sorted(set(workspaces)):
        bulk.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GRAPH_LOCK, workspace])


class Region(NamedTuple):
    """Everyone a change can reach: ids of people, handles with the person they belong to and their home, and the moves between."""

    ids: frozenset[int]
    owner: dict[int, int]
    homes: dict[int, int]
    moves: list[Move]


def region(workspace: int, people: Iterable[int]) -> Region:
    """Whoever is tied to these people by moves, handles or old ids."""
    ids: set[int] = set()
    fresh = set(people)
    owner: dict[int, int] = {}
    homes: dict[int, int] = {}
    moves: dict[int, Move] = {}
    while fresh:
        ids |= fresh
        reached: set[int] = set()
        named = {pk for side in ("person", "other") for (pk,) in _rows(workspace, "identify_move", "id", side, fresh)}
        if named - moves.keys():
            found = Move.objects.filter(pk__in=named - moves.keys()).exclude(act=Move.Act.UNDO)
            moves |= {move.pk: move for move in found}
            reached |= {side for move in found for side in (move.person, move.other)}
        for column in ("id", "merged_into"):
            reached |= {side for row in _rows(workspace, "identify_person", "id, merged_into", column, fresh) for side in row if side}
        for column in ("person", "home"):
            for handle, person, home in _rows(workspace, "identify_belonging", "handle, person, home", column, fresh):
                owner[handle], homes[handle] = person, home or person
                reached |= {person, home or person}
        fresh = reached - ids
    return Region(frozenset(ids), owner, homes, sorted(moves.values(), key=lambda move: (move.at, move.pk)))


def _rows(workspace: int, table: str, columns: str, by: str, values: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    # The plus keeps SQLite from walking through all moves of a workspace by the index that begins with it.
    return bulk.select(f"SELECT {columns} FROM {table} WHERE +workspace_id = %s AND {by} IN ({{}})", values, [workspace])


def steps(moves: Iterable[Move], stands: Callable[[Move], bool] = lambda move: move.undone_at is None) -> list[Step]:
    """Moves as the replay takes them, in order."""
    found = []
    for move in moves:
        keys = tuple(from_public_id(text) for text in move.handles)
        if move.act == Move.Act.SPLIT:
            found.append(Step("split" if stands(move) else "returned", move.person, move.other, keys))
        elif move.act == Move.Act.EXACT and stands(move):
            sides = tuple(from_public_id(text) for text in move.reason["between"])
            found.append(Step("evidence", move.person, move.other, sides))
        elif move.act in _JOINS and stands(move):
            found.append(Step("join", move.person, move.other))
    return found


def settle(workspace: int, people: Iterable[int]) -> frozenset[int]:
    """Let what stands be so for these people and whoever is tied to them; returns all their ids. The caller holds the graph."""
    around = region(workspace, people)
    groups = replay(around.homes, steps(around.moves))
    now = {key: group.name for group in groups for key in group.handles}
    changed = {key for key, person in around.owner.items() if now[key] != person}
    _name_people(workspace, groups, around)
    _move_handles(changed, now)
    leads = {known: group.name for group in groups for known in group.ids if group.handles}
    touched = {side for key in changed for side in (around.owner[key], now[key])}
    touched |= {side for pair in _redirect(workspace, leads) for side in pair}
    _identify_again(touched)
    _tell(workspace, touched)
    _mend_links(now)
    cases.follow(workspace, leads, touched)
    return around.ids


def _name_people(workspace: int, groups: Sequence[Group], around: Region) -> None:
    """A row for each person, also one that came out of another."""
    ids = {known for group in groups if group.handles for known in group.ids}
    missing = ids - set(bulk.pluck("SELECT id FROM identify_person WHERE id IN ({})", ids))
    if not missing:
        return
    known = Person.objects.in_bulk(ids)
    like = {move.other: move.person for move in around.moves}
    rows = []
    for person in sorted(missing):
        model = known.get(like.get(person, 0)) or next(iter(known.values()), None)
        first, kind = (model.first_seen, model.kind) if model else (timezone.now(), "person")
        rows.append(Person(id=person, workspace_id=workspace, kind=kind, first_seen=first, is_identified=False))
    Person.objects.bulk_create(rows, ignore_conflicts=True)


def _move_handles(changed: Collection[int], now: Mapping[int, int]) -> None:
    by_person: dict[int, list[int]] = {}
    for key in sorted(changed):
        by_person.setdefault(now[key], []).append(key)
    for person, keys in sorted(by_person.items()):
        bulk.execute_in("UPDATE identify_belonging SET home = COALESCE(home, person), person = %s WHERE handle IN ({})", keys, [person])


def _redirect(workspace: int, leads: Mapping[int, int]) -> list[tuple[int, int]]:
    """Old ids lead to the one who stands; returns (id, person) of those that lead elsewhere now."""
    rows = _rows(workspace, "identify_person", "id, merged_into", "id", leads)
    changed = [(person, leads[person]) for person, into in rows if (into or person) != leads[person]]
    by_target: dict[int | None, list[int]] = {}
    for person, target in changed:
        by_target.setdefault(None if target == person else target, []).append(person)
    for into, people in by_target.items():
        bulk.execute_in("UPDATE identify_person SET merged_into = %s WHERE id IN ({})", people, [into])
    return changed


def _identify_again(people: Collection[int]) -> None:
    """Known by name or not, from the handles they have now."""
    sql = (
        "SELECT person, listen_handle.kind FROM identify_belonging JOIN listen_handle ON key = handle "
        "WHERE NOT listen_handle.is_own AND person IN ({})"
    )
    named = {person for person, kind in bulk.select(sql, people) if kind in IDENTIFYING}
    held = set(bulk.pluck("SELECT DISTINCT person FROM identify_belonging WHERE person IN ({})", people))
    differ = {
        person: not was
        for person, was in bulk.select("SELECT id, is_identified FROM identify_person WHERE id IN ({})", held)
        if bool(was) != (person in named)
    }
    for value in set(differ.values()):
        Person.objects.filter(pk__in=[person for person, now in differ.items() if now == value]).update(is_identified=value)


def _tell(workspace: int, people: Collection[int]) -> None:
    bulk.insert(Change, ("workspace_id", "person"), [(workspace, person) for person in sorted(people)])


def _mend_links(now: Mapping[int, int]) -> None:
    """A link stands while both its ends are one person's."""
    names = 'id, "left", "right", undone_at'
    broken: list[int] = []
    whole: list[int] = []
    for pk, left, right, undone_at in bulk.select(f'SELECT {names} FROM identify_link WHERE "left" IN ({{}})', now):
        if right in now and (now[left] == now[right]) != (undone_at is None):
            (whole if undone_at else broken).append(pk)
    if broken:
        Link.objects.filter(pk__in=broken).update(undone_at=timezone.now())
    if whole:
        Link.objects.filter(pk__in=whole).update(undone_at=None)


def spare_id(workspace: int, handles: Sequence[int], stays: int, around: Region) -> int:
    """The id of a person to come out of another with these handles: one they had before, else the key of one, else a new one."""
    leaving = set(handles)
    staying = {home for key, home in around.homes.items() if key not in leaving}
    dead = {person for person, into in _rows(workspace, "identify_person", "id, merged_into", "id", around.ids) if into is not None}
    counts: dict[int, int] = {}
    for key in handles:
        home = around.homes[key]
        if home in dead and home not in staying:
            counts[home] = counts.get(home, 0) + 1
    if counts:
        return max(sorted(counts), key=lambda home: counts[home])
    taken = set(bulk.pluck("SELECT id FROM identify_person WHERE id IN ({})", handles))
    free = [key for key in handles if (key not in taken and key not in around.ids) or key in dead]
    if free:
        return free[0]
    number = 0
    while True:
        digest = blake2b(f"{stays} {handles[0]} {number}".encode(), digest_size=8).digest()
        found = int.from_bytes(digest, "big") >> 1
        if found not in around.ids and not Person.objects.filter(pk=found).exists():
            return found
        number += 1


def sound(workspace: Any) -> list[str]:
    """What is wrong with the graph of a workspace, in words; nothing when every handle has one living person and no id leads astray."""
    scope = getattr(workspace, "pk", workspace)
    people = dict(Person.objects.of(scope).values_list("pk", "merged_into"))
    owners = dict(Belonging.objects.of(scope).values_list("handle", "person"))
    wrong = [f"handle {key} belongs to {person}, who is not there" for key, person in owners.items() if person not in people]
    wrong += [f"handle {key} belongs to {person}, who was joined to another" for key, person in owners.items() if people.get(person)]
    for person, into in people.items():
        if into is None:
            continue
        if into not in people:
            wrong.append(f"{person} leads to {into}, who is not there")
        elif people[into] is not None:
            wrong.append(f"{person} leads to {into}, who leads on to {people[into]}")
    ends = Link.objects.of(scope).filter(undone_at=None).values_list("left", "right")
    wrong += [f"a link joins {left} and {right} of two people" for left, right in ends if owners.get(left, 0) != owners.get(right, 0)]
    living = {person: into or person for person, into in people.items()}
    for left, right in cases.kept_apart(scope):
        if left in living and living[left] == living.get(right):
            wrong.append(f"{left} and {right} were kept apart and are one person")
    return wrong + _differs_from_replay(scope, owners)


def _differs_from_replay(workspace: int, owners: Mapping[int, int]) -> list[str]:
    homes = {key: home or person for key, person, home in Belonging.objects.of(workspace).values_list("handle", "person", "home")}
    moves = Move.objects.of(workspace).exclude(act=Move.Act.UNDO).order_by("at", "pk")
    groups = replay(homes, steps(moves))
    wrong = []
    for group in groups:
        if len({owners[key] for key in group.handles}) > 1:
            wrong.append(f"handles {sorted(group.handles)} are one person's by all moves, and are not")
    count = len([group for group in groups if group.handles])
    if count != len(set(owners.values())):
        wrong.append(f"{count} people by all moves, {len(set(owners.values()))} as it stands")
    return wrong
