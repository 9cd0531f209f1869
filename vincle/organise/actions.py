"""Everything that writes here: keep profiles true, and what the team does with people."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec
import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from vincle.identify.models import Change
from vincle.listen import aside, log
from vincle.store import bulk
from vincle.store.blame import HOUSE, Faulty, blame, said
from vincle.store.folding import fold
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import ObjectType, Op

from . import conditional, ruling, touching
from .models import Profile, Tag, Tagging
from .profiling import COLUMNS, STAGE_COLUMNS, Draft, is_act
from .scores.ladder import WINDOW
from .survivors import TEAM
from .team import inherit

BATCH = 5_000
_READ = ("workspace_id", "event_id", "delivery_id", "op", "object_type", "verb", "channel", "direction", "actor", "target", "parent_key",
         "superseded", "happened_at", "is_machine")  # fmt: skip
_decode = msgspec.json.Decoder().decode
logger = structlog.get_logger(__name__)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether rows, changed people, or the hour wait to be followed."""
    if reached.get("organise", 0) < reached.get("identify", 0) or reached.get("organise stages", 0) < _hour():
        return True
    return Change.objects.filter(seq__gt=reached.get("organise changes", 0)).exists()


def step(cursor: Cursor, most: int | None = None) -> int:
    """Let profiles follow the log as far as identity has resolved it; returns how many rows moved. Faulty names rows that cannot be.

    Rows first, then people whose handles changed, then stages that time has lowered: one lease for the three, so that a
    profile computed anew never counts a row that is still to come.
    """
    return _step_rows(cursor, most or BATCH) + _step_changes(cursor.position) + _step_stages()


def again(seq: int) -> None:
    """Do what one row that had been set aside says, by computing whom it speaks of anew. Inside the caller's transaction."""
    reached = Cursor.objects.get(name="organise").position
    keys = {key for row in log.read_new(seq - 1, 1, _READ) if row[0] == seq and (key := _whose(row[1:]))}
    people = dict(bulk.select("SELECT person, workspace_id FROM identify_belonging WHERE handle IN ({})", keys))
    rebuild(set(people), reached)
    Change.objects.bulk_create([Change(workspace_id=workspace, person=person) for person, workspace in people.items()])


def _step_rows(cursor: Cursor, most: int) -> int:
    resolved = Cursor.objects.filter(name="identify").values_list("position", flat=True).first() or 0
    rows = [row for row in log.read_new(cursor.position, most, _READ) if row[0] <= resolved]
    if not rows:
        return 0
    skipped = aside.passed_over("organise", cursor.position, rows[-1][0])
    with blame([row[0] for row in rows if row[0] not in skipped]):
        write = _follow([row[1:] for row in rows if row[0] not in skipped])
        with transaction.atomic():
            write()
            advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def _step_changes(upto: int) -> int:
    """Profiles of people who were joined, split, or lost what they rested on."""
    at, _ = Cursor.objects.get_or_create(name="organise changes")
    changes = list(Change.objects.filter(seq__gt=at.position).order_by("seq")[:2000])
    if not changes:
        return 0
    people = {change.person for change in changes}
    try:
        with transaction.atomic():
            rebuild(people, upto)
            inherit(people)
            Cursor.objects.filter(name=at.name).update(position=changes[-1].seq, done=F("done") + len(changes), updated_at=timezone.now())
    except HOUSE:
        raise
    except Exception as error:
        raise _fault_of(people, upto, error) from error
    return len(changes)


def _fault_of(people: set[int], upto: int, error: Exception) -> Exception:
    """Which row of these people's history cannot be worked on; the error itself when none can be told."""
    for person in sorted(people):
        rows = _history({person}, upto)
        last, good = len(rows), 0
        while last > good:  # the shortest beginning of the history that fails ends with the row at fault
            middle = (good + last) // 2
            try:
                _follow([row[1:] for row in rows[: middle + 1]])
                good = middle + 1
            except HOUSE:
                raise
            except Exception as found:
                last, error = middle, found
        if good < len(rows):
            return Faulty([rows[good][0]], error)
    return error


def _step_stages() -> int:
    """Once an hour: people step down the ladder when their last act leaves the window."""
    at, _ = Cursor.objects.get_or_create(name="organise stages")
    hour = _hour()
    if at.position >= hour:
        return 0
    stale = Q()
    for stage, column in STAGE_COLUMNS.items():
        stale |= Q(stage=stage, **{f"{column}__lte": timezone.now() - WINDOW})
    people = list(Profile.objects.filter(stale).values_list("person", flat=True))
    with transaction.atomic():
        for part in bulk.chunks(people, 5000):
            _lower(part)
        Cursor.objects.filter(name=at.name).update(position=hour, done=F("done") + len(people), updated_at=timezone.now())
    return len(people)


