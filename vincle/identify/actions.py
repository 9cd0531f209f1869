"""Everything that writes here: follow the log, decide a question, merge, split, take back."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen import log
from vincle.store import bulk
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op

from . import consent, resolve
from .models import Belonging, Case, Change, Link, Person
from .resolve import Seen, handles_of

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
)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether there are rows of the log to say something of."""
    return reached.get("identify", 0) < log.last_seq()


def step(cursor: Cursor) -> int:
    """Say of each new row of the log who it was; returns how many rows were read."""
    rows = log.read_new(cursor.position, BATCH, _COLUMNS)
    if not rows:
        return 0
    write = follow([row[1:] for row in rows])
    with transaction.atomic():
        write()
        advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def follow(rows: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    """Resolve rows of the log, given in its order as `_COLUMNS`; returns what remains to be done in a transaction."""
    facts = log.contents(bytes(row[1]) for row in rows if row[5] == ObjectType.PROFILE and row[4] != Op.RETRACT)
    resolver = resolve.Resolver([seen for row in rows if (seen := _seen(row, facts))])
    resolver.run()

    def write() -> None:
        resolver.write()
        consent.follow(rows, facts)
        taken_back = [row for row in rows if row[4] != Op.ASSERT]
        if taken_back:
            _reconsider(taken_back)

    return write


def _seen(row: tuple[Any, ...], facts: dict[bytes, tuple[str, str, str]]) -> Seen | None:
    workspace, event, _, delivery, op, kind, direction, actor, target, superseded, at = row
    if superseded or op == Op.RETRACT:
        return None
    if kind == ObjectType.PROFILE:
        if bytes(event) not in facts:
            return None
        handles, person_kind = handles_of(facts[bytes(event)][2])
        return Seen(workspace, handles, bytes(event), at, delivery, person_kind)
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
    """Work out again who these people are, from the facts that stand and the decisions of the team.

    Handles that nothing speaks of any more are let go; a person without handles ends.
    """
    for part in bulk.chunks(sorted(people), 2000):
        _rebuild(set(part))


def _rebuild(people: set[int]) -> None:
    handles = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", people))
    workspaces = dict(bulk.select("SELECT id, workspace_id FROM identify_person WHERE id IN ({})", people))
    names = ", ".join(_COLUMNS)
    sql = f"SELECT seq, {names} FROM listen_activity WHERE actor IN ({{}}) AND NOT superseded AND op <> 'retract'"
    facts = sorted(row for row in bulk.select(f"{sql} AND object_type = 'Profile'", handles))
    acting = (
        "SELECT actor, MIN(happened_at), MIN(delivery_id) FROM listen_activity WHERE actor IN ({}) AND NOT superseded "
        "AND object_type <> 'Profile' AND op <> 'retract' AND direction = 'in' GROUP BY actor"
    )
    active = {actor: (at, delivery) for actor, at, delivery in bulk.select(acting, handles)}
    for key, at, delivery in bulk.select(acting.replace("actor", "target").replace("= 'in'", "= 'out'"), handles):
        active.setdefault(key, (at, delivery))
    bulk.execute_in("DELETE FROM identify_link WHERE evidence = 'same row' AND \"left\" IN ({})", handles)
    bulk.execute_in("DELETE FROM identify_belonging WHERE handle IN ({})", handles)
    bulk.execute_in("DELETE FROM identify_person WHERE id IN ({})", people)
    contents = log.contents(bytes(row[2]) for row in facts)
    seen = [seen for row in facts if (seen := _seen(row[1:], contents))]
    seen += [Seen(workspaces[handles[key]], [key], b"", at, delivery) for key, (at, delivery) in sorted(active.items())]
    resolver = resolve.Resolver(seen)
    resolver.run()
    resolver.write()
    _reapply(set(handles))
    after = set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", handles))
    Change.objects.bulk_create(
        [Change(workspace_id=workspaces.get(person) or _workspace_of(person), person=person) for person in people | after]
    )


def _workspace_of(person: int) -> int:
    return Person.objects.values_list("workspace_id", flat=True).get(pk=person)


def _reapply(handles: set[int]) -> None:
    """Decisions of the team outlive the facts they were taken on: join again what a human joined."""
    for link in Link.objects.filter(undone_at=None, left__in=handles).exclude(decided_by="exact"):
        sides = dict(Belonging.objects.filter(handle__in=(link.left, link.right)).values_list("handle", "person"))
        if len(set(sides.values())) == 2:
            resolve.join(link.workspace_id, sides[link.right], sides[link.left])


def reapply_merges() -> None:
    """Join again whom the team had joined, in the order they did, after everything was worked out anew."""
    for case in Case.objects.filter(state=Case.State.SAME).order_by("decided_at", "pk"):
        kept, joined = (person_of(case.workspace_id, int(case.undo[side])) for side in ("kept", "joined"))
        if kept and joined and kept.pk != joined.pk:
            with transaction.atomic():
                resolve.join(case.workspace_id, joined.pk, kept.pk)
                Person.objects.filter(pk=kept.pk).update(is_identified=kept.is_identified or joined.is_identified)


def person_of(workspace: Workspace | int, person: int) -> Person | None:
    """The living person behind an id, following where it was joined to; None when there is none in this workspace."""
    found: Person | None = Person.objects.of(workspace).filter(pk=person).first()
    while found and found.merged_into:
        found = Person.objects.of(workspace).filter(pk=found.merged_into).first()
    return found


def handles_of_person(workspace: Workspace, person: int) -> list[int]:
    """Every handle of a person, also when the id is that of someone who was joined to them."""
    found = person_of(workspace, person)
    return list(Belonging.objects.of(workspace).filter(person=found.pk).values_list("handle", flat=True)) if found else []


def merge(workspace: Workspace, left: int, right: int, user: User | None) -> int:
    """Join two people at the word of a human; returns the id that stands. No activity is rewritten."""
    with transaction.atomic():
        one, other = _living(workspace, left, right)
        anchors: list[int] = [
            Belonging.objects.filter(person=person.pk).values_list("handle", flat=True)[:1].get() for person in (one, other)
        ]
        moved = resolve.join(workspace.pk, other.pk, one.pk)
        Person.objects.filter(pk=one.pk).update(is_identified=one.is_identified or other.is_identified)
        decided_by = user.email if user else "command line"
        Link.objects.update_or_create(
            left=min(anchors),
            right=max(anchors),
            evidence="decision",
            defaults={"workspace": workspace, "decided_by": decided_by, "undone_at": None, "at": timezone.now()},
        )
        undo = {"kept": str(one.pk), "joined": str(other.pk), "handles": [str(key) for key in moved]}
        Case.objects.update_or_create(
            left=min(one.pk, other.pk),
            right=max(one.pk, other.pk),
            defaults={"workspace": workspace, "state": Case.State.SAME, "decided_at": timezone.now(), "decided_by": user, "undo": undo},
        )
        audit.record(workspace, user, "merge", "person", one.pk, "", joined=str(other.pk))
    return int(one.pk)


def _living(workspace: Workspace, left: int, right: int) -> tuple[Person, Person]:
    one, other = person_of(workspace, left), person_of(workspace, right)
    if not one or not other or one.pk == other.pk:
        raise ValueError("a merge needs two different people of this workspace")
    if Belonging.objects.filter(person__in=(one.pk, other.pk)).values("person").distinct().count() < 2:
        raise ValueError("a merge needs two people who have a handle")
    return (
        (one, other)
        if (one.is_identified, -one.first_seen.timestamp()) >= (other.is_identified, -other.first_seen.timestamp())
        else (other, one)
    )


def keep_apart(workspace: Workspace, case: Case, user: User | None) -> None:
    """Remember that two people are never the same."""
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=Case.State.DIFFERENT, decided_at=timezone.now(), decided_by=user)
        audit.record(workspace, user, "keep apart", "case", case.pk)


def put_off(workspace: Workspace, case: Case, user: User | None) -> None:
    """Ask again later."""
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=Case.State.LATER, decided_at=timezone.now(), decided_by=user)
        audit.record(workspace, user, "put off", "case", case.pk)


def take_back(workspace: Workspace, case: Case, user: User | None) -> None:
    """Undo a decision: two joined people are two again, two kept apart are a question again."""
    with transaction.atomic():
        if case.state == Case.State.SAME:
            _separate(workspace, case)
        Case.objects.filter(pk=case.pk).update(state=Case.State.OPEN, decided_at=None, decided_by=None, undo={})
        audit.record(workspace, user, "take back", "case", case.pk)


WAITING = (Case.State.OPEN, Case.State.LATER)
DECIDED = (Case.State.SAME, Case.State.DIFFERENT, Case.State.LATER)


def decide(workspace: Workspace, pk: int, answer: str, user: User | None) -> str:
    """Settle a case as "same", "different" or "later"; returns what it became, "" when someone else had settled it before.

    "moot": one of the two is no longer there. The row is held meanwhile, so of two agents the second one finds it settled.
    """
    with transaction.atomic():
        case = Case.objects.of(workspace).select_for_update().filter(pk=pk, state__in=WAITING).first()
        if case is None:
            return ""
        if answer == Case.State.SAME:
            return _decide_same(workspace, case, user)
        (keep_apart if answer == Case.State.DIFFERENT else put_off)(workspace, case, user)
    return answer


def drop(workspace: Workspace, case: Case) -> None:
    """A case whose two people are no longer two is no question any more."""
    Case.objects.of(workspace).filter(pk=case.pk, state__in=WAITING).update(state=Case.State.MOOT)


def _decide_same(workspace: Workspace, case: Case, user: User | None) -> str:
    try:
        merge(workspace, case.left, case.right, user)
    except ValueError:
        Case.objects.filter(pk=case.pk).update(state=Case.State.MOOT)
        return str(Case.State.MOOT)
    Case.objects.filter(pk=case.pk, state__in=WAITING).update(state=Case.State.MOOT)
    return str(Case.State.SAME)


def reopen(workspace: Workspace, pk: int, user: User | None) -> bool:
    """Take a decision back. False when there is none (any more)."""
    with transaction.atomic():
        case = Case.objects.of(workspace).select_for_update().filter(pk=pk, state__in=DECIDED).first()
        if case is not None:
            take_back(workspace, case, user)
    return case is not None


def _separate(workspace: Workspace, case: Case) -> None:
    kept, joined = int(case.undo["kept"]), int(case.undo["joined"])
    handles = [int(key) for key in case.undo["handles"]]
    now = person_of(workspace, kept)
    Person.objects.filter(pk=joined).update(merged_into=None)
    moved = Belonging.objects.filter(handle__in=handles, person=now.pk if now else kept)
    moved.update(person=joined)
    between = Link.objects.filter(Q(left__in=handles) | Q(right__in=handles)).exclude(left__in=handles, right__in=handles)
    between.filter(evidence="decision", undone_at=None).update(undone_at=timezone.now())
    # Whoever had been joined to `joined` before goes back with it; a person's id is the key of its first handle.
    Person.objects.filter(pk__in=handles, merged_into=now.pk if now else kept).exclude(pk=joined).update(merged_into=joined)
    people = [joined, now.pk if now else kept]
    Change.objects.bulk_create([Change(workspace_id=workspace.pk, person=person) for person in people])