def _lower(people: Sequence[int]) -> None:
    """Work out the stage of these people; someone whose profile cannot be read keeps theirs."""
    try:
        with transaction.atomic():
            _store(_finish(_load(people)))
            touching.touch_all(people)
    except HOUSE:
        raise
    except Exception as error:
        if len(people) == 1:
            logger.warning("a stage could not be worked out", step="organise", error=said(error))
            return
        for part in bulk.chunks(people, -(-len(people) // 2)):
            _lower(part)


def _hour() -> int:
    return int(timezone.now().timestamp() // 3600)


def _follow(rows: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    """What the rows make of the people they speak of, worked out in memory; returns what remains to be written."""
    standing = [row for row in rows if not row[11] and row[3] != Op.RETRACT]
    owners = dict(
        bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", {_whose(row) for row in standing} - {None})
    )
    void = conditional.void([bytes(row[1]) for row in standing if row[4] == ObjectType.PROFILE and row[6] == TEAM])
    facts = log.contents(event for row in standing if row[4] == ObjectType.PROFILE and (event := bytes(row[1])) not in void)
    drafts = _load(set(owners.values()))
    tags: list[tuple[int, int, str, int | None]] = []
    told: set[int] = set()
    for row in standing:
        person = owners.get(_whose(row))
        if person is None:
            continue
        draft = drafts.get(person) or drafts.setdefault(person, Draft.begin(person, row[0], row[12]))
        _apply(draft, row, facts, tags)
        if row[4] == ObjectType.PROFILE:
            told.add(person)
    ruling.follow(drafts, told)
    finished = _finish(drafts)

    def write() -> None:
        _store(finished)
        _tag_all(tags)

    return write


def _whose(row: Sequence[Any]) -> int | None:
    return row[8] if row[7] == "in" or row[4] == ObjectType.PROFILE else row[9]


def _apply(
    draft: Draft, row: Sequence[Any], facts: dict[bytes, tuple[str, str, str]], tags: list[tuple[int, int, str, int | None]]
) -> None:
    workspace, event, delivery, _, kind, verb, channel, direction, _, _, parent, _, at, is_machine = row
    if kind == ObjectType.PROFILE:
        if bytes(event) in facts:
            fact = _decode(facts[bytes(event)][2])
            draft.learn(fact, channel, at.isoformat(" ", "microseconds")[:26], delivery)
            tags += [(workspace, draft.values["person"], tag, delivery) for tag in fact.get("tags", ())]
    elif is_act(kind) and direction == "in" and not is_machine:
        draft.act(verb, kind, channel, at, bool(parent))


def _load(people: Iterable[int]) -> dict[int, Draft]:
    sql = f"SELECT {', '.join(COLUMNS)} FROM organise_profile WHERE person IN ({{}})"
    return {row[0]: Draft(dict(zip(COLUMNS, row, strict=True))) for row in bulk.select(sql, people)}


def _finish(drafts: dict[int, Draft]) -> list[tuple[Any, ...]]:
    """The rows of these profiles, with what their handles add; one query for all handles."""
    for person, kind, value, name, identified, key in bulk.select(_OWNED, drafts):
        draft = drafts[person]
        draft.handles.append((_STRENGTH.get(kind, 5), key, kind, value, name))
        draft.values["is_identified"] = bool(identified)
    since = bulk.stamp(timezone.now() - WINDOW)
    return [drafts[person].finish(since) for person in sorted(drafts) if drafts[person].handles]


def _store(rows: Sequence[tuple[Any, ...]]) -> None:
    bulk.upsert(Profile, COLUMNS, rows, "person", keep=("known_since",))


_OWNED = (
    "SELECT person, listen_handle.kind, value, name, is_identified, key FROM identify_belonging JOIN listen_handle ON key = handle "
    "JOIN identify_person ON id = person WHERE person IN ({})"
)
_STRENGTH = {"email": 0, "phone": 2, "external": 6, "cookie": 7}


def rebuild(people: set[int], upto: int) -> None:
    """Compute these profiles from nothing but the log up to `upto` and the handles they have now."""
    for part in bulk.chunks(sorted(people), 500):
        _rebuild(set(part), upto)


def _rebuild(people: set[int], upto: int) -> None:
    # An owner who came with someone joined goes with them; `inherit` gives back what still holds.
    own = "SELECT 1 FROM organise_handover h WHERE h.person = organise_profile.person"
    sql = f"SELECT person, owner_id FROM organise_profile WHERE person IN ({{}}) AND owner_id IS NOT NULL AND EXISTS ({own})"
    kept = dict(bulk.select(sql, people))
    bulk.execute_in("DELETE FROM organise_profile WHERE person IN ({})", people)
    bulk.execute_in("DELETE FROM organise_tagging WHERE delivery IS NOT NULL AND person IN ({})", people)
    _follow([row[1:] for row in _history(people, upto)])()
    for person, owner in kept.items():
        Profile.objects.filter(person=person).update(owner=owner)


def _history(people: set[int], upto: int) -> list[tuple[Any, ...]]:
    """Rows of the log that speak of these people, in its order, with `seq` in front."""
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", people))
    skipped = aside.passed_over("organise", 0, upto)
    names = ", ".join(_READ)
    rows: set[tuple[Any, ...]] = set()
    for side in ("actor", "target"):
        sql = f"SELECT seq, {names} FROM listen_activity WHERE {side} IN ({{}}) AND NOT superseded AND op <> 'retract' AND seq <= {upto:d}"
        rows.update(bulk.select(sql, owners))
    return sorted((row for row in rows if row[0] not in skipped), key=itemgetter(0))


def _tag_all(tags: Sequence[tuple[int, int, str, int | None]]) -> None:
    """Tags that facts carry; a tag the team already put there stays the team's."""
    folds = {name: folded for name in {tag[2] for tag in tags} if (folded := fold(name)[:60])}
    wanted = {(workspace, folds[name]): name[:60] for workspace, _, name, _ in tags if name in folds}
    if not wanted:
        return
    bulk.insert(Tag, ("workspace_id", "name", "folded"), [(workspace, name, folded) for (workspace, folded), name in wanted.items()])
    known = {
        (row[1], row[2]): row[0]
        for row in bulk.select("SELECT id, workspace_id, folded FROM organise_tag WHERE folded IN ({})", folds.values())
    }
    now = bulk.writer()(timezone.now())
    rows = [
        (workspace, person, known[workspace, folds[name]], delivery, now) for workspace, person, name, delivery in tags if name in folds
    ]
    bulk.insert(Tagging, ("workspace_id", "person", "tag_id", "delivery", "at"), rows)
